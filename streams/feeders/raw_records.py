"""Builds raw records and sends them: headers (schemas/README.md, section 2), received time, delivery to Kafka."""

import asyncio
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from aiokafka import AIOKafkaProducer

from streams.feeders.files import RawFile
from streams.model.timestamps import format_rfc3339

UNKNOWN_SOURCE = "unknown"
MAX_UNCONFIRMED = 1000
"""How many records may wait for Kafka's confirmation."""
MAX_UNCONFIRMED_BYTES = 32 << 20
"""How many bytes of values may wait for Kafka's confirmation."""
ReceivedAtKeyword = Literal["now", "mtime", "wire"]
ReceivedAt = ReceivedAtKeyword | datetime
"""Where the received time comes from: the clock, the file, the item itself, or one time for all items."""
_KEYWORDS: dict[str, ReceivedAtKeyword] = {"now": "now", "mtime": "mtime", "wire": "wire"}
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:[Zz]|[+-]\d\d:\d\d)")


class RawRecord(NamedTuple):
    """A record for the raw topic. Its key is the source, so that the items of one source stay in order."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


Unconfirmed = tuple[asyncio.Future[object], int]
"""A record that was sent but not yet confirmed, and the size of its value."""


class SendProgress:
    """Counts the records and the bytes of values that Kafka has confirmed."""

    records = 0
    size = 0


def build_file_headers(file: RawFile, source: str, received: datetime) -> list[tuple[str, bytes]]:
    """Builds the headers of a raw record for an item of a file. Its `origin` is the path; stdin has none."""
    origin = "" if file.path == "-" else file.path
    return build_headers(source, file.content_type, received, origin, "", file.too_large)


def build_headers(
    source: str, content_type: str, received: datetime, origin: str, guid: str, too_large: int, shared_id: str = ""
) -> list[tuple[str, bytes]]:
    """Builds the headers of a raw record; an empty value gives no header.

    `origin` is a file or address, `guid` the id that a feed gives an entry. `shared_id` says that it gives the id to
    several. `too_large` is the size in bytes of the
    item that a stub replaces, or 0.
    """
    fields = {
        "source": source,
        "content-type": content_type,
        "received-at": format_rfc3339(received),
        "origin": origin,
        "guid": guid,
        "shared-id": shared_id,
        "too-large": str(too_large or ""),
    }
    return [(name, value.encode("utf-8", "replace")) for name, value in fields.items() if value]


def parse_received_at(text: str) -> ReceivedAt:
    """Parses the value of `--received-at`. Raises ValueError with a sentence that gives an example."""
    if text in _KEYWORDS:
        return _KEYWORDS[text]
    try:
        if not _RFC3339.fullmatch(text):
            raise ValueError
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is neither now, mtime, wire nor a time with its zone such as 2021-12-10T12:54:00Z"
            " or 2021-12-10T07:54:00-05:00"
        ) from None


def assign_received_times(
    files: Iterable[RawFile],
    received_at: ReceivedAt,
    now: Callable[[], datetime],
    wire_time: Callable[[RawFile, datetime], datetime | None],
) -> Iterator[tuple[RawFile, datetime]]:
    """Yields each item with its received time, UTC.

    `wire_time` gets an item and a time to fall back on, and returns the time that the item itself states, if any. With
    "wire", an item without such a time takes that of the item before it; the first one takes `now`.
    """
    before: datetime | None = None
    for file in files:
        if isinstance(received_at, datetime):
            time = received_at
        elif received_at == "now":
            time = now()
        elif received_at == "mtime":
            time = _parse_mtime(file.mtime) or now()
        else:
            fallback = before or now()
            time = before = wire_time(file, fallback) or fallback
        yield file, time


def _parse_mtime(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None


async def send_all(
    producer: AIOKafkaProducer,
    topic: str,
    records: Iterator[RawRecord],
    *,
    rate: float | None,
    sent: SendProgress,
    progress: Callable[[SendProgress], None],
) -> None:
    """Sends records in their order and returns when Kafka has confirmed all of them. Raises aiokafka's errors.

    `rate` limits the records a second. `sent` counts what is confirmed, and `progress` is called with it after each
    record. The records are read in a thread, so that a slow file does not block the producer.
    """
    unconfirmed: deque[Unconfirmed] = deque()
    waiting = 0
    loop = asyncio.get_running_loop()
    begin, count = loop.time(), 0
    while (record := await asyncio.to_thread(next, records, None)) is not None:
        if rate:
            await asyncio.sleep(max(0.0, begin + count / rate - loop.time()))
        count += 1
        future = await producer.send(topic, key=record.key, value=record.value, headers=record.headers)
        future.add_done_callback(_retrieve_exception)
        unconfirmed.append((future, len(record.value)))
        waiting += len(record.value)
        while unconfirmed and (
            unconfirmed[0][0].done() or len(unconfirmed) > MAX_UNCONFIRMED or waiting > MAX_UNCONFIRMED_BYTES
        ):
            waiting -= await _wait_confirmed(unconfirmed, sent)
        progress(sent)
    while unconfirmed:
        await _wait_confirmed(unconfirmed, sent)
        progress(sent)


def _retrieve_exception(future: asyncio.Future[object]) -> None:
    # Only the first failure is reported; asyncio would print each of the others at exit.
    if not future.cancelled():
        future.exception()


async def _wait_confirmed(unconfirmed: deque[Unconfirmed], sent: SendProgress) -> int:
    future, size = unconfirmed[0]
    await future
    unconfirmed.popleft()
    sent.records += 1
    sent.size += size
    return size
