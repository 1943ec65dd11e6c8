"""Sends dead letters through the pipeline again and waits for what becomes of them."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.config import Settings
from streams.feeders.send import producer
from streams.letters import RETRIED, Letter
from streams.model import Command, Decision, Fate
from streams.shell.appending import append
from streams.shell.client import client_options, started
from streams.timestamps import rfc3339
from streams.topics import DECISIONS, RAW

WAIT_SECONDS = 60.0
RAW_READ_MS = 3000
Place = tuple[int, int]
"""Partition and offset in `news.raw`."""


class Change(NamedTuple):
    """What the retried record has instead of its own; empty where nothing."""

    body: bytes | None
    source: str
    content_type: str


async def retry(
    settings: Settings, found: Sequence[Letter], change: Change, who: str
) -> list[tuple[Letter, list[str]]]:
    """Each letter with the fates of its record's items, empty where none came within a minute."""
    topic = settings.topics.full(RAW)
    decisions = TopicPartition(settings.topics.full(DECISIONS), 0)
    reader = AIOKafkaConsumer(
        **client_options(settings.kafka), enable_auto_commit=False, isolation_level="read_committed"
    )
    async with started(reader, settings.kafka), started(producer(settings.kafka), settings.kafka) as sender:
        originals = {raw: await _original(reader, *raw) for raw in dict.fromkeys(letter.raw for letter in found)}
        reader.assign([decisions])
        await reader.seek_to_end(decisions)
        await reader.position(decisions)
        sent: dict[tuple[str, int, int], Place] = {}
        for letter in found:
            if letter.raw in sent:
                continue
            headers = _headers(letter, originals[letter.raw], change)
            body = letter.body if change.body is None else change.body
            key = dict(headers).get("source", b"")
            metadata = await sender.send_and_wait(topic, key=key, value=body, headers=headers)
            sent[letter.raw] = metadata.partition, metadata.offset
        at = rfc3339(datetime.now(UTC))
        await append(
            settings,
            [
                Command(
                    action=RETRIED,
                    uri=letter.id,
                    at=at,
                    by=who,
                    why=f"retried as {topic}/{sent[letter.raw][0]}/{sent[letter.raw][1]}",
                    detail={"as": f"{topic}/{sent[letter.raw][0]}/{sent[letter.raw][1]}"},
                )
                for letter in found
            ],
        )
        fates = await _fates(reader, decisions, set(sent.values()))
    return [(letter, fates.get(sent[letter.raw], [])) for letter in found]


async def _original(reader: AIOKafkaConsumer, topic: str, partition: int, offset: int) -> list[tuple[str, bytes]]:
    """The headers of the raw record; none where the topic no longer has it."""
    place = TopicPartition(topic, partition)
    reader.assign([place])
    first = (await reader.beginning_offsets([place]))[place]
    if offset < first:
        return []
    reader.seek(place, offset)
    fetched = await reader.getmany(place, timeout_ms=RAW_READ_MS, max_records=1)
    return [
        (name, value or b"") for row in fetched.get(place, ()) if row.offset == offset for name, value in row.headers
    ]


def _headers(letter: Letter, original: list[tuple[str, bytes]], change: Change) -> list[tuple[str, bytes]]:
    named = dict(original) or {"source": letter.source.encode(), "content-type": letter.content_type.encode()}
    named["received-at"] = letter.received.encode()
    named["attempts"] = str(letter.attempts + 1).encode()
    if change.body is not None:
        named.pop("too-large", None)
    if change.source:
        named["source"] = change.source.encode()
    if change.content_type:
        named["content-type"] = change.content_type.encode()
    return [(name, value) for name, value in named.items() if value]


async def _fates(reader: Any, partition: TopicPartition, waiting: set[Place]) -> dict[Place, list[str]]:
    decode = msgspec.json.Decoder(Decision).decode
    found: dict[Place, list[str]] = {}
    left: dict[Place, int] = {}
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline and (len(found) < len(waiting) or any(left.values())):
        for row in (await reader.getmany(partition, timeout_ms=500)).get(partition, ()):
            decision = decode(row.value)
            origin = decision.origin
            if origin is None or decision.fate is Fate.REPEAT or (origin.partition, origin.offset) not in waiting:
                continue
            place = origin.partition, origin.offset
            left[place] = left.get(place, origin.count) - 1
            about = decision.uri or f"{decision.error_code}: {decision.error_message}"
            found.setdefault(place, []).append(f"{decision.fate.value} {about}")
        await asyncio.sleep(0)
    return found
