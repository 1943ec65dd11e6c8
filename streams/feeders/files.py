"""Reads raw items from files, folders, `.jsonl` files, archives and stdin, always in the same order.

An item is the file's bytes, unchanged. An item larger than `MAX_RAW_BYTES` is replaced by a small stub.
"""

import base64
import gzip
import hashlib
import os
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec
import orjson

from streams.feeders import archives
from streams.model.errors import WorkFailed
from streams.model.topics import MAX_RAW_BYTES

HEAD_BYTES = 64 << 10
"""How many bytes of a too large item its stub contains."""
CONTENT_TYPES = {
    ".xml": "application/xml",
    ".json": "application/json",
    ".jsonl": "application/json",
    ".txt": "text/plain",
    ".html": "text/html",
    ".eml": "message/rfc822",
}
_TARS = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2")
_UNREADABLE = (OSError, archives.ArchiveError)
_CHUNK = 1 << 20


class RawFile(msgspec.Struct, frozen=True):
    """One item of a file."""

    path: str
    """The path as given, joined by `/` with the path below a folder or in an archive; `-` is stdin."""
    index: int
    """Which non-empty line of a `.jsonl` file it is, from 0; 0 for other files."""
    content_type: str
    """The content type for the extension of the name; empty if the extension is unknown."""
    body: bytes
    """The item, or its stub (`build_stub`)."""
    mtime: float
    """Modification time in seconds since 1970."""
    too_large: int = 0
    """Size in bytes of the item that a stub replaces; 0 if `body` is the item."""


def read(paths: Sequence[str], on_unreadable: Callable[[str, str], None] | None = None) -> Iterator[RawFile]:
    """Yields the items of all paths in the order given; of a folder sorted by path, of an archive by name.

    Folders are read recursively. Hidden files and folders (a name that begins with a dot) are skipped below a folder
    or in an archive. `on_unreadable` gets the path and the reason for each file that cannot be read; without it such
    a file raises `WorkFailed`.
    """
    on_unreadable = on_unreadable or _raise_unreadable
    for path in paths:
        if path == "-":
            yield _build_item("-", 0, "", _read_chunks(sys.stdin.buffer), _read_stdin_mtime())
            continue
        for found in _list_folder(path, on_unreadable) if os.path.isdir(path) else [path]:  # noqa: PTH112 - plain text, kept as given
            yield from _read_file(found, on_unreadable)


def guess_content_type(name: str) -> str:
    """Returns the content type for the extension of a name; empty if the extension is unknown."""
    return CONTENT_TYPES.get(os.path.splitext(name)[1].lower(), "")  # noqa: PTH122


def build_stub(size: int, sha256: str, head: bytes) -> bytes:
    """Builds the JSON stub that is sent in place of a too large item, with the first 64 KiB as base64 in `head`."""
    return orjson.dumps(
        {"too-large": {"size": size, "sha256": sha256, "head": base64.b64encode(head[:HEAD_BYTES]).decode()}}
    )


def build_stub_of(body: bytes) -> bytes:
    """Builds the stub of an item that is in memory."""
    return build_stub(len(body), hashlib.sha256(body).hexdigest(), body)


def _raise_unreadable(path: str, why: str) -> None:
    raise WorkFailed(f"cannot read {path}: {why}")


def _list_folder(folder: str, on_unreadable: Callable[[str, str], None]) -> list[str]:
    found = []
    for above, folders, names in os.walk(
        folder, onerror=lambda error: on_unreadable(str(error.filename), _describe_error(error))
    ):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = [os.path.join(above, name) for name in names if not name.startswith(".")]  # noqa: PTH118
        found += [path for path in paths if os.path.isfile(path)]  # noqa: PTH113
    return sorted(found)


def _read_file(path: str, on_unreadable: Callable[[str, str], None]) -> Iterator[RawFile]:
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
        on_unreadable(printed, _describe_error(error))


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


def _read_stdin_mtime() -> float:
    status = os.fstat(sys.stdin.fileno())
    return status.st_mtime if stat.S_ISREG(status.st_mode) else time.time()


def _printable_path(path: str) -> str:
    """Returns the path with a replacement character for each byte that is not UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


def _describe_error(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split()) or type(error).__name__
