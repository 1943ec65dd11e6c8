"""Plays a recording back: its records with their own headers, at a multiple of the pace at which they came."""

import time
from collections.abc import Callable, Iterable, Iterator

from streams.feeders.recording import Recorded
from streams.feeders.send import RawRecord
from streams.timestamps import of_milliseconds

LONGEST_SLEEP = 0.2


def played(
    records: Iterable[Recorded],
    speed: float | None,
    *,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[RawRecord]:
    """The records, each when its time has come: the gaps between raw timestamps divided by `speed`; None: at once.

    `received-at` is written where the record had none, so that an item keeps the received time that it had.
    """
    begin, first = now(), None
    for record in records:
        if first is None:
            first = record.timestamp
        if speed is not None:
            due = begin + (record.timestamp - first) / 1000 / speed
            while (left := due - now()) > 0:
                sleep(min(left, LONGEST_SLEEP))
        yield RawRecord(record.key, record.value, _headers(record))


def _headers(record: Recorded) -> list[tuple[str, bytes]]:
    if any(name == "received-at" for name, _ in record.headers):
        return record.headers
    return [*record.headers, ("received-at", of_milliseconds(record.received).encode())]
