"""Sorts the records of the topics into the files of an archive.

A decision is taken in only when what it was decided on is read too. So an archive that ends anywhere can be replayed to
its end.
"""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from streams.archive.files import FilePlace
from streams.archive.lines import build_record
from streams.archive.manifest import DueWithdrawal, Kind, format_day
from streams.archive.withdrawals import note_decision
from streams.archive.writer import ArchiveWriter
from streams.kafka.consumer import ConsumedRecord, position_of, record_value
from streams.model.records import Decision
from streams.model.topics import DECISIONS, LATEST, LOG, RAW
from streams.prepare.raw_records import MAX_SOURCE, accept_raw_record

TOPICS = (RAW, LOG, DECISIONS, LATEST)
"""The topics that an archive reads."""
WITHDRAWN = ("ce_type", b"news.item.withdrawn")


class _Kind(msgspec.Struct):
    kind: str = ""


class HeldDecision(NamedTuple):
    """A decision that waits until what it was decided on is read."""

    record: ConsumedRecord
    decision: Decision


_read_decision = msgspec.json.Decoder(Decision).decode
_read_kind = msgspec.json.Decoder(_Kind).decode


class Intake:
    """Takes in records, in the order of each partition, and hands them to the writer of an archive."""

    def __init__(self, writer: ArchiveWriter, positions: Mapping[str, int], undo_ms: int) -> None:
        """Begins at `positions`: partition, such as `news.raw/0` -> the record that comes next.

        So long after it (`undo_ms`), a kill can no longer be taken back.
        """
        self._writer, self._undo_ms = writer, undo_ms
        self._names = {f"{writer.head.prefix}.{name}": name for name in TOPICS}
        self._log = f"{writer.head.prefix}.{LOG}/0"
        self.positions = dict(positions)
        self.held: list[HeldDecision] = []
        self.withdrawn = dict(writer.head.withdrawn)
        self.counts = Counter[str]()
        """Records by kind since the last step."""

    def take(self, record: ConsumedRecord) -> None:
        """Takes in a record."""
        self.positions[f"{record.topic}/{record.partition}"] = record.offset + 1
        name = self._names[record.topic]
        if name == DECISIONS:
            self.held.append(HeldDecision(record, _read_decision(record_value(record))))
        elif name == RAW:
            source = accept_raw_record(position_of(record), record.headers, None).source
            self._add("raw", record, source[:MAX_SOURCE] or "unknown")
        elif name == LOG and _is_no_item(record.value):
            self._add("commands", record)
        elif name == LATEST and WITHDRAWN in record.headers:
            self._add("withdrawals", record)

    def release_held(self, ends: Mapping[str, int]) -> None:
        """Takes in the decisions up to the first one whose raw record, or command, is not read yet.

        A partition that is read to its end (`ends`) has nothing to wait for: its topic was made again.
        """
        done = 0
        for record, decision in self.held:
            if not self._has_cause(decision, ends):
                break
            done += 1
            self._add("decisions", record)
            self._note(decision, record.timestamp)
        del self.held[:done]

    def next_offsets(self) -> dict[str, int]:
        """Returns the record that comes next of each partition; of the decisions, the first one that waits."""
        following = dict(self.positions)
        if self.held:
            first = self.held[0].record
            following[f"{first.topic}/{first.partition}"] = first.offset
        return following

    def forget_withdrawn(self, now: int) -> None:
        """Forgets stories that are gone from the archive and of which nothing was heard for long."""
        oldest = now - self._undo_ms
        self.withdrawn = {uri: each for uri, each in self.withdrawn.items() if not each.purged or each.seen >= oldest}

    def note_purged(self, before: Mapping[str, DueWithdrawal]) -> None:
        """Notes what a purge did, except for stories of which something was read since, which must go too."""
        for uri, each in before.items():
            if self.withdrawn.get(uri) == each:
                self.withdrawn[uri] = self._writer.head.withdrawn[uri]

    def _has_cause(self, decision: Decision, ends: Mapping[str, int]) -> bool:
        causes = {self._log: decision.log_offset}
        if (origin := decision.origin) is not None:
            causes[f"{origin.topic}/{origin.partition}"] = origin.offset
        return all(self._is_read(each, offset, ends) for each, offset in causes.items())

    def _is_read(self, partition: str, offset: int, ends: Mapping[str, int]) -> bool:
        position = self.positions.get(partition)
        return position is None or position > offset or position >= ends.get(partition, offset + 1)

    def _add(self, kind: Kind, record: ConsumedRecord, source: str = "") -> None:
        row = build_record(record.partition, record.offset, record.timestamp, record.key, record.value, record.headers)
        self._writer.add(FilePlace(format_day(record.timestamp), kind, source), row)
        self.counts[kind] += 1

    def _note(self, decision: Decision, timestamp: int) -> None:
        for uri, withdrawal in note_decision(self.withdrawn, decision, timestamp, self._undo_ms).items():
            if withdrawal is None:
                self.withdrawn.pop(uri, None)
            else:
                self.withdrawn[uri] = withdrawal


def _is_no_item(value: bytes | None) -> bool:
    """Tells whether a record of the log was not made of a raw record: a command, or bytes that are no log record."""
    try:
        return _read_kind(value or b"").kind not in ("item", "refusal")
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return True
