import random
from array import array
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.decide.lsh_index import FIRST_CAPACITY, KEYS_EACH, MOST_OF_A_KEY, LshIndex


def packed(keys: Iterable[int]) -> bytes:
    return array("I", keys).tobytes()


def test_the_newest_fingerprints_of_a_key_come_first_up_to_the_limit() -> None:
    index = LshIndex()
    for number in range(10_000):
        index.add(number, packed((7, 8 + number % 2)), expires=1)
    most, even, nothing = index.find([7, 8, 99])
    assert most == list(range(9999, 9999 - MOST_OF_A_KEY, -1))
    assert even[:3] == [9998, 9996, 9994]
    assert nothing == []


FINGERPRINTS = st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=KEYS_EACH, unique=True), max_size=30)


@given(FINGERPRINTS, st.integers(0, 30))
def test_fingerprints_that_are_added_again_change_nothing(fingerprints: list[list[int]], again_from: int) -> None:
    once, twice = LshIndex(), LshIndex()
    for number, keys in enumerate(fingerprints):
        once.add(number, packed(keys), expires=1)
        twice.add(number, packed(keys), expires=1)
    for number, keys in list(enumerate(fingerprints))[again_from:]:
        twice.add(number, packed(keys), expires=1)
    assert twice.find(range(6)) == once.find(range(6))


@given(FINGERPRINTS, FINGERPRINTS)
def test_an_index_loaded_at_once_finds_the_same_as_one_filled_step_by_step(
    loaded: list[list[int]], added: list[list[int]]
) -> None:
    one, other = LshIndex(), LshIndex()
    other.load((number, packed(keys), 1) for number, keys in enumerate(loaded))
    for number, keys in enumerate((*loaded, *added)):
        one.add(number, packed(keys), expires=1)
        if number >= len(loaded):
            other.add(number, packed(keys), expires=1)
    assert other.find(range(6)) == one.find(range(6))


@pytest.mark.parametrize("window", [1, 2, 700, FIRST_CAPACITY - 1, FIRST_CAPACITY, FIRST_CAPACITY + 1, 2500])
def test_a_ring_buffer_that_wrapped_many_times_finds_all_unexpired_fingerprints_and_no_others(window: int) -> None:
    dice, index, fingerprints = random.Random(window), LshIndex(), list[list[int]]()
    for number in range(4 * FIRST_CAPACITY):
        fingerprints.append([dice.randrange(400) + 1000 * each for each in range(dice.randrange(1, 4))])
        index.forget(number)
        index.add(number, packed(fingerprints[-1]), expires=number + window)
    last = len(fingerprints) - 1
    for key in range(400):
        found = [number for number in range(last, -1, -1) if key in fingerprints[number] and number + window > last]
        assert index.find([key]) == [found[:MOST_OF_A_KEY]]


def test_expired_fingerprints_are_forgotten() -> None:
    index = LshIndex()
    for number in range(5000):
        index.add(number, packed((1,)), expires=number)
    index.forget(4990)
    assert index.find([1]) == [list(range(4999, 4990, -1))]
    index.forget(4999)
    assert index.find([1]) == [[]]


def test_keys_with_the_same_bucket_are_distinguished() -> None:
    index = LshIndex()
    buckets = FIRST_CAPACITY * KEYS_EACH
    index.add(1, packed((5,)), 9)
    index.add(2, packed((5 + buckets,)), 9)
    assert index.find([5, 5 + buckets, 5 + 2 * buckets]) == [[1], [2], []]


def test_a_fingerprint_without_keys_takes_no_slot() -> None:
    index = LshIndex()
    index.add(1, b"", 9)
    index.add(2, packed((3,)), 9)
    assert index.find([3]) == [[2]]
