"""Reads news.duplicates, its newest records and then each new one, into the hub's copies.

Nothing waits for it: a gateway is ready without it, and without it an item only names no other wires.
"""

import asyncio
from typing import Any

import structlog
from aiokafka import errors

from streams.config import Settings
from streams.errors import WorkFailed
from streams.gateway.copies import MOST, Copies
from streams.gateway.hub import Hub
from streams.kafka.admin import require
from streams.row import neutral
from streams.shell import client, newest
from streams.topics import DUPLICATES

log = structlog.get_logger()
POLL_MS = 1000
AGAIN_SECONDS = 5.0


async def read(settings: Settings, hub: Hub) -> None:
    """Reads until cancelled; begins again after an error of Kafka."""
    while True:
        try:
            await _read(settings, hub)
        except (WorkFailed, errors.KafkaError) as error:
            log.warning("reading_again", topic=DUPLICATES, error=f"{type(error).__name__}: {error}")
            await asyncio.sleep(AGAIN_SECONDS)


async def _read(settings: Settings, hub: Hub) -> None:
    copies = Copies()
    async with client.admin(settings.kafka) as admin:
        partitions = await require(admin, [settings.topics.full(DUPLICATES)])
    async with client.started(newest.reader(settings.kafka), settings.kafka) as consumer:
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        begins = await consumer.beginning_offsets(partitions)
        for each in partitions:
            consumer.seek(each, max(begins[each], ends[each] - MOST))
        hub.copies = copies
        while True:
            polled = await consumer.getmany(timeout_ms=POLL_MS)
            for records in polled.values():
                for record in records:
                    _take(copies, record, settings)


def _take(copies: Copies, record: Any, settings: Settings) -> None:
    try:
        if record.value is not None:
            copies.add(record.value, record.headers, settings.source_table)
    except ValueError as error:
        where = f"{record.topic}/{record.partition}/{record.offset}"
        log.warning("no_enriched_item", record=where, error=neutral(str(error)))
