"""Builds log records about invented companies, and feeds them to the fold as its worker does."""

import json
from typing import Any

import msgspec
import orjson

from streams.decide.fold import apply
from streams.decide.parameters import DecideParams
from streams.decide.state import Batch, State
from streams.decide.state_entries import Entry, encode_entry
from streams.decide.state_store import Store
from streams.model.records import Command, Decision, Effect, Item, Label, LogRecord, Origin, Refusal, Status
from streams.model.topics import CATEGORIES
from streams.prepare.text.fingerprint import extract_title_words, fingerprint_text

HOUR = 3_600_000
DAY = 24 * HOUR
RULES = DecideParams(window=72 * HOUR, memory=30 * DAY, log_topic="news.internal.items")
NOON = "2031-03-04T12:00:00Z"
LATER = "2031-03-04T12:30:00Z"
EMBARGO = "2031-03-04T14:00:00Z"
STORY = "urn:newswire:alphawire:A1"
"""The uri of `item()`."""
FILED = ["latest", "companies", "companies.new-contracts"]
"""Its topics."""
LONG = "Brookvale Mills said on Tuesday that it would build a second paper mill at Ostrava by the end of 2033."
OTHER = "Brookvale Mills said on Tuesday that it would build a third paper mill at Gdansk by the end of 2034."


def label(category: str, confidence: int = 90) -> Label:
    return Label(category, confidence, "rule:made-up@1", ("made", "up"))


def origin(offset: int = 0, *, partition: int = 0, index: int = 0, count: int = 1, time: int | None = None) -> Origin:
    stamp = 1_930_000_000_000 + offset if time is None else time
    return Origin(topic="news.raw", partition=partition, offset=offset, timestamp=stamp, index=index, count=count)


def item(
    id: str = "A1",
    *,
    source: str = "alphawire",
    version: str = "1",
    created: str = "2031-03-04T11:58:00Z",
    received: str = NOON,
    headline: str = "Brookvale Mills to build a second paper mill at Ostrava",
    text: str = LONG,
    symbols: tuple[str, ...] = (),
    categories: tuple[str, ...] = ("companies.new-contracts", "companies"),
    status: Status = Status.USABLE,
    embargo: str = "",
    traceparent: str = "",
    at: Origin | None = None,
    event: bytes | None = None,
    time_source: Any = "wire",
    quotes: tuple[str, ...] = (),
    replaces: tuple[str, ...] = (),
) -> Item:
    """A prepared item; its document holds what prepare puts there, as far as the fold touches it."""
    labels = tuple(label(category) for category in categories)
    digest, mark = fingerprint_text(headline, text)
    document: dict[str, Any] = {
        "type": "text",
        "language": "en",
        "versionCreated": created or received,
        "headlines": [{"role": role, "value": headline} for role in ("main", "ticker") if headline],
        "descriptions": [{"role": "summary", "value": "A second mill."}],
        "bodies": [{"role": "main", "value": text}] if text else [],
        "subjects": [
            *(
                {
                    "name": CATEGORIES[each.category],
                    "rel": "category",
                    "uri": f"urn:newswire:category:{each.category}",
                    "literal": each.category,
                    "creator": each.creator,
                    "confidence": each.confidence,
                }
                for each in labels
            ),
            {"rel": "provider", "literal": "N2:MILL"},
        ],
        "altIds": [{"role": "content-hash", "value": f"sha256:{digest}"}],
        "associations": [{"name": "picture-1", "type": "picture", "uri": "https://pictures.example/mill.jpg"}],
        **({"embargoedUntil": embargo} if embargo else {}),
    }
    return Item(
        origin=at or origin(),
        source=source,
        wire_format="plain-json",
        received=received,
        time_source=time_source,
        id=id,
        guid=f"{id}:{version}" if id else "",
        version=version,
        version_created=created,
        status=status,
        embargoed_until=embargo,
        text_hash=digest,
        has_body=bool(text),
        headline=headline,
        symbols=tuple(sorted(symbols)),
        labels=labels,
        fingerprint=mark,
        quotes=tuple(map(extract_title_words, quotes)),
        replaces=replaces,
        prepared_with={"rules": "1"},
        traceparent=traceparent,
        event=msgspec.Raw(orjson.dumps(document) if event is None else event),
    )


def kill(id: str = "A1", **fields: Any) -> Item:
    """A wire's withdrawal: no text."""
    return item(id, **{"version": "9", "text": "", "headline": "Kill", "status": Status.WITHDRAWN, **fields})


def refusal(**fields: Any) -> Refusal:
    given: dict[str, Any] = {
        "origin": origin(),
        "source": "alphawire",
        "wire_format": "nitf",
        "received": NOON,
        "content_type": "application/xml",
        "code": "malformed",
        "message": "no end of <body> — line 3",
        "stage": "parse",
        "attempts": 2,
        "body": b"<nitf><body>\xff",
    }
    return Refusal(**{**given, **fields})


def command(action: str, uri: str = "urn:newswire:alphawire:A1", **fields: Any) -> Command:
    return Command(**{"action": action, "uri": uri, "at": "2031-03-04T15:00:00Z", "by": "desk", **fields})


class Outcome:
    """What the fold said about one record."""

    def __init__(self, decision: Decision, effects: tuple[Effect, ...]) -> None:
        self.decision = decision
        self.all = effects
        self.effects = tuple(effect for effect in effects if effect.topic != "decisions")
        self.outcome = decision.outcome.value
        self.topics = [effect.topic for effect in self.effects]

    def effect(self, topic: str) -> Effect:
        [found] = [effect for effect in self.effects if effect.topic == topic]
        return found

    def headers(self, topic: str) -> dict[str, str]:
        pairs = self.effect(topic).headers
        assert len(dict(pairs)) == len(pairs), "a header twice"
        return {name: value.decode() for name, value in pairs}

    def event(self, topic: str = "latest") -> dict[str, Any]:
        value = self.effect(topic).value
        assert value is not None
        found = json.loads(value)
        assert isinstance(found, dict)
        return found


class Desk:
    """The fold with its state. `take` gives an item the next raw offset, so that none is a repeat."""

    def __init__(self, rules: DecideParams = RULES, *, removes: bool = True, store: Store | None = None) -> None:
        self.rules = rules
        self.removes = removes
        self.state = State(store)
        self.log_offset = 0
        self.raw_offset = 0
        self.changelog: list[dict[str, bytes | None]] = []

    def batch(self, records: list[LogRecord]) -> list[Outcome]:
        """One batch: a fold of its records upon one overlay, then the merge, as in the worker's transaction."""
        overlay = Batch(self.state)
        if self.removes:
            overlay.changes.update(self.state.remove_expired())
        found = []
        for record in records:
            found.append(Outcome(*apply(overlay, record, self.log_offset, self.rules)))
            self.log_offset += 1
        self.changelog.append(encoded(overlay.changes))
        self.state.merge(overlay.changes)
        return found

    def put(self, record: LogRecord) -> Outcome:
        """One record as it is."""
        return self.batch([record])[0]

    def take(self, record: Item | Refusal) -> Outcome:
        """One item at a raw position of its own."""
        self.raw_offset += 1
        return self.put(msgspec.structs.replace(record, origin=origin(self.raw_offset)))

    def taken(self, *records: Item | Refusal) -> list[str]:
        """Their fates."""
        return [self.take(record).outcome for record in records]


def encoded(changes: dict[str, Entry | None]) -> dict[str, bytes | None]:
    return {key: None if entry is None else encode_entry(entry) for key, entry in changes.items()}


def rebuilt(changelog: list[dict[str, bytes | None]]) -> State:
    """A state read from a compacted changelog: the last value of each key, in the order of those records."""
    last: dict[str, bytes | None] = {}
    for changes in changelog:
        for key, value in changes.items():
            last.pop(key, None)
            last[key] = value
    state = State()
    for number, (key, value) in enumerate(last.items()):
        state.apply_rows({key: value}, number + 1)
    return state
