"""Reads what a replay folds from an archive, where Kafka no longer has it: the same steps as source.py.

The archive has no prepared items. So the records before the span are prepared again too. A withdrawn story whose words
were purged is not folded: what was recorded of it stands, and that is its withdrawal.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator
from typing import NamedTuple

from streams.archive.lines import ArchivedRecord
from streams.archive.places import open_store
from streams.archive.purge import read_index
from streams.archive.reader import ArchivedDecision, ArchiveReader
from streams.archive.withdrawals import is_only_about
from streams.model import codec
from streams.model.records import (
    Command,
    Decision,
    Effect,
    Item,
    ItemRef,
    LogRecord,
    Origin,
    Outcome,
    RecordRef,
    Refusal,
    split_by_story,
)
from streams.model.topics import DECISIONS, LATEST
from streams.prepare.batch import RawMessage
from streams.replay.job import Job
from streams.replay.shadow import Reprepared
from streams.replay.source import (
    CHUNK_BYTES,
    CHUNK_RECORDS,
    Chunk,
    Step,
    find_unfinished,
    origin_of,
    prepare_again,
    reprepared_of,
    source_of,
)
from streams.worker.process_pool import PreparePools

MAX_OFFSET = 1 << 62


def find_archive_range(archive: str, since_ms: int, start_ms: int, end_ms: int) -> tuple[int, int, int]:
    """Finds where in the log the warming begins, where the span begins, and where it ends."""
    reader = ArchiveReader(open_store(archive))
    warm, _ = reader.find_span(since_ms, since_ms)
    first, end = reader.find_span(start_ms, end_ms)
    return warm, first, end


class ArchiveStepReader:
    """Reads the steps of a job from its archive."""

    def __init__(self, job: Job, pools: PreparePools) -> None:
        self._job, self._pools = job, pools
        self._archive = ArchiveReader(open_store(job.archive))
        self._commands: Iterator[ArchivedRecord] = iter(())
        self._command: ArchivedRecord | None = None
        """Read already, and not yet behind the decisions."""
        self._split_when_read: set[RecordRef] = set()
        """Raw records of the last chunk that was read whose items go on in the next chunk."""
        self._split_in_steps: dict[RecordRef, Reprepared] = {}
        """Raw records of the last chunk that was made into steps whose items go on in the next chunk."""
        self._gone: set[RecordRef] = set()
        """Raw records that the archive does not have, or whose content is purged."""
        self._kept: dict[RecordRef, Reprepared] = {}
        """What is left of raw records of which another story was purged."""
        self.reprepared = self.raw_missing = 0

    async def chunks(self, warm_from: int) -> AsyncIterator[Chunk]:
        """Yields the chunks in order, each already being prepared. The warming begins at log offset `warm_from`."""
        self._commands = self._archive.read_commands(warm_from)
        for warms, first, end in ((True, warm_from, self._job.first), (False, self._job.first, self._job.end)):
            decisions = self._archive.read_decisions(first, end)
            while (found := await asyncio.to_thread(self._read_chunk, decisions)).rows:
                task = asyncio.create_task(prepare_again(self._pools, list(found.messages.values())))
                yield Chunk([], found.rows, warms, task, found.recorded)

    async def steps(self, chunk: Chunk, warm_from: int) -> list[Step]:  # noqa: ARG002
        """Turns the next chunk into steps, once its raw records are prepared."""
        found = await chunk.reprepared
        self.reprepared += len(found)
        reprepared = {**self._split_in_steps, **self._kept, **found}
        self._split_in_steps = {each: reprepared[each] for each in find_unfinished(chunk.rows, reprepared)}
        return [
            Step(
                offset,
                record,
                published,
                reprepared_of(record, reprepared),
                warms=chunk.warms,
                missing=not isinstance(record, Command),
                recorded=chunk.recorded.get(offset, ()),
            )
            for offset, record, published in chunk.rows
        ]

    async def read_later(self) -> list[Decision]:
        """Reads the decisions after the span."""
        rows = self._archive.read_decisions(self._job.end, MAX_OFFSET)
        return await asyncio.to_thread(lambda: [decision for _, decision in rows])

    def _read_chunk(self, decisions: Iterator[ArchivedDecision]) -> "_ReadChunk":
        """Reads the next decisions and what was decided on. Its size depends on nothing that a purge changes."""
        chunk, size = _ReadChunk([], {}, {}), 0
        for archived in decisions:
            offset, decision = archived.decision.log_offset, archived.decision
            record, effects = self._read_record(archived)
            origin = decision.origin if record is None else origin_of(record)
            if origin is not None and decision.outcome is not Outcome.REPEAT:
                source = decision.source if record is None else source_of(record)
                size += self._read_raw(origin, source, chunk.messages)
                if origin.record_ref in self._gone and not isinstance(record, Command):
                    record, effects = None, self._as_recorded(archived)
            chunk.rows.append((offset, record, decision))
            if effects:
                chunk.recorded[offset] = effects
            if len(chunk.rows) >= CHUNK_RECORDS or size >= CHUNK_BYTES:
                break
        known = chunk.messages.keys() | self._split_when_read
        self._split_when_read = find_unfinished(chunk.rows, known)
        return chunk

    def _read_raw(self, origin: Origin, source: str, messages: dict[RecordRef, RawMessage]) -> int:
        """Reads the raw record of an item into the messages to the child, once; returns its size."""
        ref = origin.record_ref
        if ref in messages or ref in self._split_when_read or ref in self._gone or ref in self._kept:
            return 0
        row = self._archive.find_raw(ref, origin.timestamp, source)
        if row is not None and row.kept:
            self._kept[ref] = _with_stand_ins(row, origin)
            return row.size
        if row is None or row.purged:
            self._gone.add(ref)
            self.raw_missing += row is None
            return row.size if row is not None else 0
        messages[ref] = RawMessage(row.position_in(ref.topic), row.headers, row.value)
        return len(row.value or b"")

    def _read_record(self, archived: ArchivedDecision) -> tuple[LogRecord | None, tuple[Effect, ...]]:
        """Reads what stood in the log, and which records stand as they were put out; None for what is not folded."""
        row, decision = archived
        if decision.outcome is Outcome.REPEAT or (row.purged and is_only_about(decision, row.purged)):
            return None, self._as_recorded(archived)
        log_topic = self._archive.log_topic
        if decision.origin is not None and decision.origin.topic != log_topic:
            return _build_stand_in(decision.origin, decision.source, decision.wire_format, decision.received), ()
        command = self._find_command(decision.log_offset)
        if command is None or command.value is None:
            return None, self._as_recorded(archived)
        record = codec.decode_record(command.value, command.position_in(log_topic))
        return record, self._withdrawals(archived, row.purged) if row.purged else ()

    def _find_command(self, log_offset: int) -> ArchivedRecord | None:
        while self._command is None or self._command.offset < log_offset:
            self._command = next(self._commands, None)
            if self._command is None:
                return None
        return self._command if self._command.offset == log_offset else None

    def _as_recorded(self, archived: ArchivedDecision) -> tuple[Effect, ...]:
        """Returns the decision, and the withdrawals that it made, as they were put out."""
        row, decision = archived
        stories = [each.uri for each in split_by_story(decision)]
        return (*self._withdrawals(archived, stories), _build_effect(DECISIONS, row, row.value))

    def _withdrawals(self, archived: ArchivedDecision, uris: Collection[str]) -> tuple[Effect, ...]:
        """Returns the records by which a decision withdrew some stories, with the tombstones of their topics."""
        decision = archived.decision
        if decision.outcome is not Outcome.WITHDRAWN:
            return ()
        left = {each.uri.encode(): each.left for each in split_by_story(decision)}
        log = RecordRef(self._archive.log_topic, 0, decision.log_offset)
        refs = [decision.origin.item_ref] if decision.origin else [ItemRef(log, at) for at in range(len(left))]
        effects: list[Effect] = []
        for row in self._archive.find_withdrawals(refs):
            key = row.key or b""
            if key.decode(errors="replace") in uris:
                effects.append(_build_effect(LATEST, row, row.value))
                effects += [_build_effect(topic, row, None) for topic in left.get(key, ())]
        return tuple(effects)


class _ReadChunk(NamedTuple):
    """What was read of a chunk, before its raw records are prepared."""

    rows: list[tuple[int, LogRecord | None, Decision | None]]
    messages: dict[RecordRef, RawMessage]
    recorded: dict[int, tuple[Effect, ...]]


def _build_effect(topic: str, row: ArchivedRecord, value: bytes | None) -> Effect:
    return Effect(topic, row.key or b"", value, tuple((name, text or b"") for name, text in row.headers))


def _with_stand_ins(row: ArchivedRecord, origin: Origin) -> Reprepared:
    """Returns the items of a raw record that were kept, each at its index; a refusal stands for each purged one.

    A purged item is never folded.
    """
    kept = {read_index(each): codec.decode(bytes(each)) for each in row.kept}
    purged = _build_stand_in(Origin(topic="", partition=0, offset=0, timestamp=0, index=0, count=1))
    found: list[Item | Refusal] = []
    for index in range(origin.count):
        record = kept.get(index)
        found.append(record if isinstance(record, Item | Refusal) else purged)
    return found


def _build_stand_in(origin: Origin, source: str = "", wire_format: str = "", received: str = "") -> Refusal:
    """Builds what stands for an item of the log that the archive does not have."""
    return Refusal(
        origin=origin,
        source=source,
        wire_format=wire_format,
        received=received,
        content_type="",
        code="",
        message="",
        stage="prepare",
        attempts=1,
        body=b"",
    )
