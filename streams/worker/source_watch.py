"""Keeps what is normal for each source, learnt from `news.decisions`, and the metrics of how long each may be silent.

The history lies in a file beside the state, so that a restart reads only the decisions since. It is a cache: where it
is lost or of another cluster, the decisions of the last four weeks are read again, while the fold works.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from streams.config.settings import Settings
from streams.decide.parameters import parse_milliseconds
from streams.feeders.raw_records import UNKNOWN_SOURCE
from streams.kafka.consumer import find_start_offsets, open_bulk_consumer, read_range, record_value
from streams.model.errors import WorkFailed
from streams.model.records import Decision, JsonObject, Outcome
from streams.model.topics import DECISIONS
from streams.ops.silence import WEEK, WEEKS, Silences, find_allowed_silence
from streams.runtime import metrics
from streams.worker import state_directory

log = structlog.get_logger()
PUBLISH_SECONDS = 2.0
SAVE_SECONDS = 60.0
CHUNK = 200
"""Decisions that are counted before other work gets its turn."""
REST = 3
"""How long the reader rests after a chunk, as a multiple of its CPU time: the fold keeps three quarters of the core."""
CLOCKS_MS = 60_000
"""How far the clocks of two brokers may differ."""


class BroughtItem(msgspec.Struct, gc=False):
    """The part of a decision that is counted; the evidence, which is most of it, is not decoded."""

    log_offset: int
    source: str
    received: str
    outcome: Outcome = msgspec.field(name="fate")
    origin: JsonObject | None = None


class SourceWatch:
    """Counts decisions: those of before in a task, those of now as they are committed."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings = settings
        self._file = folder.with_name(f"{folder.name}-sources")
        self._silences = Silences(metrics.MAX_SOURCES)
        self._owner = ""
        self._waiting: list[BroughtItem] = []
        """What was committed while the decisions of before are read."""
        self._has_read = False
        self._last: dict[str, float] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self, next_offset: int) -> None:
        """Begins when this process owns the log; the decisions below this log offset are read from their topic."""
        self._task = asyncio.create_task(self._run(next_offset))

    def stop(self) -> None:
        """Ends when another process owns the log. What is known of sources is its to say."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._save()
        self._has_read = False
        self._waiting.clear()
        self._last.clear()
        metrics.SOURCE_LAST.clear()
        metrics.SOURCE_QUIET_AFTER.clear()

    def add(self, decisions: Sequence[Decision]) -> None:
        """Counts decisions that were committed now."""
        if not self._has_read:
            self._waiting += (
                BroughtItem(each.log_offset, each.source, each.received, each.outcome, {} if each.origin else None)
                for each in decisions
            )
            return
        for decision in decisions:
            self._count(decision)

    def _count(self, decision: Decision | BroughtItem) -> None:
        if decision.log_offset < self._silences.next_offset:
            return
        self._silences.next_offset = decision.log_offset + 1
        self._silences.decided = int(time.time() * 1000)
        # What names no source, such as junk in the log, is no feed that could fall silent.
        is_item = decision.origin is not None and decision.outcome is not Outcome.REPEAT
        if is_item and decision.source != UNKNOWN_SOURCE:
            received = parse_milliseconds(decision.received) / 1000
            self._silences.add(metrics.source_label(decision.source), received)

    async def _run(self, next_offset: int) -> None:
        try:
            await self._read_before(next_offset)
        except (KafkaError, OSError, WorkFailed) as error:  # it teaches what is normal; nothing depends on it
            log.warning("sources_not_read", error=f"{type(error).__name__}: {error}")
        self._has_read = True
        for item in self._waiting:
            self._count(item)
        self._waiting.clear()
        self._save()
        saved = time.monotonic()
        while True:
            self._publish()
            await asyncio.sleep(PUBLISH_SECONDS)
            if time.monotonic() - saved > SAVE_SECONDS:
                self._save()
                saved = time.monotonic()

    async def _read_before(self, next_offset: int) -> None:
        self._owner = await state_directory.read_owner(self._settings)
        self._silences = self._load()
        began, partition = time.perf_counter(), TopicPartition(self._settings.topics.full(DECISIONS), 0)
        since = max(self._silences.decided - CLOCKS_MS, int(time.time() * 1000) - WEEKS * WEEK * 3_600_000)
        async with open_bulk_consumer(self._settings.kafka) as consumer:
            ends = await consumer.end_offsets([partition])
            starts = await find_start_offsets(consumer, [partition], ends, since)
        decode, read, busy = msgspec.json.Decoder(BroughtItem).decode, 0, time.thread_time()
        async for record in read_range(self._settings.kafka, partition, starts[partition], ends[partition]):
            with contextlib.suppress(msgspec.DecodeError):  # it is not ours
                decision = decode(record_value(record))
                if decision.log_offset < next_offset:
                    self._count(decision)
            read += 1
            if read % CHUNK == 0:
                await asyncio.sleep(REST * (time.thread_time() - busy))
                busy = time.thread_time()
        seconds = round(time.perf_counter() - began, 3)
        log.info("sources_read", sources=len(self._silences.sources), decisions=read, seconds=seconds)

    def _publish(self) -> None:
        table = self._settings.source_table.table
        for source, history in self._silences.sources.items():
            if self._last.get(source) == history.last:
                continue
            self._last[source] = history.last
            metrics.SOURCE_LAST.labels(source).set(history.last)
            fixed = table[source].quiet_minutes if source in table else None
            allowed = find_allowed_silence(history) if fixed is None else fixed * 60
            metrics.SOURCE_QUIET_AFTER.labels(source).set(allowed)

    def _load(self) -> Silences:
        """Loads the history; an empty one where there is none, or one that is damaged or of another cluster."""
        try:
            owner, silences = msgspec.msgpack.decode(self._file.read_bytes(), type=tuple[str, Silences])
        except (OSError, msgspec.DecodeError, msgspec.ValidationError):
            return Silences(metrics.MAX_SOURCES)
        return silences if owner == self._owner else Silences(metrics.MAX_SOURCES)

    def _save(self) -> None:
        """Saves the history where it is complete; a file that cannot be written costs a longer start."""
        if not (self._has_read and self._owner):
            return
        new = self._file.with_name(f"{self._file.name}.new")
        try:
            new.write_bytes(msgspec.msgpack.encode((self._owner, self._silences)))
            new.replace(self._file)
        except OSError as error:
            log.warning("sources_not_saved", error=str(error))
