"""The fold's settings, and time as it counts it."""

from datetime import datetime

import msgspec

from streams.config.settings import Settings
from streams.decide.similarity import Thresholds
from streams.model.topics import LOG


class Rulebook(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of the fold, changed only by a restart. Windows in milliseconds of received time."""

    window: int
    """How long a text is remembered."""
    memory: int
    """How long a story, its ids and its topics are remembered."""
    log_topic: str
    clock_items: int = 1
    """So many records in a row must be further ahead than the window before the clock follows them."""
    translation: int = 0
    """How far from its original a translation is received at most."""
    near: Thresholds = Thresholds(550, 800)
    """How alike near-copies are."""

    @classmethod
    def of(cls, settings: Settings) -> "Rulebook":
        """The fold's settings."""
        return cls(
            window=settings.decide.window_hours * 3_600_000,
            memory=settings.decide.memory_days * 86_400_000,
            translation=settings.decide.translation_hours * 3_600_000,
            near=Thresholds(
                round(settings.decide.near_similarity * 1000), round(settings.decide.near_contained * 1000)
            ),
            log_topic=settings.topics.full(LOG),
            clock_items=settings.decide.clock_items,
        )


def milliseconds(time: str) -> int:
    """RFC 3339 to milliseconds since 1970."""
    return round(datetime.fromisoformat(time).timestamp() * 1000)
