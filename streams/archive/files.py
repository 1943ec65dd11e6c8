"""Writes and reads the files of an archive: JSON lines, compressed with zstd."""

import hashlib
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import msgspec
import zstandard

from streams.archive.lines import ArchivedRecord, decode_line, encode_line
from streams.archive.manifest import (
    FORMAT,
    HEAD,
    DayManifest,
    FileEntry,
    Head,
    Kind,
    build_path,
    merge_spans,
)
from streams.archive.store import ArchiveStore
from streams.model.errors import WorkFailed
from streams.model.records import Decision

LEVEL = 9
"""Compression level of zstd."""
READ_BYTES = 1 << 20
_read_decision = msgspec.json.Decoder(Decision).decode


class FilePlace(NamedTuple):
    """Says which file a record belongs to."""

    day: str
    kind: Kind
    source: str = ""


def write_file(store: ArchiveStore, place: FilePlace, rows: Iterable[ArchivedRecord], token: str) -> FileEntry:
    """Writes a file and describes it. There is at least one row."""
    offsets: dict[str, tuple[int, int]] = {}
    times: list[int] = []
    log: list[int] = []
    packed = io.BytesIO()
    with zstandard.ZstdCompressor(level=LEVEL).stream_writer(packed, closefd=False) as writer:
        for row in rows:
            writer.write(encode_line(row))
            span = (row.offset, row.offset)
            offsets[str(row.partition)] = merge_spans([offsets.get(str(row.partition), span), span])
            times.append(row.timestamp)
            if place.kind == "decisions":
                log.append(_read_decision(row.value or b"").log_offset)
    data = packed.getvalue()
    entry = FileEntry(
        path=build_path(*place, token),
        kind=place.kind,
        source=place.source,
        records=len(times),
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        offsets=offsets,
        times=(min(times), max(times)),
        log_offsets=(min(log), max(log)) if log else None,
    )
    store.write(entry.path, data)
    return entry


def read_lines(store: ArchiveStore, entry: FileEntry) -> Iterator[bytes]:
    """Yields the lines of a file, with their ends. Raises `WorkFailed` where it is not as its entry says."""
    try:
        data = store.read(entry.path)
    except FileNotFoundError:
        raise WorkFailed(f"{store.name}/{entry.path} is missing: the archive is damaged") from None
    if len(data) != entry.bytes or hashlib.sha256(data).hexdigest() != entry.sha256:
        raise WorkFailed(f"{store.name}/{entry.path} is not as its manifest says: the archive is damaged")
    with zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True) as plain:
        yield from io.BufferedReader(plain, READ_BYTES)


def read_rows(store: ArchiveStore, entry: FileEntry) -> Iterator[ArchivedRecord]:
    """Yields the records of a file."""
    return map(decode_line, read_lines(store, entry))


def place_of(day: str, entry: FileEntry) -> FilePlace:
    """Returns what a file holds."""
    return FilePlace(day, entry.kind, entry.source)


def group_by_place(day: str, entries: Iterable[FileEntry]) -> dict[FilePlace, list[FileEntry]]:
    """Groups the files of a day that hold records of one kind and source, in their order."""
    found: dict[FilePlace, list[FileEntry]] = {}
    for entry in entries:
        found.setdefault(place_of(day, entry), []).append(entry)
    return found


def merge_files(store: ArchiveStore, place: FilePlace, entries: list[FileEntry], token: str) -> FileEntry:
    """Writes one file in place of several; these stay until the head no longer lists them."""
    return write_file(store, place, (row for entry in entries for row in read_rows(store, entry)), token)


def read_head(store: ArchiveStore) -> tuple[Head, str] | None:
    """Reads the head of an archive with its version; None where there is no archive. Raises `WorkFailed`."""
    found = store.read_version(HEAD)
    if found is None:
        return None
    data, version = found
    try:
        head = msgspec.json.decode(data, type=Head)
    except msgspec.MsgspecError as error:
        raise WorkFailed(f"{store.name}/{HEAD} is no head of an archive ({error})") from None
    _require_format(store, HEAD, head.format)
    return head, version


def require_head(store: ArchiveStore) -> tuple[Head, str]:
    """Reads the head of an archive with its version. Raises `WorkFailed` where there is no archive."""
    found = read_head(store)
    if found is None:
        raise WorkFailed(f"{store.name} holds no archive: it has no {HEAD}")
    return found


def read_day(store: ArchiveStore, head: Head, day: str) -> list[FileEntry]:
    """Reads which files belong to a day."""
    if day in head.open:
        return head.open[day]
    path = head.days[day]
    try:
        manifest = msgspec.json.decode(store.read(path), type=DayManifest)
    except (FileNotFoundError, msgspec.MsgspecError) as error:
        raise WorkFailed(f"{store.name}/{path}: {error}; the archive is damaged") from None
    _require_format(store, path, manifest.format)
    return manifest.files


def list_days(head: Head) -> list[str]:
    """Lists the days of an archive, the earliest first."""
    return sorted({*head.days, *head.open})


def _require_format(store: ArchiveStore, path: str, found: int) -> None:
    if found != FORMAT:
        raise WorkFailed(f"{store.name}/{path} has format {found} and this release reads {FORMAT}; use the newer one")


@contextmanager
def explain_store_errors(place: str) -> Iterator[None]:
    """Turns errors of a store into a sentence for the user."""
    try:
        yield
    except OSError as error:
        raise WorkFailed(f"cannot use {place}: {error.strerror or error}") from error
