"""Misspellings, and the similarity that is estimated from two MinHashes."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.decide.similarity import estimate_jaccard, is_misspelling
from streams.model.records import BIN_BITS


@given(st.text("abcde", min_size=4, max_size=8), st.text("abcde", min_size=4, max_size=8))
def test_a_misspelling_keeps_the_first_two_letters_or_the_last_two(one: str, other: str) -> None:
    assert not is_misspelling(one, other) or one[:2] == other[:2] or one[-2:] == other[-2:]


@pytest.mark.parametrize("word", ["harbour", "ahrbour", "harbuor", "arbour", "harbou", "harbor", "hxrbour", "harbourt"])
def test_a_letter_added_removed_replaced_or_swapped_is_a_misspelling(word: str) -> None:
    assert is_misspelling(word, "harbour")
    assert is_misspelling("harbour", word)


VALUES = 1 << BIN_BITS
MINHASH = st.lists(st.sampled_from((0, 1, 7, 1 << 31, (1 << 32) - 1)), min_size=VALUES, max_size=VALUES)


@given(MINHASH, MINHASH)
def test_the_estimated_similarity_is_the_share_of_equal_minhash_values(one: list[int], other: list[int]) -> None:
    either = [pair for pair in zip(one, other, strict=True) if any(pair)]
    equal = [here for here, there in either if here == there]
    expected = len(equal) * 1000 // len(either) if either else 0
    assert estimate_jaccard(array("I", one).tobytes(), array("I", other).tobytes()) == expected
