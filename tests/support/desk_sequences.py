"""Makes sequences of outcomes with commands of the desk among them, for properties of what these commands leave."""

from collections.abc import Iterator
from typing import Any

import msgspec
from hypothesis import strategies as st
from support.builders import FoldedRecord, FoldRunner, build_command, build_item, build_origin
from support.story_sequences import (
    KINDS,
    PARAMS_WITH_LINKS,
    SOME_CATEGORIES,
    TEXTS,
    Sequence,
    build_step,
    time,
)

from streams.decide.output_records import build_uri
from streams.decide.state_entries import StoryEntry
from streams.desk.plan import DeskPlan, plan_parting, plan_undo
from streams.desk.refold import Rows, find_text
from streams.model import codec
from streams.model.command_details import StoryText
from streams.model.records import DESK_FORMAT, Command, Decision, Item, LogRecord, split_by_story

DESK_KINDS = [
    "refile",
    "refile",
    "retitle",
    "note-by-desk",
    "company",
    "undo",
    "split",
    "split-version",
    "restore",
    "join",
    "kill-by-desk",
]
"""`restore` is the second command of the last `split-version`, if that had one."""

SAID = ("It said so again.", "The board said so in a letter.", "That is all that was said.")


@st.composite
def desk_sequences(draw: st.DrawFn) -> Sequence:
    """Draws a sequence in which a third of the steps is a command of the desk."""
    some = st.lists(st.sampled_from(SOME_CATEGORIES), max_size=3, unique=True).map(tuple)
    kinds = st.one_of(
        st.sampled_from(["full", "full", "copy-elsewhere", "copy-elsewhere", *KINDS]), st.sampled_from(DESK_KINDS)
    )
    steps = st.tuples(kinds, st.sampled_from([0, 0, 0, 1, 1, 2]), some)
    begin: Sequence = [("full", 0, draw(some)), ("full", 1, draw(some)), ("copy-elsewhere", 0, ())]
    begin += [("full", 0, draw(some))] * draw(st.integers(0, 1))
    drawn = [*begin, *draw(st.lists(steps, min_size=1, max_size=20))]
    return [
        each for step in drawn for each in ([step, ("restore", *step[1:])] if step[0] == "split-version" else [step])
    ]


class DeskRun:
    """Folds a sequence step by step, and keeps the commands that were obeyed."""

    def __init__(self) -> None:
        self.fold = FoldRunner(PARAMS_WITH_LINKS)
        self.given: list[Command] = []
        self._last = [(0, "full")] * 4
        self._rows: list[tuple[Decision, LogRecord]] = []
        self._decided: list[Decision] = []
        self._copies: list[tuple[Item, str]] = []
        """Suppressed items, and the stories of which they are copies."""
        self._restorations: list[DeskPlan] = []

    def steps(self, sequence: Sequence) -> Iterator[tuple[LogRecord, FoldedRecord]]:
        """Yields each record after it is folded."""
        for number, (kind, which, categories) in enumerate(sequence):
            record = self._build(number, kind, which, categories)
            result = self.fold.fold_record(record)
            self._decided.append(result.decision)
            self._rows += [(each, record) for each in split_by_story(result.decision) if each.version]
            if isinstance(record, Item) and result.outcome == "duplicate" and "item" in result.decision.evidence:
                self._copies.append((record, result.decision.duplicate_of))
            yield record, result
            if isinstance(record, Command) and kind in DESK_KINDS:
                self.given.append(record)

    def story(self, which: int) -> StoryEntry | None:
        """Returns a story of the state."""
        found = self.fold.state.get(f"story urn:newswire:alphawire:A{which}")
        return found if isinstance(found, StoryEntry) else None

    def _build(self, number: int, kind: str, which: int, categories: tuple[str, ...]) -> LogRecord:
        uri, story = f"urn:newswire:alphawire:A{which}", self.story(which)
        if kind == "copy-elsewhere":
            item = build_step(*self._last[which], which, categories)
            text = f"{TEXTS[which]} It is take {self._last[which][0]}. {SAID[number % 3]}"
            copied = build_item(
                f"C{number}", source="betawire", headline=item.headline, text=text, received=item.received
            )
            return msgspec.structs.replace(copied, origin=build_origin(number))
        if kind in DESK_KINDS:
            return self._build_change(number, kind, uri, categories)
        if kind in ("desk-kill", "release"):
            return build_command(kind.removeprefix("desk-"), uri, at=time(number))
        if kind == "expire":
            listed = {"rights_end": story.rights_end if story else ""}
            return build_command(kind, uri, by="releaser", at=time(number + 1000), detail=listed)
        if kind == "reclassify":
            again = build_step(*self._last[which], which, categories)
            version = str(story.version if story else 0)
            detail = {"job": f"r{number}", "version": version, "item": codec.encode(again).decode()}
            return build_command("reclassify", uri, detail=detail)
        if kind in ("full", "title", "note"):
            self._last[which] = (number, kind)
        item = build_step(*self._last[which], which, categories) if kind == "copy" else None
        item = item or build_step(number, kind, which, categories)
        return msgspec.structs.replace(item, origin=build_origin(number))

    def _build_change(self, number: int, kind: str, uri: str, categories: tuple[str, ...]) -> Command:
        if kind == "undo":
            given = [each for each in self.given if each.action != "undo"]
            return self.build_undo(given[number % len(given)] if given else None, number)
        if kind == "split-version" and (plans := self._plan_parting(uri, number)):
            self._restorations[:] = plans[1:]
            return plans[0].build_command(f"c{number}", time(number), "ada", "made up")
        if kind == "restore" and self._restorations:
            return self._restorations.pop().build_command(f"c{number}", time(number), "ada", "made up")
        if kind == "split" and self._copies:
            item, of = self._copies[number % len(self._copies)]
            own = build_uri(item.source, item.id)
            return build_change("split", own, {"of": of, "item": encode(item)}, f"c{number}", number)
        if kind in ("split", "split-version", "restore", "join"):
            into = f"urn:newswire:alphawire:A{number % 3}"
            return build_change("join", uri, {"into": into}, f"c{number}", number)
        if kind == "kill-by-desk":
            uris = [uri, f"urn:newswire:alphawire:A{number % 3}"]
            return build_command("kill", "", id=f"c{number}", at=time(number), detail={"uris": uris}, why="made up")
        company = {"name": f"Norwick Pumps {number}", "rel": "about"}
        details: dict[str, dict[str, Any]] = {
            "refile": {"add": list(categories[:1]), "drop": list(categories[1:])},
            "retitle": {"title": f"Title {number}", "ticker": f"Title {number}"},
            "note": {"note": f"Note of the desk {number}"},
            "company": {"add": [company], "drop": [f"Norwick Pumps {number - 2}"]},
        }
        action = kind.removesuffix("-by-desk")
        return build_change(action, uri, details[action], f"c{number}", number)

    def _plan_parting(self, uri: str, number: int) -> list[DeskPlan]:
        """Plans to part a version from its story; nothing where it cannot be."""
        rows = self._rows_of(uri)
        revised = [each for each, record in rows if each.outcome == "revised" and isinstance(record, Item)]
        try:
            found = revised[number % len(revised)] if revised else None
            return plan_parting("", found, rows) if found else []
        except ValueError:
            return []

    def _rows_of(self, uri: str) -> Rows:
        return [row for row in self._rows if row[0].uri == uri and row[0].outcome != "duplicate"]

    def build_undo(self, of: Command | None, number: int) -> Command:
        """Builds the command that takes another one back; of none, one that has nothing to do."""
        uri = of.uri if of else "urn:newswire:alphawire:A0"
        detail: dict[str, Any] = {"command": of.id if of else "none", "action": of.action if of else "refile"}
        if of and of.action == "kill":
            detail["stories"] = [msgspec.to_builtins(text) for text in self._find_texts(of)]
        elif of and of.action == "restore":
            plan = plan_undo(of.id, self._decided, rows=self._rows_of(of.uri))
            detail = plan.detail or detail
        elif of and of.action == "split":
            detail["into"] = of.detail["of"]
        return build_change("undo", uri, detail, f"u{number}", number)

    def _find_texts(self, kill: Command) -> list[StoryText]:
        found = []
        for uri in dict.fromkeys(kill.detail["uris"]):
            rows = self._rows_of(uri)
            if rows and rows[-1][0].outcome == "withdrawn":
                found.append(find_text(uri, rows[-1][0].version, rows))
        return [text for text in found if text is not None]


def build_change(action: str, uri: str, detail: dict[str, Any], id_: str, number: int) -> Command:
    return build_command(action, uri, format=DESK_FORMAT, id=id_, at=time(number), detail=detail, why="made up")


def encode(item: Item) -> str:
    return codec.encode(item).decode()
