"""The command `newswire status`: shows groups, lag, rates and the newest item of each source."""

import asyncio
import json
import time
from typing import TypedDict

import click
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from streams.cli.main import pass_settings
from streams.cli.options import json_option
from streams.config.settings import Settings
from streams.kafka import client
from streams.kafka.acls import DECIDE_GROUP, PREPARE_GROUP
from streams.kafka.admin import require_partitions
from streams.kafka.consumer import ConsumedRecord, open_live_consumer, read_newest
from streams.kafka.protocol import find_coordinator
from streams.model.headers import header_text
from streams.model.topics import DEAD_LETTERS, DUPLICATES, LATEST, LOG, RAW, ROLL_KEY, WITHHELD

READS = {PREPARE_GROUP: RAW, DECIDE_GROUP: LOG}
"""Consumer group -> the topic that it reads."""
SHOWN = (RAW, LATEST, DUPLICATES, WITHHELD, DEAD_LETTERS)
HOUR = 3600
RECENT = 200
"""How many of the newest records of each raw partition are read."""


class GroupStatus(TypedDict):
    """A consumer group: its state in Kafka's words, its members, and how many records it is behind."""

    state: str
    members: int
    lag: int


class TopicStatus(TypedDict):
    """A topic: records of the last minute and hour, and the age of its newest record; None without a record."""

    last_minute: int
    last_hour: int
    newest_seconds: float | None


class SystemStatus(TypedDict):
    """The JSON object of `newswire status --json`, by group, topic and source."""

    groups: dict[str, GroupStatus]
    topics: dict[str, TopicStatus]
    sources: dict[str, float]
    """Seconds since the newest item."""


@click.command()
@json_option("One JSON object on stdout.")
@pass_settings
def command(settings: Settings, as_json: bool) -> None:
    """Show groups, lag, rate and the newest item of each source.

    Rates count offsets: a topic that is written in transactions has a marker a transaction, counted too.
    """
    status = asyncio.run(_read_status(settings))
    click.echo(json.dumps(status) if as_json else format_status(status))


def format_status(status: SystemStatus) -> str:
    """Formats the status for a terminal."""
    lines = [
        f"{group:<22} {row['state'].lower()}, {_format_count(row['members'], 'member')}, "
        f"{_format_count(row['lag'], 'record')} behind"
        for group, row in status["groups"].items()
    ]
    lines += [
        f"{topic:<22} {counts['last_minute']} in the last minute, {counts['last_hour']} in the last hour, "
        f"newest {_format_age(counts['newest_seconds'])}"
        for topic, counts in status["topics"].items()
    ]
    lines += [f"source {source:<15} newest {_format_age(seconds)}" for source, seconds in status["sources"].items()]
    return "\n".join(lines)


def _format_count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _format_age(seconds: float | None) -> str:
    if seconds is None:
        return "never"
    whole = max(0, int(seconds))
    if whole < 120:
        return f"{whole} s ago"
    return f"{whole // 60} min ago" if whole < 2 * HOUR else f"{whole // HOUR} h ago"


async def _read_status(settings: Settings) -> SystemStatus:
    full = settings.topics.full
    async with client.open_admin(settings.kafka) as admin:
        partitions = {name: await require_partitions(admin, [full(name)]) for name in {*SHOWN, *READS.values()}}
        async with open_live_consumer(settings.kafka) as consumer:
            groups = {group: await _read_group(admin, consumer, group, partitions[READS[group]]) for group in READS}
            now = time.time()
            topics = {full(name): await _read_topic(consumer, partitions[name], now) for name in SHOWN}
            records = await read_newest(consumer, partitions[RAW], RECENT)
    return {"groups": groups, "topics": topics, "sources": _find_sources(records, now)}


async def _read_group(
    admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer, group: str, partitions: list[TopicPartition]
) -> GroupStatus:
    node = await find_coordinator(admin, group)
    (answer,) = await admin.describe_consumer_groups([group], node)
    row = answer.to_object()["groups"][0]
    committed = await admin.list_consumer_group_offsets(group, node, partitions=partitions)
    ends = await consumer.end_offsets(partitions)
    begins = await consumer.beginning_offsets(partitions)
    lag = 0
    for each in partitions:
        at = committed[each].offset if each in committed and committed[each].offset >= 0 else begins[each]
        lag += max(0, ends[each] - at)
    return {"state": row["state"], "members": len(row["members"]), "lag": lag}


async def _read_topic(consumer: AIOKafkaConsumer, partitions: list[TopicPartition], now: float) -> TopicStatus:
    ends = await consumer.end_offsets(partitions)
    counts = []
    for seconds in (60, HOUR):
        since = await consumer.offsets_for_times(dict.fromkeys(partitions, int((now - seconds) * 1000)))
        counts.append(sum(ends[each] - found.offset for each, found in since.items() if found is not None))
    records = await read_newest(consumer, partitions, 1, lambda row: row.key != ROLL_KEY)
    last = max((row.timestamp for row in records), default=None)
    return {
        "last_minute": counts[0],
        "last_hour": counts[1],
        "newest_seconds": None if last is None else round(now - last / 1000, 1),
    }


def _find_sources(records: list[ConsumedRecord], now: float) -> dict[str, float]:
    found: dict[str, float] = {}
    for record in records:
        source = "".join(each for each in header_text(record.headers, "source")[:60] if each.isprintable()) or "unknown"
        found[source] = round(now - record.timestamp / 1000, 1)
    return dict(sorted(found.items()))
