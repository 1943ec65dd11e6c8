"""Reads topics from a time or offset to their present end, committed records only, without a group.

The newest records of some partitions: what `tail` begins with and `check` looks at.

Raw records by their positions, for who looks at one item: a retry, `dead-letters show`, `why`.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from heapq import heappop, heappush
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.config.settings import KafkaSettings, Settings
from streams.kafka.client import client_options, started
from streams.model.errors import WorkFailed
from streams.model.headers import headers_as_text
from streams.model.records import RecordRef

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


NEWEST_POLL_MS = 200
SILENCE_SECONDS = 30.0
"""A broker that gives nothing for so long, before the end is reached, is given up."""
MOST_OFFSETS = 10_000
"""How far back it looks in a partition."""

Record = Any
"""aiokafka's ConsumerRecord, which has no types."""


def newest_reader(settings: KafkaSettings) -> AIOKafkaConsumer:
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
        kept = await _newest_between(consumer, starts, ends, count, wanted)
        short = [each for each in partitions if len(kept[each]) < count and starts[each] > begins[each]]
        span = min(8 * span, MOST_OFFSETS) if short and span < MOST_OFFSETS else 0
    for each in partitions:
        consumer.seek(each, ends[each])
    return in_time(record for records in kept.values() for record in records)


def in_time(records: Any) -> list[Record]:
    """Records of several partitions in the order of the broker's time."""
    return sorted(records, key=lambda row: (row.timestamp, row.topic, row.partition, row.offset))


async def _newest_between(
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
        polled = await consumer.getmany(*unread, timeout_ms=NEWEST_POLL_MS)
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


READ_MS = 3000


class Original(NamedTuple):
    """A raw record: headers and bytes, as they came."""

    headers: tuple[tuple[str, bytes], ...]
    body: bytes

    @property
    def origin(self) -> str:
        """The file or address it came from; empty where the feeder named none."""
        return headers_as_text(self.headers).get("origin", "")


async def originals(settings: Settings, places: Iterable[RecordRef]) -> dict[RecordRef, Original]:
    """Those that are still there."""
    found: dict[RecordRef, Original] = {}
    async with started(reader(settings.kafka), settings.kafka) as consumer:
        for place in sorted(set(places)):
            if (original := await _at(consumer, *place)) is not None:
                found[place] = original
    return found


async def _at(consumer: AIOKafkaConsumer, topic: str, partition: int, offset: int) -> Original | None:
    place = TopicPartition(topic, partition)
    consumer.assign([place])
    first, end = (await consumer.beginning_offsets([place]))[place], (await consumer.end_offsets([place]))[place]
    if not first <= offset < end:
        return None
    consumer.seek(place, offset)
    for row in (await consumer.getmany(place, timeout_ms=READ_MS, max_records=1)).get(place, ()):
        if row.offset == offset:
            return Original(tuple((name, value or b"") for name, value in row.headers), row.value or b"")
    return None
