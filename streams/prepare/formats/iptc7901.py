"""Reads IPTC 7901, the teletype format of European agencies, in the dialects of dpa and ATS.

Source: "The Text Transmission Format", Recommendation 7901, revision 5, 1995.

A message is SOH, the header line, the slug (keywords, each closed by a slash), STX, the text, ETX, the date-time group
and EOT.

- Header line: service letters and number, priority (1 most urgent to 6), category letters, word count, and additions
  of the agency.
- Text: titles and byline stand above and end with the line that ends in `=`. Take marks above the title (`1ST LEAD`,
  `EXTRA`) become the note to editors.
- Date-time group: day, hour and minute, zone, month and year (`131137 GMT Nov 13`). Without a zone it is the local
  time of the agency.

Numbers restart each day, so the id is number and day (`eca062-2013-11-13`); without a date there is no id. Text that is
not for publication (from `The following information is not …` on) is left out. A notebook becomes boilerplate.
"""

import re
from datetime import datetime

from streams.model.errors import Reject
from streams.model.records import Code, Status, Story
from streams.prepare.formats._common import MAX_ITEMS, parse_each, parse_urgency, require_content
from streams.prepare.formats._teletype import require_end, typeset, unwrap
from streams.prepare.formats.document import Document
from streams.prepare.text.datetimes import ENGLISH_MONTHS, parse_time
from streams.prepare.text.plain import clean, one_line

_HEADER = (
    r"(?P<service>[A-Za-z]{1,4})(?P<number>\d{1,5}) +(?P<priority>[1-9]) +(?P<category>[A-Za-z]{1,4})"
    r" +(?P<words>\d{1,5})\b(?P<more>[^\r\n]*)"
)
_FILL = r"[\s\x00\x04\x16\x7f]*"
_MESSAGE = re.compile(rf"{_FILL}\x01{_FILL}{_HEADER}")
_BARE = re.compile(rf"\s*{_HEADER}\r?\n")
_STAMP = re.compile(
    r"(?P<day>\d\d)(?P<hour>\d\d)(?P<minute>\d\d) *(?P<zone>[A-Z]{1,5})? *(?P<month>[^\W\d_]{3,9})\.? *(?P<year>\d\d)\b"
)
_TITLES_END = re.compile(r"= *$")
_MOST_TITLES = 12
_BYLINE = re.compile(r"(?:By|Von|Par|Por|Di|Da) (?=[^\W\d_])")
_TAKE = re.compile(
    r"\(.{1,40}\)|(?:\d{1,2}(?:st|nd|rd|th)? )?(?:lead|net|extra|urgent|eil|new(?:s)?|update|roundup|correct\w*|kill\w*"
    r"|flash|bulletin|advisory|zusammenfassung|berichtigung|korrektur|attention|preview|feature|recast|repeat)\b.{0,30}",
    re.I,
)
_STATUSES = (
    (Status.WITHDRAWN, re.compile(r"\b(?:kill|withdrawn|annul|annullation|storno|zurückgezogen)\b", re.I)),
    (Status.CORRECTION, re.compile(r"\b(?:correct\w*|berichtigung|berichtigt|korrektur|rectificat\w*)\b", re.I)),
    (Status.UPDATE, re.compile(r"\b(?:lead|net|update\w*|recast|neu|new|aktualisiert)\b", re.I)),
    (Status.TEST, re.compile(r"\btest\b", re.I)),
)
_NOTEBOOK = re.compile(r"(?m)^#? ?[^\n]{0,20}\b(?:notebook|notizblock)\s*$", re.I)
_PRIVATE = re.compile(
    r"(?m)^(?:the following information is not|die folgenden informationen sind nicht)\b[^\n]{0,60}", re.I
)
_STARS = re.compile(r"(?<!\*)(?<!\* )(?:\* ?){3,}\s*$")
_SIGNED = re.compile(r"\(?[A-Za-z]{2,6}(?:(?: |\\?/)[a-z]{1,4}){1,5}\)?")
_DATELINE = re.compile(
    r"(?P<place>[^\W\d_][\w .,'-]{1,60}?) \((?P<agency>[A-Za-z]{2,6})(?: [a-z]{2,6}){0,2}\) "
    r"(?:(?:--?|[\u2013\u2014]) )?"
)
_FOREIGN = {
    "mär": 3, "mrz": 3, "mai": 5, "okt": 10, "dez": 12, "januar": 1, "februar": 2, "märz": 3, "juni": 6, "juli": 7,
    "oktober": 10, "dezember": 12, "janv": 1, "fév": 2, "févr": 2, "fev": 2, "mars": 3, "avr": 4, "juin": 6,
    "juil": 7, "août": 8, "aout": 8, "déc": 12, "ene": 1, "abr": 4, "ago": 8, "dic": 12, "gen": 1, "mag": 5,
    "giu": 6, "lug": 7, "set": 9, "ott": 10, "out": 10, "maj": 5, "maart": 3, "mrt": 3, "mei": 5,
}  # fmt: skip


def matches(document: Document) -> bool:
    """Whether the text begins with SOH and a header line.

    If the control characters were lost, it must begin with a header line and end with a date-time group.
    """
    if document.first in ("<", "{", "["):
        return False
    if _MESSAGE.match(document.text):
        return True
    return _BARE.match(document.text) is not None and _parse_date_time_group(document.text[-200:]) is not None


def parse(document: Document) -> tuple[Story | Reject, ...]:
    """Parses each message into a story, or into its `Reject`: `missing-field`, `malformed` (cut short)."""
    messages = [part for part in document.text.split("\x01", MAX_ITEMS + 1) if _BARE.match(f"{part}\n")] or [
        document.text
    ]
    several = len(messages) > 1
    return parse_each(
        _parse_message, [(part, f"message {at}" if several else "the message") for at, part in enumerate(messages)]
    )


def _parse_message(message: str, where: str) -> Story:
    require_end(message, where)
    header = _BARE.match(f"{message}\n")
    field = header.groupdict() if header else {}
    rest = message[header.end("more") :] if header else message
    slug, text, after = _split_message(rest)
    stamp = _parse_date_time_group(after)
    titles, body = _split_titles(text)
    byline = next((line for line in titles if _BYLINE.match(line)), "")
    titles = [line for line in titles if line != byline]
    takes, headline = _split_headline(titles)
    text, boilerplate = _split_notebook(body)
    note = " ".join(takes)
    number = f"{field.get('service', '')}{field.get('number', '')}"
    dateline = _DATELINE.match(text)
    story = Story(
        guid=f"{number}-{stamp:%Y-%m-%d}" if stamp else "",
        status=next((status for status, pattern in _STATUSES if pattern.search(note)), Status.USABLE),
        headline=headline,
        text=text[dateline.end() :] if dateline else text,
        boilerplate=boilerplate,
        version_created=stamp,
        urgency=parse_urgency(field.get("priority")),
        ed_note=note,
        slugline=slug,
        byline=_BYLINE.sub("", byline),
        dateline=dateline[0].strip(" -\u2013\u2014") if dateline else "",
        located=dateline["place"].partition(",")[0] if dateline else "",
        distributor=dateline["agency"] if dateline else "",
        codes=(Code("category", field["category"]),) if field.get("category") else (),
    )
    return require_content(story, where)


def _split_message(rest: str) -> tuple[str, str, str]:
    """Splits what follows the header into slug, text and the rest: by control characters, or by lines without them."""
    after = ""
    if "\x03" in rest:
        rest, _, after = rest.partition("\x03")
    else:
        rest = rest.rstrip("\x00\x04\x7f \r\n")
        rest, _, last = rest.rpartition("\n")
        rest, after = (rest, last) if _parse_date_time_group(last) else (f"{rest}\n{last}", "")
    if "\x02" in rest:
        slug, _, text = rest.partition("\x02")
    else:
        lines = rest.lstrip("\r\n").split("\n")
        keyed = next((at for at, line in enumerate(lines[:3]) if line.strip().endswith("/") or "/" in line[:1]), -1)
        slug = lines[keyed] if keyed >= 0 else ""
        text = "\n".join(lines[keyed + 1 :])
    return one_line(slug).strip("/ "), text, after


def _parse_date_time_group(text: str) -> datetime | None:
    """Parses the last date-time group of a text; naive if it names no zone, None if there is none."""
    found = next(reversed(list(_STAMP.finditer(text))), None)
    if found is None:
        return None
    name = found["month"].casefold()
    month = ENGLISH_MONTHS.get(name) or _FOREIGN.get(name)
    if not month:
        return None
    zone = f" {found['zone']}" if found["zone"] else ""
    year = f"{'20' if found['year'] < '70' else '19'}{found['year']}"
    return parse_time(f"{year}-{month:02}-{found['day']} {found['hour']}:{found['minute']}{zone}")


def _split_titles(text: str) -> tuple[list[str], str]:
    """Splits a text into title lines and body: at a line that ends in `=`, else before an empty or indented line."""
    lines = text.replace("\r", "").lstrip("\n ").split("\n")
    end = next((at for at, line in enumerate(lines[:_MOST_TITLES]) if _TITLES_END.search(line)), -1)
    if end < 0:
        gap = (at for at, line in enumerate(lines[:_MOST_TITLES]) if not line.strip() or line.startswith("  "))
        end = next(gap, 1) - 1
    shown = [_TITLES_END.sub("", one_line(line)).strip() for line in lines[: end + 1]]
    return [line for line in shown if line], "\n".join(lines[end + 1 :])


def _split_headline(titles: list[str]) -> tuple[list[str], str]:
    """Splits title lines into take marks and the headline: the last title, with the lines above that it wraps."""
    if not titles:
        return [], ""
    cut = len(titles) - 1
    while cut and len(titles[cut - 1]) > 50 and not _TAKE.fullmatch(titles[cut - 1]):
        cut -= 1
    return titles[:cut], one_line(" ".join(titles[cut:]))


def _split_notebook(body: str) -> tuple[str, str]:
    """Splits a body into text and notebook, without the signature and the part that is not for publication."""
    private = _PRIVATE.search(body)
    cut = body[: private.start()] if private else body
    found = _NOTEBOOK.search(cut)
    text, notes = (cut[: found.start()], cut[found.start() :]) if found else (cut, "")
    notes = _strip_signature(clean(_STARS.sub("", notes.rstrip())))
    return _strip_signature(typeset(unwrap(_STARS.sub("", text.rstrip())))), notes if "\n" in notes else ""


def _strip_signature(text: str) -> str:
    """Drops a last paragraph that is the initials of the writers: `dpa bwh bag`."""
    rest, _, last = text.rpartition("\n\n")
    return rest if rest and _SIGNED.fullmatch(last) else text
