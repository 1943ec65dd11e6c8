"""`RateBudget`: so many events of a key in an interval, then a count of those that were suppressed."""

from hypothesis import given
from hypothesis import strategies as st

from streams.runtime.logging import MAX_KEYS, RateBudget


def test_the_first_events_of_an_interval_pass_and_the_next_interval_reports_how_many_were_suppressed() -> None:
    budget = RateBudget(2, 10)
    assert [budget.admit("a", second) for second in (0, 1, 2, 9, 10, 11, 12)] == [0, 0, None, None, 2, 0, None]


def test_suppressed_events_are_reported_after_their_interval_even_if_no_event_follows() -> None:
    budget = RateBudget(1, 10)
    for second in (0, 1, 2):
        budget.admit("a", second)
    budget.admit("b", 5)
    assert (budget.pop_ended(9), budget.has_suppressed()) == ([], True)
    assert (budget.pop_ended(10), budget.has_suppressed()) == ([("a", 2)], False)
    assert budget.pop_ended(60) == []


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 100)), max_size=60))
def test_every_event_either_passes_or_is_counted(events: list[tuple[str, float]]) -> None:
    budget, passed, suppressed = RateBudget(3, 10), 0, 0
    for key, now in sorted(events, key=lambda each: each[1]):
        answer = budget.admit(key, now)
        passed += answer is not None
        suppressed += answer or 0
    suppressed += sum(count for _, count in budget.pop_ended(1000))
    assert passed + suppressed == len(events)


def test_however_many_keys_there_are_only_few_are_remembered() -> None:
    budget = RateBudget(1, 10)
    assert all(budget.admit(number, 0) == 0 for number in range(5000))
    assert len(budget._intervals) == MAX_KEYS
