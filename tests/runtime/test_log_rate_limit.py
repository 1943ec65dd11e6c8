"""So many times in an interval, then a count."""

from hypothesis import given
from hypothesis import strategies as st

from streams.runtime.logging import MAX_KEYS, RateBudget


def test_the_first_of_an_interval_pass_and_the_next_interval_says_how_many_were_held_back() -> None:
    budget = RateBudget(2, 10)
    assert [budget.take("a", second) for second in (0, 1, 2, 9, 10, 11, 12)] == [0, 0, None, None, 2, 0, None]


def test_what_is_held_back_is_told_once_its_interval_is_over_also_when_nothing_comes_after_it() -> None:
    budget = RateBudget(1, 10)
    for second in (0, 1, 2):
        budget.take("a", second)
    budget.take("b", 5)
    assert (budget.ended(9), budget.holds()) == ([], True)
    assert (budget.ended(10), budget.holds()) == ([("a", 2)], False)
    assert budget.ended(60) == []


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 100)), max_size=60))
def test_nothing_is_lost_what_did_not_pass_is_counted(said: list[tuple[str, float]]) -> None:
    budget, passed, held = RateBudget(3, 10), 0, 0
    for key, now in sorted(said, key=lambda each: each[1]):
        left = budget.take(key, now)
        passed += left is not None
        held += left or 0
    held += sum(count for _, count in budget.ended(1000))
    assert passed + held == len(said)


def test_however_many_keys_there_are_few_are_remembered() -> None:
    budget = RateBudget(1, 10)
    assert all(budget.take(number, 0) == 0 for number in range(5000))
    assert len(budget._windows) == MAX_KEYS
