"""The newest rows of each category: a fold over the records of news.latest, without clock or I/O.

Order: newest first by the second of the wire's time, then by the order of news.latest, so that a new row stands
above those of its second and no row changes its place unless it is revised. Rows of a rare category that are older
than the part of news.latest that was read come from the category's own topic (`fill`), in the order of their append.
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterator, Mapping
from heapq import merge
from itertools import islice

import msgspec

from streams.gateway.filters import Filter, TickerItem
from streams.model.topics import LATEST

MAX_WITHDRAWN = 10_000
"""How many withdrawn stories are remembered, to be told from those never seen."""
MAX_VERSIONS = 20
"""How many versions of a story are remembered."""
BACKFILL_OFFSET = 1 << 53
"""Taken from the time of append of a filled row (ms), it gives an offset before all that can be."""

Key = tuple[str, int, int, str]
"""Second of the time, offset, partition, uri: sorts oldest first. The offset of a filled row is negative."""


class StoryVersion(msgspec.Struct, frozen=True):
    """What a story was at one time."""

    version: str
    time: str
    headline: str
    status: str


class ViewEntry(msgspec.Struct, frozen=True):
    """A row of the board."""

    key: Key
    shown: TickerItem
    document: bytes
    """The enriched item it was made of."""
    source: str
    """The id of its source, which decides who may read the text."""
    versions: tuple[StoryVersion, ...]
    """Those that were read, this one last."""


class ViewChange(msgspec.Struct, frozen=True, eq=False):
    """A record that changed the board."""

    partition: int
    offset: int
    shown: TickerItem
    before: TickerItem | None
    """The version it replaces; None where this board does not know one."""
    position: Mapping[int, int]
    """The last offset read of each partition, this one included."""

    def concerns(self, wanted: Filter) -> bool | None:
        """True: a client with this filter shows the row. False: it removes it. None: it has never seen it."""
        if self.shown.row.status != "withdrawn" and wanted.takes(self.shown):
            return True
        if self.before is None:
            # An earlier version may have been shown by another copy, or before this one was started.
            return None if self.shown.row.version == "1" and self.shown.row.status == "new" else False
        return False if wanted.takes(self.before) else None


class TickerView:
    """Holds at most `rows` rows a category and the last `history` changes, for those who come back."""

    def __init__(self, rows: int, history: int, starts: Mapping[int, int]) -> None:
        """`starts`: the first offset that will be read of each partition."""
        self._rows = rows
        self._held: dict[str, ViewEntry] = {}
        self._listed: dict[str, list[Key]] = {}
        self._order: list[Key] = []
        self._withdrawn: dict[str, str] = {}
        self._changes: deque[ViewChange] = deque()
        self._history = history
        self._floor = {partition: start - 1 for partition, start in starts.items()}
        self.head: dict[int, int] = dict(self._floor)
        """The last offset read of each partition."""

    def apply(self, partition: int, offset: int, shown: TickerItem, document: bytes, source: str) -> ViewChange | None:
        """Takes the next record of a partition. None where it changes nothing: a repeat, or an older version."""
        if offset <= self.head.get(partition, -1):
            return None
        self.head[partition] = offset
        before = self._held.get(shown.row.uri)
        filled = before is not None and before.key[1] < 0
        if not self._is_newer(shown, before, or_same=filled):
            return None
        self._show(partition, offset, shown, document, source, before)
        # Of a filled row nobody knows which versions came before it, nor which of them a client has seen.
        known = None if before is None or filled else before.shown
        return self._remember(ViewChange(partition, offset, shown, known, dict(self.head)))

    def fill(self, appended_ms: int, shown: TickerItem, document: bytes, source: str) -> None:
        """Takes a record of a category's topic, in its order there, after those of news.latest were applied.

        What came of a story in news.latest is better known and stands.
        """
        before = self._held.get(shown.row.uri)
        if (before is not None and before.key[1] >= 0) or not self._is_newer(shown, before, or_same=False):
            return
        if shown.row.status != "withdrawn":
            self._show(0, appended_ms - BACKFILL_OFFSET, shown, document, source, before)
        elif before is not None:
            self._remove(before)

    def lacks(self, category: str) -> bool:
        """Whether a category has fewer rows than it may have."""
        return len(self._listed.get(category, ())) < self._rows

    def get(self, uri: str) -> ViewEntry | None:
        """The story as it is shown now."""
        return self._held.get(uri)

    def withdrawn(self, uri: str) -> bool:
        """Whether the story was withdrawn."""
        return uri in self._withdrawn

    def newest(self, wanted: Filter, limit: int) -> list[ViewEntry]:
        """The rows of a filter, newest first, at most `limit`."""
        return list(islice((held for held in self._all(wanted) if wanted.takes(held.shown)), limit))

    def newest_of_each(self, wanted: Filter, limit: int) -> list[ViewEntry]:
        """The newest `limit` rows of each category of a filter, newest first: what a page of several tickers shows."""
        each = [msgspec.structs.replace(wanted, categories=frozenset({one})) for one in sorted(wanted.categories)]
        if len(each) < 2:
            return self.newest(wanted, limit)
        rows = {held.key: held for filter_ in each for held in self.newest(filter_, limit)}
        return [rows[key] for key in sorted(rows, reverse=True)]

    def since(self, position: Mapping[int, int]) -> list[ViewChange] | None:
        """Every change after a position, in order; None where they are no longer all known."""
        if any(partition not in self.head for partition in position):
            return None
        if any(position.get(partition, -1) < floor for partition, floor in self._floor.items()):
            return None
        missed = []
        reached: set[int] = set()
        for change in reversed(self._changes):  # each partition's are in order: what is long known is not looked at
            if change.offset > position.get(change.partition, -1):
                missed.append(change)
            else:
                reached.add(change.partition)
                if len(reached) == len(self.head):
                    break
        return missed[::-1]

    def _all(self, wanted: Filter) -> Iterator[ViewEntry]:
        if wanted.categories:
            lists = [self._listed.get(category, []) for category in sorted(wanted.categories)]
        elif wanted.ticker or wanted.languages or wanted.sources:
            lists = [self._order]
        else:
            lists = [self._listed.get(LATEST, [])]
        last = None
        for key in merge(*map(reversed, lists), reverse=True):
            if key != last:
                yield self._held[key[3]]
            last = key

    def _is_newer(self, shown: TickerItem, before: ViewEntry | None, *, or_same: bool) -> bool:
        known = before.shown.row.version if before else self._withdrawn.get(shown.row.uri)
        if known is None:
            return True
        here, there = _number(shown.row.version), _number(known)
        return here > there or (or_same and here == there)

    def _show(
        self, partition: int, offset: int, shown: TickerItem, document: bytes, source: str, before: ViewEntry | None
    ) -> None:
        row = shown.row
        if before is not None:
            self._remove(before)
        self._withdrawn.pop(row.uri, None)
        if row.status == "withdrawn":
            self._withdrawn[row.uri] = row.version
            if len(self._withdrawn) > MAX_WITHDRAWN:
                del self._withdrawn[next(iter(self._withdrawn))]
            return
        this = StoryVersion(row.version, row.time, row.headline, row.status)
        earlier = tuple(each for each in (before.versions if before else ()) if each.version != row.version)
        key = (row.time[:19], offset, partition, row.uri)
        self._add(ViewEntry(key, shown, document, source, (*earlier, this)[-MAX_VERSIONS:]))

    def _add(self, held: ViewEntry) -> None:
        self._held[held.key[3]] = held
        insort(self._order, held.key)
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
            self._drop(held)

    def _remove(self, held: ViewEntry) -> None:
        self._drop(held)
        for category in held.shown.categories:
            listed = self._listed[category]
            if (index := _index(listed, held.key)) is not None:
                del listed[index]

    def _drop(self, held: ViewEntry) -> None:
        del self._held[held.key[3]]
        del self._order[bisect_left(self._order, held.key)]

    def _remember(self, change: ViewChange) -> ViewChange:
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
