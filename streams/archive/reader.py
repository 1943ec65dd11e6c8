"""Reads what a replay needs from an archive: decisions in the order of the log, raw records, commands."""

from collections.abc import Iterable, Iterator
from heapq import merge
from typing import NamedTuple

import msgspec

from streams.archive.files import FilePlace, list_days, read_day, read_rows, require_head
from streams.archive.lines import ArchivedRecord, read_header
from streams.archive.manifest import FileEntry, Kind, format_day
from streams.archive.store import ArchiveStore
from streams.model.errors import WorkFailed
from streams.model.records import Decision, ItemRef, RecordRef
from streams.model.topics import LOG

MOST_OPEN = 64
"""Files of raw records that are read at the same time; the one that was not asked for the longest is closed."""
_decode = msgspec.json.Decoder(Decision).decode


class ArchivedDecision(NamedTuple):
    """A record of `news.decisions`."""

    row: ArchivedRecord
    decision: Decision


class _RawFile:
    """Reads the raw records of one day and source forward."""

    def __init__(self, rows: Iterator[ArchivedRecord]) -> None:
        self._rows = rows
        self._ahead: dict[tuple[int, int], ArchivedRecord] = {}
        """Read already, and not asked for yet: the partitions of a file are not read equally fast."""

    def find(self, partition: int, offset: int) -> ArchivedRecord | None:
        if (found := self._ahead.pop((partition, offset), None)) is not None:
            return found
        for row in self._rows:
            if (row.partition, row.offset) == (partition, offset):
                return row
            self._ahead[row.partition, row.offset] = row
        return None


class ArchiveReader:
    """Reads an archive. It reads what the archive had when the reader was made."""

    def __init__(self, store: ArchiveStore) -> None:
        self._store = store
        self._head, _ = require_head(store)
        self._days: dict[str, list[FileEntry]] = {
            day: read_day(store, self._head, day) for day in list_days(self._head)
        }
        self._raw_files: dict[FilePlace, _RawFile] = {}
        self._withdrawals: dict[ItemRef, list[ArchivedRecord]] | None = None

    @property
    def log_topic(self) -> str:
        """The full name of the log whose commands and places the archive has."""
        return f"{self._head.prefix}.{LOG}"

    def find_span(self, start_ms: int, end_ms: int) -> tuple[int, int]:
        """Finds the places in the log from the first decision of a time to before the first one of a later time."""
        entries = [each for each in self._entries("decisions") if each.log_offsets]
        if not entries:
            raise WorkFailed(f"{self._store.name} holds no decision")
        behind = max(each.log_offsets[1] for each in entries if each.log_offsets) + 1
        return self._find_first(entries, start_ms, behind), self._find_first(entries, end_ms, behind)

    def _find_first(self, entries: list[FileEntry], time_ms: int, behind: int) -> int:
        """Finds the first place whose decision has this time or a later one."""
        for entry in sorted(entries, key=lambda each: each.log_offsets or (0, 0)):
            if entry.times[1] >= time_ms and entry.log_offsets:
                if entry.times[0] >= time_ms:
                    return entry.log_offsets[0]
                return next(
                    _decode(row.value or b"").log_offset
                    for row in read_rows(self._store, entry)
                    if row.timestamp >= time_ms
                )
        return behind

    def read_decisions(self, first: int, end: int) -> Iterator[ArchivedDecision]:
        """Yields the decisions on the log from one place to before another, in the order of the log, each once."""
        entries = [
            each
            for each in self._entries("decisions")
            if each.log_offsets and each.log_offsets[0] < end and each.log_offsets[1] >= first
        ]
        last = first - 1
        for row in self._in_order(entries):
            decision = _decode(row.value or b"")
            if last < decision.log_offset < end:
                last = decision.log_offset
                yield ArchivedDecision(row, decision)

    def read_commands(self, first: int) -> Iterator[ArchivedRecord]:
        """Yields the records of the log that no raw record made, from one place on, in their order."""
        entries = [each for each in self._entries("commands") if each.offsets["0"][1] >= first]
        return (row for row in self._in_order(entries) if row.offset >= first)

    def find_raw(self, ref: RecordRef, timestamp: int, source: str) -> ArchivedRecord | None:
        """Finds a raw record by its place and its time; None where the archive does not have it."""
        place = FilePlace(format_day(timestamp), "raw", source)
        spans = [each.offsets.get(str(ref.partition)) for each in self._list_files(place)]
        if not any(span is not None and span[0] <= ref.offset <= span[1] for span in spans):
            return None
        return self._find_in_file(place, ref)

    def _find_in_file(self, place: FilePlace, ref: RecordRef) -> ArchivedRecord | None:
        reader = self._raw_files.pop(place, None)
        row = reader.find(ref.partition, ref.offset) if reader is not None else None
        if row is None:  # the first record of the file, or one that was read before
            reader = _RawFile(self._read_raw_file(place))
            row = reader.find(ref.partition, ref.offset)
        assert reader is not None
        self._raw_files[place] = reader
        if len(self._raw_files) > MOST_OPEN:
            del self._raw_files[next(iter(self._raw_files))]
        return row

    def _read_raw_file(self, place: FilePlace) -> Iterator[ArchivedRecord]:
        for entry in self._list_files(place):
            yield from read_rows(self._store, entry)

    def _list_files(self, place: FilePlace) -> list[FileEntry]:
        return [
            each for each in self._days.get(place.day, ()) if (each.kind, each.source) == (place.kind, place.source)
        ]

    def find_withdrawals(self, refs: Iterable[ItemRef]) -> list[ArchivedRecord]:
        """Finds the records of `news.latest` that withdrew stories, by the item or command that caused them."""
        if self._withdrawals is None:
            self._withdrawals = {}
            for entry in self._entries("withdrawals"):
                for row in read_rows(self._store, entry):
                    self._withdrawals.setdefault(_read_cause(row), []).append(row)
        return [row for ref in refs for row in self._withdrawals.get(ref, ())]

    def _entries(self, kind: Kind) -> list[FileEntry]:
        return [entry for day in sorted(self._days) for entry in self._days[day] if entry.kind == kind]

    def _in_order(self, entries: list[FileEntry]) -> Iterator[ArchivedRecord]:
        """Yields the rows of files of a topic with one partition by their offsets.

        Files whose offsets overlap are merged: a clock that was set back puts a later record into an earlier day.
        """
        group: list[FileEntry] = []
        for entry in sorted(entries, key=lambda each: each.offsets["0"]):
            if group and entry.offsets["0"][0] > max(each.offsets["0"][1] for each in group):
                yield from self._merge(group)
                group = []
            group.append(entry)
        yield from self._merge(group)

    def _merge(self, entries: list[FileEntry]) -> Iterator[ArchivedRecord]:
        return merge(*(read_rows(self._store, each) for each in entries), key=lambda row: row.offset)


def _read_cause(row: ArchivedRecord) -> ItemRef:
    names = ("origin-topic", "origin-partition", "origin-offset", "origin-index")
    topic, partition, offset, index = (read_header(row, name) for name in names)
    return ItemRef(RecordRef(topic, int(partition or 0), int(offset or 0)), int(index or 0))
