"""Reads news.latest, committed records only and without a consumer group, into a board and on to the clients.

A gateway keeps nothing on disk: at its start it reads the last `HISTORY` records of each partition, and for each
category that has too few rows of its own by then the end of the category's topic; then it is ready. Where Kafka no
longer has what comes next (it was away for longer than the retention, or the topic was made anew) it begins again
with a new board, and its clients with it.

Reads news.duplicates, its newest records and then each new one, into the hub's copies.

Nothing waits for it: a gateway is ready without it, and without it an item only names no other wires.
"""

import asyncio
import time
from typing import Any

import msgspec
import structlog
from aiokafka import TopicPartition, errors

from streams.config.settings import Settings
from streams.gateway import metrics
from streams.gateway.filters import TickerItem, parse_ticker_item
from streams.gateway.hub import Hub
from streams.gateway.other_wires import MAX_ITEMS, OtherWires
from streams.gateway.ticker_view import TickerView
from streams.kafka import client
from streams.kafka.admin import require_partitions
from streams.kafka.consumer import (
    ConsumedRecord,
    follow,
    make_consumer,
    open_live_consumer,
    partition_of,
    read_newest,
    record_value,
)
from streams.model.errors import WorkFailed
from streams.model.headers import read_source_id
from streams.model.printable import make_printable
from streams.model.topics import CATEGORIES, DUPLICATES, LATEST
from streams.runtime.metrics import BROKER_LAST_ANSWER, LAG_RECORDS, LAG_SECONDS
from streams.runtime.startup import wait_for_kafka

log = structlog.get_logger()
HISTORY = 20_000
"""Records of each partition that are read at the start, and changes that are kept for clients who come back."""
POLL_MS = 500
LAG_CHECK_SECONDS = 5.0
MAX_SILENCE_SECONDS = 30.0
RETRY_SECONDS = 1.0


class GatewayStatus(msgspec.Struct, frozen=True, rename="camel"):
    """What `/status` tells: the essentials, without Prometheus."""

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
    """Fills the hub for as long as it runs."""

    def __init__(self, settings: Settings, hub: Hub) -> None:
        self._settings = settings
        self._hub = hub
        self._topic = settings.topics.full(LATEST)
        self._sources = settings.source_table
        self._consumer: Any = None
        self._partitions: list[TopicPartition] = []
        self._timestamps: dict[TopicPartition, int] = {}
        self._reached = time.monotonic()
        self._lag: int | None = None

    def status(self) -> GatewayStatus:
        """How the gateway is."""
        problem = self.problem()
        newest_ms = max(self._timestamps.values(), default=None)
        age = None if newest_ms is None else max(0, int(time.time() - newest_ms / 1000))
        return GatewayStatus(not problem, problem, self._lag, age, len(self._hub.clients))

    def problem(self) -> str:
        """Why the gateway is not ready; empty where it is."""
        if self._hub.board is None:
            return "reading the newest items" if self._partitions else "waiting for Kafka"
        silent = time.monotonic() - self._reached
        return f"no answer of Kafka for {silent:.0f} s" if silent > MAX_SILENCE_SECONDS else ""

    async def ends(self) -> dict[int, int]:
        """The offset after the last record of each partition, asked anew. Raises aiokafka's errors."""
        found = await self._consumer.end_offsets(self._partitions)
        self._reached = time.monotonic()
        BROKER_LAST_ANSWER.set_to_current_time()
        return {partition.partition: end for partition, end in found.items()}

    async def check(self) -> None:
        """Raises `WorkFailed` where there is no broker or no topic."""
        async with client.open_admin(self._settings.kafka) as admin:
            self._partitions = await require_partitions(admin, [self._topic])

    async def run(self) -> None:
        """Reads until cancelled; begins again after an error of Kafka. Raises `WorkFailed` as `check` does at first."""
        await wait_for_kafka(self.check)
        while True:
            try:
                await self.check()
                await self._read()
            except (WorkFailed, errors.KafkaError) as error:
                log.warning("reading_again", topic=self._topic, error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(RETRY_SECONDS)

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
            ends = await self.ends()
            begins = await consumer.beginning_offsets(self._partitions)
            starts = {each: max(begins[each], ends[each.partition] - HISTORY) for each in self._partitions}
            for each, start in starts.items():
                consumer.seek(each, start)
            rows = self._settings.gateway.rows
            board = TickerView(rows, HISTORY, {each.partition: start for each, start in starts.items()})
            incoming = follow(consumer, poll_ms=POLL_MS)
            # Not the offsets of records: an end may stand after transaction markers.
            while any([await consumer.position(each) < ends[each.partition] for each in self._partitions]):
                self._apply(board, await anext(incoming))
            await self._fill(board)
            self._hub.open(board)
            log.info("ready", topic=self._topic, head=board.head)
            looked = 0.0
            while True:
                self._apply(board, await anext(incoming))
                if time.monotonic() - looked > LAG_CHECK_SECONDS:
                    looked = time.monotonic()
                    await self._look()

    async def _fill(self, board: TickerView) -> None:
        """Rows of rare categories that are older than the history."""
        topics = [self._settings.topics.full(category) for category in CATEGORIES if board.lacks(category)]
        try:
            async with client.open_admin(self._settings.kafka) as admin:
                partitions = await require_partitions(admin, topics) if topics else []
        except WorkFailed as error:
            log.warning("not_filled", error=str(error))
            return
        async with open_live_consumer(self._settings.kafka) as consumer:
            # Versions of one story are several records: some more than the rows.
            for each in partitions:
                for record in await read_newest(consumer, [each], 2 * self._settings.gateway.rows):
                    if (item := self._item(record)) is not None:
                        board.fill(record.timestamp, item, record_value(record), read_source_id(record.headers))

    def _apply(self, board: TickerView, records: list[ConsumedRecord]) -> None:
        live = self._hub.board is board
        for record in records:
            self._take(board, record, live)
            self._timestamps[partition_of(record)] = record.timestamp

    def _take(self, board: TickerView, record: ConsumedRecord, live: bool) -> None:
        item = self._item(record)
        if item is None:
            return
        metrics.RECORDS.labels("read").inc()
        source = read_source_id(record.headers)
        change = board.apply(record.partition, record.offset, item, record_value(record), source)
        if live and change is not None:
            self._hub.publish(change)

    def _item(self, record: ConsumedRecord) -> TickerItem | None:
        if record.value is None:
            return None
        try:
            return parse_ticker_item(record.value, record.headers, self._sources)
        except ValueError as error:
            metrics.RECORDS.labels("refused").inc()
            where = f"{record.topic}/{record.partition}/{record.offset}"
            uri = make_printable((record.key or b"").decode("utf-8", "replace"))
            log.warning("no_enriched_item", record=where, uri=uri, error=make_printable(str(error)))
            return None

    async def _look(self) -> None:
        """Measures the lag, and notices a broker that no longer answers or a topic made anew."""
        try:
            ends = await asyncio.wait_for(self.ends(), LAG_CHECK_SECONDS)
        except (TimeoutError, errors.KafkaError) as error:
            log.warning("no_answer", error=type(error).__name__)
            return
        behind = 0
        for each in self._partitions:
            at = await self._consumer.position(each)
            if at > ends[each.partition]:
                raise errors.OffsetOutOfRangeError({each: at})
            lag = ends[each.partition] - at
            behind += lag
            labels = (each.topic, str(each.partition))
            LAG_RECORDS.labels(*labels).set(lag)
            age = time.time() - self._timestamps.get(each, 0) / 1000
            LAG_SECONDS.labels(*labels).set(max(0.0, age) if lag and each in self._timestamps else 0.0)
        self._lag = behind


DUPLICATES_POLL_MS = 1000
DUPLICATES_RETRY_SECONDS = 5.0


async def consume_duplicates(settings: Settings, hub: Hub) -> None:
    """Reads until cancelled; begins again after an error of Kafka."""
    while True:
        try:
            await _consume_duplicates(settings, hub)
        except (WorkFailed, errors.KafkaError) as error:
            log.warning("reading_again", topic=DUPLICATES, error=f"{type(error).__name__}: {error}")
            await asyncio.sleep(DUPLICATES_RETRY_SECONDS)


async def _consume_duplicates(settings: Settings, hub: Hub) -> None:
    copies = OtherWires()
    async with client.open_admin(settings.kafka) as admin:
        partitions = await require_partitions(admin, [settings.topics.full(DUPLICATES)])
    async with open_live_consumer(settings.kafka) as consumer:
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        begins = await consumer.beginning_offsets(partitions)
        for each in partitions:
            consumer.seek(each, max(begins[each], ends[each] - MAX_ITEMS))
        hub.copies = copies
        async for records in follow(consumer, poll_ms=DUPLICATES_POLL_MS):
            for record in records:
                _add_duplicate(copies, record, settings)


def _add_duplicate(copies: OtherWires, record: ConsumedRecord, settings: Settings) -> None:
    try:
        if record.value is not None:
            copies.add(record.value, record.headers, settings.source_table)
    except ValueError as error:
        where = f"{record.topic}/{record.partition}/{record.offset}"
        log.warning("no_enriched_item", record=where, error=make_printable(str(error)))
