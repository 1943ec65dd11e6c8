"""Reads ANPA 1312, the teletype format of American agencies, in the dialects of AP and Kyodo.

Source: "Highspeed Wire Service Transmission Guidelines", bulletin 1312, as amended by 84-2 and 89-3.

A message has, in this order:

1. SYN SYN SOH, the service letter and number of the story, US and selector codes;
2. priority and category letters, a code for the form of the text (DC1 to DC4), a keyword of 24 characters, the version
   (`1stLd-Writethru`), date (month-day) and word count;
3. STX, the text, ETX, the filing time (`AP-WF-11-13-13 1509GMT`) and EOT.

In AP's text `^` opens a line, and `<` (flush left) or `=` (centred) closes it: keyword, headline, notes (`Eds:`),
pictures, byline. Paragraphs are indented. Kyodo's text has no such marks: it is keyword, headline (closed by `+`) and
indented paragraphs.

Priorities f(lash), b(ulletin), u(rgent), r(ush) and d(eferred) are urgency 1 to 5. A story keeps its keyword through
leads and corrections, so its id is keyword and day, and its version the number of the lead. Numbers restart each day.
A keyword that all alerts share (`NewsAlert`) is no id: then number and day are the id.
"""

import re
from datetime import datetime

import msgspec

from streams.model.errors import Reject
from streams.model.records import Code, Status, Story
from streams.prepare.formats._common import MAX_ITEMS, parse_each, parse_note_status, require_content
from streams.prepare.formats._teletype import require_end, typeset, unwrap
from streams.prepare.formats.document import Document
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.plain import clean, one_line

_HEADER = re.compile(
    r"[\s\x00\x16\x7f]*(?P<service>[A-Za-z])(?P<number>\d{3,5})[^\r\n]{0,80}[\r\n]+"
    r"(?P<priority>[A-Za-z]) (?P<category>[A-Za-z0-9]?)[\x11-\x14]{1,4} ?(?P<keyword>[^\r\n]{0,80}?)"
    r" +(?P<date>\d\d-\d\d) +(?P<words>\d{1,5})"
)
_SOH = re.compile(rf"[\s\x00\x04\x0c\x16\x7f]*\x01{_HEADER.pattern}")
_URGENCY = {"f": 1, "b": 2, "u": 3, "r": 4, "d": 5}
_FILED = re.compile(r"\b(?P<date>\d\d-\d\d-\d\d)[ -](?P<time>\d{4}) ?(?P<zone>[A-Z]{1,4})")
_FILED_KYODO = re.compile(r"\b(?P<hour>\d\d):(?P<minute>\d\d)-(?P<day>\d\d)-(?P<month>\d\d)-(?P<year>\d\d)\b")
_TYPESETTING = re.compile(r"\*\d{1,5}<")
_VERSION = re.compile(r"(?P<lead>\d{1,2})(?:st|nd|rd|th) ?(?:Ld|Lead|Writethru|Add|Take|Update|Correct)", re.I)
_SHARED = re.compile(r"alert\b|newsalert|bulletin|advisory|advis|digest|newsnow|flash", re.I)
_STATUSES = (
    (Status.WITHDRAWN, re.compile(r"\b(?:kill|withdraw\w*|eliminat\w*|withhold)\b", re.I)),
    (Status.CORRECTION, re.compile(r"\b(?:correct(?:ion|ive|ed)?|clarification|corr)\b", re.I)),
    (Status.UPDATE, re.compile(r"\d(?:st|nd|rd|th) ?(?:ld|lead|add)|writethru|\bupdate\b", re.I)),
    (Status.TEST, re.compile(r"\btest(?:ing)?\b", re.I)),
)
_NOTE = re.compile(r"\(?(?:Eds|Editors|Attention|Note)\b", re.I)
_PHOTO = re.compile(r"(?:AP )?(?:Photos?|Video|Graphics?|Audio)\b", re.I)
_BYLINE = re.compile(r"By [^\W\d_]")
_RULE = re.compile(r"(?m)^[ \t]*(?:_{2,}|==?[A-Z]\w{1,20}|-{3,}) *$\n?")
_BARE_DATELINE = re.compile(r"^(?P<date>[^\n]{4,80}?\d{1,2}) (?P<agency>[A-Z][A-Za-z]{1,12}) - ")
_ALERT = 250
"""Maximum characters of an alert: a text without a headline that is its own headline."""


def matches(document: Document) -> bool:
    """Whether the text begins with SOH and the two header lines."""
    return document.first not in ("<", "{", "[") and _SOH.match(document.text) is not None


def parse(document: Document) -> tuple[Story | Reject, ...]:
    """Parses each message into a story, or into its `Reject`: `missing-field`, `malformed` (cut short)."""
    messages = [part for part in document.text.split("\x01", MAX_ITEMS + 1) if _HEADER.match(part)]
    several = len(messages) > 1
    return parse_each(
        _parse_message, [(part, f"message {at}" if several else "the message") for at, part in enumerate(messages)]
    )


class _MessageText(msgspec.Struct):
    """The text of a message: its heading lines by kind, and its paragraphs in `body`."""

    keyword: str = ""
    headline: str = ""
    summary: str = ""
    note: str = ""
    byline: str = ""
    body: str = ""


def _parse_message(message: str, where: str) -> Story:
    require_end(message, where)
    header = _HEADER.match(message)
    field = header.groupdict() if header else {}
    content, _, after = message[header.end() if header else 0 :].partition("\x03")
    content = content.partition("\x02")[2] or content
    filed = _parse_filing_time(after)
    text = (_parse_marked_text if re.search(r"(?m)^\^", content) else _parse_plain_text)(content)
    keyword, version = _split_keyword(text.keyword or field.get("keyword", ""))
    stated = f"{field.get('keyword', '')} {version}"
    body = typeset(clean(_RULE.sub("", text.body)))
    body = _BARE_DATELINE.sub(r"\g<date> (\g<agency>) - ", body)
    lead = _VERSION.search(stated)
    day = f"{filed:%Y-%m-%d}" if filed else ""
    number = f"{field.get('service', '')}{field.get('number', '')}"
    named = keyword if keyword and not _SHARED.search(keyword) else number
    note = one_line(text.note)
    marked = next((status for status, pattern in _STATUSES if pattern.search(stated)), Status.USABLE)
    said = parse_note_status(note)
    story = Story(
        guid=f"{number}-{day}" if day else "",
        id=f"{named}-{day}" if day else "",
        version=lead["lead"] if lead else "",
        status=marked if said is Status.USABLE or marked is Status.WITHDRAWN else said,
        headline=typeset(one_line(text.headline)),
        summary=typeset(one_line(text.summary)),
        text=body,
        version_created=filed,
        urgency=_URGENCY.get(field.get("priority", "").lower()),
        ed_note=note,
        slugline=keyword,
        byline=one_line(text.byline),
        codes=(Code("category", field["category"]),) if field.get("category") else (),
    )
    return require_content(_with_alert_headline(story), where)


def _parse_filing_time(after: str) -> datetime | None:
    """Parses the filing time behind the text. Kyodo's form (hour, day-month-year) names no zone: its time is naive."""
    if found := _FILED.search(after):
        month, day, year = found["date"].split("-")
        return parse_time(f"20{year}-{month}-{day} {found['time'][:2]}:{found['time'][2:]} {found['zone']}")
    if found := _FILED_KYODO.search(after):
        return parse_time(f"20{found['year']}-{found['month']}-{found['day']} {found['hour']}:{found['minute']}")
    return None


def _split_keyword(line: str) -> tuple[str, str]:
    """Splits a keyword line such as `BC-BKN--Heat-Hawks, 1st Ld-Writethru,416` into keyword and version."""
    keyword, _, rest = one_line(line).partition(",")
    version = " ".join(part.strip() for part in rest.split(",") if not part.strip().isdigit())
    return keyword.strip(), version


def _parse_marked_text(content: str) -> _MessageText:
    """Parses AP's text: `^` opens a heading line, and `<` or `=` closes it; all other lines are paragraphs."""
    found = _MessageText()
    body: list[str] = []
    for line in _TYPESETTING.sub("", content).replace("\r", "").split("\n"):
        shown = line.strip().lstrip("^").strip()
        titled = line.lstrip("\x02 ").startswith("^") and shown.endswith(("<", "=")) and not body
        plain = shown.rstrip("<= ").replace("^", "").strip()
        if not titled:
            fresh = "\n\n" if line[:1] in ("\t", "^", "") else "\n" if body and body[-1].endswith("<") else " "
            body += [fresh, shown.replace("^", "")] if shown else ["\n\n"]
        elif not found.keyword:
            found.keyword = plain
        elif _NOTE.match(plain):
            found.note = f"{found.note} {_strip_brackets(plain)}"
        elif shown.endswith("="):
            found.byline = found.byline or (plain if _BYLINE.match(plain) else "")
        elif _PHOTO.match(plain):
            continue
        elif not found.headline:
            found.headline = plain
        else:
            found.summary = f"{found.summary} {plain}"
    found.body = re.sub(r"<(?=\n|$)", "", "".join(body))
    return found


def _strip_brackets(note: str) -> str:
    return note[1:-1] if note.startswith("(") and note.endswith(")") else note


def _parse_plain_text(content: str) -> _MessageText:
    """Parses text without marks: keyword and headline, then paragraphs from the first indented line on."""
    lines = content.replace("\r", "").strip("\n").split("\n")
    end = next((at for at, line in enumerate(lines[1:12], start=1) if re.match(r"\s{2,}\S|\t", line)), 1)
    titles = [clean(line) for line in lines[1:end] if clean(line)]
    return _MessageText(keyword=lines[0], headline=" ".join(titles).rstrip("+ "), body=unwrap("\n".join(lines[end:])))


def _with_alert_headline(story: Story) -> Story:
    """Gives a short story without a headline its own text as headline, without the dateline."""
    if story.headline or len(story.text) > _ALERT:
        return story
    alert = re.split(r"\) ?(?:\u2014|--?) ", story.text, maxsplit=1)[-1]
    return msgspec.structs.replace(story, headline=one_line(alert))
