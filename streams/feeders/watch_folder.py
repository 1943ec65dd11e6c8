"""One look at a watched folder: the files that are new or changed since, once nobody writes them any more."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from streams.feeders.checkpoint import FileCheckpoint

UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", "~")
"""Names of files that are still being written; the writer renames them when done."""
_CHUNK = 1 << 20


class ChangedFile(msgspec.Struct, frozen=True):
    """A file to read (`is_new`), or one to remember under its new name or time."""

    path: str
    position: FileCheckpoint
    is_new: bool


def scan(folder: str) -> dict[str, os.stat_result]:
    """The regular files below, sorted by path, without hidden and unfinished ones. Raises OSError."""
    with os.scandir(folder):
        pass  # os.walk would say nothing of a folder that is gone
    found = {}
    for above, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if name.startswith(".") or name.lower().endswith(UNFINISHED):
                continue
            path = Path(above, name)
            try:
                status = path.stat()
            except OSError:
                continue  # renamed meanwhile
            if path.is_file():
                found[str(path)] = status
    return {path: found[path] for path in sorted(found)}


def find_changes(
    known: Mapping[str, FileCheckpoint], before: Mapping[str, os.stat_result], now: Mapping[str, os.stat_result]
) -> Iterator[ChangedFile]:
    """What of `now` was not read yet. A file counts only when it looked the same `before`: it may be in writing.

    A file that was moved within the folder, or touched without a change, is not read again. Raises OSError.
    """
    by_inode = {position.inode: position for position in known.values()}
    for path, status in now.items():
        stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
        old = known.get(path)
        if old is not None and (old.inode, old.mtime, old.size) == stamp:
            continue
        earlier = before.get(path)
        if earlier is None or (earlier.st_ino, earlier.st_mtime_ns, earlier.st_size) != stamp:
            continue
        try:
            position = FileCheckpoint(*stamp, _hash_file(path))
        except FileNotFoundError:
            continue
        moved = by_inode.get(position.inode)
        same = old is not None and old.digest == position.digest
        yield ChangedFile(path, position, not same and not (moved is not None and moved.digest == position.digest))


def _hash_file(path: str) -> str:
    digest = hashlib.sha256()
    with Path(path).open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
