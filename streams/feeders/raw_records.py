"""The one place where a raw record's headers are written (contract, section 2).

`--received-at now|mtime|wire|TIME`: the received time of each item that `feed` or `process` reads.

Sends raw records: in order, every one confirmed, with bounded memory, at a given pace.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from aiokafka import AIOKafkaProducer

from streams.feeders.files import RawFile
from streams.model.timestamps import rfc3339

UNKNOWN_SOURCE = "unknown"


def build_file_headers(file: RawFile, source: str, received: datetime) -> list[tuple[str, bytes]]:
    """Headers of `news.raw` for an item of a file: `source`, `content-type`, `received-at`, `origin`.

    `too-large` (the size in bytes) marks a stub. stdin has no `origin`.
    """
    origin = "" if file.path == "-" else file.path
    return build_headers(source, file.content_type, received, origin, "", file.too_large)


def build_headers(
    source: str, content_type: str, received: datetime, origin: str, guid: str, too_large: int
) -> list[tuple[str, bytes]]:
    """Headers of `news.raw` for anything; `guid` is the feed's id of an entry, `too_large` a stub's size or 0."""
    fields = {
        "source": source,
        "content-type": content_type,
        "received-at": rfc3339(received),
        "origin": origin,
        "guid": guid,
        "too-large": str(too_large or ""),
    }
    return [(name, value.encode()) for name, value in fields.items() if value]


ReceivedAt = Literal["now", "mtime", "wire"] | datetime
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:[Zz]|[+-]\d\d:\d\d)")


def parse_received_at(text: str) -> ReceivedAt:
    """The option's value. Raises ValueError with a sentence that gives an example."""
    if text in ("now", "mtime", "wire"):
        return text  # type: ignore[return-value]
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
    mode: ReceivedAt,
    now: Callable[[], datetime],
    wire_time: Callable[[RawFile, datetime], datetime | None],
) -> Iterator[tuple[RawFile, datetime]]:
    """Each item with its received time, UTC.

    `wire_time` gives the time that the wire itself writes (it gets the item and the time to fall back on); an
    item without one takes that of the item before, the first one `now`.
    """
    before: datetime | None = None
    for file in files:
        if isinstance(mode, datetime):
            time = mode
        elif mode == "now":
            time = now()
        elif mode == "mtime":
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


MAX_UNCONFIRMED = 1000
MAX_UNCONFIRMED_BYTES = 32 << 20


class RawRecord(NamedTuple):
    """What goes to the raw topic; the key is the source, so that one source stays in order."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


class SendProgress:
    """What the broker has confirmed so far."""

    records = 0
    size = 0


async def send_all(
    producer: AIOKafkaProducer,
    topic: str,
    records: Iterator[RawRecord],
    *,
    rate: float | None,
    sent: SendProgress,
    progress: Callable[[SendProgress], None],
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


def _retrieve_exception(future: asyncio.Future[Any]) -> None:
    # Only the first failure is told; asyncio would print each of the others at exit.
    if not future.cancelled():
        future.exception()


async def _wait_confirmed(unconfirmed: "deque[tuple[asyncio.Future[Any], int]]", sent: SendProgress) -> int:
    future, size = unconfirmed[0]
    await future
    unconfirmed.popleft()
    sent.records += 1
    sent.size += size
    return size
