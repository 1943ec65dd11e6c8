"""Indexes fingerprints by key in memory, to find candidates for comparison; some 400 bytes a story.

A fingerprint has about twenty keys: bands of its MinHash (locality-sensitive hashing: Indyk and Motwani 1998), parts of
its opening, its headline and pairs of words of it. Each key leads to a chain of the fingerprints that have it, the
newest first. Beside its keys the index holds a sketch of each fingerprint (sketches.py).

All of it is in plain arrays, in chunks that are filled one after another. Fingerprints expire in the order in which
they came: a chain ends where it meets one that has expired, and a chunk in which all have expired is dropped. A table
has the first place of each chain. When there are more keys than chains, the chains move to a table twice as large, a
few fingerprints at a time, so that no batch waits for it; the fingerprints stay where they are.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

from streams.decide import word_lists
from streams.decide.sketches import NO_SKETCH, SKETCH_BYTES, Sketch
from streams.model.records import TextFingerprint, normalise_figures

ROWS = 4
BANDS = 12
"""12 bands of 4 of the 64 values find 96 % of the texts that share 70 % of their phrases, and 99.8 % at 80 %."""
MOST_PAIRS = 6
MOST_TICKERS = 2
MOST_FIGURES = 2
MOST_NAMES = 3
KEYS_EACH = BANDS + 5 + MOST_PAIRS + MOST_TICKERS + MOST_FIGURES + MOST_NAMES
"""The most keys of a fingerprint."""
LEAST_KEYED = 3
"""Letters of a name that has a key."""
FLASH_WORDS = 150
"""A flash, which agencies write in capitals before the story, has at most so many words."""
FLASH_OPENING = 12
"""How many of its first words are compared with its names."""
CHUNK_BITS = 18
CHUNK = 1 << CHUNK_BITS
"""The places for keys in a chunk, for 10,000 fingerprints or more."""
FIRST_BUCKETS = 4096
MOVED_AT_ONCE = 3
MOST_RENEWED = 64
"""The newest fingerprints, of which one may get a longer life."""
MOST_OF_A_KEY = 64
"""The most fingerprints returned for one key, the newest: a template with thousands of items costs no more."""
_NO_NAMES = word_lists.COMMON | word_lists.DATES
_NO_PLACES = bytes(4 * KEYS_EACH)
_PLACES = (1 << 32) - 1
"""Places are stored in 32 bits; the higher bits of a place follow from the newest one."""


@lru_cache(8)  # called for one item twice: to search and to store
def text_keys(fingerprint: TextFingerprint) -> tuple[int, ...]:
    """Builds keys that near-duplicates share even if headline, end or layout differ."""
    sketch = _fill_bins(fingerprint.minhash)
    width = 4 * ROWS
    keys = [crc32(sketch[at : at + width], at + 1) for at in range(0, BANDS * width, width)] if sketch else []
    if fingerprint.words >= 8:
        opening = fingerprint.opening
        keys += [opening_key(fingerprint), crc32(opening[32:64], 7), crc32(opening[64:96], 7)]
    if len(fingerprint.title) >= 3:
        keys.append(title_key(fingerprint.title))
    return tuple(dict.fromkeys(keys))


def opening_key(fingerprint: TextFingerprint) -> int:
    """Builds the key of the first eight words of a text."""
    return crc32(fingerprint.opening[:32], 7)


def _fill_bins(minhash: bytes) -> bytes:
    """Fills the empty bins of a MinHash, which short texts have, from the next full one (Shrivastava and Li 2014)."""
    if not minhash:
        return b""
    values = array("I", minhash)
    if 0 in values:
        last = next(value for value in values if value)
        for at, value in enumerate(reversed(values), 1):
            if value:
                last = value
            else:
                last = values[-at] = (last + 0x9E3779B1) & 0xFFFFFFFF
    return values.tobytes()


def title_key(title: Iterable[str]) -> int:
    """Builds the key of a headline, word for word."""
    return crc32(" ".join(title).encode("utf-8", "surrogatepass"), 11)


def pair_keys(title: tuple[str, ...]) -> tuple[int, ...]:
    """Builds keys of the first word pairs of a headline, which a correction with another headline may share."""
    words = [word for word in title if len(word) > 2]
    keys: dict[int, None] = {}
    for one, other in pairwise(words):
        keys[crc32(f"{one} {other}".encode("utf-8", "surrogatepass"), 13)] = None
        if len(keys) == MOST_PAIRS:
            break
    return tuple(keys)


def alert_keys(title: tuple[str, ...]) -> tuple[int, ...]:
    """Builds keys of the word pairs of a headline, one of which is the key of an alert that begins with this pair."""
    return tuple(crc32(f"{one} {other}".encode("utf-8", "surrogatepass"), 23) for one, other in pairwise(title))


def is_in_capitals(fingerprint: TextFingerprint) -> bool:
    """Tells whether a short text seems to be written in capitals: its first words count as names."""
    first = memoryview(fingerprint.opening[: 4 * FLASH_OPENING]).cast("I")
    if not 0 < fingerprint.words <= FLASH_WORDS or len(fingerprint.names) < len(first) // 2:
        return False
    names = {crc32(name.encode("utf-8", "surrogatepass")) for name in fingerprint.names}
    return sum(word in names for word in first) * 10 >= 8 * len(first)


def ticker_keys(tickers: tuple[str, ...]) -> tuple[int, ...]:
    """Builds keys of the tickers in a headline; corrections share them too."""
    return tuple(crc32(ticker.encode("utf-8", "surrogatepass"), 17) for ticker in tickers[:MOST_TICKERS])


def figure_keys(figures: tuple[str, ...]) -> tuple[int, ...]:
    """Builds keys of the longest figures in a form that translations share (`normalise_figures`)."""
    longest = sorted(
        (figure for figure in normalise_figures(figures) if len(figure) >= 3), key=lambda figure: (-len(figure), figure)
    )
    return tuple(crc32(figure.encode(), 19) for figure in longest[:MOST_FIGURES])


def name_keys(fingerprint: TextFingerprint, *, english: bool) -> tuple[int, ...]:
    """Builds keys of the names that headline and first sentences share, as translations do.

    Of many names those with the least hash are taken: most nouns of German count as names, and both texts must choose
    alike. `english` tells for which texts: the others are few, so an English text finds its translation among them.
    """
    if not fingerprint.language:
        return ()
    names = {
        name
        for name in fingerprint.names
        if len(name) >= LEAST_KEYED and name in fingerprint.title and name not in _NO_NAMES
    }
    seed = 29 if english else 31
    return tuple(sorted(crc32(name.encode("utf-8", "surrogatepass"), seed) for name in names)[:MOST_NAMES])


class IndexChunk:
    """Holds the keys and the sketches of some fingerprints: for each of them `KEYS_EACH` places, which it may not fill.

    The first place of a chunk stays free, as 0 stands for no place.
    """

    def __init__(self) -> None:
        self.keys = array("I", (0,))
        self.older = array("I", (0,))
        """For each key, the place of the next older fingerprint in its chain; 0 for none."""
        self.counts = array("B")
        """For each fingerprint, the number of its keys."""
        self.numbers = array("Q")
        self.expires = array("Q")
        self._received = array("q")
        self._sizes = array("I")
        self._languages = array("I")
        self._minhashes = bytearray()

    def add(self, number: int, keys: bytes, expires: int, sketch: Sketch) -> None:
        """Adds a fingerprint that is not in a chain yet."""
        self.counts.append(len(keys) // 4)
        self.keys.frombytes(keys.ljust(4 * KEYS_EACH, b"\0"))
        self.older.frombytes(_NO_PLACES)
        self.numbers.append(number)
        self.expires.append(expires)
        received, size, language, minhash = sketch
        self._received.append(received)
        self._sizes.append(size)
        self._languages.append(language)
        self._minhashes += minhash

    def read_sketch(self, at: int) -> Sketch:
        """Returns the sketch of a fingerprint."""
        start = at * SKETCH_BYTES
        minhash = bytes(self._minhashes[start : start + SKETCH_BYTES])
        return Sketch(self._received[at], self._sizes[at], self._languages[at], minhash)


class LshIndex:
    """Finds the fingerprints that share a key. Their numbers are offsets of the log, so they only grow."""

    def __init__(self) -> None:
        self._chunks = [IndexChunk()]
        """The chunks with a fingerprint that has not expired, and the one that is being filled."""
        self._first_numbers = [0]
        """For each chunk, the number from which on fingerprints are in it."""
        self._dropped = 0
        """The number of chunks that were dropped."""
        self._expired = 0
        """The fingerprints of the first chunk that have expired."""
        self._newest = -1
        """The number of the newest fingerprint."""
        self._heads = array("I", bytes(4 * FIRST_BUCKETS))
        """For each bucket of keys, the place of the newest; 0 for none. Its length is a power of 2."""
        self._larger: array[int] | None = None
        """The table that replaces `_heads` when all fingerprints that have not expired are in it."""
        self._moved = 1
        """The chains of `_heads` go back to this place; those before it are in the larger table."""

    def add(self, number: int, keys: bytes, expires: int, sketch: Sketch = NO_SKETCH) -> None:
        """Adds a fingerprint under its keys. Of one that was added before, only the end of its life may be new."""
        if number <= self._newest:
            self._renew(number, expires)
            return
        if not keys:
            return
        chunk, start = self._append(number, keys, expires, sketch)
        place = (self._dropped + len(self._chunks) - 1) * CHUNK + start
        _link(self._heads, chunk, start, place)
        if self._larger is None and place - self._oldest() > len(self._heads):
            self._larger = array("I", bytes(8 * len(self._heads)))
            self._moved = self._oldest()
        if self._larger is not None:
            self._move(self._larger)

    def _append(self, number: int, keys: bytes, expires: int, sketch: Sketch) -> tuple[IndexChunk, int]:
        """Adds a fingerprint that is in no chain yet. Returns its chunk, and where its keys begin there."""
        self._newest = number
        chunk = self._chunks[-1]
        if len(chunk.keys) + KEYS_EACH >= CHUNK:
            chunk = IndexChunk()
            self._chunks.append(chunk)
            self._first_numbers.append(number)
        start = len(chunk.keys)
        chunk.add(number, keys[: 4 * KEYS_EACH], expires, sketch)
        return chunk, start

    def _move(self, larger: "array[int]") -> None:
        """Moves the chains of a few fingerprints to the larger table, the oldest first."""
        place = max(self._moved, self._oldest())
        for _ in range(MOVED_AT_ONCE):
            chunk = self._chunks[(place >> CHUNK_BITS) - self._dropped]
            if place & (CHUNK - 1) == len(chunk.keys):
                if chunk is self._chunks[-1]:  # all are moved
                    self._heads, self._larger, self._moved = larger, None, 1
                    return
                place = (place | (CHUNK - 1)) + 2
                chunk = self._chunks[(place >> CHUNK_BITS) - self._dropped]
            _link(larger, chunk, place & (CHUNK - 1), place)
            place += KEYS_EACH
        self._moved = place

    def _oldest(self) -> int:
        """Returns the place where the keys of the oldest fingerprint begin that has not expired."""
        return self._dropped * CHUNK + self._expired * KEYS_EACH + 1

    def _renew(self, number: int, expires: int) -> None:
        """Prolongs the life of one of the newest fingerprints; older ones would keep others from expiring."""
        found = self._locate(number)
        if found is not None:
            chunk, at = found
            newer = len(chunk.numbers) - at
            if chunk is not self._chunks[-1]:  # it is the one before, or too old
                newer += len(self._chunks[-1].numbers)
            if newer <= MOST_RENEWED and chunk in self._chunks[-2:]:
                chunk.expires[at] = max(chunk.expires[at], expires)

    def load(self, fingerprints: Iterable[tuple[int, bytes, int, Sketch]]) -> None:
        """Fills an empty index with fingerprints by rising number: number, keys, time of expiry, sketch."""
        for number, keys, expires, sketch in fingerprints:
            if keys:
                self._append(number, keys, expires, sketch)
        buckets = len(self._heads)
        while buckets < sum(len(chunk.keys) for chunk in self._chunks):
            buckets *= 2
        self._heads = array("I", bytes(4 * buckets))
        for which, chunk in enumerate(self._chunks):
            for start in range(1, len(chunk.keys), KEYS_EACH):
                _link(self._heads, chunk, start, which * CHUNK + start)

    def forget(self, clock: int) -> None:
        """Drops fingerprints that have expired, the oldest first."""
        chunk = self._chunks[0]
        while True:
            if self._expired < len(chunk.numbers):
                if chunk.expires[self._expired] > clock:
                    return
                self._expired += 1
            elif len(self._chunks) > 1:
                del self._chunks[0], self._first_numbers[0]
                self._dropped += 1
                self._expired, chunk = 0, self._chunks[0]
            else:
                return

    def find(self, keys: Sequence[int]) -> list[list[int]]:
        """Returns the numbers of the newest fingerprints of each of the keys, up to the oldest that has not expired."""
        found: list[list[int]] = [[] for _ in keys]
        self._search(self._heads, keys, found, max(self._moved, self._oldest()))
        if self._larger is not None:
            self._search(self._larger, keys, found, self._oldest())
        return found

    def _search(self, heads: "array[int]", keys: Sequence[int], found: list[list[int]], oldest: int) -> None:
        """Adds what the chains of the keys have, back to the place `oldest`."""
        mask, chunks, first = len(heads) - 1, self._chunks, self._dropped
        end = (first + len(chunks)) << CHUNK_BITS
        wraps = end > _PLACES
        places = [heads[key & mask] for key in keys]
        for which, place in enumerate(places):
            if place:
                key, numbers = keys[which], found[which]
                while place:
                    if wraps:
                        place = end - ((end - place) & _PLACES)
                    if place < oldest:
                        break
                    chunk, at = chunks[(place >> CHUNK_BITS) - first], place & (CHUNK - 1)
                    if chunk.keys[at] == key:
                        if len(numbers) == MOST_OF_A_KEY:
                            break
                        numbers.append(chunk.numbers[(at - 1) // KEYS_EACH])
                    place = chunk.older[at]

    def sketch(self, number: int) -> tuple[int, Sketch] | None:
        """Returns the end of the life and the sketch of a fingerprint; None if the index does not have it."""
        found = self._locate(number)
        return found and (found[0].expires[found[1]], found[0].read_sketch(found[1]))

    def _locate(self, number: int) -> tuple[IndexChunk, int] | None:
        """Returns the chunk of a fingerprint, and its place among those of the chunk."""
        chunk = self._chunks[max(0, bisect_right(self._first_numbers, number) - 1)]
        at = bisect_left(chunk.numbers, number)
        return (chunk, at) if at < len(chunk.numbers) and chunk.numbers[at] == number else None


def _link(heads: "array[int]", chunk: IndexChunk, start: int, place: int) -> None:
    """Puts a fingerprint, whose keys begin at `start` in its chunk and at `place` in all, in front of its chains."""
    mask, place, older = len(heads) - 1, place & _PLACES, array("I")
    end = start + chunk.counts[start // KEYS_EACH]
    for key in chunk.keys[start:end]:
        bucket = key & mask
        older.append(heads[bucket])
        heads[bucket] = place
        place += 1
    chunk.older[start:end] = older
