"""What a replay folds, step by step: records in order, what was decided on each, and its raw record prepared anew.

First raw records that the log has no longer, then those of the log that warm the state, then those of its span.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

from aiokafka import TopicPartition

from streams.config.settings import Settings
from streams.kafka.consumer import ConsumedRecord, open_bulk_consumer, read_range, record_value
from streams.model import codec
from streams.model.records import Command, Decision, LogRecord, Origin, Outcome, RecordRef
from streams.model.topics import LOG
from streams.prepare import batch
from streams.replay.job import Job
from streams.replay.missing_log import Lost, Unlogged
from streams.replay.recorded import Decided, Raws, by_partition
from streams.replay.shadow import Anew, carried
from streams.worker.process_pool import Pool, build_batch_record

CHUNK_RECORDS = 256
CHUNK_BYTES = 4 << 20


class Step(NamedTuple):
    """One record, what was decided on it, and its raw record prepared anew (None: kept as recorded)."""

    number: int
    """Its place in the order: its log offset, or a lower number where the log has it no longer."""
    record: LogRecord
    published: Decision | None = None
    anew: Anew | None = None
    warms: bool = False
    """It is before the span."""
    lost: bool = False
    """The record is not what was recorded, for that is gone, but what it would be today."""


class Chunk(NamedTuple):
    """What was read together, and its raw records on their way through the child."""

    lost: list[Lost]
    rows: list[tuple[int, LogRecord, Decision | None]]
    """Log offset, record, decision."""
    warms: bool
    anew: asyncio.Task[dict[RecordRef, Anew]]


class Source:
    """All steps of a job."""

    def __init__(
        self, settings: Settings, job: Job, gone: Unlogged, decided: Decided, pool: Pool, stack: AsyncExitStack
    ) -> None:
        self._settings, self._job, self._gone, self._decided, self._pool = settings, job, gone, decided, pool
        self._stack = stack
        self._raws: dict[TopicPartition, Raws] = {}
        self._goes_on: set[RecordRef] = set()
        """Raw records of the last chunk that was read whose items go on in the next."""
        self._open: dict[RecordRef, Anew] = {}
        """The same of the last chunk that was made into steps."""
        self._numbered = self._shift = 0
        self.anew = self.raw_gone = 0

    async def chunks(self, warm_from: int) -> AsyncIterator[Chunk]:
        """In their order; each is already being prepared. `warm_from` is the log offset where the warming begins."""
        for first in range(0, len(self._gone.lost), CHUNK_RECORDS):
            lost = self._gone.lost[first : first + CHUNK_RECORDS]
            wanted = {each.record_ref: each.timestamp for each in lost if each.decision is None}
            yield Chunk(lost, [], False, await self._begin(wanted))
        partition, kafka = TopicPartition(self._settings.topics.full(LOG), 0), self._settings.kafka
        async for warming in _chunks(read_range(kafka, partition, warm_from, self._job.first)):
            yield Chunk(
                [], [(row.offset, codec.decode(row.value), None) for row in warming], True, await self._begin({})
            )
        async for chunk in _chunks(read_range(kafka, partition, self._job.first, self._job.end)):
            await self._decided.begin(chunk[0].timestamp)
            rows = [(row.offset, codec.decode(row.value), await self._decided.at(row.offset)) for row in chunk]
            origins = [(origin, each) for each in rows if (origin := _raw_of(each[1])) is not None]
            wanted = {
                origin.record_ref: origin.timestamp
                for origin, (_, record, published) in origins
                if origin.record_ref not in self._goes_on
                and not (published is not None and published.outcome is Outcome.REPEAT)
                and self._job.filters.wants(_source(record), published)
            }
            known = wanted.keys() | self._goes_on
            self._goes_on = {
                at for origin, _ in origins if origin.index + 1 < origin.count and (at := origin.record_ref) in known
            }
            yield Chunk([], rows, False, await self._begin(wanted))

    async def steps(self, chunk: Chunk, warm_from: int) -> list[Step]:
        """Of the next chunk, once it is prepared."""
        found = await chunk.anew
        self.anew += len(found)
        if chunk.lost:
            steps = self._lost(chunk.lost, found)
            self._numbered += len(steps)
            self._shift = max(0, self._numbered - warm_from)
            return steps
        if chunk.warms:
            return [Step(offset + self._shift, record, warms=True) for offset, record, _ in chunk.rows]
        anew = {**self._open, **found}
        self._open = {
            origin.record_ref: anew[origin.record_ref]
            for _, record, _ in chunk.rows
            if (origin := _raw_of(record)) is not None and origin.index + 1 < origin.count and origin.record_ref in anew
        }
        return [
            Step(offset + self._shift, record, published, _anew(anew, record))
            for offset, record, published in chunk.rows
        ]

    def _lost(self, entries: list[Lost], anew: dict[RecordRef, Anew]) -> list[Step]:
        steps: list[Step] = []
        for each in entries:
            warms = each.timestamp < self._job.since_ms
            if (command := each.command) is not None:
                rows: list[tuple[LogRecord, Decision | None]] = [(command, each.decision)]
            else:
                decided = self._gone.decided
                rows = [(row, decided.get(row.origin.item_ref)) for row in anew.get(each.record_ref, ())]
            for record, published in rows:
                steps.append(Step(self._numbered + len(steps), record, published, warms=warms, lost=True))
        return steps

    async def _begin(self, wanted: dict[RecordRef, int]) -> "asyncio.Task[dict[RecordRef, Anew]]":
        """Reads raw records (position -> timestamp) and hands them to the child, which so has always work before it."""
        rows: list[Any] = []
        for partition, offsets in by_partition(wanted.items()).items():
            rows += (await (await self._reader(partition)).get(offsets)).values()
        self.raw_gone += len(wanted) - len(rows)
        return asyncio.create_task(self._prepared(rows))

    async def _prepared(self, rows: list[Any]) -> dict[RecordRef, Anew]:
        records = [build_batch_record(row) for row in rows]
        found: dict[RecordRef, Anew] = {}
        for done, record in zip(await self._pool.run(records, batch.refuse_message), records, strict=True):
            found[record.position.record] = [each for _, value in done.records if not isinstance(each := codec.decode(value), Command)]
        return found

    async def _reader(self, partition: TopicPartition) -> Raws:
        if partition not in self._raws:
            consumer = await self._stack.enter_async_context(
                connect(reader(self._settings.kafka), self._settings.kafka)
            )
            consumer.assign([partition])
            bounds = await consumer.beginning_offsets([partition]), await consumer.end_offsets([partition])
            self._raws[partition] = Raws(consumer, partition, (bounds[0][partition], bounds[1][partition]))
        return self._raws[partition]


async def _chunks(records: AsyncIterator[Any]) -> AsyncIterator[list[Any]]:
    chunk: list[Any] = []
    size = 0
    async for record in records:
        chunk.append(record)
        size += len(record.value)
        if len(chunk) >= CHUNK_RECORDS or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _raw_of(record: LogRecord) -> Origin | None:
    if isinstance(record, Command):
        item = carried(record)
        return item.origin if item else None
    return record.origin


def _source(record: LogRecord) -> str:
    if isinstance(record, Command):
        item = carried(record)
        return item.source if item else ""
    return record.source


def _anew(anew: dict[RecordRef, Anew], record: LogRecord) -> Anew | None:
    origin = _raw_of(record)
    found = anew.get(origin.record_ref) if origin is not None else None
    if found is None or origin is None or not isinstance(record, Command):
        return found
    return [each for each in found if each.origin.index == origin.index] or None
