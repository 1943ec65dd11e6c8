"""Reads the embargo that the copy itself states: `EMBARGOED UNTIL 00:01 BST THURSDAY 9 JULY`, `Sperrfrist: …`.

A line or a headline must begin with the words of an embargo (notice_words.py), or a headline end with them. What
follows is a time, read part by part, or the item is held until the desk releases it. An item *about* an embargo has
those words inside a sentence, or a name of an embargo without a time behind it.
"""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from streams.model.records import Story
from streams.model.timestamps import UNTIL_FURTHER_NOTICE
from streams.prepare.text import notice_words as words
from streams.prepare.text.datetimes import MONTHS, parse_time
from streams.prepare.text.plain import one_line

_MONTHS = MONTHS | {
    name: number for names in words.MORE_MONTHS.values() for number, name in enumerate(names.split(), start=1)
}
_OPEN = r"[\s*\[(<>#_=~/\u2022\u2013\u2014-]*"
_MARK = words.compile_words(
    rf"{_OPEN}(?:{words.any_of(words.SUBJECT_BEFORE)} )?"
    rf"(?:(?P<until>{words.any_of(words.EMBARGO_UNTIL)})|(?P<soft>{words.any_of(words.RELEASE_AT)})"
    rf"|(?P<name>{words.any_of(words.EMBARGO_NAME)}))(?=[\W\d]|$)(?P<colon>[ ]?[:*\])])?"
)
_OVER = words.compile_words(words.any_of(words.EMBARGO_OVER))
_CLOSED = re.compile(r"\s*(?:[:*\])]|--?\s|[\u2013\u2014|]|$)")
"""What stands behind words that are a notice by themselves: `EMBARGOED: …`, `[EMBARGOED]`."""
_BEHIND = re.compile(r"(?:\s[-\u2013\u2014|]+\s+|[\[(*])(?P<mark>[^\[\]()]{4,200}?)[\])*\s]*$")
_MONTH = "(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_YEAR = r"(?P<year>(?:19|20)\d\d)(?! ?(?:hrs|hours|gmt|utc|bst)\b)"
_DATES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"(?P<year>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<day>\d\d)(?:T(?=\d))?",
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.|\u00ba)?(?: de| of|\.)? ?(?:{_MONTH})"
        rf"(?:,? ?(?:de |del |of )?{_YEAR})?",
        rf"(?:{_MONTH}) ?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?![:.h]\d)(?! ?[ap]\.?m\b)(?:,? {_YEAR})?",
        r"(?P<day>\d{1,2})\. ?(?P<m>\d{1,2})\. ?(?P<year>(?:20)?\d\d)\b",
        r"(?P<one>\d{1,2})/(?P<two>\d{1,2})/(?P<year>20\d\d)\b",
    )
)
_CLOCK = words.compile_words(
    r"(?P<h>\d{1,2})(?:[:.h](?P<min>\d\d))?(?:[:.]\d\d)? ?(?P<half>[ap])\.? ?m\b\.?"
    rf"|(?P<h2>\d{{1,2}}) ?[:.h] ?(?P<min2>\d\d)(?:[:.]\d\d)?(?!\d)(?: ?(?:{words.any_of(words.HOURS)}|h)\b)?"
    rf"|(?P<h3>\d{{1,2}}) ?(?:{words.any_of(words.HOURS)}|h)\b"
    rf"|(?:{words.any_of(words.BEFORE_HOURS)}) (?P<h5>\d{{1,2}})(?![\d:.h/]| ?(?:de )?[^\W\d_])"
    rf"|(?P<h4>[01]\d|2[0-3])(?P<min4>[0-5]\d)(?= ?(?:{words.any_of(words.HOURS)}|h|gmt|utc|bst|[ecmp][sd]?t|ces?t)\b)"
    rf"|(?:12(?:[:.]00)? ?)?(?:(?P<midnight>{words.any_of(words.MIDNIGHT)})|(?P<noon>{words.any_of(words.NOON)}))\b"
)
_FILLER = words.compile_words(
    rf"(?:{words.any_of(words.WEEKDAYS)}\b\.?|{words.any_of(words.AROUND_TIMES)}\b|[,;.:|/()\[\]]|-(?=\d))"
)
_ZONE = re.compile(
    r"(?:(?:UTC|GMT) ?)?[+-]\d{1,2}(?::?\d\d)?\b|(?:[Ee]astern|[Cc]entral|[Mm]ountain|[Pp]acific"
    r"|EASTERN|CENTRAL|MOUNTAIN|PACIFIC)(?i:(?: (?:standard|daylight))? time)|(?:[A-Z]{2,5}/)?[A-Z]{1,5}\b"
    r"|(?:New York|Toronto|London|Frankfurt|Zurich|Moscow|Tokyo|Hong Kong|Singapore|Beijing|Sydney)(?= (?i:time)\b)"
)
_CITY = words.compile_words(rf"{words.any_of(words.TIME_OF_CITY)}?(?P<city>{'|'.join(words.CITIES)})\b(?: time)?")
_HOURS = words.compile_words(words.any_of(words.HOURS))
_LOCAL = words.compile_words(rf"{words.any_of(words.LOCAL_TIME)}\b")
_LIKE_A_ZONE = re.compile(r"[A-Z]{3,5}")
_LEADS = words.compile_words(rf"{words.any_of(words.LEADS_TO_TIME)}\Z")
_WEEKDAY = words.compile_words(words.any_of(words.WEEKDAYS))
_MAX_LINES = 200
_MAX_LINE = 300
_MAX_TAIL_WORDS = 10
"""Words that may follow a time that cannot be read, `after the speech of the president`; more are prose."""
_PROSE_WORDS = 25
_MAX_NAMED_TAIL = 4
"""Words that may follow `Sperrfrist:`, `Redebeginn`; more are a headline about an embargo."""
_MAX_SOFT_TAIL = 3
_LAST_ZONE = timezone(timedelta(hours=-12))
"""The zone where a day ends last: what is past there is past everywhere."""
_FIRST_ZONE = timezone(timedelta(hours=14))
"""The zone where a day begins first."""
_FIRST_YEAR = 1000
_MONTHS_OF_YEAR = 12
_EDGES = " *-\u2013\u2014:|.,;)]\t"


Zone = str | tzinfo
"""A zone by the name that `parse_time` knows, or itself."""


class _Moment(NamedTuple):
    """A time as its parts say it, and where the line goes on behind it."""

    end: int
    local: datetime | None = None
    """The time without its zone; of the year 1 where the text gives no year; None where no part of a time is there."""
    zone: Zone | None = None
    clock: bool = False
    dated: bool = False
    readable: bool = True
    """False where a part names what is not known, or where two parts contradict each other."""


class _Notice(NamedTuple):
    """The words of an embargo in a line: its time, whether they only say when the release is free, and the rest."""

    moment: _Moment
    soft: bool
    rest: str


def complete_embargo(story: Story, zone: tzinfo | None, received: datetime) -> Story:
    """Returns the story with the embargo that its copy states, and without the lines that state it.

    `zone` is the default zone of its source. A time without a zone, where the source has none either, is a hold unless
    it is past everywhere; so is a time that cannot be read. An embargo that the format states stays as it is.
    """
    others = (story.subheadline, story.summary, story.ed_note)
    headline, in_headline = _read_headline(one_line(story.headline))
    lines, in_text = _read_lines(story.text.split("\n"))
    in_others = [
        notice for other in others if other and (notice := _read_line(one_line(other)[:_MAX_LINE], strict=True))
    ]
    found = [*in_headline, *in_text, *in_others]
    if not found:
        return story
    if not headline and story.subheadline and not in_others:
        headline = one_line(story.subheadline)
    at = next((at for at, line in enumerate(lines) if line.strip()), -1)
    if not headline and at >= 0 and len(lines[at]) <= _MAX_LINE:
        headline, lines = lines[at], lines[at + 1 :]
    timed = [notice for notice in found if notice.moment.clock or notice.moment.dated]
    ends = [when for notice in timed or found if (when := _resolve(notice, zone, received))]
    return msgspec.structs.replace(
        story,
        headline=headline or story.headline,
        text="\n".join(lines).strip("\n"),
        embargoed_until=story.embargoed_until or max(ends, default=None),
    )


def is_embargo_line(line: str, *, release_too: bool = True) -> bool:
    """Tells whether a line says nothing but an embargo, or when the release is free (`release_too`)."""
    notice = _read_line(line, strict=False)
    return notice is not None and not notice.rest and (release_too or not notice.soft)


def join_embargo_lines(lines: list[str]) -> list[str]:
    """Joins each line that names an embargo with a date in the next line, which becomes empty."""
    joined = list(lines)
    for at, line in enumerate(lines[:_MAX_LINES]):
        if _MARK.match(line):
            whole, taken = _join_time(lines, at)
            joined[at : at + taken] = [whole, *[""] * (taken - 1)]
    return joined


def _read_headline(headline: str) -> tuple[str, list[_Notice]]:
    """Splits a headline into what it says and the notice before or behind it."""
    if notice := _read_line(headline, strict=False, title=True):
        return notice.rest, [notice]
    if (behind := _BEHIND.search(headline, max(0, len(headline) - _MAX_LINE))) and behind.start():
        notice = _read_line(f"[{behind['mark']}]", strict=False, title=True)
        if notice and not notice.soft and not notice.rest:
            return headline[: behind.start()].rstrip(), [notice]
    return headline, []


def _read_lines(lines: list[str]) -> tuple[list[str], list[_Notice]]:
    """Splits lines of copy into those that stay and the notices. Behind the first prose only a full time is one."""
    kept: list[str] = []
    found: list[_Notice] = []
    prose = False
    at = 0
    while at < len(lines):
        notice = None
        if at < _MAX_LINES and _MARK.match(lines[at]):
            joined, taken = _join_time(lines, at)
            notice = _read_line(joined, strict=prose)
        if notice is None:
            taken = 1
            kept.append(lines[at])
            prose = prose or len(lines[at].split()) >= _PROSE_WORDS
        else:
            found.append(notice)
            kept += [notice.rest] if notice.rest else []
        at += taken
    return kept, found


def _join_time(lines: list[str], at: int) -> tuple[str, int]:
    """Joins a line that names an embargo with the date in the next line; returns how many lines that are."""
    line = lines[at].strip()
    match = _MARK.match(line)
    if match is None:
        return lines[at], 1
    moment = _read_moment(line, match.end())
    if moment.dated or line[moment.end :].strip(_EDGES):
        return lines[at], 1
    for after in range(at + 1, min(at + 3, len(lines))):
        if other := lines[after].strip():
            date = _read_moment(other, 0)
            if date.dated and not other[date.end :].strip(_EDGES):
                return f"{line} {other}", after - at + 1
            break
    return lines[at], 1


def _read_line(line: str, *, strict: bool, title: bool = False) -> _Notice | None:
    """Reads the notice at the beginning of a line; None where there is none.

    `strict`: only a full time counts. `title`: the line is a headline, which may be about an embargo on goods.
    """
    line = line.strip()
    match = _MARK.match(line)
    if match is None or _OVER.search(line[: match.end() + 40]):
        return None
    moment = _read_moment(line, match.end())
    rest = line[moment.end :].strip(_EDGES)
    full = moment.dated and moment.local is not None
    if match["soft"]:
        stated = full or (moment.clock and not strict)
        most = 0 if title else _MAX_SOFT_TAIL
        return _Notice(moment, True, "") if stated and len(rest.split()) <= most else None
    closed = not rest or _CLOSED.match(line, moment.end) is not None
    if full and (moment.clock or closed or (match["until"] and not title)):
        return _Notice(moment, False, rest)
    if strict or len(line) > _MAX_LINE:
        return None
    few = len(rest.split()) <= _MAX_TAIL_WORDS
    if match["name"]:
        few = few and match["colon"] is not None and len(rest.split()) <= _MAX_NAMED_TAIL
        return _Notice(moment._replace(readable=False), False, "") if few and not title else None
    timed = moment.end > match.end()
    leads = _LEADS.search(match["until"]) is not None
    if not timed and not leads:
        alone = match["until"].isupper() or line[0] in "[(*"
        noted = alone and _CLOSED.match(line, match.end("until")) is not None
        return _Notice(moment._replace(readable=False), False, rest) if noted else None
    if not few or (title and not timed and not match["until"].isupper()):
        return None
    return _Notice(moment._replace(readable=False), False, rest if title else "")


def _read_moment(line: str, at: int) -> _Moment:
    """Reads the parts of a time from a place of a line: date, clock, zone and the words between them, in any order."""
    dates: set[tuple[int, int, int]] = set()
    clocks: list[int] = []
    zones: list[Zone] = []
    readable = True
    end = at
    behind = False
    while at < len(line):
        if line[at].isspace():
            at += 1
        elif date := next((found for form in _DATES if (found := form.match(line, at))), None):
            day = _build_date(date)
            readable = readable and day is not None
            dates |= {day} if day else set()
            at = end = date.end()
            behind = True
        elif clock := _CLOCK.match(line, at):
            minutes = _build_minutes(clock)
            readable = readable and minutes is not None
            clocks += [minutes] if minutes is not None else []
            at = end = clock.end()
            behind = True
        elif behind and (zone := _read_zone(line, at)):
            zones += [zone[0]] if zone[0] else []
            readable = readable and zone[0] is not None
            at = end = zone[1]
        elif filler := _FILLER.match(line, at):
            at = filler.end()
            end = at if _WEEKDAY.match(filler[0]) else end
            behind = behind and (filler[0] in ",([" or _HOURS.fullmatch(filler[0]) is not None)
        else:
            break
    local, zone_of = _choose_latest(dates, clocks, zones)
    readable = readable and local is not None
    return _Moment(end, local, zone_of, bool(clocks), bool(dates), readable)


def _read_zone(line: str, at: int) -> tuple[Zone | None, int] | None:
    """Reads a zone behind a time, and where it ends; None where none stands there, a zone None where it is unknown."""
    if local := _LOCAL.match(line, at):
        return None, local.end()
    if city := _CITY.match(line, at):
        return ZoneInfo(words.CITIES[city["city"].casefold()]), city.end()
    found = _ZONE.match(line, at)
    if found is None:
        return None
    when = parse_time(f"2000-01-01 00:00 {found[0]}")
    if when is not None and when.tzinfo is not None:
        return found[0], found.end()
    return (None, found.end()) if _LIKE_A_ZONE.fullmatch(found[0]) and not _FILLER.match(line, at) else None


def _choose_latest(
    dates: set[tuple[int, int, int]], clocks: list[int], zones: list[Zone]
) -> tuple[datetime | None, Zone | None]:
    """Builds the time from its parts; of one time in several zones the latest. None where the parts do not fit."""
    if not (dates or clocks) or len(dates) > 1 or (len(set(clocks)) > 1 and len(zones) != len(clocks)):
        return None, None
    year, month, day = next(iter(dates), (0, 0, 0))
    try:
        start = datetime(year or 1, month or 1, day or 1)  # noqa: DTZ001 - the zone follows
        times = [start + timedelta(minutes=minutes) for minutes in clocks or [0]]
        if len(times) == 1 or not zones:
            return times[0], zones[0] if zones else None
        if year:
            return max(zip(times, zones, strict=True), key=lambda each: _to_utc(*each))
    except (ValueError, OverflowError):
        pass
    return None, None


def _build_date(found: re.Match[str]) -> tuple[int, int, int] | None:
    """Returns year, month and day, the year 0 where none is stated; None where nobody can tell which is the month."""
    part = found.groupdict()
    if part.get("one"):
        month, day = int(part["one"]), int(part["two"])
        if month <= _MONTHS_OF_YEAR and day <= _MONTHS_OF_YEAR and month != day:
            return None
        month, day = (month, day) if month <= _MONTHS_OF_YEAR else (day, month)
    else:
        month = int(part.get("m") or _MONTHS[(part.get("month") or "").casefold()])
        day = int(part["day"])
    year = int(part.get("year") or 0)
    return (year + 2000 if 0 < year < 100 else year), month, day


def _build_minutes(found: re.Match[str]) -> int | None:
    """Returns the minutes since the beginning of the day; None for what is no time of day."""
    if found["midnight"]:
        return 24 * 60  # the end of the day: too late is better than too early
    if found["noon"]:
        return 12 * 60
    hour = int(found["h"] or found["h2"] or found["h3"] or found["h4"] or found["h5"])
    minute = int(found["min"] or found["min2"] or found["min4"] or 0)
    if half := found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in "pP" else 0)
    return hour * 60 + minute if minute < 60 and (hour < 24 or (hour, minute) == (24, 0)) else None


def _to_utc(local: datetime, zone: Zone) -> datetime:
    """Returns a local time in UTC."""
    if isinstance(zone, str):
        found = parse_time(f"{local:%Y-%m-%d %H:%M} {zone}") if local.year >= _FIRST_YEAR else None
        if found is None:
            raise ValueError(f"{local} {zone} is no time")
        return found
    return local.replace(tzinfo=zone).astimezone(UTC)


def _resolve(notice: _Notice, default: tzinfo | None, received: datetime) -> datetime | None:
    """Returns when a notice ends, `UNTIL_FURTHER_NOTICE` for a hold; None where it is no embargo any more."""
    moment, soft, _ = notice
    local = moment.local if moment.readable else None
    if local is not None and not moment.dated:
        # `For release at 2:00 p.m. EDT` is of the day on which it came; an embargo without a day may be of any day.
        local = local.replace(year=received.year, month=received.month, day=received.day) if soft else None
    elif local is not None and local.year == 1:
        local = _choose_year(local, received)
    if local is None:
        return UNTIL_FURTHER_NOTICE
    if soft and not moment.clock and local.replace(tzinfo=_FIRST_ZONE) <= received:
        return None  # the date of a release that is out
    zone = moment.zone or default
    if zone is not None:
        try:
            return _to_utc(local, zone)
        except (ValueError, OverflowError):
            return UNTIL_FURTHER_NOTICE
    return None if local.replace(tzinfo=_LAST_ZONE) <= received else UNTIL_FURTHER_NOTICE


def _choose_year(local: datetime, received: datetime) -> datetime | None:
    """Returns a day without a year in the year that brings it nearest to the receipt."""
    near: list[datetime] = []
    for year in (received.year - 1, received.year, received.year + 1):
        with suppress(ValueError):  # 29 February
            near.append(local.replace(year=year))
    plain = received.replace(tzinfo=None)
    return min(near, key=lambda when: abs(when - plain), default=None)
