"""Sends records as record batches, alone or in a transaction, and appends commands to the log.

Every send is confirmed before a commit: aiokafka's `commit_transaction` succeeds although a batch of the transaction
failed (seen with MessageSizeTooLarge: the other records became visible, the offset moved).
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager

import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.structs import RecordMetadata

from streams.config.settings import KafkaSettings, Settings
from streams.kafka.client import build_client_options, connect, stop_client
from streams.model import codec
from streams.model.records import Command
from streams.model.topics import LOG, MAX_RAW_BYTES

Headers = Sequence[tuple[str, bytes]]
OutgoingRecord = tuple[bytes | None, bytes | None, Headers]
"""A record to send: key, value (None: tombstone), headers."""

BATCH_BYTES = 1 << 20
"""A transaction of 250 items is one record batch a topic: smaller ones compress worse, and each costs a round trip."""
IN_FLIGHT_BYTES = 32 << 20
"""With more than this unconfirmed, a send waits: copies of a large item would exceed the broker's largest request."""
MAX_REQUEST_BYTES = 64 << 20
SLOW_SECONDS = 5.0
"""A transaction that is open for so long is logged."""
VERIFYING = "NotEnoughReplicasError"
"""What a broker answers for a moment while it verifies a new transaction; aiokafka warns, and sends again."""
_partition = DefaultPartitioner()
log = structlog.get_logger()


def is_not_verifying(record: logging.LogRecord) -> bool:
    """Passes a log record of aiokafka that is not about the verification of a transaction."""
    return VERIFYING not in record.getMessage()


async def start_producer(settings: KafkaSettings) -> AIOKafkaProducer:
    """Makes a producer and starts it. Raises `KafkaError`; then nothing of it is left."""
    producer = make_producer(settings)
    try:
        await producer.start()
    except KafkaError:
        await stop_client(producer)
        raise
    return producer


def make_producer(settings: KafkaSettings, *, transactional_id: str | None = None) -> AIOKafkaProducer:
    """Makes an idempotent producer, not yet started; transactional where it has an id.

    zstd: aiokafka's lz4 compresses at level 9 only, six times slower. The short retry backoff is for the broker
    answering NOT_ENOUGH_REPLICAS for a moment while it verifies a new transaction. A process with transactions does not
    log that answer: where replicas are really missing, `send_in_transaction` logs that it waits.
    """
    if transactional_id is not None:
        logging.getLogger("aiokafka.producer.sender").addFilter(is_not_verifying)
    return AIOKafkaProducer(
        **build_client_options(settings),
        transactional_id=transactional_id,
        enable_idempotence=True,
        acks="all",
        compression_type="zstd",
        linger_ms=0,
        max_batch_size=BATCH_BYTES,
        max_request_size=MAX_REQUEST_BYTES,
        retry_backoff_ms=5,
        transaction_timeout_ms=15_000,
        request_timeout_ms=20_000,
    )


class Outbox:
    """Sends records to topics; `wait_confirmed` returns when the broker has them all."""

    def __init__(self, sender: AIOKafkaProducer) -> None:
        self._sender = sender
        self._futures: list[asyncio.Future[RecordMetadata]] = []
        self._sent: list[tuple[str, int]] = []
        self._bytes = 0
        self.ends: dict[str, int] = {}
        """The offset after the last confirmed record, for topics with one partition; -1 where the broker gave none."""

    async def send(self, topic: str, records: Iterable[OutgoingRecord]) -> None:
        """Sends records in order, each to the partition of its key."""
        partitions = sorted(await self._sender.partitions_for(topic))
        if len(partitions) == 1:
            await self.send_to(topic, partitions[0], records)
            return
        by_partition: dict[int, list[OutgoingRecord]] = {}
        for record in records:
            by_partition.setdefault(_partition(record[0], partitions, partitions), []).append(record)
        for partition, chosen in by_partition.items():
            await self.send_to(topic, partition, chosen)

    async def send_to(self, topic: str, partition: int, records: Iterable[OutgoingRecord]) -> None:
        """Sends records in order to one partition."""
        now = int(time.time() * 1000)
        batch = self._sender.create_batch()
        for key, value, headers in records:
            named = list(headers)
            if batch.append(key=key, value=value, timestamp=now, headers=named) is None:
                await self._close(batch, topic, partition)
                batch = self._sender.create_batch()
                batch.append(key=key, value=value, timestamp=now, headers=named)
            if value is not None:
                self._bytes += len(value)
            if self._bytes > IN_FLIGHT_BYTES:
                await self._close(batch, topic, partition)
                await self.wait_confirmed()
                batch = self._sender.create_batch()
        await self._close(batch, topic, partition)

    async def _close(self, batch: BatchBuilder, topic: str, partition: int) -> None:
        batch.close()
        if count := batch.record_count():
            self._futures.append(await self._sender.send_batch(batch, topic, partition=partition))
            self._sent.append((topic, count))

    async def wait_confirmed(self) -> None:
        """Waits until the broker has all records. Raises the first `KafkaError`, after all sends have ended."""
        futures, sent, self._futures, self._sent, self._bytes = self._futures, self._sent, [], [], 0
        results = await asyncio.gather(*futures, return_exceptions=True)
        for (topic, count), result in zip(sent, results, strict=True):
            if isinstance(result, BaseException):
                raise result
            self.ends[topic] = result.offset + count if result.offset >= 0 else -1


async def send_in_transaction(
    sender: AIOKafkaProducer,
    records: dict[str, list[OutgoingRecord]],
    offsets: dict[TopicPartition, int],
    group: str,
    before: dict[str, list[OutgoingRecord]] | None = None,
    beside: AIOKafkaProducer | None = None,
) -> dict[str, int]:
    """Sends records and offsets in one transaction. Raises `KafkaError` with the transaction aborted.

    The records `before` are part of the transaction. With a second producer `beside`, that producer sends them outside
    of it: readers see them at once, and the transaction commits when the broker has them. Returns the offset after the
    records, for topics with one partition.
    """
    await sender.begin_transaction()
    slow = asyncio.get_running_loop().call_later(SLOW_SECONDS, _log_slow)
    try:
        outbox = Outbox(sender)
        first = outbox if beside is None else Outbox(beside)
        for topic, rows in (before or {}).items():
            await first.send(topic, rows)
        for topic, rows in records.items():
            await outbox.send(topic, rows)
        waits = [each.wait_confirmed() for each in {outbox, first}]
        if offsets:  # they go while the broker writes the records
            waits.append(sender.send_offsets_to_transaction(offsets, group))
        for result in await asyncio.gather(*waits, return_exceptions=True):
            if isinstance(result, BaseException):
                raise result
        await sender.commit_transaction()
    except BaseException:
        with contextlib.suppress(KafkaError, AssertionError):
            await sender.abort_transaction()  # fenced, or gone: then the broker aborts it
        raise
    finally:
        slow.cancel()
    return outbox.ends


def _log_slow() -> None:
    log.warning("transaction_waits", seconds=SLOW_SECONDS, why="Kafka does not take it: look at its replicas and disks")


def encode_commands(commands: Iterable[Command]) -> list[OutgoingRecord]:
    """Encodes commands as records of the log."""
    return [(each.uri.encode(), codec.encode(each), ()) for each in commands]


async def append_commands(settings: Settings, commands: Sequence[Command]) -> None:
    """Appends commands to the log; returns when the broker has them all. Raises `WorkFailed`."""
    async with open_producer(settings.kafka) as sender:
        outbox = Outbox(sender)
        await outbox.send(settings.topics.full(LOG), encode_commands(commands))
        await outbox.wait_confirmed()


def make_raw_producer(settings: KafkaSettings) -> AIOKafkaProducer:
    """Makes the producer of raw records, not yet started: idempotent, and it waits for all replicas."""
    return AIOKafkaProducer(
        **build_client_options(settings),
        acks="all",
        enable_idempotence=True,
        compression_type="zstd",
        linger_ms=5,
        max_batch_size=1 << 20,
        max_request_size=MAX_RAW_BYTES + (1 << 20),
    )


def open_producer(
    settings: KafkaSettings, *, transactional_id: str | None = None
) -> AbstractAsyncContextManager[AIOKafkaProducer]:
    """Opens the producer of `make_producer`. Errors become `WorkFailed`."""
    return connect(make_producer(settings, transactional_id=transactional_id), settings)


def open_raw_producer(settings: KafkaSettings) -> AbstractAsyncContextManager[AIOKafkaProducer]:
    """Opens the producer of `make_raw_producer`. Errors become `WorkFailed`."""
    return connect(make_raw_producer(settings), settings)
