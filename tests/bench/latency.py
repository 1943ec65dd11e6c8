"""Raw to readable: `python tests/bench/latency.py [--rates 10,100,500,1000] [--seconds 30]`, both deliveries.

Generated items go in at a steady rate; an independent reader (`read_committed`) sees them in `news.latest`, the topic
that has every item of every category. The clock runs from the call that sends the raw record to the reader's hand.
"""

import argparse
import sys
import tempfile
import threading
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

from confluent_kafka import OFFSET_BEGINNING, Consumer, Message, Producer, TopicPartition

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import flow

from streams.config import Settings, load
from streams.generate import stream
from streams.kafka import broker
from streams.topics import LATEST, RAW

DELIVERIES = ("at-least-once", "exactly-once")
WARM_UP_SECONDS = 5.0


class Reader(threading.Thread):
    """Notes when each raw record's item could first be read in `news.latest`."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(daemon=True)
        self.seen: dict[tuple[int, int], float] = {}
        self.halted = threading.Event()
        self._consumer = Consumer(
            {
                "bootstrap.servers": settings.kafka.brokers,
                "group.id": "bench-latency",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": 10,
                "fetch.error.backoff.ms": 5,
            }
        )
        self._consumer.assign([TopicPartition(settings.topics.full(LATEST), 0, OFFSET_BEGINNING)])

    def run(self) -> None:
        while not self.halted.is_set():
            for message in self._consumer.consume(500, 0.01):
                if message.error():
                    continue
                named = dict(message.headers() or ())
                place = int(named["origin-partition"]), int(named["origin-offset"])
                self.seen.setdefault(place, time.perf_counter())
        self._consumer.close()


def measure(address: str, folder: Path, delivery: str, rate: int, seconds: float) -> list[float]:
    """Latencies in milliseconds, sorted, of what was sent after the warm-up and shown."""
    settings = load(
        environ={
            "NEWSWIRE_KAFKA": address,
            "NEWSWIRE_TOPICS__PREFIX": f"bench-{uuid.uuid4().hex[:8]}",
            "NEWSWIRE_DECIDE__DELIVERY": delivery,
        }
    )
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    sent: dict[tuple[int, int], float] = {}
    producer = Producer({"bootstrap.servers": address, "linger.ms": 0, "message.max.bytes": 9 << 20})
    topic, reader = settings.topics.full(RAW), Reader(settings)
    reader.start()
    with flow.working(settings, folder):
        due = time.perf_counter()
        started = None
        for item in stream(1, int(rate * (seconds + WARM_UP_SECONDS)) + 100, datetime(2026, 3, 2, 9, tzinfo=UTC)):
            now = time.perf_counter()

            def delivered(error: object, message: Message, now: float = now) -> None:
                assert error is None, error
                sent[message.partition() or 0, message.offset() or 0] = now

            headers = list(item.headers.items())
            producer.produce(topic, item.body, item.headers.get("source", ""), headers=headers, on_delivery=delivered)
            if started is None:  # the first items wait for the worker
                while not reader.seen:
                    producer.poll(0.01)
                started = due = time.perf_counter()
            due += 1 / rate
            while (left := due - time.perf_counter()) > 0:
                producer.poll(min(left, 0.002))
        producer.flush(30)
        time.sleep(3)
    reader.halted.set()
    reader.join()
    begin = (started or 0.0) + WARM_UP_SECONDS
    return sorted((reader.seen[place] - at) * 1000 for place, at in sent.items() if at > begin and place in reader.seen)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rates", default="10,100,500,1000")
    options.add_argument("--seconds", type=float, default=30.0)
    options.add_argument("--deliveries", default=",".join(DELIVERIES))
    asked = options.parse_args()
    print("| delivery | items a second | p50, ms | p99 | p99.9 | shown |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, broker.start(Path(folder) / "kafka") as running:
        for delivery in asked.deliveries.split(","):
            for rate in map(int, asked.rates.split(",")):
                place = Path(folder) / f"{delivery}-{rate}"
                place.mkdir()
                found = measure(running.address, place, delivery, rate, asked.seconds)
                p50, p99, p999 = (found[int(len(found) * part)] for part in (0.5, 0.99, 0.999))
                print(f"| {delivery} | {rate:,} | {p50:.0f} | {p99:.0f} | {p999:.0f} | {len(found):,} |", flush=True)


if __name__ == "__main__":
    main()
