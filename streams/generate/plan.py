"""What begins when: a story with all that follows it, a series of look-alikes, or trouble."""

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
"""Numbers of its own that each family has."""
NOTICES = sum(notices.PER_SERIES) / 2
"""In a series, on average."""

_RELEASE_WIRES = (page.write,) * 4 + (newsml_g2.write,) * 4 + (newsml_12.write,) * 2 + (json_items.write_eqs,) * 2
_AGENCIES = (json_items.write_reuters,) * 4 + (json_items.write_dowjones,) * 3 + (json_items.write_ninjs3,) * 2
_WITH_EMBARGO = (newsml_g2.write, json_items.write_reuters, json_items.write_ninjs3)
_NOTICE_WIRES = (newsml_g2.write, json_items.write_eqs, json_items.write_ninjs3)


class Mix(msgspec.Struct, frozen=True, kw_only=True):
    """Shares of the stream, about; the rest are first items of stories. ValueError where nothing is left for them."""

    duplicates: float = 0.25
    revisions: float = 0.05
    """Versions, corrections, advisories, full texts and kills."""
    look_alikes: float = 0.25
    troubles: float = 0.02
    """Broken, hostile and test items."""
    oversized: bool = False
    """Whether a few of the troubles are larger than a raw record may be (8 MiB)."""

    def __post_init__(self) -> None:
        shares = (self.duplicates, self.revisions, self.look_alikes, self.troubles)
        if min(shares) < 0 or self.openings < 0.05:
            raise ValueError("the shares of a mix are 0 or more and leave at least 0.05 for first items")

    @property
    def openings(self) -> float:
        """Share of the items that open a story, look-alikes aside."""
        return 1 - self.duplicates - self.revisions - self.look_alikes - self.troubles

    @property
    def families(self) -> float:
        """Families an item."""
        return self.openings + self.look_alikes / NOTICES + self.troubles


class PublishedHeadlines:
    """Headlines so far. What comes later may mean a story by its headline alone: then that is no other story's."""

    def __init__(self) -> None:
        self.headlines: set[str] = set()
        self.meant: set[str] = set()
        """Those of alerts, and of stories that are revised, corrected or killed."""


def plan_family(rng: Rng, serial: int, at: int, mix: Mix, published: PublishedHeadlines) -> list[PlannedItem]:
    """The items of the family of this number, in any order; the first is received `at` (ms since 1970)."""
    mark = rng.random() * mix.families
    if mark < mix.troubles:
        return [_plan_bad_input(rng, serial, at, mix)]
    if mark < mix.troubles + mix.look_alikes / NOTICES:
        return _plan_look_alikes(rng, serial, at)
    return _plan_story(rng, serial, at, mix, published)


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
        one = Family(f"s{serial}.{slot}", writer)
        one.add(when, "look-alike", "published", build_first_issue(rng, notice, serial * SLOTS + slot, when), version=1)
        planned += one.planned
        when += rng.between(1_000, MINUTE)
    return planned


def _plan_story(rng: Rng, serial: int, at: int, mix: Mix, published: PublishedHeadlines) -> list[PlannedItem]:
    story = (
        foreign_language.build_foreign_story(rng)
        if rng.chance(FOREIGN_SHARE)
        else english_story.build_english_story(rng, at)
    )
    while story.headline in published.meant:
        story = english_story.build_english_story(rng, at)
    first = build_first_issue(rng, story, serial * SLOTS, at)
    if rng.chance(EMBARGO_SHARE):
        published.headlines.add(story.headline)
        one = Family(f"s{serial}", rng.pick(_WITH_EMBARGO))
        changes.add_embargoed_item(rng, one, first, at)
        return one.planned
    change = changes.draw_change(rng) if rng.chance(mix.revisions / mix.openings) else None
    if change is not None:
        while story.headline in published.headlines:
            story = english_story.build_english_story(rng, at)
            first = build_first_issue(rng, story, serial * SLOTS, at)
        published.meant.add(story.headline)
    published.headlines.add(story.headline)
    told_by_agency = story.agency or change is changes.add_alert
    one = Family(f"s{serial}", rng.pick(_AGENCIES if told_by_agency else _RELEASE_WIRES))
    if change is None:
        one.add(at, "release", "published", first, version=1)
    else:
        first, at = change(rng, one, first, at)
    if change is not changes.add_early_kill:
        changes.add_copies(rng, one, first, at, mix.duplicates / mix.openings)
    return one.planned
