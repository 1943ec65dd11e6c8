"""Sketches of fingerprints, which stay in memory: they tell for most earlier texts that they are no copy of a new one.

A sketch has one byte of each of the 64 values of a MinHash. Equal values have equal bytes, so a comparison of sketches
never says less than one of the MinHashes, and seldom says more: of two other values, one pair in 128 has equal bytes.
"""

from typing import NamedTuple

from streams.model.packed_numbers import count_nonzero_bytes, mark_nonzero
from streams.model.records import TextFingerprint

SKETCH_BYTES = 64
_WHOLE, _VERSION, _FLAGS = 1, 2, 2
_LONG_LANGUAGE = (1 << 32) - 1


class Sketch(NamedTuple):
    """Holds what is in memory of a fingerprint beside its keys."""

    received: int
    """Milliseconds."""
    size: int
    """The number of words, and two flags: the opening has the whole text; a version of the story is published."""
    language: int
    """The letters of the primary language subtag; 0 if unknown."""
    minhash: bytes
    """The lowest byte of each value of the MinHash, made odd; 0 for an empty bin."""

    @property
    def words(self) -> int:
        """The number of words of the text, without the headline."""
        return self.size >> _FLAGS

    @property
    def published(self) -> bool:
        """Readers saw the text; one under embargo is found by few items."""
        return bool(self.size & _VERSION)


NO_SKETCH = Sketch(0, 0, 0, bytes(SKETCH_BYTES))


def build_sketch(received: int, version: int, fingerprint: TextFingerprint) -> Sketch:
    """Builds the sketch of a stored fingerprint."""
    return pack_sketch(
        received, version, fingerprint.words, len(fingerprint.opening), fingerprint.language, fingerprint.minhash
    )


def pack_sketch(received: int, version: int, words: int, opening: int, language: str, minhash: bytes) -> Sketch:
    """Builds a sketch from the parts of a fingerprint; `opening` is the number of bytes of its opening."""
    flags = (_WHOLE if 4 * words <= opening else 0) | (_VERSION if version else 0)
    return Sketch(received, words << _FLAGS | flags, pack_language(language), sketch_minhash(minhash))


def pack_language(language: str) -> int:
    """Packs a primary language subtag into 32 bits; all subtags of more than four letters are one number."""
    letters = language.encode("utf-8", "surrogatepass")
    return int.from_bytes(letters, "little") if len(letters) <= 4 else _LONG_LANGUAGE


def may_differ_in_language(one: int, other: int) -> bool:
    """Tells whether two texts both have a language (`Sketch.language`), and not the same."""
    return bool(one and other) and (one != other or one == _LONG_LANGUAGE)


def sketch_minhash(minhash: bytes) -> bytes:
    """Takes the lowest byte of each value of a MinHash, made odd; 0 of an empty bin."""
    values = int.from_bytes(minhash, "little")
    return (values | mark_nonzero(values)).to_bytes(4 * SKETCH_BYTES, "little")[::4]


class SketchReader:
    """Compares a new text with sketches of earlier ones."""

    def __init__(self, new: TextFingerprint) -> None:
        self._new = new
        self._minhash = int.from_bytes(sketch_minhash(new.minhash), "little") if new.minhash else 0
        self._whole = 4 * new.words <= len(new.opening)

    def bound(self, old: Sketch) -> tuple[int, int]:
        """Returns the most that `measure_similarity` can say of the new text and an earlier one."""
        mine, theirs = self._minhash, int.from_bytes(old.minhash, "little")
        similarity = 0
        if mine and theirs:
            either = count_nonzero_bytes(mine | theirs)
            similarity = (either - count_nonzero_bytes(mine ^ theirs)) * 1000 // either
        words, other = self._new.words, old.size >> _FLAGS
        shorter = min(words, other)
        if not shorter:
            return similarity, 0
        if self._whole if words <= other else old.size & _WHOLE:
            return similarity, 1000
        return similarity, min(1000, similarity * (words + other) * 1000 // ((1000 + similarity) * shorter))
