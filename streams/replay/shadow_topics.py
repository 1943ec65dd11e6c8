"""Creates and writes the shadow topics of `replay --into PREFIX`: one transaction a chunk, with the job's record."""

import msgspec
from aiokafka import AIOKafkaProducer

from streams.config.settings import Settings, TopicSettings
from streams.kafka import client
from streams.kafka.admin import apply_plan, find_existing_topics, list_declared_topics, plan_changes
from streams.kafka.producer import OutgoingRecord, send_in_transaction
from streams.model.errors import WorkFailed
from streams.model.topics import DECISIONS, OUTCOMES, REPLAYS
from streams.replay.engine import ReplayProgress
from streams.replay.job import Job
from streams.replay.jobs_topic import encode_job

SHADOW_TOPICS = (*OUTCOMES, DECISIONS)


async def create_shadow_topics(settings: Settings, prefix: str, *, again: bool) -> None:
    """Creates the topics. Raises `WorkFailed` where some exist, unless the replay is resumed (`again`)."""
    try:
        shadow = msgspec.convert({**msgspec.structs.asdict(settings.topics), "prefix": prefix}, TopicSettings)
    except msgspec.ValidationError as error:
        raise WorkFailed(f"--into {prefix!r} makes no topic names: {error}") from None
    declared = list_declared_topics(shadow)
    topics = {name: declared[name] for name in map(shadow.full, SHADOW_TOPICS)}
    async with client.open_admin(settings.kafka) as admin:
        existing = await find_existing_topics(admin, topics)
        if existing and not again:
            raise WorkFailed(
                f"--into {prefix}: {next(iter(existing))} exists; give a prefix that has no topics, or delete them"
            )
        await apply_plan(admin, topics, plan_changes(topics, existing), settings.topics.replication)


async def write_chunk(sender: AIOKafkaProducer, settings: Settings, job: Job, progress: ReplayProgress) -> Job:
    """Writes a chunk's outcomes and the job's new record in one transaction; skips a chunk that is written already."""
    if progress.done <= job.into_done:
        return job
    job = msgspec.structs.replace(job, into_done=progress.done, done=progress.done)
    rows: dict[str, list[OutgoingRecord]] = {settings.topics.full(REPLAYS): [encode_job(job)]}
    for effect in progress.effects:
        headers = (*effect.headers, ("replay-job", job.id.encode()))
        rows.setdefault(f"{job.into}.{effect.topic}", []).append((effect.key, effect.value, headers))
    await send_in_transaction(sender, rows, {}, "")
    return job
