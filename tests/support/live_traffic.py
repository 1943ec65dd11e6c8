"""Sends items at a steady rate and measures how long each took until a reader could read it."""

import threading
import time
from collections.abc import Iterator

from confluent_kafka import Message, Producer
from support import topic_reader
from support.produce import produce

from streams.config.settings import Settings
from streams.generate import GeneratedItem
from streams.model.topics import RAW


def build_producer(settings: Settings) -> Producer:
    """Builds a producer that sends without delay and allows the largest records of any topic."""
    return Producer(
        {
            "bootstrap.servers": settings.kafka.brokers,
            "linger.ms": 0,
            "message.max.bytes": 17 << 20,
            "enable.idempotence": True,
        }
    )


class LiveTraffic(threading.Thread):
    """A thread that sends items at a steady rate until `stopping` is set, and records when it sent each."""

    def __init__(self, settings: Settings, items: Iterator[GeneratedItem], rate: float) -> None:
        super().__init__(daemon=True)
        self.sent: dict[tuple[int, int], float] = {}
        self.stopping = threading.Event()
        self._items, self._rate, self._topic = items, rate, settings.topics.full(RAW)
        self._producer = build_producer(settings)

    def run(self) -> None:
        due = time.perf_counter()
        while not self.stopping.is_set():
            now = time.perf_counter()

            def delivered(error: object, message: Message, now: float = now) -> None:
                assert error is None, error
                self.sent[message.partition() or 0, message.offset() or 0] = now

            item = next(self._items)
            headers = list(item.headers.items())
            key = item.headers.get("source", "")
            produce(self._producer, self._topic, item.body, key, headers=headers, on_delivery=delivered)
            due += 1 / self._rate
            while (left := due - time.perf_counter()) > 0:
                self._producer.poll(min(left, 0.01))
        assert self._producer.flush(30) == 0

    def latencies(self, reader: topic_reader.ArrivalTimes, begin: float, end: float) -> list[float]:
        """Returns sorted milliseconds from send to readable, for published items sent between two times."""
        return sorted(
            (reader.seen[place] - at) * 1000
            for place, at in self.sent.items()
            if begin <= at < end and place in reader.seen
        )
