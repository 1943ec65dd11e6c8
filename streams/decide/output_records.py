"""Builds the records that the fold sends: values, keys and CloudEvents headers (schemas/README.md, section 2)."""

from functools import lru_cache
from urllib.parse import quote

import msgspec

from streams.decide.outcomes import Ruling
from streams.decide.state_entries import StoryEntry, quote_source
from streams.model.command_details import DeadLetterRetry
from streams.model.headers import SOURCE_URN
from streams.model.records import (
    Command,
    Decision,
    Effect,
    Item,
    ItemRef,
    JsonObject,
    Label,
    Outcome,
    RecordRef,
    Refusal,
    Rights,
    Status,
)
from streams.model.topics import DEAD_LETTERS, DECISIONS, DUPLICATES, LATEST, WITHHELD

Headers = tuple[tuple[str, bytes], ...]
FoldResult = tuple[Decision, tuple[Effect, ...]]
"""The result of folding one record of the log: its decision and the records to send."""
JSON = "application/json"
_encode = msgspec.json.Encoder(order="deterministic").encode


class Cause(msgspec.Struct, frozen=True, gc=False):
    """The item or command that an output record results from: headers `origin-*` and `traceparent`."""

    ref: ItemRef
    traceparent: str = ""


def item_cause(record: Item | Refusal) -> Cause:
    """Names an item by its position in the raw topic."""
    return Cause(record.origin.item_ref, record.traceparent)


def command_cause(log_topic: str, log_offset: int, traceparent: str = "", index: int = 0) -> Cause:
    """Names a command by its position in the log; `index` counts the stories of a command about several."""
    return Cause(ItemRef(RecordRef(log_topic, 0, log_offset), index), traceparent)


def build_uri(source: str, local: str) -> str:
    """Builds `urn:newswire:<source>:<id>`; all but RFC 3986 unreserved characters are percent-encoded."""
    return f"urn:newswire:{quote_source(source)}:{quote(local, safe='')}"


def build_headers(
    cause: Cause, *, kind: str, ce_id: str, source: str, time: str, content_type: str, **more: str
) -> Headers:
    """Builds the headers of the CloudEvents 1.0 Kafka binding, and those that name the cause of the record."""
    (topic, partition, offset), index = cause.ref
    fields = [
        ("ce_specversion", b"1.0"),
        ("ce_id", ce_id.encode()),
        ("ce_source", _encode_source(source)),
        ("ce_type", f"news.item.{kind}".encode()),
        ("ce_time", time.encode()),
        ("content-type", content_type.encode()),
        ("origin-topic", topic.encode()),
        ("origin-partition", b"%d" % partition),
        ("origin-offset", b"%d" % offset),
        ("origin-index", b"%d" % index),
    ]
    fields += [(_header_name(name), value.encode()) for name, value in more.items()]
    if cause.traceparent:
        fields.append(("traceparent", cause.traceparent.encode()))
    return tuple(fields)


@lru_cache(256)
def _header_name(name: str) -> str:
    return name.replace("_", "-")


@lru_cache(1024)
def _encode_source(source: str) -> bytes:
    return f"{SOURCE_URN}{quote_source(source)}".encode()


def build_item_effects(
    topics: tuple[str, ...],
    left: tuple[str, ...],
    uri: str,
    outcome: Outcome,
    value: bytes,
    headers: Headers,
) -> tuple[Effect, ...]:
    """Builds one record for each topic, all with the same value, and a tombstone for each topic that the story left."""
    key = uri.encode()
    effects = tuple(Effect(topic, key, value, headers) for topic in topics)
    if not left:
        return effects
    kind = outcome.value if outcome is Outcome.WITHDRAWN else "moved"
    gone = tuple((name, f"news.item.{kind}".encode() if name == "ce_type" else text) for name, text in headers)
    return (*effects, *(Effect(topic, key, None, gone) for topic in left))


def build_item_headers(
    item: Item, cause: Cause, *, uri: str, version: str, outcome: Outcome, rights: Rights, replay_job: str = ""
) -> Headers:
    """Builds the headers of a version of a story. `replay_job` names the replay that caused it.

    `revision` says what a wire's later version is. A version that a replay caused has none: the wire sent nothing.
    """
    revision = {}
    if outcome is Outcome.REVISED and not replay_job:
        revision["revision"] = "correction" if item.status is Status.CORRECTION else "update"
    return build_headers(
        cause,
        kind=outcome.value,
        ce_id=f"{uri}/{version}",
        source=item.source,
        time=item.received,
        content_type=JSON,
        time_source=item.time_source,
        rights=rights,
        **revision,
        **({"replay_job": replay_job} if replay_job else {}),
    )


def build_duplicate_effects(
    item: Item, value: bytes, *, of: str, kind: str, similarity: str, seconds_later: int, words: str
) -> tuple[Effect, ...]:
    """Builds the record of a suppressed item. Its key is the uri of the story that the item duplicates.

    `words` are those in which the two texts differ, as JSON; empty where no reader may see them.
    """
    cause = item_cause(item)
    named = build_headers(
        cause,
        kind="duplicate",
        ce_id=str(cause.ref),
        source=item.source,
        time=item.received,
        content_type=JSON,
        time_source=item.time_source,
        rights=item.rights,
        duplicate_of=of,
        **({"similarity": similarity} if similarity else {}),
        match_kind=kind,
        seconds_later=str(seconds_later),
        **({"differing_words": words} if words else {}),
    )
    return (Effect(DUPLICATES, of.encode(), value, named),)


def build_dead_letter(refusal: Refusal) -> tuple[Effect, ...]:
    """Builds the dead letter of a refused item: the original bytes and the reason."""
    cause = item_cause(refusal)
    ce_id = str(cause.ref)
    named = build_headers(
        cause,
        kind="rejected",
        ce_id=ce_id,
        source=refusal.source,
        time=refusal.received,
        content_type=refusal.content_type or "application/octet-stream",
        error_code=refusal.code,
        error_message=refusal.message,
        error_stage=refusal.stage,
        attempts=str(refusal.attempts),
    )
    return (Effect(DEAD_LETTERS, ce_id.encode(), refusal.body, named),)


def build_dead_letter_note(command: Command, cause: Cause) -> Effect:
    """Builds a record without a value under the key of a dead letter: who retried or discarded it, and why."""
    retry = msgspec.convert(command.detail, DeadLetterRetry)
    named = build_headers(
        cause,
        kind="rejected",
        ce_id=str(cause.ref),
        source="newswire",
        time=command.at,
        content_type=JSON,
        letter_state=command.action,
        letter_by=command.by,
        letter_why=command.why,
        **({"retried_as": retry.retried_as} if retry.retried_as else {}),
    )
    return Effect(DEAD_LETTERS, command.uri.encode(), None, named)


def build_withheld_tombstone(uri: str, cause: Cause, source: str, time: str, version: str, outcome: Outcome) -> Effect:
    """Builds the tombstone that removes a released or withdrawn story from `news.withheld`."""
    named = build_headers(
        cause, kind=outcome.value, ce_id=f"{uri}/{version}", source=source, time=time, content_type=JSON
    )
    return Effect(WITHHELD, uri.encode(), None, named)


def build_decision_effect(decision: Decision) -> Effect:
    """Builds the record of `news.decisions`."""
    key = str(decision.origin or f"log/{decision.log_offset}")
    return Effect(DECISIONS, key.encode(), _encode(decision), (("content-type", JSON.encode()),))


def list_left_topics(before: tuple[str, ...], now: tuple[str, ...]) -> tuple[str, ...]:
    """Lists the topics in which a story stood and stands no more, sorted."""
    return tuple(sorted(set(before) - set(now)))


def list_public_topics(categories: tuple[str, ...]) -> tuple[str, ...]:
    """Lists `latest` and the topics of these categories, sorted."""
    return (LATEST, *sorted(set(categories) - {LATEST}))


def build_decision(
    record: Item | Refusal,
    log_offset: int,
    outcome: Outcome,
    *,
    uri: str = "",
    version: str = "",
    topics: tuple[str, ...] = (),
    left: tuple[str, ...] = (),
    ruling: Ruling | None = None,
    duplicate_of: str = "",
    code: str = "",
    message: str = "",
    labels: tuple[Label, ...] = (),
) -> Decision:
    """Builds the decision on an item or a refusal."""
    return Decision(
        log_offset=log_offset,
        origin=record.origin,
        outcome=outcome,
        source=record.source,
        uri=uri,
        version=version,
        topics=topics,
        left=left,
        duplicate_of=duplicate_of,
        match_kind=ruling.kind.value if ruling and ruling.kind else "",
        similarity=ruling.similarity if ruling else None,
        error_code=code,
        error_message=message,
        labels=labels,
        evidence=ruling.evidence if ruling else {},
        wire_format=record.wire_format,
        received=record.received,
    )


def build_command_decision(
    command: Command,
    log_offset: int,
    outcome: Outcome,
    story: StoryEntry | None = None,
    *,
    version: str = "",
    topics: tuple[str, ...] = (),
    left: tuple[str, ...] = (),
    labels: tuple[Label, ...] = (),
    evidence: JsonObject | None = None,
) -> Decision:
    """Builds the decision on a command."""
    return Decision(
        log_offset=log_offset,
        origin=None,
        action=command.action,
        outcome=outcome,
        source=story.source if story else "",
        uri=command.uri,
        version=version,
        topics=topics,
        left=left,
        labels=labels,
        evidence={
            "by": command.by,
            "why": command.why,
            **({"command": command.id} if command.id else {}),
            **(evidence or {}),
        },
        received=command.at,
    )
