"""What a process with transactions logs while Kafka takes them."""

import asyncio
import logging

import pytest
import structlog
from aiokafka import TopicPartition
from aiokafka.errors import NotEnoughReplicasError, NotLeaderForPartitionError

from streams.config.settings import KafkaSettings
from streams.kafka import producer

SENDER = logging.getLogger("aiokafka.producer.sender")
RETRYING = "Got error produce response on topic-partition %s, retrying. Error: %s"


class SlowBroker:
    """Takes a transaction when `taken` is set."""

    def __init__(self) -> None:
        self.taken = asyncio.Event()

    async def begin_transaction(self) -> None:
        """Begins at once."""

    async def commit_transaction(self) -> None:
        """Waits until it is taken."""
        await self.taken.wait()


def test_what_kafka_answers_while_it_verifies_a_transaction_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def make() -> None:
        await producer.make_producer(KafkaSettings(), transactional_id="desk").stop()

    before = list(SENDER.filters)
    try:
        asyncio.run(make())
        SENDER.warning(RETRYING, TopicPartition("news.latest", 0), NotEnoughReplicasError)
        SENDER.warning(RETRYING, TopicPartition("news.latest", 0), NotLeaderForPartitionError)
    finally:
        SENDER.filters[:] = before
    (message,) = [record.getMessage() for record in caplog.records]
    assert "NotLeaderForPartitionError" in message


def test_a_transaction_that_kafka_does_not_take_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(producer, "SLOW_SECONDS", 0.0)

    async def send() -> None:
        broker = SlowBroker()
        sending = asyncio.create_task(producer.send_in_transaction(broker, {}, {}, "group"))
        while not logged:
            await asyncio.sleep(0)
        broker.taken.set()
        await sending

    with structlog.testing.capture_logs() as logged:
        asyncio.run(send())
    assert [(line["event"], line["log_level"]) for line in logged] == [("transaction_waits", "warning")]
