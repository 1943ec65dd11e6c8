"""Runs `newswire` commands and workers on a real broker, and reads their topics with an independent client."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import psutil
from confluent_kafka import OFFSET_BEGINNING, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType
from support import topic_reader
from support.decision_tracker import DecisionTracker
from support.produce import produce
from support.wait import wait_until

from streams.config.settings import Settings
from streams.decide.fold import apply
from streams.decide.parameters import DecideParams
from streams.decide.state import State
from streams.model import codec
from streams.model.topics import CATEGORIES, DEAD_LETTERS, DECISIONS, DUPLICATES, LATEST, LOG, RAW, WITHHELD

OUTCOME_TOPICS = (LATEST, *CATEGORIES, DUPLICATES, WITHHELD, DEAD_LETTERS, DECISIONS)


class RecordContent(NamedTuple):
    """The parts of a record that must be the same in every run: no offset and no timestamp."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


def environment(settings: Settings) -> dict[str, str]:
    """Returns the environment of a process that runs with these settings."""
    return {
        **os.environ,
        "NEWSWIRE_KAFKA": settings.kafka.brokers,
        "NEWSWIRE_TOPICS__PREFIX": settings.topics.prefix,
        "NEWSWIRE_TOPICS__RAW_PARTITIONS": str(settings.topics.raw_partitions),
        "NEWSWIRE_TOPICS__REPLICATION": str(settings.topics.replication),
        "NEWSWIRE_WORKER__SESSION_SECONDS": str(settings.worker.session_seconds),
        "NEWSWIRE_DECIDE__DELIVERY": settings.decide.delivery,
        "NEWSWIRE_PREPARE__RULES": settings.prepare.rules,
        "NEWSWIRE_PREPARE__ITEM_SECONDS": str(settings.prepare.item_seconds),
        "NEWSWIRE_PREPARE__ITEM_MB": str(settings.prepare.item_mb),
        "NEWSWIRE_PREPARE__MEMORY_MB": str(settings.prepare.memory_mb),
    }


def newswire(settings: Settings, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Runs a `newswire` command and waits for its end."""
    return subprocess.run(
        [sys.executable, "-m", "streams", *arguments],
        env=environment(settings),
        input=stdin,
        capture_output=True,
        timeout=280,
        check=False,
    )


NEWSWIRE = ("-m", "streams")


class Worker:
    """A `newswire worker` process; `program` replaces `-m streams` in its command line."""

    def __init__(
        self, settings: Settings, log_file: Path, *arguments: str, program: tuple[str, ...] = NEWSWIRE
    ) -> None:
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
        """Kills the parent with SIGKILL. Its child processes (the parts) then end too."""
        self.process.kill()
        self.process.wait()

    def kill_part(self, name: str) -> None:
        """Kills one part with SIGKILL. The parent starts it again."""
        for part in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):
                if f"--part {name}" in " ".join(part.cmdline()):
                    part.kill()

    def stop(self) -> int:
        """Sends SIGTERM and returns the exit status."""
        self.process.terminate()
        return self.process.wait(120)

    def read_log(self) -> str:
        return self._log.read_text(errors="replace")


@contextmanager
def run_worker(
    settings: Settings, folder: Path, *arguments: str, program: tuple[str, ...] = NEWSWIRE
) -> Iterator[Worker]:
    """Runs a worker during a `with` block. At the end it must stop with status 0."""
    worker = Worker(settings, folder / "worker.log", *arguments, program=program)
    try:
        yield worker
    except BaseException:
        worker.kill()
        print(worker.read_log()[-6000:])
        raise
    assert worker.stop() == 0, worker.read_log()[-3000:]


def send(settings: Settings, records: Iterable[tuple[bytes, dict[str, str]]], *, partition: int = -1) -> int:
    """Sends values with headers to news.raw, keyed by source like a feeder. Returns their number."""
    producer = Producer(
        {"bootstrap.servers": settings.kafka.brokers, "message.max.bytes": 9 << 20, "enable.idempotence": True}
    )
    count = 0
    for value, headers in records:
        key = headers.get("source", "").encode()
        arguments = {} if partition < 0 else {"partition": partition}
        produce(producer, settings.topics.full(RAW), value, key, headers=list(headers.items()), **arguments)
        count += 1
    assert producer.flush(120) == 0
    return count


def set_topic(settings: Settings, topic: str, name: str, value: str) -> None:
    """Changes one configuration value of a topic (name without prefix), like an operator by mistake."""
    entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, settings.topics.full(topic), incremental_configs=[entry])
    admin = AdminClient({"bootstrap.servers": settings.kafka.brokers})
    admin.incremental_alter_configs([resource])[resource].result()
    wait_until(lambda: admin.describe_configs([resource])[resource].result()[name].value == value)


def read(settings: Settings, topic: str, *, isolation: str = "read_committed") -> list[RecordContent]:
    """Reads a whole topic (name without prefix), one partition after the other."""
    return read_all(settings, [topic], isolation=isolation)[topic]


def read_all(
    settings: Settings, topics: Iterable[str], *, isolation: str = "read_committed"
) -> dict[str, list[RecordContent]]:
    """Reads several whole topics, each one partition after the other."""
    consumer = topic_reader.build_consumer(settings, isolation=isolation)
    known = consumer.list_topics(timeout=10).topics
    names = {settings.topics.full(topic): topic for topic in topics}
    rows: dict[tuple[str, int], list[RecordContent]] = {
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
                rows[place].append(RecordContent(message.key(), message.value(), headers))
    consumer.close()
    return {
        topic: [row for place in sorted(rows) if place[0] == name for row in rows[place]]
        for name, topic in names.items()
    }


def read_decisions(settings: Settings) -> list[dict[str, object]]:
    """Reads the decisions, without those of repeated log records and without copies of at-least-once delivery."""
    decisions = [msgspec.json.decode(row.value or b"") for row in dict.fromkeys(read(settings, DECISIONS))]
    return [decision for decision in decisions if decision["fate"] != "repeat"]


def wait_decided(settings: Settings, raw_records: int, seconds: float = 240) -> None:
    """Waits until all items of all raw records are decided, and every log record is."""
    tracker = DecisionTracker(settings)
    try:
        tracker.wait(raw_records, seconds)
    finally:
        tracker.close()


def fold_log(settings: Settings) -> dict[str, list[RecordContent]]:
    """Folds the recorded log and returns the expected records: topic without prefix -> records in order."""
    state, params = State(), DecideParams.from_settings(settings)
    expected: dict[str, list[RecordContent]] = {topic: [] for topic in OUTCOME_TOPICS}
    for offset, row in enumerate(read(settings, LOG)):
        overlay = state.batch()
        _, effects = apply(overlay, codec.decode(row.value or b""), offset, params)
        state.merge(overlay.changes)
        for effect in effects:
            expected[effect.topic].append(RecordContent(effect.key, effect.value, effect.headers))
    return expected


def read_outcome_topics(settings: Settings) -> dict[str, list[RecordContent]]:
    """Reads all outcome topics: topic without prefix -> records in order."""
    return read_all(settings, OUTCOME_TOPICS)


def wait_until_group_is_empty(settings: Settings, group: str) -> None:
    """Waits until a consumer group has no members. Static members leave only when their session ends."""
    admin = AdminClient({"bootstrap.servers": settings.kafka.brokers})
    wait_until(
        lambda: not admin.describe_consumer_groups([group])[group].result().members, lambda: f"{group} has members"
    )


def http_get(port: int, path: str) -> tuple[int, str]:
    """Sends a GET request to a port of this machine. Returns status and text."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def now() -> str:
    """Returns the current time as RFC 3339 in UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
