"""One replay from its plan to its end: job records, pace, progress, and what its mode does with what it finds."""

import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from streams.config.settings import Settings
from streams.kafka import client
from streams.kafka.admin import require
from streams.kafka.consumer import reader, starting
from streams.kafka.producer import producer
from streams.model.errors import WorkFailed
from streams.model.records import Decision
from streams.model.timestamps import rfc3339
from streams.model.topics import LOG
from streams.prepare.stage import Knowledge
from streams.replay import shadow_topics
from streams.replay.apply import refile
from streams.replay.diff import Change, Comparison, Refiled
from streams.replay.engine import Counts, Pass, replay
from streams.replay.job import Job
from streams.replay.jobs_topic import Pace, jobs, save
from streams.replay.missing_log import Unlogged, unlogged

HEARD_SECONDS = 5.0
SAMPLE_RECORDS = 1024
Progress = Callable[[str, int, int], None]
"""What is counted, how many, of how many."""


class Extent(NamedTuple):
    """Log offsets: where the warming begins, and the span; and what of both the log has no longer."""

    warm_from: int
    first: int
    end: int
    gone: Unlogged

    def in_span(self, since_ms: int) -> int:
        """Raw records of the span that the log has no longer."""
        return sum(1 for each in self.gone.lost if each.decision is None and each.timestamp >= since_ms)


class Found(NamedTuple):
    """What a replay found: what differs only to be seen, what is to be filed anew, and what has moved on since."""

    shown: list[Change]
    refiled: list[Refiled]
    moved_on: list[Refiled]
    counts: Counts


class Cancelled(WorkFailed):
    """`replay cancel` was called."""


async def extent(settings: Settings, start_ms: int, end_ms: int) -> Extent:
    """The span, and what is from `decide.memory_days` before it. Raises `WorkFailed` where it is empty."""
    memory = settings.decide.memory_days * 86_400_000
    gone = await unlogged(settings, max(0, start_ms - memory), end_ms)
    topic = settings.topics.full(LOG)
    async with client.admin(settings.kafka) as admin:
        (partition,) = await require(admin, [topic])
    async with client.started(reader(settings.kafka), settings.kafka) as consumer:
        ends = await consumer.end_offsets([partition])

        async def at(time_ms: int) -> int:
            return (await starting(consumer, [partition], ends, max(0, time_ms)))[partition]

        warm, first, end = await at(start_ms - memory), await at(start_ms), await at(end_ms)
    found = Extent(warm, first, end, gone)
    if first >= end and not found.in_span(start_ms):
        raise WorkFailed(f"neither {topic} nor the raw topic has a record in the span: look at --from and --to")
    return found


async def again(settings: Settings, job: Job) -> Extent:
    """The same of a replay that goes on; its span is what it was."""
    found = await extent(settings, job.since_ms, job.until_ms)
    return found._replace(first=job.first, end=job.end)


async def estimate(settings: Settings, knowledge: Knowledge, job: Job, span: Extent) -> tuple[float, Counts]:
    """Seconds that the whole would take, from a sample of it; and what the sample met."""
    times: list[tuple[float, int]] = []
    began = time.monotonic()

    async def after(made: Pass) -> None:
        times.append((time.monotonic(), made.done))

    sample = msgspec.structs.replace(job, end=min(span.end, span.first + SAMPLE_RECORDS))
    gone = span.gone
    if job.unlogged:
        first = next(n for n, each in enumerate(gone.lost) if each.timestamp >= job.since_ms)
        gone = gone._replace(lost=gone.lost[first : first + SAMPLE_RECORDS])
        sample = msgspec.structs.replace(sample, end=span.first)
    warm = max(span.warm_from, span.first - SAMPLE_RECORDS)
    _, _, counts = await replay(settings, knowledge, sample, warm, gone, after)
    warmed = [at for at, done in times if not done]
    warming = (warmed[-1] - began) * (span.first - span.warm_from) / max(1, span.first - warm) if warmed else 0.0
    through = [(at, done) for at, done in times if done]
    start_up = through[0][0] - (warmed[-1] if warmed else began)
    each = start_up / through[0][1]
    if len(through) > 1 and through[-1][1] > through[0][1]:
        each = (through[-1][0] - through[0][0]) / (through[-1][1] - through[0][1])
    seconds = each * job.total
    return warming + start_up + (max(seconds, job.total / job.rate) if job.rate else seconds), counts


class Run:
    """A job at work."""

    def __init__(self, settings: Settings, job: Job, groups: tuple[str, ...], progress: Progress) -> None:
        self._settings, self.job, self._groups, self._progress = settings, job, groups, progress
        self._saved = time.monotonic()

    async def find(self, knowledge: Knowledge, span: Extent) -> Found:
        """Reads, folds and compares the span; writes the shadow topics where the job has some."""
        settings = self._settings
        async with AsyncExitStack() as stack:
            admin = await stack.enter_async_context(client.admin(settings.kafka))
            pace = Pace(settings, admin, self._groups, self.job.rate, self.heard)
            sender: Any = None
            if self.job.mode == "into":
                options = client.client_options(settings.kafka)
                made = producer(options, transactional_id=f"newswire-replay-{self.job.id}")
                sender = await stack.enter_async_context(client.started(made, settings.kafka))

            async def after(made: Pass) -> None:
                if sender is not None and made.done:
                    self.job = await shadow_topics.write(sender, settings, self.job, made)
                self._progress("read", made.done, self.job.total)
                self.job = msgspec.structs.replace(self.job, done=made.done)
                await self.heard()
                await pace.keep(made.done)

            comparison, later, counts = await replay(settings, knowledge, self.job, span.warm_from, span.gone, after)
        return self._found(comparison, later, counts)

    def _found(self, comparison: Comparison, later: dict[str, Decision], counts: Counts) -> Found:
        passes = self.job.filters.passes
        found = [each for each in comparison.refiled() if passes(each.change)]
        here, moved_on = [], []
        for each in found:
            since = later.get(each.change.uri)
            if since is None or (each.waits and since.fate != "withdrawn"):
                here.append(each)
            elif since.evidence.get("job") != self.job.id:
                moved_on.append(each)
        return Found([each for each in comparison.fates if passes(each)], here, moved_on, counts)

    async def apply(self, found: Found) -> dict[tuple[str, str], Decision]:
        """Has the live fold file what was found, at the job's rate; the decisions by uri and version."""
        async with client.admin(self._settings.kafka) as admin:
            pace = Pace(self._settings, admin, self._groups, self.job.rate, self.heard)

            async def after(sent: int) -> None:
                self._progress("sent", sent, len(found.refiled))
                await self.heard()
                await pace.keep(sent)

            return await refile(self._settings, self.job, found.refiled, after)

    async def heard(self) -> None:
        """From time to time: keeps the job's record, and looks whether it was cancelled. Raises `Cancelled`."""
        if time.monotonic() - self._saved < HEARD_SECONDS:
            return
        known = (await jobs(self._settings)).get(self.job.id)
        if known is not None and known.state == "cancelled":
            raise Cancelled(f"replay {self.job.id} was cancelled: {known.note}")
        await self.keep()

    async def keep(self, **changes: Any) -> None:
        """The job's record, with these changes."""
        self.job = msgspec.structs.replace(self.job, heard=rfc3339(datetime.now(UTC)), **changes)
        await save(self._settings, self.job)
        self._saved = time.monotonic()
