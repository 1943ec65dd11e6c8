"""The members of tar and zip archives, in name order, read one at a time and never more than the limits."""

import bz2
import gzip
import lzma
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple, Protocol

MAX_BYTES = 4 << 30
"""What an archive may expand to, all members together."""
FREE_BYTES = 32 << 20
MAX_RATIO = 100
"""An archive may expand to `FREE_BYTES`, and beyond that to so many times its own size: wire copy packs 3 to 30 times,
a bomb 1,000 times, and what it expands to is hashed at 3 s a GiB."""
MAX_MEMBERS = 250_000
_CHUNK = 1 << 20
_COMPRESSIONS = ((b"\x1f\x8b", gzip.open), (b"\xfd7zXZ\0", lzma.open), (b"BZh", bz2.open))


class ArchiveError(Exception):
    """The archive is not read on; the message says why."""


class ByteStream(Protocol):
    """What is read here: a file, or what decompresses one."""

    def read(self, size: int, /) -> bytes:
        """As a file's."""

    def readline(self, size: int, /) -> bytes:
        """As a file's."""


class BoundedStream:
    """A stream that refuses to expand beyond a budget, which the members of an archive share.

    `packed` is the size of the archive in bytes.
    """

    def __init__(self, stream: ByteStream, packed: int, used: list[int] | None = None) -> None:
        self._stream = stream
        self._budget = _max_expanded(packed)
        self._used = [0] if used is None else used

    def read(self, size: int, /) -> bytes:
        """As a file's. Raises `Refused`."""
        return self._count(self._stream.read(size))

    def readline(self, size: int, /) -> bytes:
        """As a file's. Raises `Refused`."""
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
    """A file in an archive. `stream` is good until the next member is asked for."""

    name: str
    mtime: float
    stream: BoundedStream


def read_tar(path: str) -> Iterator[ArchiveMember]:
    """The regular files of a tar archive, compressed or not. Raises OSError, TarError or `Refused`."""
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


def read_zip(path: str) -> Iterator[ArchiveMember]:
    """The files of a zip archive. Raises OSError, BadZipFile or `Refused`."""
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
                yield ArchiveMember(name, _zip_time(info), BoundedStream(stream, size, used))


def _decompress(packed: IO[bytes], spool: IO[bytes], size: int) -> IO[bytes]:
    # Name order needs random access, and seeking back in a compressed file unpacks it from its beginning.
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
    """The name without a leading `./` or `/`; empty for what is hidden."""
    parts = [part for part in name.split("/") if part not in ("", ".", "..")]
    hidden = any(part.startswith(".") for part in parts) or parts[:1] == ["__MACOSX"]
    return "" if hidden else "/".join(parts)


def _zip_time(info: zipfile.ZipInfo) -> float:
    # A zip's times carry no zone.
    try:
        return datetime(*info.date_time, tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0
