"""Runs `newswire feed --config FILE`: checkpoint file, Kafka producer, HTTP server and pollers, until stopped."""

import asyncio
import signal
from collections.abc import Sequence

import structlog

from streams.config.settings import Settings
from streams.feeders import metrics
from streams.feeders.checkpoint import CheckpointFile
from streams.feeders.pacing import PacedSend
from streams.feeders.poller import run_pollers
from streams.feeders.raw_records import RawRecord
from streams.feeders.settings import FeederSettings, load
from streams.kafka.admin import fetch_partitions
from streams.kafka.producer import open_raw_producer
from streams.model.topics import RAW
from streams.runtime import logging as logs
from streams.runtime.health import Health, listen, serve
from streams.runtime.probes import measure_broker
from streams.runtime.startup import wait_for_kafka

log = structlog.get_logger()


def run_feeds(settings: Settings, path: str) -> None:
    """Polls the feeds and folders of the file until SIGINT or SIGTERM. Raises `ConfigError`, `WorkFailed`."""
    feeders = load(path)
    logs.set_up(settings.log.level)
    state = CheckpointFile(feeders.state)
    try:
        asyncio.run(_run_feeds(settings, feeders, state))
    finally:
        state.close()


async def _run_feeds(settings: Settings, feeders: FeederSettings, state: CheckpointFile) -> None:
    topic = settings.topics.full(RAW)

    async def topic_exists() -> None:
        await fetch_partitions(settings.kafka, [topic])

    waiting = asyncio.ensure_future(wait_for_kafka(topic_exists, health := Health()))
    health.assigned = health.recovered = True
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, waiting.cancel)
    asking: asyncio.Future[None] = loop.create_future()
    listener = listen(feeders.http_host, feeders.http_port)
    port = listener.getsockname()[1]
    runner = await serve(health, listener)
    try:
        await waiting
        asking = asyncio.ensure_future(measure_broker(settings.kafka, health, [topic]))
        async with open_raw_producer(settings.kafka) as sender:

            async def send(records: Sequence[RawRecord]) -> None:
                sent = [
                    await sender.send(topic, key=key, value=value, headers=fields) for key, value, fields in records
                ]
                await asyncio.gather(*sent)

            for source, row in settings.source_table.table.items():
                if row.most_per_minute:
                    metrics.SLOWED.labels(source)
            running = asyncio.ensure_future(run_pollers(feeders, state, PacedSend(send, settings.source_table)))
            for name in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(name, running.cancel)
            log.info("feeding", feeds=len(feeders.feeds), folders=len(feeders.folders), to=topic, http=port)
            await running
    except asyncio.CancelledError:
        log.info("stopped")
    finally:
        asking.cancel()
        await runner.cleanup()
