"""Stories: an item is shown, suppressed or kept back, and its story remembers it."""

from typing import Any

import msgspec

from streams.decide import outcomes, output_records, translations
from streams.decide.matching import facts_of, match, own_id
from streams.decide.outcomes import Verdict
from streams.decide.output_records import Outcome
from streams.decide.parameters import Rulebook, milliseconds
from streams.decide.similarity import MOST_TOLD
from streams.decide.state import Overlay
from streams.decide.state_entries import (
    Alias,
    Carried,
    Near,
    StoryEntry,
    Version,
    all_keys,
    id_key,
    near_key,
    story_key,
    text_key,
)
from streams.model.codec import encode
from streams.model.records import Effect, Fate, Item, Label, Status
from streams.model.topics import CATEGORIES, LATEST, WITHHELD

MAX_WIRES = 32
MAX_TEXT_STORIES = 16
MAX_SYMBOLS = 64
MAX_EMBARGO = 366 * 86_400_000
"""How long a withheld item is kept for its release at most, ms; "until further notice" is no time that comes."""


class Case(msgspec.Struct, frozen=True):
    """An item before the fold."""

    state: Overlay
    item: Item
    version: Version
    own_uri: str
    """The uri it has where it opens a story."""
    log_offset: int
    rules: Rulebook


def decide(state: Overlay, item: Item, log_offset: int, rules: Rulebook) -> Outcome:
    """The outcome of an item, and its traces in the state."""
    version = version_of(item)
    own_uri = output_records.item_uri(item.source, own_id(item))
    story, verdict = match(state, item, version, own_uri, rules)
    case = Case(state, item, version, own_uri, log_offset, rules)
    if verdict.fate is Fate.DUPLICATE and story is not None:
        return duplicate(case, story, verdict)
    return show(case, story, verdict)


def version_of(item: Item) -> Version:
    """What a story remembers of an item. A kill's text is not its story's, which may yet come as that version."""
    key = id_key(item.source, item.id) if item.id else ""
    text_hash = "" if item.status is Status.WITHDRAWN else item.text_hash
    return Version(key, item.version_created, item.version, text_hash)


def duplicate(case: Case, story: StoryEntry, verdict: Verdict) -> Outcome:
    """Suppresses an item; its ids become aliases of the story."""
    item = case.item
    remember(case, story, shown=False)
    later = max(0, (milliseconds(item.received) - milliseconds(story.opened)) // 1000)
    document, status = bytes(item.event), "usable"
    if item.status is Status.WITHDRAWN:
        document, status = output_records.without_body(document), "canceled"
    elif outcomes.is_embargoed(item):  # nor may a copy break the embargo
        document, status = output_records.without_body(document), "withheld"
    created = {} if item.first_created else {"firstCreated": item.version_created or item.received}
    value = output_records.finished(document, uri=case.own_uri, pubStatus=status, representationType="full", **created)
    effects = output_records.duplicate_effect(
        item,
        value,
        of=story.uri,
        kind=verdict.kind,
        similarity="" if verdict.similarity is None else f"{verdict.similarity:.3f}",
        seconds_later=later,
    )
    evidence = {**verdict.evidence, **({"item": case.own_uri} if case.own_uri != story.uri else {})}
    decision = output_records.of_record(
        item,
        case.log_offset,
        verdict.fate,
        uri=story.uri,
        version=str(story.version),
        topics=("duplicates",),
        verdict=msgspec.structs.replace(verdict, evidence=evidence),
        duplicate_of=story.uri,
    )
    return decision, effects


def show(case: Case, story: StoryEntry | None, verdict: Verdict) -> Outcome:
    """Publishes, revises, withdraws or withholds a version of a story."""
    item, fate = case.item, verdict.fate
    if story is None:
        story, verdict = _opened(case, verdict)
    number = story.version + 1
    noted = fate is Fate.REVISED and is_note(item)
    partial = fate is not Fate.WITHDRAWN and story.version > 0 and (noted or (story.has_body and not item.has_body))
    labels = story.labels if partial and story.labels else item.labels
    status = "usable"
    place = output_records.place_of(item.origin, item.traceparent)
    after: tuple[Effect, ...] = ()
    if fate is Fate.WITHHELD:
        topics: tuple[str, ...] = (WITHHELD,)
        status = "withheld"
        story = msgspec.structs.replace(story, pending=encode(item), release_at=item.embargoed_until)
    else:
        if story.pending:
            after = (
                output_records.withheld_tombstone(
                    story.uri, place, item.source, item.received, str(number), fate.value
                ),
            )
            story = msgspec.structs.replace(story, pending=b"", release_at="")
        if fate is Fate.WITHDRAWN:
            status, labels = "canceled", ()
        topics = output_records.public_topics((*(label.category for label in labels), *story.topics))
        story = msgspec.structs.replace(
            story,
            version=number,
            status="withdrawn" if fate is Fate.WITHDRAWN else "live",
            current=story.current if noted else case.version,
            topics=tuple(sorted({*topics} - {LATEST})),
            labels=tuple(msgspec.structs.replace(label, matched=()) for label in labels),
            headline=story.headline if noted else item.headline or story.headline,
            has_body=story.has_body or (item.has_body and not noted),
            replay_job="",
        )
    story = remember(case, story, shown=fate in (Fate.PUBLISHED, Fate.REVISED))
    value = filed(item, story, labels, str(number), status, partial=partial, noted=noted)
    decision = output_records.of_record(
        item,
        case.log_offset,
        fate,
        uri=story.uri,
        version=str(number),
        topics=topics,
        verdict=verdict,
        labels=labels,
    )
    return decision, (
        *output_records.item_effects(topics, story.uri, str(number), fate.value, value, item, place),
        *after,
    )


def filed(
    item: Item,
    story: StoryEntry,
    labels: tuple[Label, ...],
    version: str,
    status: str,
    *,
    partial: bool,
    noted: bool,
) -> bytes:
    """The document of a version. A partial one is filed where its story is; a canceled one has no body."""
    document = output_records.as_note(bytes(item.event)) if noted else bytes(item.event)
    if status == "canceled":
        document = output_records.with_categories(output_records.without_body(document), [])
    elif partial and status == "usable":
        named = str(int(version) - 1)
        document = output_records.with_categories(document, [_subject(label, named) for label in labels])
    if story.translation_of:
        document = output_records.with_original(document, story.translation_of)
    return output_records.finished(
        document,
        uri=story.uri,
        version=version,
        pubStatus=status,
        representationType="partial" if partial else "full",
        **({} if item.first_created else {"firstCreated": story.first_created}),
    )


def _opened(case: Case, verdict: Verdict) -> tuple[StoryEntry, Verdict]:
    item = case.item
    uri, figures = translations.original(case.state, item, case.rules)
    if uri:
        told = {"translationOf": uri, "figures": list(figures[:MOST_TOLD])}
        verdict = msgspec.structs.replace(verdict, evidence={**verdict.evidence, **told})
    story = StoryEntry(
        expires=0,
        uri=case.own_uri,
        source=item.source,
        version=0,
        status="withheld",
        current=case.version,
        seen=(),
        topics=(),
        labels=(),
        headline=item.headline,
        has_body=item.has_body,
        symbols=item.symbols,
        opened=item.received,
        first_created=item.first_created or item.version_created or item.received,
        wires=(),
        translation_of=uri,
    )
    return story, verdict


def remember(case: Case, story: StoryEntry, *, shown: bool) -> StoryEntry:
    """The story has met this version: its id and text point to it from now on. `shown`: it is what readers see."""
    state, item, version, rules = case.state, case.item, case.version, case.rules
    clock = state.progress.clock
    expires = clock + rules.memory
    if story.pending:
        expires += min(max(0, milliseconds(story.release_at) - clock), MAX_EMBARGO)
    wires = story.wires
    if len(wires) < MAX_WIRES and all(wire.source != item.source for wire in wires):
        wires = (*wires, Carried(item.source, item.received))
    waits = bool(story.pending) and outcomes.is_embargoed(item)  # copies of what nobody has seen are news
    told = item.status is not Status.WITHDRAWN and story.version > 0 and not waits
    tells = told and shown and (item.print.minhash or len(item.print.title) > 1) and not is_note(item)
    story = msgspec.structs.replace(
        story,
        expires=expires,
        seen=outcomes.add(story.seen, version),
        wires=wires,
        symbols=tuple(dict.fromkeys((*story.symbols, *item.symbols)))[:MAX_SYMBOLS],
        near=case.log_offset if tells else story.near,
    )
    state.put(story_key(story.uri), story)
    if item.id or case.own_uri != story.uri:
        state.put(id_key(item.source, own_id(item)), Alias(expires=expires, uris=(story.uri,)))
    if tells:
        entry = Near(
            expires=clock + rules.window + 1,
            uri=story.uri,
            source=item.source,
            received=milliseconds(item.received),
            version=story.version,
            print=item.print,
            facts=facts_of(item),
            keys=all_keys(item.print),
        )
        state.put(near_key(case.log_offset), entry)
    if told and outcomes.text_identifies(item):
        key = text_key(version.text_hash)
        uris = (story.uri, *(uri for uri in state.alias(key) if uri != story.uri))[:MAX_TEXT_STORIES]
        state.put(key, Alias(expires=clock + rules.window + 1, uris=uris))
    return story


def is_note(item: Item) -> bool:
    """A note to editors is no text of the story."""
    return item.status is Status.ADVISORY


def _subject(label: Label, version: str) -> dict[str, Any]:
    return {
        "name": CATEGORIES.get(label.category, label.category),
        "rel": "category",
        "uri": f"urn:newswire:category:{label.category}",
        "literal": label.category,
        "creator": f"{label.creator} (version {version})",
        "confidence": label.confidence,
    }
