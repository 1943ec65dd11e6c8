"""Gathers the batches of the log that come in while the fold is busy, so that one transaction takes them together.

A transaction costs as much as several items, however few records it has. So batches that came in during the one before
are joined, and a transaction begins at the earliest `SPACING_SECONDS` after the one before began. A lone item does not
wait.
"""

import asyncio
import math
from collections import deque
from contextlib import suppress
from typing import cast

from faust.types import EventT

from streams.worker.batch_transport import RecordBatch

SPACING_SECONDS = 0.02
ENOUGH_RECORDS = 200
"""With so many records, a transaction begins at once."""


class BatchGatherer:
    """Holds batches between the stream and the fold, in order. `most` is the most records of joined batches."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: deque[EventT[RecordBatch]] = deque()
        self._records = 0
        self._changed = asyncio.Condition()
        self._began = -math.inf

    async def put(self, event: EventT[RecordBatch]) -> None:
        """Adds a batch, and waits while there are as many records as the fold takes at once."""
        async with self._changed:
            self._waiting.append(event)
            self._records += len(event.value)
            self._changed.notify_all()
            await self._changed.wait_for(lambda: self._records < self._most)

    async def take(self) -> list[EventT[RecordBatch]]:
        """Waits for batches, and takes the first ones that belong together."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._records)
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._began + SPACING_SECONDS):
                    await self._changed.wait_for(lambda: self._records >= min(ENOUGH_RECORDS, self._most))
            self._began = asyncio.get_running_loop().time()
            taken = [self._waiting.popleft()]
            count = len(taken[0].value)
            while self._waiting and _follows(taken[-1], self._waiting[0]):
                count += len(self._waiting[0].value)
                if count > self._most:
                    break
                taken.append(self._waiting.popleft())
            self._records -= sum(len(event.value) for event in taken)
            self._changed.notify_all()
            return taken

    async def clear(self) -> None:
        """Forgets the batches that wait, where they are read again."""
        async with self._changed:
            self._waiting.clear()
            self._records = 0
            self._changed.notify_all()


def _follows(one: EventT[RecordBatch], other: EventT[RecordBatch]) -> bool:
    """Tells whether a batch begins where another one ends, in the same partition and generation of the group."""
    first, second = cast("RecordBatch", one.value), cast("RecordBatch", other.value)
    same = one.message.tp == other.message.tp and one.message.generation_id == other.message.generation_id
    return same and second[0].offset == first[-1].offset + 1
