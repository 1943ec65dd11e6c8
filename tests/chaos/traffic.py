"""What goes through a system while its past is brought in line: a backlog, and its decisions."""

from collections.abc import Iterable

import msgspec
from confluent_kafka import TopicPartition
from support import flow, witness
from support.until import until

from streams.config import Settings
from streams.generate import Generated
from streams.model import Decision, Fate
from streams.topics import DECISIONS, LOG

SETTLE_SECONDS = 600.0


def send(settings: Settings, items: Iterable[Generated]) -> None:
    """A backlog, as fast as the broker takes it."""
    flow.send(settings, ((item.body, item.headers) for item in items))


class Decided:
    """Follows `news.decisions`: which raw records have all their fates, and when each decision was written."""

    def __init__(self, settings: Settings) -> None:
        self._consumer = witness.tail(settings, DECISIONS)
        self._log = TopicPartition(settings.topics.full(LOG), 0)
        self._decode = msgspec.json.Decoder(Decision).decode
        self._missing: dict[tuple[int, int], set[int]] = {}
        self.times: list[int] = []
        """ms, one a decision."""

    def wait(self, raw_records: int, seconds: float) -> None:
        """Until so many raw records are decided, all of their items, and there is nothing more in the log."""
        until(
            lambda: self._all(raw_records),
            lambda: f"{len(self._missing)} of {raw_records} raw records decided",
            seconds=seconds,
            every=0,
        )

    def _all(self, raw_records: int) -> bool:
        messages = self._consumer.consume(1000, 0.2)
        for message in messages:
            if message.error():
                continue
            self.times.append(message.timestamp()[1])
            decision = self._decode(message.value() or b"")
            if (origin := decision.origin) is not None and decision.fate is not Fate.REPEAT:
                place = origin.partition, origin.offset
                self._missing.setdefault(place, set(range(origin.count))).discard(origin.index)
        if any(not message.error() for message in messages) or len(self._missing) < raw_records:
            return False
        if any(self._missing.values()):
            return False
        return len(self.times) == self._consumer.get_watermark_offsets(self._log, timeout=20)[1]

    def close(self) -> None:
        self._consumer.close()
