"""Shadow topics: what `replay --into PREFIX` writes, one transaction a chunk with the job's record."""

from typing import Any

import msgspec

from streams.config.settings import Settings, TopicSettings
from streams.kafka import client
from streams.kafka.admin import apply, declared, difference, look
from streams.kafka.producer import Record, in_transaction
from streams.model.errors import WorkFailed
from streams.model.topics import CATEGORIES, DEAD_LETTERS, DECISIONS, DUPLICATES, LATEST, REPLAYS, WITHHELD
from streams.replay.engine import Pass
from streams.replay.job import Job
from streams.replay.jobs_topic import record

OUTCOMES = (LATEST, *CATEGORIES, DUPLICATES, WITHHELD, DEAD_LETTERS, DECISIONS)


async def make_topics(settings: Settings, prefix: str, *, again: bool) -> None:
    """Makes them. Raises `WorkFailed` where some exist and this is no replay that goes on."""
    try:
        shadow = msgspec.convert({**msgspec.structs.asdict(settings.topics), "prefix": prefix}, TopicSettings)
    except msgspec.ValidationError as error:
        raise WorkFailed(f"--into {prefix!r} makes no topic names: {error}") from None
    topics = {shadow.full(name): declared(shadow)[shadow.full(name)] for name in OUTCOMES}
    async with client.admin(settings.kafka) as admin:
        there = await look(admin, topics)
        if there and not again:
            raise WorkFailed(
                f"--into {prefix}: {next(iter(there))} exists; give a prefix that has no topics, or delete them"
            )
        await apply(admin, topics, difference(topics, there), settings.topics.replication)


async def write(sender: Any, settings: Settings, job: Job, made: Pass) -> Job:
    """The chunk's outcomes and the job's new record, in one transaction; nothing where they are there already."""
    if made.done <= job.into_done:
        return job
    job = msgspec.structs.replace(job, into_done=made.done, done=made.done)
    rows: dict[str, list[Record]] = {settings.topics.full(REPLAYS): [record(job)]}
    for effect in made.effects:
        headers = (*effect.headers, ("replay-job", job.id.encode()))
        rows.setdefault(f"{job.into}.{effect.topic}", []).append((effect.key, effect.value, headers))
    await in_transaction(sender, rows, {}, "")
    return job
