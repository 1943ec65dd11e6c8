"""Reads the changelog of the fold's state, committed records only, a batch at a time."""

import time

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.config import Settings
from streams.decide.entries import Entry, decode_entry
from streams.decide.state import State
from streams.shell import metrics
from streams.shell.client import client_options
from streams.topics import STATE

log = structlog.get_logger()
BARRIER = b"barrier"
"""Key of the record that a taker-over writes, to know when it has read all that was before it."""
READ_MS = 500
READ_RECORDS = 2_000
"""So many between two looks at the loop: heartbeats go on while a large state is read."""
PROGRESS_SECONDS = 2.0


class Changelog:
    """Remembers how far it has read, so that reading again is reading on."""

    def __init__(self, settings: Settings) -> None:
        self._options = client_options(settings.kafka)
        self._partition = TopicPartition(settings.topics.full(STATE), 0)
        self._next = 0

    async def read(self, state: State, until: bytes | None) -> int:
        """Merges changes into `state` up to the barrier of that value (for ever without one); returns how many.

        When cancelled, what was read so far is merged, and the next call goes on behind it.
        """
        reader = AIOKafkaConsumer(
            **self._options,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=8 << 20,
        )
        await reader.start()
        try:
            reader.assign([self._partition])
            if self._next:
                reader.seek(self._partition, self._next)
            else:
                await reader.seek_to_beginning(self._partition)
            return await self._read(reader, state, until)
        finally:
            await reader.stop()

    async def _read(self, reader: AIOKafkaConsumer, state: State, until: bytes | None) -> int:
        count, began = 0, time.monotonic()
        told = began
        while True:
            fetched = await reader.getmany(self._partition, timeout_ms=READ_MS, max_records=READ_RECORDS)
            metrics.RECOVERY_READ.set(count)
            metrics.RECOVERY_REMAINING.set(max(0, (reader.highwater(self._partition) or 0) - self._next))
            changes: dict[str, Entry | None] = {}
            for record in fetched.get(self._partition, ()):
                self._next = record.offset + 1
                if record.key != BARRIER:
                    changes[record.key.decode()] = None if record.value is None else decode_entry(record.value)
                    count += 1
                elif record.value == until:
                    state.merge(changes)
                    metrics.RECOVERY_READ.set(count)
                    metrics.RECOVERY_REMAINING.set(0)
                    return count
            state.merge(changes)
            now = time.monotonic()
            if until is not None and now - told > PROGRESS_SECONDS:
                told = now
                log.info("recovering", entries=count, a_second=round(count / (now - began)))
