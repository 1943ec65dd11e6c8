"""The system that a replayed one must equal: the new rules from the first record of the same log on."""

import multiprocessing
from pathlib import Path

from support import flow, replay_comparison, topic_reader
from support.decision_tracker import DecisionTracker
from support.live_traffic import build_producer
from support.produce import produce

from streams.config.settings import Settings
from streams.model import codec
from streams.model.records import Command, Position
from streams.model.topics import LOG, RAW
from streams.prepare import batch
from streams.prepare.loading import load_knowledge

PER_BATCH = 50
SETTLE_SECONDS = 600.0


def build_fresh_system(settings: Settings, folder: Path) -> Settings:
    """A second system: the same raw records in the same order, prepared with the new rules, decided by a worker.

    Its log is that of the first, each record prepared anew, without the replay's commands; what people and the clock
    did stays in its place, so that an embargo ends behind the same item.
    """
    fresh = replay_comparison.with_prefix(settings, f"{settings.topics.prefix}-fresh")
    made = flow.newswire(fresh, "topics", "apply")
    assert made.returncode == 0, made.stderr
    raw = {
        (message.partition() or 0, message.offset() or 0): batch.Record(
            Position(
                topic=settings.topics.full(RAW),
                partition=message.partition() or 0,
                offset=message.offset() or 0,
                timestamp=message.timestamp()[1],
            ),
            tuple((name, bytes(value) if value is not None else None) for name, value in message.headers() or ()),
            message.value(),
        )
        for message in topic_reader.read_messages(settings, RAW)
    }
    batches = [list(raw)[first : first + PER_BATCH] for first in range(0, len(raw), PER_BATCH)]
    anew: dict[tuple[int, int], tuple[tuple[bytes, bytes], ...]] = {}
    with multiprocessing.get_context("spawn").Pool(2, batch.set_up, (load_knowledge(settings),)) as pool:
        for places, made in zip(
            batches, pool.imap(batch.work, ([raw[place] for place in batch] for batch in batches)), strict=True
        ):
            anew.update(zip(places, (each.records for each in made), strict=True))
    sender = build_producer(fresh)
    for message in topic_reader.read_messages(settings, LOG):
        record = codec.decode(message.value() or b"")
        key, value = message.key(), message.value()
        if not isinstance(record, Command):
            key, value = anew[record.origin.partition, record.origin.offset][record.origin.index]
        elif record.action == "reclassify":
            continue
        produce(sender, fresh.topics.full(LOG), value, key)
    assert sender.flush(60) == 0
    (folder / "fresh").mkdir()
    decided = DecisionTracker(fresh)
    with flow.run_worker(fresh, folder / "fresh", "--http", "18266", "--stage", "decide"):
        decided.wait(len(raw), SETTLE_SECONDS)
    decided.close()
    return fresh
