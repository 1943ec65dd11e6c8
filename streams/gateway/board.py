"""The newest rows of each category: a fold over the records of news.latest, without clock or I/O.

Order: newest first by the second of the wire's time, then by the order of news.latest, so that a new row stands
above those of its second and no row changes its place unless it is revised.
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import islice

import msgspec

from streams.gateway.filters import Filter, Shown
from streams.topics import LATEST

REMEMBERED = 10_000
"""How many withdrawn stories are remembered, to be told from those never seen."""

Key = tuple[str, int, int, str]
"""Second of the time, offset, partition, uri: sorts oldest first."""


class Held(msgspec.Struct, frozen=True):
    """A row of the board."""

    key: Key
    shown: Shown
    document: bytes
    """The enriched item it was made of."""
    source: str
    """The id of its source, which decides who may read the text."""


class Change(msgspec.Struct, frozen=True):
    """A record that changed the board."""

    partition: int
    offset: int
    shown: Shown
    before: Shown | None
    """The version it replaces; None where this board does not know one."""

    def concerns(self, wanted: Filter) -> bool | None:
        """True: a client with this filter shows the row. False: it removes it. None: it has never seen it."""
        if self.shown.row.status != "withdrawn" and wanted.takes(self.shown):
            return True
        if self.before is None:
            # An earlier version may have been shown by another copy, or before this one was started.
            return None if self.shown.row.version == "1" and self.shown.row.status == "new" else False
        return False if wanted.takes(self.before) else None


class Board:
    """Holds at most `rows` rows a category and the last `history` changes, for those who come back."""

    def __init__(self, rows: int, history: int, starts: Mapping[int, int]) -> None:
        """`starts`: the first offset that will be read of each partition."""
        self._rows = rows
        self._held: dict[str, Held] = {}
        self._listed: dict[str, list[Key]] = {}
        self._withdrawn: dict[str, str] = {}
        self._changes: deque[Change] = deque()
        self._history = history
        self._floor = {partition: start - 1 for partition, start in starts.items()}
        self.head: dict[int, int] = dict(self._floor)
        """The last offset read of each partition."""

    def apply(self, partition: int, offset: int, shown: Shown, document: bytes, source: str) -> Change | None:
        """Takes the next record of a partition. None where it changes nothing: a repeat, or an older version."""
        if offset <= self.head.get(partition, -1):
            return None
        self.head[partition] = offset
        uri, version = shown.row.uri, shown.row.version
        before = self._held.get(uri)
        known = before.shown.row.version if before else self._withdrawn.get(uri)
        if known is not None and _number(version) <= _number(known):
            return None
        if before is not None:
            self._remove(before)
        if shown.row.status == "withdrawn":
            self._withdrawn.pop(uri, None)
            self._withdrawn[uri] = version
            if len(self._withdrawn) > REMEMBERED:
                del self._withdrawn[next(iter(self._withdrawn))]
        else:
            self._withdrawn.pop(uri, None)
            self._add(Held((shown.row.time[:19], offset, partition, uri), shown, document, source))
        return self._remember(Change(partition, offset, shown, before.shown if before else None))

    def get(self, uri: str) -> Held | None:
        """The story as it is shown now."""
        return self._held.get(uri)

    def withdrawn(self, uri: str) -> bool:
        """Whether the story was withdrawn."""
        return uri in self._withdrawn

    def newest(self, wanted: Filter, limit: int) -> list[Held]:
        """The rows of a filter, newest first."""
        return list(islice((held for held in self._all(wanted) if wanted.takes(held.shown)), limit))

    def since(self, position: Mapping[int, int]) -> list[Change] | None:
        """Every change after a position, in order; None where they are no longer all known."""
        if any(partition not in self.head for partition in position):
            return None
        if any(position.get(partition, -1) < floor for partition, floor in self._floor.items()):
            return None
        return [change for change in self._changes if change.offset > position.get(change.partition, -1)]

    def _all(self, wanted: Filter) -> Iterator[Held]:
        if len(wanted.categories) > 1 or wanted.ticker or wanted.languages or wanted.sources:
            return iter(sorted(self._held.values(), key=lambda held: held.key, reverse=True))
        listed = self._listed.get(next(iter(wanted.categories), LATEST), [])
        return (self._held[key[3]] for key in reversed(listed))

    def _add(self, held: Held) -> None:
        self._held[held.key[3]] = held
        for category in held.shown.categories:
            insort(self._listed.setdefault(category, []), held.key)
        for category in held.shown.categories:
            if len(listed := self._listed[category]) > self._rows:
                self._forget(listed.pop(0)[3], category)

    def _forget(self, uri: str, category: str) -> None:
        """Forgets a row that fell off the end of `category` and stands in no other."""
        held = self._held[uri]
        others = held.shown.categories - {category}
        if not any(_index(self._listed.get(other, []), held.key) is not None for other in others):
            del self._held[uri]

    def _remove(self, held: Held) -> None:
        del self._held[held.key[3]]
        for category in held.shown.categories:
            listed = self._listed[category]
            if (index := _index(listed, held.key)) is not None:
                del listed[index]

    def _remember(self, change: Change) -> Change:
        self._changes.append(change)
        if len(self._changes) > self._history:
            oldest = self._changes.popleft()
            self._floor[oldest.partition] = oldest.offset
        return change


def _index(listed: list[Key], key: Key) -> int | None:
    index = bisect_left(listed, key)
    return index if index < len(listed) and listed[index] == key else None


def _number(version: str) -> int:
    return int(version) if version.isdecimal() and len(version) < 19 else 0
