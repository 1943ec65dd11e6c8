"""The plain job of every engine: parse 1.5 KB of JSON, drop duplicates by key, publish to one of 8 topics.

There is one input partition, one thread, a table of all keys with its changelog in Kafka, zstd, and a linger of 20 ms.
"""

import os
from typing import Any

import orjson

BROKER = os.environ.get("NEWSWIRE_KAFKA", "")
SECTIONS = ("markets", "politics", "tech", "sports", "science", "health", "world", "culture")
BATCH_RECORDS = 2000
BATCH_BYTES = 1 << 18
FETCH_BYTES = 4 << 20
LINGER_MS = 20
COMMIT_MS = 100
"""Longest time between two transactions with exactly-once. With at-least-once offsets are committed every second."""
loads = orjson.loads


def output_topic(run: str, section: str) -> str:
    """Returns the output topic of a section in a run."""
    return f"{run}.{section}"


def enrich(item: dict[str, Any], now_ms: int) -> bytes:
    """Adds the fields of the job to an item and encodes it."""
    item["ingested_at"] = now_ms
    item["words"] = item["body"].count(" ") + 1
    item["dedupe_key"] = item["guid"]
    item["route"] = item["category"]
    return orjson.dumps(item)
