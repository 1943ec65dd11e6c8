"""An aiokafka client that waits for Kafka does not fill it with requests for metadata."""

import asyncio
import logging
import socket

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import BrokerMetadata

from streams.config.settings import Settings
from streams.kafka.consumer import make_consumer

pytestmark = pytest.mark.kafka
SECONDS = 2.0
MOST = 2 * SECONDS / 0.1
"""A client without the pause sends hundreds."""


async def count_requests(
    consumer: AIOKafkaConsumer, topic: str, caplog: pytest.LogCaptureFixture, sentence: str
) -> int:
    """Counts the log lines that begin with a sentence while a consumer waits for a partition."""
    consumer.assign([TopicPartition(topic, 0)])
    with caplog.at_level(logging.ERROR, logger="aiokafka"):
        assert await consumer.getmany(timeout_ms=int(1000 * SECONDS)) == {}
    return sum(record.message.startswith(sentence) for record in caplog.records)


def test_a_consumer_of_a_missing_topic_waits_between_its_requests(
    settings: Settings, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> int:
        async with make_consumer(settings.kafka) as consumer:
            return await count_requests(consumer, f"{prefix}.missing", caplog, f"Topic {prefix}.missing not found")

    assert 1 < asyncio.run(run()) < MOST


def test_a_consumer_without_a_broker_waits_between_its_requests(
    settings: Settings, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: it refuses connections

        async def run() -> int:
            async with make_consumer(settings.kafka) as consumer:
                cluster = consumer._client.cluster
                port = nobody.getsockname()[1]
                cluster._brokers = {
                    each.nodeId: BrokerMetadata(each.nodeId, "127.0.0.1", port, None) for each in cluster.brokers()
                }
                for each in list(consumer._client._conns.values()):
                    each.close()
                return await count_requests(consumer, f"{prefix}.missing", caplog, "Unable to update metadata")

        assert 1 < asyncio.run(run()) < MOST
