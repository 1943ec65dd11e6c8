"""Collects records and adds them to an archive, in steps that are done whole or not at all.

A step writes new files and then the head, which lists them and says which records come next. A process that is killed
leaves at most files that no head lists; they are deleted later. When a day is over, its files become one a source.
"""

import secrets
import time

import msgspec

from streams.archive.files import FilePlace, group_by_place, merge_files, write_file
from streams.archive.lines import ArchivedRecord
from streams.archive.manifest import (
    HEAD,
    DayManifest,
    Head,
    end_of_day,
    is_archive_path,
    manifest_path,
)
from streams.archive.purge import Prepare, Purged, purge_stories
from streams.archive.store import ArchiveStore

MOST_PARTS = 32
"""So many files of one kind and source of a day that is not over become one."""
LATE_MS = 600_000
"""How long after its end a day waits for records."""
ORPHAN_SECONDS = 6 * 3600.0
"""How old a file that no head lists must be: a younger one may belong to a step that another process is taking."""


class ArchiveWriter:
    """Adds to an archive. Every method that writes the head raises `Conflict` where another process did meanwhile."""

    def __init__(self, store: ArchiveStore, head: Head, version: str) -> None:
        self._store, self.head, self._version = store, head, version
        self._rows: dict[FilePlace, list[ArchivedRecord]] = {}
        self._token = secrets.token_hex(4)
        self._steps = 0
        self.size = 0
        """Bytes of the values that wait to be written."""

    def add(self, place: FilePlace, row: ArchivedRecord) -> None:
        """Takes in a record."""
        self._rows.setdefault(place, []).append(row)
        self.size += len(row.value or b"")

    def flush(self, **changes: object) -> None:
        """Writes what was taken in, and the head with these changes of its fields."""
        rows, self._rows, self.size = self._rows, {}, 0
        token = self._next_token()
        days = {day: list(files) for day, files in self.head.open.items()}
        closed, replaced = dict(self.head.days), list(self.head.replaced)
        for place, found in rows.items():
            entry = write_file(self._store, place, found, token)
            if place.day in closed:  # a record of a day that was closed: it is opened again
                path = closed.pop(place.day)
                days[place.day] = msgspec.json.decode(self._store.read(path), type=DayManifest).files
                replaced.append(path)
            files = days.setdefault(place.day, [])
            files.append(entry)
            parts = [each for each in files if (each.kind, each.source) == (place.kind, place.source)]
            if len(parts) > MOST_PARTS:
                merged = merge_files(self._store, place, parts, f"{token}-m")
                days[place.day] = [merged, *(each for each in files if each not in parts)]
                replaced += [each.path for each in parts]
        self._put(msgspec.structs.replace(self.head, open=days, days=closed, replaced=replaced, **changes))

    def close_days(self, before_ms: int) -> list[str]:
        """Makes one file a kind and source of each day that ended before this time, and writes its manifest."""
        done = [day for day in sorted(self.head.open) if end_of_day(day) + LATE_MS <= before_ms]
        for day in done:
            token = self._next_token()
            entries = self.head.open[day]
            files = [
                parts[0] if len(parts) == 1 else merge_files(self._store, place, parts, token)
                for place, parts in sorted(group_by_place(day, entries).items())
            ]
            path = manifest_path(day, token)
            self._store.write(path, msgspec.json.format(msgspec.json.encode(DayManifest(day=day, files=files))))
            gone = [each.path for each in entries if each not in files]
            head = msgspec.structs.replace(
                self.head,
                open={each: found for each, found in self.head.open.items() if each != day},
                days={**self.head.days, day: path},
                replaced=[*self.head.replaced, *gone],
            )
            self._put(head)
        return done

    def purge(self, uris: frozenset[str], prepare: Prepare) -> Purged:
        """Takes the words of stories out of the archive."""
        head, done = purge_stories(self._store, self.head, uris, self._next_token(), prepare)
        self._put(head)
        return done

    def delete_orphans(self) -> int:
        """Deletes old files of an archive that its head does not list."""
        listed = set(self.head.days.values())
        for day in self.head.open:
            listed |= {each.path for each in self.head.open[day]}
        for path in self.head.days.values():
            listed |= {each.path for each in msgspec.json.decode(self._store.read(path), type=DayManifest).files}
        old = time.time() - ORPHAN_SECONDS
        gone = [path for path, at in self._store.list() if at < old and path not in listed and is_archive_path(path)]
        for path in gone:
            self._store.delete(path)
        return len(gone)

    def _put(self, head: Head) -> None:
        """Writes the head, and then deletes the files that it no longer lists."""
        self._version = self._store.swap(HEAD, self._version, msgspec.json.encode(head))
        self.head = head
        if not head.replaced:
            return
        for path in head.replaced:
            self._store.delete(path)
        self.head = msgspec.structs.replace(head, replaced=[])
        self._version = self._store.swap(HEAD, self._version, msgspec.json.encode(self.head))

    def _next_token(self) -> str:
        self._steps += 1
        return f"{self._token}{self._steps:05x}"
