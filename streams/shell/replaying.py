"""Runs a replay: the log of its span in its order, prepared anew in a child process, beside what was published."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

from aiokafka import TopicPartition

from streams import log
from streams.config import Settings
from streams.decide.rulebook import Rulebook
from streams.model import Command, Decision, Effect, Fate, Item, LogRecord, Origin, Position
from streams.prepare import child
from streams.prepare.stage import Knowledge
from streams.replay.compare import SHOWN, Comparison
from streams.replay.job import Job
from streams.replay.shadow import Anew, Folded, Shadow, carried, instead
from streams.shell.client import started
from streams.shell.pool import Pool
from streams.shell.reading import read_between, reader
from streams.shell.recorded import Decided, Place, Raws, by_partition
from streams.topics import DECISIONS, LOG

CHUNK_RECORDS = 256
CHUNK_BYTES = 4 << 20
AHEAD = 2
"""Chunks that are prepared while others are folded."""


class Step(NamedTuple):
    """One record of the log, what was decided on it, and its raw record prepared anew (None: kept as recorded)."""

    log_offset: int
    record: LogRecord
    published: Decision | None
    anew: Anew | None


class Pass(NamedTuple):
    """One chunk that is through: log offset behind it, records of the span so far, and what the shadow sends."""

    next_offset: int
    done: int
    effects: list[Effect]


class Counts:
    """What a replay met."""

    def __init__(self) -> None:
        self.warmed = self.records = self.anew = self.raw_gone = self.undecided = 0


After = Callable[[Pass], Awaitable[None]]


async def replay(
    settings: Settings, knowledge: Knowledge, job: Job, warm_from: int, after: After
) -> tuple[Comparison, dict[str, Decision], Counts]:
    """Folds the span and compares. `after` is called behind each chunk, the warming ones (done = 0) too.

    Also the last decision of each story behind the span: those have moved on since.
    """
    shadow, comparison, counts = Shadow(Rulebook.of(settings)), Comparison(), Counts()
    partition = TopicPartition(settings.topics.full(LOG), 0)
    async with AsyncExitStack() as stack:
        decided = Decided(
            await stack.enter_async_context(started(reader(settings.kafka), settings.kafka)),
            TopicPartition(settings.topics.full(DECISIONS), 0),
        )
        async for chunk in _chunks(read_between(settings.kafka, partition, warm_from, job.first)):
            for row in chunk:
                shadow.fold(log.decode(row.value), row.offset)
            shadow.flush()
            counts.warmed += len(chunk)
            await after(Pass(chunk[-1].offset + 1, 0, []))
        pool = _pool(settings, knowledge)
        stack.callback(pool.stop)
        source = _Source(settings, job, decided, pool, stack, counts)
        queue: asyncio.Queue[list[Step] | BaseException | None] = asyncio.Queue(AHEAD)
        filling = asyncio.create_task(_fill(queue, source.steps(partition)))
        try:
            while (steps := await queue.get()) is not None:
                if isinstance(steps, BaseException):
                    raise steps
                effects = [effect for step in steps for effect in _step(shadow, comparison, counts, step)]
                shadow.flush()
                await after(Pass(steps[-1].log_offset + 1, counts.records, effects))
        finally:
            filling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await filling
        if not counts.records:
            await decided.begin(0)
        later = {each.uri: each for each in await decided.rest() if each.log_offset >= job.end and _moves(each)}
    return comparison, later, counts


def _moves(decision: Decision) -> bool:
    return decision.fate in (*SHOWN, Fate.WITHDRAWN, Fate.WITHHELD)


def _step(shadow: Shadow, comparison: Comparison, counts: Counts, step: Step) -> list[Effect]:
    counts.records += 1
    record, published = step.record, step.published
    folded: list[Folded]
    recorded: Item | None = None
    if isinstance(record, Command):
        recorded = carried(record)
        anew = step.anew[0] if step.anew else None
        folded = [shadow.command(record, step.log_offset, published, anew if isinstance(anew, Item) else None)]
    else:
        recorded = record if isinstance(record, Item) else None
        folded = [
            shadow.fold(each, step.log_offset)
            for each in ((record,) if step.anew is None else instead(record, step.anew))
        ]
    if published is None:
        counts.undecided += 1
    else:
        first = folded[0] if folded else None
        comparison.add(
            published,
            recorded,
            first.decision if first else None,
            first.item if first else None,
            first.story if first else None,
        )
        for more in folded[1:]:
            comparison.added(more.decision, more.item)
    return [effect for each in folded for effect in each.effects]


class _Source:
    """The steps of the span: log, decisions and raw records brought together."""

    def __init__(
        self, settings: Settings, job: Job, decided: Decided, pool: Pool, stack: AsyncExitStack, counts: Counts
    ) -> None:
        self._settings, self._job, self._decided, self._pool = settings, job, decided, pool
        self._stack, self._counts = stack, counts
        self._raws: dict[TopicPartition, Raws] = {}
        self._open: dict[Place, Anew] = {}
        """Raw records whose items go on in the next chunk."""

    async def steps(self, partition: TopicPartition) -> AsyncIterator[list[Step]]:
        """Chunk by chunk."""
        first = True
        async for chunk in _chunks(read_between(self._settings.kafka, partition, self._job.first, self._job.end)):
            if first:
                await self._decided.begin(chunk[0].timestamp)
                first = False
            rows = [(row.offset, log.decode(row.value), await self._decided.at(row.offset)) for row in chunk]
            wanted = {
                _place(origin): origin
                for _, record, published in rows
                if (origin := _raw_of(record)) is not None
                and _place(origin) not in self._open
                and not (published is not None and published.fate is Fate.REPEAT)
                and self._job.filters.wants(_source(record), published)
            }
            anew = {**self._open, **await self._prepared(wanted)}
            self._counts.anew += len(anew) - len(self._open)
            self._counts.raw_gone += len(wanted.keys() - anew.keys())
            steps = [Step(offset, record, published, _anew(anew, record)) for offset, record, published in rows]
            self._open = {
                _place(origin): anew[_place(origin)]
                for _, record, _ in rows
                if (origin := _raw_of(record)) is not None
                and origin.index + 1 < origin.count
                and _place(origin) in anew
            }
            yield steps

    async def _prepared(self, wanted: dict[Place, Origin]) -> dict[Place, Anew]:
        rows = []
        for partition, offsets in by_partition((place, origin.timestamp) for place, origin in wanted.items()).items():
            rows += [*(await (await self._reader(partition)).get(offsets)).values()]
        records = [
            child.Record(
                Position(topic=row.topic, partition=row.partition, offset=row.offset, timestamp=row.timestamp),
                tuple(row.headers),
                row.value,
            )
            for row in rows
        ]
        found: dict[Place, Anew] = {}
        for done, record in zip(await self._pool.run(records, child.refused), records, strict=True):
            place = (record.position.topic, record.position.partition, record.position.offset)
            found[place] = [each for _, value in done.records if not isinstance(each := log.decode(value), Command)]
        return found

    async def _reader(self, partition: TopicPartition) -> Raws:
        if partition not in self._raws:
            consumer = await self._stack.enter_async_context(
                started(reader(self._settings.kafka), self._settings.kafka)
            )
            consumer.assign([partition])
            bounds = await consumer.beginning_offsets([partition]), await consumer.end_offsets([partition])
            self._raws[partition] = Raws(consumer, partition, (bounds[0][partition], bounds[1][partition]))
        return self._raws[partition]


def _pool(settings: Settings, knowledge: Knowledge) -> Pool:
    return Pool(
        child.work,
        child.set_up,
        (knowledge,),
        item_seconds=settings.prepare.item_seconds,
        memory_mb=settings.prepare.memory_mb,
        size=lambda record: len(record.value or b""),
    )


async def _fill(queue: "asyncio.Queue[Any]", steps: AsyncIterator[list[Step]]) -> None:
    """Prepares ahead; an error goes the same way as the rest."""
    try:
        async for each in steps:
            await queue.put(each)
        await queue.put(None)
    except Exception as error:
        await queue.put(error)


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


def _place(origin: Origin) -> Place:
    return origin.topic, origin.partition, origin.offset


def _anew(anew: dict[Place, Anew], record: LogRecord) -> Anew | None:
    origin = _raw_of(record)
    found = anew.get(_place(origin)) if origin is not None else None
    if found is None or origin is None or not isinstance(record, Command):
        return found
    return [each for each in found if each.origin.index == origin.index] or None
