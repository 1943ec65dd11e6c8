"""Follows the topics into an archive, until stopped, or once to their present ends."""

import asyncio
import time
from collections.abc import Callable, Mapping

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.archive import metrics
from streams.archive.files import read_head, require_head
from streams.archive.intake import TOPICS, Intake
from streams.archive.manifest import HEAD, DueWithdrawal, Head, LostSpan
from streams.archive.purge import Prepare, Purged, make_prepare
from streams.archive.store import ArchiveStore, Conflict
from streams.archive.writer import ArchiveWriter
from streams.config.settings import Settings
from streams.kafka import client
from streams.kafka.admin import fetch_partitions
from streams.kafka.consumer import open_bulk_consumer, poll
from streams.model.errors import Unreachable, WorkFailed
from streams.model.topics import DECISIONS, LATEST
from streams.runtime.health import Health

log = structlog.get_logger()
POLL_MS = 500
FLUSH_BYTES = 32 << 20
"""So many bytes of records wait in memory before they are written, even when `archive.flush_seconds` is not over."""
MOST_HELD = 20_000
"""Decisions that wait for their raw records before their topic is read no further for a while."""
PURGE_SECONDS = 300.0
"""How often withdrawn stories are taken out: one pass reads all decisions."""
RETRY_SECONDS = 2.0
DAY_MS = 86_400_000


async def open_writer(settings: Settings, store: ArchiveStore) -> ArchiveWriter:
    """Opens an archive to add to it, or begins one. Raises `WorkFailed` where it is of other topics."""
    async with client.open_admin(settings.kafka) as admin:
        cluster = str((await admin.describe_cluster()).get("cluster_id") or "")
    found = read_head(store)
    if found is None:
        head = Head(cluster=cluster, prefix=settings.topics.prefix)
        return ArchiveWriter(store, head, store.swap(HEAD, "", msgspec.json.encode(head)))
    head, version = found
    if head.prefix != settings.topics.prefix:
        raise WorkFailed(f"{store.name} is the archive of {head.prefix}.*, not of {settings.topics.prefix}.*")
    if head.cluster != cluster:
        raise WorkFailed(f"{store.name} is the archive of another Kafka cluster: begin a new one beside it")
    return ArchiveWriter(store, head, version)


def purge_now(store: ArchiveStore, uris: frozenset[str], now: int, prepare: Prepare) -> Purged:
    """Takes stories out, beside a process that follows; tries again where that one writes meanwhile."""
    while True:
        head, version = require_head(store)
        known = {uri: head.withdrawn.get(uri) or DueWithdrawal(due=now, seen=now) for uri in uris}
        writer = ArchiveWriter(store, msgspec.structs.replace(head, withdrawn={**head.withdrawn, **known}), version)
        try:
            return writer.purge(uris, prepare)
        except Conflict:
            continue


class TopicFollower:
    """Reads the topics into the archive."""

    def __init__(self, settings: Settings, store: ArchiveStore, health: Health) -> None:
        self._settings, self._store, self._health = settings, store, health
        self._names = {settings.topics.full(name): name for name in TOPICS}
        self._decisions = TopicPartition(settings.topics.full(DECISIONS), 0)
        self._prepare = make_prepare(settings)
        self._next_purge = 0.0
        self._flushed = 0.0

    async def run(self, should_stop: Callable[[], bool], *, once: bool) -> None:
        """Follows until `should_stop` answers yes; with `once`, to the ends that the topics have now."""
        while True:
            try:
                writer = await open_writer(self._settings, self._store)
                await self._follow(writer, should_stop, once=once)
                return
            except Conflict as error:
                log.warning("archive_changed", error=str(error))
            except Unreachable as error:
                if once or should_stop():
                    raise
                log.warning("reading_again", topic="archive", error=str(error))
                await asyncio.sleep(RETRY_SECONDS)

    async def _follow(self, writer: ArchiveWriter, should_stop: Callable[[], bool], *, once: bool) -> None:
        partitions = await fetch_partitions(self._settings.kafka, list(self._names))
        await asyncio.to_thread(writer.delete_orphans)
        async with open_bulk_consumer(self._settings.kafka) as consumer:
            consumer.assign(partitions)
            ends = _by_name(await consumer.end_offsets(partitions))
            intake = Intake(
                writer, await self._seek(consumer, writer, ends), self._settings.topics.raw_retention_days * DAY_MS
            )
            self._health.assigned = self._health.recovered = True
            self._flushed = time.monotonic()
            while True:
                for record in (records := await poll(consumer, timeout_ms=POLL_MS)):
                    intake.take(record)
                for each in partitions:  # markers of transactions stand at the end of a topic too
                    name = _name(each)
                    intake.positions[name] = max(intake.positions[name], await consumer.position(each))
                intake.release_held({} if records else _by_name(await consumer.end_offsets(partitions)))
                self._pause(consumer, len(intake.held))
                done = should_stop() or (once and _has_reached(intake, ends))
                late = time.monotonic() - self._flushed >= self._settings.archive.flush_seconds
                if done or late or writer.size >= FLUSH_BYTES:
                    await self._flush(writer, intake, _by_name(await consumer.end_offsets(partitions)))
                if done or time.monotonic() >= self._next_purge:
                    await self._purge_due(writer, intake)
                if done:
                    return

    async def _seek(self, consumer: AIOKafkaConsumer, writer: ArchiveWriter, ends: Mapping[str, int]) -> dict[str, int]:
        """Goes to the next record of each partition; notes in the head what Kafka no longer has of those to come."""
        begins = await consumer.beginning_offsets(consumer.assignment())
        positions: dict[str, int] = {}
        gaps: list[LostSpan] = []
        for each in sorted(consumer.assignment()):
            name = _name(each)
            wanted = writer.head.next.get(name)
            if wanted is not None and wanted > ends[name]:
                raise WorkFailed(
                    f"{name} ends before record {wanted}, which {self._store.name} expects: the topic was made again,"
                    " so begin a new archive"
                )
            positions[name] = max(begins[each], wanted or 0)
            if wanted is not None and wanted < begins[each] and self._names[each.topic] != LATEST:
                gaps.append(LostSpan(partition=name, first=wanted, last=begins[each] - 1))
                metrics.LOST.labels(each.topic).inc(begins[each] - wanted)
                log.error("archive_gap", partition=name, first=wanted, last=begins[each] - 1)
            consumer.seek(each, positions[name])
        if gaps:
            await asyncio.to_thread(writer.flush, gaps=[*writer.head.gaps, *gaps], next=positions)
        return positions

    def _pause(self, consumer: AIOKafkaConsumer, held: int) -> None:
        """Reads no further decisions while too many wait."""
        if held > MOST_HELD:
            consumer.pause(self._decisions)
        elif consumer.paused():
            consumer.resume(self._decisions)

    async def _flush(self, writer: ArchiveWriter, intake: Intake, ends: Mapping[str, int]) -> None:
        """Writes what was read; closes the days that are over; then deletes what no head lists."""
        now = int(time.time() * 1000)
        intake.forget_withdrawn(now)
        following = intake.next_offsets()
        if following != writer.head.next or writer.head.replaced:
            await asyncio.to_thread(writer.flush, next=following, withdrawn=dict(intake.withdrawn))
        for kind, count in intake.counts.items():
            metrics.RECORDS.labels(kind).inc(count)
        intake.counts.clear()
        self._flushed = time.monotonic()
        lag = {name: max(0, end - following[name]) for name, end in ends.items()}
        for topic in self._names:
            metrics.LAG.labels(topic).set(sum(left for name, left in lag.items() if name.startswith(f"{topic}/")))
        metrics.LAST.set_to_current_time()
        self._health.mark_progress()
        self._health.update_lag(sum(lag.values()))
        closed = [] if any(lag.values()) else await asyncio.to_thread(writer.close_days, now)
        if closed:
            await asyncio.to_thread(writer.delete_orphans)

    async def _purge_due(self, writer: ArchiveWriter, intake: Intake) -> None:
        """Takes the stories out whose words must go by now, as far as the head knows them."""
        self._next_purge = time.monotonic() + PURGE_SECONDS
        before, now = writer.head.withdrawn, int(time.time() * 1000)
        due = frozenset(uri for uri, each in before.items() if each.due <= now and not each.purged)
        if not due:
            return
        done = await asyncio.to_thread(writer.purge, due, self._prepare)
        intake.note_purged(before)
        metrics.PURGED.inc(len(due))
        log.info("archive_purged", stories=len(done.stories), raw_records=done.raw)


def _name(partition: TopicPartition) -> str:
    return f"{partition.topic}/{partition.partition}"


def _by_name(offsets: Mapping[TopicPartition, int]) -> dict[str, int]:
    return {_name(each): offset for each, offset in offsets.items()}


def _has_reached(intake: Intake, ends: Mapping[str, int]) -> bool:
    return not intake.held and all(intake.positions[name] >= end for name, end in ends.items())
