"""Reads what an item says about another item: its kind of notice, and the headlines that it quotes."""

import re

import msgspec

from streams.model.records import Status, Story
from streams.prepare.text import notice_words
from streams.prepare.text.dateline import find_known_wire
from streams.prepare.text.fingerprint import extract_title_words
from streams.prepare.text.notice_words import any_of, compile_words
from streams.prepare.text.plain import one_line
from streams.prepare.text.release_copy import (
    is_marked_withdrawn,
    may_withdraw,
    read_doubtful_kill,
    read_headline_status,
)

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
_MARKS = '"\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a\u300a-\u300f'
_QUOTED = re.compile(f"[{_MARKS}] ?(?P<title>[^{_MARKS}]{{12,240}}?) ?[{_MARKS}]")
_SHORT_WORDS = 160
"""A text with fewer words may be a notice."""
_QUOTED_WORDS = 4
"""Words that a text in quotation marks must have to be a headline in a language whose notices have no pattern here."""
_SENTENCE = re.compile(r".{1,500}?(?:[.!?](?=\s+[\"\u201c(A-Z]|\s*$)|\u3002|$)", re.S)
_LEAST_NEWS = 20
"""A text of so many words says more than that its story is withdrawn."""
_SPEAKS = re.compile(
    rf"\W{{0,9}}(?:{_ASK} (?:also )?(?:{_DROP}|delete|remove|do not publish)\b"
    r"|\((?:this )?(?:story|item|release|article) (?:(?:is|was|has been) )?(?:withdrawn|killed|retracted)\b"
    r"|we (?:are|were|have been|had been) (?:advised|informed|notified|asked)\b|(?:mandatory |bulletin )*kill\b)",
    re.I,
)
"""How a notice begins that speaks to editors."""
_ASKED = re.compile(rf"\b{_ASK} (?:also )?(?:{_DROP}|delete|remove)\b", re.I)
_DROPPED_ITEM = re.compile(
    r"\W{0,9}(?i:(?:the|this|that|our|an?) )?"
    r"(?:(?:[A-Z\d]\S*|(?:news|press|media|company|earlier|previous|following|above|attached)) ){0,6}"
    rf"(?i:{_WHAT}\b(?! of (?:\"|(?:the|an?|its|his|her)\b)).{{0,260}}?"
    r"\b(?:(?:is|are|has been|have been|was|were|should be|must be) (?:\w+ )?"
    r"(?:withdrawn|retracted|killed|cancell?ed|disregarded|ignored|deleted)"
    r"|(?:issued|released|published|sent|transmitted|moved) in error)\b)",
    re.S,
)
"""How a notice begins whose subject is the item that is not to be used."""
_READERS = re.compile(
    r"\W{0,9}(?:readers|journalists|editors|clients|subscribers|media)\b.{0,60}?"
    rf"\b(?:should|must|are (?:asked|advised) to) {_DROP}\b.{{0,80}}?\b{_WHAT}\b",
    re.I,
)
_WITHDRAWS = re.compile(
    r"(?P<who>[^\"\u201c]{2,60}?) (?:(?:has|have) (?:withdrawn|retracted|killed|deleted)|withdraws?|retracts?) "
    rf"(?:its|the|an?|this|our|their)\b[^\"\u201c]{{0,60}}?\b{_WHAT}\b",
    re.I,
)
"""How a wire says that it withdraws its story: who does is asked for beside it."""
_RETRACTS = re.compile(
    r"[A-Z][^\"\u201c]{1,60}? (?:(?:hereby|formally) )?(?:retracts|withdraws|cancels)(?: in full)? (?:its|the|this|an?)"
    r"(?: (?:earlier|previous|recent|press|news|media|[A-Z\d]\S*)){0,5} (?:release|announcement|advisory)\b"
)
"""How an issuer takes back its release. A paper that retracts an article is news."""
_IN_ERROR = re.compile(rf"\b{_WHAT}\b.{{0,300}}?\bshould be (?:disregarded|ignored|deleted)\b", re.I | re.S)
_ABOUT_ITEM = compile_words(
    r"\b(?:story|stories|article|dispatch|item|(?:press |news )?release(?! (?:of|date|from|in|for)\b)|kill"
    r"|(?:new|corrected) version|substitute|(?:do not|don't|not for) (?:use|publish))\b"
    rf"|{any_of(notice_words.WITHDRAWAL_NOTES)}"
)
"""Words of a short text beside a mark that may withdraw the story of the headline."""
_REPORTED = compile_words(any_of(notice_words.REPORTED))
_DAY = compile_words(rf"\b(?:{notice_words.WEEKDAYS['en']})\b")
_BY_OTHERS = compile_words(
    rf"\W{{0,9}}(?:\w+ ){{0,4}}(?:on {notice_words.WEEKDAYS['en']}"
    r"|by (?:the|its|an?) (?:\w+ )?(?:publishers?|journal|(?:news)?paper|magazine|authors?|council|court))\b"
)
"""Matches what news tells behind such a sentence: the day, or who withdrew the report."""
_NOTED = compile_words(any_of(notice_words.WITHDRAWAL_NOTES))
_SAME_TEXT: tuple[str, ...] = ()
"""An empty quote says that only a story with the text of the item is meant."""
_MARKED = (Status.CORRECTION, Status.UPDATE, Status.ADVISORY, Status.WITHDRAWN, Status.HOLD)


class References(msgspec.Struct, frozen=True):
    """The kind of notice that an item is, and the headlines that it quotes, each split into words.

    A usable item that quotes a headline is a kill where a story of its wire has that headline, and else news. With an
    empty quote (`_SAME_TEXT`) that story must have its text too.
    """

    status: Status
    quotes: tuple[tuple[str, ...], ...] = ()


def read_references(story: Story) -> References:
    """Reads what a story says about another one, beyond the mark in its headline (normalise.py reads that)."""
    head = " ".join(f"{story.ed_note}\n{story.text[:HEAD_CHARACTERS]}"[:HEAD_CHARACTERS].split())
    short = len(story.text.split(None, _SHORT_WORDS)) < _SHORT_WORDS
    status = story.status
    line, text = (story.headline, head) if story.headline else _split_line(story.text)
    if status is Status.USABLE and not story.headline:
        status = read_headline_status(line)
    doubtful = status is Status.USABLE and short and may_withdraw(story.headline)
    addressed = short and _is_addressed(head)
    notice = short and (status is not Status.USABLE or doubtful or addressed)
    asked = notice and _asks_to_drop(status, head[:400]) and (addressed or _is_notice(story.headline, head[:400]))
    marked = is_marked_withdrawn(line)
    if marked and status in (Status.USABLE, Status.UPDATE, Status.CORRECTION) and _is_note("", text):
        status = Status.WITHDRAWN
    if status not in (Status.WITHDRAWN, Status.HOLD) and asked:
        status = Status.WITHDRAWN
    elif status is Status.USABLE and notice and _HOLD.search(head[:400]):
        status = Status.HOLD
    elif status in (Status.USABLE, Status.CORRECTION, Status.UPDATE) and notice and _ADVISORY.search(head[:600]):
        status = Status.ADVISORY
    elif status is Status.USABLE:
        status = Status.CORRECTION if _says_replaces(head) else _read_remark(story)
    if status is Status.USABLE and (short or marked):
        return References(status, _find_killed(story.headline, head))
    if status not in _MARKED:
        return References(status)
    quotes = _find_named(head)
    if marked and not quotes and (story.status is Status.WITHDRAWN or not story.headline):
        quotes = tuple(filter(None, (extract_title_words(read_doubtful_kill(line)),)))
    if not quotes and (status in (Status.WITHDRAWN, Status.HOLD) or _says_replaces(head)):
        quotes = _find_quoted(head[:600])
    return References(status, quotes[:4])


def _asks_to_drop(status: Status, head: str) -> bool:
    """Tells whether a notice asks editors not to use an item."""
    patterns = (_DISREGARD, _REQUEST, _IN_ERROR) if status is Status.ADVISORY else (_DISREGARD, _REQUEST)
    return any(pattern.search(head) for pattern in patterns)


def _find_named(head: str) -> tuple[tuple[str, ...], ...]:
    """Finds the headlines that a notice names as such: `the release titled "…"`."""
    found = dict.fromkeys(extract_title_words(each["title"]) for pattern in _NAMED for each in pattern.finditer(head))
    return tuple(words for words in found if len(words) >= MIN_TITLE_WORDS)


def _find_quoted(text: str) -> tuple[tuple[str, ...], ...]:
    """Finds what stands in quotation marks and may be a headline."""
    found = dict.fromkeys(extract_title_words(each["title"]) for each in _QUOTED.finditer(text))
    return tuple(words for words in found if len(words) >= _QUOTED_WORDS)


def _find_killed(headline: str, head: str) -> tuple[tuple[str, ...], ...]:
    """Finds the headlines of the story that an item may withdraw; empty where it names none, or several."""
    line, begins = one_line(headline)[:300], head[:600]
    beside = extract_title_words(named) if (named := read_doubtful_kill(headline)) else ()
    notice = f"{line} . {begins}"
    quoted = _find_quoted(notice) or _find_named(notice)
    # Most items quote nothing: to look for that first is cheaper than these patterns.
    if len(quoted) == 1 and len(quoted[0]) >= _QUOTED_WORDS and _is_notice(line, begins):
        return quoted if len(beside) < _QUOTED_WORDS else tuple(dict.fromkeys((*quoted, beside)))
    marked = is_marked_withdrawn(line)
    if len(beside) < (MIN_TITLE_WORDS if marked else _QUOTED_WORDS):
        return ()
    return (beside,) if _is_note(line, begins) or (marked and not _is_news(begins)) else (beside, _SAME_TEXT)


def _is_notice(headline: str, text: str) -> bool:
    """Tells whether a text speaks to editors about an item, and does not report what others did with one."""
    first = _find_first_sentence(text)
    if _TO_EDITORS.match(first) or _SPEAKS.match(first):
        return True
    if _REPORTED.search(text):
        return False
    if (found := _DROPPED_ITEM.match(first)) and not _BY_OTHERS.match(first, found.end()):
        return True
    if (found := _WITHDRAWS.match(first)) and (find_known_wire(found["who"]) or found["who"].casefold() == "we"):
        return True
    return (
        any(pattern.match(first) for pattern in (_READERS, _RETRACTS))
        or any(pattern.search(text) for pattern in (_REQUEST, _NOTED, _ASKED))
        or (_ASKED.search(headline) is not None and not _REPORTED.search(headline))
    )


def _is_note(headline: str, text: str) -> bool:
    """Tells whether a text beside a mark is empty or says that a story is withdrawn: `A new version follows.`"""
    if not text or _is_notice(headline, _find_first_sentence(text)):
        return True
    return (
        len(text.split(None, _LEAST_NEWS)) <= _LEAST_NEWS
        and _ABOUT_ITEM.search(text) is not None
        and not (_REPORTED.search(text) or _DAY.search(text))
    )


def _is_news(text: str) -> bool:
    """Tells whether a text beside a mark in capitals is certainly news: `Figures were wrong.` is not."""
    return bool(_REPORTED.search(text) or _DAY.search(text)) or len(text.split(None, _LEAST_NEWS)) > _LEAST_NEWS


def _split_line(text: str) -> tuple[str, str]:
    """Returns the first line of a text without a headline, and the beginning of the rest."""
    line, _, rest = text.lstrip().partition("\n")
    return line, " ".join(rest[:HEAD_CHARACTERS].split())


def _find_first_sentence(text: str) -> str:
    """Returns the first sentence of a text, without what it quotes."""
    found = _SENTENCE.match(_QUOTED.sub('""', text))
    return found[0] if found else ""


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
