"""The one way to give a producer of librdkafka a record."""

from typing import Any

from confluent_kafka import Producer


def put(producer: Producer, topic: str, value: bytes | None, key: bytes | str | None = None, **more: Any) -> None:
    """Waits while its queue is full, and has it call back for what was delivered. More by name, as `produce` has it."""
    while True:
        try:
            producer.produce(topic, value, key, **more)
            break
        except BufferError:
            producer.poll(0.1)
    producer.poll(0)
