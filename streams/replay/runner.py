"""Runs one replay job from its plan to its end: job records, rate, progress, and what its mode does with the result."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
from aiokafka import AIOKafkaProducer

from streams.config.settings import Settings
from streams.kafka import client
from streams.kafka.admin import fetch_partitions
from streams.kafka.consumer import find_start_offsets, open_bulk_consumer
from streams.kafka.producer import open_producer
from streams.model.errors import WorkFailed
from streams.model.records import Decision, Outcome
from streams.model.timestamps import format_rfc3339
from streams.model.topics import LOG
from streams.prepare.loading import KnowledgeFiles
from streams.replay import shadow_topics
from streams.replay.apply import apply_reclassifications
from streams.replay.archive_source import find_archive_range
from streams.replay.diff import Comparison, Difference, Reclassified
from streams.replay.engine import ReplayProgress, ReplayStats, replay
from streams.replay.job import Job
from streams.replay.jobs_topic import Throttle, read_jobs, save_job
from streams.replay.missing_log import MissingLog, find_missing_log
from streams.replay.source import CHUNK_RECORDS

RECORD_SECONDS = 5.0
"""How often a running job writes its record and looks whether it was cancelled."""
SAMPLE_CHUNKS = 4
"""How many chunks of records an estimate reads for each child process."""
OnProgress = Callable[[str, int, int], None]
"""Called with what is counted, how many are done, and how many there are."""


class LogRange(NamedTuple):
    """The log offsets of a replay: the state is warmed from `warm_from`, the span is `first` to before `end`."""

    warm_from: int
    first: int
    end: int
    missing: MissingLog
    """Records of both whose log entries have expired."""

    def count_missing(self, since_ms: int) -> int:
        """Counts the raw records of the span whose log entries have expired."""
        return sum(1 for each in self.missing.records if each.decision is None and each.timestamp >= since_ms)


class ReplayResult(NamedTuple):
    """What a replay found."""

    shown_only: list[Difference]
    """Differences that cannot be applied."""
    reclassified: list[Reclassified]
    moved_on: list[Reclassified]
    """Stories that have changed since the span: they are left alone."""
    stats: ReplayStats


class Cancelled(WorkFailed):
    """Raised in a replay that was cancelled with `replay cancel`."""


async def find_log_range(settings: Settings, start_ms: int, end_ms: int, archive: str = "") -> LogRange:
    """Finds the offsets of a span of time; the warming begins `decide.memory_days` before it.

    Raises `WorkFailed` where the span is empty.
    """
    memory = settings.decide.memory_days * 86_400_000
    if archive:
        warm, first, end = await asyncio.to_thread(find_archive_range, archive, start_ms - memory, start_ms, end_ms)
        if first >= end:
            raise WorkFailed(f"{archive} has no decision in the span: look at --from and --to")
        return LogRange(warm, first, end, MissingLog([], {}))
    missing = await find_missing_log(settings, max(0, start_ms - memory), end_ms)
    topic = settings.topics.full(LOG)
    (partition,) = await fetch_partitions(settings.kafka, [topic])
    async with open_bulk_consumer(settings.kafka) as consumer:
        ends = await consumer.end_offsets([partition])

        async def at(time_ms: int) -> int:
            return (await find_start_offsets(consumer, [partition], ends, max(0, time_ms)))[partition]

        warm, first, end = await at(start_ms - memory), await at(start_ms), await at(end_ms)
    found = LogRange(warm, first, end, missing)
    if first >= end and not found.count_missing(start_ms):
        raise WorkFailed(f"neither {topic} nor the raw topic has a record in the span: look at --from and --to")
    return found


async def resume_log_range(settings: Settings, job: Job) -> LogRange:
    """Finds the offsets for a replay that is resumed: its span stays as the job has it."""
    found = await find_log_range(settings, job.since_ms, job.until_ms, job.archive)
    return found._replace(first=job.first, end=job.end)


async def estimate(
    settings: Settings, files: KnowledgeFiles, workers: int, job: Job, span: LogRange
) -> tuple[float, ReplayStats]:
    """Estimates the seconds that the job would take, from a sample of it; also returns what the sample met."""
    times: list[tuple[float, int]] = []
    began = time.monotonic()

    async def after(progress: ReplayProgress) -> None:
        times.append((time.monotonic(), progress.done))

    most = SAMPLE_CHUNKS * CHUNK_RECORDS * workers
    sample = msgspec.structs.replace(job, end=min(span.end, span.first + most))
    missing = span.missing
    if job.unlogged:
        first = next(n for n, each in enumerate(missing.records) if each.timestamp >= job.since_ms)
        missing = missing._replace(records=missing.records[first : first + most])
        sample = msgspec.structs.replace(sample, end=span.first)
    warm = max(span.warm_from, span.first - most)
    _, _, stats = await replay(settings, files, workers, sample, warm, missing, after)
    warmed = [at for at, done in times if not done]
    warming = (warmed[-1] - began) * (span.first - span.warm_from) / max(1, span.first - warm) if warmed else 0.0
    through = [(at, done) for at, done in times if done]
    first_at, first_done = through[min(workers, len(through)) - 1]  # the children start together, each with a chunk
    start_up = first_at - (warmed[-1] if warmed else began)
    each = start_up / first_done
    if through[-1][1] > first_done:
        each = (through[-1][0] - first_at) / (through[-1][1] - first_done)
    seconds = each * job.total
    return warming + start_up + (max(seconds, job.total / job.rate) if job.rate else seconds), stats


class ReplayRun:
    """Runs a job and keeps its record."""

    def __init__(self, settings: Settings, job: Job, groups: tuple[str, ...], on_progress: OnProgress) -> None:
        self._settings, self.job, self._groups, self._on_progress = settings, job, groups, on_progress
        self._saved = time.monotonic()

    async def find(self, files: KnowledgeFiles, workers: int, span: LogRange) -> ReplayResult:
        """Reads, folds and compares the span; writes the shadow topics if the job has some.

        So many child processes (`workers`) prepare.
        """
        settings = self._settings
        async with AsyncExitStack() as stack:
            admin = await stack.enter_async_context(client.open_admin(settings.kafka))
            throttle = Throttle(settings, admin, self._groups, self.job.rate, self.update_record)
            sender: AIOKafkaProducer | None = None
            if self.job.mode == "into":
                opened = open_producer(settings.kafka, transactional_id=f"newswire-replay-{self.job.id}")
                sender = await stack.enter_async_context(opened)

            async def after(progress: ReplayProgress) -> None:
                if sender is not None and progress.done:
                    self.job = await shadow_topics.write_chunk(sender, settings, self.job, progress)
                self._on_progress("read", progress.done, self.job.total)
                self.job = msgspec.structs.replace(self.job, done=progress.done)
                await self.update_record()
                await throttle.wait(progress.done)

            comparison, later, stats = await replay(
                settings, files, workers, self.job, span.warm_from, span.missing, after
            )
        return self._build_result(comparison, later, stats)

    def _build_result(self, comparison: Comparison, later: dict[str, Decision], stats: ReplayStats) -> ReplayResult:
        passes = self.job.filters.passes
        found = [each for each in comparison.reclassified() if passes(each.difference)]
        here, moved_on = [], []
        for each in found:
            since = later.get(each.difference.uri)
            if since is None or (each.waits and since.outcome is not Outcome.WITHDRAWN):
                here.append(each)
            elif since.evidence.get("job") != self.job.id:
                moved_on.append(each)
        return ReplayResult([each for each in comparison.outcomes if passes(each)], here, moved_on, stats)

    async def apply(self, found: ReplayResult) -> dict[tuple[str, str], Decision]:
        """Has the live fold reclassify what was found, at the job's rate; returns the decisions by uri and version."""
        async with client.open_admin(self._settings.kafka) as admin:
            throttle = Throttle(self._settings, admin, self._groups, self.job.rate, self.update_record)

            async def after(sent: int) -> None:
                self._on_progress("sent", sent, len(found.reclassified))
                await self.update_record()
                await throttle.wait(sent)

            return await apply_reclassifications(self._settings, self.job, found.reclassified, after)

    async def update_record(self) -> None:
        """Writes the job's record every few seconds, and looks whether the job was cancelled. Raises `Cancelled`."""
        if time.monotonic() - self._saved < RECORD_SECONDS:
            return
        known = (await read_jobs(self._settings)).get(self.job.id)
        if known is not None and known.state == "cancelled":
            raise Cancelled(f"replay {self.job.id} was cancelled: {known.note}")
        await self.save()

    async def save(self, **changes: object) -> None:
        """Writes the job's record, with these changes of its fields."""
        self.job = msgspec.structs.replace(self.job, heard=format_rfc3339(datetime.now(UTC)), **changes)
        await save_job(self._settings, self.job)
        self._saved = time.monotonic()
