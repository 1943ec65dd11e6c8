"""Folds the steps of a replay in order, prepared ahead in child processes, and compares with what was published."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import NamedTuple

from aiokafka import TopicPartition

from streams.config.settings import Settings
from streams.decide.parameters import DecideParams
from streams.kafka.consumer import open_bulk_consumer
from streams.model.records import Command, Decision, Effect, Item, LogRecord, Outcome
from streams.model.topics import DECISIONS
from streams.prepare.loading import KnowledgeFiles
from streams.replay.archive_source import ArchiveStepReader
from streams.replay.diff import PUBLISHING, Comparison
from streams.replay.job import Job
from streams.replay.missing_log import MissingLog
from streams.replay.recorded import DecisionCursor
from streams.replay.shadow import Folded, Shadow, item_of, replacement
from streams.replay.source import Chunk, Step, StepReader, StepSource
from streams.runtime.tasks import cancel
from streams.worker.process_pool import PreparePools, make_prepare_pools


class ReplayProgress(NamedTuple):
    """The state of a replay after a chunk: records of the span so far, and the output records of the chunk."""

    done: int
    effects: list[Effect]


class ReplayStats:
    """Counts what a replay met."""

    def __init__(self) -> None:
        self.records = self.reprepared = self.raw_missing = self.undecided = 0


AfterChunk = Callable[[ReplayProgress], Awaitable[None]]
ChunkQueue = asyncio.Queue[Chunk | Exception | None]
"""An exception ends the reading with an error; None ends it."""


async def replay(
    settings: Settings,
    files: KnowledgeFiles,
    workers: int,
    job: Job,
    warm_from: int,
    missing: MissingLog,
    after: AfterChunk,
) -> tuple[Comparison, dict[str, Decision], ReplayStats]:
    """Folds the span and compares it with what was published.

    So many child processes (`workers`) prepare chunks at the same time; they are folded in the order of the log.
    `after` is called after each chunk, the warming ones (done = 0) too. The second result is the last decision of each
    story after the span: those stories have changed since.
    """
    shadow, comparison, stats = Shadow(DecideParams.from_settings(settings)), Comparison(), ReplayStats()
    async with AsyncExitStack() as stack:
        pools = make_prepare_pools(settings, files, workers)
        stack.callback(pools.stop)
        reader = await _open_source(settings, job, missing, pools, stack)
        queue: ChunkQueue = asyncio.Queue(pools.most_batches)
        filling = asyncio.create_task(_fill(queue, reader.chunks(warm_from)))
        try:
            while (chunk := await queue.get()) is not None:
                if isinstance(chunk, Exception):
                    raise chunk
                steps = await reader.steps(chunk, warm_from)
                effects = [effect for step in steps for effect in fold_step(shadow, comparison, stats, step)]
                shadow.flush()
                await after(ReplayProgress(stats.records, effects))
        finally:
            await cancel(filling)
        later = {
            each.uri: each for each in await reader.read_later() if each.log_offset >= job.end and _changes_story(each)
        }
        stats.reprepared, stats.raw_missing = reader.reprepared, reader.raw_missing
    return comparison, later, stats


async def _open_source(
    settings: Settings, job: Job, missing: MissingLog, pools: PreparePools, stack: AsyncExitStack
) -> StepSource:
    if job.archive:
        return ArchiveStepReader(job, pools)
    decisions = DecisionCursor(
        await stack.enter_async_context(open_bulk_consumer(settings.kafka)),
        TopicPartition(settings.topics.full(DECISIONS), 0),
    )
    return StepReader(settings, job, missing, decisions, pools, stack)


def _changes_story(decision: Decision) -> bool:
    return decision.outcome in (*PUBLISHING, Outcome.WITHDRAWN, Outcome.WITHHELD)


def fold_step(shadow: Shadow, comparison: Comparison, stats: ReplayStats, step: Step) -> list[Effect]:
    """Folds a step, compares it with what was published, and returns the records that it puts out."""
    record, published = step.record, step.published
    folded = [] if record is None else _fold_record(shadow, record, step)
    if step.warms:
        return []
    stats.records += 1
    if record is None:
        return list(step.recorded)
    if published is not None:
        recorded = item_of(record) if isinstance(record, Command) else record
        recorded = recorded if isinstance(recorded, Item) and not step.missing else None
        comparison.add(published, recorded, folded[0] if folded else None)
        for more in folded[1:]:
            comparison.add_new_item(more.decision, more.item)
    else:
        stats.undecided += 1
    return [*(effect for each in folded for effect in each.effects), *step.recorded]


def _fold_record(shadow: Shadow, record: LogRecord, step: Step) -> list[Folded]:
    """Folds a record, or what replaces it."""
    if isinstance(record, Command):
        if step.warms and step.published is None:
            return [shadow.fold(record, step.number)]
        first = step.reprepared[0] if step.reprepared else None
        return [shadow.fold_command(record, step.number, step.published, first if isinstance(first, Item) else None)]
    records = (record,) if step.reprepared is None else replacement(record, step.reprepared)
    return [shadow.fold(each, step.number) for each in records]


async def _fill(queue: ChunkQueue, chunks: AsyncIterator[Chunk]) -> None:
    """Reads and prepares ahead; an error goes through the queue, after the chunks before it."""
    try:
        async for chunk in chunks:
            await queue.put(chunk)
        await queue.put(None)
    except Exception as error:
        await queue.put(error)
