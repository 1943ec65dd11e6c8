"""Finds where words of stories are left in the topics, and says when the last of them goes."""

import heapq
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise

import msgspec

from streams.decide.state import HOUR_MS
from streams.decide.state_entries import NEVER, decode_head
from streams.model.records import Decision, JsonObject, RecordRef, split_by_story
from streams.model.topics import DECISIONS, STATE

MIN_HEADLINE_WORDS = 4
"""A shorter headline may be that of many stories."""
MIN_SENTENCE_WORDS = 8
"""A shorter sentence may stand in many texts."""
MAX_PHRASES = 300
"""The most sentences of a version that are looked for; the longest are taken."""
_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"(?<=[.!?:])\s+|\n+")
_URI = re.compile(rb"urn:newswire:[\w.~%:-]+", re.ASCII)
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
    """The records of one topic that hold words of the stories."""

    topic: str
    records: int
    gone_by: int | None
    """When the last of them is gone at the latest, milliseconds; None while no newer record has its key."""


class _Held(msgspec.Struct):
    timestamp: int
    key: bytes | None
    forgotten: int | None = None
    """When the fold removes it from its state, as long as news comes in; None of other topics and where it does not."""
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
    """Learns the words and the records of some stories, then looks at each record of each topic.

    First come all decisions, then the log, then the other topics. A uri may hold words of a headline: it does not
    count.
    """

    def __init__(self, uris: Iterable[str]) -> None:
        self.uris = dict.fromkeys(uris)
        self.origins: set[RecordRef] = set()
        """The raw records of the stories, of their versions and of their copies."""
        self.log_offsets: set[int] = set()
        self._keys = {uri.encode(): uri for uri in self.uris}
        self._documents = {f"document {uri}".encode() for uri in self.uris}
        self._seen: set[str] = set()
        self._phrases = _Phrases()
        self._held: dict[str, list[_Held]] = {}
        self._by_key: dict[tuple[str, bytes], list[_Held]] = {}

    @property
    def unknown(self) -> list[str]:
        """The stories that no record is about."""
        return [uri for uri in self.uris if uri not in self._seen]

    def add_decision(self, decision: Decision) -> None:
        """Learns the records of the stories from a decision on one of them."""
        if about := self._find_stories(decision):
            self._seen |= about
            self.log_offsets.add(decision.log_offset)
            if decision.origin is not None:
                self.origins.add(decision.origin.item_ref.record)

    def add_document(self, event: JsonObject) -> None:
        """Learns the words of a story from a ninjs document."""
        rows = [(row.get("value", ""), MIN_HEADLINE_WORDS) for row in event.get("headlines", ())]
        for row in event.get("bodies", ()):
            if row.get("role") == "main":
                rows += [(sentence, MIN_SENTENCE_WORDS) for sentence in _SENTENCE.split(row.get("value", ""))]
        split = [(_WORD.findall(text.casefold()), least) for text, least in rows]
        phrases = dict.fromkeys(" ".join(words) for words, least in split if len(words) >= least)
        self._phrases.add(heapq.nlargest(MAX_PHRASES, phrases, key=len))

    def look(self, topic: str, key: bytes | None, value: bytes | None, timestamp: int, *, own: bool = False) -> None:
        """Looks at a record of a topic (without prefix), in the order of the topic.

        `own` says that it is an item of a story for another reason than its key and its words.
        """
        if key in self._keys:
            self._seen.add(self._keys[key])
        for held in self._by_key.pop((topic, key), ()) if key is not None else ():
            held.newer = timestamp
        if value is not None and (own or self._holds(topic, key, value)):
            held = _Held(timestamp, key, _read_expiry(value) if topic == STATE else None)
            self._held.setdefault(topic, []).append(held)
            if key is not None:
                self._by_key.setdefault((topic, key), []).append(held)

    def list_remains(self, times: Mapping[str, TopicTimes]) -> list[TopicRemains]:
        """Lists the topics that hold words, in the order in which they were read."""
        return [
            TopicRemains(topic=topic, records=len(held), gone_by=_find_last(held, times[topic]))
            for topic, held in self._held.items()
        ]

    def _find_stories(self, decision: Decision) -> set[str]:
        about = {decision.duplicate_of, *(each.uri for each in split_by_story(decision))}
        return about & self.uris.keys()

    def _holds(self, topic: str, key: bytes | None, value: bytes) -> bool:
        if topic == DECISIONS:
            return self._decision_holds(value)
        if topic == STATE and key in self._documents:
            return True
        if key in self._keys and _has_words(value):
            return True
        return self._phrases.stand_in(normalise(value))

    def _decision_holds(self, value: bytes) -> bool:
        """Tells whether a decision quotes words as evidence, of the story or of one that was compared with it."""
        if self._keys.keys().isdisjoint(_URI.findall(value)):
            return False
        try:
            decision = msgspec.json.decode(value, type=Decision)
        except msgspec.DecodeError:
            return False
        evidence = [decision.evidence, decision.evidence.get("closest") or {}]
        quotes = any(row.get("agree") or row.get("differ") for row in evidence)
        return bool(quotes or (self._find_stories(decision) and any(label.matched for label in decision.labels)))


def _read_expiry(value: bytes) -> int | None:
    """Reads when an entry of the state expires. The fold removes it an hour later at most, and a part at a time."""
    try:
        expires = decode_head(value).expires
    except ValueError:
        return None
    return None if expires >= NEVER else expires + HOUR_MS


class _Phrases:
    """Finds whether a text has one of many phrases.

    Each phrase is listed under two neighbouring words that few others have, so that of thousands of phrases only those
    few are compared. Its first and last word are not taken: in bytes that are no text they may touch other letters.
    """

    def __init__(self) -> None:
        self._all: dict[str, None] = {}
        self._by_pair: dict[tuple[str, str], list[str]] = {}

    def add(self, phrases: Iterable[str]) -> None:
        """Adds phrases of four words or more, with one space between words."""
        self._all.update(dict.fromkeys(phrases))
        self._by_pair = {}

    def stand_in(self, text: str) -> bool:
        """Tells whether one of the phrases stands in a normalised text."""
        if not self._by_pair:
            self._list_by_pair()
        words = text.split()
        return any(phrase in text for pair in pairwise(words) for phrase in self._by_pair.get(pair, ()))

    def _list_by_pair(self) -> None:
        pairs = {phrase: list(_pair_inner_words(phrase)) for phrase in self._all}
        counts = Counter(pair for each in pairs.values() for pair in each)
        for phrase, each in pairs.items():
            self._by_pair.setdefault(min(each, key=counts.__getitem__), []).append(phrase)


def _pair_inner_words(phrase: str) -> Iterable[tuple[str, str]]:
    words = phrase.split()[1:-1]
    return pairwise(words)


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
        newer = each.newer if each.newer is not None else each.forgotten
        if times.compacts and newer is not None:
            ends.append(newer + times.segment + times.lag)
        if not ends:
            return None
        last = max(last, min(ends))
    return last


def find_last_time(remains: Iterable[TopicRemains]) -> int | None:
    """Finds when the last word is gone; None where that is not known of one of the topics."""
    times = [each.gone_by for each in remains]
    return None if None in times else max((each for each in times if each is not None), default=None)
