"""Plans families of items: a story with its copies and changes, a series of look-alikes, or one bad input."""

import msgspec

from streams.generate import changes, english_story, foreign_language, hostile, notices
from streams.generate.calendar import MINUTE
from streams.generate.changes import Family, PlannedItem, build_first_issue
from streams.generate.rng import Rng
from streams.generate.truth import Truth
from streams.generate.writers import json_items, newsml_12, newsml_g2, page

FOREIGN_SHARE = 0.18
"""Share of stories that are not in English."""
EMBARGO_SHARE = 0.025
SLOTS = 32
"""Number of item keys that are reserved for each family."""
NOTICES_PER_SERIES = sum(notices.PER_SERIES) / 2
"""Average number of notices in a series."""

_RELEASE_WIRES = (page.write,) * 4 + (newsml_g2.write,) * 4 + (newsml_12.write,) * 2 + (json_items.write_eqs,) * 2
_AGENCIES = (json_items.write_reuters,) * 4 + (json_items.write_dowjones,) * 3 + (json_items.write_ninjs3,) * 2
_WITH_EMBARGO = (newsml_g2.write, json_items.write_reuters, json_items.write_ninjs3)
_NOTICE_WIRES = (newsml_g2.write, json_items.write_eqs, json_items.write_ninjs3)


class Mix(msgspec.Struct, frozen=True, kw_only=True):
    """Approximate shares of the kinds of items. The rest are first items of stories.

    Raises ValueError if too little is left for first items.
    """

    duplicates: float = 0.25
    revisions: float = 0.05
    """Share of versions, corrections, advisories, full texts and kills."""
    look_alikes: float = 0.25
    bad_inputs: float = 0.02
    """Share of malformed, hostile and test items."""
    oversized: bool = False
    """Whether a few of the bad inputs exceed the size limit of a raw record (8 MiB)."""

    def __post_init__(self) -> None:
        shares = (self.duplicates, self.revisions, self.look_alikes, self.bad_inputs)
        if min(shares) < 0 or self.first_items < 0.05:
            raise ValueError("the shares of a mix are 0 or more and leave at least 0.05 for first items")

    @property
    def first_items(self) -> float:
        """Share of the items that open a story, without look-alikes."""
        return 1 - self.duplicates - self.revisions - self.look_alikes - self.bad_inputs

    @property
    def families_per_item(self) -> float:
        """Average number of families for one item."""
        return self.first_items + self.look_alikes / NOTICES_PER_SERIES + self.bad_inputs


class PublishedHeadlines:
    """The headlines of the stream so far.

    Some items refer to an earlier story by its headline alone, so no other story may have that headline.
    """

    def __init__(self) -> None:
        self.used: set[str] = set()
        self.reserved: set[str] = set()
        """Headlines of alerts, and of stories that are revised, corrected or killed."""


def plan_family(rng: Rng, serial: int, at: int, mix: Mix, headlines: PublishedHeadlines) -> list[PlannedItem]:
    """Plans the family with this number. Its first item is received `at` (milliseconds since 1970)."""
    drawn = rng.random() * mix.families_per_item
    if drawn < mix.bad_inputs:
        return [_plan_bad_input(rng, serial, at, mix)]
    if drawn < mix.bad_inputs + mix.look_alikes / NOTICES_PER_SERIES:
        return _plan_look_alikes(rng, serial, at)
    return _plan_story(rng, serial, at, mix, headlines)


def _plan_bad_input(rng: Rng, serial: int, at: int, mix: Mix) -> PlannedItem:
    kind, outcome, error, write = hostile.draw_bad_input(rng, serial * SLOTS, at, oversized=mix.oversized)
    version = 1 if outcome == "published" else 0
    truth = Truth(number=0, story=f"s{serial}", kind=kind, outcome=outcome, error=error, version=version, language="en")
    return PlannedItem(at, truth, write)


def _plan_look_alikes(rng: Rng, serial: int, at: int) -> list[PlannedItem]:
    writer = rng.pick(_NOTICE_WIRES)
    planned: list[PlannedItem] = []
    when = at
    for slot, notice in enumerate(notices.build_series(rng, at)):
        family = Family(f"s{serial}.{slot}", writer)
        family.add(
            when, "look-alike", "published", build_first_issue(rng, notice, serial * SLOTS + slot, when), version=1
        )
        planned += family.planned
        when += rng.between(1_000, MINUTE)
    return planned


def _plan_story(rng: Rng, serial: int, at: int, mix: Mix, headlines: PublishedHeadlines) -> list[PlannedItem]:
    story = (
        foreign_language.build_foreign_story(rng)
        if rng.chance(FOREIGN_SHARE)
        else english_story.build_english_story(rng, at)
    )
    while story.headline in headlines.reserved:
        story = english_story.build_english_story(rng, at)
    first = build_first_issue(rng, story, serial * SLOTS, at)
    if rng.chance(EMBARGO_SHARE):
        headlines.used.add(story.headline)
        family = Family(f"s{serial}", rng.pick(_WITH_EMBARGO))
        changes.add_embargoed_item(rng, family, first, at)
        return family.planned
    change = changes.draw_change(rng) if rng.chance(mix.revisions / mix.first_items) else None
    if change is not None:
        while story.headline in headlines.used:
            story = english_story.build_english_story(rng, at)
            first = build_first_issue(rng, story, serial * SLOTS, at)
        headlines.reserved.add(story.headline)
    headlines.used.add(story.headline)
    by_agency = story.agency or change is changes.add_alert
    family = Family(f"s{serial}", rng.pick(_AGENCIES if by_agency else _RELEASE_WIRES))
    if change is None:
        family.add(at, "release", "published", first, version=1)
    else:
        first, at = change(rng, family, first, at)
    if change is not changes.add_early_kill:
        changes.add_copies(rng, family, first, at, mix.duplicates / mix.first_items)
    return family.planned
