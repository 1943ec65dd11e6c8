"""Runs the real line on a real broker, and reads its topics with an independent client (librdkafka)."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
from confluent_kafka import OFFSET_BEGINNING, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType
from support import witness
from support.decided import Decided
from support.putting import put
from support.until import until

from streams import log
from streams.config import Settings
from streams.decide.fold import apply
from streams.decide.rulebook import Rulebook
from streams.decide.state import State
from streams.topics import CATEGORIES, DEAD_LETTERS, DECISIONS, DUPLICATES, LATEST, LOG, RAW, WITHHELD

OUTCOMES = (LATEST, *CATEGORIES, DUPLICATES, WITHHELD, DEAD_LETTERS, DECISIONS)


class Row(NamedTuple):
    """What of a record must be the same on any machine."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


def environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "NEWSWIRE_KAFKA": settings.kafka.brokers,
        "NEWSWIRE_TOPICS__PREFIX": settings.topics.prefix,
        "NEWSWIRE_TOPICS__RAW_PARTITIONS": str(settings.topics.raw_partitions),
        "NEWSWIRE_WORKER__SESSION_SECONDS": str(settings.worker.session_seconds),
        "NEWSWIRE_DECIDE__DELIVERY": settings.decide.delivery,
        "NEWSWIRE_PREPARE__RULES": settings.prepare.rules,
        "NEWSWIRE_PREPARE__ITEM_SECONDS": str(settings.prepare.item_seconds),
        "NEWSWIRE_PREPARE__ITEM_MB": str(settings.prepare.item_mb),
        "NEWSWIRE_PREPARE__MEMORY_MB": str(settings.prepare.memory_mb),
    }


def newswire(settings: Settings, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Runs a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "streams", *arguments],
        env=environment(settings),
        input=stdin,
        capture_output=True,
        timeout=280,
        check=False,
    )


OURS = ("-m", "streams")


class Worker:
    """A `newswire worker` of its own; `program` is what Python runs in place of `-m streams`."""

    def __init__(self, settings: Settings, log_file: Path, *arguments: str, program: tuple[str, ...] = OURS) -> None:
        self._settings, self._log, self._arguments, self._program = settings, log_file, arguments, program
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, *self._program, "worker", *self._arguments],
                env=environment(self._settings),
                stdout=output,
                stderr=output,
            )

    def kill(self) -> None:
        """kill -9 of the parent; its parts end with it."""
        self.process.kill()
        self.process.wait()

    def kill_part(self, name: str) -> None:
        """kill -9 of one part, which the parent starts again."""
        pids = subprocess.run(
            ["pgrep", "-P", str(self.process.pid), "-f", f"--part {name}"],
            capture_output=True,
            text=True,
            check=False,
        ).stdout.split()
        for pid in pids:
            os.kill(int(pid), signal.SIGKILL)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(120)

    def said(self) -> str:
        return self._log.read_text(errors="replace")


@contextmanager
def working(settings: Settings, folder: Path, *arguments: str, program: tuple[str, ...] = OURS) -> Iterator[Worker]:
    """A worker for the time of a block; in the end it must stop cleanly."""
    worker = Worker(settings, folder / "worker.log", *arguments, program=program)
    try:
        yield worker
    except BaseException:
        worker.kill()
        print(worker.said()[-6000:])
        raise
    assert worker.stop() == 0, worker.said()[-3000:]


def send(settings: Settings, records: Iterable[tuple[bytes, dict[str, str]]], *, partition: int = -1) -> int:
    """Sends values with headers to news.raw, keyed by source as a feeder does."""
    producer = Producer(
        {"bootstrap.servers": settings.kafka.brokers, "message.max.bytes": 9 << 20, "enable.idempotence": True}
    )
    count = 0
    for value, headers in records:
        key = headers.get("source", "").encode()
        arguments = {} if partition < 0 else {"partition": partition}
        put(producer, settings.topics.full(RAW), value, key, headers=list(headers.items()), **arguments)
        count += 1
    assert producer.flush(120) == 0
    return count


def set_topic(settings: Settings, topic: str, name: str, value: str) -> None:
    """Changes a setting of a topic (name without prefix), as an operator by mistake; `topics apply` mends it."""
    entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, settings.topics.full(topic), incremental_configs=[entry])
    admin = AdminClient({"bootstrap.servers": settings.kafka.brokers})
    admin.incremental_alter_configs([resource])[resource].result()
    until(lambda: admin.describe_configs([resource])[resource].result()[name].value == value)


def read(settings: Settings, topic: str, *, isolation: str = "read_committed") -> list[Row]:
    """All of a topic (name without prefix), partition by partition."""
    return read_all(settings, [topic], isolation=isolation)[topic]


def read_all(settings: Settings, topics: Iterable[str], *, isolation: str = "read_committed") -> dict[str, list[Row]]:
    """All of several topics, each partition by partition."""
    consumer = witness.consumer(settings, isolation=isolation)
    known = consumer.list_topics(timeout=10).topics
    names = {settings.topics.full(topic): topic for topic in topics}
    rows: dict[tuple[str, int], list[Row]] = {
        (name, part): [] for name in names for part in sorted(known[name].partitions)
    }
    consumer.assign([TopicPartition(name, part, OFFSET_BEGINNING) for name, part in rows])
    ended: set[tuple[str, int]] = set()
    deadline = time.monotonic() + 60
    while len(ended) < len(rows):
        assert time.monotonic() < deadline, f"{set(rows) - ended} have no end"
        for message in consumer.consume(1000, 0.05):
            place = (message.topic(), message.partition())
            if message.error():
                assert message.error().code() == KafkaError._PARTITION_EOF, message.error()
                ended.add(place)
            else:
                headers = tuple((name, value) for name, value in message.headers() or ())
                rows[place].append(Row(message.key(), message.value(), headers))
    consumer.close()
    return {
        topic: [row for place in sorted(rows) if place[0] == name for row in rows[place]]
        for name, topic in names.items()
    }


def fates(settings: Settings) -> list[dict[str, object]]:
    """The decisions so far; those of repeats are left out, and what at least once sent again."""
    decisions = [msgspec.json.decode(row.value or b"") for row in dict.fromkeys(read(settings, DECISIONS))]
    return [decision for decision in decisions if decision["fate"] != "repeat"]


def wait_decided(settings: Settings, raw_records: int, seconds: float = 240) -> None:
    """Until every raw record has all its items decided, and the whole log is."""
    decided = Decided(settings)
    try:
        decided.wait(raw_records, seconds)
    finally:
        decided.close()


def fold_of_log(settings: Settings) -> dict[str, list[Row]]:
    """What the recorded log must have led to: topic without prefix -> records in order."""
    state, rules = State(), Rulebook.of(settings)
    expected: dict[str, list[Row]] = {topic: [] for topic in OUTCOMES}
    for offset, row in enumerate(read(settings, LOG)):
        overlay = state.batch()
        _, effects = apply(overlay, log.decode(row.value or b""), offset, rules)
        state.merge(overlay.changes)
        for effect in effects:
            expected[effect.topic].append(Row(effect.key, effect.value, effect.headers))
    return expected


def outcomes(settings: Settings) -> dict[str, list[Row]]:
    """All topics of outcomes as they are."""
    return read_all(settings, OUTCOMES)


def until_gone(settings: Settings, group: str) -> None:
    """Until a group has no members: those that were static leave it with their session only."""
    admin = AdminClient({"bootstrap.servers": settings.kafka.brokers})
    until(lambda: not admin.describe_consumer_groups([group])[group].result().members, lambda: f"{group} has members")


def http(port: int, path: str) -> tuple[int, str]:
    """A GET on a worker."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def now() -> str:
    """RFC 3339 UTC, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
