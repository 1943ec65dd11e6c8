"""How far each feed and folder has been read: one small file, replaced as a whole after a send was confirmed."""

import fcntl
import os
from pathlib import Path
from typing import IO

import msgspec

from streams.model.errors import WorkFailed

FORMAT = 1
MAX_SEEN = 5000
"""Entries of a feed that are remembered, those seen last; no feed lists more."""


class FeedCheckpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Of one feed."""

    url: str = ""
    """Where a permanent redirect led; empty: as configured. Good for `configured` only."""
    configured: str = ""
    etag: str = ""
    modified: str = ""
    """`Last-Modified` as the server wrote it."""
    seen: dict[str, str] = {}
    """Entry's id -> digest; the entry seen last comes last."""
    last: float = 0.0
    """When an entry came, seconds since 1970."""
    habit: dict[str, float] = {}
    """See pace.learnt."""


class FileCheckpoint(msgspec.Struct, frozen=True):
    """A file that was read: its inode, time in nanoseconds, size and SHA-256."""

    inode: int
    mtime: int
    size: int
    digest: str


class Checkpoints(msgspec.Struct, kw_only=True):
    """All of them."""

    format: int = FORMAT
    feeds: dict[str, FeedCheckpoint] = {}
    folders: dict[str, dict[str, FileCheckpoint]] = {}


class CheckpointFile:
    """The file, locked against a second feeder for as long as this one runs."""

    def __init__(self, path: str) -> None:
        """Raises `WorkFailed` where the file is another feeder's or cannot be read."""
        self._path = Path(path)
        self._lock = self._locked()
        try:
            self.positions = self._read()
        except WorkFailed:
            self._lock.close()
            raise

    def save(self) -> None:
        """Replaces the file. Raises OSError."""
        beside = self._path.with_name(f".{self._path.name}.tmp")
        with beside.open("wb") as file:
            file.write(msgspec.json.encode(self.positions))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def close(self) -> None:
        """Lets another feeder have it."""
        self._lock.close()

    def _locked(self) -> IO[bytes]:
        try:
            lock = self._path.with_name(f".{self._path.name}.lock").open("wb")
        except OSError as error:
            raise WorkFailed(f"cannot write beside {self._path}: {error.strerror}; give another `state`") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise WorkFailed(
                f"another `newswire feed` uses {self._path}: stop it, or give this one its own `state`"
            ) from None
        return lock

    def _read(self) -> Checkpoints:
        try:
            found = msgspec.json.decode(self._path.read_bytes(), type=Checkpoints)
        except FileNotFoundError:
            return Checkpoints()
        except (OSError, msgspec.MsgspecError) as error:
            raise WorkFailed(
                f"cannot read the positions in {self._path}: {error}; mend it, or remove it to read everything again"
            ) from error
        if found.format != FORMAT:
            raise WorkFailed(
                f"{self._path} has format {found.format} and this version reads {FORMAT}; use the newer one"
            )
        return found


def remember(seen: dict[str, str], entries: list[tuple[str, str]]) -> dict[str, str]:
    """`seen` after a look at these entries (id, digest)."""
    ids = {id_ for id_, _ in entries}
    found = {id_: digest for id_, digest in seen.items() if id_ not in ids} | dict(entries)
    return dict(list(found.items())[-max(MAX_SEEN, len(ids)) :])
