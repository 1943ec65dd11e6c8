"""Builds log records about invented companies, and feeds them to the fold as its worker does."""

import json
from typing import Any

import msgspec
import orjson

from streams.decide.fold import apply
from streams.decide.parameters import DecideParams
from streams.decide.state import Batch, State
from streams.decide.state_entries import encode_changes
from streams.decide.state_store import Store
from streams.model.records import (
    Command,
    Decision,
    Effect,
    Item,
    JsonObject,
    Label,
    LogRecord,
    Origin,
    Refusal,
    Rights,
    Status,
)
from streams.model.topics import CATEGORIES, DECISIONS
from streams.prepare.text.fingerprint import extract_title_words, fingerprint_text

HOUR = 3_600_000
DAY = 24 * HOUR
PARAMS = DecideParams(window=72 * HOUR, memory=30 * DAY, log_topic="news.internal.items")
NOON = "2031-03-04T12:00:00Z"
LATER = "2031-03-04T12:30:00Z"
EMBARGO = "2031-03-04T14:00:00Z"
STORY = "urn:newswire:alphawire:A1"
"""The uri of the story that `build_item()` opens."""
STORY_TOPICS = ["latest", "companies", "companies.new-contracts"]
"""The topics of that story."""
TEXT = "Brookvale Mills said on Tuesday that it would build a second paper mill at Ostrava by the end of 2033."
OTHER_TEXT = "Brookvale Mills said on Tuesday that it would build a third paper mill at Gdansk by the end of 2034."


def build_label(category: str, confidence: int = 90) -> Label:
    return Label(category, confidence, "rule:made-up@1", ("made", "up"))


def build_origin(
    offset: int = 0, *, partition: int = 0, index: int = 0, count: int = 1, time: int | None = None
) -> Origin:
    stamp = 1_930_000_000_000 + offset if time is None else time
    return Origin(topic="news.raw", partition=partition, offset=offset, timestamp=stamp, index=index, count=count)


def build_item(
    id: str = "A1",
    *,
    source: str = "alphawire",
    version: str = "1",
    created: str = "2031-03-04T11:58:00Z",
    received: str = NOON,
    headline: str = "Brookvale Mills to build a second paper mill at Ostrava",
    text: str = TEXT,
    symbols: tuple[str, ...] = (),
    categories: tuple[str, ...] = ("companies.new-contracts", "companies"),
    status: Status = Status.USABLE,
    embargo: str = "",
    traceparent: str = "",
    rights: Rights = "restricted",
    guid: str = "",
    first_created: str = "",
    note: str = "",
    at: Origin | None = None,
    event: bytes | None = None,
    time_source: Any = "wire",
    quotes: tuple[str, ...] = (),
    replaces: tuple[str, ...] = (),
    rights_end: str = "",
    language: str = "",
) -> Item:
    """Builds a prepared item. Its document has the fields of prepare that the fold reads or changes."""
    labels = tuple(build_label(category) for category in categories)
    digest, fingerprint = fingerprint_text(headline, text, language=language)
    document: JsonObject = {
        "type": "text",
        "language": language or "en",
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
        "infoSources": [{"name": "Alpha Wire", "role": "distributor"}, {"name": "Brookvale Mills", "role": "issuer"}],
        "altIds": [
            *({"role": "provider-guid", "value": each} for each in (guid or f"{id}:{version}",) if id or guid),
            {"role": "content-hash", "value": f"sha256:{digest}"},
        ],
        "associations": [{"name": "picture-1", "type": "picture", "uri": "https://pictures.example/mill.jpg"}],
        **({"embargoedUntil": embargo} if embargo else {}),
        **({"edNote": note} if note else {}),
        **({"firstCreated": first_created} if first_created else {}),
    }
    return Item(
        origin=at or build_origin(),
        source=source,
        wire_format="plain-json",
        received=received,
        time_source=time_source,
        id=id,
        guid=f"{id}:{version}" if id else "",
        version=version,
        version_created=created,
        first_created=first_created,
        status=status,
        embargoed_until=embargo,
        text_hash=digest,
        has_body=bool(text),
        headline=headline,
        symbols=tuple(sorted(symbols)),
        labels=labels,
        fingerprint=fingerprint,
        quotes=tuple(map(extract_title_words, quotes)),
        replaces=replaces,
        prepared_with={"rules": "1"},
        rights=rights,
        rights_end=rights_end,
        traceparent=traceparent,
        event=msgspec.Raw(orjson.dumps(document) if event is None else event),
    )


def build_kill(id: str = "A1", **fields: Any) -> Item:
    """Builds the withdrawal of a wire, which has no text."""
    return build_item(id, **{"version": "9", "text": "", "headline": "Kill", "status": Status.WITHDRAWN, **fields})


def build_refusal(**fields: Any) -> Refusal:
    given: dict[str, Any] = {
        "origin": build_origin(),
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


def build_command(action: str, uri: str = "urn:newswire:alphawire:A1", **fields: Any) -> Command:
    return Command(**{"action": action, "uri": uri, "at": "2031-03-04T15:00:00Z", "by": "desk", **fields})


class FoldedRecord:
    """The result of folding one record: its decision and the records to send."""

    def __init__(self, decision: Decision, effects: tuple[Effect, ...]) -> None:
        self.decision = decision
        self.all = effects
        """With the record of `news.decisions`."""
        self.effects = tuple(effect for effect in effects if effect.topic != DECISIONS)
        self.outcome = decision.outcome.value
        self.topics = [effect.topic for effect in self.effects]
        self.shown = [effect.topic for effect in self.effects if effect.value is not None]
        """The topics that get a record with a value."""
        self.left = [effect.topic for effect in self.effects if effect.value is None and effect.topic in CATEGORIES]
        """The category topics that get a tombstone."""

    def effect(self, topic: str) -> Effect:
        [found] = [effect for effect in self.effects if effect.topic == topic]
        return found

    def headers(self, topic: str) -> dict[str, str]:
        pairs = self.effect(topic).headers
        assert len(dict(pairs)) == len(pairs), "a header twice"
        return {name: value.decode() for name, value in pairs}

    def event(self, topic: str = "latest") -> JsonObject:
        value = self.effect(topic).value
        assert value is not None
        found = json.loads(value)
        assert isinstance(found, dict)
        return found


class FoldRunner:
    """Runs the fold with a state of its own, as the worker does."""

    def __init__(self, params: DecideParams = PARAMS, *, removes: bool = True, store: Store | None = None) -> None:
        self.params = params
        self.removes = removes
        """Whether batches remove expired entries."""
        self.state = State(store)
        self.log_offset = 0
        self.raw_offset = 0
        self.changelog: list[dict[str, bytes | None]] = []

    def fold_batch(self, records: list[LogRecord]) -> list[FoldedRecord]:
        """Folds records into one batch, then merges the batch, as in the worker's transaction."""
        batch = Batch(self.state)
        if self.removes:
            batch.changes.update(self.state.remove_expired())
        found = []
        for record in records:
            found.append(FoldedRecord(*apply(batch, record, self.log_offset, self.params)))
            self.log_offset += 1
        self.changelog.append(encode_changes(batch.changes))
        self.state.merge(batch.changes)
        return found

    def fold_record(self, record: LogRecord) -> FoldedRecord:
        """Folds one record as it is."""
        return self.fold_batch([record])[0]

    def fold_new(self, record: Item | Refusal) -> FoldedRecord:
        """Folds one item at the next raw offset, so that it is no repeat."""
        self.raw_offset += 1
        return self.fold_record(msgspec.structs.replace(record, origin=build_origin(self.raw_offset)))

    def fold_all_new(self, *records: Item | Refusal) -> list[str]:
        """Folds items, each at a raw offset of its own, and returns their outcomes."""
        return [self.fold_new(record).outcome for record in records]


def rebuild_state(changelog: list[dict[str, bytes | None]]) -> State:
    """Reads a state from a compacted changelog: the last value of each key, in the order of those records."""
    last: dict[str, bytes | None] = {}
    for changes in changelog:
        for key, value in changes.items():
            last.pop(key, None)
            last[key] = value
    state = State()
    for number, (key, value) in enumerate(last.items()):
        state.apply_rows({key: value}, number + 1)
    return state
