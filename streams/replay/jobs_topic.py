"""Keeps the records of replays in `news.internal.replays`, and throttles a replay so that live work goes first."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import msgspec
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from streams.config.settings import Settings
from streams.kafka.admin import fetch_partitions
from streams.kafka.consumer import fetch_end_offsets, read_to_end
from streams.kafka.producer import Outbox, OutgoingRecord, open_producer
from streams.model.topics import LOG, RAW, REPLAYS
from streams.replay.job import Job

LIVE_LAG = 200
"""How many records the live consumer groups may lag; with more, the replay waits."""
PATIENCE_SECONDS = 20.0
"""How long a lag may stand still before the replay goes on: then no worker runs that it could disturb."""
LOOK_SECONDS = 1.0


async def read_jobs(settings: Settings) -> dict[str, Job]:
    """Reads all replays on record by id, the oldest first. Raises `WorkFailed` where the topic does not exist."""
    partitions = await fetch_partitions(settings.kafka, [settings.topics.full(REPLAYS)])
    decode = msgspec.json.Decoder(Job).decode
    found = {
        (record.key or b"").decode(): decode(record.value)
        async for record in read_to_end(settings.kafka, partitions)
        if record.value is not None
    }
    return dict(sorted(found.items()))


def encode_job(job: Job) -> OutgoingRecord:
    """Encodes a job as a record of its topic."""
    return job.id.encode(), msgspec.json.encode(job), ()


async def save_job(settings: Settings, job: Job) -> None:
    """Writes the record of a job; returns when the broker has it."""
    async with open_producer(settings.kafka) as sender:
        outbox = Outbox(sender)
        await outbox.send(settings.topics.full(REPLAYS), [encode_job(job)])
        await outbox.wait_confirmed()


class Throttle:
    """Keeps a replay at its rate and behind the live work. While it waits, it calls `on_wait` about every second."""

    def __init__(
        self,
        settings: Settings,
        admin: AIOKafkaAdminClient,
        groups: tuple[str, ...],
        rate: float,
        on_wait: Callable[[], Awaitable[None]],
    ) -> None:
        self._settings, self._admin, self._groups, self._rate, self._on_wait = settings, admin, groups, rate, on_wait
        self._began = self._looked = time.monotonic()

    async def wait(self, done: int) -> None:
        """Waits until `done` records since the start are not too many, and the live groups have little to do."""
        while self._rate and (left := self._began + done / self._rate - time.monotonic()) > 0:
            await asyncio.sleep(min(left, LOOK_SECONDS))
            await self._on_wait()
        if time.monotonic() - self._looked < LOOK_SECONDS:
            return
        before, moved = None, time.monotonic()
        while (lag := await self._fetch_lag()) > LIVE_LAG and time.monotonic() - moved < PATIENCE_SECONDS:
            if lag != before:
                before, moved = lag, time.monotonic()
            await asyncio.sleep(0.2)
            await self._on_wait()
        self._looked = time.monotonic()

    async def _fetch_lag(self) -> int:
        names = {self._settings.topics.full(name) for name in (RAW, LOG)}
        committed: dict[TopicPartition, int] = {}
        for group in self._groups:
            for partition, found in (await self._admin.list_consumer_group_offsets(group)).items():
                if partition.topic in names:
                    committed[partition] = max(0, found.offset)
        ends = await fetch_end_offsets(self._settings.kafka, list(committed)) if committed else {}
        return sum(max(0, end - committed[partition]) for partition, end in ends.items())
