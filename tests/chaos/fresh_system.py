"""Builds the second system that a replayed system must equal: it had the new rules from the first record of the log."""

import multiprocessing
from pathlib import Path

from confluent_kafka import Message
from support import flow, replay_comparison, topic_reader
from support.decision_tracker import DecisionTracker
from support.live_traffic import build_producer
from support.produce import produce

from streams.config.settings import Settings
from streams.model import codec
from streams.model.records import Command, RecordRef, StampedRef
from streams.model.topics import LOG, RAW
from streams.prepare import batch
from streams.prepare.loading import load_knowledge

BATCH_RECORDS = 50
DECIDE_SECONDS = 600.0
RawOffset = tuple[int, int]
"""Partition and offset of a raw record."""


def build_fresh_system(settings: Settings, folder: Path) -> Settings:
    """Prepares the raw records of a system with its current rules, and lets a worker decide them in the same order.

    The new log has the records of the first system's log, each prepared again, without the replay's commands. The
    other commands keep their place, so an embargo ends after the same item. Returns the settings of the new system.
    """
    fresh = replay_comparison.with_prefix(settings, f"{settings.topics.prefix}-fresh")
    applied = flow.newswire(fresh, "topics", "apply")
    assert applied.returncode == 0, applied.stderr
    raw = {
        _offset(message): _to_raw_message(settings, message) for message in topic_reader.read_messages(settings, RAW)
    }
    _write_log(settings, fresh, _prepare_all(settings, raw))
    (folder / "fresh").mkdir()
    tracker = DecisionTracker(fresh)
    with flow.run_worker(fresh, folder / "fresh", "--http", "18266", "--stage", "decide"):
        tracker.wait(len(raw), DECIDE_SECONDS)
    tracker.close()
    return fresh


def _offset(message: Message) -> RawOffset:
    return message.partition() or 0, message.offset() or 0


def _to_raw_message(settings: Settings, message: Message) -> batch.RawMessage:
    headers = tuple((name, bytes(value) if value is not None else None) for name, value in message.headers() or ())
    ref = StampedRef(RecordRef(settings.topics.full(RAW), *_offset(message)), message.timestamp()[1])
    return batch.RawMessage(ref, headers, message.value())


def _prepare_all(
    settings: Settings, raw: dict[RawOffset, batch.RawMessage]
) -> dict[RawOffset, tuple[tuple[bytes, bytes], ...]]:
    """Prepares raw records in two processes. Returns keys and values of the log records of each."""
    offsets = [list(raw)[first : first + BATCH_RECORDS] for first in range(0, len(raw), BATCH_RECORDS)]
    batches = ([raw[offset] for offset in each] for each in offsets)
    prepared: dict[RawOffset, tuple[tuple[bytes, bytes], ...]] = {}
    with multiprocessing.get_context("spawn").Pool(2, batch.initialise_child, (load_knowledge(settings),)) as pool:
        for each, results in zip(offsets, pool.imap(batch.prepare_batch, batches), strict=True):
            prepared.update(zip(each, (result.records for result in results), strict=True))
    return prepared


def _write_log(settings: Settings, fresh: Settings, prepared: dict[RawOffset, tuple[tuple[bytes, bytes], ...]]) -> None:
    """Copies the log of the first system to the fresh one, with each item replaced by the newly prepared one."""
    producer = build_producer(fresh)
    for message in topic_reader.read_messages(settings, LOG):
        record = codec.decode(message.value() or b"")
        key, value = message.key(), message.value()
        if not isinstance(record, Command):
            key, value = prepared[record.origin.partition, record.origin.offset][record.origin.index]
        elif record.action == "reclassify":
            continue
        produce(producer, fresh.topics.full(LOG), value, key)
    assert producer.flush(60) == 0
