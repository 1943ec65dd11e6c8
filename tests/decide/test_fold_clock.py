"""The clock of the fold: one feed with a wrong clock expires no window, a real change of time does."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import (
    PARAMS,
    TEXT,
    FoldRunner,
    build_command,
    build_item,
    build_origin,
    build_refusal,
    rebuild_state,
)

from streams.model.records import Item

NOON = datetime(2031, 3, 4, 12, tzinfo=UTC)
GUARDED = msgspec.structs.replace(PARAMS, clock_items=8)
"""The window is 72 hours."""


def at(hours: float) -> str:
    return (NOON + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


def hours_on(fold: FoldRunner) -> float:
    """The clock, in hours from noon."""
    return (fold.state.progress.clock / 1000 - NOON.timestamp()) / 3600


def take(fold: FoldRunner, *hours: float) -> None:
    for each in hours:
        fold.fold_new(build_refusal(received=at(each)))


def test_a_feed_whose_clock_is_a_year_ahead_empties_no_window() -> None:
    fold = FoldRunner(GUARDED)
    fold.fold_new(build_item())
    for minute in range(40):
        take(fold, 8760 + minute, minute / 60)
    assert fold.fold_new(build_item("B1", source="betawire", received=at(1))).outcome == "duplicate"


def test_without_the_guard_one_such_record_empties_the_window() -> None:
    fold = FoldRunner(PARAMS)
    fold.fold_new(build_item())
    take(fold, 8760)
    assert fold.fold_new(build_item("B1", source="betawire", received=at(1))).outcome == "published"


def test_within_the_window_every_record_moves_the_clock() -> None:
    fold = FoldRunner(GUARDED)
    take(fold, 0, 72, 71, 144)
    assert hours_on(fold) == 144


def test_after_a_pause_longer_than_the_window_the_clock_follows_some_records_in_a_row_to_their_earliest_time() -> None:
    fold = FoldRunner(GUARDED)
    take(fold, 0, *(200 + number for number in range(6, -1, -1)))
    assert hours_on(fold) == 0
    take(fold, 210)
    assert hours_on(fold) == 200


def test_a_record_of_the_old_time_restarts_the_count_and_a_command_does_not() -> None:
    fold = FoldRunner(GUARDED)
    take(fold, 0, *[200] * 7, 1, *[200] * 7)
    assert hours_on(fold) == 1
    fold.fold_record(build_command("kill"))
    take(fold, 201)
    assert hours_on(fold) == 200


def test_the_first_record_sets_the_clock() -> None:
    fold = FoldRunner(GUARDED)
    take(fold, -90_000)
    assert hours_on(fold) == -90_000


def test_old_times_never_move_the_clock_back_and_expire_nothing() -> None:
    fold = FoldRunner(GUARDED)
    fold.fold_new(build_item(text=TEXT))
    take(fold, *[-90_000] * 30)
    assert hours_on(fold) == 0
    assert fold.fold_new(build_item("B1", source="betawire", received=at(0.5))).outcome == "duplicate"


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.integers(0, 1))
def test_clocks_up_to_an_hour_ahead_shorten_the_window_by_at_most_an_hour(hours: list[float], ahead: int) -> None:
    fold = FoldRunner(GUARDED)
    take(fold, *(hour + ahead for hour in hours))
    assert hours_on(fold) <= max(hours) + 1 + 1e-6


WORDS = [
    "anchor",
    "beacon",
    "cellar",
    "dynamo",
    "engine",
    "funnel",
    "girder",
    "hammer",
    "ingot",
    "jacket",
    "kettle",
    "ladder",
    "magnet",
    "nozzle",
    "oxygen",
    "piston",
]


def story(number: int, hours: float, *, copy: bool = False, near: bool = False) -> Item:
    """Builds a text of its own, or a copy of it by another wire."""
    text = " ".join(f"{word}{WORDS[number % 16]} {WORDS[(number + at) % 16]}" for at, word in enumerate(WORDS * 3))
    text = f"{text} It said so twice." if near else text
    source, id = ("betawire", f"B{number}-{hours}") if copy else ("alphawire", f"N{number}")
    return build_item(id, source=source, headline=f"Story of {WORDS[number % 16]}", text=text, received=at(hours))


@pytest.mark.parametrize("pause", [200, 24 * 60])
@pytest.mark.parametrize("together", [False, True])
def test_after_a_pause_no_item_is_forgotten_when_the_clock_follows(pause: int, together: bool) -> None:
    fold = FoldRunner(GUARDED)
    take(fold, 0)
    first = [story(number, pause + number / 60) for number in range(10)]
    copies = [story(number, pause + 2 + number / 60, copy=True, near=True) for number in range(10)]
    if together:
        items = [msgspec.structs.replace(item, origin=build_origin(9 + at)) for at, item in enumerate(first)]
        assert {result.outcome for result in fold.fold_batch(list(items))} == {"published"}
        fold.raw_offset = 50
    else:
        assert fold.fold_all_new(*first) == ["published"] * 10
    assert round(hours_on(fold)) == pause
    again = rebuild_state(fold.changelog)
    assert again.entries() == fold.state.entries()
    assert fold.fold_all_new(*copies) == ["duplicate"] * 10
    fold.state, fold.log_offset, fold.raw_offset = again, 100, 100
    assert fold.fold_all_new(*copies) == ["duplicate"] * 10
    ids = [story(number, pause + 24 * 29 + number / 60) for number in range(10)]
    assert [fold.fold_new(item).decision.match_kind for item in ids] == ["same-version"] * 10


def test_the_texts_of_before_a_pause_are_forgotten_by_their_own_time() -> None:
    fold = FoldRunner(GUARDED)
    fold.fold_new(story(1, 0))
    assert fold.fold_all_new(*(story(number, 200) for number in range(2, 12))) == ["published"] * 10
    assert fold.fold_new(story(1, 201, copy=True)).outcome == "published"


@pytest.mark.parametrize("near", [False, True])
def test_the_window_runs_from_the_latest_copy(near: bool) -> None:
    fold = FoldRunner(GUARDED)
    fold.fold_new(story(1, 0))
    for hours in (0.2, 60, 60.5, 132.5, 204.5):
        assert fold.fold_new(story(1, hours, copy=True, near=near)).outcome == "duplicate"
        take(fold, hours + 1)
        again = rebuild_state(fold.changelog)
        assert again.entries() == fold.state.entries()
        fold.state = again
    assert fold.fold_new(story(1, 277, copy=True, near=near)).outcome == "published"


def test_a_copy_with_a_wrong_clock_hides_its_story_from_no_other_copy() -> None:
    fold = FoldRunner(GUARDED)
    fold.fold_new(story(1, 0))
    fold.fold_new(story(1, 9_000, copy=True))
    assert fold.fold_new(story(1, 3, copy=True, near=True)).outcome == "duplicate"
