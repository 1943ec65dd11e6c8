"""Defines the settings of the fold and the unit of its time."""

from datetime import datetime
from functools import lru_cache
from typing import Self

import msgspec

from streams.config.settings import Settings
from streams.decide.similarity import Thresholds
from streams.model.topics import LOG


class DecideParams(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The settings of the fold; only a restart changes them. Windows are in milliseconds of received time."""

    window: int
    """How long the fold remembers a text."""
    memory: int
    """How long it remembers a story, its ids and its topics."""
    log_topic: str
    clock_items: int = 1
    """So many records in a row must be further ahead than the window before the clock follows them."""
    translation: int = 0
    """The longest time between an original and its translation."""
    near: Thresholds = Thresholds(550, 800)
    """How similar near-duplicates are."""

    @property
    def renewed_after(self) -> int:
        """How old the fingerprint of a story may be before a copy renews it; about an hour, so that few are stored."""
        return self.window // 64

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Reads the parameters from the settings."""
        decide = settings.decide
        return cls(
            window=decide.window_hours * 3_600_000,
            memory=decide.memory_days * 86_400_000,
            translation=decide.translation_hours * 3_600_000,
            near=Thresholds(round(decide.near_similarity * 1000), round(decide.near_contained * 1000)),
            log_topic=settings.topics.full(LOG),
            clock_items=decide.clock_items,
        )


@lru_cache(64)  # called for one item several times
def parse_milliseconds(time: str) -> int:
    """Converts RFC 3339 text to milliseconds since 1970."""
    return round(datetime.fromisoformat(time).timestamp() * 1000)
