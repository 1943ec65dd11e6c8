"""Measures a running process: its rebalances, the delays of its event loop, and whether Kafka answers it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from typing import Protocol

import structlog
from aiokafka.errors import KafkaError

from streams.config.settings import KafkaSettings
from streams.kafka.client import make_metadata_client, stop_client
from streams.runtime import logging, metrics
from streams.runtime.collector import PauseClock
from streams.runtime.health import Health

log = structlog.get_logger()

SLEEP_SECONDS = 0.25
ASK_SECONDS = 2.0
ASK_AGAIN_SECONDS = 1.0
"""How long to wait before Kafka, which did not answer, is asked again."""


class RebalanceSignal(Protocol):
    """A signal of a Faust app; it calls its handlers when the event happens."""

    def connect(self, handler: Callable[..., Awaitable[None]], /) -> object:
        """Adds a handler."""


class RebalancingApp(Protocol):
    """The part of a Faust app that signals rebalances. A Protocol, because a gateway runs without Faust."""

    on_partitions_revoked: RebalanceSignal
    on_partitions_assigned: RebalanceSignal


def measure_rebalances(app: RebalancingApp, stage: str) -> None:
    """Counts the rebalances and times each, from the revocation of the partitions to their assignment."""
    began: list[float] = []
    metrics.REBALANCES.labels(stage)

    @app.on_partitions_revoked.connect
    async def revoked(*_: object, **__: object) -> None:
        began[:] = [time.monotonic()]

    @app.on_partitions_assigned.connect
    async def assigned(*_: object, **__: object) -> None:
        metrics.REBALANCES.labels(stage).inc()
        if began:
            metrics.REBALANCE_SECONDS.labels(stage).observe(time.monotonic() - began.pop())


async def measure_loop() -> None:
    """Measures until cancelled how much too late the event loop wakes a sleeper."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + SLEEP_SECONDS
        await asyncio.sleep(SLEEP_SECONDS)
        metrics.LOOP_DELAY_SECONDS.observe(max(0.0, loop.time() - due))


async def measure_collector() -> None:
    """Counts until cancelled how long the collector of cycles stops the process."""
    clock = PauseClock()
    clock.start()
    try:
        while True:
            await asyncio.sleep(SLEEP_SECONDS)
            for seconds in clock.take():
                metrics.COLLECTOR_PAUSE_SECONDS.observe(seconds)
    finally:
        clock.stop()


async def measure_broker(settings: KafkaSettings, health: Health, topics: Collection[str]) -> None:
    """Asks Kafka for its metadata until cancelled, on a connection of its own, and records when it last answered.

    Where it stops to answer, or no longer has one of the `topics` that the process needs, the process is not ready.
    That is said once, and once when it is back.
    """
    while True:
        client = make_metadata_client(settings, ASK_SECONDS)
        try:
            await client.bootstrap()
            while True:
                _note_answer(health)
                _note_topics(health, (await client.fetch_all_metadata()).topics(), topics)
                await asyncio.sleep(ASK_SECONDS)
        except (KafkaError, OSError) as error:
            if not health.broker_is_gone:
                logging.note_kafka(is_gone=True)
                log.warning("kafka_gone", error=f"{type(error).__name__}: {error}")
            health.note_broker(answers=False)
        finally:
            await stop_client(client)
        await asyncio.sleep(ASK_AGAIN_SECONDS)


def _note_answer(health: Health) -> None:
    metrics.BROKER_LAST_ANSWER.set_to_current_time()
    if (seconds := health.note_broker(answers=True)) is not None:
        logging.note_kafka(is_gone=False)
        log.info("kafka_back", after=round(seconds, 1))


def _note_topics(health: Health, there: Collection[str], needed: Collection[str]) -> None:
    missing = tuple(topic for topic in needed if topic not in there)
    if health.note_missing_topics(missing):
        if missing:
            log.error("topics_gone", topics=missing, do="call `newswire topics apply`")
        else:
            log.info("topics_back")
