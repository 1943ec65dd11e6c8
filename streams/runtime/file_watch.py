"""Waits for changes of files: of their content, or of the set of them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

LOOK_SECONDS = 1.0
FileState = tuple[tuple[str, int, int, int], ...]
"""Path, inode, size and time of change of each file."""


async def watch_files(list_paths: Callable[[], Iterable[Path]], asked: asyncio.Event) -> AsyncIterator[None]:
    """Yields when a file has changed and then stayed the same for a second, and at once when `asked` is set.

    A change while the caller works on the last one is found too. A file that is only half written seldom stays the same
    for a second; where it does, the caller refuses it, and the rest of the file is the next change.
    """
    handled = last = look_at(list_paths())
    while True:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await asked.wait()
        except TimeoutError:
            now = look_at(list_paths())
            is_settled, last = now == last, now
            if now == handled or not is_settled:
                continue
        asked.clear()
        handled = last = look_at(list_paths())
        yield


def look_at(paths: Iterable[Path]) -> FileState:
    """Returns what tells whether one of these files was changed. A file that is missing stands without numbers."""
    found = []
    for path in sorted(set(paths)):
        try:
            stat = path.stat()
            found.append((str(path), stat.st_ino, stat.st_size, stat.st_mtime_ns))
        except OSError:
            found.append((str(path), 0, 0, 0))
    return tuple(found)
