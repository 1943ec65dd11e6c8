"""Encodes what one client receives as Server-Sent Events (WHATWG HTML, section 9.2).

`stream.py` decides when they are sent, and when a heartbeat is. Events:

- `reset`: the client forgets all rows; data is a `Reset`.
- `item`: data is a row; it replaces the row of its `uri`.
- `withdrawn`: the client removes a row; data is a `Gone`.

The id of an event is a position in news.latest: the offset of the last record seen of each partition. It covers all
that was read before and with the event, so a client may break off anywhere and resume with `Last-Event-ID`. It reads
`0:1234`, or `0:1234,1:88` where the topic has several partitions, and means the same at every gateway and after a
restart. A partition that is not in it counts as -1: nothing seen. `-` is the position before everything, of a client
that waits for the first item.
"""

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Literal

import msgspec

from streams.gateway.filters import Filter
from streams.gateway.ticker_view import ViewChange, ViewEntry

RETRY_MS = 1000
SHARED_FRAMES = 1024
"""Frames that are cached: clients that are up to date get the same bytes."""
GZIP_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
"""Begins a gzip member (RFC 1952, section 2.3) without name and time. A stream has no end, so the member has none."""
_START = "-"
_EVENT_ID = re.compile(r"\d{1,9}:\d{1,18}(,\d{1,9}:\d{1,18}){0,999}", re.ASCII)


class Reset(msgspec.Struct, frozen=True):
    """Data of the event `reset`."""

    reason: Literal["start", "too-old"]
    """`too-old`: more happened since the client's id than is kept."""
    rows: int
    """So many events `item` follow."""


class GatewayState(msgspec.Struct, frozen=True):
    """Data of the event `state`: whether the gateway gets news."""

    ready: bool
    why: str
    """Why not; empty where it does."""


class Gone(msgspec.Struct, frozen=True):
    """Data of the event `withdrawn`."""

    id: str
    """The `ce_id`."""
    uri: str
    version: str
    reason: Literal["withdrawn", "left"]
    """`left`: the newest version of the story is no longer what the client asked for."""


class EventEncoder:
    """Encodes changes as events for one client, and keeps the position of that client."""

    def __init__(self, wanted: Filter, seen: Mapping[int, int]) -> None:
        self.wanted = wanted
        self._seen = dict(seen)

    def encode_snapshot(
        self, rows: Sequence[ViewEntry], head: Mapping[int, int], reason: Literal["start", "too-old"]
    ) -> list[bytes]:
        """Encodes a `reset` and the rows, in the order of the topic; the id of each row resumes with the next."""
        ordered = sorted(rows, key=lambda entry: (entry.key[1], entry.key[2]))
        self._seen = dict(head)
        for entry in ordered:
            self._seen[entry.key[2]] = min(self._seen[entry.key[2]], entry.key[1] - 1)
        data = msgspec.json.encode(Reset(reason, len(ordered)))
        frames = [b"retry: %d\n" % RETRY_MS + _format_frame("reset", data)]
        for entry in ordered:
            self._seen[entry.key[2]] = entry.key[1]
            frames.append(_format_frame("item", entry.item.data, self.event_id()))
        self._seen = dict(head)
        return frames

    def encode_changes(self, changes: Iterable[ViewChange]) -> Iterator[bytes]:
        """Encodes changes, without those that the client has seen or does not want."""
        for change in changes:
            if change.offset <= self._seen.get(change.partition, -1):
                continue
            self._seen[change.partition] = change.offset
            if (shows := change.effect_for(self.wanted)) is not None:
                if self._seen == change.position:
                    yield _build_shared_frame(change, shows)
                else:
                    yield _build_frame(change, shows, self.event_id())

    def skip(self, change: ViewChange) -> None:
        """Moves the position over a change that the client does not want."""
        self._seen[change.partition] = max(change.offset, self._seen.get(change.partition, -1))

    def heartbeat(self) -> bytes:
        """Builds a comment with an id: it keeps a client with few events from growing too old to resume."""
        return f": heart-beat\nid: {self.event_id()}\n\n".encode()

    def event_id(self) -> str:
        """Returns the id to resume from."""
        return format_event_id(self._seen)


def encode_state(problem: str) -> bytes:
    """Encodes the event `state`."""
    return _format_frame("state", msgspec.json.encode(GatewayState(not problem, problem)))


def format_event_id(position: Mapping[int, int]) -> str:
    """Formats a position as the id of an event."""
    seen = (f"{partition}:{offset}" for partition, offset in sorted(position.items()) if offset >= 0)
    return ",".join(seen) or _START


def parse_event_id(text: str) -> dict[int, int]:
    """Parses the id of an event. Raises ValueError where it is not one of this stream."""
    if text == _START:
        return {}
    if not _EVENT_ID.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is no id of this stream, such as 0:1234")
    pairs = (pair.partition(":") for pair in text.split(","))
    return {int(partition): int(offset) for partition, _, offset in pairs}


def compress_frames(frames: bytes) -> bytes:
    """Compresses frames as a part of a gzip member that needs no part before it (RFC 1951, a full flush).

    So one part serves all clients, and no client needs a compression window of its own.
    """
    compressor = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return compressor.compress(frames) + compressor.flush(zlib.Z_FULL_FLUSH)


compress_shared_frame = lru_cache(SHARED_FRAMES)(compress_frames)
"""`compress_frames` with a cache, for frames that many clients get."""


@lru_cache(SHARED_FRAMES)
def _build_shared_frame(change: ViewChange, shows: bool) -> bytes:
    return _build_frame(change, shows, format_event_id(change.position))


def _build_frame(change: ViewChange, shows: bool, event_id: str) -> bytes:
    if shows:
        return _format_frame("item", change.item.data, event_id)
    row = change.item.row
    gone = Gone(row.id, row.uri, row.version, "withdrawn" if row.status == "withdrawn" else "left")
    return _format_frame("withdrawn", msgspec.json.encode(gone), event_id)


def _format_frame(event: str, data: bytes, event_id: str = "") -> bytes:
    """Formats one event. Its data is JSON, which has no line break that would end the field."""
    identity = f"id: {event_id}\n".encode() if event_id else b""
    return b"%sevent: %s\ndata: %s\n\n" % (identity, event.encode(), data)
