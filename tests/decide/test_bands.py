from hypothesis import given
from hypothesis import strategies as st

from streams.decide.bands import MOST_OF_A_KEY, Bands, Segment


def test_the_newest_prints_behind_a_key_come_first_and_no_more_than_are_looked_at() -> None:
    index = Bands()
    for number in range(10_000):
        index.add(number, (7, 8 + number % 2), expires=1)
    assert index.find(7) == list(range(9999, 9999 - MOST_OF_A_KEY, -1))
    assert index.find(8)[:3] == [9998, 9996, 9994]
    assert index.find(99) == []


@given(st.lists(st.sets(st.integers(0, 5), min_size=1), max_size=30), st.integers(0, 30))
def test_prints_read_again_change_nothing_as_when_a_worker_follows_the_changelog_that_it_wrote(
    prints: list[set[int]], again_from: int
) -> None:
    once, twice = Bands(), Bands()
    for number, keys in enumerate(prints):
        once.add(number, sorted(keys), expires=1)
        twice.add(number, sorted(keys), expires=1)
    for number, keys in list(enumerate(prints))[again_from:]:
        twice.add(number, sorted(keys), expires=1)
    assert [twice.find(key) for key in range(6)] == [once.find(key) for key in range(6)]


def test_what_has_expired_is_forgotten_a_segment_at_a_time() -> None:
    index = Bands()
    for number in range(5000):
        index.add(number, (1,), expires=number)
    index.forget(4999)
    assert index.find(1) == []


def test_keys_that_share_a_place_in_the_table_are_kept_apart() -> None:
    segment = Segment(4)
    segment.add(1, [5], 9)
    segment.add(2, [5 + (1 << 20)], 9)
    assert (list(segment.find(5, 9)), list(segment.find(5 + (1 << 20), 9))) == ([1], [2])
