"""Finds the story of an item and rules on the item: by id, by reference, by text, by similarity, in this order."""

import msgspec

from streams.decide import near_duplicates, outcomes
from streams.decide.lsh_index import title_key
from streams.decide.near_duplicates import Candidate
from streams.decide.outcomes import Ruling
from streams.decide.parameters import DecideParams
from streams.decide.similarity import ComparableText, build_evidence, compare, is_copy
from streams.decide.state import Batch
from streams.decide.state_entries import SeenVersion, StoredFingerprint, StoryEntry, StoryStatus, id_key, text_key
from streams.decide.url_ids import normalise_url_id
from streams.model.records import Item, JsonObject, MatchKind, Outcome, Status

REFERRING = (Status.CORRECTION, Status.UPDATE, Status.ADVISORY, Status.WITHDRAWN)
"""The statuses of items that may refer to a story under another id."""
MOST_FACTS = 32
ALERT_WORDS = 4
"""A title-only alert has at least so many words in its headline, so that its full text can be recognised by it."""

Match = tuple[StoryEntry | None, Ruling]


def item_id(item: Item) -> str:
    """Returns the provider's id; if the wire gives none, an id made from the text."""
    return item.id or f"content-{item.text_hash[:16]}"


def match(state: Batch, item: Item, version: SeenVersion, own_uri: str, params: DecideParams) -> Match:
    """Finds the story of an item (None if the item opens one) and rules on the item."""
    known = state.alias(id_key(item.source, item_id(item))) or (own_uri,)
    story = state.story(known[0]) or _find_same_address(state, item)
    if story is not None:
        return story, _rule_known(state, item, version, story, params)
    if item.status is not Status.WITHDRAWN and (story := find_same_text(state, item)) is not None:
        return story, outcomes.rule_same_text(item, story)
    if item.status in REFERRING:
        story, evidence = _find_referred(state, item, params)
        if story is not None:
            return story, _rule_reference(state, item, version, story, evidence, params)
        if item.status is Status.WITHDRAWN:
            # Only its text says which story a kill without an id means.
            story = None if item.id else find_same_text(state, item)
            return story, outcomes.rule_new(item) if story is None else outcomes.rule_known(item, version, story)
    copied, closest = near_duplicates.find_copy(
        state,
        comparable_item(item),
        params.near,
        lambda entry: _is_eligible(item, entry, state.story(entry.uri), params),
    )
    if copied is not None and (story := state.story(copied.entry.uri)) is not None:
        return story, _rule_near_duplicate(copied)
    if (story := _find_alert(state, item, params)) is not None:
        return story, _rule_revision(item, story, {"matched": "alert", "headline": "the same"})
    ruling = outcomes.rule_new(item)
    if closest is not None and "matched" in ruling.evidence:
        evidence = {**ruling.evidence, "closest": _candidate_evidence(closest)}
        ruling = msgspec.structs.replace(ruling, evidence=evidence)
    return None, ruling


def _find_same_address(state: Batch, item: Item) -> StoryEntry | None:
    """Finds the story whose id is the same web address, written in another way, and whose headline is alike.

    Without the headline, the entries of a live page would revise each other.
    """
    address = normalise_url_id(item.id)
    uris = state.alias(id_key(item.source, address)) if address else ()
    story = state.story(uris[0]) if uris else None
    current = state.fingerprint(story.fingerprint_number) if story is not None else None
    if current is None:
        return None
    title, other = set(item.fingerprint.title), set(current.fingerprint.title)
    return story if 2 * len(title & other) >= max(len(title), len(other), 1) else None


def find_same_text(state: Batch, item: Item) -> StoryEntry | None:
    """Finds the story that has exactly this text and is not about other companies."""
    if outcomes.has_identifying_text(item):
        for uri in state.alias(text_key(item.text_hash)):
            story = state.story(uri)
            if story is not None and not outcomes.names_other_companies(item, story):
                return story
    return None


def comparable_item(item: Item) -> ComparableText:
    """Takes the parts of an item that a comparison reads."""
    return ComparableText(item.fingerprint, item.source, list_facts(item))


def list_facts(item: Item) -> tuple[tuple[str, str], ...]:
    """Lists kind and value of the facts that a state entry remembers."""
    return tuple(dict.fromkeys((fact.kind, fact.value) for fact in item.facts))[:MOST_FACTS]


def _rule_known(state: Batch, item: Item, version: SeenVersion, story: StoryEntry, params: DecideParams) -> Ruling:
    """Rules by id. A version under an alias of the story revises it only if it says something else than the story."""
    ruling = outcomes.rule_known(item, version, story)
    if ruling.outcome is Outcome.REVISED and story.current.key != version.key and item.has_body:
        copied = _compare_with_current(state.fingerprint(story.fingerprint_number), item, story, params)
        if copied is not None:
            return _rule_near_duplicate(copied, ruling.evidence)
    return ruling


def _compare_with_current(
    current: StoredFingerprint | None, item: Item, story: StoryEntry, params: DecideParams
) -> Candidate | None:
    """Compares an item with the current version of a story; None if the item is no near-duplicate of it."""
    if current is None:
        return None
    compared = compare(comparable_item(item), near_duplicates.comparable_entry(current))
    if not is_copy(item.fingerprint, current.fingerprint, compared, params.near):
        return None
    return Candidate(story.fingerprint_number, current, compared)


def _rule_near_duplicate(copied: Candidate, evidence: JsonObject | None = None) -> Ruling:
    similarity = max(copied.compared.similarity, copied.compared.contained) / 1000
    found = {**(evidence or {}), "matched": "near", **_candidate_evidence(copied)}
    return Ruling(Outcome.DUPLICATE, MatchKind.NEAR, similarity, found)


def _candidate_evidence(found: Candidate) -> JsonObject:
    return {"against": f"{found.entry.uri}/{found.entry.version}", **build_evidence(found.compared)}


def _is_eligible(item: Item, entry: StoredFingerprint, story: StoryEntry | None, params: DecideParams) -> bool:
    """Tells whether an item can belong to the story of an earlier text, by time and by companies."""
    return (
        story is not None
        and (entry.version > 0 or _may_find_waiting(item, story))
        and near_duplicates.received_gap(item, entry) <= params.window
        and not outcomes.names_other_companies(item, story)
    )


def _may_find_waiting(item: Item, story: StoryEntry) -> bool:
    """Tells whether an item may be about a version under embargo: a kill, or an advisory if nothing is published yet.

    Everything else is compared only with what readers see.
    """
    if not story.pending:
        return False
    return item.status is Status.WITHDRAWN or (item.status is Status.ADVISORY and not story.version)


def _find_referred(state: Batch, item: Item, params: DecideParams) -> tuple[StoryEntry | None, JsonObject]:
    """Finds the story that a correction, advisory or retraction of the same source refers to, and the evidence."""
    for replaced in item.replaces:
        for uri in state.alias(id_key(item.source, replaced)):
            if (story := state.story(uri)) is not None:
                return story, {"matched": "replaced id", "replaces": replaced}
    if item.status is Status.WITHDRAWN and item.replaces:
        return None, {}  # it names the item to kill, which has not come yet

    def accept(entry: StoredFingerprint) -> bool:
        story = state.story(entry.uri)
        return (
            story is not None
            and _is_eligible(item, entry, story, params)
            and any(wire.source == item.source for wire in story.wires)
        )

    found, how = near_duplicates.find_original(state, comparable_item(item), item.quotes, accept, item.status)
    if found is None:
        return None, {}
    evidence = {"matched": how, "status": item.status.value, **_candidate_evidence(found)}
    return state.story(found.entry.uri), evidence


def _rule_reference(
    state: Batch, item: Item, version: SeenVersion, story: StoryEntry, evidence: JsonObject, params: DecideParams
) -> Ruling:
    if outcomes.is_hold(item) and story.status is StoryStatus.WITHHELD:
        return Ruling(Outcome.WITHHELD, evidence={**evidence, **outcomes.tell_wait(item)})
    if item.status is Status.WITHDRAWN or story.status is StoryStatus.WITHDRAWN:
        return Ruling(Outcome.WITHDRAWN, evidence=evidence)
    if version in story.seen or version.text_hash == story.current.text_hash:
        return Ruling(Outcome.DUPLICATE, MatchKind.SAME_TEXT, 1.0, {**evidence, "text": "as shown"})
    current = state.fingerprint(story.fingerprint_number)
    if current is not None and current.source != item.source and item.status is not Status.ADVISORY:
        copied = _compare_with_current(current, item, story, params)
        if copied is not None:  # another wire sent this correction already
            return _rule_near_duplicate(copied)
    return _rule_revision(item, story, evidence)


def _rule_revision(item: Item, story: StoryEntry, evidence: JsonObject) -> Ruling:
    if outcomes.is_embargoed(item):
        return Ruling(Outcome.WITHHELD, evidence={**evidence, **outcomes.tell_wait(item)})
    return Ruling(Outcome.REVISED if story.version else Outcome.PUBLISHED, evidence=evidence)


def _find_alert(state: Batch, item: Item, params: DecideParams) -> StoryEntry | None:
    """Finds the title-only alert of the same source for which this item brings the full text."""
    title = item.fingerprint.title
    if not item.has_body or len(title) < ALERT_WORDS:
        return None
    for number in state.find((title_key(title),))[0]:
        entry = state.fingerprint(number)
        if entry is None or entry.source != item.source or entry.fingerprint.title != title:
            continue
        story = state.story(entry.uri)
        if (
            story is not None
            and not story.has_body
            and story.status is StoryStatus.LIVE
            and _is_eligible(item, entry, story, params)
        ):
            return story
    return None
