"""How long a source may be silent, learnt from what it brought in the same hours of the last weeks."""

import random
from collections.abc import Callable

import pytest

from streams.ops.silence import HOUR, LONGEST, SHORTEST, UNKNOWN, WEEK, WEEKS, Silences, find_allowed_silence

MONDAY = 4 * 24
"""An hour since 1970 at which a week begins."""
Pattern = Callable[[int, int, random.Random], int]
"""Day of the week, hour and chance -> items of this hour."""


def office(day: int, hour: int, dice: random.Random) -> int:
    """A wire of the working week: many items by day, few by night, none on a Sunday."""
    if day < 5:
        return dice.randint(30, 60) if 7 <= hour < 20 else dice.randint(0, 3)
    return dice.randint(0, 1) if day == 5 else 0


def allowed(pattern: Pattern, day: int, hour: int, *, weeks: int = 5) -> float:
    """Returns the hours of silence that are allowed after an item of this time, in the week after `weeks` weeks."""
    dice, known = random.Random(1), Silences(10)
    for at in range(weeks * WEEK + day * 24 + hour):
        for _ in range(pattern(at % WEEK // 24, at % 24, dice)):
            known.add("norwire", (MONDAY + at + dice.random()) * HOUR)
    known.add("norwire", (MONDAY + weeks * WEEK + day * 24 + hour) * HOUR)
    return find_allowed_silence(known.sources["norwire"]) / HOUR


@pytest.mark.parametrize(
    ("day", "hour", "least", "most"),
    [
        (1, 12, 0.25, 3),  # Tuesday noon: soon
        (1, 21, 8, 12),  # Tuesday night: on Wednesday morning
        (4, 21, 18, 66),  # Friday night: not before Saturday evening
        (5, 23, 31, 40),  # Saturday night: all of a quiet Sunday, until Monday morning
        (6, 12, 19, 26),  # an item on a Sunday changes nothing about Monday morning
    ],
)
def test_a_silence_is_too_long_once_hours_went_by_that_always_bring_items(
    day: int, hour: int, least: float, most: float
) -> None:
    assert least <= allowed(office, day, hour) <= most


def test_a_flood_of_a_wire_is_missed_after_the_shortest_time_and_a_weekly_item_after_the_longest() -> None:
    assert allowed(lambda *_: 500, 2, 9) == SHORTEST / HOUR
    assert allowed(lambda day, hour, _: day == 2 and hour == 9, 2, 9) == LONGEST / HOUR


def test_a_source_of_which_less_than_two_weeks_are_known_may_be_silent_for_a_long_weekend() -> None:
    assert allowed(office, 1, 12, weeks=1) == UNKNOWN / HOUR
    assert allowed(lambda *_: 0, 1, 12) == UNKNOWN / HOUR


def test_one_week_in_which_nothing_came_makes_the_allowed_silence_longer_and_not_endless() -> None:
    dice = random.Random(2)

    def with_outage(day: int, hour: int, _: random.Random) -> int:
        return 0 if dice.random() < 0.25 else office(day, hour, dice)

    assert allowed(office, 1, 12) < allowed(with_outage, 1, 12) < 12


def test_what_is_kept_is_bounded_to_four_weeks_and_to_so_many_sources() -> None:
    known = Silences(2)
    for at in range(10 * WEEK):
        for source in ("a", "b", "c"):
            known.add(source, (MONDAY + at) * HOUR)
    assert list(known.sources) == ["a", "b"]
    assert len(known.sources["a"].hours) == WEEKS * WEEK


def test_an_archive_that_is_fed_late_counts_in_its_own_hours_and_not_as_the_newest_item() -> None:
    known = Silences(1)
    now = (MONDAY + 8 * WEEK) * HOUR
    for received in (now, now - WEEK * HOUR, now - 5 * WEEK * HOUR):
        known.add("a", received)
    history = known.sources["a"]
    assert history.last == now
    assert history.hours == {MONDAY + 8 * WEEK: 1, MONDAY + 7 * WEEK: 1}
