"""Keeps the stories of topics in a table of your own, and yields each change of it.

    pip install confluent-kafka
    python follow.py localhost:9092 stories.db news.companies news.markets

or, in a program:

    store = Store(sqlite3.connect("stories.db"))
    for change in follow("localhost:9092", ["news.companies"], store):
        print(change.kind, change.uri, change.version)

- The newest record of a key is the whole story: a table needs no other record. A null value takes the story away.
- Rows, positions and whatever your loop writes through the same connection are committed together, when the loop asks
  for the next change. So a program that dies goes on where it was, and nothing is done twice in the store.
- A repeat changes nothing: its version is not newer than the one that is known under its key and topic. The version of
  a story that left stays in the store, so that a repeat does not bring it back.
- A record that is not ours is passed over, such as the one under the key `newswire:roll`.
- `change.replayed`: only the filing was corrected; nothing happened in the world.

The store is any DB-API connection whose database knows `insert … on conflict`: SQLite, or PostgreSQL (to_postgres.py).
"""

import json
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

TABLES = (
    "create table if not exists stories (topic text, uri text, version bigint, item text, primary key (topic, uri))",
    "create table if not exists positions (topic text, part integer, next bigint, primary key (topic, part))",
)
PUT_STORY = """insert into stories values (?, ?, ?, ?)
    on conflict (topic, uri) do update set version = excluded.version, item = excluded.item"""
PUT_POSITION = """insert into positions values (?, ?, ?)
    on conflict (topic, part) do update set next = excluded.next"""


@dataclass(frozen=True)
class Change:
    """A change of the table of a topic."""

    kind: str
    """`added`, `changed`, `moved` (the story no longer belongs to this topic) or `withdrawn`."""
    topic: str
    uri: str
    version: int
    item: dict[str, Any] | None
    """The whole story as it now stands (ninjs); None where it left."""
    replayed: bool


@dataclass(frozen=True)
class Record:
    """A record of ours: a version of a story, or its departure."""

    uri: str
    version: int
    item: dict[str, Any] | None
    left: str
    """`moved` or `withdrawn`; empty where the story stands in the topic."""
    replayed: bool


class Store:
    """The tables `stories` and `positions`. A story that left has no item."""

    def __init__(self, connection: Any, mark: str = "?") -> None:
        """`mark`: how the driver writes a parameter of a statement, `?` or `%s`."""
        self.connection = connection
        self._cursor = connection.cursor()
        self._mark = mark
        for table in TABLES:
            self._run(table)
        connection.commit()

    def find_version(self, topic: str, uri: str) -> tuple[int, bool] | None:
        """Finds the newest version of a story that is known, and whether the story stands; None for an unknown one."""
        self._run("select version, item is not null from stories where topic = ? and uri = ?", topic, uri)
        row = self._cursor.fetchone()
        return (int(row[0]), bool(row[1])) if row else None

    def put(self, topic: str, record: Record) -> None:
        """Keeps a version of a story, or the fact that it left."""
        item = None if record.item is None else json.dumps(record.item, ensure_ascii=False)
        self._run(PUT_STORY, topic, record.uri, record.version, item)

    def find_position(self, topic: str, partition: int) -> int | None:
        """Finds the offset of the next record to read; None where none was read."""
        self._run("select next from positions where topic = ? and part = ?", topic, partition)
        row = self._cursor.fetchone()
        return int(row[0]) if row else None

    def put_position(self, topic: str, partition: int, offset: int) -> None:
        """Keeps the offset of the next record to read."""
        self._run(PUT_POSITION, topic, partition, offset)

    def _run(self, statement: str, *values: object) -> None:
        self._cursor.execute(statement.replace("?", self._mark), values)


def parse_record(key: bytes | None, value: bytes | None, headers: dict[str, str]) -> Record | None:
    """Parses a record; None where it is not ours."""
    uri = (key or b"").decode("utf-8", "replace")
    of_uri, _, version = headers.get("ce_id", "").rpartition("/")
    if not uri or of_uri != uri or not (version.isascii() and version.isdecimal()):
        return None
    replayed = "replay-job" in headers
    if value is None:
        left = "withdrawn" if headers.get("ce_type") == "news.item.withdrawn" else "moved"
        return Record(uri, int(version), None, left, replayed)
    try:
        item = json.loads(value)
    except ValueError:
        return None
    if not isinstance(item, dict) or item.get("uri") != uri:
        return None
    if item.get("pubStatus") == "canceled":
        return Record(uri, int(version), None, "withdrawn", replayed)
    return Record(uri, int(version), item, "", replayed)


def take(store: Store, topic: str, record: Record) -> Change | None:
    """Puts a record into the store. Returns None where it changes nothing: a repeat, an unknown story that left."""
    known = store.find_version(topic, record.uri)
    if known is not None and record.version <= known[0]:
        return None
    store.put(topic, record)
    stands = known is not None and known[1]
    if record.left and not stands:
        return None
    kind = record.left or ("changed" if stands else "added")
    return Change(kind, topic, record.uri, record.version, record.item, record.replayed)


def follow(brokers: str, topics: Sequence[str], store: Store, **options: Any) -> Iterator[Change]:
    """Yields each change of the topics, for ever; begins where the store stands, else at the oldest record.

    `options` are further settings of librdkafka, such as `security.protocol`, with `_` for `.`.
    """
    consumer = Consumer(
        {
            **{name.replace("_", "."): value for name, value in options.items()},
            "bootstrap.servers": brokers,
            "group.id": "not-used",  # librdkafka wants one; positions are in the store
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "auto.offset.reset": "earliest",
        }
    )
    try:
        known = {topic: consumer.list_topics(topic, timeout=30).topics[topic] for topic in topics}
        if missing := [topic for topic, found in known.items() if found.error]:
            raise KafkaException(known[missing[0]].error)
        consumer.assign([_place(store, topic, part) for topic in topics for part in known[topic].partitions])
        while True:
            message = consumer.poll(1.0)
            if message is None:
                continue
            if message.error():
                raise KafkaException(message.error())
            if (change := _take_message(store, message)) is not None:
                yield change
            store.connection.commit()
    finally:
        store.connection.rollback()  # what your loop did not finish comes again
        consumer.close()


def _place(store: Store, topic: str, partition: int) -> TopicPartition:
    position = store.find_position(topic, partition)
    return TopicPartition(topic, partition, -2 if position is None else position)  # -2: the oldest


def _take_message(store: Store, message: Message) -> Change | None:
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    headers = {name: (value or b"").decode("utf-8", "replace") for name, value in message.headers() or ()}
    record = parse_record(message.key(), message.value(), headers)
    if record is None and message.key() != b"newswire:roll":
        print(f"{topic}/{partition}/{offset} is no record of ours and is passed over", file=sys.stderr, flush=True)
    store.put_position(topic, partition, offset + 1)
    return None if record is None else take(store, topic, record)


if __name__ == "__main__":
    for each in follow(sys.argv[1], sys.argv[3:], Store(sqlite3.connect(sys.argv[2]))):
        print(each.kind, each.topic, f"{each.uri}/{each.version}", flush=True)
