"""Brings the records of a system into an archive and back, with kills in between, and without Kafka."""

import asyncio
import random
from collections.abc import Iterator

import msgspec
from support.recorded_system import KafkaRecord, PoolInProcess, RecordedSystem, split_by_partition

from streams.archive.files import read_day, read_head, read_rows, require_head
from streams.archive.intake import TOPICS, Intake
from streams.archive.lines import ArchivedRecord
from streams.archive.manifest import HEAD, Head, end_of_day
from streams.archive.store import ArchiveStore
from streams.archive.writer import ArchiveWriter
from streams.config.loader import load
from streams.decide.parameters import DecideParams
from streams.model.records import Effect
from streams.prepare.stage import Knowledge
from streams.replay.archive_source import ArchiveStepReader, find_archive_range
from streams.replay.diff import Comparison
from streams.replay.engine import ReplayStats, fold_step
from streams.replay.job import Job
from streams.replay.shadow import Shadow

UNDO_MS = 32 * 86_400_000


class Killed(BaseException):
    """The process ends here."""


class MortalStore:
    """Is the store of a process that is killed at the next `left`-th change of the store."""

    def __init__(self, store: ArchiveStore, left: int) -> None:
        self._store, self._left, self.name = store, left, store.name
        self.read, self.list, self.read_version = store.read, store.list, store.read_version

    def write(self, path: str, data: bytes) -> None:
        self._live()
        self._store.write(path, data)

    def delete(self, path: str) -> None:
        self._live()
        self._store.delete(path)

    def swap(self, path: str, version: str, data: bytes) -> str:
        self._live()
        return self._store.swap(path, version, data)

    def _live(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Killed


def open_writer(store: ArchiveStore) -> ArchiveWriter:
    found = read_head(store)
    if found is not None:
        return ArchiveWriter(store, *found)
    head = Head(cluster="c1", prefix="news")
    return ArchiveWriter(store, head, store.swap(HEAD, "", msgspec.json.encode(head)))


def archive(system: RecordedSystem, store: ArchiveStore, rng: random.Random, *, step: int = 97) -> None:
    """Follows the topics of a system to their ends as `newswire archive` does, and closes the days that are over.

    The partitions are read in any order. A step is taken after about so many records.
    """
    writer = open_writer(store)
    partitions = split_by_partition([row for topic in TOPICS for row in system.topics.get(topic, ())])
    intake = Intake(writer, {name: writer.head.next.get(name, 0) for name in partitions}, UNDO_MS)
    ends = {name: len(rows) for name, rows in partitions.items()}
    while intake.held or any(intake.positions[name] < end for name, end in ends.items()):
        name = rng.choice([name for name, end in ends.items() if intake.positions[name] < end] or list(ends))
        at = intake.positions[name]
        for record in partitions[name][at : at + rng.randrange(1, step)]:
            intake.take(record)
        intake.release_held({})
        if rng.random() < 0.3:
            writer.flush(next=intake.next_offsets(), withdrawn=dict(intake.withdrawn))
    writer.flush(next=intake.next_offsets(), withdrawn=dict(intake.withdrawn))
    latest = max(row.timestamp for rows in partitions.values() for row in rows)
    writer.close_days(latest)


def read_all(store: ArchiveStore, kind: str) -> list[ArchivedRecord]:
    head, _ = require_head(store)
    days = sorted({*head.days, *head.open})
    return [
        row
        for day in days
        for each in read_day(store, head, day)
        if each.kind == kind
        for row in read_rows(store, each)
    ]


def list_ends(store: ArchiveStore) -> set[int]:
    head, _ = require_head(store)
    return {end_of_day(day) for day in head.days}


def replay(system: RecordedSystem, place: str, *, start_ms: int = 0) -> list[Effect]:
    """Folds an archive as `newswire replay --archive … --into` does; returns the records that it puts out."""
    return compare(place, system.knowledge, start_ms=start_ms)[0]


def compare(place: str, knowledge: Knowledge, *, start_ms: int = 0) -> tuple[list[Effect], Comparison]:
    """Folds an archive with this knowledge; returns what it puts out, and how it differs from what was published."""
    warm, first, end = find_archive_range(place, 0, start_ms, 1 << 60)
    job = Job(id="r1", mode="into", archive=place, by="ada", started="", heard="", first=first, end=end, knowledge={})
    return asyncio.run(_replay(job, warm, PoolInProcess(knowledge)))


async def _replay(job: Job, warm: int, pool: PoolInProcess) -> tuple[list[Effect], Comparison]:
    shadow, comparison, stats = Shadow(DecideParams.from_settings(load(environ={}))), Comparison(), ReplayStats()
    reader = ArchiveStepReader(job, pool)
    found: list[Effect] = []
    async for chunk in reader.chunks(warm):
        for step in await reader.steps(chunk, warm):
            found += fold_step(shadow, comparison, stats, step)
        shadow.flush()
    assert reader.raw_missing == 0
    return found, comparison


def find_newest(effects: list[Effect], topic: str) -> dict[bytes | None, bytes | None]:
    newest = {each.key: each.value for each in effects if each.topic == topic}
    return {key: value for key, value in newest.items() if value is not None}


def describe(rows: list[KafkaRecord] | list[ArchivedRecord]) -> Iterator[tuple[object, ...]]:
    """Yields what must be equal in a topic and in an archive."""
    for row in rows:
        yield row.partition, row.offset, row.timestamp, row.key, row.value, tuple(row.headers)
