"""Reads what the plans of the desk need from the topics, and appends its commands to the log."""

import secrets
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

import msgspec
from aiokafka import TopicPartition

from streams.config.settings import Settings
from streams.decide.commands import EMBARGO_TIMER
from streams.desk.plan import DeskPlan, find_command, find_split, plan_parting, plan_split, plan_undo
from streams.desk.refold import Rows, find_text
from streams.desk.stories import StoryView, read_story
from streams.kafka.admin import fetch_partitions
from streams.kafka.consumer import open_bulk_consumer, position_of, read_offsets, read_to_end, record_value
from streams.kafka.producer import append_commands
from streams.model.codec import decode_record
from streams.model.command_details import StoryText
from streams.model.records import (
    DEAD_LETTER_ACTIONS,
    DESK_CHANGES,
    Command,
    CommandAction,
    Decision,
    LogRecord,
    Outcome,
    split_by_story,
)
from streams.model.timestamps import format_rfc3339
from streams.model.topics import DECISIONS, LATEST, LOG, WITHHELD

DESK_ACTIONS = (CommandAction.KILL, CommandAction.RELEASE, *DESK_CHANGES)
ID_BYTES = 5
"""Random bytes of the id of a command: enough that two commands of a month have different ones."""
NEAR = 500
"""Records of the log between two wanted ones that are read over; beyond that, the reader jumps."""


async def read_stories(settings: Settings, uris: Sequence[str]) -> list[StoryView]:
    """Reads the newest records of stories."""
    names = {settings.topics.full(name): name for name in (LATEST, WITHHELD)}
    partitions = await fetch_partitions(settings.kafka, list(names))
    rows: dict[str, list[tuple[str, bytes | None]]] = {uri: [] for uri in uris}
    async for record in read_to_end(settings.kafka, partitions):
        uri = (record.key or b"").decode(errors="replace")
        if uri in rows:
            rows[uri].append((names[record.topic], record.value))
    return [read_story(uri, found) for uri, found in rows.items()]


async def read_decisions(settings: Settings, marks: Collection[str]) -> list[Decision]:
    """Reads the decisions whose record, or its key, contains one of some texts; only these are decoded."""
    partitions = await fetch_partitions(settings.kafka, [settings.topics.full(DECISIONS)])
    decode, wanted = msgspec.json.Decoder(Decision).decode, [mark.encode() for mark in marks]
    found = []
    async for record in read_to_end(settings.kafka, partitions):
        value = record_value(record)
        if any(mark in value or mark == record.key for mark in wanted):
            found.append(decode(value))
    return found


async def read_actions(settings: Settings) -> list[Decision]:
    """Reads the decisions on all commands of persons."""
    found = await read_decisions(settings, [f'"action":"{action}"' for action in (*DESK_ACTIONS, *DEAD_LETTER_ACTIONS)])
    return [each for each in found if each.action and each.evidence.get("by") != EMBARGO_TIMER]


async def read_log(settings: Settings, offsets: Collection[int]) -> dict[int, LogRecord]:
    """Reads records of the log, as far as it still has them."""
    partition = TopicPartition(settings.topics.full(LOG), 0)
    found: dict[int, LogRecord] = {}
    async with open_bulk_consumer(settings.kafka) as consumer:
        consumer.assign([partition])
        begin = (await consumer.beginning_offsets([partition]))[partition]
        there = sorted(offset for offset in offsets if offset >= begin)
        for first, last in _group(there):
            async for row in read_offsets(consumer, {partition: first}, {partition: last + 1}):
                if row.offset in offsets:
                    found[row.offset] = decode_record(row.value, position_of(row))
    return found


def _group(offsets: Sequence[int]) -> list[tuple[int, int]]:
    groups: list[tuple[int, int]] = []
    for offset in offsets:
        if groups and offset - groups[-1][1] <= NEAR:
            groups[-1] = (groups[-1][0], offset)
        else:
            groups.append((offset, offset))
    return groups


async def make_split_plans(settings: Settings, wanted: str) -> list[DeskPlan]:
    """Plans a split: finds the item in the log, and what its story showed without it. Raises ValueError."""
    story, _, version = wanted.rpartition("/")
    decisions = await read_decisions(settings, [wanted, story] if version.isdigit() else [wanted])
    found = find_split(wanted, decisions)
    if found.outcome is Outcome.REVISED and not found.action:
        return plan_parting(wanted, found, (await _read_rows(settings, [found.uri]))[found.uri])
    records = await read_log(settings, [found.log_offset] if found.outcome is Outcome.DUPLICATE else [])
    return [plan_split(wanted, decisions, records.get(found.log_offset))]


async def make_undo_plans(settings: Settings, wanted: Sequence[str]) -> list[DeskPlan]:
    """Plans to take commands back; of a kill or a restoration, it finds the texts in the log. Raises ValueError."""
    return [await _make_undo_plan(settings, each) for each in wanted]


async def _make_undo_plan(settings: Settings, wanted: str) -> DeskPlan:
    decisions = await read_decisions(settings, [wanted])
    done = find_command(wanted, decisions)
    texts = await _read_texts(settings, done) if done.action == CommandAction.KILL else []
    rows = await _read_rows(settings, [done.uri]) if done.action == CommandAction.RESTORE else {}
    return plan_undo(wanted, decisions, texts, rows.get(done.uri, ()))


async def _read_texts(settings: Settings, kill: Decision) -> list[StoryText]:
    found = await _read_rows(settings, [story.uri for story in split_by_story(kill)])
    texts = [
        find_text(uri, rows[-1][0].version, rows)
        for uri, rows in found.items()
        if rows and rows[-1][0].outcome is Outcome.WITHDRAWN
    ]
    return [text for text in texts if text is not None]


async def _read_rows(settings: Settings, uris: Sequence[str]) -> dict[str, Rows]:
    """Reads the decisions that made versions of stories, with their records of the log."""
    rows: dict[str, list[Decision]] = {uri: [] for uri in uris}
    for decision in await read_decisions(settings, uris):
        for story in split_by_story(decision):
            if story.uri in rows and story.version and decision.outcome is not Outcome.DUPLICATE:
                rows[story.uri].append(story)
    records = await read_log(settings, {each.log_offset for found in rows.values() for each in found})
    return {uri: [(each, records.get(each.log_offset)) for each in found] for uri, found in rows.items()}


async def append(settings: Settings, plans: Sequence[DeskPlan], by: str, why: str) -> list[Command]:
    """Appends the commands of the plans that act, and returns them."""
    at = format_rfc3339(datetime.now(UTC))
    commands = [plan.build_command(secrets.token_hex(ID_BYTES), at, by, why) for plan in plans if plan.acts]
    await append_commands(settings, commands)
    return commands
