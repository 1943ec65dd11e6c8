"""The records that a decision sends: values, keys and CloudEvents headers (contract, section 2).

Records of `news.decisions`.
"""

from typing import Any
from urllib.parse import quote

import msgspec
import orjson

from streams.decide.outcomes import Verdict
from streams.decide.state_entries import StoryEntry, quoted
from streams.model.records import Command, Decision, Effect, Fate, Item, Label, Origin, Refusal
from streams.model.topics import DEAD_LETTERS, DECISIONS, DUPLICATES, LATEST, WITHHELD

Headers = tuple[tuple[str, bytes], ...]
JSON = "application/json"
_encode = msgspec.json.Encoder(order="deterministic").encode


class Place(msgspec.Struct, frozen=True):
    """Where an outcome comes from: a raw position, or a command's place in the log."""

    topic: str
    partition: int
    offset: int
    index: int
    traceparent: str = ""

    @property
    def id(self) -> str:
        """`news.raw/0/17/0`."""
        return f"{self.topic}/{self.partition}/{self.offset}/{self.index}"


def place_of(origin: Origin, traceparent: str) -> Place:
    """The raw position of an item or refusal."""
    return Place(origin.topic, origin.partition, origin.offset, origin.index, traceparent)


def item_uri(source: str, local: str) -> str:
    """`urn:newswire:<source>:<id>`, all but RFC 3986 unreserved characters percent-encoded."""
    return f"urn:newswire:{quoted(source)}:{quote(local, safe='')}"


def headers(place: Place, *, kind: str, ce_id: str, source: str, time: str, content_type: str, **more: str) -> Headers:
    """CloudEvents 1.0 Kafka binary binding, and where the record comes from."""
    fields = {
        "ce_specversion": "1.0",
        "ce_id": ce_id,
        "ce_source": f"urn:newswire:source:{quoted(source)}",
        "ce_type": f"news.item.{kind}",
        "ce_time": time,
        "content-type": content_type,
        "origin-topic": place.topic,
        "origin-partition": str(place.partition),
        "origin-offset": str(place.offset),
        "origin-index": str(place.index),
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    if place.traceparent:
        fields["traceparent"] = place.traceparent
    return tuple((name, value.encode()) for name, value in fields.items())


def finished(document: bytes, **first: str) -> bytes:
    """The prepared document with what the decision adds put first; the rest passes through as it is."""
    if not document.startswith(b"{"):
        raise ValueError("the prepared document is no JSON object")
    added = orjson.dumps(first)
    return added[:-1] + b"," + document[1:] if len(document) > 2 else added


def without_body(document: bytes) -> bytes:
    """The document of a withdrawn item, or of a copy that may not be shown yet: no body, no summary, no pictures,
    and nothing of the events that the body announces."""
    fields = orjson.loads(document)
    for name in ("bodies", "associations", "descriptions", "events", "eventDetails"):
        fields.pop(name, None)
    return orjson.dumps(fields)


def as_note(document: bytes) -> bytes:
    """The document of a note to editors: its text is `edNote`, and it has no body."""
    fields = orjson.loads(document)
    bodies = fields.pop("bodies", [])
    text = next((body["value"] for body in bodies if body.get("role") == "main"), "")
    if text and text not in fields.get("edNote", ""):
        fields["edNote"] = "\n\n".join(part for part in (fields.get("edNote", ""), text) if part)
    return orjson.dumps(fields)


def with_categories(document: bytes, subjects: list[dict[str, Any]]) -> bytes:
    """The document under other categories: of a partial revision, which is filed where its story is."""
    fields = orjson.loads(document)
    others = [row for row in fields.pop("subjects", []) if row.get("rel") != "category"]
    if subjects or others:
        fields["subjects"] = [*subjects, *others]
    return orjson.dumps(fields)


def with_original(document: bytes, uri: str) -> bytes:
    """The document of a translation, with the story that it translates among its `altIds`."""
    fields = orjson.loads(document)
    fields["altIds"] = [*fields.get("altIds", []), {"role": "translation-of", "value": uri}]
    return orjson.dumps(fields)


def item_effects(
    topics: tuple[str, ...],
    uri: str,
    version: str,
    fate: str,
    value: bytes,
    item: Item,
    place: Place,
    *,
    replay_job: str = "",
) -> tuple[Effect, ...]:
    """The same record to each topic; `replay_job` where a replay caused it."""
    named = headers(
        place,
        kind=fate,
        ce_id=f"{uri}/{version}",
        source=item.source,
        time=item.received,
        content_type=JSON,
        time_source=item.time_source,
        **({"replay_job": replay_job} if replay_job else {}),
    )
    return tuple(Effect(topic, uri.encode(), value, named) for topic in topics)


def duplicate_effect(
    item: Item, value: bytes, *, of: str, kind: str, similarity: str, seconds_later: int
) -> tuple[Effect, ...]:
    """A suppressed item, keyed by what it duplicates."""
    place = place_of(item.origin, item.traceparent)
    named = headers(
        place,
        kind="duplicate",
        ce_id=place.id,
        source=item.source,
        time=item.received,
        content_type=JSON,
        time_source=item.time_source,
        duplicate_of=of,
        **({"similarity": similarity} if similarity else {}),
        match_kind=kind,
        seconds_later=str(seconds_later),
    )
    return (Effect(DUPLICATES, of.encode(), value, named),)


def dead_letter(refusal: Refusal) -> tuple[Effect, ...]:
    """The original bytes of a refused item, and why."""
    place = place_of(refusal.origin, refusal.traceparent)
    named = headers(
        place,
        kind="rejected",
        ce_id=place.id,
        source=refusal.source,
        time=refusal.received,
        content_type=refusal.content_type or "application/octet-stream",
        error_code=refusal.code,
        error_message=refusal.message,
        error_stage=refusal.stage,
        attempts=str(refusal.attempts),
    )
    return (Effect(DEAD_LETTERS, place.id.encode(), refusal.body, named),)


def letter_note(command: Command, place: Place) -> Effect:
    """A record without a value behind a dead letter, under its key: what people did about it, who and why."""
    named = headers(
        place,
        kind="rejected",
        ce_id=place.id,
        source="newswire",
        time=command.at,
        content_type=JSON,
        letter_state=command.action,
        letter_by=command.by,
        letter_why=command.why,
        **({"retried_as": str(command.detail["as"])} if "as" in command.detail else {}),
    )
    return Effect(DEAD_LETTERS, command.uri.encode(), None, named)


def withheld_tombstone(uri: str, place: Place, source: str, time: str, version: str, fate: str) -> Effect:
    """Takes a released or withdrawn story out of `news.withheld`; `fate` is what became of it."""
    named = headers(place, kind=fate, ce_id=f"{uri}/{version}", source=source, time=time, content_type=JSON)
    return Effect(WITHHELD, uri.encode(), None, named)


def decision_effect(decision: Decision) -> Effect:
    """The record of `news.decisions`."""
    key = str(decision.origin or f"log/{decision.log_offset}")
    return Effect(DECISIONS, key.encode(), _encode(decision), (("content-type", JSON.encode()),))


def public_topics(categories: tuple[str, ...]) -> tuple[str, ...]:
    """`latest` first, the categories sorted behind it."""
    return (LATEST, *sorted(set(categories) - {LATEST}))


def command_place(log: str, log_offset: int, traceparent: str = "") -> Place:
    """A command's outcome comes from its place in the log."""
    return Place(log, 0, log_offset, 0, traceparent)


Outcome = tuple[Decision, tuple[Effect, ...]]
"""What the fold makes of one record of the log, beside the state."""


def of_record(
    record: Item | Refusal,
    log_offset: int,
    fate: Fate,
    *,
    uri: str = "",
    version: str = "",
    topics: tuple[str, ...] = (),
    verdict: Verdict | None = None,
    duplicate_of: str = "",
    code: str = "",
    message: str = "",
    labels: tuple[Label, ...] = (),
) -> Decision:
    """The decision on an item or refusal."""
    return Decision(
        log_offset=log_offset,
        origin=record.origin,
        fate=fate,
        source=record.source,
        uri=uri,
        version=version,
        topics=topics,
        duplicate_of=duplicate_of,
        match_kind=verdict.kind if verdict else "",
        similarity=verdict.similarity if verdict else None,
        error_code=code,
        error_message=message,
        labels=labels,
        evidence=verdict.evidence if verdict else {},
        wire_format=record.wire_format,
        received=record.received,
    )


def of_command(
    command: Command,
    log_offset: int,
    fate: Fate,
    story: StoryEntry | None = None,
    *,
    version: str = "",
    topics: tuple[str, ...] = (),
    labels: tuple[Label, ...] = (),
    evidence: dict[str, Any] | None = None,
) -> Decision:
    """The decision on a command."""
    return Decision(
        log_offset=log_offset,
        origin=None,
        action=command.action,
        fate=fate,
        source=story.source if story else "",
        uri=command.uri,
        version=version,
        topics=topics,
        labels=labels,
        evidence={"by": command.by, "why": command.why, **(evidence or {})},
        received=command.at,
    )
