"""Raw records through prepare in a child process, for the worker and for a replay alike."""

from collections.abc import Callable
from typing import Any

from streams.config import Settings
from streams.model import Position
from streams.prepare import child
from streams.prepare.stage import Knowledge
from streams.shell.pool import Pool


def prepare_pool(settings: Settings, knowledge: Knowledge, progressed: Callable[[], None] = lambda: None) -> Pool:
    """A child that prepares, within the time and memory of the settings."""
    return Pool(
        child.work,
        child.set_up,
        (knowledge,),
        item_seconds=settings.prepare.item_seconds,
        memory_mb=settings.prepare.memory_mb,
        size=lambda record: len(record.value or b""),
        progressed=progressed,
    )


def to_prepare(record: Any) -> child.Record:
    """aiokafka's record of `news.raw` as it crosses to the child."""
    position = Position(
        topic=record.topic, partition=record.partition, offset=record.offset, timestamp=record.timestamp
    )
    return child.Record(position, tuple(record.headers), record.value)
