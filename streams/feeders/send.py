"""Sends raw records: in order, every one confirmed, with bounded memory, at a given pace."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer

from streams.config import KafkaSettings
from streams.shell.client import client_options
from streams.topics import MAX_RAW_BYTES

MAX_UNCONFIRMED = 1000
MAX_UNCONFIRMED_BYTES = 32 << 20


class RawRecord(NamedTuple):
    """What goes to the raw topic; the key is the source, so that one source stays in order."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


class Sent:
    """What the broker has confirmed so far."""

    records = 0
    size = 0


def producer(settings: KafkaSettings) -> AIOKafkaProducer:
    """A producer that is idempotent and waits for all replicas."""
    return AIOKafkaProducer(
        **client_options(settings),
        acks="all",
        enable_idempotence=True,
        compression_type="zstd",
        linger_ms=5,
        max_batch_size=1 << 20,
        max_request_size=MAX_RAW_BYTES + (1 << 20),
    )


async def send_all(
    producer: AIOKafkaProducer,
    topic: str,
    records: Iterator[RawRecord],
    *,
    rate: float | None,
    sent: Sent,
    progress: Callable[[Sent], None],
) -> None:
    """Sends until `records` ends and all are confirmed; `rate` is records a second. Raises aiokafka's errors.

    Reading runs in a thread, so that a slow file does not keep the producer from its broker.
    """
    unconfirmed: deque[tuple[asyncio.Future[Any], int]] = deque()
    waiting = 0
    loop = asyncio.get_running_loop()
    begin, count = loop.time(), 0
    while (record := await asyncio.to_thread(next, records, None)) is not None:
        if rate:
            await asyncio.sleep(max(0.0, begin + count / rate - loop.time()))
        count += 1
        future = await producer.send(topic, key=record.key, value=record.value, headers=record.headers)
        future.add_done_callback(_looked_at)
        unconfirmed.append((future, len(record.value)))
        waiting += len(record.value)
        while unconfirmed and (
            unconfirmed[0][0].done() or len(unconfirmed) > MAX_UNCONFIRMED or waiting > MAX_UNCONFIRMED_BYTES
        ):
            waiting -= await _confirm(unconfirmed, sent)
        progress(sent)
    while unconfirmed:
        await _confirm(unconfirmed, sent)
        progress(sent)


def _looked_at(future: asyncio.Future[Any]) -> None:
    # Only the first failure is told; asyncio would print each of the others at exit.
    if not future.cancelled():
        future.exception()


async def _confirm(unconfirmed: "deque[tuple[asyncio.Future[Any], int]]", sent: Sent) -> int:
    future, size = unconfirmed[0]
    await future
    unconfirmed.popleft()
    sent.records += 1
    sent.size += size
    return size
