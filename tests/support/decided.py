"""Follows what is decided, until all is: the one book of it for flows, chaos runs and replays."""

from collections.abc import Callable

import msgspec
from confluent_kafka import TopicPartition
from support import witness
from support.wait import until

from streams.config.settings import Settings
from streams.model.records import Decision, Fate
from streams.model.topics import DECISIONS, LOG


class Decided:
    """Which raw records have all their fates, and which records of the log are decided, as `news.decisions` says."""

    def __init__(self, settings: Settings) -> None:
        self._consumer = witness.tail(settings, DECISIONS)
        self._log = TopicPartition(settings.topics.full(LOG), 0)
        self._decode: Callable[[bytes], Decision] = msgspec.json.Decoder(Decision).decode
        self._missing: dict[tuple[int, int], set[int]] = {}
        self._offsets: set[int] = set()
        self.times: list[int] = []
        """When each record of the log was decided first, ms."""

    def read(self, seconds: float = 0.2) -> bool:
        """Takes in what comes within some seconds; whether anything came."""
        messages = [message for message in self._consumer.consume(1000, seconds) if not message.error()]
        for message in messages:
            decision = self._decode(message.value() or b"")
            if decision.log_offset not in self._offsets:
                self._offsets.add(decision.log_offset)
                self.times.append(message.timestamp()[1])
            if (origin := decision.origin) is not None and decision.fate is not Fate.REPEAT:
                place = origin.partition, origin.offset
                self._missing.setdefault(place, set(range(origin.count))).discard(origin.index)
        return bool(messages)

    def whole(self, raw_records: int) -> bool:
        """Whether so many raw records are decided, all of their items, and nothing more is in the log."""
        if len(self._missing) < raw_records or any(self._missing.values()):
            return False
        return len(self._offsets) == self._consumer.get_watermark_offsets(self._log, timeout=20)[1]

    def state(self, raw_records: int) -> str:
        """How far it is, in words."""
        in_part = sum(1 for left in self._missing.values() if left)
        return f"{len(self._missing)} of {raw_records} raw records decided, {in_part} in part, log {len(self._offsets)}"

    def wait(self, raw_records: int, seconds: float = 240) -> None:
        """Until the whole of it is decided; fails after these seconds."""

        def done() -> bool:
            return not self.read() and self.whole(raw_records)

        until(done, lambda: self.state(raw_records), seconds=seconds, every=0)

    def close(self) -> None:
        self._consumer.close()
