"""Sends dead letters through the pipeline again and waits for what becomes of them."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from aiokafka import TopicPartition

from streams.config.settings import Settings
from streams.kafka.client import started
from streams.kafka.consumer import POLL_MS, Original, go_to_end, originals, reader
from streams.kafka.producer import append, raw_producer
from streams.model.records import Command, Decision, Fate, RawPosition
from streams.model.timestamps import rfc3339
from streams.model.topics import DECISIONS, RAW
from streams.ops.dead_letters import RETRIED, Letter

WAIT_SECONDS = 60.0


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
    raws = await originals(settings, (letter.raw for letter in found))
    decisions = TopicPartition(settings.topics.full(DECISIONS), 0)
    async with (
        started(reader(settings.kafka), settings.kafka) as consumer,
        started(raw_producer(settings.kafka), settings.kafka) as sender,
    ):
        await go_to_end(consumer, decisions)
        sent: dict[RawPosition, RawPosition] = {}
        for letter in found:
            if letter.raw in sent:
                continue
            original = raws.get(letter.raw)
            headers = _headers(letter, original, change)
            # A letter of the fold carries the prepared document, not what came.
            body = change.body if change.body is not None else original.body if original else letter.body
            key = dict(headers).get("source", b"")
            metadata = await sender.send_and_wait(topic, key=key, value=body, headers=headers)
            sent[letter.raw] = topic, metadata.partition, metadata.offset
        at = rfc3339(datetime.now(UTC))
        again = {raw: "/".join(map(str, position)) for raw, position in sent.items()}
        await append(
            settings,
            [
                Command(
                    action=RETRIED,
                    uri=letter.id,
                    at=at,
                    by=who,
                    why=f"retried as {again[letter.raw]}",
                    detail={"as": again[letter.raw]},
                )
                for letter in found
            ],
        )
        fates = await _fates(consumer, decisions, set(sent.values()))
    return [(letter, fates.get(sent[letter.raw], [])) for letter in found]


def _headers(letter: Letter, original: Original | None, change: Change) -> list[tuple[str, bytes]]:
    own = {"source": letter.source.encode(), "content-type": letter.content_type.encode()}
    named = dict(original.headers) if original else own
    named["received-at"] = letter.received.encode()
    named["attempts"] = str(letter.attempts + 1).encode()
    if change.body is not None:
        named.pop("too-large", None)
    if change.source:
        named["source"] = change.source.encode()
    if change.content_type:
        named["content-type"] = change.content_type.encode()
    return [(name, value) for name, value in named.items() if value]


async def _fates(consumer: Any, partition: TopicPartition, waiting: set[RawPosition]) -> dict[RawPosition, list[str]]:
    decode = msgspec.json.Decoder(Decision).decode
    found: dict[RawPosition, list[str]] = {}
    left: dict[RawPosition, int] = {}
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline and (len(found) < len(waiting) or any(left.values())):
        for row in (await consumer.getmany(partition, timeout_ms=POLL_MS)).get(partition, ()):
            decision = decode(row.value)
            origin = decision.origin
            if origin is None or decision.fate is Fate.REPEAT or origin.raw not in waiting:
                continue
            place = origin.raw
            left[place] = left.get(place, origin.count) - 1
            about = decision.uri or f"{decision.error_code}: {decision.error_message}"
            found.setdefault(place, []).append(f"{decision.fate.value} {about}")
        await asyncio.sleep(0)
    return found
