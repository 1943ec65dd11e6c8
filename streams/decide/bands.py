"""Which prints share a key: the index of candidates, in memory, about 300 bytes a story.

A print has some twenty keys: bands of its MinHash (locality-sensitive hashing: Indyk and Motwani 1998), its opening,
its headline and pairs of words of it. The index holds, in plain arrays, chains of the prints behind each key, newest
first. It grows in segments, each twice as large as the one before, and drops a segment whose prints have all expired;
nothing is ever moved, so adding costs the same however full it is.
"""

from array import array
from collections.abc import Iterable, Iterator
from itertools import pairwise
from zlib import crc32

from streams.textprint import Print

ROWS = 4
BANDS = 12
"""12 bands of 4 of the 64 values find texts that share 7 in 10 shingles with 96 in 100, 8 in 10 with 99.8."""
MOST_PAIRS = 6
MOST_TICKERS = 2
PER_PRINT = BANDS + 4 + MOST_PAIRS + MOST_TICKERS
FIRST_SEGMENT = 4096
MOST_OF_A_KEY = 64
"""The newest prints looked at behind one key: a template that comes by the thousand costs no more than that."""


def text_keys(mark: Print) -> tuple[int, ...]:
    """Keys that near-copies share, whatever was done to headline, end or layout."""
    sketch = _full(mark.minhash)
    width = 4 * ROWS
    keys = [crc32(sketch[at : at + width], at + 1) for at in range(0, BANDS * width, width)] if sketch else []
    if mark.words >= 8:
        keys += [crc32(mark.opening[:32], 7), crc32(mark.opening[32:64], 7), crc32(mark.opening[64:96], 7)]
    if len(mark.title) >= 3:
        keys.append(title_key(mark.title))
    return tuple(dict.fromkeys(keys))


def _full(minhash: bytes) -> bytes:
    """The MinHash with empty bins filled from the next full one (Shrivastava and Li 2014): short texts have many."""
    if not minhash:
        return b""
    values = array("I", minhash)
    if 0 in values:
        last = next(value for value in values if value)
        for at in range(len(values) - 1, -1, -1):
            last = values[at] = values[at] or (last + 0x9E3779B1) & 0xFFFFFFFF
    return values.tobytes()


def title_key(title: Iterable[str]) -> int:
    """Key of a headline word for word."""
    return crc32(" ".join(title).encode("utf-8", "surrogatepass"), 11)


def pair_keys(title: tuple[str, ...]) -> tuple[int, ...]:
    """Keys of a headline's first neighbours: what a correction under another headline may share with its original."""
    words = [word for word in title if len(word) > 2]
    pairs = pairwise(words)
    keys = [crc32(f"{one} {other}".encode("utf-8", "surrogatepass"), 13) for one, other in pairs]
    return tuple(dict.fromkeys(keys))[:MOST_PAIRS]


def ticker_keys(tickers: tuple[str, ...]) -> tuple[int, ...]:
    """Keys of the tickers in a headline, for corrections too."""
    return tuple(crc32(ticker.encode("utf-8", "surrogatepass"), 17) for ticker in tickers[:MOST_TICKERS])


class Segment:
    """A fixed number of prints: chained hash tables in arrays."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.latest = 0
        """When the last of its prints expires."""
        self._numbers = array("Q")
        size = 1
        while size < capacity * PER_PRINT:
            size *= 2
        self._mask = size - 1
        self._heads = array("I", bytes(4 * size))
        self._keys = array("I", bytes(4))
        self._next = array("I", bytes(4))
        self._owner = array("I", bytes(4))

    @property
    def full(self) -> bool:
        """Whether the next print needs another segment."""
        return len(self._numbers) >= self.capacity

    def add(self, number: int, keys: Iterable[int], expires: int) -> None:
        """Puts a print behind its keys."""
        self.latest = max(self.latest, expires)
        slot = len(self._numbers)
        self._numbers.append(number)
        for key in keys:
            at = key & self._mask
            self._keys.append(key)
            self._next.append(self._heads[at])
            self._owner.append(slot)
            self._heads[at] = len(self._keys) - 1

    def find(self, key: int, most: int) -> Iterator[int]:
        """Numbers of the prints behind a key, newest first."""
        at = self._heads[key & self._mask]
        while at and most > 0:
            if self._keys[at] == key:
                yield self._numbers[self._owner[at]]
                most -= 1
            at = self._next[at]


class Bands:
    """The index over all segments. Numbers of prints only grow (they are offsets of the log)."""

    def __init__(self) -> None:
        self._segments: list[Segment] = []
        self._newest = -1

    def add(self, number: int, keys: Iterable[int], expires: int) -> None:
        """Puts a print behind its keys; one that comes again, as when a changelog is read again, stays as it is."""
        if number <= self._newest:
            return
        self._newest = number
        if not self._segments or self._segments[-1].full:
            last = self._segments[-1].capacity if self._segments else FIRST_SEGMENT // 2
            self._segments.append(Segment(2 * last))
        self._segments[-1].add(number, keys, expires)

    def forget(self, clock: int) -> None:
        """Drops the segments in which nothing is left that has not expired."""
        if self._segments and self._segments[0].latest <= clock:
            self._segments = [segment for segment in self._segments if segment.latest > clock]

    def find(self, key: int) -> list[int]:
        """The newest prints behind a key."""
        found: list[int] = []
        for segment in reversed(self._segments):
            if len(found) < MOST_OF_A_KEY:
                found.extend(segment.find(key, MOST_OF_A_KEY - len(found)))
        return found
