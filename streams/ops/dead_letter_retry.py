"""Sends the raw records of dead letters to the pipeline again, and waits for the decisions on them."""

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
from streams.model.command_details import DeadLetterRetry
from streams.model.records import Command, CommandAction, Decision, Outcome, RecordRef
from streams.model.timestamps import format_rfc3339
from streams.model.topics import DECISIONS, RAW
from streams.ops.dead_letters import DeadLetter

WAIT_SECONDS = 60.0
"""How long to wait for the decisions."""


class RetryOverrides(NamedTuple):
    """Replaces parts of a record that is retried; an empty field replaces nothing."""

    body: bytes | None
    source: str
    content_type: str


async def retry_dead_letters(
    settings: Settings, found: Sequence[DeadLetter], overrides: RetryOverrides, who: str
) -> list[tuple[DeadLetter, list[str]]]:
    """Retries dead letters; returns each with the outcomes of its items, empty if none came within a minute."""
    topic = settings.topics.full(RAW)
    originals = await fetch_originals(settings, (letter.record_ref for letter in found))
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
            original = originals.get(letter.record_ref)
            headers = _build_headers(letter, original, overrides)
            # A dead letter of decide has the prepared document as its body, not the bytes that were received.
            body = overrides.body if overrides.body is not None else original.body if original else letter.body
            key = dict(headers).get("source", b"")
            metadata = await sender.send_and_wait(topic, key=key, value=body, headers=headers)
            sent[letter.record_ref] = RecordRef(topic, metadata.partition, metadata.offset)
        at = format_rfc3339(datetime.now(UTC))
        await append_commands(
            settings,
            [_build_command(letter, sent[letter.record_ref], at, who) for letter in found],
        )
        outcomes = await _wait_outcomes(consumer, set(sent.values()))
    return [(letter, outcomes.get(sent[letter.record_ref], [])) for letter in found]


def _build_command(letter: DeadLetter, retried: RecordRef, at: str, who: str) -> Command:
    detail = DeadLetterRetry(retried_as=str(retried))
    return Command(
        action=CommandAction.RETRIED,
        uri=letter.id,
        at=at,
        by=who,
        why=f"retried as {retried}",
        detail=msgspec.to_builtins(detail),
    )


def _build_headers(letter: DeadLetter, original: Original | None, overrides: RetryOverrides) -> list[tuple[str, bytes]]:
    own = {"source": letter.source.encode(), "content-type": letter.content_type.encode()}
    named = dict(original.headers) if original else own
    named["received-at"] = letter.received.encode()
    named["attempts"] = str(letter.attempts + 1).encode()
    if overrides.body is not None:
        named.pop("too-large", None)
    if overrides.source:
        named["source"] = overrides.source.encode()
    if overrides.content_type:
        named["content-type"] = overrides.content_type.encode()
    return [(name, value) for name, value in named.items() if value]


async def _wait_outcomes(consumer: AIOKafkaConsumer, waiting: set[RecordRef]) -> dict[RecordRef, list[str]]:
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
            ref = origin.record_ref
            left[ref] = left.get(ref, origin.count) - 1
            about = decision.uri or f"{decision.error_code}: {decision.error_message}"
            found.setdefault(ref, []).append(f"{decision.outcome.value} {about}")
        await asyncio.sleep(0)
    return found
