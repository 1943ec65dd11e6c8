"""Indexes fingerprints by key in memory, to find candidates for comparison; 300 to 450 bytes a story.

A fingerprint has about twenty keys: bands of its MinHash (locality-sensitive hashing: Indyk and Motwani 1998), parts of
its opening, its headline and pairs of words of it. The index is a ring buffer of fingerprints in plain arrays. Each key
leads to a chain of the fingerprints that have it, the newest first. Fingerprints expire in the order in which they
came: the ring buffer forgets its oldest by moving on, and a chain ends where it meets a slot that was reused. When the
ring buffer fills with fingerprints that have not expired, it is copied to one half as large again, a few fingerprints
at a time, so that no batch waits for it.
"""

from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

from streams.decide import word_lists
from streams.model.records import TextFingerprint, normalise_figures

ROWS = 4
BANDS = 12
"""12 bands of 4 of the 64 values find 96 % of the texts that share 70 % of their phrases, and 99.8 % at 80 %."""
MOST_PAIRS = 6
MOST_TICKERS = 2
MOST_FIGURES = 2
MOST_NAMES = 3
KEYS_EACH = BANDS + 4 + MOST_PAIRS + MOST_TICKERS + MOST_FIGURES + MOST_NAMES
LEAST_NAME = 3
"""Letters of a name."""
FEW_FIGURES = 5
"""Figures, without years, that find a translation. A text with fewer is found by names."""
FLASH_WORDS = 150
"""A flash, which agencies write in capitals before the story, has at most so many words."""
FLASH_OPENING = 12
"""Its first words, which are compared with its names."""
FIRST_CAPACITY = 1024
COPIED_AT_ONCE = 8
MOST_RENEWED = 64
"""The newest fingerprints, of which one may get a longer life."""
MOST_OF_A_KEY = 64
"""The most fingerprints returned for one key, the newest: a template with thousands of items costs no more."""


@lru_cache(8)  # called for one item twice: to search and to store
def text_keys(fingerprint: TextFingerprint) -> tuple[int, ...]:
    """Builds keys that near-duplicates share even if headline, end or layout differ."""
    sketch = _fill_bins(fingerprint.minhash)
    width = 4 * ROWS
    keys = [crc32(sketch[at : at + width], at + 1) for at in range(0, BANDS * width, width)] if sketch else []
    if fingerprint.words >= 8:
        opening = fingerprint.opening
        keys += [crc32(opening[:32], 7), crc32(opening[32:64], 7), crc32(opening[64:96], 7)]
    if len(fingerprint.title) >= 3:
        keys.append(title_key(fingerprint.title))
    return tuple(dict.fromkeys(keys))


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
    pairs = pairwise(words)
    keys = [crc32(f"{one} {other}".encode("utf-8", "surrogatepass"), 13) for one, other in pairs]
    return tuple(dict.fromkeys(keys))[:MOST_PAIRS]


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
    """Builds keys of the names that headline and first sentences share, as translations do; none for many figures.

    Of many names those with the least hash are taken: most nouns of German count as names, and both texts must choose
    alike. `english` tells for which texts: the others are few, so an English text finds its translation among them.
    """
    if not fingerprint.language:
        return ()
    names = {
        name
        for name in fingerprint.names
        if len(name) >= LEAST_NAME and name in fingerprint.title and name not in word_lists.COMMON | word_lists.DATES
    }
    seed = 29 if english else 31
    return tuple(sorted(crc32(name.encode("utf-8", "surrogatepass"), seed) for name in names)[:MOST_NAMES])


class RingBuffer:
    """Holds a fixed number of fingerprints in slots that are reused, and the chains of each key through them."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.added = 0
        """The number of fingerprints that were ever added."""
        self.living = 0
        """The number of the newest fingerprints that have not expired."""
        self.numbers = array("Q", bytes(8 * capacity))
        self.expires = array("Q", bytes(8 * capacity))
        self.keys = array("I", bytes(4 * capacity * KEYS_EACH))
        self._older = array("I", bytes(4 * capacity * KEYS_EACH))
        self._heads = array("I", bytes(4 * capacity * KEYS_EACH))

    def add(self, number: int, keys: "array[int]", expires: int) -> None:
        """Adds a fingerprint, with all its key slots filled, in front of its chains. There must be room."""
        slot = self.added % self.capacity
        self.added += 1
        self.living += 1
        self.numbers[slot], self.expires[slot] = number, expires
        at = slot * KEYS_EACH
        self.keys[at : at + KEYS_EACH] = keys
        heads, older, size, before = self._heads, self._older, len(self._heads), -1
        for key in keys:
            at += 1
            if key == before:
                break  # the last key of a fingerprint fills its free key slots
            bucket = key % size
            older[at - 1] = heads[bucket]
            heads[bucket] = at
            before = key

    def renew(self, number: int, expires: int) -> None:
        """Prolongs the life of one of the newest fingerprints; older ones would keep others from expiring."""
        for place in range(self.added - 1, max(-1, self.added - 1 - MOST_RENEWED), -1):
            slot = place % self.capacity
            if self.numbers[slot] <= number:
                if self.numbers[slot] == number:
                    self.expires[slot] = max(self.expires[slot], expires)
                return

    def forget(self, clock: int) -> None:
        """Drops fingerprints that have expired, the oldest first."""
        while self.living and self.expires[(self.added - self.living) % self.capacity] <= clock:
            self.living -= 1

    def copy(self, place: int, into: "RingBuffer") -> None:
        """Adds the fingerprint that was added as number `place` to another ring buffer."""
        slot = place % self.capacity
        keys = self.keys[slot * KEYS_EACH : (slot + 1) * KEYS_EACH]
        into.add(self.numbers[slot], keys, self.expires[slot])

    def find(self, keys: Sequence[int]) -> list[list[int]]:
        """Returns the newest fingerprints of each of the keys."""
        if not self.living:
            return [[] for _ in keys]
        heads, size = self._heads, len(self._heads)
        oldest = self.numbers[(self.added - self.living) % self.capacity]
        return [self._chain(key, at, oldest) if (at := heads[key % size]) else [] for key in keys]

    def _chain(self, key: int, at: int, oldest: int) -> list[int]:
        """Follows the chain of a key from key slot `at` to the oldest fingerprint that has not expired."""
        found: list[int] = []
        keys, numbers, older, size = self.keys, self.numbers, self._older, len(self._heads)
        bucket = key % size
        last, before = numbers[(self.added - 1) % self.capacity], len(keys) + 1
        while at:
            here = at - 1
            number = numbers[here // KEYS_EACH]
            if number > last or number < oldest or (number == last and at >= before):
                break  # a slot that was reused, or has expired
            if keys[here] == key:
                found.append(number)
                if len(found) == MOST_OF_A_KEY:
                    break
            elif keys[here] % size != bucket:
                break  # reused too: this was the newest of its chain
            last, before = number, at
            at = older[here]
        return found


class LshIndex:
    """Finds the fingerprints that share a key. Their numbers are offsets of the log, so they only grow."""

    def __init__(self) -> None:
        self._newest = -1
        self._ring = RingBuffer(FIRST_CAPACITY)
        self._larger: RingBuffer | None = None
        """The larger ring buffer, to which a few fingerprints are copied with each new one; then it takes over."""
        self._copied = 0
        """All fingerprints before this one are in the larger ring buffer, or have expired."""

    def add(self, number: int, keys: bytes, expires: int) -> None:
        """Adds a fingerprint under its keys. Of one that was added before, only the end of its life may be new."""
        if number <= self._newest or not keys:
            if number <= self._newest:
                self._renew(number, expires)
            return
        self._newest = number
        self._ring.add(number, array("I", _padded(keys)), expires)
        ring = self._ring
        if self._larger is None and ring.living * 5 > ring.capacity * 4:
            self._larger = RingBuffer(ring.capacity + ring.capacity // 2)
            self._copied = ring.added - ring.living
        if self._larger is not None:
            self._copy(self._larger)

    def _renew(self, number: int, expires: int) -> None:
        self._ring.renew(number, expires)
        if self._larger is not None:
            self._larger.renew(number, expires)

    def _copy(self, larger: RingBuffer) -> None:
        """Copies a few fingerprints. A fifth of the ring is free when copying begins; at this pace that suffices."""
        ring = self._ring
        first = max(self._copied, ring.added - ring.living)
        self._copied = min(first + COPIED_AT_ONCE, ring.added)
        for place in range(first, self._copied):
            ring.copy(place, larger)
        if self._copied == ring.added:
            self._ring, self._larger = larger, None

    def load(self, fingerprints: Iterable[tuple[int, bytes, int]]) -> None:
        """Fills an empty index with fingerprints by rising number: number, keys, time of expiry."""
        numbers, expires, all_keys = array("Q"), array("Q"), array("I")
        for number, keys, end in fingerprints:
            if keys:
                numbers.append(number)
                expires.append(end)
                all_keys.frombytes(_padded(keys))
        if numbers:
            self._newest = numbers[-1]
            self._ring = RingBuffer(max(FIRST_CAPACITY, len(numbers) + len(numbers) // 3))
            for at, number in enumerate(numbers):
                self._ring.add(number, all_keys[at * KEYS_EACH : (at + 1) * KEYS_EACH], expires[at])

    def forget(self, clock: int) -> None:
        """Drops fingerprints that have expired, the oldest first."""
        self._ring.forget(clock)
        if self._larger is not None:
            self._larger.forget(clock)

    def find(self, keys: Sequence[int]) -> list[list[int]]:
        """Returns the newest fingerprints of each of the keys."""
        return self._ring.find(keys)


def _padded(keys: bytes) -> bytes:
    """Fills all key slots of a fingerprint, so that none keeps a key of the fingerprint that had the slot before."""
    return keys[: 4 * KEYS_EACH] + keys[-4:] * (KEYS_EACH - len(keys) // 4)
