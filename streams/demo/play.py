"""Plays generated traffic at a lifelike pace and watches what becomes of it."""

import asyncio
import math
import random
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.config import Settings
from streams.demo.score import Score
from streams.feeders.record import stamp
from streams.feeders.send import producer
from streams.generate import stream
from streams.model import Decision
from streams.row import Row, row
from streams.shell.newest import reader
from streams.topics import DECISIONS, LATEST, RAW

A_SECOND = 3.0
"""Items a second on the average minute."""
NOT_YET = {"text/xml", "message/rfc822"}
"""NewsML 1.2 and e-mail, which are not read yet: a demo of refusals would tell little."""
BURST = 4.0
"""So many times as many right after the full hour, when releases are timed for."""
BURST_SECONDS = 20.0
_decode = msgspec.json.Decoder(Decision).decode


def pace(seconds_after_hour: float) -> float:
    """Items a second at that time of the hour."""
    return A_SECOND * (1 + (BURST - 1) * math.exp(-seconds_after_hour / BURST_SECONDS))


async def feed(settings: Settings, seed: int) -> None:
    """Sends generated items until cancelled; received now, whenever the generator thinks it is."""
    dice = random.Random(seed)  # noqa: S311 - pace, no secret
    sender = producer(settings.kafka)
    await sender.start()
    try:
        began = time.time()
        for item in stream(seed, None, datetime.now(UTC).replace(microsecond=0)):
            if item.headers.get("content-type") in NOT_YET:
                continue
            headers = {**item.headers, "received-at": stamp(datetime.now(UTC))}
            await sender.send(
                settings.topics.full(RAW),
                key=headers.get("source", "").encode(),
                value=item.body,
                headers=[(name, value.encode()) for name, value in headers.items()],
            )
            # The demo begins as if the hour had just struck: something is to be seen at once.
            now = time.time()
            await asyncio.sleep(dice.expovariate(pace(min(now - began, now % 3600))))
    finally:
        await sender.stop()


async def watch(settings: Settings, score: Score) -> AsyncIterator[Row]:
    """Counts every decision and yields every row of news.latest, from the present end on."""
    consumer: AIOKafkaConsumer = reader(settings.kafka)
    await consumer.start()
    try:
        latest, decisions = (TopicPartition(settings.topics.full(name), 0) for name in (LATEST, DECISIONS))
        consumer.assign([latest, decisions])
        await consumer.seek_to_end(latest, decisions)
        while True:
            for partition, records in (await consumer.getmany(timeout_ms=100)).items():
                for record in records:
                    if partition == decisions:
                        score.decided(_decode(record.value), time.time())
                    elif record.value is not None:
                        shown = row(record.value, record.headers, settings.source_table)
                        score.shown(shown)
                        yield shown
    finally:
        await consumer.stop()
