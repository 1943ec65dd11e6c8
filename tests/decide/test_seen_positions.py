from hypothesis import given
from hypothesis import strategies as st
from support.builders import build_origin

from streams.decide.seen_positions import MAX_INTERVALS, mark_seen, seen_offsets_key
from streams.decide.state_entries import SeenOffsets
from streams.model.records import Origin


def fed(origins: list[Origin]) -> tuple[list[bool], SeenOffsets | None]:
    """Whether each position was seen for the first time, and what is remembered."""
    seen: SeenOffsets | None = None
    first = []
    for each in origins:
        after = mark_seen(seen, each)
        first.append(after is not None)
        seen = after or seen
    return first, seen


def test_an_item_is_new_once() -> None:
    assert fed([build_origin(3), build_origin(3), build_origin(3)])[0] == [True, False, False]


def test_offsets_in_a_row_are_one_interval() -> None:
    _, seen = fed([build_origin(n) for n in range(100)])
    assert seen is not None
    assert (seen.intervals, seen.partial) == (((0, 99),), ())


def test_a_gap_that_fills_late_is_closed() -> None:
    first, seen = fed([build_origin(n) for n in (5, 7, 6, 6)])
    assert first == [True, True, True, False]
    assert seen is not None
    assert seen.intervals == ((5, 7),)


def test_items_of_one_record_are_partial_until_the_last() -> None:
    items = [build_origin(9, index=n, count=3) for n in range(3)]
    first, seen = fed(items[:2])
    assert first == [True, True]
    assert seen is not None
    assert (seen.intervals, seen.partial) == ((), ((9, 2),))
    first, seen = fed([*items[:2], *items, *items])
    assert first == [True, True, False, False, True, False, False, False]
    assert seen is not None
    assert (seen.intervals, seen.partial) == (((9, 9),), ())


def test_a_record_of_a_recreated_topic_is_new() -> None:
    old = [build_origin(n, time=1000 + n) for n in range(4)]
    new = [build_origin(n, time=9000 + n) for n in range(4)]
    assert fed([*old, *new, *new])[0] == [True] * 8 + [False] * 4


def test_a_repeat_of_an_early_record_is_no_recreated_topic() -> None:
    records = [build_origin(n, time=1000 + n) for n in range(50)]
    assert fed([*records, *records])[0] == [True] * 50 + [False] * 50


def test_gaps_beyond_the_limit_are_closed_the_oldest_first() -> None:
    _, seen = fed([build_origin(2 * n) for n in range(MAX_INTERVALS + 10)])
    assert seen is not None
    assert len(seen.intervals) == MAX_INTERVALS
    assert seen.intervals[0] == (0, 20)
    assert seen.intervals[-1] == (2 * (MAX_INTERVALS + 9),) * 2


def test_the_key_names_topic_and_partition() -> None:
    assert seen_offsets_key(build_origin(4, partition=2)) == "raw news.raw 2"


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(1, 4), st.integers(1, 4)), max_size=40))
def test_each_item_of_each_record_is_new_exactly_once(deliveries: list[tuple[int, int, int]]) -> None:
    """Against a plain set: records come whole or cut short by a crash, in any order, again and again."""
    counts: dict[int, int] = {}
    naive: set[tuple[int, int]] = set()
    seen: SeenOffsets | None = None
    for offset, count, sent in deliveries:
        count = counts.setdefault(offset, count)
        for index in range(min(sent, count)):
            after = mark_seen(seen, build_origin(offset, index=index, count=count))
            assert (after is not None) == ((offset, index) not in naive)
            naive.add((offset, index))
            seen = after or seen
