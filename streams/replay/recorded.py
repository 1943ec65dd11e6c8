"""Reads the records that a replay needs beside the log, each topic once and forward: decisions and raw records."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.kafka.consumer import POLL_MS, ConsumedRecord, NoAnswer, find_start_offsets, read_offsets, record_value
from streams.model.errors import WorkFailed
from streams.model.records import Decision, RecordRef

MOST_SKIPPED = 2000
"""How many records are read and dropped rather than jumped over: a seek throws away what was fetched ahead."""
CLOCKS_MS = 60_000
"""How far the clocks of two brokers may differ."""


class DecisionCursor:
    """Reads `news.decisions` beside the log: finds the decision on each log record, for rising log offsets."""

    def __init__(self, consumer: AIOKafkaConsumer, partition: TopicPartition) -> None:
        self._consumer, self._partition = consumer, partition
        self._decode = msgspec.json.Decoder(Decision).decode
        self._records: AsyncIterator[ConsumedRecord] | None = None
        self._ahead: Decision | None = None
        """Read already, and not yet behind the log."""

    async def begin(self, since_ms: int) -> None:
        """Goes to the earliest decision on log records of this time. Only the first call has an effect."""
        if self._consumer.assignment():
            return
        self._consumer.assign([self._partition])
        ends = await self._consumer.end_offsets([self._partition])
        starts = await find_start_offsets(self._consumer, [self._partition], ends, max(0, since_ms - CLOCKS_MS))
        self._consumer.seek(self._partition, starts[self._partition])

    async def at(self, log_offset: int) -> Decision | None:
        """Finds the decision on a log record; None where there is none (yet)."""
        while self._ahead is None or self._ahead.log_offset < log_offset:
            record = await self._read()
            self._ahead = None if record is None else self._decode(record_value(record))
            if self._ahead is None:
                return None
        return self._ahead if self._ahead.log_offset == log_offset else None

    async def rest(self) -> list[Decision]:
        """Reads all decisions that are left, to the end at the time of the call: live ones come in for ever."""
        end = (await self._consumer.end_offsets([self._partition]))[self._partition]
        found = [] if self._ahead is None else [self._ahead]
        self._ahead = None
        while (record := await self._read()) is not None and record.offset < end:
            found.append(self._decode(record_value(record)))
        return found

    async def _read(self) -> ConsumedRecord | None:
        """Reads the next record; None at the end of the topic, which may have moved on at the next call."""
        waited = False
        while True:
            if self._records is None:
                start = await self._consumer.position(self._partition)
                end = (await self._consumer.end_offsets([self._partition]))[self._partition]
                if start >= end:
                    if waited:
                        return None
                    waited = True
                    await asyncio.sleep(POLL_MS / 1000)  # the fold may be about to decide
                    continue
                self._records = read_offsets(self._consumer, {self._partition: start}, {self._partition: end})
            if (record := await anext(self._records, None)) is not None:
                return record
            self._records = None


class RawCursor:
    """Reads one partition of a raw topic: forward, and back only where the log goes back."""

    def __init__(self, consumer: AIOKafkaConsumer, partition: TopicPartition, bounds: tuple[int, int]) -> None:
        self._consumer, self._partition = consumer, partition
        self._first, self._end = bounds
        self._records: AsyncIterator[ConsumedRecord] | None = None
        self._ahead: ConsumedRecord | None = None
        """Read already, and behind all that was asked for."""
        self._next = 0

    async def get(self, wanted: Mapping[int, int]) -> dict[int, ConsumedRecord]:
        """Reads the wanted records (offset -> timestamp) that are still there, by offset."""
        there = sorted(offset for offset in wanted if self._first <= offset < self._end)
        if not there:
            return {}
        if self._records is None or not self._next <= there[0] <= self._next + MOST_SKIPPED:
            starts, ends = {self._partition: there[0]}, {self._partition: self._end}
            self._records, self._ahead = read_offsets(self._consumer, starts, ends), None
        self._next = there[-1] + 1
        found: dict[int, ConsumedRecord] = {}
        try:
            while (record := self._ahead or await anext(self._records, None)) is not None:
                self._ahead = record if record.offset > there[-1] else None
                if self._ahead is not None:
                    break
                # A raw topic that was deleted and created again has other records at the same offsets.
                if wanted.get(record.offset) == record.timestamp:
                    found[record.offset] = record
        except NoAnswer:
            raise WorkFailed(f"no answer while reading {self._partition.topic}: is the broker well?") from None
        return found


def group_by_partition(refs: Iterable[tuple[RecordRef, int]]) -> dict[TopicPartition, dict[int, int]]:
    """Groups raw records and their timestamps (ms) by partition: offset -> timestamp."""
    found: dict[TopicPartition, dict[int, int]] = {}
    for ref, timestamp in refs:
        found.setdefault(TopicPartition(ref.topic, ref.partition), {})[ref.offset] = timestamp
    return found
