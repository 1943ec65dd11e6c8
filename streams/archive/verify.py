"""Reads a whole archive and compares each file with what its manifest says."""

from collections import Counter
from typing import NamedTuple

import msgspec

from streams.archive.files import FilePlace, list_days, place_of, read_day, read_rows, require_head
from streams.archive.manifest import KINDS, FileEntry, Head, Kind, format_day
from streams.archive.store import ArchiveStore
from streams.model.errors import WorkFailed

SeenByPartition = dict[tuple[Kind, int], set[int]]
"""Kind and partition -> offsets that were read."""


class ArchiveReport(NamedTuple):
    """Says what an archive holds, and what is wrong with it."""

    lines: list[str]
    problems: list[str]


def verify_archive(store: ArchiveStore) -> ArchiveReport:
    """Verifies an archive. Raises `WorkFailed` where the folder holds none."""
    head, _ = require_head(store)
    lines: list[str] = []
    problems = [f"records {each.first} to {each.last} of {each.partition} were lost" for each in head.gaps]
    before: SeenByPartition = {}
    for day in list_days(head):
        seen: SeenByPartition = {}
        counts: Counter[str] = Counter()
        size = 0
        try:
            entries = read_day(store, head, day)
        except WorkFailed as error:
            problems.append(str(error))
            continue
        for entry in entries:
            counts[entry.kind] += entry.records
            size += entry.bytes
            problems += _check_file(store, place_of(day, entry), entry, before, seen)
        before = seen
        numbers = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS)
        sources = len({entry.source for entry in entries if entry.kind == "raw"})
        state = "" if day in head.days else ", open"
        lines.append(f"{day}  {numbers}  {sources} sources, {len(entries)} files, {size} bytes{state}")
    return ArchiveReport([*lines, *_describe_next(head)], problems)


def _check_file(
    store: ArchiveStore, place: FilePlace, entry: FileEntry, before: SeenByPartition, seen: SeenByPartition
) -> list[str]:
    """Checks one file. `before` are the offsets of the day before, `seen` those of this day, to which it adds."""
    problems: list[str] = []
    count = 0
    try:
        for row in read_rows(store, entry):
            count += 1
            known = seen.setdefault((entry.kind, row.partition), set())
            if row.offset in known or row.offset in before.get((entry.kind, row.partition), ()):
                problems.append(f"{entry.path}: partition {row.partition}, offset {row.offset} stands twice")
            known.add(row.offset)
            if format_day(row.timestamp) != place.day:
                problems.append(f"{entry.path}: offset {row.offset} is of another day")
    except (WorkFailed, msgspec.MsgspecError) as error:
        return [f"{entry.path}: {error}"]
    if count != entry.records:
        problems.append(f"{entry.path} holds {count} records and not {entry.records}")
    return problems


def _describe_next(head: Head) -> list[str]:
    waiting = sum(1 for each in head.withdrawn.values() if not each.purged)
    purged = sum(1 for each in head.withdrawn.values() if each.purged)
    following = ", ".join(f"{name} {offset}" for name, offset in sorted(head.next.items()))
    return [f"next: {following}", f"withdrawn stories: {purged} purged, {waiting} to purge"]
