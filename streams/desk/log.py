"""Reads what the plans of the desk need from the topics, and appends its commands to the log."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from streams.config.settings import Settings
from streams.desk.plan import DeskPlan
from streams.desk.stories import StoryView, read_story
from streams.kafka import client
from streams.kafka.admin import require_partitions
from streams.kafka.consumer import read_to_end, record_value
from streams.kafka.producer import append_commands
from streams.model.records import Command, Decision
from streams.model.timestamps import format_rfc3339
from streams.model.topics import DECISIONS, LATEST, WITHHELD

ID_BYTES = 5
"""Random bytes of the id of a command: enough that two commands of a month have different ones."""


async def read_stories(settings: Settings, uris: Sequence[str]) -> list[StoryView]:
    """Reads the newest records of stories."""
    names = {settings.topics.full(name): name for name in (LATEST, WITHHELD)}
    async with client.open_admin(settings.kafka) as admin:
        partitions = await require_partitions(admin, list(names))
    rows: dict[str, list[tuple[str, bytes | None]]] = {uri: [] for uri in uris}
    async for record in read_to_end(settings.kafka, partitions):
        uri = (record.key or b"").decode(errors="replace")
        if uri in rows:
            rows[uri].append((names[record.topic], record.value))
    return [read_story(uri, found) for uri, found in rows.items()]


async def read_decisions(settings: Settings, mark: str) -> list[Decision]:
    """Reads the decisions whose record contains a text; only these are decoded."""
    async with client.open_admin(settings.kafka) as admin:
        partitions = await require_partitions(admin, [settings.topics.full(DECISIONS)])
    decode, wanted = msgspec.json.Decoder(Decision).decode, mark.encode()
    return [
        decode(value)
        async for record in read_to_end(settings.kafka, partitions)
        if wanted in (value := record_value(record))
    ]


async def append(settings: Settings, plans: Sequence[DeskPlan], by: str, why: str) -> list[Command]:
    """Appends the commands of the plans that act, and returns them."""
    at = format_rfc3339(datetime.now(UTC))
    commands = [plan.build_command(secrets.token_hex(ID_BYTES), at, by, why) for plan in plans if plan.acts]
    await append_commands(settings, commands)
    return commands
