"""What follows the first item of a story: copies on other wires, versions, corrections, advisories, kills.

Copies come within a quarter of an hour, what changes the story after that. Every outcome is that of the finished
system (design, "Fates, exactly"); `needs` says which need more than ids and equal texts.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import msgspec

from streams.generate.calendar import MINUTE
from streams.generate.rng import Rng
from streams.generate.story import PRESS_RELEASES, InventedStory, change_figure
from streams.generate.truth import ExpectedOutcome, ItemKind, Needs, Truth
from streams.generate.writers import json_items, mail, newsml_12, newsml_g2, page, rss
from streams.generate.writers.issue import Issue, WrittenItem

MAX_COPIES = 4
"""Of one story; more only where the mix asks for more duplicates than that."""

Writer = Callable[[Issue], WrittenItem]
_COPYING_WIRES: tuple[Writer, ...] = (page.write, newsml_g2.write, newsml_12.write, rss.write, mail.write)
_RELEASE_WIRES: tuple[Writer, ...] = (page.write, newsml_g2.write, newsml_12.write, json_items.write_eqs)
_COPY, _AGGREGATED, _NEW_ID = 1, 9, 16
"""Slots: keys of copies, of verbatim ones, of corrections and advisories, counted from that of the family."""


class PlannedItem(NamedTuple):
    """An item to come: when it is received (ms), its truth but for the number, and what writes it."""

    at: int
    truth: Truth
    write: Callable[[], WrittenItem]


class Family:
    """Collects the items of one story; `writer` is the wire that opens it."""

    def __init__(self, story: str, writer: Writer) -> None:
        self.planned: list[PlannedItem] = []
        self.writer = writer
        self._story = story

    def add(
        self,
        at: int,
        kind: ItemKind,
        outcome: ExpectedOutcome,
        issue: Issue,
        *,
        version: int = 0,
        needs: Needs = "",
        writer: Writer | None = None,
    ) -> None:
        """An item by `writer`, else by the wire that opened the story."""
        story = issue.story
        press = (PRESS_RELEASES,) if self.writer in _RELEASE_WIRES else ()
        truth = Truth(
            number=0,
            story=self._story,
            kind=kind,
            outcome=outcome,
            version=version,
            needs=needs,
            categories=tuple(sorted((*story.categories, *press))),
            companies=story.companies,
            facts=story.facts,
            language=story.language,
        )
        self.planned.append(PlannedItem(at, truth, partial(writer or self.writer, issue)))


def build_first_issue(rng: Rng, story: InventedStory, key: int, at: int) -> Issue:
    """The first version of an item, written less than a minute before it is received."""
    created = at - rng.between(5_000, 55_000)
    return Issue(story=story, key=key, created=created, first_created=created)


AddItems = Callable[[Rng, Family, Issue, int], tuple[Issue, int]]
"""Adds the first item and what changes it; gives what copies are of, and from when on they come."""


def draw_change(rng: Rng) -> AddItems:
    """One of the changes."""
    return rng.pick(_CHANGES)


def add_embargoed_item(rng: Rng, one: Family, first: Issue, at: int) -> None:
    """An item under embargo; for one in four it is over when the item comes."""
    over = rng.chance(0.25)
    until = at - rng.between(1, 60) * MINUTE if over else at + rng.between(10, 240) * MINUTE
    issue = msgspec.structs.replace(first, embargoed_until=until)
    one.add(at, "embargo", "published" if over else "withheld", issue, version=1 if over else 0)


def _add_versions(rng: Rng, one: Family, first: Issue, at: int) -> tuple[Issue, int]:
    """One to three versions; some under the same version number, some with an older one behind."""
    one.add(at, "release", "published", first, version=1)
    number, shown, story, when = 1, 1, first.story, _draw_later_time(rng, at)
    same_number = rng.chance(0.1)
    for _ in range(1 if same_number else rng.pick((1, 1, 1, 2, 3))):
        story = change_figure(story, rng)
        late = rng.chance(0.15) and not same_number
        number += 0 if same_number else 2 if late else 1
        shown += 1
        created = when - rng.between(5_000, 55_000)
        issue = msgspec.structs.replace(first, story=story, version=number, created=created)
        one.add(when, "version", "revised", issue, version=shown)
        if late:
            older = msgspec.structs.replace(
                first, story=change_figure(story, rng), version=number - 1, created=created - 3 * MINUTE
            )
            one.add(when + rng.between(1, 2) * MINUTE, "version", "duplicate", older)
        when += rng.between(5, 30) * MINUTE
    if rng.chance(0.2):
        one.add(when, "copy", "duplicate", first)
    return first, at


def add_alert(rng: Rng, one: Family, first: Issue, at: int) -> tuple[Issue, int]:
    """A headline, and minutes later the text under the same id."""
    story = first.story
    facts = {name: value for name, value in story.facts.items() if value in story.headline}
    titled = msgspec.structs.replace(story, paragraphs=(), about="", contact="", facts=facts)
    one.add(at, "alert", "published", msgspec.structs.replace(first, story=titled), version=1)
    when = at + rng.between(2, 10) * MINUTE
    full = msgspec.structs.replace(first, version=2, created=when - rng.between(5_000, 55_000))
    one.add(when, "full-text", "revised", full, version=2)
    return full, when


def _add_correction(rng: Rng, one: Family, first: Issue, at: int) -> tuple[Issue, int]:
    """CORRECTING and REPLACING: the whole text with another figure, under a new id."""
    one.add(at, "release", "published", first, version=1)
    when, story = _draw_later_time(rng, at), change_figure(first.story, rng)
    wrong, right = first.story.facts[story.figure], story.facts[story.figure]
    issue = msgspec.structs.replace(
        build_first_issue(rng, story, first.key + _NEW_ID, when),
        first_created=first.created,
        status="correction",
        replaces=first.story.headline,
        note=f'the figure "{wrong}" should read "{right}".',
    )
    one.add(when, "correction", "revised", issue, version=2, needs="corrections")
    return first, at


def _add_advisory(rng: Rng, one: Family, first: Issue, at: int) -> tuple[Issue, int]:
    """A note to editors under a new id, without the text."""
    one.add(at, "release", "published", first, version=1)
    when, right = _draw_later_time(rng, at), change_figure(first.story, rng)
    note = (
        f'In item headlined "{first.story.headline}" please read in the first paragraph '
        f'"{right.facts[right.figure]}" instead of "{first.story.facts[right.figure]}".'
    )
    story = msgspec.structs.replace(first.story, facts=right.facts, paragraphs=(note,), about="", contact="")
    issue = msgspec.structs.replace(
        build_first_issue(rng, story, first.key + _NEW_ID, when), status="advisory", note=note
    )
    one.add(when, "advisory", "revised", issue, version=2, needs="corrections")
    return first, at


def _add_kill(rng: Rng, one: Family, first: Issue, at: int) -> tuple[Issue, int]:
    one.add(at, "release", "published", first, version=1)
    when = _draw_later_time(rng, at)
    one.add(when, "kill", "withdrawn", _build_kill(rng, first, when), version=2)
    return first, at


def add_early_kill(rng: Rng, one: Family, first: Issue, at: int) -> tuple[Issue, int]:
    """A kill that overtakes its story: the story, when it comes, is withdrawn too."""
    written = first.created - 5 * MINUTE
    first = msgspec.structs.replace(first, created=written, first_created=written)
    one.add(at, "kill", "withdrawn", _build_kill(rng, first, at), version=1)
    one.add(at + rng.between(1, 6) * MINUTE, "release", "withdrawn", first, version=2)
    return first, at


_CHANGES: tuple[AddItems, ...] = (
    (_add_versions,) * 9
    + (add_alert,) * 4
    + (_add_correction,) * 3
    + (_add_advisory,) * 2
    + (_add_kill,) * 3
    + (add_early_kill,)
)


def _build_kill(rng: Rng, first: Issue, when: int) -> Issue:
    created = when - rng.between(5_000, 55_000)
    return msgspec.structs.replace(
        first, version=first.version + 1, status="killed", created=created, note="KILL: sent in error."
    )


def _draw_later_time(rng: Rng, at: int) -> int:
    return at + rng.between(16, 40) * MINUTE


def add_copies(rng: Rng, one: Family, first: Issue, at: int, mean: float) -> None:
    """The story again, `mean` times on average: most have none, a few go through all wires."""
    most = max(MAX_COPIES, round(2 * mean))
    if not rng.chance(2 * mean / (most + 1)):
        return
    others = rng.some([writer for writer in _COPYING_WIRES if writer != one.writer], len(_COPYING_WIRES))
    if first.story.agency:
        others = [mail.write]
    for slot in range(rng.between(1, most)):
        when = at + rng.between(20_000, 14 * MINUTE)
        mark = rng.random()
        if mark < 0.25 or (slot > 14):
            one.add(when, "copy", "duplicate", first)
        elif mark < 0.55 or not others:
            _add_aggregated_copy(rng, one, first, slot, when, cut=rng.chance(0.25))
        else:
            issue = build_first_issue(rng, first.story, first.key + _COPY + slot, when)
            one.add(when, "copy", "duplicate", issue, writer=others.pop(), needs="near")


def _add_aggregated_copy(rng: Rng, one: Family, first: Issue, slot: int, when: int, *, cut: bool) -> None:
    """Sent on by an aggregator, word for word or with its last paragraph cut off."""
    story = first.story
    cut = cut and len(story.paragraphs) > 2
    if cut:
        story = msgspec.structs.replace(story, paragraphs=story.paragraphs[:-1])
    issue = build_first_issue(rng, story, first.key + _AGGREGATED + slot, when)
    needs: Needs = "near" if cut else ""
    one.add(when, "copy", "duplicate", issue, writer=json_items.write_aggregator, needs=needs)
