"""Slows the sources that send more than their `most_per_minute`. Every record is sent, only later."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog

from streams.feeders import metrics
from streams.feeders.raw_records import RawRecord
from streams.model.sources import Sources

log = structlog.get_logger()
Send = Callable[[Sequence[RawRecord]], Awaitable[None]]
"""Sends records and returns when Kafka has confirmed every one. Raises KafkaError."""


class SourceBudget:
    """Counts how many records a source may send now: a minute's worth at once, and then so many a minute (pure)."""

    def __init__(self, most_per_minute: float, now: float) -> None:
        self._rate = most_per_minute / 60
        self._capacity = max(1.0, most_per_minute)
        self._left = self._capacity
        self._at = now

    def take(self, wanted: int, now: float) -> int:
        """Takes as many records as are allowed at the time `now` (seconds), at most `wanted`."""
        self._left = min(self._capacity, self._left + (now - self._at) * self._rate)
        self._at = now
        taken = min(wanted, int(self._left + 1e-9))
        self._left -= taken
        return taken

    @property
    def seconds_to_next(self) -> float:
        """How long until one more record is allowed."""
        return max(0.0, (1 - self._left) / self._rate)


class PacedSend:
    """Sends records as `send` does, each source at its own pace. Its feeds and folders share that pace."""

    def __init__(
        self,
        send: Send,
        sources: Sources,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._send, self._sources, self._clock, self._sleep = send, sources, clock, sleep
        self._budgets: dict[str, SourceBudget] = {}

    async def __call__(self, records: Sequence[RawRecord]) -> None:
        """Sends records of one source, in order. Raises KafkaError."""
        most = self._sources.get(source := records[0].key.decode()).most_per_minute if records else 0
        if not most:
            await self._send(records)
            return
        budget = self._budgets.setdefault(source, SourceBudget(most, self._clock()))
        rest = list(records)
        is_slowed = False
        while True:
            if taken := budget.take(len(rest), self._clock()):
                await self._send(rest[:taken])
                del rest[:taken]
            if not rest:
                return
            if not is_slowed:
                is_slowed = True
                log.warning("source_slowed", source=source, waiting=len(rest), most_per_minute=most)
                metrics.SLOWED.labels(source).inc(len(rest))
            await self._sleep(budget.seconds_to_next)
