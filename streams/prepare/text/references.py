"""Reads what an item says about another item: its kind of notice, and the headlines that it quotes."""

import re

import msgspec

from streams.model.records import Status, Story
from streams.prepare.text.fingerprint import extract_title_words
from streams.prepare.text.release_copy import read_headline_status

HEAD_CHARACTERS = 1200
"""Characters of a text that are searched for what it corrects."""
REMARK_CHARACTERS = 400
"""Characters at either end of a text that are searched for a remark in brackets about the item."""
MIN_TITLE_WORDS = 2
"""Words that a quoted headline must have; one word names no story."""

_OPEN, _CLOSE = "[\"\u201c\u2018\u00ab']", "[\"\u201d\u2019\u00bb']"
_WHAT = r"(?:item|story|stories|release|headline|report|article|copy|notice|announcement|advisory|series)"
_ASK = r"(?:please|pls|kindly)"
_NAMED = (
    re.compile(
        rf"\b(?:head(?:lin)?ed|titled|entitled|{_WHAT})\b[^\"\u201c\u201d.]{{0,80}}?{_OPEN}(?P<title>[^\"\u201c\u201d]{{6,240}}?)"
        rf"[,.]?{_CLOSE}(?=[\s,.;:)]|$)",
        re.I,
    ),
    re.compile(rf"\b(?:headlined|titled|entitled)[,:]? (?P<title>\S.{{6,200}}?),? {_ASK}\b", re.I),
    re.compile(rf"\b(?i:item|story|release)[,:]? (?P<title>[A-Z<\d].{{6,200}}?),? {_ASK}\b"),
)
_CHANGE = r"(?:read|correct|reverse|substitute|change|replace|insert|delete|note)"
_ADVISORY = re.compile(rf"\b(?:{_WHAT}|headlined?)\b.{{0,300}}?\b{_ASK} (?:also )?{_CHANGE}\b", re.I | re.S)
_DROP = r"(?:disregard|ignore|kill|withdraw|discard|do not use)"
_DROPPED = r"(?:is|has been|was) (?:hereby )?(?:withdrawn|retracted|killed)"
_DISREGARD = re.compile(
    rf"\b{_ASK} {_DROP}\b.{{0,120}}?\b{_WHAT}\b|\b{_WHAT}\b.{{0,240}}?\b(?:{_ASK} {_DROP}|{_DROPPED})\b",
    re.I | re.S,
)
_REMARK = re.compile(
    r"\((?P<what>corrects|correcting|refiles|refiling|removes|deletes|drops|clarifies|adds|updates|recasts|releads"
    r"|writes through)\b[^()]{0,240}\)",
    re.I,
)
_CORRECTS = ("correct", "refil", "remov", "delet", "drop", "clarif")
_MARKED = (Status.CORRECTION, Status.UPDATE, Status.ADVISORY, Status.WITHDRAWN)


class References(msgspec.Struct, frozen=True):
    """The kind of notice that an item is, and the headlines that it quotes, each split into words."""

    status: Status
    quotes: tuple[tuple[str, ...], ...] = ()


def read_references(story: Story) -> References:
    """Reads what a story says about another one, beyond the mark in its headline (normalise.py reads that)."""
    head = " ".join(f"{story.ed_note}\n{story.text}"[:HEAD_CHARACTERS].split())
    short = len(story.text.split()) < 160
    status = story.status
    if status is Status.USABLE and not story.headline:
        status = read_headline_status(story.text.lstrip().partition("\n")[0])
    notice = short and (status is not Status.USABLE or bool(re.match(r"\W*(?:in|to|editors?\b)", head, re.I)))
    if status is not Status.WITHDRAWN and notice and _DISREGARD.search(head[:400]):
        status = Status.WITHDRAWN
    elif status in (Status.USABLE, Status.CORRECTION, Status.UPDATE) and notice and _ADVISORY.search(head[:600]):
        status = Status.ADVISORY
    elif status is Status.USABLE:
        status = _read_remark(story)
    if status not in _MARKED:
        return References(status)
    found = dict.fromkeys(extract_title_words(each["title"]) for pattern in _NAMED for each in pattern.finditer(head))
    quotes = tuple(words for words in found if len(words) >= MIN_TITLE_WORDS)
    return References(status, quotes[:4])


def _read_remark(story: Story) -> Status:
    """Reads a remark at either end of a text or in its note: `(Corrects figure in second paragraph)`."""
    for part in (story.ed_note, story.text[:REMARK_CHARACTERS], story.text[-REMARK_CHARACTERS:]):
        if found := _REMARK.search(part):
            corrects = found["what"].casefold().startswith(_CORRECTS)
            return Status.CORRECTION if corrects else Status.UPDATE
    return story.status
