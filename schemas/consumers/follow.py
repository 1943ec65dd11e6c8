"""Keeps the newest version of each story of a category in a SQLite file, and prints what is new.

    pip install confluent-kafka
    python follow.py localhost:9092 news.companies stories.db

- Only what is committed is read (`read_committed`).
- A story's newest version replaces the one before; a withdrawal takes it away, and so does a version that no longer
  names this category. A row stays behind, so that a repeat does not bring the story back.
- The offset is committed after the row. Who dies in between reads the record again: its `ce_id` (uri/version) is
  known, and nothing happens twice.
- `replay-job`: only the filing was mended; nothing happened in the world, so nothing is printed.
"""

import json
import sqlite3
import sys
from typing import Any

from confluent_kafka import Consumer, KafkaException

TABLE = (
    "create table if not exists stories (uri text primary key, version integer, ce_id text, shown integer, item text)"
)
NEWER = """insert into stories values (?, ?, ?, ?, ?) on conflict (uri) do update
    set version = excluded.version, ce_id = excluded.ce_id, shown = excluded.shown, item = excluded.item
    where excluded.version > version"""


def take(store: sqlite3.Connection, category: str, headers: dict[str, str], item: dict[str, Any]) -> bool:
    """Whether this version is new; then it is kept."""
    filed = {each["literal"] for each in item.get("subjects", []) if each["rel"] == "category"}
    shown = headers["ce_type"] != "news.item.withdrawn" and (category == "latest" or category in filed)
    row = (item["uri"], int(item["version"]), headers["ce_id"], shown, json.dumps(item))
    with store:
        return store.execute(NEWER, row).rowcount == 1


def main(brokers: str, topic: str, path: str) -> None:
    """Until Ctrl-C."""
    store = sqlite3.connect(path)
    store.execute(TABLE)
    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": f"follow-{topic}",
            "isolation.level": "read_committed",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "session.timeout.ms": 10_000,  # who takes over from one that died waits no longer
        }
    )
    consumer.subscribe([topic])
    try:
        while True:
            message = consumer.poll(1.0)
            if message is None:
                continue
            if message.error():
                raise KafkaException(message.error())
            headers = {name: value.decode() for name, value in message.headers() or []}
            if (
                take(store, topic.partition(".")[2], headers, json.loads(message.value()))
                and "replay-job" not in headers
            ):
                print(headers["ce_type"].rpartition(".")[2], headers["ce_id"], flush=True)
            consumer.commit(message, asynchronous=True)
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
