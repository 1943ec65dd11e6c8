"""Gives a librdkafka producer a record, for all tests."""

from confluent_kafka import Producer


def produce(
    producer: Producer, topic: str, value: bytes | None, key: bytes | str | None = None, **more: object
) -> None:
    """Waits while the producer's queue is full, and runs its delivery callbacks.

    Further keyword arguments are those of `Producer.produce`.
    """
    while True:
        try:
            producer.produce(topic, value, key, **more)
            break
        except BufferError:
            producer.poll(0.1)
    producer.poll(0)
