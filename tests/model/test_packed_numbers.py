"""Packed numbers give what a plain loop over the numbers gives."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.model.packed_numbers import (
    MOST_COUNTED,
    SignedLanes,
    count_nonzero,
    count_nonzero_bytes,
    mark_nonzero,
    mix_triples,
)

UINT32 = st.one_of(st.sampled_from((0, 1, 1 << 31, (1 << 31) - 1, (1 << 32) - 1)), st.integers(0, (1 << 32) - 1))
FACTORS = st.tuples(*[st.integers(0, (1 << 30) - 1)] * 3)
LANES = 5
BITS = (16, 40)


def added_one_by_one(rows: list[list[int]]) -> list[int]:
    """The plain reference: sums of each column."""
    return [sum(row[lane] for row in rows) for lane in range(LANES)]


def counted_one_by_one(numbers: list[int]) -> int:
    """The plain reference: how many numbers are not 0."""
    return sum(number != 0 for number in numbers)


def mixed_one_by_one(numbers: list[int], factors: tuple[int, int, int]) -> list[int]:
    """The plain reference: bits 30 to 61 of the weighted sum of each three numbers in a row."""
    triples = zip(numbers, numbers[1:], numbers[2:], strict=False)
    sums = (sum(number * factor for number, factor in zip(triple, factors, strict=True)) for triple in triples)
    return [each >> 30 & 0xFFFFFFFF for each in sums]


@given(st.lists(st.lists(st.integers(-3000, 3000), min_size=LANES, max_size=LANES), max_size=10))
@pytest.mark.parametrize("bits", BITS)
def test_a_sum_of_packed_rows_is_the_sum_of_each_lane(bits: int, rows: list[list[int]]) -> None:
    lanes = SignedLanes(bits, LANES)
    assert lanes.unpack(sum(map(lanes.pack, rows))) == added_one_by_one(rows)


@pytest.mark.parametrize("bits", BITS)
def test_a_lane_holds_its_least_and_its_greatest_number(bits: int) -> None:
    least, greatest = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    row = [least, greatest, least, greatest, least]
    lanes = SignedLanes(bits, LANES)
    assert lanes.unpack(lanes.pack(row)) == row


@given(st.lists(st.lists(st.integers(-3000, 3000), min_size=LANES, max_size=LANES), max_size=10))
def test_a_lane_is_read_from_each_row(rows: list[list[int]]) -> None:
    lanes = SignedLanes(40, LANES)
    packed = list(map(lanes.pack, rows))
    for lane in range(LANES):
        assert lanes.unpack_lane(packed, lane) == [row[lane] for row in rows]


def test_lanes_without_a_number_hold_zero() -> None:
    lanes = SignedLanes(40, LANES)
    assert lanes.unpack(lanes.pack([-7, 3])) == [-7, 3, 0, 0, 0]


@given(st.lists(st.lists(st.integers(0, 255), min_size=LANES, max_size=LANES), max_size=10))
def test_rows_of_bytes_are_packed_less_what_is_taken_from_each_lane(rows: list[list[int]]) -> None:
    lanes, less = SignedLanes(40, LANES), [128, 128, 128, 128, 0]
    packed = lanes.pack_bytes(b"".join(map(bytes, rows)), less)
    expected = [[number - taken for number, taken in zip(row, less, strict=True)] for row in rows]
    assert list(map(lanes.unpack, packed)) == expected


@given(st.lists(UINT32, max_size=MOST_COUNTED))
def test_numbers_that_are_not_zero_are_counted(numbers: list[int]) -> None:
    packed = int.from_bytes(array("I", numbers).tobytes(), "little")
    assert count_nonzero(packed) == counted_one_by_one(numbers)
    marks = array("I", (number != 0 for number in numbers)).tobytes()
    assert mark_nonzero(packed) == int.from_bytes(marks, "little")


@given(st.binary(max_size=MOST_COUNTED))
def test_bytes_that_are_not_zero_are_counted(numbers: bytes) -> None:
    assert count_nonzero_bytes(int.from_bytes(numbers, "little")) == counted_one_by_one(list(numbers))


@given(st.lists(UINT32, min_size=3, max_size=40), FACTORS)
def test_three_numbers_in_a_row_are_mixed_as_one_by_one(numbers: list[int], factors: tuple[int, int, int]) -> None:
    assert mix_triples(numbers, factors) == mixed_one_by_one(numbers, factors)
