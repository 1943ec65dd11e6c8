"""The plain job that every engine does: parse 1.5 KB of JSON, drop duplicates by key, publish to one of 8 topics.

One input partition, one thread, a table of all keys with its changelog in Kafka, zstd, linger 20 ms.
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
"""Exactly once: a transaction at least so often. At least once: offsets at least once a second."""
loads = orjson.loads


def output(run: str, section: str) -> str:
    """The topic of a section in a run."""
    return f"{run}.{section}"


def enriched(item: dict[str, Any], now_ms: int) -> bytes:
    """The record that is published."""
    item["ingested_at"] = now_ms
    item["words"] = item["body"].count(" ") + 1
    item["dedupe_key"] = item["guid"]
    item["route"] = item["category"]
    return orjson.dumps(item)
