"""Writes raw records to a recording, reads and checks it, and plays it back at a multiple of its own pace.

A recording is one file of JSON lines, compressed with zstd: `.jsonl.zst`. Times named `timestamp` and `received` are
milliseconds since 1970.

First line: `{"newswire-recording": 1, "topic", "from", "to"}`, times RFC 3339, empty where the span is open.
A line a record: `{"partition", "offset", "timestamp", "received", "key", "headers": [[name, text]…], "value"}`; bytes
that are not UTF-8 stand in `"value64"` (base64) in place of `"value"`.
Last line, the manifest: `{"records", "bytes" (of the values), "sha256" (of the record lines), "sources": {id: count}}`.
"""

import base64
import hashlib
import io
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, NamedTuple, TypedDict

import orjson
import zstandard

from streams.feeders.raw_records import RawRecord
from streams.model.errors import WorkFailed
from streams.model.headers import decode_header, headers_as_text
from streams.model.timestamps import format_milliseconds

FORMAT = 1
SUFFIX = ".jsonl.zst"
LEVEL = 9
"""Compression level of zstd."""
HEADER_FIELD = "newswire-recording"
"""Field of the first line that holds the format version."""
MAX_SLEEP = 0.2
"""Seconds of the longest sleep between two records, so that Ctrl-C takes effect soon."""


class Recorded(NamedTuple):
    """A raw record as it was in its topic. `timestamp` and `received` are milliseconds since 1970."""

    partition: int
    offset: int
    timestamp: int
    received: int
    key: bytes
    headers: list[tuple[str, bytes]]
    value: bytes

    @property
    def source(self) -> str:
        """Returns the feed id in the headers; empty if there is none."""
        return headers_as_text(self.headers).get("source", "")


class Manifest(NamedTuple):
    """Describes the content of a recording: counts, size and checksum."""

    records: int
    size: int
    """Bytes of all values."""
    sha256: str
    sources: dict[str, int]


class RecordLine(TypedDict, total=False):
    """A record as a line of the file. One of `value` (text) and `value64` (base64) is present."""

    partition: int
    offset: int
    timestamp: int
    received: int
    key: str
    headers: list[list[str]]
    value: str
    value64: str


class RecordingLine(RecordLine, total=False):
    """A line of the file after the first: a record if it has an `offset`, the manifest if it has a `sha256`."""

    records: int
    bytes: int
    sha256: str
    sources: dict[str, int]


def write(file: BinaryIO, topic: str, start: str, end: str, records: Iterable[Recorded]) -> Manifest:
    """Writes a recording and returns its manifest. `start` and `end` are the span, RFC 3339 or empty."""
    digest, sources, count, size = hashlib.sha256(), Counter[str](), 0, 0
    with zstandard.ZstdCompressor(level=LEVEL).stream_writer(file, closefd=False) as packed:
        packed.write(orjson.dumps({HEADER_FIELD: FORMAT, "topic": topic, "from": start, "to": end}) + b"\n")
        for record in records:
            line = orjson.dumps(_encode_record(record)) + b"\n"
            digest.update(line)
            packed.write(line)
            count += 1
            size += len(record.value)
            sources[record.source] += 1
        manifest = Manifest(count, size, digest.hexdigest(), dict(sorted(sources.items())))
        row = {"records": count, "bytes": size, "sha256": manifest.sha256, "sources": manifest.sources}
        packed.write(orjson.dumps(row) + b"\n")
    return manifest


def read(path: str) -> Iterator[Recorded]:
    """Yields the records of a recording in its order. Raises `WorkFailed` if the file is no recording."""
    for row, _ in _read_lines(path):
        if "offset" in row:
            yield _decode_record(row)


def verify(path: str) -> Manifest:
    """Checks the whole file against its manifest and returns the manifest. Raises `WorkFailed` if they differ."""
    digest, count, manifest = hashlib.sha256(), 0, None
    for row, line in _read_lines(path):
        if "offset" in row:
            digest.update(line)
            count += 1
        elif "sha256" in row:
            manifest = Manifest(row["records"], row["bytes"], row["sha256"], row["sources"])
    if manifest is None:
        raise WorkFailed(f"{path} ends after {count} records without its manifest: it was cut; export it again")
    if (manifest.records, manifest.sha256) != (count, digest.hexdigest()):
        raise WorkFailed(
            f"{path} holds {count} records that do not agree with its manifest ({manifest.records} records,"
            f" SHA-256 {manifest.sha256[:12]}…): it was changed; export it again"
        )
    return manifest


def _encode_record(record: Recorded) -> RecordLine:
    row: RecordLine = {
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
        "received": record.received,
        "key": record.key.decode("utf-8", "replace"),
        "headers": [[name, decode_header(value)] for name, value in record.headers],
    }
    try:
        row["value"] = record.value.decode()
    except UnicodeDecodeError:
        row["value64"] = base64.b64encode(record.value).decode()
    return row


def _decode_record(row: RecordLine) -> Recorded:
    return Recorded(
        row["partition"],
        row["offset"],
        row["timestamp"],
        row["received"],
        row["key"].encode(),
        [(name, text.encode()) for name, text in row["headers"]],
        row["value"].encode() if "value" in row else base64.b64decode(row["value64"]),
    )


def _read_lines(path: str) -> Iterator[tuple[RecordingLine, bytes]]:
    """Checks the first line, then yields each other line decoded and as bytes."""
    try:
        with open(path, "rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as plain:  # noqa: PTH123
            lines = io.BufferedReader(plain, 1 << 20)
            head = orjson.loads(lines.readline())
            if head.get(HEADER_FIELD) != FORMAT:
                raise WorkFailed(f"{path} is no recording of format {FORMAT}: make one with `newswire export`")
            for line in lines:
                yield orjson.loads(line), line
    except (zstandard.ZstdError, orjson.JSONDecodeError, AttributeError, KeyError) as error:
        raise WorkFailed(f"{path} is no whole recording ({error}): make one with `newswire export`") from None


def play(
    records: Iterable[Recorded],
    speed: float | None,
    *,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[RawRecord]:
    """Yields the records as raw records, each when it is due: the gaps between raw timestamps divided by `speed`.

    Without a speed all are due at once. A record without the header `received-at` gets one, so that the item keeps
    its received time.
    """
    begin, first = now(), None
    for record in records:
        if first is None:
            first = record.timestamp
        if speed is not None:
            due = begin + (record.timestamp - first) / 1000 / speed
            while (left := due - now()) > 0:
                sleep(min(left, MAX_SLEEP))
        yield RawRecord(record.key, record.value, _with_received_at(record))


def _with_received_at(record: Recorded) -> list[tuple[str, bytes]]:
    if any(name == "received-at" for name, _ in record.headers):
        return record.headers
    return [*record.headers, ("received-at", format_milliseconds(record.received).encode())]
