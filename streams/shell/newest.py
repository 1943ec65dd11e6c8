"""The newest records of some partitions: what `tail` begins with and `check` looks at."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.config import KafkaSettings
from streams.errors import WorkFailed
from streams.shell.client import client_options

POLL_MS = 200
SILENCE_SECONDS = 30.0
"""A broker that gives nothing for so long, before the end is reached, is given up."""
MOST_OFFSETS = 10_000
"""How far back it looks in a partition."""

Record = Any
"""aiokafka's ConsumerRecord, which has no types."""


def reader(settings: KafkaSettings) -> AIOKafkaConsumer:
    """A consumer of committed records that belongs to no group and leaves no trace."""
    return AIOKafkaConsumer(
        **client_options(settings),
        group_id=None,
        enable_auto_commit=False,
        isolation_level="read_committed",
        auto_offset_reset="latest",
        fetch_max_wait_ms=200,
    )


async def newest(
    consumer: AIOKafkaConsumer,
    partitions: Sequence[TopicPartition],
    count: int,
    wanted: Callable[[Record], bool] = lambda _record: True,
) -> list[Record]:
    """The newest `count` wanted records of each partition, oldest first by the broker's time.

    Assigns the partitions; the next read goes on behind what was looked at.
    """
    consumer.assign(partitions)
    ends = await consumer.end_offsets(partitions)
    begins = await consumer.beginning_offsets(partitions)
    kept: dict[TopicPartition, deque[Record]] = {}
    span = max(2 * count, 20) if count else 0
    while span:
        starts = {each: max(begins[each], ends[each] - span) for each in partitions}
        kept = await _between(consumer, starts, ends, count, wanted)
        short = [each for each in partitions if len(kept[each]) < count and starts[each] > begins[each]]
        span = min(8 * span, MOST_OFFSETS) if short and span < MOST_OFFSETS else 0
    for each in partitions:
        consumer.seek(each, ends[each])
    return in_time(record for records in kept.values() for record in records)


def in_time(records: Any) -> list[Record]:
    """Records of several partitions in the order of the broker's time."""
    return sorted(records, key=lambda row: (row.timestamp, row.topic, row.partition, row.offset))


async def _between(
    consumer: AIOKafkaConsumer,
    starts: Mapping[TopicPartition, int],
    ends: Mapping[TopicPartition, int],
    count: int,
    wanted: Callable[[Record], bool],
) -> dict[TopicPartition, deque[Record]]:
    kept: dict[TopicPartition, deque[Record]] = {each: deque(maxlen=count) for each in starts}
    unread = {each for each in starts if starts[each] < ends[each]}
    for each in starts:
        consumer.seek(each, starts[each])
    loop = asyncio.get_running_loop()
    last = loop.time()
    while unread:
        polled = await consumer.getmany(*unread, timeout_ms=POLL_MS)
        for each, records in polled.items():
            kept[each].extend(row for row in records if row.offset < ends[each] and wanted(row))
        # `getmany` moves the position over transaction markers too; `getone` would leave it below the end.
        read = {each for each in unread if await consumer.position(each) >= ends[each]}
        unread -= read
        if polled or read:
            last = loop.time()
        elif loop.time() - last > SILENCE_SECONDS:
            raise WorkFailed(f"Kafka gave nothing for {SILENCE_SECONDS:.0f} s: look at the broker and try again")
    return kept
