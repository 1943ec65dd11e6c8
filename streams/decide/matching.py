"""Which story an item belongs to, and what becomes of it: by id, by reference, by text, by likeness, in this order."""

from typing import Any

import msgspec

from streams.decide import near_duplicates, outcomes
from streams.decide.lsh_index import title_key
from streams.decide.near_duplicates import Candidate
from streams.decide.outcomes import Verdict
from streams.decide.parameters import Rulebook
from streams.decide.similarity import Side, compare, is_copy, told
from streams.decide.state import Overlay
from streams.decide.state_entries import Near, StoryEntry, Version, id_key, text_key
from streams.model.records import Fate, Item, Status

REFERRING = (Status.CORRECTION, Status.UPDATE, Status.ADVISORY, Status.WITHDRAWN)
"""What may mean a story under another id."""
MOST_FACTS = 32
ALERT_WORDS = 4
"""Words of a headline by which a full text is known to follow its title-only alert."""

Match = tuple[StoryEntry | None, Verdict]


def own_id(item: Item) -> str:
    """The provider's id; where it gives none, one that names the text."""
    return item.id or f"content-{item.text_hash[:16]}"


def match(state: Overlay, item: Item, version: Version, own_uri: str, rules: Rulebook) -> Match:
    """The story of an item (None where it opens one) and its fate."""
    known = state.alias(id_key(item.source, own_id(item))) or (own_uri,)
    story = state.story(known[0])
    if story is not None:
        return story, _of_known(state, item, version, story, rules)
    if item.status is not Status.WITHDRAWN and (story := same_text(state, item)) is not None:
        return story, outcomes.of_same_text(item, story)
    if item.status in REFERRING:
        story, evidence = _referred(state, item, rules)
        if story is not None:
            return story, _of_reference(state, item, version, story, evidence, rules)
        if item.status is Status.WITHDRAWN:
            # Nothing but the text says which story a kill without id means.
            story = None if item.id else same_text(state, item)
            return story, outcomes.of_new(item) if story is None else outcomes.of_known(item, version, story)
    copied, apart = near_duplicates.find_copy(
        state, side_of(item), rules.near, lambda entry: _eligible(state, item, entry, rules)
    )
    if copied is not None and (story := state.story(copied.entry.uri)) is not None:
        return story, _of_copy(copied)
    if (story := _alerted(state, item, rules)) is not None:
        return story, _revising(item, story, {"matched": "alert", "headline": "the same"})
    verdict = outcomes.of_new(item)
    if apart is not None and "matched" in verdict.evidence:
        verdict = msgspec.structs.replace(verdict, evidence={**verdict.evidence, "closest": _told(apart)})
    return None, verdict


def same_text(state: Overlay, item: Item) -> StoryEntry | None:
    """The story that has this very text and is not about other companies."""
    if outcomes.text_identifies(item):
        for uri in state.alias(text_key(item.text_hash)):
            story = state.story(uri)
            if story is not None and not outcomes.about_others(item, story):
                return story
    return None


def side_of(item: Item) -> Side:
    """An item as a comparison sees it."""
    return Side(item.print, item.source, facts_of(item))


def facts_of(item: Item) -> tuple[tuple[str, str], ...]:
    """Kind and value of the facts that a state entry remembers."""
    return tuple(dict.fromkeys((fact.kind, fact.value) for fact in item.facts))[:MOST_FACTS]


def _of_known(state: Overlay, item: Item, version: Version, story: StoryEntry, rules: Rulebook) -> Verdict:
    """By id. A version under an alias of the story revises it only where it says something else than is shown."""
    verdict = outcomes.of_known(item, version, story)
    if verdict.fate is Fate.REVISED and story.current.key != version.key and item.has_body:
        copied = _copy_of(state.near(story.near), item, story, rules)
        if copied is not None:
            return _of_copy(copied, **verdict.evidence)
    return verdict


def _copy_of(shown: Near | None, item: Item, story: StoryEntry, rules: Rulebook) -> Candidate | None:
    """What is shown of a story, where the item is a near-copy of it."""
    if shown is None:
        return None
    compared = compare(side_of(item), near_duplicates.side(shown))
    return Candidate(story.near, shown, compared) if is_copy(item.print, shown.print, compared, rules.near) else None


def _of_copy(copied: Candidate, **evidence: Any) -> Verdict:
    similarity = max(copied.compared.similarity, copied.compared.contained) / 1000
    return Verdict(Fate.DUPLICATE, "near", similarity, {**evidence, "matched": "near", **_told(copied)})


def _told(found: Candidate) -> dict[str, object]:
    return {"against": f"{found.entry.uri}/{found.entry.version}", **told(found.compared)}


def _eligible(state: Overlay, item: Item, entry: Near, rules: Rulebook) -> bool:
    story = state.story(entry.uri)
    return (
        story is not None
        and near_duplicates.apart(item, entry) <= rules.window
        and not outcomes.about_others(item, story)
    )


def _referred(state: Overlay, item: Item, rules: Rulebook) -> tuple[StoryEntry | None, dict[str, object]]:
    """The story that a correction, advisory or retraction of the same source means, and the evidence."""
    for replaced in item.replaces:
        for uri in state.alias(id_key(item.source, replaced)):
            if (story := state.story(uri)) is not None:
                return story, {"matched": "replaced id", "replaces": replaced}
    kill = item.status is Status.WITHDRAWN
    if kill and item.replaces:
        return None, {}  # it says which, and that has not come yet

    def accept(entry: Near) -> bool:
        story = state.story(entry.uri)
        if story is None or near_duplicates.apart(item, entry) > rules.window or outcomes.about_others(item, story):
            return False
        return any(wire.source == item.source for wire in story.wires)

    found, how = near_duplicates.find_original(state, side_of(item), item.quotes, accept, item.status)
    if found is None:
        return None, {}
    return state.story(found.entry.uri), {"matched": how, "status": item.status.value, **_told(found)}


def _of_reference(
    state: Overlay, item: Item, version: Version, story: StoryEntry, evidence: dict[str, Any], rules: Rulebook
) -> Verdict:
    if item.status is Status.WITHDRAWN or story.status == "withdrawn":
        return Verdict(Fate.WITHDRAWN, evidence=evidence)
    if version in story.seen or version.text_hash == story.current.text_hash:
        return Verdict(Fate.DUPLICATE, "same-text", 1.0, {**evidence, "text": "as shown"})
    shown = state.near(story.near)
    if shown is not None and shown.source != item.source and item.status is not Status.ADVISORY:
        copied = _copy_of(shown, item, story, rules)
        if copied is not None:  # another wire brought this correction already
            return _of_copy(copied)
    return _revising(item, story, evidence)


def _revising(item: Item, story: StoryEntry, evidence: dict[str, Any]) -> Verdict:
    if outcomes.is_embargoed(item):
        return Verdict(Fate.WITHHELD, evidence={**evidence, "embargoedUntil": item.embargoed_until})
    return Verdict(Fate.REVISED if story.version else Fate.PUBLISHED, evidence=evidence)


def _alerted(state: Overlay, item: Item, rules: Rulebook) -> StoryEntry | None:
    """The title-only alert of the same source whose full text this is."""
    if not item.has_body or len(item.print.title) < ALERT_WORDS:
        return None
    for number in state.find((title_key(item.print.title),))[0]:
        entry = state.near(number)
        if entry is None or entry.source != item.source or entry.print.title != item.print.title:
            continue
        story = state.story(entry.uri)
        if story is not None and not story.has_body and story.status == "live" and _eligible(state, item, entry, rules):
            return story
    return None
