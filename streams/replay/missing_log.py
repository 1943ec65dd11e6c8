"""Raw records that the log has no longer, in the order in which a replay takes them instead.

By received time, source, partition, offset: nobody's recorded order, for a log that was cut short or lost. What the
desk and the clock did stands in `news.decisions` and goes in by its time.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
from aiokafka import TopicPartition

from streams.config.settings import Settings
from streams.decide.parameters import parse_milliseconds
from streams.kafka import client
from streams.kafka.admin import require_partitions
from streams.kafka.consumer import open_bulk_consumer, read_range, read_to_end, record_value
from streams.model.codec import decode as decode_log
from streams.model.headers import headers_as_text
from streams.model.records import Command, CommandAction, Decision, ItemRef, Outcome, RecordRef
from streams.model.topics import DECISIONS, LOG, RAW
from streams.prepare.raw_records import resolve_received_time

AGAIN = (CommandAction.KILL, CommandAction.RELEASE)
"""Commands that are obeyed again. What a replay filed is filed by today's knowledge."""
MOST_READ = 20_000
"""Records of the log that are read at most to find where each raw partition goes on in it."""


class Lost(NamedTuple):
    """A raw record, or what was decided on a command, of which the log has no record."""

    received: int
    """ms."""
    source: str
    partition: int
    offset: int
    topic: str
    timestamp: int
    """When the raw record or the decision was appended, ms."""
    decision: Decision | None = None

    @property
    def record_ref(self) -> RecordRef:
        """The raw record."""
        return RecordRef(self.topic, self.partition, self.offset)

    @property
    def command(self) -> Command | None:
        """The command that was obeyed, as far as its decision tells."""
        if (done := self.decision) is None:
            return None
        by, why = str(done.evidence.get("by", "")), str(done.evidence.get("why", ""))
        return Command(action=done.action, uri=done.uri, at=done.received, by=by, why=why)


class Unlogged(NamedTuple):
    """All of them, and what was decided on them by raw position and index."""

    lost: list[Lost]
    decided: dict[ItemRef, Decision]


async def unlogged(settings: Settings, since_ms: int, until_ms: int) -> Unlogged:
    """Of the raw records that were appended in this time. Reads nothing more where the log goes back as far."""
    log = TopicPartition(settings.topics.full(LOG), 0)
    async with open_bulk_consumer(settings.kafka) as consumer:
        begin = (await consumer.beginning_offsets([log]))[log]
        end = (await consumer.end_offsets([log]))[log]
    async with client.open_admin(settings.kafka) as admin:
        raw = await require_partitions(admin, [settings.topics.full(RAW)])
        decisions = await require_partitions(admin, [settings.topics.full(DECISIONS)])
    goes_on: dict[TopicPartition, int] = {}
    oldest: int | None = None
    async for row in read_range(settings.kafka, log, begin, min(end, begin + MOST_READ)):
        if oldest is None and since_ms >= row.timestamp:
            return Unlogged([], {})
        oldest = min(until_ms, row.timestamp) if oldest is None else oldest
        record = decode_log(row.value)
        if not isinstance(record, Command):
            goes_on.setdefault(TopicPartition(record.origin.topic, record.origin.partition), record.origin.offset)
        if goes_on.keys() >= {*raw}:
            break
    oldest = until_ms if oldest is None else oldest
    lost = [each async for each in _raw(settings, raw, since_ms, oldest, goes_on)]
    if not lost:
        return Unlogged([], {})
    decided: dict[ItemRef, Decision] = {}
    decode = msgspec.json.Decoder(Decision).decode
    async for row in read_to_end(settings.kafka, decisions, since_ms=since_ms):
        decision = decode(row.value)
        origin = decision.origin
        if origin is not None and decision.outcome is not Outcome.REPEAT:
            decided[origin.item_ref] = decision
        elif decision.action in AGAIN and decision.log_offset < begin and decision.outcome is not Outcome.NONE:
            at = parse_milliseconds(decision.received)  # behind what was received in the same millisecond
            lost.append(Lost(at, "\uffff", 0, decision.log_offset, "", row.timestamp, decision))
    lost.sort(key=lambda each: each[:4])
    return Unlogged(lost, decided)


async def _raw(
    settings: Settings,
    partitions: Sequence[TopicPartition],
    since_ms: int,
    until_ms: int,
    goes_on: Mapping[TopicPartition, int],
) -> AsyncIterator[Lost]:
    async for row in read_to_end(settings.kafka, partitions, since_ms=since_ms):
        place = TopicPartition(row.topic, row.partition)
        if row.timestamp >= until_ms or row.offset >= goes_on.get(place, row.offset + 1):
            continue
        named = headers_as_text(row.headers)
        received = int(resolve_received_time(named.get("received-at", ""), row.timestamp).timestamp() * 1000)
        yield Lost(received, named.get("source", ""), row.partition, row.offset, row.topic, row.timestamp)
