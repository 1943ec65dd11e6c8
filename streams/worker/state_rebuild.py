"""Rebuilds the fold's state from the log and writes the differences to its changelog (`newswire state rebuild`).

It folds the log up to the group's committed offset, where the outcomes end, and publishes nothing. While it writes, the
changelog has no progress entry: a worker that starts meanwhile, or after a rebuild that broke off, refuses to run.
A changelog of format 1 is upgraded: its texts come from the fold, and the commands that clear topics go to the log.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec
from aiokafka import TopicPartition

from streams.config.settings import Settings
from streams.decide import upgrade
from streams.decide.state import State
from streams.decide.state_entries import (
    DESK_STATE_FORMAT,
    PROGRESS,
    RIGHTS_PREFIX,
    Entry,
    Progress,
    StoryEntry,
    decode_entry,
    document_key,
    encode_entry,
)
from streams.decide.state_store import StoreMeta, WriteSet
from streams.kafka import client
from streams.kafka.acls import DECIDE_GROUP
from streams.kafka.admin import require_partitions
from streams.kafka.consumer import fetch_committed_offsets, fetch_end_offsets, fetch_first_offset, read_to_end
from streams.kafka.protocol import find_coordinator
from streams.model.errors import WorkFailed
from streams.model.topics import LOG, STATE
from streams.worker.changelog import BARRIER
from streams.worker.committer import Committer
from streams.worker.log_fold import BATCH, fold_log
from streams.worker.rocksdb_store import DiskStore
from streams.worker.state_upgrade import send_clear_commands

Rows = dict[bytes, bytes | None]
"""Key in the changelog -> encoded entry; None removes the entry."""


class RebuildRange(NamedTuple):
    """The offsets of the log that a rebuild folds: from `first` to before `end`."""

    first: int
    end: int


class RebuildResult(NamedTuple):
    """Counts of a finished rebuild."""

    stories: int
    entries: int
    written: int
    removed: int


async def read_rebuild_range(settings: Settings, state_format: int = DESK_STATE_FORMAT) -> RebuildRange:
    """Reads which offsets to fold. Raises `WorkFailed` where a worker decides, or where nothing was decided yet.

    For an older format all of the log must be decided, and the changelog must be empty of newer entries: an older
    release does not read what this one wrote there.
    """
    topic = settings.topics.full(LOG)
    async with client.open_admin(settings.kafka) as admin:
        (partition, _) = await require_partitions(admin, [topic, settings.topics.full(STATE)])
        (answer,) = await admin.describe_consumer_groups([DECIDE_GROUP], await find_coordinator(admin, DECIDE_GROUP))
        members = len(answer.to_object()["groups"][0]["members"])
    if members:
        raise WorkFailed(f"{members} of the group {DECIDE_GROUP} are at work: stop every worker that decides first")
    end = (await fetch_committed_offsets(settings.kafka, DECIDE_GROUP, [partition]))[partition]
    first = await fetch_first_offset(settings.kafka, partition)
    if first >= end:
        raise WorkFailed(f"{topic} has nothing that was decided: there is nothing to rebuild a state from")
    if state_format < DESK_STATE_FORMAT:
        await _require_readable_changelog(settings, state_format)
        undecided = (await fetch_end_offsets(settings.kafka, [partition]))[partition] - end
        if undecided > 0:
            raise WorkFailed(
                f"{topic} has {undecided} records that are not decided: stop every worker that prepares, and let "
                "`newswire worker --stage decide` of this release run until `newswire status` shows no lag"
            )
    return RebuildRange(first, end)


async def _require_readable_changelog(settings: Settings, state_format: int) -> None:
    """Raises `WorkFailed` where the changelog holds an entry of a newer format: it is read until Kafka compacts it."""
    topic = settings.topics.full(STATE)
    async for record in read_to_end(settings.kafka, [TopicPartition(topic, 0)]):
        if record.value is not None and not _is_readable(record.key or b"", record.value, state_format):
            raise WorkFailed(
                f"{topic} holds entries that a release of format {state_format} refuses: delete the topic, "
                "make it with `newswire topics apply`, and call this again"
            )


def _is_readable(key: bytes, value: bytes, state_format: int) -> bool:
    if key != PROGRESS.encode():
        newer = (document_key("").encode(), RIGHTS_PREFIX.encode()) if state_format == 1 else ()
        return not key.startswith(newer)
    entry = _decode_or_none(value)
    return isinstance(entry, Progress) and entry.format <= state_format


async def rebuild(
    settings: Settings,
    span: RebuildRange,
    folder: Path,
    progress: Callable[[int, int], None],
    state_format: int = DESK_STATE_FORMAT,
) -> RebuildResult:
    """Folds the log, compares the result with the changelog, and writes the differences.

    `folder` holds two states on disk meanwhile. `progress` is called with the offsets done and all offsets.
    `state_format` is the format of the state to write: an older one for an older release.
    """
    older = state_format < DESK_STATE_FORMAT
    committer = Committer(settings, DECIDE_GROUP)
    try:
        await committer.fence()
        new = await fold_log(settings, span.first, span.end, DiskStore(folder / "new", ""), progress)
        old = await _load_changelog(settings, DiskStore(folder / "old", ""))
        if new.progress.next_offset != span.end:  # the log ends in markers
            new.merge({PROGRESS: msgspec.structs.replace(new.progress, next_offset=span.end)})
        if not older and (before := _read_progress(old)) is not None and upgrade.needs_upgrade(before):
            await send_clear_commands(settings, _read_stories(old), before)
        written = removed = 0
        await committer.write({PROGRESS.encode(): None})
        for rows in _split_into_chunks(_find_differences(new, old, state_format)):
            await committer.write(rows)
            removed += sum(value is None for value in rows.values())
            written += sum(value is not None for value in rows.values())
        await committer.write({PROGRESS.encode(): encode_entry(_progress_in(new.progress, state_format))})
        done = RebuildResult(new.stories, sum(1 for _ in new.rows()), written, removed)
        new.close()
        old.close()
        return done
    finally:
        await committer.stop()


async def _load_changelog(settings: Settings, store: DiskStore) -> DiskStore:
    """Loads the changelog into a store without reading its entries, by keys in hexadecimal: one may be no UTF-8."""
    rows: dict[str, bytes | None] = {}
    partition = TopicPartition(settings.topics.full(STATE), 0)
    async for record in read_to_end(settings.kafka, [partition]):
        if record.key != BARRIER:
            rows[_old_key(record.key or b"")] = record.value
        if len(rows) >= BATCH:
            store.write(WriteSet(rows=rows, expiring={}, finished=(), meta=StoreMeta()))
            rows = {}
    store.write(WriteSet(rows=rows, expiring={}, finished=(), meta=StoreMeta()))
    return store


def _read_progress(old: DiskStore) -> Progress | None:
    value = old.get(_old_key(PROGRESS.encode()))
    entry = _decode_or_none(value) if value is not None else None
    return entry if isinstance(entry, Progress) else None


def _read_stories(old: DiskStore) -> Iterator[StoryEntry]:
    """Reads the stories of the old changelog; an entry that cannot be read is passed over."""
    for _, value in old.rows():
        if isinstance(story := _decode_or_none(value), StoryEntry):
            yield story


def _decode_or_none(value: bytes) -> Entry | None:
    with suppress(ValueError):
        return decode_entry(value)
    return None


def _old_key(key: bytes) -> str:
    return f"old {key.hex()}"


def _progress_in(progress: Progress, state_format: int) -> Progress:
    return msgspec.structs.replace(progress, format=min(progress.format, state_format))


def _find_differences(new: State, old: DiskStore, state_format: int) -> Iterator[tuple[bytes, bytes | None]]:
    """Yields the rows to write, without the progress: fingerprints by rising number, as the index needs them.

    A key of the changelog that is no UTF-8 is no entry of a state: it is removed.
    """
    for old_key, _ in old.rows():
        key = bytes.fromhex(old_key.removeprefix("old "))
        if key != PROGRESS.encode() and not _has_entry(new, key):
            yield key, None
    for bare, value in new.rows():
        wanted = value if state_format == DESK_STATE_FORMAT else _encode_in(value, state_format)
        if bare != PROGRESS and old.get(_old_key(bare.encode())) != wanted:
            yield bare.encode(), wanted


def _encode_in(value: bytes, state_format: int) -> bytes | None:
    entry = decode_entry(value)
    older = upgrade.to_format_1(entry) if state_format == 1 else upgrade.to_format_2(entry)
    return None if older is None else encode_entry(older)


def _has_entry(state: State, key: bytes) -> bool:
    try:
        return state.get(key.decode()) is not None
    except (UnicodeDecodeError, ValueError):
        return False


def _split_into_chunks(rows: Iterator[tuple[bytes, bytes | None]]) -> Iterator[Rows]:
    chunk: Rows = {}
    for key, value in rows:
        chunk[key] = value
        if len(chunk) == 10 * BATCH:
            yield chunk
            chunk = {}
    if chunk:
        yield chunk
