"""Reads Kafka topics without a consumer group: whole topics, ranges, newest records, single records, live records.

Every reader sees committed records only, commits no offset and leaves no trace on the broker. Readers that have an end
stop at the end that the partition had when they began. A broker that sends nothing for `SILENCE_SECONDS` before that
end is reached is given up with `NoAnswer`. This module holds the only poll loop of the program (`getmany`); Faust's
own stands in worker/batch_transport.py.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from heapq import heappop, heappush
from typing import NamedTuple, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.config.settings import KafkaSettings, Settings
from streams.kafka.client import build_client_options, connect, stop_client
from streams.model.errors import WorkFailed
from streams.model.headers import headers_as_text
from streams.model.records import RecordRef, StampedRef

POLL_MS = 200
"""How long one poll waits for records."""
FETCH_ONE_MS = 3000
"""How long `fetch_one` waits for its record."""
SILENCE_SECONDS = 30.0
"""How long a broker may send nothing before the end of a range is reached."""
MOST_OFFSETS = 10_000
"""How many offsets `read_newest` looks back in a partition at most."""


class ConsumedRecord(Protocol):
    """A record as aiokafka returns it (its ConsumerRecord, which ships no types)."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    """Milliseconds since 1970, set by the broker (LogAppendTime)."""
    key: bytes | None
    value: bytes | None
    """None for a tombstone."""
    headers: Sequence[tuple[str, bytes]]


class NoAnswer(WorkFailed):
    """The broker sent nothing for `SILENCE_SECONDS`, and the end of the range is not reached."""


def record_value(record: ConsumedRecord) -> bytes:
    """Returns the value of a record of a topic without tombstones. Raises `WorkFailed` on a tombstone."""
    if record.value is None:
        raise WorkFailed(f"record {ref_of(record)} has no value")
    return record.value


def ref_of(record: ConsumedRecord) -> RecordRef:
    """Returns the position of a record."""
    return RecordRef(record.topic, record.partition, record.offset)


def position_of(record: ConsumedRecord) -> StampedRef:
    """Returns the position and the timestamp of a record."""
    return StampedRef(ref_of(record), record.timestamp)


def partition_of(record: ConsumedRecord) -> TopicPartition:
    """Returns the partition that holds a record."""
    return TopicPartition(record.topic, record.partition)


def make_consumer(settings: KafkaSettings, **options: object) -> AIOKafkaConsumer:
    """Makes a consumer of committed records without a group, not yet started; `options` are aiokafka's."""
    committed = {"enable_auto_commit": False, "isolation_level": "read_committed"}
    return AIOKafkaConsumer(**build_client_options(settings), **committed, **options)


def open_bulk_consumer(settings: KafkaSettings) -> AbstractAsyncContextManager[AIOKafkaConsumer]:
    """Opens a consumer that reads much at a time, from the beginning where it has no position."""
    options = {"auto_offset_reset": "earliest", "max_partition_fetch_bytes": 4 << 20, "fetch_max_wait_ms": 100}
    return connect(make_consumer(settings, **options), settings)


def open_live_consumer(settings: KafkaSettings) -> AbstractAsyncContextManager[AIOKafkaConsumer]:
    """Opens a consumer that reads what comes in now, from the end where it has no position."""
    return connect(make_live_consumer(settings), settings)


def make_live_consumer(settings: KafkaSettings) -> AIOKafkaConsumer:
    """Makes the consumer of `open_live_consumer`, not yet started."""
    return make_consumer(settings, auto_offset_reset="latest", fetch_max_wait_ms=200)


def make_group_consumer(settings: KafkaSettings, group: str) -> AIOKafkaConsumer:
    """Makes a consumer of committed records for a group, from the end where the group has no offset."""
    return make_consumer(settings, group_id=group, auto_offset_reset="latest", fetch_max_wait_ms=200)


async def poll(
    consumer: AIOKafkaConsumer,
    partitions: Collection[TopicPartition] = (),
    timeout_ms: int = POLL_MS,
    max_records: int | None = None,
) -> list[ConsumedRecord]:
    """Polls once, all assigned partitions where none are named; each partition's records keep their order."""
    polled = await consumer.getmany(*partitions, timeout_ms=timeout_ms, max_records=max_records)
    return [record for records in polled.values() for record in records]


async def read_offsets(
    consumer: AIOKafkaConsumer, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
) -> AsyncIterator[ConsumedRecord]:
    """Yields the records of assigned partitions from their start to before their end offset. Raises `NoAnswer`.

    The consumer's position, not the last record, shows that an end is reached: transaction markers may stand there,
    and `getmany` moves the position over them (aiokafka issue 911 is about `getone`).
    """
    for partition, offset in starts.items():
        consumer.seek(partition, offset)
    unread = {partition for partition in starts if starts[partition] < ends[partition]}
    loop = asyncio.get_running_loop()
    last = loop.time()
    while unread:
        if loop.time() - last > SILENCE_SECONDS:
            left = ", ".join(sorted(f"{each.topic}/{each.partition}" for each in unread))
            raise NoAnswer(f"no answer for {SILENCE_SECONDS:.0f} s while reading {left}: is the broker well?")
        records = await poll(consumer, unread)
        for record in records:
            if record.offset < ends[partition_of(record)]:
                yield record
        read = {partition for partition in unread if await consumer.position(partition) >= ends[partition]}
        unread -= read
        if records or read:
            last = loop.time()  # after the caller has worked on the records, which may take long


async def read_to_end(
    settings: KafkaSettings, partitions: Sequence[TopicPartition], *, since_ms: int | None = None
) -> AsyncIterator[ConsumedRecord]:
    """Yields all records of partitions, each partition in its order, up to the ends at the time of the call.

    It begins with the first record of the time `since_ms`, or with the oldest record there is.
    """
    async with open_bulk_consumer(settings) as consumer:
        consumer.assign(list(partitions))
        ends = await consumer.end_offsets(partitions)
        starts = await find_start_offsets(consumer, partitions, ends, since_ms)
        async for record in read_offsets(consumer, starts, ends):
            yield record


async def read_range(
    settings: KafkaSettings, partition: TopicPartition, first: int, end: int
) -> AsyncIterator[ConsumedRecord]:
    """Yields the records of one partition from offset `first` to before offset `end`."""
    if first >= end:  # aiokafka cannot stop a consumer in the moment in which it got its partitions
        return
    async with open_bulk_consumer(settings) as consumer:
        consumer.assign([partition])
        async for record in read_offsets(consumer, {partition: first}, {partition: end}):
            yield record


async def split_into_chunks(
    records: Iterable[ConsumedRecord] | AsyncIterable[ConsumedRecord], most_records: int, most_bytes: int
) -> AsyncIterator[list[ConsumedRecord]]:
    """Splits records into chunks of so many records, or of so many bytes and one record more."""
    chunk: list[ConsumedRecord] = []
    size = 0
    async for record in records if isinstance(records, AsyncIterable) else _iterate(records):
        chunk.append(record)
        size += len(record.value or b"")
        if len(chunk) >= most_records or size >= most_bytes:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


async def _iterate(records: Iterable[ConsumedRecord]) -> AsyncIterator[ConsumedRecord]:
    for record in records:
        yield record


async def read_in_time_order(
    settings: KafkaSettings, partitions: Sequence[TopicPartition], *, since_ms: int | None = None
) -> AsyncIterator[ConsumedRecord]:
    """Yields as `read_to_end`, the partitions merged by timestamp; each partition keeps its order."""
    streams = [read_to_end(settings, [each], since_ms=since_ms) for each in partitions]
    heads: list[tuple[int, int, ConsumedRecord]] = []
    for number, stream in enumerate(streams):
        if (first := await anext(stream, None)) is not None:
            heappush(heads, (first.timestamp, number, first))
    while heads:
        _, number, record = heappop(heads)
        yield record
        if (following := await anext(streams[number], None)) is not None:
            heappush(heads, (max(record.timestamp, following.timestamp), number, following))


async def read_newest(
    consumer: AIOKafkaConsumer,
    partitions: Sequence[TopicPartition],
    count: int,
    wanted: Callable[[ConsumedRecord], bool] = lambda _record: True,
) -> list[ConsumedRecord]:
    """Reads the newest `count` wanted records of each partition, in the order of time.

    Assigns the partitions and leaves the consumer at their ends, so that the next read goes on from there.
    """
    consumer.assign(partitions)
    ends = await consumer.end_offsets(partitions)
    begins = await consumer.beginning_offsets(partitions)
    kept: dict[TopicPartition, deque[ConsumedRecord]] = {}
    span = max(2 * count, 20) if count else 0
    while span:
        starts = {each: max(begins[each], ends[each] - span) for each in partitions}
        kept = {each: deque(maxlen=count) for each in partitions}
        try:
            async for record in read_offsets(consumer, starts, ends):
                if wanted(record):
                    kept[partition_of(record)].append(record)
        except NoAnswer:
            text = f"Kafka gave nothing for {SILENCE_SECONDS:.0f} s: look at the broker and try again"
            raise WorkFailed(text) from None
        short = [each for each in partitions if len(kept[each]) < count and starts[each] > begins[each]]
        span = min(8 * span, MOST_OFFSETS) if short and span < MOST_OFFSETS else 0
    for each in partitions:
        consumer.seek(each, ends[each])
    return sort_by_time(record for records in kept.values() for record in records)


def sort_by_time(records: Iterable[ConsumedRecord]) -> list[ConsumedRecord]:
    """Sorts records of several partitions by the broker's time."""
    return sorted(records, key=lambda record: (record.timestamp, record.topic, record.partition, record.offset))


async def follow(
    consumer: AIOKafkaConsumer, *, poll_ms: int = POLL_MS, max_records: int | None = None
) -> AsyncIterator[list[ConsumedRecord]]:
    """Yields, for ever, what comes in on the assigned partitions: an empty list where `poll_ms` pass without a record.

    Each partition's records keep their order.
    """
    while True:
        yield await poll(consumer, timeout_ms=poll_ms, max_records=max_records)


async def fetch_one(consumer: AIOKafkaConsumer, ref: RecordRef) -> ConsumedRecord | None:
    """Fetches one record by its place; None where the topic no longer has it. Assigns the partition."""
    topic, number, offset = ref
    partition = TopicPartition(topic, number)
    consumer.assign([partition])
    first = (await consumer.beginning_offsets([partition]))[partition]
    end = (await consumer.end_offsets([partition]))[partition]
    if not first <= offset < end:
        return None
    consumer.seek(partition, offset)
    records = await poll(consumer, [partition], FETCH_ONE_MS, max_records=1)
    return next((record for record in records if record.offset == offset), None)


class Original(NamedTuple):
    """A raw record as it came in: headers and bytes."""

    headers: tuple[tuple[str, bytes], ...]
    body: bytes

    @property
    def origin(self) -> str:
        """The file or address it came from; empty where the feeder named none."""
        return headers_as_text(self.headers).get("origin", "")


async def fetch_originals(settings: Settings, refs: Iterable[RecordRef]) -> dict[RecordRef, Original]:
    """Fetches raw records by their places; those that Kafka no longer has are left out."""
    found: dict[RecordRef, Original] = {}
    async with open_bulk_consumer(settings.kafka) as consumer:
        for ref in sorted(set(refs)):
            if (record := await fetch_one(consumer, ref)) is not None:
                headers = tuple((name, value or b"") for name, value in record.headers)
                found[ref] = Original(headers, record.value or b"")
    return found


async def seek_to_end(consumer: AIOKafkaConsumer, partition: TopicPartition) -> None:
    """Assigns a partition at its present end: the next read returns what comes in from now on."""
    consumer.assign([partition])
    consumer.seek(partition, (await consumer.end_offsets([partition]))[partition])


async def find_start_offsets(
    consumer: AIOKafkaConsumer,
    partitions: Sequence[TopicPartition],
    ends: Mapping[TopicPartition, int],
    since_ms: int | None,
) -> dict[TopicPartition, int]:
    """Finds the offset of each partition's first record of a time (ms), its end where it has none.

    Without a time: the oldest offset.
    """
    if since_ms is None:
        return dict(await consumer.beginning_offsets(partitions))
    found = await consumer.offsets_for_times(dict.fromkeys(partitions, since_ms))
    return {each: found[each].offset if found[each] else ends[each] for each in partitions}


async def fetch_end_offsets(settings: KafkaSettings, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
    """Fetches each partition's end, open transactions included. Raises `WorkFailed`."""
    async with connect(_make_offset_client(settings), settings) as consumer:
        return dict(await consumer.end_offsets(partitions))


async def fetch_end_offset(settings: KafkaSettings, partition: TopicPartition) -> int:
    """Fetches a partition's end, open transactions included. Raises `KafkaError`."""
    async with _offset_client(settings) as consumer:
        return int((await consumer.end_offsets([partition]))[partition])


async def fetch_first_offset(settings: KafkaSettings, partition: TopicPartition) -> int:
    """Fetches the oldest offset that a partition still has. Raises `KafkaError`."""
    async with _offset_client(settings) as consumer:
        return int((await consumer.beginning_offsets([partition]))[partition])


async def fetch_committed_offsets(
    settings: KafkaSettings, group: str, partitions: Iterable[TopicPartition]
) -> dict[TopicPartition, int]:
    """Fetches the offsets that a consumer group committed, 0 where it committed none. Raises `KafkaError`."""
    async with _offset_client(settings, group) as consumer:
        return {each: await consumer.committed(each) or 0 for each in partitions}


@asynccontextmanager
async def _offset_client(settings: KafkaSettings, group: str | None = None) -> AsyncIterator[AIOKafkaConsumer]:
    """Opens a consumer to ask for offsets; aiokafka's errors stay as they are."""
    consumer = _make_offset_client(settings, group)
    try:
        await consumer.start()
        yield consumer
    finally:
        await stop_client(consumer)


def _make_offset_client(settings: KafkaSettings, group: str | None = None) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(**build_client_options(settings), group_id=group, enable_auto_commit=False)
