"""What goes through a system while its past is brought in line: a backlog, live items, and their decisions."""

import threading
import time
from collections.abc import Iterable, Iterator

import msgspec
from confluent_kafka import Message, Producer, TopicPartition
from support import flow, witness

from streams.config import Settings
from streams.generate import Generated
from streams.model import Decision, Fate
from streams.topics import DECISIONS, LOG, RAW


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


def send(settings: Settings, items: Iterable[Generated]) -> None:
    """A backlog, as fast as the broker takes it."""
    flow.send(settings, ((item.body, item.headers) for item in items))


class Decided:
    """Follows `news.decisions`: which raw records have all their fates, and when each decision was written."""

    def __init__(self, settings: Settings) -> None:
        self._consumer = witness.tail(settings, DECISIONS)
        self._log = TopicPartition(settings.topics.full(LOG), 0)
        self._decode = msgspec.json.Decoder(Decision).decode
        self._missing: dict[tuple[int, int], set[int]] = {}
        self.times: list[int] = []
        """ms, one a decision."""

    def wait(self, raw_records: int, seconds: float) -> None:
        """Until so many raw records are decided, all of their items, and there is nothing more in the log."""
        deadline = time.monotonic() + seconds
        while not self._all(raw_records):
            assert time.monotonic() < deadline, f"{len(self._missing)} of {raw_records} raw records decided"

    def _all(self, raw_records: int) -> bool:
        messages = self._consumer.consume(1000, 0.2)
        for message in messages:
            if message.error():
                continue
            self.times.append(message.timestamp()[1])
            decision = self._decode(message.value() or b"")
            if (origin := decision.origin) is not None and decision.fate is not Fate.REPEAT:
                place = origin.partition, origin.offset
                self._missing.setdefault(place, set(range(origin.count))).discard(origin.index)
        if any(not message.error() for message in messages) or len(self._missing) < raw_records:
            return False
        if any(self._missing.values()):
            return False
        return len(self.times) == self._consumer.get_watermark_offsets(self._log, timeout=20)[1]

    def close(self) -> None:
        self._consumer.close()


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
            self._producer.produce(
                self._topic, item.body, item.headers.get("source", ""), headers=headers, on_delivery=delivered
            )
            due += 1 / self._rate
            while (left := due - time.perf_counter()) > 0:
                self._producer.poll(min(left, 0.01))
        assert self._producer.flush(30) == 0

    def times(self, reader: witness.Arrivals, begin: float, end: float) -> tuple[float, float, int]:
        """Median and 99th percentile in ms of what was sent between two times and shown."""
        found = sorted(
            (reader.seen[place] - at) * 1000
            for place, at in self.sent.items()
            if begin <= at < end and place in reader.seen
        )
        if not found:
            return 0.0, 0.0, 0
        return found[len(found) // 2], found[int(len(found) * 0.99)], len(found)
