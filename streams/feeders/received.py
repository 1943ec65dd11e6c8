"""`--received-at now|mtime|wire|TIME`: the received time of each item that `feed` or `process` reads."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Literal

from streams.feeders.files import RawFile

Mode = Literal["now", "mtime", "wire"] | datetime
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:[Zz]|[+-]\d\d:\d\d)")


def parse_mode(text: str) -> Mode:
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


def received_times(
    files: Iterable[RawFile],
    mode: Mode,
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
            time = _mtime(file.mtime) or now()
        else:
            fallback = before or now()
            time = before = wire_time(file, fallback) or fallback
        yield file, time


def _mtime(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None
