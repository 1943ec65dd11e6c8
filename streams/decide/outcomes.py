"""What becomes of an item, given the story it belongs to (design, "Fates, exactly"). One page of rules.

The order of versions: by `versionCreated`, then by version, then by the log (design, "Fates, exactly").
"""

import re
from typing import Any

import msgspec

from streams.decide.state_entries import StoryEntry, Version
from streams.model.records import Fate, Item, Status

_NUMBERS = re.compile(r"\d+(\.\d+)*")
MAX_SEEN = 32
"""Versions remembered of a story, newest last. More revisions than that make an old one look new at worst."""


def order(item: Version, other: Version) -> int:
    """1 where `item` is newer than `other`, -1 where older, 0 where it is the same version.

    Versions that are no numbers (real wires number by hashes) and differ: the later in the log is newer.
    """
    if item.created and other.created and item.created != other.created:
        return 1 if item.created.rstrip("Z") > other.created.rstrip("Z") else -1
    if item.version == other.version:
        return 0
    mine, theirs = _numbers(item.version), _numbers(other.version)
    if mine and theirs and mine != theirs:
        return 1 if mine > theirs else -1
    return 1


def newest(seen: tuple[Version, ...], key: str) -> Version | None:
    """The newest version seen under one id."""
    best: Version | None = None
    for version in seen:
        if version.key == key and (best is None or order(version, best) >= 0):
            best = version
    return best


def add(seen: tuple[Version, ...], version: Version) -> tuple[Version, ...]:
    """The versions seen, with one more."""
    return (*seen, version)[-MAX_SEEN:] if version not in seen else seen


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")) if _NUMBERS.fullmatch(version) and len(version) < 40 else ()


TITLE_ONLY_WORDS = 8
"""A text of a headline alone identifies nothing below this many words: "Net Asset Value(s)" is many stories."""


class Verdict(msgspec.Struct, frozen=True):
    """A fate and its evidence. `kind` and `similarity` are of duplicates."""

    fate: Fate
    kind: str = ""
    similarity: float | None = None
    evidence: dict[str, Any] = {}


def of_known(item: Item, version: Version, story: StoryEntry) -> Verdict:
    """The fate of an item whose id (or, where it has none, whose own text) belongs to `story`."""
    last = newest((*story.seen, story.current), version.key)  # late old versions may have crowded `current` out
    evidence: dict[str, Any] = {"matched": "id" if item.id else "content", "story_status": story.status}
    if last is not None:
        evidence["last"] = {"version": last.version, "versionCreated": last.created}
    if item.status is Status.WITHDRAWN and story.status != "withdrawn":
        return Verdict(Fate.WITHDRAWN, evidence=evidence)
    if version in story.seen:
        return Verdict(Fate.DUPLICATE, "same-version", 1.0, evidence)
    if story.status == "withdrawn":
        return Verdict(Fate.WITHDRAWN, evidence=evidence)
    if not item.id:
        return Verdict(Fate.DUPLICATE, "same-text", 1.0, evidence)
    evidence["text"] = "same" if last is not None and last.text_hash == version.text_hash else "differs"
    if last is not None and version.version and last.version == version.version and evidence["text"] == "same":
        return Verdict(Fate.DUPLICATE, "same-version", 1.0, evidence)  # whatever time it carries now
    step = order(version, last) if last is not None else 1
    evidence["order"] = {1: "newer", 0: "same version", -1: "older"}[step]
    if step < 0:
        return Verdict(Fate.DUPLICATE, "superseded", None, evidence)
    if story.current.key != version.key and story.current.text_hash == version.text_hash:
        # Another wire already brought this very text as the story's newest version.
        return Verdict(Fate.DUPLICATE, "same-text", 1.0, {**evidence, "text": "as shown"})
    if is_embargoed(item):
        return Verdict(Fate.WITHHELD, evidence={**evidence, "embargoedUntil": item.embargoed_until})
    return Verdict(Fate.REVISED if story.version else Fate.PUBLISHED, evidence=evidence)


def of_new(item: Item) -> Verdict:
    """The fate of an item that belongs to no story."""
    if item.status is Status.WITHDRAWN:
        return Verdict(Fate.WITHDRAWN, evidence={"matched": "nothing", "note": "a kill before its story"})
    if is_embargoed(item):
        return Verdict(Fate.WITHHELD, evidence={"matched": "nothing", "embargoedUntil": item.embargoed_until})
    return Verdict(Fate.PUBLISHED, evidence={"matched": "nothing"})


def of_same_text(item: Item, story: StoryEntry) -> Verdict:
    """The fate of an item under an unknown id whose text is that of `story`."""
    companies = "same" if set(item.symbols) & set(story.symbols) else "not given by both"
    return Verdict(Fate.DUPLICATE, "same-text", 1.0, {"matched": "text", "companies": companies})


def text_identifies(item: Item) -> bool:
    """Whether two items with this very text are the same story."""
    return item.has_body or len(item.headline.split()) >= TITLE_ONLY_WORDS


def about_others(item: Item, story: StoryEntry) -> bool:
    """Both name companies, and none in common: one template, two stories."""
    return bool(item.symbols and story.symbols) and not set(item.symbols) & set(story.symbols)


def is_embargoed(item: Item) -> bool:
    """Still under embargo when it was received. An embargo already past then is none."""
    return item.embargoed_until.rstrip("Z") > item.received.rstrip("Z")
