"""Makes sequences of outcomes with commands of the desk among them, for properties of what these commands leave."""

from collections.abc import Iterator
from typing import Any

import msgspec
from hypothesis import strategies as st
from support.builders import FoldedRecord, FoldRunner, build_command, build_origin
from support.story_sequences import (
    KINDS,
    PARAMS_WITH_LINKS,
    SOME_CATEGORIES,
    Sequence,
    build_step,
    time,
)

from streams.decide.state_entries import StoryEntry
from streams.model import codec
from streams.model.records import DESK_FORMAT, Command, LogRecord

DESK_KINDS = ["refile", "refile", "retitle", "note-by-desk", "company", "undo"]


@st.composite
def desk_sequences(draw: st.DrawFn) -> Sequence:
    """Draws a sequence in which a third of the steps is a command of the desk."""
    some = st.lists(st.sampled_from(SOME_CATEGORIES), max_size=3, unique=True).map(tuple)
    kinds = st.one_of(st.sampled_from(["full", "full", *KINDS]), st.sampled_from(DESK_KINDS))
    steps = st.tuples(kinds, st.sampled_from([0, 0, 0, 1, 1, 2]), some)
    return draw(st.lists(steps, min_size=2, max_size=20))


class DeskRun:
    """Folds a sequence step by step, and keeps the commands that were obeyed."""

    def __init__(self) -> None:
        self.fold = FoldRunner(PARAMS_WITH_LINKS)
        self.given: list[Command] = []
        self._last = [(0, "full")] * 4

    def steps(self, sequence: Sequence) -> Iterator[tuple[LogRecord, FoldedRecord]]:
        """Yields each record after it is folded."""
        for number, (kind, which, categories) in enumerate(sequence):
            record = self._build(number, kind, which, categories)
            yield record, self.fold.fold_record(record)
            if isinstance(record, Command) and kind in DESK_KINDS:
                self.given.append(record)

    def story(self, which: int) -> StoryEntry | None:
        """Returns a story of the state."""
        found = self.fold.state.get(f"story urn:newswire:alphawire:A{which}")
        return found if isinstance(found, StoryEntry) else None

    def _build(self, number: int, kind: str, which: int, categories: tuple[str, ...]) -> LogRecord:
        uri, story = f"urn:newswire:alphawire:A{which}", self.story(which)
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
            return build_undo(self.given[number % len(self.given)], number) if self.given else build_undo(None, number)
        company = {"name": f"Norwick Pumps {number}", "rel": "about"}
        details: dict[str, dict[str, Any]] = {
            "refile": {"add": list(categories[:1]), "drop": list(categories[1:])},
            "retitle": {"title": f"Title {number}", "ticker": f"Title {number}"},
            "note": {"note": f"Note of the desk {number}"},
            "company": {"add": [company], "drop": [f"Norwick Pumps {number - 2}"]},
        }
        action = kind.removesuffix("-by-desk")
        return build_change(action, uri, details[action], f"c{number}", number)


def build_change(action: str, uri: str, detail: dict[str, Any], id_: str, number: int) -> Command:
    return build_command(action, uri, format=DESK_FORMAT, id=id_, at=time(number), detail=detail, why="made up")


def build_undo(of: Command | None, number: int) -> Command:
    """Builds the command that takes another one back; of none, one that has nothing to do."""
    uri = of.uri if of else "urn:newswire:alphawire:A0"
    detail = {"command": of.id if of else "none", "action": of.action if of else "refile"}
    return build_change("undo", uri, detail, f"u{number}", number)
