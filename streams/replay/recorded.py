"""Reads what a replay needs, each topic in its order: decisions by log offset, raw records by their positions."""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.kafka.consumer import PATIENCE_SECONDS, POLL_MS, starting
from streams.model.errors import WorkFailed
from streams.model.records import Decision, RawPosition

MOST_SKIPPED = 2000
"""Records read over rather than sought past: a seek throws away what was fetched."""
CLOCKS_MS = 60_000
"""How far the clocks of two brokers may differ."""


class Decided:
    """`news.decisions` beside the log: asked for rising log offsets."""

    def __init__(self, consumer: AIOKafkaConsumer, partition: TopicPartition) -> None:
        self._consumer, self._partition = consumer, partition
        self._decode = msgspec.json.Decoder(Decision).decode
        self._ahead: deque[Decision] = deque()

    async def begin(self, since_ms: int) -> None:
        """Where the decisions on log records of this time stand at the earliest. Once; later calls change nothing."""
        if self._consumer.assignment():
            return
        self._consumer.assign([self._partition])
        ends = await self._consumer.end_offsets([self._partition])
        starts = await starting(self._consumer, [self._partition], ends, max(0, since_ms - CLOCKS_MS))
        self._consumer.seek(self._partition, starts[self._partition])

    async def at(self, log_offset: int) -> Decision | None:
        """The decision on a log record; None where there is none (yet)."""
        while True:
            while self._ahead and self._ahead[0].log_offset < log_offset:
                self._ahead.popleft()
            if self._ahead:
                return self._ahead[0] if self._ahead[0].log_offset == log_offset else None
            if not await self._more():
                return None

    async def rest(self) -> list[Decision]:
        """All that are left, to the end at the time of the call: behind it live ones come for ever."""
        end = (await self._consumer.end_offsets([self._partition]))[self._partition]
        found = list(self._ahead)
        self._ahead.clear()
        while await self._consumer.position(self._partition) < end and await self._more():
            found += self._ahead
            self._ahead.clear()
        return found

    async def _more(self) -> bool:
        while not self._ahead:
            polled = await self._consumer.getmany(self._partition, timeout_ms=POLL_MS)
            self._ahead.extend(self._decode(row.value) for row in polled.get(self._partition, ()))
            if not self._ahead:
                end = (await self._consumer.end_offsets([self._partition]))[self._partition]
                if await self._consumer.position(self._partition) >= end:
                    return False
        return True


class Raws:
    """One partition of a raw topic, read forward, back only where the log goes back."""

    def __init__(self, consumer: AIOKafkaConsumer, partition: TopicPartition, bounds: tuple[int, int]) -> None:
        self._consumer, self._partition = consumer, partition
        self._first, self._end = bounds
        self._next = -1
        self._ahead: deque[Any] = deque()

    async def get(self, wanted: Mapping[int, int]) -> dict[int, Any]:
        """Records by offset, of those wanted (offset -> timestamp) that are still there."""
        there = sorted(offset for offset in wanted if self._first <= offset < self._end)
        if not there:
            return {}
        if there[0] < self._next or there[0] > self._next + MOST_SKIPPED or self._next < 0:
            self._ahead.clear()
            self._consumer.seek(self._partition, there[0])
        found: dict[int, Any] = {}
        silent = 0
        while True:
            while self._ahead and self._ahead[0].offset <= there[-1]:
                record = self._ahead.popleft()
                # A raw topic made anew has other records at the same offsets.
                if wanted.get(record.offset) == record.timestamp:
                    found[record.offset] = record
            self._next = there[-1] + 1
            if self._ahead or await self._consumer.position(self._partition) > there[-1]:
                return found
            polled = await self._consumer.getmany(self._partition, timeout_ms=POLL_MS)
            self._ahead.extend(polled.get(self._partition, ()))
            silent = 0 if self._ahead else silent + POLL_MS
            if silent > PATIENCE_SECONDS * 1000:
                raise WorkFailed(f"no answer while reading {self._partition.topic}: is the broker well?")


def by_partition(places: Iterable[tuple[RawPosition, int]]) -> dict[TopicPartition, dict[int, int]]:
    """Raw positions with their timestamps (ms), by partition."""
    found: dict[TopicPartition, dict[int, int]] = {}
    for (topic, partition, offset), timestamp in places:
        found.setdefault(TopicPartition(topic, partition), {})[offset] = timestamp
    return found
