"""Live traffic at a steady rate, and how long it took to be readable."""

import threading
import time
from collections.abc import Iterator

from confluent_kafka import Message, Producer
from support import witness
from support.produce import put

from streams.config.settings import Settings
from streams.generate import Generated
from streams.model.topics import RAW


def producer(settings: Settings) -> Producer:
    """Sends at once, records of any size that a topic takes."""
    return Producer(
        {
            "bootstrap.servers": settings.kafka.brokers,
            "linger.ms": 0,
            "message.max.bytes": 17 << 20,
            "enable.idempotence": True,
        }
    )


class Live(threading.Thread):
    """Sends items at a steady rate until it is halted, and notes when."""

    def __init__(self, settings: Settings, items: Iterator[Generated], rate: float) -> None:
        super().__init__(daemon=True)
        self.sent: dict[tuple[int, int], float] = {}
        self.halted = threading.Event()
        self._items, self._rate, self._topic = items, rate, settings.topics.full(RAW)
        self._producer = producer(settings)

    def run(self) -> None:
        due = time.perf_counter()
        while not self.halted.is_set():
            now = time.perf_counter()

            def delivered(error: object, message: Message, now: float = now) -> None:
                assert error is None, error
                self.sent[message.partition() or 0, message.offset() or 0] = now

            item = next(self._items)
            headers = list(item.headers.items())
            key = item.headers.get("source", "")
            put(self._producer, self._topic, item.body, key, headers=headers, on_delivery=delivered)
            due += 1 / self._rate
            while (left := due - time.perf_counter()) > 0:
                self._producer.poll(min(left, 0.01))
        assert self._producer.flush(30) == 0

    def waits(self, reader: witness.Arrivals, begin: float, end: float) -> list[float]:
        """Milliseconds from raw to readable, sorted, of what was sent between two times and shown."""
        return sorted(
            (reader.seen[place] - at) * 1000
            for place, at in self.sent.items()
            if begin <= at < end and place in reader.seen
        )
