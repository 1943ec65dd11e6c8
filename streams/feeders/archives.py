"""Reads the files in tar and zip archives in name order, one at a time, and limits how far an archive may expand."""

import bz2
import gzip
import lzma
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple, Protocol

MAX_BYTES = 4 << 30
"""Most bytes that an archive may expand to, all its members together."""
FREE_BYTES = 32 << 20
MAX_RATIO = 100
"""An archive may always expand to `FREE_BYTES`, and beyond that to this many times its own size.

Wire copy compresses 3 to 30 times, an archive bomb 1,000 times. Hashing the expanded bytes takes 3 s a GiB.
"""
MAX_MEMBERS = 250_000
_CHUNK = 1 << 20
_COMPRESSIONS = ((b"\x1f\x8b", gzip.open), (b"\xfd7zXZ\0", lzma.open), (b"BZh", bz2.open))


class ArchiveError(Exception):
    """Says why an archive is not read any further."""


class ByteStream(Protocol):
    """A binary stream: an open file, or a stream that decompresses one."""

    def read(self, size: int, /) -> bytes:
        """Reads at most `size` bytes, as a file does."""

    def readline(self, size: int, /) -> bytes:
        """Reads a line or its first `size` bytes, as a file does."""


class BoundedStream:
    """Limits how many bytes a decompressed stream may yield.

    `packed` is the size of the archive in bytes. The members of one archive share `used`, the count of bytes read.
    """

    def __init__(self, stream: ByteStream, packed: int, used: list[int] | None = None) -> None:
        self._stream = stream
        self._budget = _max_expanded(packed)
        self._used = [0] if used is None else used

    def read(self, size: int, /) -> bytes:
        """Reads at most `size` bytes, as a file does. Raises `ArchiveError` beyond the limit."""
        with _convert_errors():
            return self._count(self._stream.read(size))

    def readline(self, size: int, /) -> bytes:
        """Reads a line or its first `size` bytes, as a file does. Raises `ArchiveError` beyond the limit."""
        with _convert_errors():
            return self._count(self._stream.readline(size))

    def _count(self, chunk: bytes) -> bytes:
        self._used[0] += len(chunk)
        if self._used[0] > self._budget:
            raise _too_large_error(self._budget)
        return chunk


def _max_expanded(packed: int) -> int:
    return min(MAX_BYTES, _plausible_size(packed))


def _plausible_size(packed: int) -> int:
    return max(FREE_BYTES, MAX_RATIO * packed)


def _too_large_error(budget: int) -> ArchiveError:
    return ArchiveError(f"it expands to more than {budget} bytes; unpack it and send the folder")


class ArchiveMember(NamedTuple):
    """A file in an archive. `stream` can be read until the next member is requested."""

    name: str
    mtime: float
    stream: BoundedStream


def read_tar(path: str) -> Iterator[ArchiveMember]:
    """Yields the regular files of a tar archive, compressed or not. Raises OSError or `ArchiveError`."""
    with _convert_errors():
        yield from _read_tar(path)


def read_zip(path: str) -> Iterator[ArchiveMember]:
    """Yields the files of a zip archive. Raises OSError or `ArchiveError`."""
    with _convert_errors():
        yield from _read_zip(path)


@contextmanager
def _convert_errors() -> Iterator[None]:
    """Turns what the libraries raise for a damaged archive into `ArchiveError`: they document few of these errors."""
    try:
        yield
    except ArchiveError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:  # the disk, not the archive
            raise
        raise ArchiveError(f"it is damaged: {' '.join(str(error).split()) or type(error).__name__}") from error


def _read_tar(path: str) -> Iterator[ArchiveMember]:
    used, size = [0], Path(path).stat().st_size
    with tempfile.TemporaryFile() as spool, open(path, "rb") as packed:  # noqa: PTH123
        plain = _decompress(packed, spool, size)
        with tarfile.open(fileobj=plain, mode="r:") as archive:
            found = []
            for count, info in enumerate(archive):
                if count >= MAX_MEMBERS:
                    raise ArchiveError(f"it has more than {MAX_MEMBERS} members; unpack it and send the folder")
                name = _normalise_name(info.name)
                if info.isreg() and not info.issparse() and name:
                    found.append((name, info))
            for name, info in sorted(found, key=lambda row: row[0]):
                stream = archive.extractfile(info)
                if stream is not None:
                    with stream:
                        yield ArchiveMember(name, float(info.mtime), BoundedStream(stream, size, used))


def _read_zip(path: str) -> Iterator[ArchiveMember]:
    used, size = [0], Path(path).stat().st_size
    with zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
        if sum(info.file_size for info in infos) > _plausible_size(size):
            raise _too_large_error(_plausible_size(size))
        if len(infos) > MAX_MEMBERS:
            raise ArchiveError(f"it has more than {MAX_MEMBERS} members; unpack it and send the folder")
        found = [(_normalise_name(info.filename), info) for info in infos if not info.is_dir()]
        for name, info in sorted(found, key=lambda row: row[0]):
            if not name or stat.S_ISLNK(info.external_attr >> 16):
                continue
            if info.flag_bits & 1:
                raise ArchiveError(f"its member {name} is encrypted; unpack it and send the folder")
            try:
                stream = archive.open(info)
            except NotImplementedError as error:
                raise ArchiveError(f"its member {name}: {error}; unpack it and send the folder") from error
            with stream:
                yield ArchiveMember(name, _parse_zip_time(info), BoundedStream(stream, size, used))


def _decompress(packed: IO[bytes], spool: IO[bytes], size: int) -> IO[bytes]:
    # Reading in name order needs random access, and each seek back in a compressed file decompresses it from its start.
    magic = packed.read(6)
    packed.seek(0)
    for prefix, opener in _COMPRESSIONS:
        if magic.startswith(prefix):
            with opener(packed, "rb") as stream:
                source = BoundedStream(stream, size)
                while chunk := source.read(_CHUNK):
                    spool.write(chunk)
            spool.seek(0)
            return spool
    return packed


def _normalise_name(name: str) -> str:
    """Returns the name without a leading `./` or `/`, or an empty text for a hidden file."""
    parts = [part for part in name.split("/") if part not in ("", ".", "..")]
    hidden = any(part.startswith(".") for part in parts) or parts[:1] == ["__MACOSX"]
    return "" if hidden else "/".join(parts)


def _parse_zip_time(info: zipfile.ZipInfo) -> float:
    # The times in a zip archive have no time zone; they are taken as UTC.
    try:
        return datetime(*info.date_time, tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0
