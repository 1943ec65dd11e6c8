"""Makes the fold's state anew from the log, and writes to its changelog what differs (`newswire state rebuild`).

The log is folded up to the group's offset, which is where its outcomes end; nothing is published. While it writes,
the changelog has no progress, so that a worker that starts in between, or after a half-done rebuild, refuses to.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
from aiokafka import TopicPartition

from streams.config.settings import Settings
from streams.decide.fold import apply
from streams.decide.parameters import DecideParams
from streams.decide.state import Batch, State
from streams.decide.state_entries import PROGRESS, encode_changes, encode_entry
from streams.decide.state_store import StoreMeta, WriteSet
from streams.kafka import client
from streams.kafka.acls import DECIDE_GROUP
from streams.kafka.admin import require_partitions
from streams.kafka.consumer import read_range, read_to_end, record_value
from streams.kafka.protocol import find_coordinator
from streams.model import codec as records
from streams.model.errors import WorkFailed
from streams.model.topics import LOG, STATE
from streams.worker.changelog import BARRIER
from streams.worker.committer import Committer
from streams.worker.rocksdb_store import DiskStore

BATCH = 500
Rows = dict[str, bytes | None]


class RebuildRange(NamedTuple):
    """The offsets of the log that a rebuild folds."""

    first: int
    end: int


class RebuildResult(NamedTuple):
    """What a rebuild did."""

    stories: int
    entries: int
    written: int
    removed: int


async def read_rebuild_range(settings: Settings) -> RebuildRange:
    """What there is to fold. Raises `WorkFailed` where a worker decides, or nothing was decided yet."""
    topic = settings.topics.full(LOG)
    async with client.open_admin(settings.kafka) as admin:
        (partition, _) = await require_partitions(admin, [topic, settings.topics.full(STATE)])
        (answer,) = await admin.describe_consumer_groups([DECIDE_GROUP], await find_coordinator(admin, DECIDE_GROUP))
        members = len(answer.to_object()["groups"][0]["members"])
    if members:
        raise WorkFailed(f"{members} of the group {DECIDE_GROUP} are at work: stop every worker that decides first")
    committer = Committer(settings, DECIDE_GROUP)
    end, first = await committer.committed(partition), await committer.first_offset(partition)
    if first >= end:
        raise WorkFailed(f"{topic} has nothing that was decided: there is nothing to rebuild a state from")
    return RebuildRange(first, end)


async def rebuild(
    settings: Settings, span: RebuildRange, folder: Path, progress: Callable[[int, int], None]
) -> RebuildResult:
    """Folds, compares, writes. `folder`: for two states on disk, as long as it takes."""
    committer = Committer(settings, DECIDE_GROUP)
    try:
        await committer.fence()
        made = await _fold(settings, span, DiskStore(folder / "new", ""), progress)
        old = await _load_changelog(settings, DiskStore(folder / "old", ""))
        if made.progress.next_offset != span.end:  # the log ends in markers
            made.merge({PROGRESS: msgspec.structs.replace(made.progress, next_offset=span.end)})
        written = removed = 0
        await committer.write({PROGRESS: None})
        for rows in _chunks(_differences(made, old)):
            await committer.write(rows)
            removed += sum(value is None for value in rows.values())
            written += sum(value is not None for value in rows.values())
        await committer.write({PROGRESS: encode_entry(made.progress)})
        done = RebuildResult(made.stories, sum(1 for _ in made.rows()), written, removed)
        made.close()
        old.close()
        return done
    finally:
        await committer.stop()


async def _fold(
    settings: Settings, span: RebuildRange, store: DiskStore, progress: Callable[[int, int], None]
) -> State:
    state, rules = State(store), DecideParams.from_settings(settings)
    overlay, count = state.batch(), 0
    async for record in read_range(settings.kafka, TopicPartition(settings.topics.full(LOG), 0), span.first, span.end):
        apply(overlay, records.decode(record_value(record)), record.offset, rules)
        count += 1
        if count % BATCH == 0:
            _merge_batch(state, overlay)
            overlay = state.batch()
            progress(record.offset - span.first, span.end - span.first)
    _merge_batch(state, overlay)
    return state


def _merge_batch(state: State, overlay: Batch) -> None:
    state.apply_rows(encode_changes(overlay.changes), 0, overlay.changes)


async def _load_changelog(settings: Settings, store: DiskStore) -> DiskStore:
    """The changelog as it is, whatever stands in it."""
    rows: Rows = {}
    partition = TopicPartition(settings.topics.full(STATE), 0)
    async for record in read_to_end(settings.kafka, [partition]):
        if record.key != BARRIER:
            rows[f"old {(record.key or b'').decode(errors='replace')}"] = record.value
        if len(rows) >= BATCH:
            store.write(WriteSet(rows=rows, expiring={}, finished=(), meta=StoreMeta()))
            rows = {}
    store.write(WriteSet(rows=rows, expiring={}, finished=(), meta=StoreMeta()))
    return store


def _differences(made: State, old: DiskStore) -> Iterator[tuple[str, bytes | None]]:
    """What must be written, progress aside: prints in the order of their numbers, as the index takes them."""
    for key, _ in old.rows():
        bare = key.removeprefix("old ")
        if bare != PROGRESS and made.get(bare) is None:
            yield bare, None
    for key, value in made.rows():
        if key != PROGRESS and old.get(f"old {key}") != value:
            yield key, value


def _chunks(rows: Iterator[tuple[str, bytes | None]]) -> Iterator[Rows]:
    chunk: Rows = {}
    for key, value in rows:
        chunk[key] = value
        if len(chunk) == 10 * BATCH:
            yield chunk
            chunk = {}
    if chunk:
        yield chunk
