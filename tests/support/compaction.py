"""Writes generated sequences of outcomes to real topics, and lets the broker compact them."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType
from support import flow
from support.produce import produce
from support.story_sequences import draw_sequences, run
from support.wait import wait_until

from streams.config.settings import Settings
from streams.model.records import Effect
from streams.model.topics import ROLL_KEY

SHORT = {
    "segment.ms": "100",
    "min.compaction.lag.ms": "0",
    "max.compaction.lag.ms": "1000",
    "min.cleanable.dirty.ratio": "0.001",
}
"""Settings under which the broker compacts within seconds what it compacts within three days otherwise."""
BROKER = "1"
"""The `node.id` of the embedded broker."""
Table = dict[str, dict[str, Any]]
"""What a reader has of each key."""


def build_effects(sequences: int, topics: Sequence[str]) -> list[Effect]:
    """Folds generated sequences, each about stories of its own, and returns their records of these topics."""
    found = []
    for number, sequence in enumerate(draw_sequences(sequences)):
        own = b":alphawire:S%d-" % number
        for _, result in run(sequence):
            found += [_rename(each, own) for each in result.effects if each.topic in topics]
    return found


def _rename(effect: Effect, own: bytes) -> Effect:
    """Gives the stories of a sequence ids of their own."""
    key, value, headers = effect.key, effect.value, effect.headers
    return Effect(
        effect.topic,
        key.replace(b":alphawire:A", own),
        None if value is None else value.replace(b":alphawire:A", own),
        tuple((name, text.replace(b":alphawire:A", own)) for name, text in headers),
    )


def write(settings: Settings, effects: Iterable[Effect]) -> None:
    """Writes records to their topics in transactions, as the worker does."""
    producer = Producer({"bootstrap.servers": settings.kafka.brokers, "transactional.id": settings.topics.prefix})
    producer.init_transactions(60)
    rows = list(effects)
    for first in range(0, len(rows), 100):
        producer.begin_transaction()
        for each in rows[first : first + 100]:
            produce(producer, settings.topics.full(each.topic), each.value, each.key, headers=list(each.headers))
        producer.commit_transaction(60)


def fold(rows: Iterable[tuple[bytes | None, bytes | None]]) -> Table:
    """Folds records as a table does: a value replaces, null deletes."""
    table: Table = {}
    for key, value in rows:
        name = (key or b"").decode()
        if value is None:
            table.pop(name, None)
        else:
            table[name] = json.loads(value)
    return table


@contextmanager
def busy_cleaner(settings: Settings) -> Iterator[None]:
    """Lets the broker look for what it may compact ten times a second, in place of every 15 seconds."""
    try:
        _alter(settings, ResourceType.BROKER, BROKER, {"log.cleaner.backoff.ms": "100"})
        yield
    finally:
        _alter(settings, ResourceType.BROKER, BROKER, {"log.cleaner.backoff.ms": None})


def compact(settings: Settings, topics: Sequence[str]) -> None:
    """Closes the segments of topics by `newswire topics roll`, and waits until each has one record for each key."""
    for topic in topics:
        _alter(settings, ResourceType.TOPIC, settings.topics.full(topic), SHORT)
    rolled: set[str] = set()

    def all_rolled() -> bool:
        done = flow.newswire(settings, "topics", "roll", "--quiet", "1s")
        assert done.returncode == 0, done.stderr
        rolled.update(line.split()[1] for line in done.stdout.decode().splitlines() if line.startswith("rolled "))
        return rolled >= {f"{settings.topics.full(topic)}/0" for topic in topics}

    wait_until(all_rolled, lambda: rolled)
    wait_until(lambda: not _find_repeated(settings, topics), lambda: _find_repeated(settings, topics))


def _find_repeated(settings: Settings, topics: Sequence[str]) -> dict[str, int]:
    """Counts the records of each topic that a newer one of their key replaces."""
    found = {}
    for topic, rows in flow.read_all(settings, topics).items():
        counted = Counter(row.key for row in rows if row.key != ROLL_KEY)
        found[topic] = sum(counted.values()) - len(counted)
    return {topic: count for topic, count in found.items() if count}


def _alter(settings: Settings, kind: ResourceType, name: str, values: Mapping[str, str | None]) -> None:
    entries = [
        ConfigEntry(
            key, value or "", incremental_operation=AlterConfigOpType.SET if value else AlterConfigOpType.DELETE
        )
        for key, value in values.items()
    ]
    resource = ConfigResource(kind, name, incremental_configs=entries)
    admin = AdminClient({"bootstrap.servers": settings.kafka.brokers})
    admin.incremental_alter_configs([resource])[resource].result(30)
