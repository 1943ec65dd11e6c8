"""A feed with a wrong clock does not empty the window; a time that has come moves it."""

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from support.builders import LONG, RULES, Desk, command, item, refusal

NOON = datetime(2031, 3, 4, 12, tzinfo=UTC)
GUARDED = msgspec.structs.replace(RULES, clock_items=8)
"""The window is 72 hours."""


def at(hours: float) -> str:
    return (NOON + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


def hours_on(desk: Desk) -> float:
    """The clock, in hours from noon."""
    return (desk.state.progress.clock / 1000 - NOON.timestamp()) / 3600


def take(desk: Desk, *hours: float) -> None:
    for each in hours:
        desk.take(refusal(received=at(each)))


def test_a_feed_that_is_a_year_ahead_among_others_empties_nothing() -> None:
    desk = Desk(GUARDED)
    desk.take(item())
    for minute in range(40):
        take(desk, 8760 + minute, minute / 60)
    assert desk.take(item("B1", source="betawire", received=at(1))).outcome == "duplicate"


def test_without_the_guard_one_record_would() -> None:
    desk = Desk(RULES)
    desk.take(item())
    take(desk, 8760)
    assert desk.take(item("B1", source="betawire", received=at(1))).outcome == "published"


def test_within_the_window_every_record_moves_the_clock() -> None:
    desk = Desk(GUARDED)
    take(desk, 0, 72, 71, 144)
    assert hours_on(desk) == 144


def test_a_pause_longer_than_the_window_is_believed_after_some_records_in_a_row_at_the_earliest_of_their_times() -> (
    None
):
    desk = Desk(GUARDED)
    take(desk, 0, *(200 + number for number in range(6, -1, -1)))
    assert hours_on(desk) == 0
    take(desk, 210)
    assert hours_on(desk) == 200


def test_a_record_of_the_old_time_in_between_begins_the_count_anew_and_a_command_does_not() -> None:
    desk = Desk(GUARDED)
    take(desk, 0, *[200] * 7, 1, *[200] * 7)
    assert hours_on(desk) == 1
    desk.put(command("kill"))
    take(desk, 201)
    assert hours_on(desk) == 200


def test_the_first_record_sets_the_clock() -> None:
    desk = Desk(GUARDED)
    take(desk, -90_000)
    assert hours_on(desk) == -90_000


def test_old_times_never_move_the_clock_back_and_empty_nothing() -> None:
    desk = Desk(GUARDED)
    desk.take(item(text=LONG))
    take(desk, *[-90_000] * 30)
    assert hours_on(desk) == 0
    assert desk.take(item("B1", source="betawire", received=at(0.5))).outcome == "duplicate"


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.integers(0, 1))
def test_a_clock_an_hour_ahead_which_is_allowed_shortens_the_window_by_no_more(hours: list[float], ahead: int) -> None:
    desk = Desk(GUARDED)
    take(desk, *(hour + ahead for hour in hours))
    assert hours_on(desk) <= max(hours) + 1 + 1e-6
