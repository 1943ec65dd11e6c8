"""Finds the story of an item and rules on the item: by id, by reference, by text, by similarity, in this order."""

import msgspec

from streams.decide import near_duplicates, outcomes
from streams.decide.differing_words import EDGE, is_form, list_signs, read_text
from streams.decide.documents import unpack
from streams.decide.lsh_index import alert_keys, is_in_capitals, title_key
from streams.decide.near_duplicates import NAMING_TITLE, Candidate, WordReader
from streams.decide.outcomes import Ruling
from streams.decide.output_records import build_uri
from streams.decide.parameters import DecideParams, parse_milliseconds
from streams.decide.similarity import ComparableText, build_evidence, compare, estimate_jaccard, is_copy
from streams.decide.state import Batch
from streams.decide.state_entries import SeenVersion, StoredFingerprint, StoryEntry, StoryStatus, id_key, text_key
from streams.decide.url_ids import normalise_url_id
from streams.model.records import Item, JsonObject, MatchKind, Outcome, Status

REFERRING = (Status.CORRECTION, Status.UPDATE, Status.ADVISORY, Status.WITHDRAWN)
"""The statuses of items that may refer to a story under another id."""
MOST_FACTS = 32
ALERT_WORDS = 4
"""A title-only alert has at least so many words in its headline, so that its full text can be recognised by it."""
SAME_WORDS = 900
"""Per thousand of 3-word phrases that two texts with the same words share; spelling may part a word."""
ALERT_PAIRS = 4
"""The pairs of words of a headline with one of which its alert begins."""
ALERT_TIME = 6 * 3_600_000
"""The longest time, ms, between an alert and its text under a longer headline."""
TITLE_TIME = 2 * 3_600_000
"""The longest time, ms, between two equal short headlines without a text: tomorrow the same words are another story."""
SUMMARY_WORDS = 12
"""A text of fewer words is a part of a template, not a summary."""

Match = tuple[StoryEntry | None, Ruling]


def item_id(item: Item) -> str:
    """Returns the provider's id; if the wire gives none, an id made from the text."""
    return item.id or f"content-{item.text_hash[:16]}"


def read_as_kill(state: Batch, item: Item, params: DecideParams) -> Item:
    """Returns an item that may be a kill as one, where the headline that it names is that of one story of its wire.

    An empty quote beside the headline says that the item has a text of its own, which may be news: `CANCELLED: …` above
    the text of the story withdraws it, above another text it does not.
    """
    if item.status is not Status.USABLE or not item.quotes:
        return item
    quotes = tuple(filter(None, item.quotes))
    named = _find_named(state, item, quotes, params)
    if len(quotes) < len(item.quotes):
        story = state.story(named) if named else _find_known(state, item, build_uri(item.source, item_id(item)))
        named = story.uri if story is not None and _has_text_of(state, item, quotes, story) else ""
    return msgspec.structs.replace(item, status=Status.WITHDRAWN, quotes=quotes) if named else item


def _has_text_of(state: Batch, item: Item, titles: tuple[tuple[str, ...], ...], story: StoryEntry) -> bool:
    """Tells whether an item has the text that readers see of a story, under one of these headlines."""
    current = state.fingerprint(story.fingerprint_number)
    if current is None or current.fingerprint.title not in titles:
        return False
    return estimate_jaccard(item.fingerprint.minhash, current.fingerprint.minhash) >= SAME_WORDS


def match(state: Batch, item: Item, version: SeenVersion, own_uri: str, params: DecideParams) -> Match:
    """Finds the story of an item (None if the item opens one) and rules on the item."""
    story = _find_known(state, item, own_uri) or _find_same_address(state, item)
    if story is not None:
        return story, _rule_known(state, item, recognise_version(version, item, story), story, params)
    if item.status is not Status.WITHDRAWN and (story := find_same_text(state, item)) is not None:
        return story, outcomes.rule_same_text(item, story)
    if item.status in REFERRING:
        story, evidence = _find_referred(state, item, params)
        if story is not None:
            known = recognise_version(version, item, story)
            return story, _rule_reference(state, item, known, story, evidence, params)
        if item.status is Status.WITHDRAWN:
            # Only its text says which story a kill without an id means.
            story = None if item.id else find_same_text(state, item)
            if story is None:
                return None, outcomes.rule_new(item)
            return story, outcomes.rule_known(item, recognise_version(version, item, story), story)
    copied, closest = near_duplicates.find_copy(
        state,
        comparable_item(item),
        params.near,
        lambda entry: _is_eligible(item, entry, state.story(entry.uri), params),
        WordReader(state, item),
    )
    if copied is not None and (story := state.story(copied.entry.uri)) is not None:
        if _is_full_text(item, copied.number, copied.entry, story):
            return story, _rule_revision(item, story, {"matched": "summary", **_candidate_evidence(copied)})
        return story, _rule_near_duplicate(copied)
    story, evidence = _find_brief(state, item, params)
    if story is not None:
        return story, _rule_revision(item, story, evidence)
    ruling = outcomes.rule_new(item)
    if closest is not None and "matched" in ruling.evidence:
        evidence = {**ruling.evidence, "closest": _candidate_evidence(closest)}
        ruling = msgspec.structs.replace(ruling, evidence=evidence)
    return None, ruling


def _find_known(state: Batch, item: Item, own_uri: str) -> StoryEntry | None:
    """Finds the story of the item's id; for an item without id, that of its text, also by the hash of before."""
    known = state.alias(id_key(item.source, item_id(item))) or (own_uri,)
    story = state.story(known[0])
    if story is None and not item.id and item.old_text_hash:
        earlier = f"content-{item.old_text_hash[:16]}"
        known = state.alias(id_key(item.source, earlier)) or (build_uri(item.source, earlier),)
        story = state.story(known[0])
    return story


def recognise_version(version: SeenVersion, item: Item, story: StoryEntry) -> SeenVersion:
    """Returns the version of an item with that of its two text hashes by which the story knows the text."""
    old = item.old_text_hash
    if not old or not version.text_hash or story.current.text_hash == version.text_hash:
        return version
    hashes = {seen.text_hash for seen in story.seen}
    if story.current.text_hash == old or (old in hashes and version.text_hash not in hashes):
        return msgspec.structs.replace(version, text_hash=old)
    return version


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
        for text_hash in dict.fromkeys(filter(None, (item.text_hash, item.old_text_hash))):
            for uri in state.alias(text_key(text_hash)):
                story = state.story(uri)
                if story is None or outcomes.names_other_companies(item, story) or _has_other_signs(state, item, story):
                    continue
                if not outcomes.is_short_title(item) or parse_milliseconds(item.received) - story.heard <= TITLE_TIME:
                    return story
    return None


def _has_other_signs(state: Batch, item: Item, story: StoryEntry) -> bool:
    """Tells whether the text of a story has other signs in the places of the item's: `$45` and `\u20ac45`.

    The hash of a text does not cover them. A wire that leaves them out sends the same text.
    """
    if story.current.text_hash not in (item.text_hash, item.old_text_hash):
        return False
    known = state.document(story.uri)
    if known is None:
        return False
    mine, theirs = (list_signs(read_text(each)) for each in (bytes(item.event), unpack(known.packed)))
    return len(mine) == len(theirs) and mine != theirs


def comparable_item(item: Item) -> ComparableText:
    """Takes the parts of an item that a comparison reads."""
    return ComparableText(item.fingerprint, item.source, list_facts(item))


def list_facts(item: Item) -> tuple[tuple[str, str], ...]:
    """Lists kind and value of the facts that a state entry remembers."""
    return tuple(dict.fromkeys((fact.kind, fact.value) for fact in item.facts))[:MOST_FACTS]


def _rule_known(state: Batch, item: Item, version: SeenVersion, story: StoryEntry, params: DecideParams) -> Ruling:
    """Rules by id. A version under an alias of the story revises it only if it says something else than the story."""
    ruling = outcomes.rule_known(item, version, story)
    if ruling.outcome is Outcome.REVISED and item.has_body and _has_words_of(state, item, version, story):
        # The wire changed only its trailer, or an earlier release separated the boilerplate in another way.
        version = msgspec.structs.replace(version, text_hash=story.current.text_hash)
        ruling = outcomes.rule_known(item, version, story)
    if ruling.outcome is Outcome.REVISED and story.current.key != version.key and item.has_body:
        copied = _compare_with_current(state, state.fingerprint(story.fingerprint_number), item, story, params)
        if copied is not None:
            return _rule_near_duplicate(copied, ruling.evidence)
    return ruling


def _has_words_of(state: Batch, item: Item, version: SeenVersion, story: StoryEntry) -> bool:
    """Tells whether an item has the words of the text that readers see, and the headline."""
    if version.text_hash == story.current.text_hash:
        return False
    current = state.fingerprint(story.fingerprint_number)
    if current is None or estimate_jaccard(item.fingerprint.minhash, current.fingerprint.minhash) < SAME_WORDS:
        return False
    found = WordReader(state, item).compare(story.fingerprint_number, current)
    return found is not None and found.same


def _compare_with_current(
    state: Batch, current: StoredFingerprint | None, item: Item, story: StoryEntry, params: DecideParams
) -> Candidate | None:
    """Compares an item with the current version of a story; None if the item is no near-duplicate of it."""
    if current is None:
        return None
    compared = compare(comparable_item(item), near_duplicates.comparable_entry(current))
    if not is_copy(item.fingerprint, current.fingerprint, compared, params.near):
        return None
    compared = WordReader(state, item).refine(story.fingerprint_number, current, compared)
    return None if compared.differ else Candidate(story.fingerprint_number, current, compared)


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
        and near_duplicates.received_gap(item, entry, story.heard) <= params.window
        and not outcomes.names_other_companies(item, story)
    )


def _may_find_waiting(item: Item, story: StoryEntry) -> bool:
    """Tells whether an item may be about a version under embargo: a kill, or a note if nothing is published yet.

    Everything else is compared only with what readers see.
    """
    if not story.pending:
        return False
    return item.status is Status.WITHDRAWN or (
        item.status in (Status.ADVISORY, Status.CORRECTION) and not story.version
    )


def _find_referred(state: Batch, item: Item, params: DecideParams) -> tuple[StoryEntry | None, JsonObject]:
    """Finds the story that a correction, advisory or retraction of the same source refers to, and the evidence."""
    for replaced in item.replaces:
        for uri in state.alias(id_key(item.source, replaced)):
            if (story := state.story(uri)) is not None:
                return story, {"matched": "replaced id", "replaces": replaced}
    # Some wires send a kill as an item of its own, with an id that no story has.
    named = ""
    if item.status is Status.WITHDRAWN and item.replaces:
        if item.replaces == (item.id,):  # some wires send a kill as an item of its own
            named = _find_named(state, item, (item.fingerprint.title,), params)
        if not named:
            return None, {}  # it names the item to kill, which has not come yet

    def accept(entry: StoredFingerprint) -> bool:
        return named in ("", entry.uri) and _is_of_wire(item, entry, state.story(entry.uri), params)

    found, how = near_duplicates.find_original(state, item, comparable_item(item), accept)
    if found is None:
        return None, {}
    evidence = {"matched": how, "status": item.status.value, **_candidate_evidence(found)}
    return state.story(found.entry.uri), evidence


def _find_named(state: Batch, item: Item, titles: tuple[tuple[str, ...], ...], params: DecideParams) -> str:
    """Finds the uri of the only story of an item's wire that readers see under one of these headlines; empty if none.

    A short headline, or one that many notices share, names no story.
    """
    found = {
        entry.uri
        for _, entry in near_duplicates.read_candidates(state, tuple(map(title_key, titles)))
        if (title := entry.fingerprint.title) in titles
        and len(title) >= ALERT_WORDS
        and not is_form(" ".join(title), "")
        and (story := state.story(entry.uri)) is not None
        and story.status is StoryStatus.LIVE
        and _is_of_wire(item, entry, story, params)
    }
    return found.pop() if len(found) == 1 else ""


def _is_of_wire(item: Item, entry: StoredFingerprint, story: StoryEntry | None, params: DecideParams) -> bool:
    """Tells whether an item can belong to the story of an earlier text, and both come from one wire."""
    return (
        story is not None
        and _is_eligible(item, entry, story, params)
        and any(wire.source == item.source for wire in story.wires)
    )


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
        copied = _compare_with_current(state, current, item, story, params)
        if copied is not None:  # another wire sent this correction already
            return _rule_near_duplicate(copied)
    if item.status is Status.CORRECTION and story.pending and not story.version:
        waits = msgspec.structs.replace(item, embargoed_until=story.release_at)
        return Ruling(Outcome.WITHHELD, evidence={**evidence, **outcomes.tell_wait(waits)})
    return _rule_revision(item, story, evidence)


def _rule_revision(item: Item, story: StoryEntry, evidence: JsonObject) -> Ruling:
    if outcomes.is_embargoed(item):
        return Ruling(Outcome.WITHHELD, evidence={**evidence, **outcomes.tell_wait(item)})
    return Ruling(Outcome.REVISED if story.version else Outcome.PUBLISHED, evidence=evidence)


def _find_brief(state: Batch, item: Item, params: DecideParams) -> tuple[StoryEntry | None, JsonObject]:
    """Finds the alert or the summary for which this item brings the full text, and the evidence.

    An alert is a headline alone. The headline of its text may say more; that of another wire's text must be the same.
    """
    mine = item.fingerprint
    if not item.has_body or len(mine.title) < ALERT_WORDS:
        return None, {}
    keys = (title_key(mine.title), *dict.fromkeys(alert_keys(mine.title[: ALERT_PAIRS + 1])))
    for number, entry in near_duplicates.read_candidates(state, keys):
        theirs, story = entry.fingerprint, state.story(entry.uri)
        if story is None or story.status is not StoryStatus.LIVE or not _is_eligible(item, entry, story, params):
            continue
        if (not story.has_body and _is_alert_of(item, entry)) or _is_flash_of(state, item, number, entry, story):
            how = "the same" if theirs.title == mine.title else "begun"
            return story, {"matched": "alert", "headline": how}
        if story.has_body and theirs.title == mine.title and _is_longer(item, number, entry, story):
            compared = WordReader(state, item).refine(
                number, entry, compare(comparable_item(item), near_duplicates.comparable_entry(entry))
            )
            if (
                compared.contained >= params.near.contained
                and not compared.differ.keys() - {"added figures"}
                and (_is_full_text(item, number, entry, story) or len(compared.words[1]) <= EDGE)
            ):
                evidence = _candidate_evidence(Candidate(number, entry, compared))
                return story, {"matched": "summary", **evidence}
    return None, {}


def _is_alert_of(item: Item, entry: StoredFingerprint) -> bool:
    """Tells whether a headline without a text announces this item."""
    mine, theirs = item.fingerprint, entry.fingerprint
    if theirs.title == mine.title:
        return entry.source == item.source or (len(mine.title) >= NAMING_TITLE and not is_form(item.headline, ""))
    return (
        entry.source == item.source
        and len(theirs.title) >= ALERT_WORDS
        and near_duplicates.received_gap(item, entry) <= ALERT_TIME
        and not set(theirs.title) - set(mine.title)
        and not set(theirs.title_numbers) - set(mine.title_numbers)
        and not is_form(item.headline, "")
    )


def _is_flash_of(state: Batch, item: Item, number: int, entry: StoredFingerprint, story: StoryEntry) -> bool:
    """Tells whether a text in capitals, a flash of a few lines, announces this item of the same wire."""
    mine, theirs = item.fingerprint, entry.fingerprint
    if entry.source != item.source or story.fingerprint_number != number or not is_in_capitals(theirs):
        return False
    known = {*mine.numbers, *mine.spelled}
    if not known.issuperset(theirs.numbers) or not _is_alert_of(item, entry):
        return False
    document = state.document(entry.uri)
    return document is not None and read_text(unpack(document.packed)).body.text.isupper()


def _is_longer(item: Item, number: int, entry: StoredFingerprint, story: StoryEntry) -> bool:
    """Tells whether an item is half as long again as the text that readers see, and that is no part of a template."""
    short = entry.fingerprint.words
    return story.fingerprint_number == number and 2 * item.fingerprint.words >= 3 * max(short, SUMMARY_WORDS)


def _is_full_text(item: Item, number: int, entry: StoredFingerprint, story: StoryEntry) -> bool:
    """Tells whether an item is much longer than the short text that readers see."""
    short = entry.fingerprint.words
    return (
        story.fingerprint_number == number
        and 4 * short <= len(entry.fingerprint.opening)
        and item.fingerprint.words >= 2 * max(short, SUMMARY_WORDS)
    )
