"""Takes the words of withdrawn stories out of the files of an archive.

Of each record the position stays, of each decision what was decided; so the order of the log stays whole. Nothing is
changed in place: files without the words stand beside the old ones until the head lists them, and then those go.
"""

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

import msgspec

from streams.archive.files import FilePlace, list_days, place_of, read_day, read_lines, write_file
from streams.archive.lines import ArchivedRecord, decode_line, encode_line, with_value, without_content
from streams.archive.manifest import DayManifest, FileEntry, Head, format_day, manifest_path
from streams.archive.store import ArchiveStore
from streams.archive.withdrawals import Membership, is_withdrawal, redact_command, redact_decision, speaks_of
from streams.config.settings import Settings
from streams.model.records import Decision, Origin, Outcome, split_by_story
from streams.model.topics import RAW
from streams.prepare.batch import Prepared, RawMessage, prepare_message
from streams.prepare.loading import load_knowledge
from streams.prepare.stage import Knowledge

Prepare = Callable[[RawMessage], Prepared]
RawItems = dict[tuple[int, int], set[int]]
"""Partition and offset of a raw record -> its items that must go."""


class _LogRecord(msgspec.Struct):
    origin: Origin


_decode_log_record = msgspec.json.Decoder(_LogRecord).decode
_decode = msgspec.json.Decoder(Decision).decode
_encode = msgspec.json.Encoder(order="deterministic").encode


class Purged(NamedTuple):
    """Counts what a purge took out."""

    stories: frozenset[str]
    """The stories, and those that were joined into them."""
    raw: int
    """Raw records whose content went."""
    files: int


class Purger:
    """Knows what must go from each file, and prepares the items of other stories in a raw record that goes."""

    def __init__(self, head: Head, members: Membership, prepare: Prepare) -> None:
        self._topic, self._prepare = f"{head.prefix}.{RAW}", prepare
        self.uris = frozenset(members.uris)
        self._marks = _build_marks(self.uris)
        self._raw: dict[FilePlace, RawItems] = {}
        for origin, source in members.find_items().items():
            if origin.topic == self._topic:
                items = self._raw.setdefault(FilePlace(format_day(origin.timestamp), "raw", source), {})
                items.setdefault((origin.partition, origin.offset), set()).add(origin.index)

    def find_changes(self, store: ArchiveStore, place: FilePlace, entry: FileEntry) -> dict[int, ArchivedRecord]:
        """Finds the lines of a file that must change, by their number."""
        items = self._raw.get(place, {})
        if entry.kind == "withdrawals" or (entry.kind == "raw" and not items):
            return {}
        found: dict[int, ArchivedRecord] = {}
        for number, line in enumerate(read_lines(store, entry)):
            if entry.kind != "raw" and not any(mark in line for mark in self._marks):
                continue
            row = decode_line(line)
            if entry.kind == "raw":
                changed = self._empty(row, items.get((row.partition, row.offset), set()))
            elif entry.kind == "decisions":
                changed = _redact_decision_row(row, self.uris)
            else:
                changed = _redact_command_row(row, self.uris)
            if encode_line(changed) != line:
                found[number] = changed
        return found

    def _empty(self, row: ArchivedRecord, items: Collection[int]) -> ArchivedRecord:
        """Takes the content out of a raw record; of several items, those of other stories stay as they are prepared."""
        if not items:
            return row
        log_records = row.kept
        if not row.purged:
            prepared = self._prepare(RawMessage(row.position_in(self._topic), row.headers, row.value))
            log_records = tuple(msgspec.Raw(value) for _, value in prepared.records)
        kept = tuple(each for each in log_records if read_index(each) not in items)
        return without_content(row, self.uris, kept)


def make_prepare(settings: Settings) -> Prepare:
    """Returns a function that prepares raw records in this process; it loads the rules with the first one."""
    knowledge: list[Knowledge] = []

    def prepare(message: RawMessage) -> Prepared:
        if not knowledge:
            knowledge.append(load_knowledge(settings))
        return prepare_message(message, knowledge[0])

    return prepare


def purge_stories(
    store: ArchiveStore, head: Head, uris: Collection[str], token: str, prepare: Prepare
) -> tuple[Head, Purged]:
    """Writes new files without the words of stories; returns the head that lists them, which the caller writes."""
    purger = Purger(head, _find_members(store, head, uris), prepare)
    days, open_days, replaced, count, files = dict(head.days), dict(head.open), list(head.replaced), 0, 0
    for day in list_days(head):
        entries = read_day(store, head, day)
        made: list[FileEntry] = []
        for number, entry in enumerate(entries):
            place = place_of(day, entry)
            found = purger.find_changes(store, place, entry)
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
        uri: msgspec.structs.replace(each, purged=True) if uri in purger.uris else each
        for uri, each in head.withdrawn.items()
    }
    changed = msgspec.structs.replace(head, days=days, open=open_days, replaced=replaced, withdrawn=withdrawn)
    return changed, Purged(purger.uris, count, files)


def read_index(log_record: msgspec.Raw) -> int:
    """Reads which item of its raw record a record of the log is."""
    return _decode_log_record(log_record).origin.index


def find_live(store: ArchiveStore, head: Head, uris: Collection[str]) -> list[str]:
    """Finds those of the stories that are not withdrawn for good by the newest decision about them."""
    withdrawn = set()
    for decision in _read_decisions(store, head, _build_marks(uris)):
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
        for decision in _read_decisions(store, head, _build_marks(wanted)):
            members.add(decision)
        joined = members.find_joined()
        if not joined:
            return members
        wanted |= joined


def _build_marks(uris: Iterable[str]) -> list[bytes]:
    """Builds what the lines about stories hold: the uri as a JSON string, or before the number of a version."""
    return [f"{uri}{end}".encode() for uri in sorted(uris) for end in ('"', "/")]


def _read_decisions(store: ArchiveStore, head: Head, marks: list[bytes]) -> Iterable[Decision]:
    """Yields the decisions whose lines hold one of some texts, in their order."""
    for day in list_days(head):
        for entry in read_day(store, head, day):
            if entry.kind == "decisions":
                for line in read_lines(store, entry):
                    if any(mark in line for mark in marks):
                        yield _decode(decode_line(line).value or b"")


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
