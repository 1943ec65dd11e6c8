"""Publishes, suppresses or withholds an item, and records in the state what its story has seen."""

import msgspec

from streams.decide import outcomes, output_records, translations
from streams.decide.matching import item_id, list_facts, match
from streams.decide.outcomes import Ruling
from streams.decide.output_records import FoldResult
from streams.decide.parameters import DecideParams, parse_milliseconds
from streams.decide.similarity import MAX_EVIDENCE_VALUES
from streams.decide.state import Batch
from streams.decide.state_entries import (
    Alias,
    SeenVersion,
    StoredFingerprint,
    StoryEntry,
    StoryStatus,
    StoryWire,
    fingerprint_key,
    id_key,
    index_keys,
    story_key,
    text_key,
)
from streams.model.codec import encode
from streams.model.records import Effect, Item, JsonObject, Label, Outcome, PubStatus, Status
from streams.model.topics import CATEGORIES, DUPLICATES, LATEST, WITHHELD

MAX_WIRES = 32
MAX_TEXT_STORIES = 16
MAX_SYMBOLS = 64
MAX_EMBARGO = 366 * 86_400_000
"""The longest time that a withheld item is kept for its release, ms: "until further notice" never comes."""


class ItemCase(msgspec.Struct, frozen=True):
    """An item to decide on, with everything that the rules read."""

    state: Batch
    item: Item
    version: SeenVersion
    own_uri: str
    """The uri of the story that the item opens, if it opens one."""
    log_offset: int
    params: DecideParams


class NextVersion(msgspec.Struct, frozen=True):
    """The next version of a story, ready to be sent."""

    story: StoryEntry
    """The story with this version in it."""
    number: str
    topics: tuple[str, ...]
    labels: tuple[Label, ...]
    value: bytes
    """The ninjs document."""


def decide_item(state: Batch, item: Item, log_offset: int, params: DecideParams) -> FoldResult:
    """Decides on an item and updates the state."""
    version = seen_version(item)
    own_uri = output_records.build_uri(item.source, item_id(item))
    story, ruling = match(state, item, version, own_uri, params)
    case = ItemCase(state, item, version, own_uri, log_offset, params)
    if ruling.outcome is Outcome.DUPLICATE and story is not None:
        return suppress(case, story, ruling)
    return publish(case, story, ruling)


def seen_version(item: Item) -> SeenVersion:
    """Builds the version that a story remembers of an item.

    A kill gets no text hash: its text is not the text of its story, which may still come as that version.
    """
    key = id_key(item.source, item.id) if item.id else ""
    text_hash = "" if item.status is Status.WITHDRAWN else item.text_hash
    return SeenVersion(key, item.version_created, item.version, text_hash)


def suppress(case: ItemCase, story: StoryEntry, ruling: Ruling) -> FoldResult:
    """Sends an item to the duplicates. Its ids become aliases of the story."""
    item = case.item
    remember(case, story, published=False)
    later = max(0, (parse_milliseconds(item.received) - parse_milliseconds(story.opened)) // 1000)
    document, status = bytes(item.event), PubStatus.USABLE
    if item.status is Status.WITHDRAWN:
        document, status = output_records.remove_body(document), PubStatus.CANCELED
    elif outcomes.is_embargoed(item):  # a duplicate must not break the embargo either
        document, status = output_records.remove_body(document), PubStatus.WITHHELD
    created = {} if item.first_created else {"firstCreated": item.version_created or item.received}
    value = output_records.finalize_document(
        document, uri=case.own_uri, pubStatus=status, representationType="full", **created
    )
    effects = output_records.build_duplicate_effects(
        item,
        value,
        of=story.uri,
        kind=ruling.kind.value if ruling.kind else "",
        similarity="" if ruling.similarity is None else f"{ruling.similarity:.3f}",
        seconds_later=later,
    )
    evidence = {**ruling.evidence, **({"item": case.own_uri} if case.own_uri != story.uri else {})}
    decision = output_records.build_decision(
        item,
        case.log_offset,
        ruling.outcome,
        uri=story.uri,
        version=str(story.version),
        topics=(DUPLICATES,),
        ruling=msgspec.structs.replace(ruling, evidence=evidence),
        duplicate_of=story.uri,
    )
    return decision, effects


def publish(case: ItemCase, story: StoryEntry | None, ruling: Ruling) -> FoldResult:
    """Publishes, revises, withdraws or withholds a version of a story; opens the story if there is none."""
    item, outcome = case.item, ruling.outcome
    if story is None:
        story, ruling = _open_story(case, ruling)
    advisory = outcome is Outcome.REVISED and is_advisory(item)
    partial = (
        outcome is not Outcome.WITHDRAWN and story.version > 0 and (advisory or (story.has_body and not item.has_body))
    )
    labels = story.labels if partial and story.labels else item.labels
    cause = output_records.item_cause(item)
    made = build_next_version(story, item, labels, outcome, partial=partial, advisory=advisory)
    after: tuple[Effect, ...] = ()
    if outcome is Outcome.WITHHELD:
        changed = msgspec.structs.replace(made.story, release_at=item.embargoed_until)
    else:
        if story.pending:
            after = (
                output_records.build_withheld_tombstone(
                    story.uri, cause, item.source, item.received, made.number, outcome
                ),
            )
        changed = msgspec.structs.replace(
            made.story,
            current=story.current if advisory else case.version,
            has_body=story.has_body or (item.has_body and not advisory),
            pending=b"",
            release_at="",
        )
    remember(case, changed, published=outcome in (Outcome.PUBLISHED, Outcome.REVISED))
    decision = output_records.build_decision(
        item,
        case.log_offset,
        outcome,
        uri=story.uri,
        version=made.number,
        topics=made.topics,
        ruling=ruling,
        labels=made.labels,
    )
    effects = output_records.build_item_effects(made.topics, story.uri, made.number, outcome, made.value, item, cause)
    return decision, (*effects, *after)


def build_next_version(
    story: StoryEntry,
    item: Item,
    labels: tuple[Label, ...],
    outcome: Outcome,
    *,
    partial: bool,
    advisory: bool,
    replay_job: str = "",
) -> NextVersion:
    """Builds the next version of a story from an item. A withheld version waits in `pending` and is not counted."""
    if outcome is Outcome.WITHHELD:
        topics: tuple[str, ...] = (WITHHELD,)
        status = PubStatus.WITHHELD
        changed = msgspec.structs.replace(story, pending=encode(item))
    else:
        withdrawn = outcome is Outcome.WITHDRAWN
        status = PubStatus.CANCELED if withdrawn else PubStatus.USABLE
        labels = () if withdrawn else labels
        topics = output_records.list_public_topics((*(label.category for label in labels), *story.topics))
        changed = msgspec.structs.replace(
            story,
            version=story.version + 1,
            status=StoryStatus.WITHDRAWN if withdrawn else StoryStatus.LIVE,
            topics=tuple(sorted({*topics} - {LATEST})),
            labels=tuple(msgspec.structs.replace(label, matched=()) for label in labels),
            headline=story.headline if advisory else item.headline or story.headline,
            replay_job=replay_job,
        )
    value = _render_version(item, story, labels, status, partial=partial, advisory=advisory)
    return NextVersion(changed, str(story.version + 1), topics, labels, value)


def _render_version(
    item: Item,
    story: StoryEntry,
    labels: tuple[Label, ...],
    status: PubStatus,
    *,
    partial: bool,
    advisory: bool,
) -> bytes:
    """Renders the ninjs document of the version after the story's. A canceled one has no body."""
    document = output_records.move_text_to_ed_note(bytes(item.event)) if advisory else bytes(item.event)
    if status is PubStatus.CANCELED:
        document = output_records.replace_categories(output_records.remove_body(document), [])
    elif partial and status is PubStatus.USABLE:
        subjects = [_build_subject(label, story.version) for label in labels]
        document = output_records.replace_categories(document, subjects)
    if story.translation_of:
        document = output_records.add_translation_link(document, story.translation_of)
    return output_records.finalize_document(
        document,
        uri=story.uri,
        version=str(story.version + 1),
        pubStatus=status,
        representationType="partial" if partial else "full",
        **({} if item.first_created else {"firstCreated": story.first_created}),
    )


def _open_story(case: ItemCase, ruling: Ruling) -> tuple[StoryEntry, Ruling]:
    item = case.item
    uri, figures = translations.find_original(case.state, item, case.params)
    if uri:
        link: JsonObject = {"translationOf": uri, "figures": list(figures[:MAX_EVIDENCE_VALUES])}
        ruling = msgspec.structs.replace(ruling, evidence={**ruling.evidence, **link})
    story = StoryEntry(
        expires=0,
        uri=case.own_uri,
        source=item.source,
        version=0,
        status=StoryStatus.WITHHELD,
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
    return story, ruling


def remember(case: ItemCase, story: StoryEntry, *, published: bool) -> None:
    """Puts the story into the state, and makes the id and the text of the item point to it.

    `published`: readers now see the version of this item, so its fingerprint is stored too.
    """
    state, item, version, params = case.state, case.item, case.version, case.params
    clock = state.progress.clock
    expires = clock + params.memory
    if story.pending:
        expires += min(max(0, parse_milliseconds(story.release_at) - clock), MAX_EMBARGO)
    wires = story.wires
    if len(wires) < MAX_WIRES and all(wire.source != item.source for wire in wires):
        wires = (*wires, StoryWire(item.source, item.received))
    waits = bool(story.pending) and outcomes.is_embargoed(item)  # nobody has seen it: a copy of it is news
    has_text = item.status is not Status.WITHDRAWN and story.version > 0 and not waits
    has_fingerprint = bool(item.fingerprint.minhash) or len(item.fingerprint.title) > 1
    stores_fingerprint = has_text and published and has_fingerprint and not is_advisory(item)
    story = msgspec.structs.replace(
        story,
        expires=expires,
        seen=outcomes.add_version(story.seen, version),
        wires=wires,
        symbols=tuple(dict.fromkeys((*story.symbols, *item.symbols)))[:MAX_SYMBOLS],
        fingerprint_number=case.log_offset if stores_fingerprint else story.fingerprint_number,
    )
    state.put(story_key(story.uri), story)
    if item.id or case.own_uri != story.uri:
        state.put(id_key(item.source, item_id(item)), Alias(expires=expires, uris=(story.uri,)))
    if stores_fingerprint:
        entry = StoredFingerprint(
            expires=clock + params.window + 1,
            uri=story.uri,
            source=item.source,
            received=parse_milliseconds(item.received),
            version=story.version,
            fingerprint=item.fingerprint,
            facts=list_facts(item),
            keys=index_keys(item.fingerprint),
        )
        state.put(fingerprint_key(case.log_offset), entry)
    if has_text and outcomes.has_identifying_text(item):
        key = text_key(version.text_hash)
        uris = (story.uri, *(uri for uri in state.alias(key) if uri != story.uri))[:MAX_TEXT_STORIES]
        state.put(key, Alias(expires=clock + params.window + 1, uris=uris))


def is_advisory(item: Item) -> bool:
    """Tells whether an item is a note to editors, which brings no text for its story."""
    return item.status is Status.ADVISORY


def _build_subject(label: Label, version: int) -> JsonObject:
    return {
        "name": CATEGORIES.get(label.category, label.category),
        "rel": "category",
        "uri": f"urn:newswire:category:{label.category}",
        "literal": label.category,
        "creator": f"{label.creator} (version {version})",
        "confidence": label.confidence,
    }
