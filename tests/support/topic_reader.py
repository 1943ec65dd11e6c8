"""Reads topics with an independent client (librdkafka): committed records only, from the beginning."""

import threading
import time
from collections.abc import Iterator

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, TopicPartition

from streams.config.settings import Settings
from streams.model.topics import LATEST

READ_SECONDS = 120.0


def build_consumer(settings: Settings, *, group: str = "witness", isolation: str = "read_committed") -> Consumer:
    """Builds a consumer that commits no offsets. It reports the end of a partition as an error message."""
    return Consumer({**_options(settings, group, isolation), "enable.partition.eof": True, "fetch.wait.max.ms": 20})


def build_tail_consumer(settings: Settings, topic: str) -> Consumer:
    """Builds a consumer of partition 0 of a topic (name without prefix), from its beginning, without delay."""
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


def read_messages(settings: Settings, topic: str) -> Iterator[Message]:
    """Yields all records of a topic (name without prefix); the order within a partition is kept."""
    reader, name = build_consumer(settings), settings.topics.full(topic)
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
            deadline = time.monotonic() + READ_SECONDS  # the caller may be slow between two records
    reader.close()


class ArrivalTimes(threading.Thread):
    """A thread that records when each item became readable in `news.latest`, and which stories a replay revised."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(daemon=True)
        self.seen: dict[tuple[int, int], float] = {}
        self.last = 0.0
        self.reclassified: list[str] = []
        self.stopping = threading.Event()
        self._consumer = build_tail_consumer(settings, LATEST)

    def run(self) -> None:
        while not self.stopping.is_set():
            for message in self._consumer.consume(500, 0.01):
                if message.error():
                    continue
                named = dict(message.headers() or ())
                if "replay-job" in named:
                    self.reclassified.append((message.key() or b"").decode())
                    continue
                place = int(named["origin-partition"]), int(named["origin-offset"])
                self.last = time.perf_counter()
                self.seen.setdefault(place, self.last)
        self._consumer.close()
