"""Raw records whose log entries have expired; replay reads them directly.

Their recorded order is lost with the log. Replay takes them by received time, source, partition, offset. Commands of
the desk and the clock have no raw record: their decisions in `news.decisions` stand for them, by their time.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
from aiokafka import TopicPartition

from streams.config.settings import Settings
from streams.decide.parameters import parse_milliseconds
from streams.kafka import client
from streams.kafka.admin import require_partitions
from streams.kafka.consumer import (
    find_start_offsets,
    open_bulk_consumer,
    partition_of,
    position_of,
    read_range,
    read_to_end,
    record_value,
)
from streams.model.codec import decode_record
from streams.model.headers import headers_as_text
from streams.model.records import (
    DESK_CHANGES,
    Command,
    CommandAction,
    Decision,
    ItemRef,
    JsonObject,
    Origin,
    Outcome,
    RecordRef,
    split_by_story,
)
from streams.model.topics import DECISIONS, LOG, RAW
from streams.prepare.raw_records import resolve_received_time

REPEATED_ACTIONS = (CommandAction.KILL, CommandAction.RELEASE, CommandAction.EXPIRE, *DESK_CHANGES)
"""Commands that are obeyed again. Reclassifications are not: today's knowledge classifies."""


class MissingRecord(NamedTuple):
    """A raw record, or the decision on a command, without a log entry."""

    received: int
    """Milliseconds since 1970."""
    source: str
    partition: int
    offset: int
    topic: str
    timestamp: int
    """When the broker appended the raw record or the decision, in milliseconds since 1970."""
    decision: Decision | None = None
    """Of a command; None for a raw record."""

    @property
    def record_ref(self) -> RecordRef:
        """The raw record."""
        return RecordRef(self.topic, self.partition, self.offset)

    @property
    def item_origin(self) -> Origin | None:
        """The item of which a command `split` made a story; None for any other record."""
        if self.decision is None or self.decision.action != CommandAction.SPLIT:
            return None
        origin = self.decision.evidence.get("detail", {}).get("origin")
        return msgspec.convert(origin, Origin) if origin else None

    @property
    def command(self) -> Command | None:
        """The command that was obeyed, as far as its decision records it."""
        if (done := self.decision) is None:
            return None
        by, why = str(done.evidence.get("by", "")), str(done.evidence.get("why", ""))
        stories = () if done.uri else tuple(story.uri for story in split_by_story(done))
        detail = {"uris": stories} if stories else done.evidence.get("detail", {})
        id_ = str(done.evidence.get("command", ""))
        return Command(id=id_, action=done.action, uri=done.uri, at=done.received, by=by, why=why, detail=detail)


class MissingLog(NamedTuple):
    """All records without a log entry in their order, and the decisions on their items."""

    records: list[MissingRecord]
    decisions: dict[ItemRef, Decision]


async def find_missing_log(settings: Settings, since_ms: int, until_ms: int) -> MissingLog:
    """Finds the raw records of a span of time without a log entry; reads little where the log goes back as far.

    Else it reads the log up to the first entry of each raw partition that has records from before the log: of a
    partition that was far behind, these may be many; of one without any entry, all.
    """
    log = TopicPartition(settings.topics.full(LOG), 0)
    async with open_bulk_consumer(settings.kafka) as consumer:
        begin = (await consumer.beginning_offsets([log]))[log]
        end = (await consumer.end_offsets([log]))[log]
    async with client.open_admin(settings.kafka) as admin:
        raw = await require_partitions(admin, [settings.topics.full(RAW)])
        decisions = await require_partitions(admin, [settings.topics.full(DECISIONS)])
    first_logged: dict[TopicPartition, int] = {}
    wanted: set[TopicPartition] = set()
    oldest: int | None = None
    async for row in read_range(settings.kafka, log, begin, end):
        if oldest is None:
            if since_ms >= row.timestamp:
                return MissingLog([], {})
            oldest = min(until_ms, row.timestamp)
            wanted = await _find_partitions_with_records_before(settings, raw, oldest)
        record = decode_record(row.value, position_of(row))
        if not isinstance(record, Command) and record.origin.topic != log.topic:
            first_logged.setdefault(TopicPartition(record.origin.topic, record.origin.partition), record.origin.offset)
        if first_logged.keys() >= wanted:
            break
    oldest = until_ms if oldest is None else oldest
    missing = [each async for each in _read_raw(settings, raw, since_ms, oldest, first_logged)]
    if not missing:
        return MissingLog([], {})
    decided: dict[ItemRef, Decision] = {}
    decode = msgspec.json.Decoder(Decision).decode
    async for row in read_to_end(settings.kafka, decisions, since_ms=since_ms):
        decision = decode(record_value(row))
        origin = decision.origin
        if origin is not None and decision.outcome is not Outcome.REPEAT:
            decided[origin.item_ref] = decision
        elif decision.action in REPEATED_ACTIONS and decision.log_offset < begin and _was_obeyed(decision):
            at = parse_milliseconds(decision.received)
            # The last possible source: after what was received in the same millisecond.
            missing.append(MissingRecord(at, "\uffff", 0, decision.log_offset, "", row.timestamp, decision))
    missing = _without_undone_kills(missing)
    missing.sort(key=lambda each: each[:4])
    return MissingLog(missing, decided)


async def _find_partitions_with_records_before(
    settings: Settings, partitions: Sequence[TopicPartition], time_ms: int
) -> set[TopicPartition]:
    async with open_bulk_consumer(settings.kafka) as consumer:
        begins = await consumer.beginning_offsets(partitions)
        ends = await consumer.end_offsets(partitions)
        at_time = await find_start_offsets(consumer, partitions, ends, time_ms)
    return {each for each in partitions if begins[each] < at_time[each]}


def _without_undone_kills(missing: list[MissingRecord]) -> list[MissingRecord]:
    """Leaves kills out that were taken back, and all that carried a text, which went with the log."""
    undone = {detail["command"] for each in missing if (detail := _undone_kill(each.decision))}

    def stays(decision: Decision | None) -> bool:
        if decision is None:
            return True
        restores = CommandAction.RESTORE in (decision.action, decision.evidence.get("detail", {}).get("action"))
        return not (restores or _undone_kill(decision) or decision.evidence.get("command") in undone)

    return [each for each in missing if stays(each.decision)]


def _undone_kill(decision: Decision | None) -> JsonObject | None:
    """Returns the `detail` of a command that took a kill back; None for any other decision."""
    if decision is None or decision.action != CommandAction.UNDO:
        return None
    detail: JsonObject = decision.evidence.get("detail", {})
    return detail if detail.get("action") == CommandAction.KILL else None


def _was_obeyed(decision: Decision) -> bool:
    return decision.outcome is not Outcome.NONE or "detail" in decision.evidence


async def _read_raw(
    settings: Settings,
    partitions: Sequence[TopicPartition],
    since_ms: int,
    until_ms: int,
    first_logged: Mapping[TopicPartition, int],
) -> AsyncIterator[MissingRecord]:
    async for row in read_to_end(settings.kafka, partitions, since_ms=since_ms):
        if row.timestamp >= until_ms or row.offset >= first_logged.get(partition_of(row), row.offset + 1):
            continue
        headers = headers_as_text(row.headers)
        received = int(resolve_received_time(headers.get("received-at", ""), row.timestamp).timestamp() * 1000)
        yield MissingRecord(received, headers.get("source", ""), row.partition, row.offset, row.topic, row.timestamp)
