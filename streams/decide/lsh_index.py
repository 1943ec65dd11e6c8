"""Which prints share a key: the index of candidates, in memory, 300 to 450 bytes a story.

A print has some twenty keys: bands of its MinHash (locality-sensitive hashing: Indyk and Motwani 1998), its opening,
its headline and pairs of words of it. The index is a ring of prints in plain arrays; behind each key stands a chain of
the prints that have it, newest first. Prints expire in the order they came in: the ring forgets its oldest by moving
on, and a chain ends where it meets a place that is used anew. When the ring fills with what has not expired, it is
copied to one half as large again, some prints at a time: no batch waits for it.
"""

from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

from streams.model.records import Print, plain_figures

ROWS = 4
BANDS = 12
"""12 bands of 4 of the 64 values find texts that share 7 in 10 shingles with 96 in 100, 8 in 10 with 99.8."""
MOST_PAIRS = 6
MOST_TICKERS = 2
MOST_FIGURES = 2
PER_PRINT = BANDS + 4 + MOST_PAIRS + MOST_TICKERS + MOST_FIGURES
FIRST_CAPACITY = 1024
COPIED_AT_ONCE = 8
MOST_OF_A_KEY = 64
"""The newest prints looked at behind one key: a template that comes by the thousand costs no more than that."""


@lru_cache(8)  # asked for once to look, once to remember
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
        for at, value in enumerate(reversed(values), 1):
            if value:
                last = value
            else:
                last = values[-at] = (last + 0x9E3779B1) & 0xFFFFFFFF
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


def figure_keys(figures: tuple[str, ...]) -> tuple[int, ...]:
    """Keys of the longest figures, as no language writes them (`plain_figures`): what a translation shares."""
    longest = sorted(
        (figure for figure in plain_figures(figures) if len(figure) >= 3), key=lambda figure: (-len(figure), figure)
    )
    return tuple(crc32(figure.encode(), 19) for figure in longest[:MOST_FIGURES])


class Ring:
    """A fixed number of places for prints, used again and again, and the chains through them."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.added = 0
        """Prints that ever got a place."""
        self.living = 0
        """The newest so many are not expired."""
        self.numbers = array("Q", bytes(8 * capacity))
        self.expires = array("Q", bytes(8 * capacity))
        self.keys = array("I", bytes(4 * capacity * PER_PRINT))
        self._older = array("I", bytes(4 * capacity * PER_PRINT))
        self._heads = array("I", bytes(4 * capacity * PER_PRINT))

    def add(self, number: int, keys: "array[int]", expires: int) -> None:
        """Puts a print, its places all filled, in front of its chains; there must be room."""
        slot = self.added % self.capacity
        self.added += 1
        self.living += 1
        self.numbers[slot], self.expires[slot] = number, expires
        at = slot * PER_PRINT
        self.keys[at : at + PER_PRINT] = keys
        heads, older, size, before = self._heads, self._older, len(self._heads), -1
        for key in keys:
            at += 1
            if key == before:
                break  # the last key of a print fills its free places
            bucket = key % size
            older[at - 1] = heads[bucket]
            heads[bucket] = at
            before = key

    def forget(self, clock: int) -> None:
        """Leaves behind, from the oldest on, what has expired."""
        while self.living and self.expires[(self.added - self.living) % self.capacity] <= clock:
            self.living -= 1

    def copy(self, place: int, into: "Ring") -> None:
        """Adds the print that came as number `place` to another ring."""
        slot = place % self.capacity
        keys = self.keys[slot * PER_PRINT : (slot + 1) * PER_PRINT]
        into.add(self.numbers[slot], keys, self.expires[slot])

    def find(self, keys: Sequence[int]) -> list[list[int]]:
        """The newest prints behind each of the keys."""
        if not self.living:
            return [[] for _ in keys]
        heads, size = self._heads, len(self._heads)
        oldest = self.numbers[(self.added - self.living) % self.capacity]
        return [self._chain(key, at, oldest) if (at := heads[key % size]) else [] for key in keys]

    def _chain(self, key: int, at: int, oldest: int) -> list[int]:
        """The prints behind a key, from the place on where its chain begins to the oldest that has not expired."""
        found: list[int] = []
        keys, numbers, older, size = self.keys, self.numbers, self._older, len(self._heads)
        bucket = key % size
        last, before = numbers[(self.added - 1) % self.capacity], len(keys) + 1
        while at:
            here = at - 1
            number = numbers[here // PER_PRINT]
            if number > last or number < oldest or (number == last and at >= before):
                break  # a place that is used anew, or has expired
            if keys[here] == key:
                found.append(number)
                if len(found) == MOST_OF_A_KEY:
                    break
            elif keys[here] % size != bucket:
                break  # used anew too: this was the newest of its chain
            last, before = number, at
            at = older[here]
        return found


class Bands:
    """The index. Numbers of prints only grow (they are offsets of the log)."""

    def __init__(self) -> None:
        self._newest = -1
        self._ring = Ring(FIRST_CAPACITY)
        self._larger: Ring | None = None
        """The ring that takes over when all that lives is copied to it, some prints with each one that comes."""
        self._copied = 0
        """Of the prints of the ring, all before this one are in the larger ring, or were expired."""

    def add(self, number: int, keys: bytes, expires: int) -> None:
        """Puts a print behind its keys; one that comes again, as when a changelog is read again, stays as it is."""
        if number <= self._newest or not keys:
            return
        self._newest = number
        self._ring.add(number, array("I", _padded(keys)), expires)
        ring = self._ring
        if self._larger is None and ring.living * 5 > ring.capacity * 4:
            self._larger = Ring(ring.capacity + ring.capacity // 2)
            self._copied = ring.added - ring.living
        if self._larger is not None:
            self._copy(self._larger)

    def _copy(self, larger: Ring) -> None:
        """A fifth of the ring is free when copying begins: at this pace it ends before that is used."""
        ring = self._ring
        first = max(self._copied, ring.added - ring.living)
        self._copied = min(first + COPIED_AT_ONCE, ring.added)
        for place in range(first, self._copied):
            ring.copy(place, larger)
        if self._copied == ring.added:
            self._ring, self._larger = larger, None

    def load(self, prints: Iterable[tuple[int, bytes, int]]) -> None:
        """Many prints at once, in the order of their numbers, into an empty index: number, keys, when they expire."""
        numbers, expires, all_keys = array("Q"), array("Q"), array("I")
        for number, keys, end in prints:
            if keys:
                numbers.append(number)
                expires.append(end)
                all_keys.frombytes(_padded(keys))
        if numbers:
            self._newest = numbers[-1]
            self._ring = Ring(max(FIRST_CAPACITY, len(numbers) + len(numbers) // 3))
            for at, number in enumerate(numbers):
                self._ring.add(number, all_keys[at * PER_PRINT : (at + 1) * PER_PRINT], expires[at])

    def forget(self, clock: int) -> None:
        """Leaves behind, from the oldest on, what has expired."""
        self._ring.forget(clock)
        if self._larger is not None:
            self._larger.forget(clock)

    def find(self, keys: Sequence[int]) -> list[list[int]]:
        """The newest prints behind each of the keys."""
        return self._ring.find(keys)


def _padded(keys: bytes) -> bytes:
    """All places of a print filled: what stands in one is never of the print that had the place before."""
    return keys[: 4 * PER_PRINT] + keys[-4:] * (PER_PRINT - len(keys) // 4)
