"""Rules on the outcome of an item, given the story that it belongs to.

The order of versions: by `versionCreated`, then by version, then by the log.
"""

import re

import msgspec

from streams.decide.differing_words import is_form
from streams.decide.state_entries import SeenVersion, StoryEntry, StoryStatus
from streams.model.records import Item, JsonObject, MatchKind, Outcome, Status
from streams.model.timestamps import HOLD

_EMBARGO_WORDS = (
    *(b"embarg", b"withheld", b"hold ", b"for release", b"not for ", b"not to be ", b"not be ", b"not publish"),
    *(b"not release", b"confidential until", b"sperr", b"nicht vor", b"nicht zur ver", b"ne pas ", b"interdite"),
    *(b"prohibid", b"proibid", b"vietat", b"non pubblicare", b"niet v"),
    *map(str.encode, ("nicht veröff", "解禁", "エンバーゴ", "禁", "保密", "엠바고", "보도")),
)
_NUMBERS = re.compile(r"\d+(\.\d+)*")
MAX_SEEN = 32
"""Versions that a story remembers, the newest last. With more revisions, an old version may at worst look new."""
SHORT_TITLE = 5
TITLE_ONLY_WORDS = 8
"""A text that is only a headline needs so many words to identify a story: "Net Asset Value(s)" is many stories."""


TOLD_UNDER_EMBARGO = frozenset(
    (
        "matched",
        "story_status",
        "status",
        "last",
        "text",
        "order",
        "embargoedUntil",
        "item",
        "replaces",
        "companies",
        "against",
        "similarity",
        "contained",
        "closest",
        "hold",
        "job",
        "version_meant",
    )
)
"""The evidence that may be told of an item under embargo: ids, times, similarities and words of our own."""
MAX_COPIES = 64
"""Suppressed copies that a waiting version remembers, the newest last."""


class Ruling(msgspec.Struct, frozen=True, gc=False):
    """An outcome and the evidence for it. A duplicate also has a kind and perhaps a similarity."""

    outcome: Outcome
    kind: MatchKind | None = None
    similarity: float | None = None
    evidence: JsonObject = {}


def compare_versions(item: SeenVersion, other: SeenVersion) -> int:
    """Returns 1 if `item` is newer than `other`, -1 if it is older, 0 if it is the same version.

    If two versions are not numbers (some wires use hashes) and differ, the later one in the log is newer.
    """
    if item.created and other.created and item.created != other.created:
        return 1 if item.created.rstrip("Z") > other.created.rstrip("Z") else -1
    if item.version == other.version:
        return 0
    mine, theirs = _parse_numbers(item.version), _parse_numbers(other.version)
    if mine and theirs and mine != theirs:
        return 1 if mine > theirs else -1
    return 1


def find_newest(seen: tuple[SeenVersion, ...], key: str) -> SeenVersion | None:
    """Finds the newest version that was seen under one id."""
    best: SeenVersion | None = None
    for version in seen:
        if version.key == key and (best is None or compare_versions(version, best) >= 0):
            best = version
    return best


def add_version(seen: tuple[SeenVersion, ...], version: SeenVersion) -> tuple[SeenVersion, ...]:
    """Adds a version to those seen, if it is new."""
    return (*seen, version)[-MAX_SEEN:] if version not in seen else seen


def _parse_numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")) if _NUMBERS.fullmatch(version) and len(version) < 40 else ()


def rule_known(item: Item, version: SeenVersion, story: StoryEntry) -> Ruling:
    """Rules on an item whose id (or, if it has none, whose own text) belongs to `story`."""
    last = find_newest((*story.seen, story.current), version.key)  # old versions that came late may fill `seen`
    evidence: JsonObject = {"matched": "id" if item.id else "content", "story_status": story.status.value}
    if last is not None:
        evidence["last"] = {"version": last.version, "versionCreated": last.created}
    if is_hold(item) and version in story.seen:  # again, perhaps after its release
        return Ruling(Outcome.DUPLICATE, MatchKind.SAME_VERSION, 1.0, evidence)
    if is_hold(item) and story.status is StoryStatus.WITHHELD:
        return Ruling(Outcome.WITHHELD, evidence={**evidence, **tell_wait(item)})
    if item.status is Status.WITHDRAWN and story.status is not StoryStatus.WITHDRAWN:
        return Ruling(Outcome.WITHDRAWN, evidence=evidence)
    if version in story.seen:
        return Ruling(Outcome.DUPLICATE, MatchKind.SAME_VERSION, 1.0, evidence)
    if story.status is StoryStatus.WITHDRAWN:
        return Ruling(Outcome.WITHDRAWN, evidence=evidence)
    if not item.id:
        return Ruling(Outcome.DUPLICATE, MatchKind.SAME_TEXT, 1.0, evidence)
    evidence["text"] = "same" if last is not None and last.text_hash == version.text_hash else "differs"
    if last is not None and version.version and last.version == version.version and evidence["text"] == "same":
        return Ruling(Outcome.DUPLICATE, MatchKind.SAME_VERSION, 1.0, evidence)  # its time may differ
    step = compare_versions(version, last) if last is not None else 1
    evidence["order"] = {1: "newer", 0: "same version", -1: "older"}[step]
    if step < 0:
        return Ruling(Outcome.DUPLICATE, MatchKind.SUPERSEDED, None, evidence)
    if story.current.key != version.key and story.current.text_hash == version.text_hash:
        # Another wire already sent this text as the newest version of the story.
        return Ruling(Outcome.DUPLICATE, MatchKind.SAME_TEXT, 1.0, {**evidence, "text": "as shown"})
    if is_embargoed(item):
        return Ruling(Outcome.WITHHELD, evidence={**evidence, **tell_wait(item)})
    return Ruling(Outcome.REVISED if story.version else Outcome.PUBLISHED, evidence=evidence)


def rule_new(item: Item) -> Ruling:
    """Rules on an item that belongs to no story."""
    if item.status is Status.WITHDRAWN and not is_hold(item):
        return Ruling(Outcome.WITHDRAWN, evidence={"matched": "nothing", "note": "a kill before its story"})
    if is_embargoed(item):
        return Ruling(Outcome.WITHHELD, evidence={"matched": "nothing", **tell_wait(item)})
    return Ruling(Outcome.PUBLISHED, evidence={"matched": "nothing"})


def rule_same_text(item: Item, story: StoryEntry) -> Ruling:
    """Rules on an item under an unknown id that has the text of `story`."""
    companies = "same" if set(item.symbols) & set(story.symbols) else "not given by both"
    return Ruling(Outcome.DUPLICATE, MatchKind.SAME_TEXT, 1.0, {"matched": "text", "companies": companies})


def has_identifying_text(item: Item) -> bool:
    """Tells whether two items with the text of this item are one story."""
    return item.has_body or len(item.headline.split()) >= TITLE_ONLY_WORDS or is_short_title(item)


def is_short_title(item: Item) -> bool:
    """Tells whether an item is a short headline alone that says what happens: it identifies a story for a while."""
    said = item.fingerprint.directions or item.fingerprint.title_numbers
    words = len(item.headline.split())
    return (
        not item.has_body and SHORT_TITLE <= words < TITLE_ONLY_WORDS and bool(said) and not is_form(item.headline, "")
    )


def names_other_companies(item: Item, story: StoryEntry) -> bool:
    """Tells whether both name companies and none in common: then one template makes two stories."""
    return bool(item.symbols and story.symbols) and set(item.symbols).isdisjoint(story.symbols)


def is_embargoed(item: Item) -> bool:
    """Tells whether the embargo of an item had not ended when the item was received."""
    return item.embargoed_until.rstrip("Z") > item.received.rstrip("Z")


def is_hold(item: Item) -> bool:
    """Tells whether a wire asks to hold a story: not to publish it, or to take it back, until it says more."""
    return item.status is Status.WITHDRAWN and item.embargoed_until == HOLD


def tell_wait(item: Item) -> JsonObject:
    """Returns until when an item under embargo waits, as evidence. A hold has no end."""
    return {"hold": True} if item.embargoed_until == HOLD else {"embargoedUntil": item.embargoed_until}


def claims_embargo(body: bytes) -> bool:
    """Tells whether the bytes of a refused item may claim an embargo: one of these words is in nearly every notice."""
    plain = body.replace(b"\0", b"").lower()  # without the zero bytes of UTF-16
    return any(word in plain for word in _EMBARGO_WORDS)


def tell_under_embargo(evidence: JsonObject) -> JsonObject:
    """Returns the part of the evidence that holds no word of an item under embargo."""
    return {
        name: tell_under_embargo(value) if name == "closest" else value
        for name, value in evidence.items()
        if name in TOLD_UNDER_EMBARGO
    }
