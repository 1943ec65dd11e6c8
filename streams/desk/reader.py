"""Follows the topics that the desk page lists, from their newest records on."""

import asyncio

import structlog
from aiokafka.errors import KafkaError

from streams.config.settings import Settings
from streams.desk.view import MOST_ENTRIES, DeskView
from streams.kafka.admin import fetch_partitions
from streams.kafka.consumer import follow, open_bulk_consumer, ref_of
from streams.model.errors import WorkFailed
from streams.model.topics import DEAD_LETTERS, DECISIONS, DUPLICATES, LATEST, WITHHELD

log = structlog.get_logger()
FOLLOWED = (LATEST, DUPLICATES, WITHHELD, DEAD_LETTERS, DECISIONS)
BACK = 4 * MOST_ENTRIES
"""Records of each topic that are read at the start; of `withheld` all."""
AGAIN_SECONDS = 5.0


async def fill(settings: Settings, view: DeskView) -> None:
    """Fills a view until it is cancelled. Where Kafka is away, it tries again."""
    while True:
        try:
            await _follow(settings, view)
        except (KafkaError, WorkFailed) as error:
            log.warning("desk_waits", why=str(error) or type(error).__name__)
            await asyncio.sleep(AGAIN_SECONDS)


async def _follow(settings: Settings, view: DeskView) -> None:
    names = {settings.topics.full(name): name for name in FOLLOWED}
    partitions = await fetch_partitions(settings.kafka, list(names))
    async with open_bulk_consumer(settings.kafka) as consumer:
        consumer.assign(partitions)
        begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        for part in partitions:
            back = ends[part] if names[part.topic] == WITHHELD else BACK
            consumer.seek(part, max(begins[part], ends[part] - back))
        async for records in follow(consumer):
            for record in records:
                try:
                    view.add(names[record.topic], record.key, record.value, record.headers)
                except (ValueError, KeyError, TypeError, AttributeError):
                    log.info("desk_passed_over", record=str(ref_of(record)))
