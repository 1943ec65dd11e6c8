"""Reads news.latest into the gateway's ticker view and its streams, and news.duplicates into its list of other wires.

Both are read without a consumer group, committed records only. A gateway keeps nothing on disk.

`TickerConsumer` reads news.latest. At its start it reads the last `HISTORY` records of each partition. For each
category that then has too few rows it reads the end of the category's topic. After that the gateway is ready. Where
Kafka no longer has the next record (the gateway was away for longer than the retention, or the topic was created
again), it begins again with a new view, and its clients resume on that one.

`consume_duplicates` reads news.duplicates: its newest records, then each new one. The gateway is ready without it;
until it has read, an item names no other wires.
"""

import asyncio
import time

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition, errors

from streams.config.settings import Settings
from streams.gateway import metrics
from streams.gateway.filters import TickerItem, parse_ticker_item
from streams.gateway.hub import Hub
from streams.gateway.other_wires import MAX_ITEMS, OtherWires
from streams.gateway.ticker_row import Tombstone, parse_tombstone
from streams.gateway.ticker_view import TickerView
from streams.kafka import client
from streams.kafka.admin import fetch_partitions
from streams.kafka.consumer import (
    ConsumedRecord,
    follow,
    make_consumer,
    open_live_consumer,
    partition_of,
    read_newest,
    record_value,
    ref_of,
)
from streams.model.errors import WorkFailed
from streams.model.printable import make_printable
from streams.model.sources import Sources
from streams.model.topics import CATEGORIES, DUPLICATES, LATEST, ROLL_KEY
from streams.runtime.health import Health
from streams.runtime.metrics import LAG_RECORDS, LAG_SECONDS
from streams.runtime.startup import wait_for_kafka

log = structlog.get_logger()
HISTORY = 20_000
"""Records of each partition that are read at the start, and changes that are kept for clients that come back."""
LATEST_POLL_MS, DUPLICATES_POLL_MS = 500, 1000
LATEST_RETRY_SECONDS, DUPLICATES_RETRY_SECONDS = 1.0, 5.0
"""How long to wait before reading again after an error of Kafka."""
LAG_CHECK_SECONDS = 2.0


class GatewayStatus(msgspec.Struct, frozen=True, rename="camel"):
    """The answer of `/status`: the essentials, without Prometheus."""

    ready: bool
    why: str
    """Why it is not ready; empty where it is."""
    lag: int | None
    """Records of news.latest that are not read yet; null before the first look."""
    newest_seconds: int | None
    """Age of the newest record of news.latest; null where there is none."""
    clients: int
    """Open streams."""


class TickerConsumer:
    """Reads news.latest into a ticker view, and publishes each change of it to the hub."""

    def __init__(self, settings: Settings, hub: Hub, health: Health | None = None) -> None:
        self._settings = settings
        self._hub = hub
        self._topic = settings.topics.full(LATEST)
        self._sources = settings.source_table
        self._consumer: AIOKafkaConsumer | None = None
        self._partitions: list[TopicPartition] = []
        self._timestamps: dict[TopicPartition, int] = {}
        self._health = health or Health()
        """Whether Kafka answers and has the topic; `measure_broker` asks it."""
        self._health.assigned = self._health.recovered = True
        self._lag: int | None = None

    def status(self) -> GatewayStatus:
        """Describes how the gateway is."""
        problem = self.problem()
        newest_ms = max(self._timestamps.values(), default=None)
        age = None if newest_ms is None else max(0, int(time.time() - newest_ms / 1000))
        return GatewayStatus(not problem, problem, self._lag, age, len(self._hub.clients))

    def problem(self) -> str:
        """Says why the gateway is not ready; empty where it is."""
        if self._hub.view is None:
            return "reading the newest items" if self._partitions else "waiting for Kafka"
        return self._health.problem()

    async def check(self) -> None:
        """Raises `WorkFailed` where there is no broker or no topic."""
        self._partitions = await fetch_partitions(self._settings.kafka, [self._topic])

    async def run(self) -> None:
        """Reads until cancelled, and begins again after an error of Kafka. At the start it raises as `check` does."""
        await wait_for_kafka(self.check)
        while True:
            try:
                await self.check()
                await self._read()
            except (WorkFailed, errors.KafkaError) as error:
                log.warning("reading_again", topic=self._topic, error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(LATEST_RETRY_SECONDS)

    async def fetch_ends(self) -> dict[int, int]:
        """Asks Kafka for the offset after the last record of each partition. Raises `KafkaError`."""
        assert self._consumer is not None
        found = await self._consumer.end_offsets(self._partitions)
        return {partition.partition: end for partition, end in found.items()}

    async def _read(self) -> None:
        settings = self._settings.kafka
        consumer = make_consumer(
            settings,
            auto_offset_reset="none",
            fetch_max_wait_ms=200,
            max_poll_records=500,
            retry_backoff_ms=1000,  # 100 ms fills the log while no broker answers
        )
        async with client.connect(consumer, settings):
            self._consumer = consumer
            consumer.assign(self._partitions)
            ends = await self.fetch_ends()
            begins = await consumer.beginning_offsets(self._partitions)
            starts = {each: max(begins[each], ends[each.partition] - HISTORY) for each in self._partitions}
            for each, start in starts.items():
                consumer.seek(each, start)
            rows = self._settings.gateway.rows
            view = TickerView(rows, HISTORY, {each.partition: start for each, start in starts.items()})
            incoming = follow(consumer, poll_ms=LATEST_POLL_MS)
            # By position, not by the offsets of records: an end may stand after transaction markers.
            while any([await consumer.position(each) < ends[each.partition] for each in self._partitions]):
                self._apply(view, await anext(incoming))
            await self._backfill(view)
            self._hub.open(view)
            log.info("ready", topic=self._topic, head=view.head)
            last_check = 0.0
            while True:
                self._apply(view, await anext(incoming))
                if time.monotonic() - last_check > LAG_CHECK_SECONDS:
                    last_check = time.monotonic()
                    await self._measure_lag()

    def _apply(self, view: TickerView, records: list[ConsumedRecord]) -> None:
        is_live = self._hub.view is view
        for record in records:
            if record.key != ROLL_KEY:  # else a topic that is only rolled would look fresh
                self._timestamps[partition_of(record)] = record.timestamp
            if (item := self._parse(record)) is None:
                continue
            metrics.RECORDS.labels("read").inc()
            change = view.apply(record.partition, record.offset, item, record_value(record))
            if is_live and change is not None:
                self._hub.publish(change)

    async def _backfill(self, view: TickerView) -> None:
        """Adds rows of rare categories that are older than the history, from the topics of those categories."""
        topics = [self._settings.topics.full(category) for category in CATEGORIES if view.needs_rows(category)]
        try:
            partitions = await fetch_partitions(self._settings.kafka, topics) if topics else []
        except WorkFailed as error:
            log.warning("not_filled", error=str(error))
            return
        async with open_live_consumer(self._settings.kafka) as consumer:
            # More records than rows: each version of a story is a record.
            for each in partitions:
                for record in await read_newest(consumer, [each], 2 * self._settings.gateway.rows):
                    if (tombstone := self._parse_tombstone(record)) is not None:
                        view.backfill_tombstone(tombstone)
                    elif (item := self._parse(record)) is not None:
                        view.backfill(record.timestamp, item, record_value(record))

    def _parse_tombstone(self, record: ConsumedRecord) -> Tombstone | None:
        if record.value is not None:
            return None
        return parse_tombstone(record.key, record.headers, self._sources)

    def _parse(self, record: ConsumedRecord) -> TickerItem | None:
        if record.value is None:
            metrics.RECORDS.labels("passed-over").inc()
            return None
        try:
            return parse_ticker_item(record.value, record.headers, self._sources)
        except ValueError as error:
            metrics.RECORDS.labels("refused").inc()
            uri = make_printable((record.key or b"").decode("utf-8", "replace"))
            log.warning("no_enriched_item", record=str(ref_of(record)), uri=uri, error=make_printable(str(error)))
            return None

    async def _measure_lag(self) -> None:
        """Measures the lag. Raises `OffsetOutOfRangeError` where the topic was created again."""
        assert self._consumer is not None
        try:
            async with asyncio.timeout(LAG_CHECK_SECONDS):
                ends = await self.fetch_ends()
        except (TimeoutError, errors.KafkaError):
            return
        total = 0
        for each in self._partitions:
            position = await self._consumer.position(each)
            if position > ends[each.partition]:
                raise errors.OffsetOutOfRangeError({each: position})
            lag = ends[each.partition] - position
            total += lag
            labels = (each.topic, str(each.partition))
            LAG_RECORDS.labels(*labels).set(lag)
            age = time.time() - self._timestamps.get(each, 0) / 1000
            LAG_SECONDS.labels(*labels).set(max(0.0, age) if lag and each in self._timestamps else 0.0)
        self._lag = total


async def consume_duplicates(settings: Settings, hub: Hub) -> None:
    """Reads news.duplicates until cancelled, and begins again after an error of Kafka."""
    while True:
        try:
            await _read_duplicates(settings, hub)
        except (WorkFailed, errors.KafkaError) as error:
            log.warning("reading_again", topic=DUPLICATES, error=f"{type(error).__name__}: {error}")
            await asyncio.sleep(DUPLICATES_RETRY_SECONDS)


async def _read_duplicates(settings: Settings, hub: Hub) -> None:
    other_wires = OtherWires()
    partitions = await fetch_partitions(settings.kafka, [settings.topics.full(DUPLICATES)])
    async with open_live_consumer(settings.kafka) as consumer:
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        begins = await consumer.beginning_offsets(partitions)
        for each in partitions:
            consumer.seek(each, max(begins[each], ends[each] - MAX_ITEMS))
        hub.other_wires = other_wires
        async for records in follow(consumer, poll_ms=DUPLICATES_POLL_MS):
            for record in records:
                _add_duplicate(other_wires, record, settings.source_table)


def _add_duplicate(other_wires: OtherWires, record: ConsumedRecord, sources: Sources) -> None:
    try:
        if record.value is not None:
            other_wires.add(record.value, record.headers, sources)
    except ValueError as error:
        log.warning("no_enriched_item", record=str(ref_of(record)), error=make_printable(str(error)))
