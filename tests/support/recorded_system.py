"""The records that a system of twenty days has on Kafka, made without Kafka: generated items, and what editors did."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from streams.config.loader import load
from streams.decide.fold import apply
from streams.decide.parameters import DecideParams
from streams.decide.state import State
from streams.generate import stream
from streams.generate.calendar import to_milliseconds
from streams.model import codec
from streams.model.records import Command, Decision, LogRecord, RecordRef, StampedRef
from streams.prepare.batch import Prepared, RawMessage, prepare_message
from streams.prepare.loading import load_knowledge
from streams.prepare.stage import Knowledge

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY_MS = 86_400_000
PARTITIONS = 3


class KafkaRecord(NamedTuple):
    """A record as a consumer returns it."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class RecordedSystem:
    """Records by topic without prefix. Each time is that of the raw record, so that they spread over the days."""

    def __init__(self) -> None:
        settings = load(environ={})
        self.knowledge, self._params = load_knowledge(settings), DecideParams.from_settings(settings)
        self._state = State()
        self._time = 0
        self.topics: dict[str, list[KafkaRecord]] = {}
        self._ends: dict[tuple[str, int], int] = {}
        self.decisions: list[Decision] = []
        self.uri = self.joined = ""

    def prepare(self, message: RawMessage) -> Prepared:
        """Prepares a raw record."""
        return prepare_message(message, self.knowledge)

    def send(self, items: int, *, seed: int, days: int) -> None:
        """Sends generated items over some days."""
        rate = items / (days * 86_400)
        for item in stream(seed, items, START, rate=rate):
            self._time = max(self._time + 1, to_milliseconds(datetime.fromisoformat(item.headers["received-at"])))
            headers = tuple((name, value.encode()) for name, value in item.headers.items())
            self.send_raw(item.body, headers, item.truth.number % PARTITIONS)

    def send_raw(self, body: bytes, headers: tuple[tuple[str, bytes], ...], partition: int = 0) -> list[Decision]:
        """Sends one raw record."""
        raw = self._append("raw", partition, dict(headers).get("source"), body, headers)
        position = StampedRef(RecordRef(raw.topic, raw.partition, raw.offset), raw.timestamp)
        prepared = prepare_message(RawMessage(position, headers, body), self.knowledge)
        return [self._log(key, codec.decode(value)) for key, value in prepared.records]

    def command(self, action: str, uri: str = "", **fields: Any) -> Decision:
        """Gives a command, some seconds after the last record."""
        self._time += 5_000
        given = {"action": action, "uri": uri, "by": "ada", "at": "2026-03-02T12:00:00Z", **fields}
        return self._log(b"command", Command(**given))

    def _log(self, key: bytes, record: LogRecord) -> Decision:
        entry = self._append("internal.items", 0, key, codec.encode(record))
        step = self._state.batch()
        decision, effects = apply(step, record, entry.offset, self._params)
        self._state.merge(step.changes)
        for effect in effects:
            self._append(effect.topic, 0, effect.key, effect.value, effect.headers)
        self.decisions.append(decision)
        return decision

    def _append(
        self,
        topic: str,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: tuple[tuple[str, bytes], ...] = (),
    ) -> KafkaRecord:
        rows = self.topics.setdefault(topic, [])
        offset = self._ends.get((topic, partition), 0)
        self._ends[topic, partition] = offset + 1
        record = KafkaRecord(f"news.{topic}", partition, offset, self._time, key, value, headers)
        rows.append(record)
        return record

    def find_newest(self, topic: str) -> dict[bytes | None, bytes | None]:
        """Returns the newest value of each key of a topic, without tombstones."""
        newest = {each.key: each.value for each in self.topics.get(topic, ())}
        return {key: value for key, value in newest.items() if value is not None}


def split_by_partition(records: Sequence[KafkaRecord]) -> dict[str, list[KafkaRecord]]:
    found: dict[str, list[KafkaRecord]] = {}
    for each in records:
        found.setdefault(f"{each.topic}/{each.partition}", []).append(each)
    return found


class PoolInProcess:
    """Prepares as the child processes of a replay do, in this process."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    async def run(self, messages: Sequence[RawMessage], _refuse: object) -> list[Prepared]:
        return [prepare_message(each, self._knowledge) for each in messages]

    def stop(self) -> None:
        """Has nothing to stop."""


def encode_decision(decision: Decision) -> bytes:
    return msgspec.json.Encoder(order="deterministic").encode(decision)
