"""Runs a replay: its steps folded in their order, prepared ahead in a child process, beside what was published."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

from aiokafka import TopicPartition

from streams.config.settings import Settings
from streams.decide.parameters import DecideParams
from streams.kafka.client import connect
from streams.kafka.consumer import reader
from streams.model.records import Command, Decision, Effect, Item, Outcome
from streams.model.topics import DECISIONS
from streams.prepare.stage import Knowledge
from streams.replay.diff import SHOWN, Comparison
from streams.replay.job import Job
from streams.replay.missing_log import Unlogged
from streams.replay.recorded import Decided
from streams.replay.shadow import Folded, Shadow, carried, instead
from streams.replay.source import Chunk, Source, Step
from streams.worker.process_pool import make_prepare_pool

AHEAD = 2
"""Chunks that wait for the child, or for the fold, while others are at work there."""


class Pass(NamedTuple):
    """One chunk that is through: records of the span so far, and what the shadow sends."""

    done: int
    effects: list[Effect]


class Counts:
    """What a replay met."""

    def __init__(self) -> None:
        self.records = self.anew = self.raw_gone = self.undecided = 0


After = Callable[[Pass], Awaitable[None]]


async def replay(
    settings: Settings, knowledge: Knowledge, job: Job, warm_from: int, gone: Unlogged, after: After
) -> tuple[Comparison, dict[str, Decision], Counts]:
    """Folds the span and compares. `after` is called behind each chunk, the warming ones (done = 0) too.

    Also the last decision of each story behind the span: those have moved on since.
    """
    shadow, comparison, counts = Shadow(DecideParams.of(settings)), Comparison(), Counts()
    async with AsyncExitStack() as stack:
        decided = Decided(
            await stack.enter_async_context(connect(reader(settings.kafka), settings.kafka)),
            TopicPartition(settings.topics.full(DECISIONS), 0),
        )
        pool = make_prepare_pool(settings, knowledge)
        stack.callback(pool.stop)
        source = Source(settings, job, gone, decided, pool, stack)
        queue: asyncio.Queue[Chunk | BaseException | None] = asyncio.Queue(AHEAD)
        filling = asyncio.create_task(_fill(queue, source.chunks(warm_from)))
        try:
            while (chunk := await queue.get()) is not None:
                if isinstance(chunk, BaseException):
                    raise chunk
                steps = await source.steps(chunk, warm_from)
                effects = [effect for step in steps for effect in _step(shadow, comparison, counts, step)]
                shadow.flush()
                await after(Pass(counts.records, effects))
        finally:
            filling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await filling
        await decided.begin(0)
        later = {each.uri: each for each in await decided.rest() if each.log_offset >= job.end and _moves(each)}
        counts.anew, counts.raw_gone = source.anew, source.raw_gone
    return comparison, later, counts


def _moves(decision: Decision) -> bool:
    return decision.fate in (*SHOWN, Outcome.WITHDRAWN, Outcome.WITHHELD)


def _step(shadow: Shadow, comparison: Comparison, counts: Counts, step: Step) -> list[Effect]:
    record, published = step.record, step.published
    if step.warms:
        shadow.fold(record, step.number)
        return []
    counts.records += 1
    folded: list[Folded]
    recorded: Item | None = None
    if isinstance(record, Command):
        recorded = carried(record)
        anew = step.anew[0] if step.anew else None
        folded = [shadow.command(record, step.number, published, anew if isinstance(anew, Item) else None)]
    else:
        recorded = record if isinstance(record, Item) and not step.lost else None
        folded = [
            shadow.fold(each, step.number) for each in ((record,) if step.anew is None else instead(record, step.anew))
        ]
    if published is not None:
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
    else:
        counts.undecided += 1
    return [effect for each in folded for effect in each.effects]


async def _fill(queue: "asyncio.Queue[Any]", chunks: AsyncIterator[Chunk]) -> None:
    """Reads and prepares ahead; an error goes the same way as the rest."""
    try:
        async for each in chunks:
            await queue.put(each)
        await queue.put(None)
    except Exception as error:
        await queue.put(error)
