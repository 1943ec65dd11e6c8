"""Reads what a replay folds, step by step: each record, what was decided on it, and its raw record prepared again.

Order of the steps: raw records whose log entries have expired; then log records before the span, which only warm the
state; then the log records of the span.
"""

import asyncio
from collections.abc import AsyncIterator, Container, Iterable, Mapping
from contextlib import AsyncExitStack
from types import MappingProxyType
from typing import NamedTuple, Protocol

import msgspec
from aiokafka import TopicPartition

from streams.config.settings import Settings
from streams.kafka.consumer import ConsumedRecord, open_bulk_consumer, position_of, read_range, split_into_chunks
from streams.model import codec
from streams.model.records import Command, Decision, Effect, LogRecord, Origin, Outcome, RecordRef, Refusal
from streams.model.topics import LOG
from streams.prepare import batch
from streams.replay.job import Job
from streams.replay.missing_log import MissingLog, MissingRecord
from streams.replay.recorded import DecisionCursor, RawCursor, group_by_partition
from streams.replay.shadow import Reprepared, item_of
from streams.worker.process_pool import PreparePools, build_raw_message

CHUNK_RECORDS = 256
CHUNK_BYTES = 4 << 20


class Step(NamedTuple):
    """One record to fold, what was decided on it, and its raw record prepared again."""

    number: int
    """Its place in the order: its log offset, or a lower number where its log entry has expired."""
    record: LogRecord | None
    """None: it is gone and not folded; `recorded` stands."""
    published: Decision | None = None
    reprepared: Reprepared | None = None
    """None: the record stays as it is recorded."""
    warms: bool = False
    """It stands before the span: it only warms the state."""
    missing: bool = False
    """Its log entry has expired: `record` is not what was recorded, but what it would be today."""
    recorded: tuple[Effect, ...] = ()
    """Output records that stand as they were put out at their time."""


class Chunk(NamedTuple):
    """Records that were read together, while a child process prepares their raw records."""

    missing: list[MissingRecord]
    rows: list[tuple[int, LogRecord | None, Decision | None]]
    """Log offset, record, decision."""
    warms: bool
    reprepared: asyncio.Task[dict[RecordRef, Reprepared]]
    recorded: Mapping[int, tuple[Effect, ...]] = MappingProxyType({})
    """Log offset -> output records that stand as they were put out."""


class StepSource(Protocol):
    """A source of steps: Kafka (`StepReader`), or an archive (archive_source.py)."""

    reprepared: int
    """How many raw records were prepared again so far."""
    raw_missing: int

    def chunks(self, warm_from: int) -> AsyncIterator[Chunk]:
        """Yields the chunks in order, each already being prepared."""

    async def steps(self, chunk: Chunk, warm_from: int) -> list[Step]:
        """Turns the next chunk into steps, once its raw records are prepared."""

    async def read_later(self) -> list[Decision]:
        """Reads the decisions that were made after those of the steps."""


class StepReader:
    """Reads the steps of a job: `chunks` reads ahead, `steps` turns each chunk into steps."""

    def __init__(
        self,
        settings: Settings,
        job: Job,
        missing: MissingLog,
        decisions: DecisionCursor,
        pools: PreparePools,
        stack: AsyncExitStack,
    ) -> None:
        self._settings, self._job, self._missing, self._decisions = settings, job, missing, decisions
        self._pools, self._stack = pools, stack
        self._raw_cursors: dict[TopicPartition, RawCursor] = {}
        self._split_when_read: set[RecordRef] = set()
        """Raw records of the last chunk that was read whose items go on in the next chunk."""
        self._split_in_steps: dict[RecordRef, Reprepared] = {}
        """Raw records of the last chunk that was made into steps whose items go on in the next chunk."""
        self._numbered = self._shift = 0
        self.reprepared = self.raw_missing = 0

    async def chunks(self, warm_from: int) -> AsyncIterator[Chunk]:
        """Yields the chunks in order, each already being prepared. The warming begins at log offset `warm_from`."""
        entries = self._missing.records
        for first in range(0, len(entries), CHUNK_RECORDS):
            missing = entries[first : first + CHUNK_RECORDS]
            wanted = {each.record_ref: each.timestamp for each in missing if each.decision is None}
            wanted |= {
                origin.record_ref: origin.timestamp for each in missing if (origin := each.item_origin) is not None
            }
            yield Chunk(missing, [], False, await self._start_preparing(wanted))
        partition, kafka = TopicPartition(self._settings.topics.full(LOG), 0), self._settings.kafka
        before = read_range(kafka, partition, warm_from, self._job.first)
        async for records in split_into_chunks(before, CHUNK_RECORDS, CHUNK_BYTES):
            warming: list[tuple[int, LogRecord | None, Decision | None]] = [
                (record.offset, codec.decode_record(record.value, position_of(record)), None) for record in records
            ]
            yield Chunk([], warming, True, await self._start_preparing({}))
        span = read_range(kafka, partition, self._job.first, self._job.end)
        async for records in split_into_chunks(span, CHUNK_RECORDS, CHUNK_BYTES):
            await self._decisions.begin(records[0].timestamp)
            rows: list[tuple[int, LogRecord | None, Decision | None]] = [
                (
                    record.offset,
                    codec.decode_record(record.value, position_of(record)),
                    await self._decisions.at(record.offset),
                )
                for record in records
            ]
            yield Chunk([], rows, False, await self._start_preparing(self._wanted(rows)))

    async def read_later(self) -> list[Decision]:
        """Reads the decisions from where the steps ended to the end of the topic."""
        await self._decisions.begin(0)
        return await self._decisions.rest()

    def _wanted(self, rows: list[tuple[int, LogRecord | None, Decision | None]]) -> dict[RecordRef, int]:
        """Chooses the raw records of a chunk to prepare again (with their timestamps); each is prepared once."""
        origins = [(origin, row) for row in rows if (origin := origin_of(row[1])) is not None]
        wanted = {
            origin.record_ref: origin.timestamp
            for origin, (_, record, published) in origins
            if origin.record_ref not in self._split_when_read
            and not (published is not None and published.outcome is Outcome.REPEAT)
            and self._job.filters.wants(source_of(record), published)
        }
        known = wanted.keys() | self._split_when_read
        self._split_when_read = {
            origin.record_ref for origin, _ in origins if origin.index + 1 < origin.count and origin.record_ref in known
        }
        return wanted

    async def steps(self, chunk: Chunk, warm_from: int) -> list[Step]:
        """Turns the next chunk into steps, once its raw records are prepared."""
        found = await chunk.reprepared
        self.reprepared += len(found)
        if chunk.missing:
            steps = self._steps_of_missing(chunk.missing, found)
            self._numbered += len(steps)
            self._shift = max(0, self._numbered - warm_from)
            return steps
        if chunk.warms:
            return [Step(offset + self._shift, record, warms=True) for offset, record, _ in chunk.rows]
        reprepared = {**self._split_in_steps, **found}
        self._split_in_steps = {each: reprepared[each] for each in find_unfinished(chunk.rows, reprepared)}
        return [
            Step(offset + self._shift, record, published, reprepared_of(record, reprepared))
            for offset, record, published in chunk.rows
        ]

    def _steps_of_missing(self, entries: list[MissingRecord], reprepared: dict[RecordRef, Reprepared]) -> list[Step]:
        steps: list[Step] = []
        for each in entries:
            warms = each.timestamp < self._job.since_ms
            if (command := each.command) is not None:
                rows: list[tuple[LogRecord, Decision | None]] = [(_with_item(command, each, reprepared), each.decision)]
            else:
                decisions = self._missing.decisions
                rows = [(row, decisions.get(row.origin.item_ref)) for row in reprepared.get(each.record_ref, ())]
            for record, published in rows:
                steps.append(Step(self._numbered + len(steps), record, published, warms=warms, missing=True))
        return steps

    async def _start_preparing(self, wanted: dict[RecordRef, int]) -> asyncio.Task[dict[RecordRef, Reprepared]]:
        """Reads raw records (with their timestamps) and hands them to a child process, which so never waits."""
        records: list[ConsumedRecord] = []
        for partition, offsets in group_by_partition(wanted.items()).items():
            records += (await (await self._raw_cursor(partition)).get(offsets)).values()
        self.raw_missing += len(wanted) - len(records)
        return asyncio.create_task(self._prepare(records))

    async def _prepare(self, raw: list[ConsumedRecord]) -> dict[RecordRef, Reprepared]:
        return await prepare_again(self._pools, [build_raw_message(record) for record in raw])

    async def _raw_cursor(self, partition: TopicPartition) -> RawCursor:
        if partition not in self._raw_cursors:
            consumer = await self._stack.enter_async_context(open_bulk_consumer(self._settings.kafka))
            consumer.assign([partition])
            first = (await consumer.beginning_offsets([partition]))[partition]
            end = (await consumer.end_offsets([partition]))[partition]
            self._raw_cursors[partition] = RawCursor(consumer, partition, (first, end))
        return self._raw_cursors[partition]


async def prepare_again(pools: PreparePools, messages: list[batch.RawMessage]) -> dict[RecordRef, Reprepared]:
    """Prepares raw records in a child process; returns the log records of each."""
    found: dict[RecordRef, Reprepared] = {}
    prepared = await pools.run(messages, batch.refuse_message)
    for result, message in zip(prepared, messages, strict=True):
        records = [codec.decode(value) for _, value in result.records]
        found[message.position.record] = [record for record in records if not isinstance(record, Command)]
    return found


def _with_item(command: Command, row: MissingRecord, reprepared: dict[RecordRef, Reprepared]) -> Command:
    """Gives a command `split` its item, which its decision does not hold."""
    if (origin := row.item_origin) is None:
        return command
    items = [each for each in reprepared.get(origin.record_ref, ()) if each.origin.index == origin.index]
    text = codec.encode(items[0]).decode() if items else ""
    return msgspec.structs.replace(command, detail={**command.detail, "item": text})


def origin_of(record: LogRecord | None) -> Origin | None:
    """Returns the item that a log record is about; None where it is about none, or is gone."""
    if record is None:
        return None
    if isinstance(record, Command):
        item = item_of(record)
        return item.origin if item else None
    if isinstance(record, Refusal) and record.stage == codec.FOLD_STAGE:
        return None  # bytes that are no log record have no raw record
    return record.origin


def source_of(record: LogRecord | None) -> str:
    """Returns the feed id of the item that a log record is about; empty where it is about none."""
    if record is None:
        return ""
    if isinstance(record, Command):
        item = item_of(record)
        return item.source if item else ""
    return record.source


def find_unfinished(
    rows: Iterable[tuple[int, LogRecord | None, Decision | None]], known: Container[RecordRef]
) -> set[RecordRef]:
    """Finds the known raw records of which the next chunk has the rest of the items."""
    return {
        origin.record_ref
        for _, record, _ in rows
        if (origin := origin_of(record)) is not None and origin.index + 1 < origin.count and origin.record_ref in known
    }


def reprepared_of(record: LogRecord | None, reprepared: dict[RecordRef, Reprepared]) -> Reprepared | None:
    """Returns what replaces a log record; None where it stays as it is recorded."""
    origin = origin_of(record)
    found = reprepared.get(origin.record_ref) if origin is not None else None
    if found is None or origin is None or not isinstance(record, Command):
        return found
    return [each for each in found if each.origin.index == origin.index] or None
