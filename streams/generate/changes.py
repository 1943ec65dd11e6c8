"""Adds the items that follow the first item of a story: copies, versions, corrections, advisories and kills.

Copies come within a quarter of an hour, changes of the story after that. streams/decide/README.md describes the
outcomes. `needs` marks the outcomes for which ids and equal texts are not enough.
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
"""Most copies of one story, unless the mix asks for a larger share of duplicates."""

Writer = Callable[[Issue], WrittenItem]
_COPYING_WIRES: tuple[Writer, ...] = (page.write, newsml_g2.write, newsml_12.write, rss.write, mail.write)
_RELEASE_WIRES: tuple[Writer, ...] = (page.write, newsml_g2.write, newsml_12.write, json_items.write_eqs)
_COPY, _AGGREGATED, _NEW_ID = 1, 9, 16
"""Offsets from the family's first key: keys of copies, of verbatim copies, and of corrections and advisories."""


class PlannedItem(NamedTuple):
    """A planned item: received time (ms), its truth without the number, and the function that writes it."""

    at: int
    truth: Truth
    write: Callable[[], WrittenItem]


class Family:
    """Collects the items of one story. `writer` writes the format of the wire that opens it."""

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
        """Adds an item that `writer` writes, or else the writer of the story's first wire."""
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
    """Builds the first version of an item, written less than a minute before it is received."""
    created = at - rng.between(5_000, 55_000)
    return Issue(story=story, key=key, created=created, first_created=created)


AddItems = Callable[[Rng, Family, Issue, int], tuple[Issue, int]]
"""Adds the first item and its changes. Returns the item that is copied, and the time from which copies come."""


def draw_change(rng: Rng) -> AddItems:
    """Draws one of the changes."""
    return rng.pick(_CHANGES)


def add_embargoed_item(rng: Rng, family: Family, first: Issue, at: int) -> None:
    """Adds an item under embargo. For one in four the embargo has ended when the item is received."""
    over = rng.chance(0.25)
    until = at - rng.between(1, 60) * MINUTE if over else at + rng.between(10, 240) * MINUTE
    issue = msgspec.structs.replace(first, embargoed_until=until)
    family.add(at, "embargo", "published" if over else "withheld", issue, version=1 if over else 0)


def _add_versions(rng: Rng, family: Family, first: Issue, at: int) -> tuple[Issue, int]:
    """Adds one to three versions. Some have the same version number, some are followed by an older version."""
    family.add(at, "release", "published", first, version=1)
    number, shown, story, when = 1, 1, first.story, _draw_later_time(rng, at)
    same_number = rng.chance(0.1)
    for _ in range(1 if same_number else rng.pick((1, 1, 1, 2, 3))):
        story = change_figure(story, rng)
        late = rng.chance(0.15) and not same_number
        number += 0 if same_number else 2 if late else 1
        shown += 1
        created = when - rng.between(5_000, 55_000)
        issue = msgspec.structs.replace(first, story=story, version=number, created=created)
        family.add(when, "version", "revised", issue, version=shown)
        if late:
            older = msgspec.structs.replace(
                first, story=change_figure(story, rng), version=number - 1, created=created - 3 * MINUTE
            )
            family.add(when + rng.between(1, 2) * MINUTE, "version", "duplicate", older)
        when += rng.between(5, 30) * MINUTE
    if rng.chance(0.2):
        family.add(when, "copy", "duplicate", first)
    return first, at


def add_alert(rng: Rng, family: Family, first: Issue, at: int) -> tuple[Issue, int]:
    """Adds an alert, which is a headline, and minutes later the text under the same id."""
    story = first.story
    facts = {name: value for name, value in story.facts.items() if value in story.headline}
    titled = msgspec.structs.replace(story, paragraphs=(), about="", contact="", facts=facts)
    family.add(at, "alert", "published", msgspec.structs.replace(first, story=titled), version=1)
    when = at + rng.between(2, 10) * MINUTE
    full = msgspec.structs.replace(first, version=2, created=when - rng.between(5_000, 55_000))
    family.add(when, "full-text", "revised", full, version=2)
    return full, when


def _add_correction(rng: Rng, family: Family, first: Issue, at: int) -> tuple[Issue, int]:
    """Adds a correction (CORRECTING and REPLACING): the whole text with another figure, under a new id."""
    family.add(at, "release", "published", first, version=1)
    when, story = _draw_later_time(rng, at), change_figure(first.story, rng)
    wrong, right = first.story.facts[story.figure], story.facts[story.figure]
    issue = msgspec.structs.replace(
        build_first_issue(rng, story, first.key + _NEW_ID, when),
        first_created=first.created,
        status="correction",
        replaces=first.story.headline,
        note=f'the figure "{wrong}" should read "{right}".',
    )
    family.add(when, "correction", "revised", issue, version=2, needs="corrections")
    return first, at


def _add_advisory(rng: Rng, family: Family, first: Issue, at: int) -> tuple[Issue, int]:
    """Adds an advisory: a note to editors under a new id, without the text."""
    family.add(at, "release", "published", first, version=1)
    when, right = _draw_later_time(rng, at), change_figure(first.story, rng)
    note = (
        f'In item headlined "{first.story.headline}" please read in the first paragraph '
        f'"{right.facts[right.figure]}" instead of "{first.story.facts[right.figure]}".'
    )
    story = msgspec.structs.replace(first.story, facts=right.facts, paragraphs=(note,), about="", contact="")
    issue = msgspec.structs.replace(
        build_first_issue(rng, story, first.key + _NEW_ID, when), status="advisory", note=note
    )
    family.add(when, "advisory", "revised", issue, version=2, needs="corrections")
    return first, at


def _add_kill(rng: Rng, family: Family, first: Issue, at: int) -> tuple[Issue, int]:
    """Adds a kill after the story."""
    family.add(at, "release", "published", first, version=1)
    when = _draw_later_time(rng, at)
    family.add(when, "kill", "withdrawn", _build_kill(rng, first, when), version=2)
    return first, at


def add_early_kill(rng: Rng, family: Family, first: Issue, at: int) -> tuple[Issue, int]:
    """Adds a kill that comes before its story. The story is then withdrawn too."""
    written = first.created - 5 * MINUTE
    first = msgspec.structs.replace(first, created=written, first_created=written)
    family.add(at, "kill", "withdrawn", _build_kill(rng, first, at), version=1)
    family.add(at + rng.between(1, 6) * MINUTE, "release", "withdrawn", first, version=2)
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


def add_copies(rng: Rng, family: Family, first: Issue, at: int, mean: float) -> None:
    """Adds `mean` copies on average: most stories have none, a few are copied by all wires."""
    most = max(MAX_COPIES, round(2 * mean))
    if not rng.chance(2 * mean / (most + 1)):
        return
    others = rng.sample([writer for writer in _COPYING_WIRES if writer != family.writer], len(_COPYING_WIRES))
    if first.story.agency:
        others = [mail.write]
    for slot in range(rng.between(1, most)):
        when = at + rng.between(20_000, 14 * MINUTE)
        drawn = rng.random()
        if drawn < 0.25 or (slot > 14):
            family.add(when, "copy", "duplicate", first)
        elif drawn < 0.55 or not others:
            _add_aggregated_copy(rng, family, first, slot, when, cut=rng.chance(0.25))
        else:
            issue = build_first_issue(rng, first.story, first.key + _COPY + slot, when)
            family.add(when, "copy", "duplicate", issue, writer=others.pop(), needs="near")


def _add_aggregated_copy(rng: Rng, family: Family, first: Issue, slot: int, when: int, *, cut: bool) -> None:
    """Adds a copy by an aggregator, word for word or without the last paragraph."""
    story = first.story
    cut = cut and len(story.paragraphs) > 2
    if cut:
        story = msgspec.structs.replace(story, paragraphs=story.paragraphs[:-1])
    issue = build_first_issue(rng, story, first.key + _AGGREGATED + slot, when)
    needs: Needs = "near" if cut else ""
    family.add(when, "copy", "duplicate", issue, writer=json_items.write_aggregator, needs=needs)
