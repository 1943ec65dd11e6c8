"""A consumer of aiokafka on a log in memory, as far as the readers of kafka/consumer.py use one."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from aiokafka import TopicPartition
from aiokafka.structs import OffsetAndTimestamp


class Record(NamedTuple):
    """A record as aiokafka returns it, as far as the readers look at it."""

    topic: str
    partition: int
    offset: int
    timestamp: int = 0
    key: bytes | None = None
    value: bytes | None = b"{}"
    headers: Sequence[tuple[str, bytes]] = ()


def make_records(partition: TopicPartition, offsets: Sequence[int], first_time: int = 0) -> list[Record]:
    return [Record(*partition, offset, first_time + offset) for offset in offsets]


Logs = dict[TopicPartition, list[Record]]


class LogInMemory:
    """A consumer of partitions in memory; offsets without a record are transaction markers."""

    def __init__(self, logs: Logs, ends: dict[TopicPartition, int], batch: int = 2) -> None:
        self.logs, self.ends, self.batch = logs, ends, batch
        self.positions: dict[TopicPartition, int] = {}
        self.silent = False
        self.seeks = 0

    def assign(self, partitions: Sequence[TopicPartition]) -> None:
        self.positions = dict.fromkeys(partitions, 0)

    def assignment(self) -> set[TopicPartition]:
        return {*self.positions}

    async def offsets_for_times(
        self, times: dict[TopicPartition, int]
    ) -> dict[TopicPartition, OffsetAndTimestamp | None]:
        found = {}
        for each, time in times.items():
            row = next((row for row in self.logs[each] if row.timestamp >= time), None)
            found[each] = OffsetAndTimestamp(row.offset, row.timestamp) if row else None
        return found

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.positions[partition] = offset
        self.seeks += 1

    async def position(self, partition: TopicPartition) -> int:
        return self.positions[partition]

    async def beginning_offsets(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 0)

    async def end_offsets(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        return {each: self.ends[each] for each in partitions}

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int, max_records: int | None
    ) -> dict[TopicPartition, list[Record]]:
        await asyncio.sleep(0)
        if self.silent:
            return {}
        polled = {}
        for each in partitions or self.positions:
            there = [row for row in self.logs[each] if row.offset >= self.positions[each]]
            found = there[: max_records or self.batch]
            self.positions[each] = found[-1].offset + 1 if len(found) < len(there) else self.ends[each]
            if found:
                polled[each] = found
        return polled
