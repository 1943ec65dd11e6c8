"""Makes the state that a release of format 1 has, out of what the fold of today makes of the same records."""

import msgspec
from support.builders import FoldedRecord, FoldRunner, build_origin

from streams.decide.state import State
from streams.decide.state_entries import PROGRESS, Entry, StoryEntry
from streams.decide.upgrade import to_format_1
from streams.model.records import Command, Item, LogRecord
from streams.model.topics import CATEGORIES


def fold_all(records: list[LogRecord]) -> tuple[FoldRunner, list[FoldedRecord]]:
    fold = FoldRunner()
    return fold, [fold.fold_record(place(record, number)) for number, record in enumerate(records)]


def place(record: LogRecord, number: int) -> LogRecord:
    """Gives a record a position; an item of format 1 does not say when its usage rights end."""
    if isinstance(record, Command):
        return record
    record = msgspec.structs.replace(record, origin=build_origin(number))
    return msgspec.structs.replace(record, rights_end="") if isinstance(record, Item) else record


def list_stood(results: list[FoldedRecord]) -> dict[str, set[str]]:
    """The topics in which each story ever stood."""
    stood: dict[str, set[str]] = {}
    for result in results:
        for effect in result.effects:
            if effect.topic in CATEGORIES and effect.value is not None:
                stood.setdefault(effect.key.decode(), set()).add(effect.topic)
    return stood


def make_format_1(fold: FoldRunner, results: list[FoldedRecord]) -> FoldRunner:
    """Makes the state that a release of format 1 has after the same records: no document, no topic is ever left."""
    stood = list_stood(results)
    old = FoldRunner()
    rows: dict[str, Entry | None] = {}
    for key, entry in fold.state.entries().items():
        if isinstance(entry, StoryEntry):
            rows[key] = msgspec.structs.replace(entry, topics=tuple(sorted(stood.get(entry.uri, ()))))
        else:
            rows[key] = to_format_1(entry)
    rows[PROGRESS] = msgspec.structs.replace(fold.state.progress, format=1)
    old.state.merge(rows)
    old.log_offset, old.raw_offset = fold.log_offset, 1_000
    return old


def list_stories(state: State) -> list[StoryEntry]:
    return [entry for entry in state.entries().values() if isinstance(entry, StoryEntry)]
