"""Finds where words of a story are left in the topics, and says when the last of them goes."""

import re
from collections.abc import Iterable, Mapping

import msgspec

from streams.model.records import Decision, JsonObject, RecordRef, split_by_story
from streams.model.topics import DECISIONS, STATE

MIN_HEADLINE_WORDS = 4
"""A shorter headline may be that of many stories."""
MIN_SENTENCE_WORDS = 8
"""A shorter sentence may stand in many texts."""
MAX_PHRASES = 300
"""The most sentences of a story that are looked for; the longest are taken."""
_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"(?<=[.!?:])\s+|\n+")
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|[bfnrt\"/\\])")


class TopicTimes(msgspec.Struct, frozen=True):
    """How long Kafka keeps the records of a topic, in milliseconds."""

    compacts: bool
    retention: int
    """-1 is for ever."""
    segment: int
    lag: int = 0
    """How long compaction may wait after a newer record of the key."""


class TopicRemains(msgspec.Struct, kw_only=True):
    """The records of one topic that hold words of a story."""

    topic: str
    records: int
    gone_by: int | None
    """When the last of them is gone at the latest, milliseconds; None while no newer record has its key."""


class _Held(msgspec.Struct):
    timestamp: int
    key: bytes | None
    newer: int | None = None
    """The timestamp of the next record of its key."""


def read_topic_times(config: Mapping[str, str]) -> TopicTimes:
    """Reads from the settings of a topic how long it keeps what."""
    return TopicTimes(
        compacts="compact" in config["cleanup.policy"],
        retention=int(config["retention.ms"]) if "delete" in config["cleanup.policy"] else -1,
        segment=int(config["segment.ms"]),
        lag=int(config.get("max.compaction.lag.ms", 0)),
    )


class WordSearch:
    """Learns the words and the records of a story, then looks at each record of each topic.

    First come all decisions, then the log, then the other topics. A uri may hold words of a headline: it does not
    count.
    """

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.origins: set[RecordRef] = set()
        """The raw records of the story, of its versions and of its copies."""
        self.log_offsets: set[int] = set()
        self._phrases: dict[str, None] = {}
        self._held: dict[str, list[_Held]] = {}
        self._by_key: dict[tuple[str, bytes], list[_Held]] = {}

    @property
    def known(self) -> bool:
        """Whether any record is about the story."""
        return bool(self.log_offsets or self._held)

    def add_decision(self, decision: Decision) -> None:
        """Learns the records of the story from a decision on one of them."""
        if self._is_about(decision):
            self.log_offsets.add(decision.log_offset)
            if decision.origin is not None:
                self.origins.add(decision.origin.item_ref.record)

    def add_document(self, event: JsonObject) -> None:
        """Learns the words of the story from a ninjs document."""
        for row in event.get("headlines", ()):
            self._learn(row.get("value", ""), MIN_HEADLINE_WORDS)
        for row in event.get("bodies", ()):
            if row.get("role") == "main":
                for sentence in _SENTENCE.split(row.get("value", "")):
                    self._learn(sentence, MIN_SENTENCE_WORDS)

    def look(self, topic: str, key: bytes | None, value: bytes | None, timestamp: int, *, own: bool = False) -> None:
        """Looks at a record of a topic (without prefix), in the order of the topic.

        `own` says that it is an item of the story for another reason than its key and its words.
        """
        for held in self._by_key.pop((topic, key), ()) if key is not None else ():
            held.newer = timestamp
        if value is not None and (own or self._holds(topic, key, value)):
            held = _Held(timestamp, key)
            self._held.setdefault(topic, []).append(held)
            if key is not None:
                self._by_key.setdefault((topic, key), []).append(held)

    def list_remains(self, times: Mapping[str, TopicTimes]) -> list[TopicRemains]:
        """Lists the topics that hold words, in the order in which they were read."""
        return [
            TopicRemains(topic=topic, records=len(held), gone_by=_find_last(held, times[topic]))
            for topic, held in self._held.items()
        ]

    def _is_about(self, decision: Decision) -> bool:
        return decision.duplicate_of == self.uri or any(each.uri == self.uri for each in split_by_story(decision))

    def _learn(self, text: str, least: int) -> None:
        words = _WORD.findall(text.casefold())
        if len(words) >= least:
            self._phrases[" ".join(words)] = None
            if len(self._phrases) > MAX_PHRASES:
                del self._phrases[min(self._phrases, key=len)]

    def _holds(self, topic: str, key: bytes | None, value: bytes) -> bool:
        if topic == DECISIONS:
            return self._decision_holds(value)
        if topic == STATE and key == f"document {self.uri}".encode():
            return True
        if key == self.uri.encode() and _has_words(value):
            return True
        text = normalise(value)
        return any(phrase in text for phrase in self._phrases)

    def _decision_holds(self, value: bytes) -> bool:
        """Tells whether a decision quotes words as evidence, of the story or of one that was compared with it."""
        if self.uri.encode() not in value:
            return False
        try:
            decision = msgspec.json.decode(value, type=Decision)
        except msgspec.DecodeError:
            return False
        evidence = [decision.evidence, decision.evidence.get("closest") or {}]
        quotes = any(row.get("agree") or row.get("differ") for row in evidence)
        return bool(quotes or (self._is_about(decision) and any(label.matched for label in decision.labels)))


def _has_words(value: bytes) -> bool:
    try:
        event = msgspec.json.decode(value, type=dict)
    except (msgspec.DecodeError, ValueError):
        return False
    return any(event.get(name) for name in ("headlines", "bodies", "descriptions", "associations"))


def normalise(value: bytes) -> str:
    """Returns the words of a record in lower case with a space between them, escapes of JSON read."""
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else " ", value.decode("utf-8", "replace"))
    return " ".join(_WORD.findall(text.casefold()))


def _find_last(held: Iterable[_Held], times: TopicTimes) -> int | None:
    """Finds when the last of these records is gone at the latest: removed with its segment, or compacted."""
    last = 0
    for each in held:
        ends = []
        if times.retention >= 0:
            ends.append(each.timestamp + times.segment + times.retention)
        if times.compacts and each.newer is not None:
            ends.append(each.newer + times.segment + times.lag)
        if not ends:
            return None
        last = max(last, min(ends))
    return last


def find_last_time(remains: Iterable[TopicRemains]) -> int | None:
    """Finds when the last word is gone; None where that is not known of one of the topics."""
    times = [each.gone_by for each in remains]
    return None if None in times else max((each for each in times if each is not None), default=None)
