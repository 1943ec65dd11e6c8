"""Folds a part of the log into a state of its own, and sends nothing: for a rebuild or an upgrade of the state."""

import asyncio
from collections.abc import Callable

from aiokafka import TopicPartition

from streams.config.settings import Settings
from streams.decide.fold import apply
from streams.decide.parameters import DecideParams
from streams.decide.state import Batch, State
from streams.decide.state_entries import encode_changes
from streams.kafka.consumer import position_of, read_range
from streams.model import codec
from streams.model.topics import LOG
from streams.worker.rocksdb_store import DiskStore

BATCH = 500


async def fold_log(
    settings: Settings, first: int, end: int, store: DiskStore, progress: Callable[[int, int], None]
) -> State:
    """Folds the log from offset `first` to before `end`; `progress` is called with the offsets done and all offsets."""
    state, params = State(store), DecideParams.from_settings(settings)
    write_batch, count = state.batch(), 0
    async for record in read_range(settings.kafka, TopicPartition(settings.topics.full(LOG), 0), first, end):
        apply(write_batch, codec.decode_record(record.value, position_of(record)), record.offset, params)
        count += 1
        if count % BATCH == 0:
            _merge_batch(state, write_batch)
            write_batch = state.batch()
            progress(record.offset - first, end - first)
            await asyncio.sleep(0)  # a worker sends heartbeats meanwhile
    _merge_batch(state, write_batch)
    return state


def _merge_batch(state: State, write_batch: Batch) -> None:
    state.apply_rows(encode_changes(write_batch.changes), 0, write_batch.changes)
