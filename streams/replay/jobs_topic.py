"""Replays on record in `news.internal.replays`, and a replay's manners: its pace, and the live line goes first."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import msgspec
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from streams.config.settings import Settings
from streams.kafka import client
from streams.kafka.admin import require
from streams.kafka.consumer import end_offsets, read_to_end
from streams.kafka.producer import Outbox, Record, producer
from streams.model.topics import LOG, RAW, REPLAYS
from streams.replay.job import Job

LIVE_LAG = 200
"""Records that the live groups may have before them; with more, the replay waits."""
PATIENCE_SECONDS = 20.0
"""A lag that does not move for so long is nobody's work: no worker runs."""
LOOK_SECONDS = 1.0


async def jobs(settings: Settings) -> dict[str, Job]:
    """All on record by id, the oldest first. Raises `WorkFailed` where the topic does not exist."""
    async with client.admin(settings.kafka) as admin:
        partitions = await require(admin, [settings.topics.full(REPLAYS)])
    decode = msgspec.json.Decoder(Job).decode
    found = {
        row.key.decode(): decode(row.value)
        async for row in read_to_end(settings.kafka, partitions)
        if row.value is not None
    }
    return dict(sorted(found.items()))


def record(job: Job) -> Record:
    """A job as a record of its topic."""
    return job.id.encode(), msgspec.json.encode(job), ()


async def save(settings: Settings, job: Job) -> None:
    """Returns when the broker has it."""
    async with client.started(producer(client.client_options(settings.kafka)), settings.kafka) as sender:
        outbox = Outbox(sender)
        await outbox.send(settings.topics.full(REPLAYS), [record(job)])
        await outbox.confirmed()


class Pace:
    """Keeps a replay at its rate and behind the live line. While it waits, `heard` is called every second or so."""

    def __init__(
        self,
        settings: Settings,
        admin: AIOKafkaAdminClient,
        groups: tuple[str, ...],
        rate: float,
        heard: Callable[[], Awaitable[None]],
    ) -> None:
        self._settings, self._admin, self._groups, self._rate, self._heard = settings, admin, groups, rate, heard
        self._began = self._looked = time.monotonic()

    async def keep(self, done: int) -> None:
        """Waits as long as it must, for so many records since the start."""
        while self._rate and (left := self._began + done / self._rate - time.monotonic()) > 0:
            await asyncio.sleep(min(left, LOOK_SECONDS))
            await self._heard()
        if time.monotonic() - self._looked < LOOK_SECONDS:
            return
        before, moved = None, time.monotonic()
        while (lag := await self._lag()) > LIVE_LAG and time.monotonic() - moved < PATIENCE_SECONDS:
            if lag != before:
                before, moved = lag, time.monotonic()
            await asyncio.sleep(0.2)
            await self._heard()
        self._looked = time.monotonic()

    async def _lag(self) -> int:
        names = {self._settings.topics.full(name) for name in (RAW, LOG)}
        read: dict[TopicPartition, int] = {}
        for group in self._groups:
            for partition, place in (await self._admin.list_consumer_group_offsets(group)).items():
                if partition.topic in names:
                    read[partition] = max(0, place.offset)
        ends = await end_offsets(self._settings.kafka, list(read)) if read else {}
        return sum(max(0, end - read[partition]) for partition, end in ends.items())
