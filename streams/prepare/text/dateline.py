"""Reads the dateline with which a release opens: place, date, wire. `WUXI, China, Dec. 10, 2021 /PRNewswire/ --`."""

import re

import msgspec

from streams.prepare.text.datetimes import ENGLISH_MONTHS

_WIRES = (
    (re.compile(r"pr ?newswire|美通社|美通稿", re.I), "PR Newswire"),
    (re.compile(r"business ?wire|美国商业资讯", re.I), "Business Wire"),
    (re.compile(r"globe ?newswire|primezone|marketwired?\b", re.I), "GlobeNewswire"),
    (re.compile(r"\bcnw\b|canada newswire", re.I), "CNW"),
    (re.compile(r"newsfile", re.I), "Newsfile"),
    (re.compile(r"access ?(?:news)?wire", re.I), "ACCESS Newswire"),
    (re.compile(r"\beqs\b|\bdgap\b", re.I), "EQS Newswire"),
    (re.compile(r"acquire media", re.I), "Acquire Media"),
    (re.compile(r"news ?direct\b", re.I), "News Direct"),
    (re.compile(r"thomson reuters|\breuters\b", re.I), "Reuters"),
    (re.compile(r"dow jones", re.I), "Dow Jones"),
)
_LIKELY_WIRE = re.compile(r"wire\b|wire\.com|\bprweb\b|pressrelease|media outreach|newsworthy|asianet|3bl media", re.I)
_RELEASE_WIRE = re.compile(
    r"news ?wire|press ?(?:wire|release)|media ?wire|\bprweb\b|media outreach|newsworthy|3bl media|news ?direct\b", re.I
)
_AGENCY = re.compile(r"AP|AFP|ANSA|dpa(?:-AFX)?|AFX|Xinhua|Kyodo|EFE|TASS|PTI|ANI|Bernama|Yonhap|Alliance News")

_DASH = r"(?:--?|[\u2013\u2014])"
_MARK = re.compile("[/\u2013\u2014-]")
_SLASHES = re.compile(r"/ ?(?P<wire>[^/\n]{2,50}?) ?/(?P<date> ?[^/\n]{6,30}? ?/)?")
_DASHES = re.compile(rf"(?:^|{_DASH}) ?(?P<wire>[\w. ]{{2,40}}) ?{_DASH}(?P<date> ?[\w., ]{{6,30}}(?= ?{_DASH}))?")
_AFTER = re.compile(rf"[ \]]*+{_DASH}*+ *+")

_MONTH = "(?:" + "|".join(sorted(ENGLISH_MONTHS, key=len, reverse=True)) + r")\.?"
DATE_PATTERN = re.compile(
    rf"\[?\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?"
    rf"(?:{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?"
    rf"|\d{{1,2}}(?:st|nd|rd|th)? {_MONTH},?(?: \d{{4}})?)\]?|\d{{4}} ?年 ?\d{{1,2}} ?月 ?\d{{1,2}} ?日",
    re.I,
)
_DATE_BEHIND_MARK = re.compile(rf"[,\u2013\u2014-]\s*(?:{DATE_PATTERN.pattern})", re.I)
"""Takes a tenth of the time of `DATE_PATTERN`, and spares most lines that search: it begins with four characters."""
_BRACKETS = re.compile(
    rf"\((?P<wire>[^()\n]{{2,60}})\)(?P<date> ?(?:{DATE_PATTERN.pattern})[^\n]{{0,40}}?(?= {_DASH} ))?"
    rf"(?= ?{_DASH}| +[A-Z])",
    re.I,
)
_AGENCY_BEHIND_DATE = re.compile(
    rf"(?:[^\W\d_a-z](?:[^\W\d_a-z]|[.' \u2019-]){{2,30}}(?:/[^\W\d_a-z]{{3,20}})?, ?)?(?i:{DATE_PATTERN.pattern})"
    rf" ?\((?:[A-Z][\w.&-]*(?: (?=[A-Z])|(?=\)))){{1,4}}\) ?{_DASH} "
)
"""Matches a date, perhaps behind a city in capitals, and the name of any agency: `LONDON, July 23 (Newsline) - `."""
_CITY = re.compile(
    rf"(?P<place>[^\W\d_a-z](?:[^\W\d_a-z]|[.' \u2019-](?! )){{2,30}}(?:, ?[^\W\d_a-z][\w. ]{{1,25}}){{0,2}}"
    rf"|[^\W\d_a-z][\w.' \u2019-]{{2,30}}, ?[^\W\d_a-z][\w. ]{{1,25}}) ?{_DASH} (?=\S)"
)
"""Matches a city in capitals, or with its state or country: `HOUSTON \u2013 `, `Buffalo, NY - `."""
_DASH_NEXT = re.compile(rf" ?(?:{_DASH}|/ ?(?P<issuer>[^/\n]{{2,80}}?) ?/) *(?=\S|$)")
_EDGES = " ,;|-\u2013\u2014/(["
_HEAD = 240


class Dateline(msgspec.Struct, frozen=True):
    """A dateline and the line's text behind it; a field is empty where the dateline does not name it."""

    text: str
    """The dateline itself, without the `--` that ends it."""
    located: str
    """The city."""
    wire: str
    """Name of the wire."""
    rest: str
    """The text behind the dateline."""
    issuer: str = ""
    """Who stands between slashes in place of a wire: `MARL - March 2, 2026 / Norwick Ferries / `."""


def find_known_wire(text: str) -> str:
    """Returns the name of the first wire of the list that `text` names; empty where it names none."""
    return next((name for pattern, name in _WIRES if pattern.search(text)), "")


def find_wire_name(text: str) -> str:
    """Returns the listed wire that `text` names (`PRNewswire-FirstCall`: `PR Newswire`).

    Otherwise returns `text` where it sounds like a wire, else an empty text.
    """
    if known := find_known_wire(text):
        return known
    if _AGENCY.fullmatch(text.strip()) or _LIKELY_WIRE.search(text):
        return text.strip()
    return ""


def read_dateline(line: str) -> Dateline | None:
    """Reads the dateline at the beginning of `line`; None where there is none.

    A wire's mark ends it: `/PRNewswire/`, `(GLOBE NEWSWIRE)`, `--(BUSINESS WIRE)--`,
    `(Newsfile Corp. - December 10, 2021)`, `/ ACCESSWIRE / December 10, 2021 /`,
    `- EQS Newswire - 10 December 2021 -`, `LONDON, Dec 10 (Reuters) -`, with any name in brackets behind a date.
    Without a mark, a place and a date before a dash suffice. The place may follow the mark:
    `(NewMediaWire) - May 1, 2026 - OSLO -`.
    """
    head = line[:_HEAD]
    if not _MARK.search(head) and not ("WIRE)" in head and DATE_PATTERN.search(head)):
        return None
    for pattern in (_SLASHES, _BRACKETS, _DASHES):
        for found in pattern.finditer(head):
            named = re.split(rf" {_DASH} ", found["wire"])[0]
            place = head[: found.start()]
            end = _skip_date(line, found.end())
            dated = end > found.end() or bool(found.groupdict()["date"])
            if pattern is _BRACKETS and not _DASH_NEXT.match(head, found.end()) and not DATE_PATTERN.search(place):
                continue
            wire = find_wire_name(named)
            if not wire and pattern is _BRACKETS and _AGENCY_BEHIND_DATE.match(head):
                return _build_dateline(line, end, place, "")
            if wire and _is_place(place) and (dated or _is_wire(wire, place)):
                if pattern is _DASHES and not place and not _begins_with_wire(named):
                    break  # a headline of a column: `The week at CNW - …`
                if not place and (behind := _CITY.match(line, _find_text_start(line, end))):
                    return _build_dateline(line, behind.end("place"), behind["place"], wire)
                return _build_dateline(line, end, place, wire)
            if pattern is not _BRACKETS:
                break
    for date in DATE_PATTERN.finditer(head) if _DATE_BEHIND_MARK.search(head) else ():
        place = head[: date.start()].rstrip()
        closed = _DASH_NEXT.match(head, date.end())
        if closed and place.endswith((",", "-", "\u2013", "\u2014")) and _is_place(place):
            issuer = closed["issuer"] or ""
            return _build_dateline(line, closed.end() if issuer else date.end(), place, "", issuer)
    return None


def is_release_wire(name: str) -> bool:
    """Tells whether a name sounds like a wire of press releases: `Blockchain Newswire`, `24-7PressRelease`."""
    return bool(_RELEASE_WIRE.search(name))


def _begins_with_wire(text: str) -> bool:
    return any(pattern.match(text.strip()) for pattern, _ in _WIRES)


def _find_text_start(line: str, end: int) -> int:
    """Returns where the text behind the dash begins."""
    after = _AFTER.match(line, end)
    return after.end() if after else end


def _skip_date(line: str, end: int) -> int:
    """Returns the end of a date that follows the wire: `HOUSTON - (NewMediaWire) - March 2, 2026 - `; else `end`."""
    date = DATE_PATTERN.match(line, _find_text_start(line, end))
    return date.end() if date and _DASH_NEXT.match(line, date.end()) else end


def _build_dateline(line: str, end: int, place: str, wire: str, issuer: str = "") -> Dateline:
    rest = line[_find_text_start(line, end) :]
    date = DATE_PATTERN.search(place)
    where = (place[: date.start()] if date else place).strip(_EDGES)
    text = line[:end].strip(" -\u2013\u2014")
    if re.search(r"\d ?/$", text):  # `/ ACCESSWIRE / December 10, 2021 /`
        text = text.rstrip(" /")
    return Dateline(text, where.split(",")[0].strip(), wire, rest, issuer)


def _is_wire(wire: str, place: str) -> bool:
    """Tells whether a wire is on the list, or stands beside a date, a city in capitals or no place, unlike in prose."""
    return bool(find_known_wire(wire) or DATE_PATTERN.search(place) or place.split(",")[0].isupper() or not place)


def _is_place(text: str) -> bool:
    """Tells whether a text may be a place: few words, no sentence, a first letter that is not lower case."""
    words = text.split()
    return len(words) <= 18 and (not words or not words[0][0].islower()) and not re.search(r"[a-z]{4,}\. [A-Z]", text)
