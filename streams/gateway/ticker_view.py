"""Keeps the newest rows of each category: a fold over the records of news.latest, without clock or I/O.

Rows are ordered by the second of the wire's time, newest first, then by the order of news.latest. So a new row stands
above the other rows of its second, and a row keeps its place unless it is revised. Rows of a rare category that are
older than the part of news.latest that was read come from the category's own topic (`backfill`), in the order of their
append.

A withdrawal makes the earlier changes of its story obsolete, so no client that comes back gets its headline. It removes
the row from every client that may show one of those versions.
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterator, Mapping
from heapq import merge
from itertools import islice

import msgspec
import orjson

from streams.gateway.filters import Filter, NamedCompany, TickerItem, with_status
from streams.gateway.story_address import build_short_id
from streams.gateway.text_changes import TextChange, pack_text, read_version_text
from streams.gateway.ticker_row import RowStatus, Tombstone
from streams.model.printable import make_printable
from streams.model.topics import LATEST

MAX_WITHDRAWN = 10_000
"""Withdrawn stories that are remembered, so that they differ from stories never seen."""
MAX_NOTE = 100
"""Characters of the note of a withdrawal."""
MAX_VERSIONS = 20
"""Versions that are remembered of a story."""
BACKFILL_OFFSET = 1 << 53
"""Subtracted from the append time (ms) of a backfilled row, it gives an offset below every offset of news.latest."""

Key = tuple[str, int, int, str]
"""Second of the time, offset, partition, uri: sorts oldest first. The offset of a backfilled row is negative."""


class StoryVersion(msgspec.Struct, frozen=True):
    """A version of a story, as `/stories` lists it."""

    version: str
    time: str
    headline: str
    status: RowStatus
    replayed: bool = False
    """Whether a replay or the desk made it."""
    changes: tuple[TextChange, ...] = ()
    """What it changed in the version before, as the history keeps it; the ticker view has the texts instead."""
    is_open: bool = False
    """Whether anyone may read those changes of the text."""


class KeptText(msgspec.Struct, frozen=True):
    """The words of a version that a later one replaced."""

    version: str
    packed: bytes
    """See text_changes.py."""
    is_open: bool
    """Whether anyone may read the text."""


class ViewEntry(msgspec.Struct, frozen=True):
    """A row of the view, with the item it was made of."""

    key: Key
    item: TickerItem
    document: bytes
    """The enriched item as JSON."""
    versions: tuple[StoryVersion, ...]
    """The versions that were read, this one last."""
    texts: tuple[KeptText, ...] = ()
    """The words of the versions before this one."""


class Withdrawal(msgspec.Struct, frozen=True):
    """A story that was withdrawn."""

    version: str
    note: str = ""
    """Who withdrew it, as the record says (schemas/README.md, section 3, `edNote`); empty where it does not."""


class ViewChange(msgspec.Struct, eq=False):
    """A record that changed the view."""

    partition: int
    offset: int
    item: TickerItem
    before: tuple[TickerItem, ...]
    """The versions that a client may show; empty where this view knows none.

    A withdrawal has those of all kept changes, any other version the one that it replaces.
    """
    position: Mapping[int, int]
    """The last offset read of each partition, with this record."""
    is_obsolete: bool = False
    """Whether a later change withdrew the story; this change is sent no more."""

    @property
    def is_first_version(self) -> bool:
        """Whether no gateway has shown an earlier version, this one before its restart included."""
        row = self.item.row
        return row.version == "1" and row.status == "new" and not row.replayed

    def effect_for(self, wanted: Filter) -> bool | None:
        """Decides what a client with this filter does. True: show the row. False: remove it. None: nothing."""
        if self.is_obsolete:
            return None
        if self.item.row.status != "withdrawn" and wanted.matches(self.item):
            return True
        if not self.before:
            return None if self.is_first_version else False
        return False if any(map(wanted.matches, self.before)) else None


class TickerView:
    """Holds at most `rows` rows of each category, and the last `history` changes for clients that come back."""

    def __init__(self, rows: int, history: int, starts: Mapping[int, int]) -> None:
        """`starts`: the first offset that will be read of each partition."""
        self._rows = rows
        self._entries: dict[str, ViewEntry] = {}
        self._listed: dict[str, list[Key]] = {}
        self._order: list[Key] = []
        self._withdrawn: dict[str, Withdrawal] = {}
        self._by_short_id: dict[str, str] = {}
        """The uri of each story that is shown or was withdrawn, by its short id."""
        self._changes: deque[ViewChange] = deque()
        self._changes_of: dict[str, list[ViewChange]] = {}
        self._history = history
        self._floor = {partition: start - 1 for partition, start in starts.items()}
        self.head: dict[int, int] = dict(self._floor)
        """The last offset read of each partition."""

    def apply(self, partition: int, offset: int, item: TickerItem, document: bytes) -> ViewChange | None:
        """Applies the next record of a partition. Returns None where it changes nothing: a repeat, an older version."""
        if offset <= self.head.get(partition, -1):
            return None
        self.head[partition] = offset
        before = self._entries.get(item.row.uri)
        is_backfilled = before is not None and before.key[1] < 0
        if not self._is_newer(item, before, or_same=is_backfilled):
            return None
        item = self._keep_status(item, before)
        self._put(partition, offset, item, document, before)
        # The versions before a backfilled row are unknown, and which of them a client has seen.
        known: tuple[TickerItem, ...] = () if before is None or is_backfilled else (before.item,)
        if item.row.status == "withdrawn":
            known = self._make_obsolete(item.row.uri, known)
        return self._remember(ViewChange(partition, offset, item, known, dict(self.head)))

    def backfill(self, appended_ms: int, item: TickerItem, document: bytes) -> None:
        """Adds a record of a category's topic, in its order there, after the records of news.latest were applied.

        A story that news.latest has already brought keeps its row.
        """
        before = self._entries.get(item.row.uri)
        if (before is not None and before.key[1] >= 0) or not self._is_newer(item, before, or_same=False):
            return
        self._put(0, appended_ms - BACKFILL_OFFSET, item, document, before)

    def backfill_tombstone(self, tombstone: Tombstone) -> None:
        """Removes a backfilled story that left the topic of a category, and remembers a withdrawal.

        A version of the story that another topic still has keeps its row.
        """
        uri, version, before = tombstone.uri, tombstone.version, self._entries.get(tombstone.uri)
        if before is not None and (
            before.key[1] >= 0 or version_number(version) < version_number(before.item.row.version)
        ):
            return
        if tombstone.is_withdrawn:
            if before is not None:
                self._remove(before)
            if uri not in self._withdrawn:
                self._mark_withdrawn(uri, Withdrawal(version))
        elif before is not None and before.item.row.version != version:
            self._remove(before)

    def needs_rows(self, category: str) -> bool:
        """Whether a category has fewer rows than it may have."""
        return len(self._listed.get(category, ())) < self._rows

    def get(self, uri: str) -> ViewEntry | None:
        """Returns the row of a story as it is now; None where there is none."""
        return self._entries.get(uri)

    def find(self, short_id: str) -> ViewEntry | None:
        """Finds the row of a story by its short id; None where there is none."""
        return self._entries.get(self._by_short_id.get(short_id, ""))

    def find_withdrawal(self, short_id: str) -> Withdrawal | None:
        """Finds the withdrawal of a story by its short id; None where it was not withdrawn."""
        return self._withdrawn.get(self._by_short_id.get(short_id, ""))

    def find_company(self, company: str) -> NamedCompany | None:
        """Finds a company by its id among the newest rows; None where none names it."""
        found = (one for key in reversed(self._order) for one in self._entries[key[3]].item.companies)
        return next((one for one in found if one.id == company), None)

    def withdrawal(self, uri: str) -> Withdrawal | None:
        """Returns the withdrawal of a story; None where it was not withdrawn."""
        return self._withdrawn.get(uri)

    def newest(self, wanted: Filter, limit: int) -> list[ViewEntry]:
        """Returns the rows that match a filter, newest first, at most `limit`."""
        return list(islice((entry for entry in self._iterate(wanted) if wanted.matches(entry.item)), limit))

    def newest_of_each(self, wanted: Filter, limit: int) -> list[ViewEntry]:
        """Returns the newest `limit` rows of each category of a filter, newest first, for a page of several tickers."""
        each = [msgspec.structs.replace(wanted, categories=frozenset({one})) for one in sorted(wanted.categories)]
        if len(each) < 2:
            return self.newest(wanted, limit)
        rows = {entry.key: entry for filter_ in each for entry in self.newest(filter_, limit)}
        return [rows[key] for key in sorted(rows, reverse=True)]

    def changes_since(self, position: Mapping[int, int]) -> list[ViewChange] | None:
        """Returns every change after a position, in order; None where not all of them are known any more."""
        if any(partition not in self.head for partition in position):
            return None
        if any(position.get(partition, -1) < floor for partition, floor in self._floor.items()):
            return None
        missed = []
        reached: set[int] = set()
        for change in reversed(self._changes):  # newest first, so that the search ends at the position
            if change.offset > position.get(change.partition, -1):
                missed.append(change)
            else:
                reached.add(change.partition)
                if len(reached) == len(self.head):
                    break
        return missed[::-1]

    def _iterate(self, wanted: Filter) -> Iterator[ViewEntry]:
        if wanted.categories:
            lists = [self._listed.get(category, []) for category in sorted(wanted.categories)]
        elif wanted.labels or wanted.search:
            lists = [self._order]
        else:
            lists = [self._listed.get(LATEST, [])]
        last = None
        for key in merge(*map(reversed, lists), reverse=True):
            if key != last:
                yield self._entries[key[3]]
            last = key

    def _keep_status(self, item: TickerItem, before: ViewEntry | None) -> TickerItem:
        """Gives a version that a replay or the desk caused the status of the version before: no wire sent anything."""
        if before is None or not item.row.replayed or item.row.status == before.item.row.status:
            return item
        return item if item.row.status == "withdrawn" else with_status(item, before.item.row.status)

    def _is_newer(self, item: TickerItem, before: ViewEntry | None, *, or_same: bool) -> bool:
        known = before.item.row if before else self._withdrawn.get(item.row.uri)
        if known is None:
            return True
        here, there = version_number(item.row.version), version_number(known.version)
        return here > there or (or_same and here == there)

    def _put(self, partition: int, offset: int, item: TickerItem, document: bytes, before: ViewEntry | None) -> None:
        row = item.row
        if before is not None:
            self._remove(before)
        self._withdrawn.pop(row.uri, None)
        if row.status == "withdrawn":
            self._mark_withdrawn(row.uri, Withdrawal(row.version, _read_note(document)))
            return
        this = StoryVersion(row.version, row.time, row.headline, row.status, row.replayed)
        earlier = tuple(each for each in (before.versions if before else ()) if each.version != row.version)
        texts = before.texts if before else ()
        if before is not None and before.item.row.version != row.version:
            packed = pack_text(read_version_text(before.document))
            texts = (*texts, KeptText(before.item.row.version, packed, before.item.is_open))[-MAX_VERSIONS:]
        key = (row.time[:19], offset, partition, row.uri)
        self._add(ViewEntry(key, item, document, (*earlier, this)[-MAX_VERSIONS:], texts))

    def _make_obsolete(self, uri: str, shown: tuple[TickerItem, ...]) -> tuple[TickerItem, ...]:
        """Marks the kept changes of a story as obsolete, and adds their versions to those `shown`.

        Returns none where a client may show a version that this view does not know.
        """
        changes = self._changes_of.get(uri, ())
        for change in changes:
            change.is_obsolete = True
        if not all(change.before or change.is_first_version for change in changes):
            return ()
        return (*shown, *(version for change in changes for version in (*change.before, change.item)))

    def _mark_withdrawn(self, uri: str, withdrawal: Withdrawal) -> None:
        self._withdrawn[uri] = withdrawal
        self._by_short_id[build_short_id(uri)] = uri
        if len(self._withdrawn) > MAX_WITHDRAWN:
            oldest = next(iter(self._withdrawn))
            del self._withdrawn[oldest]
            self._by_short_id.pop(build_short_id(oldest), None)

    def _add(self, entry: ViewEntry) -> None:
        self._entries[entry.key[3]] = entry
        self._by_short_id[build_short_id(entry.key[3])] = entry.key[3]
        insort(self._order, entry.key)
        for category in entry.item.categories:
            insort(self._listed.setdefault(category, []), entry.key)
        for category in entry.item.categories:
            if len(listed := self._listed[category]) > self._rows:
                self._drop_if_unlisted(listed.pop(0)[3], category)

    def _drop_if_unlisted(self, uri: str, category: str) -> None:
        """Drops a row that fell off the end of `category`, where no other category still lists it."""
        entry = self._entries[uri]
        others = entry.item.categories - {category}
        if not any(_find_key(self._listed.get(other, []), entry.key) is not None for other in others):
            self._drop(entry)

    def _remove(self, entry: ViewEntry) -> None:
        self._drop(entry)
        for category in entry.item.categories:
            listed = self._listed[category]
            if (index := _find_key(listed, entry.key)) is not None:
                del listed[index]

    def _drop(self, entry: ViewEntry) -> None:
        del self._entries[entry.key[3]]
        self._by_short_id.pop(build_short_id(entry.key[3]), None)
        del self._order[bisect_left(self._order, entry.key)]

    def _remember(self, change: ViewChange) -> ViewChange:
        self._changes.append(change)
        self._changes_of.setdefault(change.item.row.uri, []).append(change)
        if len(self._changes) > self._history:
            oldest = self._changes.popleft()
            self._floor[oldest.partition] = oldest.offset
            uri = oldest.item.row.uri
            del self._changes_of[uri][0]
            if not self._changes_of[uri]:
                del self._changes_of[uri]
        return change


def _find_key(listed: list[Key], key: Key) -> int | None:
    index = bisect_left(listed, key)
    return index if index < len(listed) and listed[index] == key else None


def _read_note(document: bytes) -> str:
    note = orjson.loads(document).get("edNote", "")
    return make_printable(note)[:MAX_NOTE] if isinstance(note, str) else ""


def version_number(version: str) -> int:
    """Returns a version as a number, 0 where it is none."""
    return int(version) if version.isdecimal() and len(version) < 19 else 0
