"""A sketch never says less of two texts than their fingerprints do, so nothing that it rejects is a copy."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.decide.similarity import measure_similarity
from streams.decide.sketches import (
    NO_SKETCH,
    SketchReader,
    build_sketch,
    may_differ_in_language,
    pack_language,
    pack_sketch,
)
from streams.model.records import TextFingerprint

VALUES = st.sampled_from((0, 1, 2, 256, 257, 0xFFFFFF00, 0xFFFFFFFF))
"""Values of a MinHash, with different ones of one lowest byte; 0 is an empty bin."""


@st.composite
def fingerprints(draw: st.DrawFn) -> TextFingerprint:
    words = draw(st.sampled_from((0, 2, 8, 20, 80, 81, 400)))
    minhash = struct.pack("<64I", *draw(st.lists(VALUES, min_size=64, max_size=64))) if words > 2 else b""
    opening = struct.pack(f"<{min(words, 80)}I", *(at % draw(st.integers(1, 9)) for at in range(min(words, 80))))
    language = draw(st.sampled_from(("", "en", "de", "fil", "i-klingon", "x-other")))
    return TextFingerprint(words=words, minhash=minhash, opening=opening, language=language)


@given(fingerprints(), fingerprints())
def test_a_sketch_bounds_how_similar_two_texts_are(new: TextFingerprint, old: TextFingerprint) -> None:
    similarity, contained = SketchReader(new).bound(build_sketch(0, 1, old))
    measured = measure_similarity(new, old)
    assert similarity >= measured[0]
    assert contained >= measured[1]


@given(fingerprints())
def test_a_sketch_says_of_a_text_and_itself_what_its_fingerprint_says(text: TextFingerprint) -> None:
    assert SketchReader(text).bound(build_sketch(0, 1, text))[0] == measure_similarity(text, text)[0]


@pytest.mark.parametrize(
    ("mine", "theirs", "may_differ"),
    [
        ("en", "de", True),
        ("en", "en", False),
        ("", "en", False),
        ("en", "", False),
        ("i-klingon", "x-other", True),
        ("en", "x-other", True),
    ],
)
def test_a_sketch_says_whether_two_texts_may_differ_in_language(mine: str, theirs: str, may_differ: bool) -> None:
    old = build_sketch(0, 1, TextFingerprint(language=theirs))
    assert may_differ_in_language(pack_language(mine), old.language) is may_differ


def test_a_sketch_has_the_words_and_the_time_of_a_text() -> None:
    assert pack_sketch(1_987, 0, 450, 320, "en", b"").words == 450
    assert pack_sketch(1_987, 0, 450, 320, "en", b"").received == 1_987
    assert pack_sketch(0, 0, 0, 0, "", b"").minhash == NO_SKETCH.minhash
