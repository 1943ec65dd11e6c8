"""Sends dead letters through the pipeline again and waits for what becomes of them."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.config.settings import Settings
from streams.kafka.consumer import Original, fetch_originals, follow, open_bulk_consumer, record_value, seek_to_end
from streams.kafka.producer import append_commands, open_raw_producer
from streams.model.records import Command, Decision, Outcome, RecordRef
from streams.model.timestamps import format_rfc3339
from streams.model.topics import DECISIONS, RAW
from streams.ops.dead_letters import RETRIED, DeadLetter

WAIT_SECONDS = 60.0


class RetryOverrides(NamedTuple):
    """What the retried record has instead of its own; empty where nothing."""

    body: bytes | None
    source: str
    content_type: str


async def retry_dead_letters(
    settings: Settings, found: Sequence[DeadLetter], change: RetryOverrides, who: str
) -> list[tuple[DeadLetter, list[str]]]:
    """Each letter with the fates of its record's items, empty where none came within a minute."""
    topic = settings.topics.full(RAW)
    raws = await fetch_originals(settings, (letter.record_ref for letter in found))
    decisions = TopicPartition(settings.topics.full(DECISIONS), 0)
    async with (
        open_bulk_consumer(settings.kafka) as consumer,
        open_raw_producer(settings.kafka) as sender,
    ):
        await seek_to_end(consumer, decisions)
        sent: dict[RecordRef, RecordRef] = {}
        for letter in found:
            if letter.record_ref in sent:
                continue
            original = raws.get(letter.record_ref)
            headers = _headers(letter, original, change)
            # A letter of the fold carries the prepared document, not what came.
            body = change.body if change.body is not None else original.body if original else letter.body
            key = dict(headers).get("source", b"")
            metadata = await sender.send_and_wait(topic, key=key, value=body, headers=headers)
            sent[letter.record_ref] = topic, metadata.partition, metadata.offset
        at = format_rfc3339(datetime.now(UTC))
        again = {raw: "/".join(map(str, position)) for raw, position in sent.items()}
        await append_commands(
            settings,
            [
                Command(
                    action=RETRIED,
                    uri=letter.id,
                    at=at,
                    by=who,
                    why=f"retried as {again[letter.record_ref]}",
                    detail={"as": again[letter.record_ref]},
                )
                for letter in found
            ],
        )
        fates = await _fates(consumer, set(sent.values()))
    return [(letter, fates.get(sent[letter.record_ref], [])) for letter in found]


def _headers(letter: DeadLetter, original: Original | None, change: RetryOverrides) -> list[tuple[str, bytes]]:
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


async def _fates(consumer: AIOKafkaConsumer, waiting: set[RecordRef]) -> dict[RecordRef, list[str]]:
    decode = msgspec.json.Decoder(Decision).decode
    found: dict[RecordRef, list[str]] = {}
    left: dict[RecordRef, int] = {}
    deadline = time.monotonic() + WAIT_SECONDS
    incoming = follow(consumer)
    while time.monotonic() < deadline and (len(found) < len(waiting) or any(left.values())):
        for record in await anext(incoming):
            decision = decode(record_value(record))
            origin = decision.origin
            if origin is None or decision.outcome is Outcome.REPEAT or origin.record_ref not in waiting:
                continue
            place = origin.record_ref
            left[place] = left.get(place, origin.count) - 1
            about = decision.uri or f"{decision.error_code}: {decision.error_message}"
            found.setdefault(place, []).append(f"{decision.outcome.value} {about}")
        await asyncio.sleep(0)
    return found
