import random
from array import array
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.decide import lsh_index
from streams.decide.lsh_index import (
    CHUNK,
    CHUNK_BITS,
    FIRST_BUCKETS,
    KEYS_EACH,
    MOST_OF_A_KEY,
    MOST_RENEWED,
    LshIndex,
)
from streams.decide.sketches import NO_SKETCH, Sketch

IN_A_CHUNK = (CHUNK - 2) // KEYS_EACH
"""The fingerprints in a chunk of the index."""


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
    other.load((number, packed(keys), 1, NO_SKETCH) for number, keys in enumerate(loaded))
    for number, keys in enumerate((*loaded, *added)):
        one.add(number, packed(keys), expires=1)
        if number >= len(loaded):
            other.add(number, packed(keys), expires=1)
    assert other.find(range(6)) == one.find(range(6))


@pytest.mark.parametrize("window", [1, 2, 700, IN_A_CHUNK - 1, IN_A_CHUNK, IN_A_CHUNK + 1])
def test_an_index_that_dropped_chunks_finds_all_unexpired_fingerprints_and_no_others(window: int) -> None:
    dice, index, fingerprints = random.Random(window), LshIndex(), list[list[int]]()
    for number in range(2 * IN_A_CHUNK + 10):
        fingerprints.append([dice.randrange(400) + 1000 * each for each in range(dice.randrange(1, 4))])
        index.forget(number)
        index.add(number, packed(fingerprints[-1]), expires=number + window)
    last = len(fingerprints) - 1
    for key in range(400):
        found = [number for number in range(last, -1, -1) if key in fingerprints[number] and number + window > last]
        assert index.find([key]) == [found[:MOST_OF_A_KEY]]


def test_places_beyond_32_bits_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lsh_index, "_PLACES", (1 << CHUNK_BITS + 1) - 1)  # the places of two chunks
    index = LshIndex()
    for number in range(5 * IN_A_CHUNK):
        index.forget(number)
        index.add(number, packed((number % 7, 100)), expires=number + IN_A_CHUNK // 2)
    newest = 5 * IN_A_CHUNK - 1
    assert index.find([100]) == [list(range(newest, newest - MOST_OF_A_KEY, -1))]
    assert index.find([newest % 7]) == [[newest - 7 * each for each in range(MOST_OF_A_KEY)]]


def test_an_index_finds_all_fingerprints_at_every_step_of_its_growth() -> None:
    dice, index, fingerprints = random.Random(5), LshIndex(), list[list[int]]()
    for number in range(4 * FIRST_BUCKETS // KEYS_EACH):
        fingerprints.append(dice.sample(range(3000), KEYS_EACH))
        index.forget(number)
        index.add(number, packed(fingerprints[-1]), expires=number + 400)
        key = dice.choice(fingerprints[-1])
        living = range(number, max(-1, number - 400), -1)
        assert index.find([key]) == [[each for each in living if key in fingerprints[each]][:MOST_OF_A_KEY]]


def test_the_sketch_of_a_fingerprint_and_the_end_of_its_life_are_read_by_its_number() -> None:
    index = LshIndex()
    for number in range(0, 4 * IN_A_CHUNK, 2):
        index.add(number, packed((number,)), number + 9, Sketch(number, 5, 7, number.to_bytes(64, "little")))
    for number in (0, 2, 2 * IN_A_CHUNK - 2, 2 * IN_A_CHUNK, 4 * IN_A_CHUNK - 2):
        assert index.sketch(number) == (number + 9, Sketch(number, 5, 7, number.to_bytes(64, "little")))
    assert index.sketch(3) is None
    assert index.sketch(4 * IN_A_CHUNK) is None


def test_only_one_of_the_newest_fingerprints_gets_a_longer_life() -> None:
    index = LshIndex()
    for number in range(IN_A_CHUNK + 10):
        index.add(number, packed((1,)), expires=1)
    oldest_renewed = IN_A_CHUNK + 10 - MOST_RENEWED
    for number in (oldest_renewed - 1, oldest_renewed, IN_A_CHUNK + 9):
        index.add(number, packed((1,)), expires=5)
    ends = [found[0] for number in range(IN_A_CHUNK + 10) if (found := index.sketch(number)) is not None]
    assert [number for number, end in enumerate(ends) if end == 5] == [oldest_renewed, IN_A_CHUNK + 9]


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
    index.add(1, packed((5,)), 9)
    index.add(2, packed((5 + FIRST_BUCKETS,)), 9)
    assert index.find([5, 5 + FIRST_BUCKETS, 5 + 2 * FIRST_BUCKETS]) == [[1], [2], []]


def test_a_fingerprint_without_keys_takes_no_slot() -> None:
    index = LshIndex()
    index.add(1, b"", 9)
    index.add(2, packed((3,)), 9)
    assert index.find([3]) == [[2]]
