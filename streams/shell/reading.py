"""Reads topics from a time or offset to their present end, committed records only, without a group."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.config import KafkaSettings
from streams.errors import WorkFailed
from streams.shell.client import client_options, started

POLL_MS = 200
PATIENCE_SECONDS = 30.0
"""A broker that gives nothing for so long, before the end is reached, has failed."""


async def read_to_end(
    settings: KafkaSettings, partitions: Sequence[TopicPartition], *, since_ms: int | None = None
) -> AsyncIterator[Any]:
    """aiokafka's records of all partitions, each partition in its order, up to the ends at the time of the call."""
    async with started(reader(settings), settings) as consumer:
        consumer.assign(list(partitions))
        ends = await consumer.end_offsets(partitions)
        starts = await starting(consumer, partitions, ends, since_ms)
        async for record in _between(consumer, starts, ends):
            yield record


async def read_between(settings: KafkaSettings, partition: TopicPartition, first: int, end: int) -> AsyncIterator[Any]:
    """As `read_to_end`, one partition from offset `first` to before `end`."""
    if first >= end:  # aiokafka cannot stop a consumer in the moment in which it got its partitions
        return
    async with started(reader(settings), settings) as consumer:
        consumer.assign([partition])
        async for record in _between(consumer, {partition: first}, {partition: end}):
            yield record


def reader(settings: KafkaSettings) -> AIOKafkaConsumer:
    """A consumer of committed records that belongs to no group, for reading much."""
    return AIOKafkaConsumer(
        **client_options(settings),
        enable_auto_commit=False,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 << 20,
        fetch_max_wait_ms=100,
    )


async def go_to_end(consumer: AIOKafkaConsumer, partition: TopicPartition) -> None:
    """What the consumer reads next is what comes from now on."""
    consumer.assign([partition])
    consumer.seek(partition, (await consumer.end_offsets([partition]))[partition])


async def _between(
    consumer: AIOKafkaConsumer, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
) -> AsyncIterator[Any]:
    """The position reaches the end over transaction markers too, unlike what aiokafka #911 says of single messages."""
    for partition, offset in starts.items():
        consumer.seek(partition, offset)
    unread = {partition for partition in starts if starts[partition] < ends[partition]}
    loop = asyncio.get_running_loop()
    last = loop.time()
    while unread:
        if loop.time() - last > PATIENCE_SECONDS:
            left = ", ".join(sorted(f"{each.topic}/{each.partition}" for each in unread))
            raise WorkFailed(f"no answer for {PATIENCE_SECONDS:.0f} s while reading {left}: is the broker well?")
        polled = await consumer.getmany(*unread, timeout_ms=POLL_MS)
        for partition, records in polled.items():
            for record in records:
                if record.offset < ends[partition]:
                    yield record
            last = loop.time()  # behind what its reader made of them, which may take long
        for partition in list(unread):
            if await consumer.position(partition) >= ends[partition]:
                unread.discard(partition)


async def read_in_time(
    settings: KafkaSettings, partitions: Sequence[TopicPartition], *, since_ms: int | None = None
) -> AsyncIterator[Any]:
    """As `read_to_end`, the partitions merged by their records' timestamps (ms), each partition in its order."""
    streams = [read_to_end(settings, [each], since_ms=since_ms) for each in partitions]
    heads: list[tuple[int, int, Any]] = []
    for number, stream in enumerate(streams):
        if (first := await anext(stream, None)) is not None:
            heappush(heads, (first.timestamp, number, first))
    while heads:
        _, number, record = heappop(heads)
        yield record
        if (following := await anext(streams[number], None)) is not None:
            heappush(heads, (max(record.timestamp, following.timestamp), number, following))


async def end_offsets(settings: KafkaSettings, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
    """Where each partition ends now: the offset that its next record gets."""
    consumer = AIOKafkaConsumer(**client_options(settings), enable_auto_commit=False)
    async with started(consumer, settings):
        return dict(await consumer.end_offsets(partitions))


async def starting(
    consumer: AIOKafkaConsumer,
    partitions: Sequence[TopicPartition],
    ends: Mapping[TopicPartition, int],
    since_ms: int | None,
) -> dict[TopicPartition, int]:
    """The offsets of the first records from a time (ms) on, the ends where there are none; else the oldest."""
    if since_ms is None:
        return dict(await consumer.beginning_offsets(partitions))
    found = await consumer.offsets_for_times(dict.fromkeys(partitions, since_ms))
    return {each: found[each].offset if found[each] else ends[each] for each in partitions}
