"""Keeps the objects of an archive in a folder. Each write is whole and private, and it is on the disk when it returns.

`s3.py` beside it keeps them in S3. Only the head of the archive is replaced, by `swap`, which refuses when somebody
else was quicker. So two processes never mix their work.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from streams.kafka.file_lock import wait_lock
from streams.model.errors import WorkFailed

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
LOCK = ".lock"


class Conflict(WorkFailed):
    """Another process has changed the archive meanwhile."""


class ArchiveStore(Protocol):
    """A place for objects with names such as `2026-03-02/decisions.1f.jsonl.zst`."""

    name: str
    """The place, as the user gave it."""

    def read(self, path: str) -> bytes:
        """Reads an object. Raises FileNotFoundError."""

    def write(self, path: str, data: bytes) -> None:
        """Writes an object whole or not at all."""

    def delete(self, path: str) -> None:
        """Deletes an object, if it is there."""

    def list(self) -> Iterator[tuple[str, float]]:
        """Lists all objects with the time of their last change, in seconds since 1970."""

    def read_version(self, path: str) -> tuple[bytes, str] | None:
        """Reads an object with its version; None where it does not exist."""

    def swap(self, path: str, version: str, data: bytes) -> str:
        """Replaces an object of this version (empty: it must not exist), returns the new version. Raises `Conflict`."""


class FolderStore:
    """Keeps objects as files of a folder, which the first write makes."""

    def __init__(self, folder: Path) -> None:
        self.name = str(folder)
        self._folder = folder

    def read(self, path: str) -> bytes:
        """Reads a file."""
        return (self._folder / path).read_bytes()

    def write(self, path: str, data: bytes) -> None:
        """Writes a file under a temporary name, and renames it when the disk has it."""
        target = self._folder / path
        _make_folder(target.parent)
        beside = target.with_name(f".{secrets.token_hex(4)}.{target.name}")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)

    def delete(self, path: str) -> None:
        """Deletes a file."""
        (self._folder / path).unlink(missing_ok=True)

    def list(self) -> Iterator[tuple[str, float]]:
        """Lists all files, those of writes that were broken off too."""
        for path in sorted(self._folder.rglob("*")):
            if path.is_file():
                yield path.relative_to(self._folder).as_posix(), path.stat().st_mtime

    def read_version(self, path: str) -> tuple[bytes, str] | None:
        """Reads a file; its version is its SHA-256."""
        try:
            data = self.read(path)
        except FileNotFoundError:
            return None
        return data, hashlib.sha256(data).hexdigest()

    def swap(self, path: str, version: str, data: bytes) -> str:
        """Replaces a file under a lock."""
        _make_folder(self._folder)
        with os.fdopen(os.open(self._folder / LOCK, os.O_WRONLY | os.O_CREAT, PRIVATE_FILE), "wb") as lock:
            wait_lock(lock)
            found = self.read_version(path)
            if (found[1] if found else "") != version:
                raise Conflict(f"another process has changed the archive {self.name}")
            self.write(path, data)
        return hashlib.sha256(data).hexdigest()


def _make_folder(folder: Path) -> None:
    for each in (*reversed(folder.parents), folder):
        if not each.exists():
            each.mkdir(PRIVATE_FOLDER, exist_ok=True)
            _sync_folder(each.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
