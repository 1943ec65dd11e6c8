"""Reads the changelog topic of the fold's state: committed records only, one batch at a time."""

import gc
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.config.settings import Settings
from streams.decide.state import State
from streams.kafka.client import stop_client
from streams.kafka.consumer import ConsumedRecord, follow, make_consumer, position_of
from streams.model.topics import STATE
from streams.runtime import metrics

log = structlog.get_logger()
BARRIER = b"barrier"
"""Key of the record that a new owner writes, so that it knows when it has read everything before it."""
READ_MS = 500
READ_RECORDS = 5_000
"""Records of one batch. Between two batches the event loop sends heartbeats, also while a large state is read."""
LOADED_RECORDS = 20_000
"""With so many records to read or more, the state is loaded: faster, and what a crash loses is read again."""
PROGRESS_SECONDS = 2.0


class Changelog:
    """Reads the changelog into a state, from the offset at which the state stands."""

    def __init__(self, settings: Settings) -> None:
        self._kafka = settings.kafka
        self._partition = TopicPartition(settings.topics.full(STATE), 0)

    async def read(self, state: State, until: bytes | None) -> int:
        """Reads up to the barrier with the value `until`, or for ever without one; returns the number of entries.

        When it is cancelled, the state has all that was read so far, and the next call reads on from there.
        """
        reader = make_consumer(self._kafka, auto_offset_reset="earliest", max_partition_fetch_bytes=8 << 20)
        await reader.start()
        try:
            reader.assign([self._partition])
            first = (await reader.beginning_offsets([self._partition]))[self._partition]
            end = (await reader.end_offsets([self._partition]))[self._partition]
            if not (first <= state.position <= end or state.position == 0):
                log.warning("state_discarded", why=f"it is at {state.position}, the changelog from {first} to {end}")
                state.clear()
            start = max(first, state.position)
            reader.seek(self._partition, start)
            with ExitStack() as loading:
                if end - start >= LOADED_RECORDS:
                    loading.enter_context(state.loading())
                    loading.enter_context(collector_off())
                return await self._read(reader, state, until, loading)
        finally:
            await stop_client(reader)

    async def _read(self, reader: AIOKafkaConsumer, state: State, until: bytes | None, loading: ExitStack) -> int:
        """Reads as `read` does; ends `loading` when few records are left."""
        count, began = 0, time.monotonic()
        last_report = began
        incoming = follow(reader, poll_ms=READ_MS, max_records=READ_RECORDS)
        while True:
            records = await anext(incoming)
            end = reader.highwater(self._partition) or 0
            rows: dict[str, bytes | None] = {}
            position, found = state.position, False
            for record in records:
                position = record.offset + 1
                if record.key != BARRIER:
                    if (key := _read_key(record)) is not None:
                        rows[key] = record.value
                        count += 1
                elif until is not None and record.value == until:
                    found = True
                    break
            if position != state.position:
                state.apply_rows(rows, position)
            if until is None:
                state.drop_expired()
                if end - position < LOADED_RECORDS:
                    loading.close()
            metrics.RECOVERY_READ.set(count)
            metrics.RECOVERY_REMAINING.set(0 if found else max(0, end - position))
            if found:
                return count
            now = time.monotonic()
            if until is not None and now - last_report > PROGRESS_SECONDS:
                last_report = now
                log.info("recovering", entries=count, a_second=round(count / (now - began)))


@contextmanager
def collector_off() -> Iterator[None]:
    """Turns Python's collector off: it would look at all of a growing state again and again, and find nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read_key(record: ConsumedRecord) -> str | None:
    """Reads the key of an entry. A key that is no UTF-8 is none of ours: it is logged and passed over."""
    try:
        return (record.key or b"").decode()
    except UnicodeDecodeError:
        log.warning(
            "no_state_entry",
            record=str(position_of(record).record),
            key=ascii(record.key),
            do="stop every worker that decides, then `newswire state rebuild` removes it",
        )
        return None
