"""Files, folders, `.jsonl`, archives and stdin as raw items, in one order, whoever asks: `feed` or `process`.

An item is the bytes as they are. Of an item larger than `MAX_RAW_BYTES` only a stub is read into memory.
"""

import base64
import gzip
import hashlib
import lzma
import os
import stat
import sys
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec
import orjson

from streams.feeders import archives
from streams.model.errors import WorkFailed
from streams.model.topics import MAX_RAW_BYTES

HEAD_BYTES = 64 << 10
"""How much of a too large item its stub carries."""
CONTENT_TYPES = {
    ".xml": "application/xml",
    ".json": "application/json",
    ".jsonl": "application/json",
    ".txt": "text/plain",
    ".html": "text/html",
    ".eml": "message/rfc822",
}
_TARS = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2")
_UNREADABLE = (
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    tarfile.TarError,
    zipfile.BadZipFile,
    archives.ArchiveError,
)
_CHUNK = 1 << 20


class RawFile(msgspec.Struct, frozen=True):
    """One item of a file. `index` counts the non-empty lines of a `.jsonl` file from 0 and is 0 elsewhere."""

    path: str
    """As given; with the path below a folder or an archive's member joined by `/`; `-` is stdin."""
    index: int
    content_type: str
    """By the name's extension; empty for others."""
    body: bytes
    """The item, or its stub (`stub`)."""
    mtime: float
    """Seconds since 1970."""
    too_large: int = 0
    """The size of what the stub stands for; 0 where `body` is the item."""


def read(paths: Sequence[str], refused: Callable[[str, str], None] | None = None) -> Iterator[RawFile]:
    """The items of all paths: these as given, folders recursively and sorted by path, archives by name.

    Hidden files and folders (a name that begins with a dot) are skipped below a folder or in an archive.
    `refused` gets the path and the reason of each that cannot be read; without it that raises `WorkFailed`.
    """
    refuse = refused or _raise_unreadable
    for path in paths:
        if path == "-":
            yield _build_item("-", 0, "", _read_chunks(sys.stdin.buffer), _stdin_mtime())
            continue
        for found in _list_folder(path, refuse) if os.path.isdir(path) else [path]:  # noqa: PTH112 - plain text, kept as given
            yield from _read_file(found, refuse)


def guess_content_type(name: str) -> str:
    """By the extension; empty where the table has none."""
    return CONTENT_TYPES.get(os.path.splitext(name)[1].lower(), "")  # noqa: PTH122


def build_stub(size: int, sha256: str, head: bytes) -> bytes:
    """What is sent instead of an item that is too large; `head` is base64 of its first 64 KiB."""
    return orjson.dumps(
        {"too-large": {"size": size, "sha256": sha256, "head": base64.b64encode(head[:HEAD_BYTES]).decode()}}
    )


def build_stub_of(body: bytes) -> bytes:
    """The stub of an item that is in memory."""
    return build_stub(len(body), hashlib.sha256(body).hexdigest(), body)


def _raise_unreadable(path: str, why: str) -> None:
    raise WorkFailed(f"cannot read {path}: {why}")


def _list_folder(folder: str, refuse: Callable[[str, str], None]) -> list[str]:
    found = []
    for above, folders, names in os.walk(
        folder, onerror=lambda error: refuse(str(error.filename), _describe_error(error))
    ):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = [os.path.join(above, name) for name in names if not name.startswith(".")]  # noqa: PTH118
        found += [path for path in paths if os.path.isfile(path)]  # noqa: PTH113
    return sorted(found)


def _read_file(path: str, refuse: Callable[[str, str], None]) -> Iterator[RawFile]:
    name = path.lower()
    printed = _printable_path(path)
    try:
        if name.endswith(_TARS) or name.endswith(".zip"):
            members = archives.read_zip if name.endswith(".zip") else archives.read_tar
            for member in members(path):
                yield from _read_items(
                    f"{printed}/{_printable_path(member.name)}", member.name, member.stream, member.mtime
                )
            return
        with open(path, "rb") as stream:  # noqa: PTH123
            status = os.fstat(stream.fileno())
            mtime = status.st_mtime
            if name.endswith(".gz"):
                with gzip.open(stream) as plain:
                    yield from _read_items(printed, path[:-3], archives.BoundedStream(plain, status.st_size), mtime)
            else:
                yield from _read_items(printed, path, stream, mtime)
    except _UNREADABLE as error:
        refuse(printed, _describe_error(error))


def _read_items(path: str, name: str, stream: archives.ByteStream, mtime: float) -> Iterator[RawFile]:
    kind = guess_content_type(name)
    if not name.lower().endswith(".jsonl"):
        yield _build_item(path, 0, kind, _read_chunks(stream), mtime)
        return
    index = 0
    while first := stream.readline(_CHUNK):
        item = _build_item(path, index, kind, _read_line(first, stream), mtime)
        if item.too_large or item.body.strip():
            yield item
            index += 1


def _build_item(path: str, index: int, kind: str, chunks: Iterable[bytes], mtime: float) -> RawFile:
    body, size, digest = bytearray(), 0, hashlib.sha256()
    for chunk in chunks:
        size += len(chunk)
        digest.update(chunk)
        if size <= MAX_RAW_BYTES:
            body += chunk
    if size <= MAX_RAW_BYTES:
        return RawFile(path, index, kind, bytes(body), mtime)
    return RawFile(path, index, kind, build_stub(size, digest.hexdigest(), bytes(body)), mtime, size)


def _read_chunks(stream: archives.ByteStream) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


def _read_line(first: bytes, stream: archives.ByteStream) -> Iterator[bytes]:
    piece = first
    while piece and not piece.endswith(b"\n"):
        yield piece
        piece = stream.readline(_CHUNK)
    yield piece.removesuffix(b"\n").removesuffix(b"\r")


def _stdin_mtime() -> float:
    status = os.fstat(sys.stdin.fileno())
    return status.st_mtime if stat.S_ISREG(status.st_mode) else time.time()


def _printable_path(path: str) -> str:
    """A path that can be written as UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


def _describe_error(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split()) or type(error).__name__
