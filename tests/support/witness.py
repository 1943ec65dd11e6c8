"""Independent readers of the topics: librdkafka, what is committed, from the beginning."""

import threading
import time
from collections.abc import Iterator

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, TopicPartition

from streams.config.settings import Settings
from streams.model.topics import LATEST

READ_SECONDS = 120.0


def consumer(settings: Settings, *, group: str = "witness", isolation: str = "read_committed") -> Consumer:
    """A consumer that commits nothing; the end of a partition comes as an error."""
    return Consumer({**_options(settings, group, isolation), "enable.partition.eof": True, "fetch.wait.max.ms": 20})


def tail(settings: Settings, topic: str) -> Consumer:
    """A reader of partition 0 of a topic (name without prefix), from its beginning on, without delay."""
    options = _options(settings, "witness", "read_committed")
    reader = Consumer({**options, "fetch.wait.max.ms": 10, "fetch.error.backoff.ms": 5, "log_level": 0})
    reader.assign([TopicPartition(settings.topics.full(topic), 0, OFFSET_BEGINNING)])
    return reader


def _options(settings: Settings, group: str, isolation: str) -> dict[str, str | int | bool]:
    return {
        "bootstrap.servers": settings.kafka.brokers,
        "group.id": group,
        "enable.auto.commit": False,
        "isolation.level": isolation,
        "fetch.message.max.bytes": 18 << 20,
    }


def messages(settings: Settings, topic: str) -> Iterator[Message]:
    """All records of a topic (name without prefix), each partition in its order."""
    reader, name = consumer(settings), settings.topics.full(topic)
    partitions = set(reader.list_topics(name, timeout=20).topics[name].partitions)
    reader.assign([TopicPartition(name, partition, OFFSET_BEGINNING) for partition in partitions])
    deadline = time.monotonic() + READ_SECONDS
    while partitions:
        assert time.monotonic() < deadline, f"{name}: {partitions} have no end"
        for message in reader.consume(1000, 0.05):
            if message.error():
                assert message.error().code() == KafkaError._PARTITION_EOF, message.error()
                partitions.discard(message.partition())
                continue
            yield message
            deadline = time.monotonic() + READ_SECONDS  # who reads on may take its time
    reader.close()


class Arrivals(threading.Thread):
    """Notes when each raw record's item could first be read in `news.latest`, and each revision of a replay."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(daemon=True)
        self.seen: dict[tuple[int, int], float] = {}
        self.last = 0.0
        self.refiled: list[str] = []
        self.halted = threading.Event()
        self._consumer = tail(settings, LATEST)

    def run(self) -> None:
        while not self.halted.is_set():
            for message in self._consumer.consume(500, 0.01):
                if message.error():
                    continue
                named = dict(message.headers() or ())
                if "replay-job" in named:
                    self.refiled.append((message.key() or b"").decode())
                    continue
                place = int(named["origin-partition"]), int(named["origin-offset"])
                self.last = time.perf_counter()
                self.seen.setdefault(place, self.last)
        self._consumer.close()
