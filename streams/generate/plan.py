"""What begins when: a story with all that follows it, a series of look-alikes, or trouble."""

import msgspec

from streams.generate import abroad, changes, hostile, notices, stories
from streams.generate.calendar import MINUTE
from streams.generate.changes import Family, Planned, first_issue
from streams.generate.dice import Dice
from streams.generate.truth import Truth
from streams.generate.writers import json_items, newsml_12, newsml_g2, page

ABROAD = 0.18
"""Share of stories that are not in English."""
EMBARGOED = 0.025
SLOTS = 32
"""Numbers of its own that each family has."""
NOTICES = sum(notices.PER_SERIES) / 2
"""In a series, on average."""

_RELEASE_WIRES = (page.write,) * 4 + (newsml_g2.write,) * 4 + (newsml_12.write,) * 2 + (json_items.eqs,) * 2
_AGENCIES = (json_items.reuters,) * 4 + (json_items.dowjones,) * 3 + (json_items.ninjs3,) * 2
_WITH_EMBARGO = (newsml_g2.write, json_items.reuters, json_items.ninjs3)
_NOTICE_WIRES = (newsml_g2.write, json_items.eqs, json_items.ninjs3)


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


class Told:
    """Headlines so far. What comes later may mean a story by its headline alone: then that is no other story's."""

    def __init__(self) -> None:
        self.headlines: set[str] = set()
        self.meant: set[str] = set()
        """Those of alerts, and of stories that are revised, corrected or killed."""


def family(dice: Dice, serial: int, at: int, mix: Mix, told: Told) -> list[Planned]:
    """The items of the family of this number, in any order; the first is received `at` (ms since 1970)."""
    mark = dice.random() * mix.families
    if mark < mix.troubles:
        return [_trouble(dice, serial, at, mix)]
    if mark < mix.troubles + mix.look_alikes / NOTICES:
        return _look_alikes(dice, serial, at)
    return _story(dice, serial, at, mix, told)


def _trouble(dice: Dice, serial: int, at: int, mix: Mix) -> Planned:
    kind, outcome, error, write = hostile.trouble(dice, serial * SLOTS, at, oversized=mix.oversized)
    version = 1 if outcome == "published" else 0
    truth = Truth(number=0, story=f"s{serial}", kind=kind, outcome=outcome, error=error, version=version, language="en")
    return Planned(at, truth, write)


def _look_alikes(dice: Dice, serial: int, at: int) -> list[Planned]:
    writer = dice.pick(_NOTICE_WIRES)
    planned: list[Planned] = []
    when = at
    for slot, notice in enumerate(notices.series(dice, at)):
        one = Family(f"s{serial}.{slot}", writer)
        one.add(when, "look-alike", "published", first_issue(dice, notice, serial * SLOTS + slot, when), version=1)
        planned += one.planned
        when += dice.between(1_000, MINUTE)
    return planned


def _story(dice: Dice, serial: int, at: int, mix: Mix, told: Told) -> list[Planned]:
    story = abroad.tell(dice) if dice.chance(ABROAD) else stories.tell(dice, at)
    while story.headline in told.meant:
        story = stories.tell(dice, at)
    first = first_issue(dice, story, serial * SLOTS, at)
    if dice.chance(EMBARGOED):
        told.headlines.add(story.headline)
        one = Family(f"s{serial}", dice.pick(_WITH_EMBARGO))
        changes.embargo(dice, one, first, at)
        return one.planned
    change = changes.draw(dice) if dice.chance(mix.revisions / mix.openings) else None
    if change is not None:
        while story.headline in told.headlines:
            story = stories.tell(dice, at)
            first = first_issue(dice, story, serial * SLOTS, at)
        told.meant.add(story.headline)
    told.headlines.add(story.headline)
    told_by_agency = story.agency or change is changes.alert
    one = Family(f"s{serial}", dice.pick(_AGENCIES if told_by_agency else _RELEASE_WIRES))
    if change is None:
        one.add(at, "release", "published", first, version=1)
    else:
        first, at = change(dice, one, first, at)
    if change is not changes.kill_first:
        changes.copies(dice, one, first, at, mix.duplicates / mix.openings)
    return one.planned
