"""Plays a recording back: its records with their own headers, at a multiple of the pace at which they came.

A recording: raw records with their headers and times in one file, zstd JSON lines, `.jsonl.zst`.

First line `{"newswire-recording": 1, "topic", "from", "to"}` (times RFC 3339, empty where open). Then a line a record:
`{"partition", "offset", "timestamp" (ms), "received-at", "key", "headers": [[name, text]…], "value" or "value64"}`.
Last line, the manifest: `{"records", "bytes" (of the values), "sha256" (of the record lines), "sources": {id: count}}`.
"""

import base64
import hashlib
import io
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, NamedTuple

import orjson
import zstandard

from streams.feeders.raw_records import RawRecord
from streams.model.errors import WorkFailed
from streams.model.headers import decode_header, headers_as_text
from streams.model.timestamps import of_milliseconds

FORMAT = 1
SUFFIX = ".jsonl.zst"
LEVEL = 9
HEADER_FIELD = "newswire-recording"


class Recorded(NamedTuple):
    """A raw record as it stood in its topic. `received` is the received time in milliseconds."""

    partition: int
    offset: int
    timestamp: int
    received: int
    key: bytes
    headers: list[tuple[str, bytes]]
    value: bytes

    @property
    def source(self) -> str:
        """The feed id in its headers; empty where it has none."""
        return headers_as_text(self.headers).get("source", "")


class Manifest(NamedTuple):
    """What a recording holds."""

    records: int
    size: int
    """Bytes of all values."""
    sha256: str
    sources: dict[str, int]


def write(file: BinaryIO, topic: str, start: str, end: str, records: Iterable[Recorded]) -> Manifest:
    """Writes a recording; returns its manifest."""
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
        made = Manifest(count, size, digest.hexdigest(), dict(sorted(sources.items())))
        row = {"records": count, "bytes": size, "sha256": made.sha256, "sources": made.sources}
        packed.write(orjson.dumps(row) + b"\n")
    return made


def read(path: str) -> Iterator[Recorded]:
    """The records of a recording, in its order. Raises `WorkFailed` where the file is not whole: see `verify`."""
    for fields, _ in _read_lines(path):
        if "offset" in fields:
            yield _decode_record(fields)


def verify(path: str) -> Manifest:
    """The manifest, after all of the file was found to agree with it. Raises `WorkFailed` with what is wrong."""
    digest, count, manifest = hashlib.sha256(), 0, None
    for fields, line in _read_lines(path):
        if "offset" in fields:
            digest.update(line)
            count += 1
        elif "sha256" in fields:
            manifest = Manifest(fields["records"], fields["bytes"], fields["sha256"], fields["sources"])
    if manifest is None:
        raise WorkFailed(f"{path} ends after {count} records without its manifest: it was cut; export it again")
    if (manifest.records, manifest.sha256) != (count, digest.hexdigest()):
        raise WorkFailed(
            f"{path} holds {count} records that do not agree with its manifest ({manifest.records} records,"
            f" SHA-256 {manifest.sha256[:12]}…): it was changed; export it again"
        )
    return manifest


def _encode_record(record: Recorded) -> dict[str, Any]:
    row: dict[str, Any] = {
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


def _decode_record(fields: dict[str, Any]) -> Recorded:
    value = fields["value"].encode() if "value" in fields else base64.b64decode(fields["value64"])
    headers = [(name, text.encode()) for name, text in fields["headers"]]
    place = fields["partition"], fields["offset"], fields["timestamp"], fields["received"]
    return Recorded(*place, fields["key"].encode(), headers, value)


def _read_lines(path: str) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Each line decoded and as it is, the first one checked and left out."""
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


MAX_SLEEP = 0.2


def play(
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
                sleep(min(left, MAX_SLEEP))
        yield RawRecord(record.key, record.value, _with_received_at(record))


def _with_received_at(record: Recorded) -> list[tuple[str, bytes]]:
    if any(name == "received-at" for name, _ in record.headers):
        return record.headers
    return [*record.headers, ("received-at", of_milliseconds(record.received).encode())]
