"""Sends the commands of `replay --apply` to the log and waits for the decisions of the live fold."""

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import msgspec
from aiokafka import TopicPartition

from streams.config.settings import Settings
from streams.kafka.consumer import follow, open_bulk_consumer, record_value, seek_to_end
from streams.kafka.producer import append_commands
from streams.model.command_details import Reclassification
from streams.model.records import Command, CommandAction, Decision
from streams.model.timestamps import format_rfc3339
from streams.model.topics import DECISIONS
from streams.replay.diff import Reclassified
from streams.replay.job import Job

BATCH = 100
"""Commands sent at a time."""
PATIENCE_SECONDS = 60.0
"""How long no decision may come before those that are left are given up."""


async def apply_reclassifications(
    settings: Settings, job: Job, found: Sequence[Reclassified], after: Callable[[int], Awaitable[None]]
) -> dict[tuple[str, str], Decision]:
    """Has the live fold reclassify stories; returns the decision on each command by uri and version.

    `after` is called with the number of commands sent. Decisions are missing that did not come within a minute of
    silence.
    """
    partition = TopicPartition(settings.topics.full(DECISIONS), 0)
    async with open_bulk_consumer(settings.kafka) as consumer:
        await seek_to_end(consumer, partition)
        for first in range(0, len(found), BATCH):
            batch = found[first : first + BATCH]
            await append_commands(settings, [_build_command(job, each) for each in batch])
            await after(first + len(batch))
        decode = msgspec.json.Decoder(Decision).decode
        waiting = {(each.difference.uri, each.difference.version) for each in found}
        decided: dict[tuple[str, str], Decision] = {}
        incoming = follow(consumer)
        last = time.monotonic()
        while waiting and time.monotonic() - last < PATIENCE_SECONDS:
            for record in await anext(incoming):
                decision = decode(record_value(record))
                version = decision.uri, str(decision.evidence.get("version_meant"))
                if (
                    decision.action != CommandAction.RECLASSIFY
                    or decision.evidence.get("job") != job.id
                    or version not in waiting
                ):
                    continue
                waiting.discard(version)
                last = time.monotonic()
                decided[version] = decision
    return decided


def _build_command(job: Job, reclassified: Reclassified) -> Command:
    detail = Reclassification(
        job=job.id,
        version=reclassified.difference.version,
        item=reclassified.item.decode(),
        waits=reclassified.waits,
        labels=reclassified.labels,
        symbols=reclassified.symbols,
    )
    return Command(
        action=CommandAction.RECLASSIFY,
        uri=reclassified.difference.uri,
        at=format_rfc3339(datetime.now(UTC)),
        by=job.by,
        why=f"replay {job.id}",
        detail=msgspec.to_builtins(detail),
    )
