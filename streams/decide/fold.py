"""The fold: (state, log record) -> (state, decision, effects). The only writer of outcomes; pure.

Time is the record's received time, and never goes backwards; a command's time moves nothing.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec

from streams.config import Settings
from streams.decide import fates, outputs, positions, versions
from streams.decide.log import decode, encode
from streams.decide.state import (
    PROGRESS,
    Alias,
    Carried,
    Overlay,
    Progress,
    RawSeen,
    StoryEntry,
    Version,
    id_key,
    story_key,
    text_key,
)
from streams.model import Command, Decision, Effect, Fate, Item, Label, LogRecord, Refusal, Status
from streams.reasons import Reason
from streams.topics import CATEGORIES, LATEST, LOG, WITHHELD

MAX_WIRES = 32
MAX_TEXT_STORIES = 16
MAX_SYMBOLS = 64
MAX_EMBARGO = 366 * 86_400_000
"""How long a withheld item is kept for its release at most, ms; "until further notice" is no time that comes."""
RELEASER = "releaser"
"""Who the clock's releases are `by`; a release by anyone else may end an embargo early."""


class Rulebook(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of the fold, changed only by a restart. Windows in milliseconds of received time."""

    window: int
    memory: int
    log_topic: str

    @classmethod
    def of(cls, settings: Settings) -> "Rulebook":
        """The fold's settings."""
        return cls(
            window=settings.decide.window_hours * 3_600_000,
            memory=settings.decide.memory_days * 86_400_000,
            log_topic=settings.topics.full(LOG),
        )


Outcome = tuple[Decision, tuple[Effect, ...]]


def apply(batch: Overlay, record: LogRecord, log_offset: int, rules: Rulebook) -> Outcome:
    """Folds one record into the batch. An exception dead-letters the record and leaves the state as it was."""
    step = Overlay(batch)
    try:
        decision, effects = _fold(step, record, log_offset, rules)
    except Exception as error:  # the one place; a bug must cost one item, not the stream
        step = Overlay(batch)
        decision, effects = _failed(step, record, log_offset, f"{type(error).__name__}: {error}")
    batch.absorb(step)
    return decision, (*effects, outputs.decision_effect(decision))


def _fold(state: Overlay, record: LogRecord, log_offset: int, rules: Rulebook) -> Outcome:
    if isinstance(record, Command):
        _advance(state, log_offset, 0)
        return _command(state, record, log_offset, rules)
    _advance(state, log_offset, milliseconds(record.received))
    if not _first_time(state, record):
        return _decision(record, log_offset, Fate.REPEAT), ()
    if isinstance(record, Refusal):
        decision = _decision(
            record,
            log_offset,
            Fate.REJECTED,
            topics=("dead-letters",),
            code=record.code,
            message=record.message,
        )
        return decision, outputs.dead_letter(record)
    return _item(state, record, log_offset, rules)


def _failed(state: Overlay, record: LogRecord, log_offset: int, message: str) -> Outcome:
    if isinstance(record, Command):
        _advance(state, log_offset, 0)
        return _command_decision(record, log_offset, Fate.NONE, evidence={"error": message}), ()
    record = _timed(record)
    _advance(state, log_offset, milliseconds(record.received))
    if not _first_time(state, record):
        return _decision(record, log_offset, Fate.REPEAT), ()
    refusal = Refusal(
        origin=record.origin,
        source=record.source,
        wire_format=record.wire_format,
        received=record.received,
        content_type=outputs.JSON,
        code=Reason.INTERNAL.value,
        message=message,
        stage="decide",
        attempts=1,
        traceparent=record.traceparent,
        body=bytes(record.event) if isinstance(record, Item) else record.body,
    )
    decision = _decision(
        record, log_offset, Fate.REJECTED, topics=("dead-letters",), code=refusal.code, message=message
    )
    return decision, outputs.dead_letter(refusal)


def _timed(record: Item | Refusal) -> Item | Refusal:
    """The record with a received time that can be read: that of its raw record where its own cannot."""
    try:
        milliseconds(record.received)
    except ValueError:
        stamp = datetime.fromtimestamp(record.origin.timestamp / 1000, UTC).isoformat(timespec="milliseconds")
        return msgspec.structs.replace(record, received=stamp.replace("+00:00", "Z"))
    return record


def _advance(state: Overlay, log_offset: int, time: int) -> None:
    state.put(PROGRESS, Progress(next_offset=log_offset + 1, clock=max(state.progress.clock, time)))


def _first_time(state: Overlay, record: Item | Refusal) -> bool:
    key = positions.raw_key(record.origin)
    before = state.get(key)
    seen = positions.see(before if isinstance(before, RawSeen) else None, record.origin)
    if seen is not None:
        state.put(key, seen)
    return seen is not None


def _item(state: Overlay, item: Item, log_offset: int, rules: Rulebook) -> Outcome:
    version = _version(item)
    key = version.key
    own_uri = outputs.item_uri(item.source, item.id or f"content-{item.text_hash[:16]}")
    known = (state.alias(key) if key else ()) or (own_uri,)
    story = state.story(known[0])
    if story is not None:
        verdict = fates.of_known(item, version, story)
    else:
        story = _same_text(state, item)
        verdict = fates.of_new(item) if story is None else fates.of_same_text(item, story)
    if verdict.fate is Fate.DUPLICATE and story is not None:
        return _duplicate(state, item, version, story, own_uri, verdict, log_offset, rules)
    return _show(state, item, version, story, own_uri, verdict, log_offset, rules)


def _version(item: Item) -> Version:
    """What a story remembers of an item. A kill's text is not its story's, which may yet come as that version."""
    key = id_key(item.source, item.id) if item.id else ""
    text_hash = "" if item.status is Status.WITHDRAWN else item.text_hash
    return Version(key, item.version_created, item.version, text_hash)


def _same_text(state: Overlay, item: Item) -> StoryEntry | None:
    if fates.text_identifies(item):
        for uri in state.alias(text_key(item.text_hash)):
            story = state.story(uri)
            if story is not None and not fates.about_others(item, story):
                return story
    return None


def _duplicate(
    state: Overlay,
    item: Item,
    version: Version,
    story: StoryEntry,
    own_uri: str,
    verdict: fates.Verdict,
    log_offset: int,
    rules: Rulebook,
) -> Outcome:
    _remember(state, story, item, version, rules)
    later = max(0, (milliseconds(item.received) - milliseconds(story.opened)) // 1000)
    document, status = bytes(item.event), "withheld" if fates.is_embargoed(item) else "usable"
    if item.status is Status.WITHDRAWN:
        document, status = outputs.without_body(document), "canceled"
    value = outputs.finished(document, uri=own_uri, pubStatus=status, representationType="full")
    effects = outputs.duplicate_effect(
        item,
        value,
        of=story.uri,
        kind=verdict.kind,
        similarity="" if verdict.similarity is None else f"{verdict.similarity:.3f}",
        seconds_later=later,
    )
    decision = _decision(
        item,
        log_offset,
        verdict.fate,
        uri=story.uri,
        version=str(story.version),
        topics=("duplicates",),
        verdict=verdict,
        duplicate_of=story.uri,
    )
    return decision, effects


def _show(
    state: Overlay,
    item: Item,
    version: Version,
    story: StoryEntry | None,
    own_uri: str,
    verdict: fates.Verdict,
    log_offset: int,
    rules: Rulebook,
) -> Outcome:
    """Publishes, revises, withdraws or withholds a version of a story."""
    fate = verdict.fate
    story = story or _opened(item, version, own_uri)
    number = story.version + 1
    partial = fate is not Fate.WITHDRAWN and story.has_body and story.version > 0 and not item.has_body
    labels = story.labels if partial and story.labels else item.labels
    document = bytes(item.event)
    status = "usable"
    place = outputs.place_of(item.origin, item.traceparent)
    after: tuple[Effect, ...] = ()
    if fate is Fate.WITHHELD:
        topics: tuple[str, ...] = (WITHHELD,)
        status = "withheld"
        story = msgspec.structs.replace(story, pending=encode(item), release_at=item.embargoed_until)
    else:
        if story.pending:
            after = (outputs.withheld_tombstone(story.uri, place, item.source, item.received, str(number), fate.value),)
            story = msgspec.structs.replace(story, pending=b"", release_at="")
        if fate is Fate.WITHDRAWN:
            status, labels, document = "canceled", (), outputs.without_body(document)
        elif partial:
            document = outputs.with_categories(document, [_subject(label, story.version) for label in labels])
        topics = outputs.public_topics((*(label.category for label in labels), *story.topics))
        story = msgspec.structs.replace(
            story,
            version=number,
            status="withdrawn" if fate is Fate.WITHDRAWN else "live",
            current=version,
            topics=tuple(sorted({*topics} - {LATEST})),
            labels=tuple(msgspec.structs.replace(label, matched=()) for label in labels),
            headline=item.headline or story.headline,
            has_body=item.has_body or story.has_body,
        )
    _remember(state, story, item, version, rules)
    value = outputs.finished(
        document,
        uri=story.uri,
        version=str(number),
        pubStatus=status,
        representationType="partial" if partial else "full",
    )
    decision = _decision(
        item,
        log_offset,
        fate,
        uri=story.uri,
        version=str(number),
        topics=topics,
        verdict=verdict,
        labels=labels,
    )
    return decision, (
        *outputs.item_effects(topics, story.uri, str(number), fate.value, value, item, place),
        *after,
    )


def _opened(item: Item, version: Version, uri: str) -> StoryEntry:
    return StoryEntry(
        expires=0,
        uri=uri,
        source=item.source,
        version=0,
        status="withheld",
        current=version,
        seen=(),
        topics=(),
        labels=(),
        headline=item.headline,
        has_body=item.has_body,
        symbols=item.symbols,
        opened=item.received,
        wires=(),
    )


def _remember(state: Overlay, story: StoryEntry, item: Item, version: Version, rules: Rulebook) -> None:
    """The story has met this version: its id and text point to it from now on."""
    clock = state.progress.clock
    expires = clock + rules.memory
    if story.pending:
        expires += min(max(0, milliseconds(story.release_at) - clock), MAX_EMBARGO)
    wires = story.wires
    if len(wires) < MAX_WIRES and all(wire.source != item.source for wire in wires):
        wires = (*wires, Carried(item.source, item.received))
    state.put(
        story_key(story.uri),
        msgspec.structs.replace(
            story,
            expires=expires,
            seen=versions.add(story.seen, version),
            wires=wires,
            symbols=tuple(dict.fromkeys((*story.symbols, *item.symbols)))[:MAX_SYMBOLS],
        ),
    )
    if version.key:
        state.put(version.key, Alias(expires=expires, uris=(story.uri,)))
    waits = bool(story.pending) and fates.is_embargoed(item)  # copies of what nobody has seen are news
    if fates.text_identifies(item) and story.version > 0 and not waits:
        key = text_key(version.text_hash)
        uris = (story.uri, *(uri for uri in state.alias(key) if uri != story.uri))[:MAX_TEXT_STORIES]
        state.put(key, Alias(expires=clock + rules.window, uris=uris))


def _command(state: Overlay, command: Command, log_offset: int, rules: Rulebook) -> Outcome:
    story = state.story(command.uri)
    if story is None:
        return _command_decision(command, log_offset, Fate.NONE, evidence={"note": "no such story"}), ()
    if command.action == "release" and story.pending:
        if command.by == RELEASER and command.at.rstrip("Z") < story.release_at.rstrip("Z"):
            note = f"under embargo until {story.release_at} since this release was due"
            return _command_decision(command, log_offset, Fate.NONE, story, evidence={"note": note}), ()
        return _release(state, command, story, log_offset, rules)
    if command.action == "kill" and story.status != "withdrawn":
        return _kill(state, command, story, log_offset, rules)
    note = f"{command.action} finds the story {story.status}"
    return _command_decision(command, log_offset, Fate.NONE, story, evidence={"note": note}), ()


def _release(state: Overlay, command: Command, story: StoryEntry, log_offset: int, rules: Rulebook) -> Outcome:
    item = decode(story.pending)
    assert isinstance(item, Item)
    version = _version(item)
    verdict = fates.Verdict(Fate.REVISED if story.version else Fate.PUBLISHED, evidence={"matched": "release"})
    shown, effects = _show(state, item, version, story, story.uri, verdict, log_offset, rules)
    place = outputs.command_place(rules.log_topic, log_offset, item.traceparent)
    topics = shown.topics
    value = effects[0].value
    assert value is not None
    effects = (
        *outputs.item_effects(topics, story.uri, shown.version, verdict.fate.value, value, item, place),
        outputs.withheld_tombstone(story.uri, place, item.source, item.received, shown.version, verdict.fate.value),
    )
    decision = _command_decision(
        command, log_offset, verdict.fate, story, version=shown.version, topics=topics, labels=shown.labels
    )
    return decision, effects


def _kill(state: Overlay, command: Command, story: StoryEntry, log_offset: int, rules: Rulebook) -> Outcome:
    place = outputs.command_place(rules.log_topic, log_offset)
    number = str(story.version + 1)
    topics = outputs.public_topics(story.topics)
    document: dict[str, Any] = {"type": "text", "versionCreated": command.at, "edNote": command.why}
    document["headlines"] = [{"role": role, "value": story.headline} for role in ("main", "ticker")]
    value = outputs.finished(
        msgspec.json.encode({name: part for name, part in document.items() if part}),
        uri=story.uri,
        version=number,
        pubStatus="canceled",
        representationType="full",
    )
    named = outputs.headers(
        place,
        kind="withdrawn",
        ce_id=f"{story.uri}/{number}",
        source=story.source,
        time=command.at,
        content_type=outputs.JSON,
        time_source="received",
    )
    effects = tuple(Effect(topic, story.uri.encode(), value, named) for topic in topics)
    if story.pending:
        tombstone = outputs.withheld_tombstone(story.uri, place, story.source, command.at, number, Fate.WITHDRAWN.value)
        effects = (*effects, tombstone)
    state.put(
        story_key(story.uri),
        msgspec.structs.replace(
            story,
            expires=state.progress.clock + rules.memory,
            version=story.version + 1,
            status="withdrawn",
            labels=(),
            pending=b"",
            release_at="",
        ),
    )
    return _command_decision(command, log_offset, Fate.WITHDRAWN, story, version=number, topics=topics), effects


def _decision(
    record: Item | Refusal,
    log_offset: int,
    fate: Fate,
    *,
    uri: str = "",
    version: str = "",
    topics: tuple[str, ...] = (),
    verdict: fates.Verdict | None = None,
    duplicate_of: str = "",
    code: str = "",
    message: str = "",
    labels: tuple[Label, ...] = (),
) -> Decision:
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


def _command_decision(
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


def _subject(label: Label, version: int) -> dict[str, Any]:
    return {
        "name": CATEGORIES.get(label.category, label.category),
        "rel": "category",
        "uri": f"urn:newswire:category:{label.category}",
        "literal": label.category,
        "creator": f"{label.creator} (version {version})",
        "confidence": label.confidence,
    }


def milliseconds(time: str) -> int:
    """RFC 3339 to milliseconds since 1970."""
    return round(datetime.fromisoformat(time).timestamp() * 1000)
