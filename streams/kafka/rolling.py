"""Closes the segments of quiet topics, so that Kafka compacts them.

Kafka closes a segment only when a record comes, and compacts only segments that are closed. In a topic without new
records a withdrawn text would stay as long as the topic is quiet.
"""

from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.config.settings import Settings
from streams.kafka.admin import fetch_partitions
from streams.kafka.consumer import open_live_consumer
from streams.kafka.producer import Outbox, open_producer
from streams.model.topics import ROLL_KEY, ROLLED


async def roll_quiet_partitions(settings: Settings, before_ms: int) -> list[TopicPartition]:
    """Sends a tombstone to each partition of public topics without a record since a time; returns those partitions.

    An empty partition gets none.
    """
    partitions = await fetch_partitions(settings.kafka, map(settings.topics.full, ROLLED))
    async with open_live_consumer(settings.kafka) as consumer:
        quiet = await _find_quiet(consumer, partitions, before_ms)
    if quiet:
        async with open_producer(settings.kafka) as sender:
            outbox = Outbox(sender)
            for each in quiet:
                await outbox.send_to(each.topic, each.partition, [(ROLL_KEY, None, ())])
            await outbox.wait_confirmed()
    return quiet


async def _find_quiet(
    consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition], before_ms: int
) -> list[TopicPartition]:
    begins = await consumer.beginning_offsets(partitions)
    ends = await consumer.end_offsets(partitions)
    newer = await consumer.offsets_for_times(dict.fromkeys(partitions, before_ms))
    return [each for each in partitions if begins[each] < ends[each] and newer[each] is None]
