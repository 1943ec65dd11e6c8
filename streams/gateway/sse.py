"""Server-Sent Events (WHATWG HTML, 9.2) of one client: what it is told, and the id from which it can resume.

- `reset`: forget all rows; data is a `Reset`.
- `item`: data is a row; it replaces the row of its `uri`.
- `withdrawn`: data is a `Gone`.

Each event carries the id of all that was read before and with it, so that a client may break off anywhere.

How far a client has read news.latest: the offset of the last record seen of each partition.

As an SSE id and `Last-Event-ID`: `0:1234`, or `0:1234,1:88` where the topic has several partitions. It means the
same at every copy of the gateway and after a restart. Offsets that are not in it count as -1: nothing seen. `-` is the
position before everything, of a client that waits for the first item.
"""

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Literal

import msgspec

from streams.gateway.filters import Filter
from streams.gateway.ticker_view import ViewChange, ViewEntry

_NOTHING = "-"
_TEXT = re.compile(r"\d{1,9}:\d{1,18}(,\d{1,9}:\d{1,18}){0,999}", re.ASCII)


def format_event_id(position: Mapping[int, int]) -> str:
    """A position as an SSE id."""
    seen = (f"{partition}:{offset}" for partition, offset in sorted(position.items()) if offset >= 0)
    return ",".join(seen) or _NOTHING


def parse_event_id(text: str) -> dict[int, int]:
    """An SSE id as a position. Raises ValueError where it is none of ours."""
    if text == _NOTHING:
        return {}
    if not _TEXT.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is no id of this stream, such as 0:1234")
    pairs = (pair.partition(":") for pair in text.split(","))
    return {int(partition): int(offset) for partition, _, offset in pairs}


RETRY_MS = 1000
SHARED_FRAMES = 1024
"""How many of the newest frames are kept made: clients that are up to date get the same bytes."""
GZIP_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
"""Begins a gzip member (RFC 1952, 2.3) of no name and time; a stream has no end, so the member has none."""


class Reset(msgspec.Struct, frozen=True):
    """Data of the event `reset`."""

    reason: Literal["start", "too-old"]
    """`too-old`: more happened since the client's id than is kept."""
    rows: int
    """So many events `item` follow."""


class Gone(msgspec.Struct, frozen=True):
    """Data of the event `withdrawn`."""

    id: str
    """The `ce_id`."""
    uri: str
    version: str
    reason: Literal["withdrawn", "left"]
    """`left`: the newest version of the story is no longer what the client asked for."""


class EventEncoder:
    """Turns changes into events for one client and keeps how far it has read."""

    def __init__(self, wanted: Filter, seen: Mapping[int, int]) -> None:
        self.wanted = wanted
        self._seen = dict(seen)

    def snapshot(
        self, rows: Sequence[ViewEntry], head: Mapping[int, int], reason: Literal["start", "too-old"]
    ) -> list[bytes]:
        """A `reset` and the rows in the order of the topic, each with an id that the rest can be resumed from."""
        ordered = sorted(rows, key=lambda held: (held.key[1], held.key[2]))
        self._seen = dict(head)
        for held in ordered:
            self._seen[held.key[2]] = min(self._seen[held.key[2]], held.key[1] - 1)
        data = msgspec.json.encode(Reset(reason, len(ordered)))
        frames = [b"retry: %d\n" % RETRY_MS + _format_frame("reset", data)]
        for held in ordered:
            self._seen[held.key[2]] = held.key[1]
            frames.append(_format_frame("item", held.shown.data, self.id()))
        self._seen = dict(head)
        return frames

    def events(self, changes: Iterable[ViewChange]) -> Iterator[bytes]:
        """The events of changes; those that the client has seen, or does not want, give none."""
        for change in changes:
            if change.offset <= self._seen.get(change.partition, -1):
                continue
            self._seen[change.partition] = change.offset
            if (shows := change.concerns(self.wanted)) is not None:
                up_to_date = self._seen == change.position
                yield _build_shared_frame(change, shows) if up_to_date else _build_frame(change, shows, self.id())

    def skip(self, change: ViewChange) -> None:
        """Notes a change that does not concern the client."""
        self._seen[change.partition] = max(change.offset, self._seen.get(change.partition, -1))

    def beat(self) -> bytes:
        """A heart-beat. Its id keeps a client that hears little from growing too old to resume."""
        return f": heart-beat\nid: {self.id()}\n\n".encode()

    def id(self) -> str:
        """The id to resume from."""
        return format_event_id(self._seen)


def compress_frames(frames: bytes) -> bytes:
    """Frames as a part of a gzip member that needs nothing of what came before it (RFC 1951, a full flush).

    So one part serves all clients and no client needs a window of its own.
    """
    squeeze = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return squeeze.compress(frames) + squeeze.flush(zlib.Z_FULL_FLUSH)


compress_shared_frame = lru_cache(SHARED_FRAMES)(compress_frames)
"""The same for frames that many clients get."""


@lru_cache(SHARED_FRAMES)
def _build_shared_frame(change: ViewChange, shows: bool) -> bytes:
    return _build_frame(change, shows, format_event_id(change.position))


def _build_frame(change: ViewChange, shows: bool, told: str) -> bytes:
    if shows:
        return _format_frame("item", change.shown.data, told)
    row = change.shown.row
    gone = Gone(row.id, row.uri, row.version, "withdrawn" if row.status == "withdrawn" else "left")
    return _format_frame("withdrawn", msgspec.json.encode(gone), told)


def _format_frame(event: str, data: bytes, told: str = "") -> bytes:
    """JSON on one line: it holds no line break that would end the field."""
    identity = f"id: {told}\n".encode() if told else b""
    return b"%sevent: %s\ndata: %s\n\n" % (identity, event.encode(), data)
