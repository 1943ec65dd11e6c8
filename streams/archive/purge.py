"""Takes the words of withdrawn stories out of the files of an archive.

Of each record the position stays, of each decision what was decided; so the order of the log stays whole. Nothing is
changed in place: files without the words stand beside the old ones until the head lists them, and then those go.
"""

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

import msgspec

from streams.archive.files import FilePlace, list_days, place_of, read_day, read_lines, write_file
from streams.archive.lines import ArchivedRecord, decode_line, with_value, without_content
from streams.archive.manifest import DayManifest, FileEntry, Head, format_day, manifest_path
from streams.archive.store import ArchiveStore
from streams.archive.withdrawals import Membership, is_withdrawal, redact_command, redact_decision, speaks_of
from streams.model.records import Decision, Outcome, split_by_story
from streams.model.topics import RAW

Redact = Callable[[ArchivedRecord], ArchivedRecord]
_decode = msgspec.json.Decoder(Decision).decode
_encode = msgspec.json.Encoder(order="deterministic").encode


class Purged(NamedTuple):
    """What a purge took out."""

    stories: frozenset[str]
    """The stories, and those that were joined into them."""
    raw: int
    """Raw records whose content went."""
    others: int
    """Items of other stories that came in the same raw records, and went with them."""
    files: int


def purge_stories(store: ArchiveStore, head: Head, uris: Collection[str], token: str) -> tuple[Head, Purged]:
    """Writes the files anew that hold words of stories; returns the head that lists them, for the caller to put."""
    members = _find_members(store, head, uris)
    raw: dict[FilePlace, set[tuple[int, int]]] = {}
    for origin, source in members.find_items().items():
        if origin.topic == f"{head.prefix}.{RAW}":
            place = FilePlace(format_day(origin.timestamp), "raw", source)
            raw.setdefault(place, set()).add((origin.partition, origin.offset))
    others = _count_others(store, head, members)
    marks = [each.encode() for each in sorted(members.uris)]
    days, open_days, replaced, count, files = dict(head.days), dict(head.open), list(head.replaced), 0, 0
    for day in list_days(head):
        entries = read_day(store, head, day)
        made: list[FileEntry] = []
        for number, entry in enumerate(entries):
            place = place_of(day, entry)
            wanted = raw.get(place, set())
            found = _find_changes(store, entry, wanted, marks, members.uris)
            if not found:
                made.append(entry)
                continue
            rows = (found.get(at) or decode_line(line) for at, line in enumerate(read_lines(store, entry)))
            made.append(write_file(store, place, rows, f"{token}-p{number}"))
            replaced.append(entry.path)
            files += 1
            count += len(found) if entry.kind == "raw" else 0
        if made == entries:
            continue
        if day in open_days:
            open_days[day] = made
        else:
            replaced.append(days[day])
            days[day] = manifest_path(day, f"{token}-p")
            store.write(days[day], msgspec.json.format(msgspec.json.encode(DayManifest(day=day, files=made))))
    withdrawn = {
        uri: msgspec.structs.replace(each, purged=True) if uri in members.uris else each
        for uri, each in head.withdrawn.items()
    }
    changed = msgspec.structs.replace(head, days=days, open=open_days, replaced=replaced, withdrawn=withdrawn)
    return changed, Purged(frozenset(members.uris), count, others, files)


def find_live(store: ArchiveStore, head: Head, uris: Collection[str]) -> list[str]:
    """Finds those of the stories that are not withdrawn for good by the newest decision about them."""
    withdrawn = set()
    for decision in _read_decisions(store, head, [each.encode() for each in uris]):
        gone, back = is_withdrawal(decision), decision.outcome in (Outcome.PUBLISHED, Outcome.REVISED)
        for each in split_by_story(decision):
            if gone:
                withdrawn.add(each.uri)
            elif back:
                withdrawn.discard(each.uri)
    return [uri for uri in uris if uri not in withdrawn]


def _find_members(store: ArchiveStore, head: Head, uris: Collection[str]) -> Membership:
    """Finds all that belongs to the stories, and to those that were joined into them."""
    wanted = set(uris)
    while True:
        members = Membership(wanted)
        for decision in _read_decisions(store, head, [each.encode() for each in wanted]):
            members.add(decision)
        joined = members.find_joined()
        if not joined:
            return members
        wanted |= joined


def _count_others(store: ArchiveStore, head: Head, members: Membership) -> int:
    """Counts the items of other stories in raw records that hold several."""
    items = members.find_items()
    marks = [f'"{each.record_ref}/'.encode() for each in items if each.count > 1]
    found = _read_decisions(store, head, marks) if marks else ()
    shared = {each.record_ref for each in items}
    return len({each.origin for each in found if each.origin and each.origin.record_ref in shared} - items.keys())


def _read_decisions(store: ArchiveStore, head: Head, marks: list[bytes]) -> Iterable[Decision]:
    """Yields the decisions whose lines hold one of some texts, in their order."""
    for day in list_days(head):
        for entry in read_day(store, head, day):
            if entry.kind == "decisions":
                for line in read_lines(store, entry):
                    if any(mark in line for mark in marks):
                        yield _decode(decode_line(line).value or b"")


def _find_changes(
    store: ArchiveStore, entry: FileEntry, raw: set[tuple[int, int]], marks: list[bytes], uris: Collection[str]
) -> dict[int, ArchivedRecord]:
    """Finds the lines of a file that must change, by their number."""
    if entry.kind == "withdrawals" or (entry.kind == "raw" and not raw):
        return {}
    found: dict[int, ArchivedRecord] = {}
    for number, line in enumerate(read_lines(store, entry)):
        if entry.kind != "raw" and not any(mark in line for mark in marks):
            continue
        row = decode_line(line)
        if entry.kind == "raw":
            changed = without_content(row, uris) if (row.partition, row.offset) in raw and not row.purged else row
        elif entry.kind == "decisions":
            changed = _redact_decision_row(row, uris)
        else:
            changed = _redact_command_row(row, uris)
        if changed != row:
            found[number] = changed
    return found


def _redact_decision_row(row: ArchivedRecord, uris: Collection[str]) -> ArchivedRecord:
    decision = _decode(row.value or b"")
    changed = with_value(row, _encode(redact_decision(decision, uris)))
    if not speaks_of(decision, uris):
        return changed
    about = {each.uri for each in split_by_story(decision)} & set(uris)
    return msgspec.structs.replace(changed, purged=tuple(sorted({*row.purged, *about})))


def _redact_command_row(row: ArchivedRecord, uris: Collection[str]) -> ArchivedRecord:
    if row.value is None:
        return row
    left = redact_command(row.value, uris)
    return without_content(row, uris) if left is None else row if left == row.value else with_value(row, left)
