"""Reads a press release as plain text: alone, or inside the text of an article page of the site.

The page has navigation before the release and a ticker after it. A wire marks its releases with a stamp line, a
dateline with its name, a SOURCE line or a copyright line. Without such a mark the text must be prose that shows in
another way that it is a release, or be sent as `text/plain`.
"""

import re
from datetime import datetime

import msgspec

from streams.model.errors import Reason, Reject
from streams.model.records import Status, Story
from streams.prepare.companies.tickers import find_tickers
from streams.prepare.formats.document import Document
from streams.prepare.text.boilerplate import split_boilerplate
from streams.prepare.text.dateline import find_wire_name, read_dateline
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.embargo import is_embargo_line, join_embargo_lines
from streams.prepare.text.plain import clean, one_line
from streams.prepare.text.release_copy import ReleaseParts, TrailerReader, read_headline_status, split_release

_DATELINE_LINES = 40
"""Lines of an unmarked text in which a dateline is looked for."""
_TICKER_CHARACTERS = 2_000
"""Characters in which a ticker is looked for: it stands where the company is named first."""
_STATES_RELEASE = re.compile(
    r"(?mi)^(?:[^\w\n]{0,20}for immediate (?:release|distribution)\b|the post .{1,300} appeared first on .{1,80}$)"
)
_OPENING_MAX = 500
_NO_HEADLINE = (";", "{", "}", "(", ",", ":")
"""Last characters of the first line of a program or a letter; a headline does not end with them."""
_PROSE_WORDS = 20

_CONTROL = re.compile("[\x01-\x04\x16\x1e\x1f]")
_CLOCK = re.compile(r"\d{1,2}:\d\d|\d ?[ap]\.?m\b", re.I)
_STAMP_SOURCE = re.compile(r"(?:(?<!\s)\s+)?\|\s*source ?[:\uff1a] ?", re.I)
_COPYRIGHT = re.compile(r"(?:\u00a9|\(c\)|copyright)\s*(?P<wire>\D{2,60}?),? \d{4}\.?", re.I)
_SOURCE_LINE = re.compile(r"(?m)^(?:SOURCE:? (?=[^\W_a-z])|Source: (?!\w+:)(?=\w)|消息来源)")
_AFTER_ARTICLE = re.compile(r"latest news [\"\u201c\u00ab].{1,60}|\d{1,2}:\d\d[ap]\S.*", re.I)
_FURNITURE = re.compile(
    r"for immediate (?:release|distribution)\W*(?:\w{3,9}\.? \d{1,2},? \d{4}\W*)?"
    r"|(?:press|news) release\W*|news provided by\W*"
    r"|share (?:with|on|this)\b.{0,40}"
    r"|/ ?(?:c ?o ?r ?r ?e ?c ?t ?i ?o ?n|u ?p ?d ?a ?t ?e|advisory|repeat)\b.{0,150}/",
    re.I,
)
_HEAD_CONTACT = re.compile(
    r"(?:(?:media|press|investors?|company|ir|news|for (?:more|further) information)[ \w]{0,20})?"
    r"(?:contacts?|enquiries|inquiries|kontakt|ansprechpartner|relations)\b[ \w]{0,30}(?::|\n)",
    re.I,
)
"""A block with the people to ask, above the headline."""
_EDGE = 50_000
"""Characters at both ends of a long text in which marks are looked for."""
_HEADLINE_MAX = 500
_MAX_DATELINE_LINE = 40


class _Head(msgspec.Struct, frozen=True):
    """What stands above the copy of a release."""

    headline: str
    subheadline: str = ""
    stamp: datetime | None = None
    """The time of the stamp line; naive if it names no zone."""
    issuer: str = ""
    marked: Status = Status.USABLE
    """The status of lines such as `/CORRECTION/`."""


def matches(document: Document) -> bool:
    """Whether the text has the mark of a wire, is prose with a sign of a release, or is prose sent as `text/plain`."""
    if document.first in ("<", "{", "[", "") or _CONTROL.search(document.text[:4000]):
        return False
    text = document.text.lstrip()
    if len(text) > 2 * _EDGE:
        text = f"{text[:_EDGE]}\n{text[-_EDGE:]}"
    lines = [line.strip() for line in text.split("\n")]
    if _find_stamp(lines) > 0 or _find_wire_dateline(lines) >= 0:
        return True
    if _SOURCE_LINE.search(text, 1) or any(len(line) < 100 and _is_wire_copyright(line) for line in lines):
        return True
    return _is_prose(text) if document.media_type == "text/plain" else _looks_like_release(text)


def parse(document: Document) -> tuple[Story, ...]:
    """Parses the one release in the text. Raises `Reject`: `empty`, `missing-field` (neither headline nor text)."""
    lines = join_embargo_lines(clean(document.text).split("\n"))
    if not any(lines):
        raise Reject(Reason.EMPTY, "the text has no visible characters")
    at = _find_stamp(lines)
    page = at > 0
    head, body = _split_page(lines, at) if page else _split_text(lines)
    story = _build_story(head, split_release("\n".join(body)))
    if not story.headline and not story.text:
        raise Reject(Reason.MISSING_FIELD, "the release has neither a headline nor a text")
    return (story,)


def _is_prose(text: str) -> bool:
    """Whether the text is a headline, an empty line, and then one long paragraph or several short ones."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    if len(paragraphs) < 2 or not 3 < len(paragraphs[0]) <= _OPENING_MAX:
        return False
    words = [len(paragraph.split()) for paragraph in paragraphs[1:]]
    return max(words) >= _PROSE_WORDS or sum(words) >= 3 * _PROSE_WORDS


def _looks_like_release(text: str) -> bool:
    """Whether the text is prose with a sign of a release.

    A sign is a dateline, a ticker with its exchange, boilerplate, or words such as "for immediate release".
    """
    if not _is_prose(text) or text.lstrip().partition("\n")[0].rstrip().endswith(_NO_HEADLINE):
        return False
    shown = clean(text)
    return (
        _STATES_RELEASE.search(shown) is not None
        or any(read_dateline(line) for line in shown.split("\n")[:_DATELINE_LINES] if line)
        or any(one.how == "bracket" and one.exchange for one in find_tickers(shown[:_TICKER_CHARACTERS]))
        or bool(split_boilerplate(shown)[1])
    )


def _split_page(lines: list[str], at: int) -> tuple[_Head, list[str]]:
    headline = next((line for line in reversed(lines[:at]) if line and not _is_no_title(line)), "")
    body = lines[at + 1 : _find_article_end(lines, at + 1)]
    dateline = _find_dateline(body)
    above = [line for line in body[: max(dateline, 0)] if line]
    leads = [line for line in above if not _FURNITURE.fullmatch(line)]
    lead = " ".join(leads)
    marks = [line for line in [*lines[max(0, at - 4) : at], *above] if line.startswith("/")]
    if leads and len(lead) <= _HEADLINE_MAX and not lead.endswith((".", ":")):
        body = [*[line for line in above if line in marks], *body[dateline:]]
    else:
        lead = ""
    stamp, issuer = _parse_stamp(lines[at])
    return _Head(headline, lead, stamp, issuer, _read_marked_status(marks)), body


def _split_text(lines: list[str]) -> tuple[_Head, list[str]]:
    dateline = _find_dateline(lines)
    stamp: datetime | None = None
    issuer = ""
    titles: list[str] = []
    marks: list[str] = []
    others: list[str] = []
    trailer = TrailerReader()
    contacts, start = _find_head_contacts(lines, dateline)
    lines = [*lines[start:], "", *contacts] if contacts else lines
    dateline -= start if dateline >= 0 else 0
    until = dateline if dateline >= 0 else _find_first_gap(lines)
    for line in lines[:until]:
        when, who = _parse_stamp(line)
        if when:
            stamp, issuer = when, who
        elif line.startswith("/") and _FURNITURE.fullmatch(line):
            marks.append(line)
        elif trailer.consume(line) or is_embargo_line(line):
            others.append(line)
        elif line and not _FURNITURE.fullmatch(line):
            titles.append(line)
    note = next((n for n, title in enumerate(titles) if n and title.endswith((".", ":"))), len(titles))
    # Sentences above the dateline are a note or a lead, not part of the title.
    kept = titles[note:] + others
    head = _Head(" ".join(titles[:1]), " ".join(titles[1:note]), stamp, issuer, _read_marked_status(marks))
    return head, [line for title in kept for line in (title, "")] + lines[until:]


def _is_no_title(line: str) -> bool:
    return _FURNITURE.fullmatch(line) is not None or is_embargo_line(line)


def _find_head_contacts(lines: list[str], dateline: int) -> tuple[list[str], int]:
    """Finds the letterhead and contacts above the headline; returns them, contacts first, and the line behind them."""
    gaps = [at for at, line in enumerate(lines[: max(dateline, 0)]) if not line]
    blocks = [(a, b) for a, b in zip([-1, *gaps], [*gaps, max(dateline, 0)], strict=True) if any(lines[a + 1 : b])]
    marked = [n for n, (a, b) in enumerate(blocks) if _HEAD_CONTACT.match("\n".join(lines[a + 1 : b]))]
    if not marked or marked[-1] + 1 >= len(blocks):
        return [], 0
    first, last = blocks[marked[0]][0] + 1, blocks[marked[-1]][1] + 1
    above = [line for line in lines[:first] if line and not _FURNITURE.fullmatch(line)]
    return [*lines[first:last], *above], last


def _build_story(head: _Head, copy: ReleaseParts) -> Story:
    headline = one_line(head.headline)
    status = copy.status
    for found in (head.marked, read_headline_status(headline)):
        status = found if status is Status.USABLE else status
    if status is Status.USABLE and copy.ed_note:
        status = Status.CORRECTION
    return Story(
        status=status,
        headline=headline,
        subheadline=one_line(head.subheadline),
        text=copy.text,
        boilerplate=copy.boilerplate,
        version_created=head.stamp,
        ed_note=copy.ed_note,
        dateline=copy.dateline,
        located=copy.located,
        copyright_notice=copy.copyright_notice,
        copyright_holder=copy.copyright_holder,
        distributor=copy.distributor,
        issuer=copy.issuer or head.issuer,
        url=copy.url,
        pictures=copy.pictures,
    )


def _parse_stamp(line: str) -> tuple[datetime | None, str]:
    """Parses a stamp line such as `12/10/2021 | 07:41am EST | Source: Marl Inc.`: the time and the issuer."""
    if not 8 < len(line) < 200 or not _CLOCK.search(line):
        return None, ""
    when, _, issuer = _STAMP_SOURCE.sub("\0", line, count=1).partition("\0")
    return parse_time(when), issuer


def _find_stamp(lines: list[str]) -> int:
    """Finds the stamp line of the site's page: date, bar and time alone, with a headline above; -1 if there is none."""
    for at, line in enumerate(lines):
        if "|" in line and len(line) < 60 and not _STAMP_SOURCE.search(line) and at and _parse_stamp(line)[0]:
            return at
    return -1


def _find_article_end(lines: list[str], start: int) -> int:
    """Finds the line at which the article ends: after its copyright line, or before the ticker, else the last."""
    for at in range(start, len(lines)):
        if _AFTER_ARTICLE.fullmatch(lines[at]):
            return at
        if len(lines[at]) < 100 and _is_wire_copyright(lines[at]):
            return at + 1
    return len(lines)


def _is_wire_copyright(line: str) -> bool:
    found = _COPYRIGHT.fullmatch(line.strip())
    return bool(found and find_wire_name(found["wire"]))


def _find_dateline(lines: list[str]) -> int:
    found = _find_wire_dateline(lines)
    if found >= 0:
        return found
    return next((at for at, line in enumerate(lines[:_MAX_DATELINE_LINE]) if line and read_dateline(line)), -1)


def _find_wire_dateline(lines: list[str]) -> int:
    shown = ((at, line) for at, line in enumerate(lines) if line)
    for (at, line), _ in zip(shown, range(4 * _MAX_DATELINE_LINE), strict=False):
        if (found := read_dateline(line)) and found.wire:
            return at
    return -1


def _find_first_gap(lines: list[str]) -> int:
    """Finds the empty line that follows the headline."""
    first = next((at for at, line in enumerate(lines) if line and not _is_no_title(line)), 0)
    return next((at for at, line in enumerate(lines) if at > first and not line), len(lines))


def _read_marked_status(marks: list[str]) -> Status:
    found = (read_headline_status(mark) if "C O R R" in mark.upper() else split_release(mark).status for mark in marks)
    return next((status for status in found if status is not Status.USABLE), Status.USABLE)
