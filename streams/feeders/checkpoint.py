"""Stores how far each feed and folder has been read, in one small JSON file.

The file is replaced as a whole after Kafka has confirmed what was sent.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import msgspec

from streams.kafka.file_lock import try_lock
from streams.model.errors import WorkFailed

FORMAT = 1
MAX_SEEN = 5000
"""How many entries of a feed are remembered, the most recently seen ones. No feed lists more."""


class FeedCheckpoint(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered about one feed."""

    url: str = ""
    """The address to which a permanent redirect of `configured` led; empty without a redirect."""
    configured: str = ""
    """The address in the settings for which this checkpoint was made."""
    etag: str = ""
    modified: str = ""
    """The `Last-Modified` header as the server wrote it."""
    seen: dict[str, str] = {}
    """Id of each entry -> its digest; the most recently seen entry comes last. An id that is shared -> `guid` or
    `guid,link`; its entries are remembered by their digests."""
    last: float = 0.0
    """When the newest entry came, in seconds since 1970; 0 before the first."""
    silence_history: dict[str, float] = msgspec.field(default_factory=dict, name="habit")
    """The longest silence of each of the last days (backoff.record_gap)."""


class FileCheckpoint(msgspec.Struct, frozen=True):
    """Identifies a file that was read: inode, modification time in nanoseconds, size and SHA-256."""

    inode: int
    mtime: int
    size: int
    digest: str


class Checkpoints(msgspec.Struct, kw_only=True):
    """The whole file: the checkpoints of all feeds and folders."""

    format: int = FORMAT
    feeds: dict[str, FeedCheckpoint] = {}
    folders: dict[str, dict[str, FileCheckpoint]] = {}


class CheckpointFile:
    """Reads and writes the checkpoint file, and locks it against a second feeder."""

    def __init__(self, path: str) -> None:
        """Locks and reads the file. Raises `WorkFailed` if another feeder holds the lock or the file is unreadable."""
        self._path = Path(path)
        self._lock = self._acquire_lock()
        try:
            self.checkpoints = self._read()
        except WorkFailed:
            self._lock.close()
            raise

    def save_feed(self, name: str, checkpoint: FeedCheckpoint) -> None:
        """Saves the checkpoint of a feed. The memory changes only when the file has it. Raises OSError."""
        feeds = {**self.checkpoints.feeds, name: checkpoint}
        self._save(msgspec.structs.replace(self.checkpoints, feeds=feeds))

    def save_folder(self, name: str, files: Mapping[str, FileCheckpoint]) -> None:
        """Saves the checkpoints of a folder, by `path_key`, as `save_feed` does. Raises OSError."""
        folders = {**self.checkpoints.folders, name: dict(files)}
        self._save(msgspec.structs.replace(self.checkpoints, folders=folders))

    def _save(self, checkpoints: Checkpoints) -> None:
        """Replaces the file atomically and syncs it to disk."""
        encoded = msgspec.json.encode(checkpoints)
        beside = self._path.with_name(f".{self._path.name}.tmp")
        with beside.open("wb") as file:
            file.write(encoded)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)
        self.checkpoints = checkpoints
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def close(self) -> None:
        """Releases the lock."""
        self._lock.close()

    def _acquire_lock(self) -> IO[bytes]:
        try:
            lock = self._path.with_name(f".{self._path.name}.lock").open("wb")
        except OSError as error:
            raise WorkFailed(f"cannot write beside {self._path}: {error.strerror}; give another `state`") from error
        if not try_lock(lock):
            lock.close()
            raise WorkFailed(f"another `newswire feed` uses {self._path}: stop it, or give this one its own `state`")
        return lock

    def _read(self) -> Checkpoints:
        try:
            found = msgspec.json.decode(self._path.read_bytes(), type=Checkpoints)
        except FileNotFoundError:
            return Checkpoints()
        except (OSError, msgspec.MsgspecError) as error:
            raise WorkFailed(
                f"cannot read the positions in {self._path}: {error}; correct it, or remove it to read everything again"
            ) from error
        if found.format != FORMAT:
            raise WorkFailed(
                f"{self._path} has format {found.format} and this version reads {FORMAT}; use the newer one"
            )
        return found


def path_key(path: str) -> str:
    """Returns the key of a file: its path. If that is no UTF-8: a NUL, which no path has, and its bytes in hex."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return f"\0{os.fsencode(path).hex()}"
    return path


def remember(seen: dict[str, str], entries: list[tuple[str, str]]) -> dict[str, str]:
    """Returns `seen` with the entries (id, digest) of the latest poll added; the oldest are dropped."""
    ids = {id_ for id_, _ in entries}
    found = {id_: digest for id_, digest in seen.items() if id_ not in ids} | dict(entries)
    return dict(list(found.items())[-max(MAX_SEEN, len(ids)) :])
