"""Finds the new and changed files of a watched folder, once nobody writes to them any more."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from streams.feeders.checkpoint import FileCheckpoint, path_key

UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", "~")
"""Name endings of files that are still being written; the writer renames them when done."""
_CHUNK = 1 << 20


class ChangedFile(msgspec.Struct, frozen=True):
    """A file whose checkpoint changed: its content is new (`is_new`), or only its name or time is."""

    path: str
    checkpoint: FileCheckpoint
    is_new: bool


def scan(folder: str, on_outside: Callable[[str], None] = lambda _: None) -> dict[str, os.stat_result]:
    """Returns the status of each regular file below a folder, sorted by path. Raises OSError.

    Hidden files and files still being written are left out. So are links to files outside of the folder: whoever may
    write into the folder may not read those. `on_outside` gets their paths.
    """
    inside = Path(folder).resolve()
    with os.scandir(folder):
        pass  # raises if the folder does not exist, which os.walk ignores
    found = {}
    for above, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if name.startswith(".") or name.lower().endswith(UNFINISHED):
                continue
            path = Path(above, name)
            try:
                if path.is_symlink() and not path.resolve().is_relative_to(inside):
                    on_outside(str(path))
                    continue
                status = path.stat()
            except (OSError, RuntimeError):  # renamed in the meantime, or a link to itself
                continue
            if path.is_file():
                found[str(path)] = status
    return {path: found[path] for path in sorted(found)}


def find_changes(
    known: Mapping[str, FileCheckpoint],
    before: Mapping[str, os.stat_result],
    now: Mapping[str, os.stat_result],
    on_unreadable: Callable[[str, OSError], None],
) -> Iterator[ChangedFile]:
    """Yields the files of this scan (`now`) that differ from the `known` checkpoints, which stand under `path_key`.

    A file counts only when the previous scan (`before`) saw it unchanged: it may still be being written. A file that
    was moved within the folder, or touched without a change of its content, is not new. `on_unreadable` gets a file
    that cannot be read; the next scan looks at it again.
    """
    by_inode = {checkpoint.inode: checkpoint for checkpoint in known.values()}
    for path, status in now.items():
        stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
        old = known.get(path_key(path))
        if old is not None and (old.inode, old.mtime, old.size) == stamp:
            continue
        earlier = before.get(path)
        if earlier is None or (earlier.st_ino, earlier.st_mtime_ns, earlier.st_size) != stamp:
            continue
        try:
            checkpoint = FileCheckpoint(*stamp, _hash_file(path))
        except FileNotFoundError:
            continue
        except OSError as error:
            on_unreadable(path, error)
            continue
        moved = by_inode.get(checkpoint.inode)
        same = old is not None and old.digest == checkpoint.digest
        yield ChangedFile(path, checkpoint, not same and not (moved is not None and moved.digest == checkpoint.digest))


def _hash_file(path: str) -> str:
    digest = hashlib.sha256()
    with Path(path).open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
