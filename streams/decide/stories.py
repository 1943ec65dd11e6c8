"""Publishes, suppresses or withholds an item, and records in the state what its story has seen."""

import msgspec
import orjson

from streams.decide import holds, outcomes, output_records, translations
from streams.decide.documents import (
    TIMES,
    add_alt_id,
    build_withdrawn_document,
    complete_document,
    complete_without_text,
    finalize_document,
    keep_ids_and_source,
    pack,
    read_reason,
    replace_categories,
    unpack,
)
from streams.decide.matching import item_id, list_facts, match, read_as_kill
from streams.decide.outcomes import Ruling, tell_under_embargo
from streams.decide.output_records import Cause, FoldResult
from streams.decide.parameters import DecideParams, parse_milliseconds
from streams.decide.pins import build_category_subject, file_labels, pin_document
from streams.decide.similarity import MAX_EVIDENCE_VALUES
from streams.decide.state import Batch
from streams.decide.state_entries import (
    Alias,
    RightsExpiry,
    SeenVersion,
    StoredFingerprint,
    StoryDocument,
    StoryEntry,
    StoryStatus,
    StoryWire,
    decode_waiting_item,
    document_key,
    fingerprint_key,
    id_key,
    index_keys,
    rights_key,
    story_key,
    text_key,
)
from streams.decide.url_ids import normalise_url_id
from streams.model.codec import encode
from streams.model.records import Command, Decision, Effect, Item, JsonObject, Label, Outcome, PubStatus, Rights, Status
from streams.model.topics import DUPLICATES, WITHHELD

WITHDRAWN_BY_SOURCE = "Withdrawn by its source"
"""The `edNote` of a story that a wire withdrew. Why it did is in the decision."""
WITHDRAWN_BY_DESK = "Withdrawn by the desk"
"""The `edNote` of a story that an editor withdrew. Why is in the decision."""
UNDER_EMBARGO = (*TIMES, "embargoedUntil")
"""The times that may be told of an item under embargo."""
MAX_REASON = 500
"""Characters of the reason of a withdrawal; a longer text is a story."""
LOST_TEXT = "not in the state"
"""The evidence `text` of an update of a story whose text the state does not have. It is `partial`."""
MAX_WIRES = 32
MAX_TEXT_STORIES = 16
MAX_SYMBOLS = 64
MAX_EMBARGO = 366 * 86_400_000
"""The longest time that a withheld item is kept for its release, ms: "until further notice" never comes."""


class ItemCase(msgspec.Struct, frozen=True, gc=False):
    """An item to decide on, with everything that the rules read."""

    state: Batch
    item: Item
    version: SeenVersion
    own_uri: str
    """The uri of the story that the item opens, if it opens one."""
    log_offset: int
    params: DecideParams


class NextVersion(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The next version of a story, ready to be sent."""

    story: StoryEntry
    """The story with this version in it."""
    number: str
    topics: tuple[str, ...]
    left: tuple[str, ...]
    """The topics that the story leaves with this version."""
    labels: tuple[Label, ...]
    value: bytes
    """The ninjs document."""
    rights: Rights
    document: StoryDocument | None
    """What readers then see, for the state; None for a version that is withdrawn."""
    text_is_lost: bool = False
    """The version is an update of a text that the state does not have."""

    @property
    def evidence(self) -> JsonObject:
        """What the decision on this version adds to its evidence."""
        lost: JsonObject = {"text": LOST_TEXT} if self.text_is_lost else {}
        pinned = [pin.command for pin in self.story.pinned] if self.story.status is StoryStatus.LIVE else []
        return {**lost, "pinned": pinned} if pinned else lost


def decide_item(state: Batch, item: Item, log_offset: int, params: DecideParams) -> FoldResult:
    """Decides on an item and updates the state."""
    item = read_as_kill(state, item, params)
    version = seen_version(item)
    own_uri = output_records.build_uri(item.source, item_id(item))
    story, ruling = match(state, item, version, own_uri, params)
    return obey_ruling(ItemCase(state, item, version, own_uri, log_offset, params), story, ruling)


def obey_ruling(case: ItemCase, story: StoryEntry | None, ruling: Ruling) -> FoldResult:
    """Does with an item what a ruling says; `story` is the one that it belongs to, None where it opens one."""
    item = case.item
    if outcomes.is_hold(item) and ruling.outcome is Outcome.WITHHELD:
        item = holds.read_waiting(item, ruling.evidence)
    elif story is not None and ruling.outcome is Outcome.REVISED and holds.takes_back(item, story):
        item = holds.restore(item, story)
    elif story is not None and ruling.outcome is Outcome.WITHHELD and not outcomes.is_embargoed(item):
        item = msgspec.structs.replace(item, embargoed_until=story.release_at)  # a correction of what waits
    case = msgspec.structs.replace(case, item=item)
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
    hidden = _must_hide(item, story)
    if story.pending:
        position = str(item.origin)
        story = msgspec.structs.replace(story, copies=(*story.copies, position)[-outcomes.MAX_COPIES :])
    remember(case, story, published=False)
    later = max(0, (parse_milliseconds(item.received) - parse_milliseconds(story.opened)) // 1000)
    document, status = bytes(item.event), PubStatus.USABLE
    if item.status is Status.WITHDRAWN:
        document, status = orjson.dumps(keep_ids_and_source(document)), PubStatus.CANCELED
    elif hidden:  # a duplicate must not break the embargo either
        document, status = orjson.dumps(keep_ids_and_source(document, UNDER_EMBARGO)), PubStatus.WITHHELD
    created = {} if item.first_created else {"firstCreated": item.version_created or item.received}
    value = finalize_document(document, uri=case.own_uri, pubStatus=status, representationType="full", **created)
    effects = output_records.build_duplicate_effects(
        item,
        value,
        of=story.uri,
        kind=ruling.kind.value if ruling.kind else "",
        similarity="" if ruling.similarity is None else f"{ruling.similarity:.3f}",
        seconds_later=later,
        words="" if hidden or item.status is Status.WITHDRAWN else _tell_words(case, story, ruling),
    )
    evidence = {**ruling.evidence, **({"item": case.own_uri} if case.own_uri != story.uri else {})}
    decision = output_records.build_decision(
        item,
        case.log_offset,
        ruling.outcome,
        uri=story.uri,
        version=str(story.version),
        topics=(DUPLICATES,),
        ruling=msgspec.structs.replace(ruling, evidence=tell_under_embargo(evidence) if hidden else evidence),
        duplicate_of=story.uri,
    )
    return decision, effects


def _tell_words(case: ItemCase, story: StoryEntry, ruling: Ruling) -> str:
    """Returns the words in which a near-duplicate and its story differ, as JSON; without those that it may not tell."""
    words = ruling.evidence.get("words")
    if not isinstance(words, list):
        return ""
    mine, theirs = words
    known = case.state.document(story.uri)
    if case.item.rights == "full" and (known is None or known.rights != "full"):
        theirs = []
    return orjson.dumps([mine, theirs]).decode()


def _must_hide(item: Item, story: StoryEntry) -> bool:
    """Tells whether words of an item may not be shown yet: it is under embargo, or its story has a version that is."""
    return bool(story.pending) or outcomes.is_embargoed(item)


def publish(case: ItemCase, story: StoryEntry | None, ruling: Ruling) -> FoldResult:
    """Publishes, revises, withdraws or withholds a version of a story; opens the story if there is none."""
    if story is None:
        story, ruling = open_story(case, ruling)
    if story.pending and _joins_waiting_version(case.item, story, ruling.outcome):
        return _add_to_waiting_version(case, story, ruling)
    item, outcome = case.item, ruling.outcome
    made = advance(case, story, ruling)
    evidence = {**ruling.evidence, **made.evidence}
    held = outcome is Outcome.WITHDRAWN and holds.takes_away(item, story)
    shown = outcome in (Outcome.PUBLISHED, Outcome.REVISED)
    if outcome is Outcome.WITHDRAWN and (reason := _read_reason(item, story)):
        evidence["why"] = reason
    if shown and story.copies and not made.story.pending:
        evidence["copies"] = list(story.copies)
    if not shown and _must_hide(item, story):
        evidence = tell_under_embargo(evidence)
    cause = output_records.item_cause(item)
    decision = output_records.build_decision(
        item,
        case.log_offset,
        outcome,
        uri=story.uri,
        version=made.number,
        topics=(*made.topics, WITHHELD) if held else made.topics,
        left=made.left,
        ruling=msgspec.structs.replace(ruling, evidence=evidence),
        labels=made.labels if shown else (),
    )
    effects = build_version_effects(story, made, outcome, item, cause)
    if held:
        effects = (*effects, *holds.build_effects(made.story, made.rights, item, cause))
    return decision, effects


def _read_reason(item: Item, story: StoryEntry) -> str:
    """Reads why a wire withdraws a story. Its text is no reason if it is that of the story.

    The reason may quote the story, so it is given only for a story that readers saw.
    """
    seen = story.status is StoryStatus.LIVE
    same = story.current.text_hash in (item.text_hash, item.old_text_hash)
    if not seen or item.status is not Status.WITHDRAWN or same:
        return ""
    reason = read_reason(bytes(item.event))
    return reason if len(reason) <= MAX_REASON else ""


def build_version_effects(
    story: StoryEntry, made: NextVersion, outcome: Outcome, item: Item, cause: Cause, *, replay_job: str = ""
) -> tuple[Effect, ...]:
    """Builds the records of a version: of its topics, of those it left, and of `withheld` if it waits no more."""
    headers = output_records.build_item_headers(
        item, cause, uri=story.uri, version=made.number, outcome=outcome, rights=made.rights, replay_job=replay_job
    )
    effects = output_records.build_item_effects(made.topics, made.left, story.uri, outcome, made.value, headers)
    if story.pending and not made.story.pending:
        tombstone = output_records.build_withheld_tombstone(
            story.uri, cause, item.source, item.received, made.number, outcome
        )
        return (*effects, tombstone)
    return effects


def build_version_decision(
    command: Command, log_offset: int, outcome: Outcome, story: StoryEntry, made: NextVersion, evidence: JsonObject
) -> Decision:
    """Builds the decision on a command that made a version; `story` is the one of before."""
    return output_records.build_command_decision(
        command,
        log_offset,
        outcome,
        story,
        version=made.number,
        topics=made.topics,
        left=made.left,
        labels=() if outcome is Outcome.WITHHELD else made.labels,
        evidence=evidence,
    )


def advance(case: ItemCase, story: StoryEntry, ruling: Ruling) -> NextVersion:
    """Makes the next version of a story from an item, and puts it into the state."""
    item, outcome = case.item, ruling.outcome
    advisory = outcome is not Outcome.WITHDRAWN and story.version > 0 and is_advisory(item)
    update = advisory or (
        outcome is not Outcome.WITHDRAWN and story.version > 0 and story.has_body and not item.has_body
    )
    labels = story.labels if update else item.labels
    made = build_next_version(case.state, story, item, labels, outcome, update=update, advisory=advisory)
    if outcome is Outcome.WITHHELD:
        changed = msgspec.structs.replace(
            made.story, release_at=item.embargoed_until, evidence=msgspec.json.encode(ruling.evidence)
        )
    else:
        changed = msgspec.structs.replace(
            made.story,
            current=story.current if advisory else case.version,
            has_body=story.has_body or (item.has_body and not advisory),
        )
        if not advisory:  # a note about the version that is shown does not end the wait of the next
            changed = end_wait(changed)
    if outcome is Outcome.WITHDRAWN and holds.takes_away(item, story):
        changed = holds.hold(changed, case.state.document(story.uri), story, item, ruling.evidence)
    remember(case, changed, published=outcome in (Outcome.PUBLISHED, Outcome.REVISED))
    list_rights_end(case.state, story, changed)
    if made.document is not None or not story.version or outcome is Outcome.WITHDRAWN:
        case.state.put(document_key(story.uri), made.document)
    if outcome is Outcome.WITHDRAWN:
        drop_joined_documents(case.state, story)
    return msgspec.structs.replace(made, story=changed)


def drop_joined_documents(state: Batch, story: StoryEntry) -> None:
    """Removes the texts of the stories that were joined into one that is withdrawn."""
    for each in story.joined:
        state.put(document_key(each.uri), None)


def end_wait(story: StoryEntry) -> StoryEntry:
    """Returns the story without a version that waits for the end of its embargo."""
    return msgspec.structs.replace(story, pending=b"", release_at="", evidence=b"", copies=())


def _joins_waiting_version(item: Item, story: StoryEntry, outcome: Outcome) -> bool:
    """Tells whether an item is an update of the version that waits, which then still waits, with the update in it."""
    if outcome is Outcome.WITHDRAWN or not (outcome is Outcome.WITHHELD or story.status is StoryStatus.WITHHELD):
        return False
    return is_advisory(item) or (not item.has_body and decode_waiting_item(story).has_body)


def _add_to_waiting_version(case: ItemCase, story: StoryEntry, ruling: Ruling) -> FoldResult:
    item, waiting = case.item, decode_waiting_item(story)
    event = complete_document(bytes(waiting.event), bytes(item.event), advisory=is_advisory(item))
    until = item.embargoed_until if outcomes.is_embargoed(item) else story.release_at
    waiting = msgspec.structs.replace(
        waiting,
        event=msgspec.Raw(event),
        embargoed_until=until,
        headline=waiting.headline if is_advisory(item) else item.headline or waiting.headline,
        rights=_strictest(waiting.rights, item.rights),
    )
    update = bool(story.version) and (is_advisory(waiting) or (story.has_body and not waiting.has_body))
    labels = story.labels if update else waiting.labels
    made = build_next_version(
        case.state, story, waiting, labels, Outcome.WITHHELD, update=update, advisory=is_advisory(waiting)
    )
    changed = msgspec.structs.replace(made.story, release_at=until)
    remember(case, changed, published=False)
    evidence = {**ruling.evidence, **outcomes.tell_wait(waiting)}
    decision = output_records.build_decision(
        item,
        case.log_offset,
        Outcome.WITHHELD,
        uri=story.uri,
        version=made.number,
        topics=made.topics,
        ruling=Ruling(Outcome.WITHHELD, evidence=tell_under_embargo(evidence)),
    )
    made = msgspec.structs.replace(made, story=changed)
    return decision, build_version_effects(story, made, Outcome.WITHHELD, item, output_records.item_cause(item))


def build_next_version(
    state: Batch,
    story: StoryEntry,
    item: Item,
    labels: tuple[Label, ...],
    outcome: Outcome,
    *,
    update: bool,
    advisory: bool,
    replay_job: str = "",
) -> NextVersion:
    """Builds the next version of a story from an item. A withheld version waits in `pending` and is not counted.

    An `update` has no text of its own: its version is the document of the story with the update in it.
    """
    withdrawn, waits = outcome is Outcome.WITHDRAWN, outcome is Outcome.WITHHELD
    known = state.document(story.uri) if story.version and (update or withdrawn) else None
    if withdrawn:
        labels = ()
        document = _render_withdrawn(story, item, known)
    else:
        document = _render_document(story, item, known, labels, update=update, advisory=advisory)
    filed = file_labels(story.pinned, labels) if not withdrawn else ()
    rights = item.rights
    if update:
        rights = _strictest(known.rights if known else "restricted", rights)
    if waits:
        topics: tuple[str, ...] = (WITHHELD,)
        left: tuple[str, ...] = ()
        status = PubStatus.WITHHELD
        changed = msgspec.structs.replace(story, pending=encode(item))
    else:
        topics = output_records.list_public_topics(tuple(label.category for label in filed))
        left = output_records.list_left_topics(story.topics, topics)
        status = PubStatus.CANCELED if withdrawn else PubStatus.USABLE
        changed = msgspec.structs.replace(
            story,
            version=story.version + 1,
            status=StoryStatus.WITHDRAWN if withdrawn else StoryStatus.LIVE,
            topics=topics[1:],
            labels=tuple(msgspec.structs.replace(label, matched=()) for label in labels),
            headline=story.headline if advisory else item.headline or story.headline,
            replay_job=replay_job,
            killed_by="" if item.status is Status.WITHDRAWN else story.killed_by,
            rights_end="" if withdrawn else _earlier(story.rights_end if update else "", item.rights_end),
        )
    lost = update and known is None
    return NextVersion(
        story=changed,
        number=str(story.version + 1),
        topics=topics,
        left=left,
        labels=filed,
        value=finalize_document(
            document if withdrawn else pin_document(story.pinned, document, filed),
            uri=story.uri,
            version=str(story.version + 1),
            pubStatus=status,
            representationType="partial" if lost else "full",
        ),
        rights=rights,
        document=None if waits or withdrawn or lost else _keep(document, rights, item),
        text_is_lost=lost,
    )


def _keep(document: bytes, rights: Rights, item: Item) -> StoryDocument:
    return StoryDocument(rights=rights, packed=pack(document), time_source=item.time_source)


def _render_document(
    story: StoryEntry,
    item: Item,
    known: StoryDocument | None,
    labels: tuple[Label, ...],
    *,
    update: bool,
    advisory: bool,
) -> bytes:
    """Renders the document of the version after the story's, without the fields that number it."""
    document = bytes(item.event)
    if update and known is not None:
        document = complete_document(unpack(known.packed), document, advisory=advisory)
        if labels != story.labels:
            document = replace_categories(document, [_build_subject(label, story.version) for label in labels])
        return document
    if update:
        if advisory:
            document = complete_without_text(document, story.headline)
        document = replace_categories(document, [_build_subject(label, story.version) for label in labels])
    if story.translation_of:
        document = add_alt_id(document, "translation-of", story.translation_of)
    return finalize_document(document, **({} if item.first_created else {"firstCreated": story.first_created}))


def _render_withdrawn(story: StoryEntry, item: Item, known: StoryDocument | None) -> bytes:
    return build_withdrawn_document(
        unpack(known.packed) if known else b"{}",
        bytes(item.event),
        source=story.source,
        note=WITHDRAWN_BY_SOURCE,
        firstCreated=story.first_created,
        versionCreated=item.version_created or item.received,
    )


def _strictest(one: Rights, other: Rights) -> Rights:
    return "full" if one == other == "full" else "restricted"


def _earlier(one: str, other: str) -> str:
    """Returns the earlier of two times; the other one where one is empty."""
    return min(one, other, key=lambda time: time.rstrip("Z")) if one and other else one or other


def list_rights_end(state: Batch, before: StoryEntry, story: StoryEntry) -> None:
    """Lists a story in the state by the end of its usage rights, if that changes."""
    if before.rights_end != story.rights_end:
        if before.rights_end:
            state.put(rights_key(before.rights_end, story.uri), None)
        if story.rights_end:
            state.put(rights_key(story.rights_end, story.uri), RightsExpiry(uri=story.uri))


def open_story(case: ItemCase, ruling: Ruling) -> tuple[StoryEntry, Ruling]:
    """Opens the story of an item; the ruling then says of which other story it is a translation."""
    item = case.item
    link = translations.find_original(case.state, item, case.params)
    if link is not None:
        shared = {"translationOf": link.uri, **{kind: each[:MAX_EVIDENCE_VALUES] for kind, each in link.shared.items()}}
        ruling = msgspec.structs.replace(ruling, evidence={**ruling.evidence, **shared})
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
        translation_of=link.uri if link is not None else "",
    )
    return story, ruling


def remember(case: ItemCase, story: StoryEntry, *, published: bool) -> None:
    """Puts the story into the state, and makes the id and the text of the item point to it.

    `published`: readers now see the version of this item, so its fingerprint is stored too.
    """
    state, item, version, params = case.state, case.item, case.version, case.params
    clock, received = state.progress.clock, parse_milliseconds(item.received)
    # The clock may not follow yet; a time of a wrong clock keeps nothing for years.
    own_time = max(clock, min(received, clock + MAX_EMBARGO))
    expires = own_time + params.memory
    if story.pending:
        expires += min(max(0, parse_milliseconds(story.release_at) - clock), MAX_EMBARGO)
    wires = story.wires
    if len(wires) < MAX_WIRES and all(wire.source != item.source for wire in wires):
        wires = (*wires, StoryWire(item.source, item.received))
    waits = bool(story.pending) and outcomes.is_embargoed(item)  # nobody has seen it: a copy of it is news
    has_text = item.status is not Status.WITHDRAWN and story.version > 0 and not waits
    has_fingerprint = bool(item.fingerprint.minhash) or len(item.fingerprint.title) > 1
    can_be_found = has_fingerprint and item.status is not Status.WITHDRAWN and not is_advisory(item)
    stores_fingerprint = can_be_found and has_text and published
    stores_waiting = can_be_found and waits and not published
    stores = stores_fingerprint or stores_waiting
    renewed = None if stores else _renew_fingerprint(state, story, received, params)
    story = msgspec.structs.replace(
        story,
        expires=expires,
        heard=max(story.heard, received) if received <= clock + params.window else story.heard,
        seen=outcomes.add_version(story.seen, version),
        wires=wires,
        symbols=tuple(dict.fromkeys((*story.symbols, *item.symbols)))[:MAX_SYMBOLS],
        fingerprint_number=case.log_offset if stores_fingerprint or renewed else story.fingerprint_number,
    )
    state.put(story_key(story.uri), story)
    if item.id or case.own_uri != story.uri:
        state.put(id_key(item.source, item_id(item)), Alias(expires=expires, uris=(story.uri,)))
    if address := normalise_url_id(item.id):
        state.put(id_key(item.source, address), Alias(expires=expires, uris=(story.uri,)))
    if stores:
        renewed = StoredFingerprint(
            expires=clock + params.window + params.renewed_after + 1,
            uri=story.uri,
            source=item.source,
            received=received,
            version=0 if waits else story.version,
            fingerprint=item.fingerprint,
            facts=list_facts(item),
            keys=index_keys(item.fingerprint),
        )
    if renewed is not None:
        state.put(fingerprint_key(case.log_offset), renewed)
    if has_text and outcomes.has_identifying_text(item):
        for key in dict.fromkeys(map(text_key, filter(None, (item.text_hash, item.old_text_hash)))):
            uris = (story.uri, *(uri for uri in state.alias(key) if uri != story.uri))[:MAX_TEXT_STORIES]
            state.put(key, Alias(expires=own_time + params.window + 1, uris=uris))


def _renew_fingerprint(
    state: Batch, story: StoryEntry, received: int, params: DecideParams
) -> StoredFingerprint | None:
    """Returns the fingerprint of a story to store once more, if it is old: the window runs from the latest copy.

    An entry of the index expires in the order in which it came, so the same fingerprint gets a new number.
    """
    entry = state.fingerprint(story.fingerprint_number)
    clock = state.progress.clock
    if entry is None or not params.renewed_after <= received - entry.received <= clock + params.window - entry.received:
        return None
    expires = clock + params.window + params.renewed_after + 1
    return msgspec.structs.replace(entry, expires=expires, received=received)


def is_advisory(item: Item) -> bool:
    """Tells whether an item is a note to editors, which brings no text for its story."""
    return item.status is Status.ADVISORY


def _build_subject(label: Label, version: int) -> JsonObject:
    return build_category_subject(label, f"{label.creator} (version {version})")
