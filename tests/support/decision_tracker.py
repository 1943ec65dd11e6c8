"""Follows `news.decisions` and reports when every raw record is decided; used by integration, chaos and bench runs."""

from collections.abc import Callable

import msgspec
from confluent_kafka import TopicPartition
from support import topic_reader
from support.wait import wait_until

from streams.config.settings import Settings
from streams.model.records import Decision, Outcome
from streams.model.topics import DECISIONS, LOG


class DecisionTracker:
    """Counts the decided raw records and log records, from the records of `news.decisions`."""

    def __init__(self, settings: Settings) -> None:
        self._consumer = topic_reader.build_tail_consumer(settings, DECISIONS)
        self._log = TopicPartition(settings.topics.full(LOG), 0)
        self._decode: Callable[[bytes], Decision] = msgspec.json.Decoder(Decision).decode
        self._missing: dict[tuple[int, int], set[int]] = {}
        self._offsets: set[int] = set()
        self.times: list[int] = []
        """For each log record, the timestamp of its first decision, milliseconds since 1970."""

    def poll(self, seconds: float = 0.2) -> bool:
        """Reads the decisions that arrive within some seconds. Returns whether there were any."""
        messages = [message for message in self._consumer.consume(1000, seconds) if not message.error()]
        for message in messages:
            decision = self._decode(message.value() or b"")
            if decision.log_offset not in self._offsets:
                self._offsets.add(decision.log_offset)
                self.times.append(message.timestamp()[1])
            if (origin := decision.origin) is not None and decision.outcome is not Outcome.REPEAT:
                place = origin.partition, origin.offset
                self._missing.setdefault(place, set(range(origin.count))).discard(origin.index)
        return bool(messages)

    def is_complete(self, raw_records: int) -> bool:
        """Whether this many raw records are decided with all their items, and every log record is decided."""
        if len(self._missing) < raw_records or any(self._missing.values()):
            return False
        return len(self._offsets) == self._consumer.get_watermark_offsets(self._log, timeout=20)[1]

    def describe(self, raw_records: int) -> str:
        """Describes the progress in one line, for an error message."""
        in_part = sum(1 for left in self._missing.values() if left)
        return f"{len(self._missing)} of {raw_records} raw records decided, {in_part} in part, log {len(self._offsets)}"

    def wait(self, raw_records: int, seconds: float = 240) -> None:
        """Waits until everything is decided. Raises AssertionError after these seconds."""

        def done() -> bool:
            return not self.poll() and self.is_complete(raw_records)

        wait_until(done, lambda: self.describe(raw_records), seconds=seconds, every=0)

    def close(self) -> None:
        self._consumer.close()
