"""Appends the commands of `replay --apply`, and waits for what the live fold makes of them."""

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import msgspec
from aiokafka import TopicPartition

from streams.config.settings import Settings
from streams.kafka.client import started
from streams.kafka.consumer import POLL_MS, go_to_end, reader
from streams.kafka.producer import append
from streams.model.records import Command, CommandAction, Decision
from streams.model.timestamps import rfc3339
from streams.model.topics import DECISIONS
from streams.replay.diff import Refiled
from streams.replay.job import Job

BATCH = 100
PATIENCE_SECONDS = 60.0


async def refile(
    settings: Settings, job: Job, found: Sequence[Refiled], after: Callable[[int], Awaitable[None]]
) -> dict[tuple[str, str], Decision]:
    """The decision on each command by uri and version; those missing did not come within a minute of silence."""
    partition = TopicPartition(settings.topics.full(DECISIONS), 0)
    async with started(reader(settings.kafka), settings.kafka) as consumer:
        await go_to_end(consumer, partition)
        for first in range(0, len(found), BATCH):
            batch = found[first : first + BATCH]
            await append(settings, [_command(job, each) for each in batch])
            await after(first + len(batch))
        decode = msgspec.json.Decoder(Decision).decode
        left = {(each.change.uri, each.change.version) for each in found}
        decided: dict[tuple[str, str], Decision] = {}
        heard = time.monotonic()
        while left and time.monotonic() - heard < PATIENCE_SECONDS:
            for row in (await consumer.getmany(partition, timeout_ms=POLL_MS)).get(partition, ()):
                decision = decode(row.value)
                place = decision.uri, str(decision.evidence.get("version_meant"))
                if (
                    decision.action != CommandAction.RECLASSIFY
                    or decision.evidence.get("job") != job.id
                    or place not in left
                ):
                    continue
                left.discard(place)
                heard = time.monotonic()
                decided[place] = decision
    return decided


def _command(job: Job, refiled: Refiled) -> Command:
    return Command(
        action=CommandAction.RECLASSIFY,
        uri=refiled.change.uri,
        at=rfc3339(datetime.now(UTC)),
        by=job.by,
        why=f"replay {job.id}",
        detail={
            "job": job.id,
            "version": refiled.change.version,
            "item": refiled.item.decode(),
            "waits": refiled.waits,
            "labels": msgspec.to_builtins(refiled.labels),
            "symbols": list(refiled.symbols),
        },
    )
