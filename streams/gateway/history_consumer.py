"""Reads news.latest into the history, in a thread with a loop of its own, so that a write never holds up a stream.

The file keeps the next offset of each partition. Where Kafka no longer has that record, some withdrawals may have been
missed; then the history is read again from the topic, as it is where the topic was created again.
"""

import asyncio
import contextlib
import sqlite3
import threading
import time

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition, errors

from streams.config.settings import Settings
from streams.gateway import metrics
from streams.gateway.filters import TickerItem, parse_ticker_item
from streams.gateway.history import HistoryRecord, HistoryStore, is_damage
from streams.kafka import client
from streams.kafka.admin import fetch_partitions
from streams.kafka.consumer import ConsumedRecord, find_start_offsets, follow, make_consumer
from streams.model.errors import WorkFailed
from streams.model.topics import LATEST
from streams.runtime.tasks import AGAIN_SECONDS

log = structlog.get_logger()
DAY_SECONDS = 86_400
POLL_MS = 400
GATHERED_BYTES = 256 << 10
"""The broker answers with so many bytes or with what came in `POLL_MS`: a transaction for each record costs more."""
MOST_RECORDS = 500
"""Records of one transaction."""
RETRY_SECONDS = 2.0
EXPIRE_SECONDS = 60.0
"""How often old rows are looked for."""
WIPE_SHARE = 20
"""Rewriting the index takes one part in so many of the thread's time."""


class HistoryConsumer:
    """Fills the history from news.latest, and keeps it clean, until stopped."""

    def __init__(self, settings: Settings, store: HistoryStore) -> None:
        self._settings = settings
        self._store = store
        self._sources = settings.source_table
        self._thread = threading.Thread(target=self._run, name="history-writer", daemon=True)
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._next_expiry = 0.0
        self._next_wipe = 0.0
        self._journal_is_dirty = True

    def start(self) -> None:
        """Begins to read. The store is open."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread and waits for it."""
        while self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # its loop has just been closed
                self._loop.call_soon_threadsafe(self._cancel)
            self._thread.join(AGAIN_SECONDS)

    def _cancel(self) -> None:
        if self._task is not None:  # else it has not begun to read yet
            self._task.cancel()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            try:
                runner.run(self._read_for_ever())
            except asyncio.CancelledError:
                pass
            except Exception:
                log.exception("history_ended")
                raise

    async def _read_for_ever(self) -> None:
        self._task = asyncio.current_task()
        while True:
            try:
                await self._read()
            except (WorkFailed, errors.KafkaError, sqlite3.OperationalError) as error:
                log.warning("reading_again", topic="history", error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(RETRY_SECONDS)
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                self._store.rebuild(f"it is damaged ({error})")

    async def _read(self) -> None:
        settings = self._settings.kafka
        topic = self._settings.topics.full(LATEST)
        while not self._store.derive(self._sources):
            await asyncio.sleep(0)
        partitions = await fetch_partitions(settings, [topic])
        consumer = make_consumer(
            settings,
            auto_offset_reset="none",
            fetch_min_bytes=GATHERED_BYTES,
            fetch_max_wait_ms=POLL_MS,
            retry_backoff_ms=1000,
        )
        async with client.connect(consumer, settings):
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            await self._seek(consumer, ends)
            async for records in follow(consumer, poll_ms=POLL_MS, max_records=MOST_RECORDS):
                self._write(records)
                if not self._store.is_complete:
                    left = sum([max(0, ends[each] - await consumer.position(each)) for each in partitions])
                    metrics.HISTORY_LEFT.set(left)
                    self._store.is_complete = not left
                    if not left:
                        log.info("history_complete", topic=topic)
                    else:
                        await asyncio.sleep(0)
                if self._store.is_damaged:
                    self._store.is_complete = False
                    self._store.rebuild("a reader found it damaged")
                    return

    async def _seek(self, consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> None:
        """Goes to the next record of each partition, or to the first one of the days that are kept."""
        partitions = list(ends)
        begins = await consumer.beginning_offsets(partitions)
        positions = self._store.positions()
        for each in partitions:
            held = positions.get(each.partition)
            if held is not None and not begins[each] <= held <= ends[each]:
                why = "no longer has" if held < begins[each] else "has not yet"
                self._store.is_complete = False
                self._store.rebuild(f"Kafka {why} the record {each.topic}/{each.partition}/{held}, the next one")
                positions = {}
                break
        since = int((time.time() - self._settings.gateway.history_days * DAY_SECONDS) * 1000)
        starts = await find_start_offsets(consumer, partitions, ends, since)
        for each in partitions:
            consumer.seek(each, positions.get(each.partition, starts[each]))

    def _write(self, records: list[ConsumedRecord]) -> None:
        store, now = self._store, time.monotonic()
        if records and store.write([self._parse(record) for record in records]):
            self._journal_is_dirty = True
        oldest = int(time.time() - self._settings.gateway.history_days * DAY_SECONDS)
        if now >= self._next_expiry and not store.expire(oldest):
            self._next_expiry = now + EXPIRE_SECONDS
        if now >= self._next_wipe and store.is_complete:
            if not store.wipe_index():
                self._journal_is_dirty = True
            self._next_wipe = time.monotonic() + WIPE_SHARE * (time.monotonic() - now)
        if self._journal_is_dirty:
            self._journal_is_dirty = not store.wipe_journal()

    def _parse(self, record: ConsumedRecord) -> HistoryRecord:
        """Parses a record; `TickerConsumer` reports one that is not ours."""
        item: TickerItem | None = None
        if record.value is not None:
            try:
                item = parse_ticker_item(record.value, record.headers, self._sources)
            except ValueError:
                item = None
        document = record.value or b""
        return HistoryRecord(record.partition, record.offset, record.timestamp, item, record.headers, document)
