"""Reads what an item says about another item: its kind of notice, and the headlines that it quotes."""

import re

import msgspec

from streams.model.records import Status, Story
from streams.prepare.text import notice_words
from streams.prepare.text.fingerprint import extract_title_words
from streams.prepare.text.notice_words import any_of, compile_words
from streams.prepare.text.plain import one_line
from streams.prepare.text.release_copy import may_withdraw, read_doubtful_kill, read_headline_status

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
_HOLD = re.compile(rf"\b{_ASK} (?:hold|withhold)\b.{{0,120}}?\b{_WHAT}\b", re.I | re.S)
_REQUEST = compile_words(any_of(notice_words.WITHDRAWAL_REQUESTS))
_REPLACES = compile_words(any_of(notice_words.REPLACES))
_REPLACED_CHARACTERS = 600
"""Characters of a text in which it says that it replaces another one."""
_TO_EDITORS = compile_words(rf"\W*(?:editors?\b|{any_of(notice_words.TO_EDITORS)})")
_IN_STORY = re.compile(r"\W*(?:in|to)\b", re.I)
"""How a notice begins that names its story next: `In the item headlined "…" please read`. So does much news."""
_QUOTED = re.compile(
    '["\u201c\u201e\u00ab\u00bb\u2039\u203a] ?(?P<title>[^"\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a]{12,240}?)'
    ' ?["\u201c\u201d\u00ab\u00bb\u2039\u203a]'
)
_SHORT_WORDS = 160
"""A text with fewer words may be a notice."""
_QUOTED_WORDS = 4
"""Words that a text in quotation marks must have to be a headline in a language whose notices have no pattern here."""
_MAY_DROP = re.compile(
    r"\b(?:disregards?|ignores?|kills?|withdraws?|retracts?|discards?|cancels?|deletes?|do not use|not for use)"
    rf"(?: [\w'\u2019-]+){{0,5}}? {_WHAT}\b"
    rf"|\b{_WHAT}\b.{{0,260}}?\b(?:(?:is|are|has been|was|should be|must be) (?:\w+ )?(?:withdrawn|retracted|killed"
    r"|cancell?ed|disregarded|ignored|deleted)|(?:issued|released|published|sent|transmitted) in error)\b",
    re.I | re.S,
)
"""Words of a notice that may withdraw the story whose headline it quotes. News about a report has them too."""
_MARKED = (Status.CORRECTION, Status.UPDATE, Status.ADVISORY, Status.WITHDRAWN, Status.HOLD)


class References(msgspec.Struct, frozen=True):
    """The kind of notice that an item is, and the headlines that it quotes, each split into words.

    A usable item that quotes a headline is a kill where a story of its wire has that headline, and else news.
    """

    status: Status
    quotes: tuple[tuple[str, ...], ...] = ()


def read_references(story: Story) -> References:
    """Reads what a story says about another one, beyond the mark in its headline (normalise.py reads that)."""
    head = " ".join(f"{story.ed_note}\n{story.text[:HEAD_CHARACTERS]}"[:HEAD_CHARACTERS].split())
    short = len(story.text.split(None, _SHORT_WORDS)) < _SHORT_WORDS
    status = story.status
    if status is Status.USABLE and not story.headline:
        status = read_headline_status(story.text.lstrip().partition("\n")[0])
    doubtful = status is Status.USABLE and short and may_withdraw(story.headline)
    notice = short and (status is not Status.USABLE or doubtful or _is_addressed(head))
    asked = notice and (_DISREGARD.search(head[:400]) or _REQUEST.search(head[:400]))
    if status not in (Status.WITHDRAWN, Status.HOLD) and asked:
        status = Status.WITHDRAWN
    elif status is Status.USABLE and notice and _HOLD.search(head[:400]):
        status = Status.HOLD
    elif status in (Status.USABLE, Status.CORRECTION, Status.UPDATE) and notice and _ADVISORY.search(head[:600]):
        status = Status.ADVISORY
    elif status is Status.USABLE:
        status = Status.CORRECTION if _says_replaces(head) else _read_remark(story)
    if status is Status.USABLE and short:
        return References(status, _find_killed(story.headline, head))
    if status not in _MARKED:
        return References(status)
    quotes = _find_named(head)
    if not quotes and (status in (Status.WITHDRAWN, Status.HOLD) or _says_replaces(head)):
        quotes = _find_quoted(head[:600])
    return References(status, quotes[:4])


def _find_named(head: str) -> tuple[tuple[str, ...], ...]:
    """Finds the headlines that a notice names as such: `the release titled "…"`."""
    found = dict.fromkeys(extract_title_words(each["title"]) for pattern in _NAMED for each in pattern.finditer(head))
    return tuple(words for words in found if len(words) >= MIN_TITLE_WORDS)


def _find_quoted(text: str) -> tuple[tuple[str, ...], ...]:
    """Finds what stands in quotation marks and may be a headline."""
    found = dict.fromkeys(extract_title_words(each["title"]) for each in _QUOTED.finditer(text))
    return tuple(words for words in found if len(words) >= _QUOTED_WORDS)


def _find_killed(headline: str, head: str) -> tuple[tuple[str, ...], ...]:
    """Finds the headline of the story that an item may withdraw; empty where it names none, or several."""
    if marked := read_doubtful_kill(headline):
        found = [extract_title_words(marked)]
    else:
        notice = f"{one_line(headline)[:300]} . {head[:600]}"
        found = list(_find_quoted(notice) or _find_named(notice))
        # Most items quote nothing: to look for that first is cheaper than these patterns.
        if len(found) == 1 and not any(pattern.search(notice) for pattern in (_MAY_DROP, _DISREGARD, _REQUEST)):
            return ()
    return tuple(found) if len(found) == 1 and len(found[0]) >= _QUOTED_WORDS else ()


def _is_addressed(head: str) -> bool:
    """Tells whether a text begins as a notice to editors does."""
    if _IN_STORY.match(head):
        return any(pattern.search(head) for pattern in _NAMED)
    return _TO_EDITORS.match(head) is not None


def _says_replaces(head: str) -> bool:
    """Tells whether the head of a text says that it replaces an earlier one."""
    head = head[:_REPLACED_CHARACTERS]
    return any(map(head.casefold().__contains__, notice_words.REPLACING)) and _REPLACES.search(head) is not None


def _read_remark(story: Story) -> Status:
    """Reads a remark at either end of a text or in its note: `(Corrects figure in second paragraph)`."""
    for part in (story.ed_note, story.text[:REMARK_CHARACTERS], story.text[-REMARK_CHARACTERS:]):
        if found := _REMARK.search(part):
            corrects = found["what"].casefold().startswith(_CORRECTS)
            return Status.CORRECTION if corrects else Status.UPDATE
    return story.status
