"""Reads the embargo that the copy itself states: `EMBARGOED UNTIL 00:01 BST THURSDAY 9 JULY`, `Sperrfrist: …`.

The words of an embargo (notice_words.py) stand at the beginning of a line or a headline, or at the end of a headline.
In the first lines of the copy, in notes to editors and in the note of the format they may also stand behind other
words: then a full time must follow. What follows them is a time, read part by part, or the item is held until the desk
releases it. An item *about* an embargo has those words inside a sentence, or a name of an embargo without a time behind
it. Of a time that may be meant in several zones, the latest is taken.
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
from streams.prepare.text.date_words import WEEKDAYS_OF
from streams.prepare.text.datetimes import MONTHS, parse_time
from streams.prepare.text.plain import one_line

_MONTHS = MONTHS | {
    name: number for names in words.MORE_MONTHS.values() for number, name in enumerate(names.split(), start=1)
}
_SIGNS = r"[\s*^\[(<>#_=~/\u2022\u2013\u2014\u203b\u3010-]"
_NUMBER = r"(?:\d{1,2}[.)] )?"
_PHRASES = (
    rf"(?:(?P<ends>{words.any_of(words.EMBARGO_ENDS)})"
    rf"|(?P<until>{words.any_of(words.EMBARGO_UNTIL)})|(?P<ban>{words.any_of(words.FORBIDDEN_UNTIL)})"
    rf"|(?P<soft>{words.any_of(words.RELEASE_AT)})|(?P<name>{words.any_of(words.EMBARGO_NAME)}))"
    r"(?=[\W\d]|$)(?P<colon>[ ]?[:\uff1a!*\])\u3011])?"
)
_MARK = words.compile_words(
    rf"{_SIGNS}*+{_NUMBER}(?:{words.any_of(words.SUBJECT_BEFORE)}(?: ?[:,.!|\u2013\u2014-])? ){{0,3}}{_PHRASES}"
)
_INSIDE = words.compile_words(rf"(?<!\w){_PHRASES}")
_SEPARATED = re.compile(r"(?:[:\uff1a!|;.*)\]\u3011]|\s[-\u2013\u2014/])\s{0,3}\Z")
"""The signs before a part of a line that is a notice by itself: `PRESS RELEASE | EMBARGOED UNTIL …`."""
_AROUND = tuple(
    (
        words.compile_words(rf"{_SIGNS}{{0,40}}{_NUMBER}{before}"),
        words.compile_words(rf"[\s,)\uff09]{{0,5}}(?:{behind})[\s*.!)\]\u3011\u3002]{{0,20}}$"),
    )
    for before, behind in words.FORBIDDEN_AROUND.values()
)
_BEHIND_TIME = words.compile_words(
    r"[\s)\uff09]{0,5}(?:" + "|".join(behind for _, behind in words.FORBIDDEN_AROUND.values()) + ")"
    rf"|,? {words.any_of(words.AND_AFTER)}\b"
)
_ASKED = words.compile_words(rf"\b{words.any_of(words.EMBARGO_ASKED)} ?\Z")
_BARE = re.compile(r"embargo\b", re.I)
_NEW = words.compile_words(rf"\b{words.any_of(words.EMBARGO_A)} \Z")
_EVENT = words.compile_words(rf"[\s:]*{words.any_of(words.EMBARGO_EVENTS)}[\W]*$")
_NOTES = words.compile_words(rf"\W*{words.any_of(words.NOTES_HEADING)}\W*")
_SPACED = re.compile(r"\b(?:[A-Z] ){4,40}[A-Z]\b")
"""Letters that are set apart: `E M B A R G O E D`."""
_OVER = words.compile_words(words.any_of(words.EMBARGO_OVER))
_CLOSED = re.compile(r"\s*(?:[:\uff1a!*\])\u3011]|--?\s|[\u2013\u2014|]|$)")
"""What stands behind words that are a notice by themselves: `EMBARGOED: …`, `[EMBARGOED]`."""
_STOP = re.compile(r"[)\]]?[.!](?:\s|$)")
_BEHIND = re.compile(r"(?:\s[-\u2013\u2014|]+\s+|[\[(*])(?P<mark>[^\[\]()]{3,199}?[^\[\]()*\s])[\])*\s]*$")
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
        r"(?P<one>\d{1,2})/(?P<two>\d{1,2})(?:/(?P<year>(?:20)?\d\d))?(?![\d/])",
        rf"(?P<era>{'|'.join(words.ERAS)}) ?(?P<year>\d{{1,2}}|元)年 ?(?P<m>\d{{1,2}})月 ?(?P<day>\d{{1,2}})日",
        r"(?:(?P<year>(?:19|20)\d\d) ?[年년] ?)?(?P<m>\d{1,2}) ?[月월] ?(?P<day>\d{1,2}) ?[日号일]",
    )
)
_SHORT_DATE = re.compile(r"(?P<day>0?[1-9]|[12]\d|3[01])\. ?(?P<m>0?[1-9]|1[0-2])\.(?!\d)")
"""`17.9.`, which may be a clock at the end of a sentence too: it counts where no date stands before it."""
_CLOCK = words.compile_words(
    rf"(?:{words.any_of(words.FORENOON)}|(?P<pm>{words.any_of(words.AFTERNOON)}))? ?"
    r"(?P<h6>\d{1,2}) ?[時时點点시](?: ?(?P<min6>\d{1,2}) ?[分분]|(?P<half6>半))?"
    rf"|(?:{words.any_of(words.FORENOON)}|(?P<pm7>{words.any_of(words.AFTERNOON)})) ?"
    r"(?P<h7>\d{1,2})[:\uff1a](?P<min7>\d\d)"
    r"|(?P<h>\d{1,2})(?:[:.h](?P<min>\d\d))?(?:[:.]\d\d)? ?(?P<half>[ap])\.? ?m\b\.?"
    rf"|(?P<h2>\d{{1,2}}) ?[:.h] ?(?P<min2>\d\d)(?:[:.]\d\d)?(?!\d)(?: ?(?:{words.any_of(words.HOURS)}|h)\b)?"
    rf"|(?P<h3>\d{{1,2}}) ?(?:{words.any_of(words.HOURS)}|h)\b"
    rf"|(?:{words.any_of(words.BEFORE_HOURS)}) (?P<h5>\d{{1,2}})(?![\d:.h/]| ?(?:de )?[^\W\d_])"
    rf"|(?P<h4>[01]\d|2[0-3])(?P<min4>[0-5]\d)(?= ?(?:{words.any_of(words.HOURS)}|h|gmt|utc|bst|[ecmp][sd]?t|ces?t)\b"
    rf"|,? (?:{words.any_of(words.AROUND_TIMES)} )?{words.any_of(words.WEEKDAYS)}\b)"
    rf"|(?:12(?:[:.]00)? ?)?(?:(?P<midnight>{words.any_of(words.MIDNIGHT)})|(?P<noon>{words.any_of(words.NOON)}))\b"
)
_FILLER = words.compile_words(
    rf"(?:{words.any_of(words.WEEKDAYS)}\b\.?|{words.any_of(words.AROUND_TIMES)}\b"
    rf"|{words.WEEKDAY_SIGNS}|[,;.:|/()\[\]*\uff1a\uff08\uff09\u3010\u3011\u3001\uff0c\u3002]|[-\u2013\u2014](?=\d)"
    rf"|[-\u2013\u2014](?= (?:\d|{words.any_of(words.WEEKDAYS)}\b)))"
)
_ZONE = re.compile(
    r"(?:(?:UTC|GMT) ?)?[+-]\d{1,2}(?::?\d\d)?\b|(?:[Ee]astern|[Cc]entral|[Mm]ountain|[Pp]acific"
    r"|EASTERN|CENTRAL|MOUNTAIN|PACIFIC)(?i:(?: (?:standard|daylight))? time)|(?:[A-Z]{2,5}/)?[A-Z]{1,5}\b"
    r"|(?:New York|Toronto|London|Frankfurt|Zurich|Moscow|Tokyo|Hong Kong|Singapore|Beijing|Sydney)(?= (?i:time)\b)"
    r"|北京时间|日本時間"
)
_ZONE_FIRST = re.compile(rf"(?:{'|'.join(words.ZONES_BEFORE_TIME)})(?=\s?\d)")
_COUNTRY_OF_ZONE = re.compile(r"(?:US|U\.S\.) (?=(?:eastern|central|mountain|pacific)\b|[ECMP][SD]?T\b)", re.I)
_CITY = words.compile_words(rf"{words.any_of(words.TIME_OF_CITY)}?(?P<city>{'|'.join(words.CITIES)})\b(?: time)?")
_HOURS = words.compile_words(words.any_of(words.HOURS))
_LOCAL = words.compile_words(rf"{words.any_of(words.LOCAL_TIME)}\b")
_LIKE_A_ZONE = re.compile(r"[A-Z]{3,5}")
_LEADS = words.compile_words(rf"{words.any_of(words.LEADS_TO_TIME)}\Z")
_WEEKDAY = words.compile_words(words.any_of(words.WEEKDAYS))
_MAX_LINES = 200
_HEAD_LINES = 12
"""Lines with words at the beginning of the copy where a notice may stand behind other words."""
_MAX_LINE = 300
_MAX_LABEL = 60
"""Characters of a heading."""
_MAX_TAIL_WORDS = 10
"""Words that may follow a time that cannot be read, `after the speech of the president`; more are prose."""
_PROSE_WORDS = 25
_PROSE_SIGNS = 200
"""Characters of a line that is prose in a language without blanks too."""
_MAX_LABEL_WORDS = 8
"""Words before a notice that are its label, `From the press office: EMBARGOED UNTIL …`; more are a sentence."""
_MAX_NAMED_TAIL = 4
"""Words that may follow `Sperrfrist:`, `Redebeginn`; more are a headline about an embargo."""
_MAX_SOFT_TAIL = 3
_HOUR_GROUPS = ("h", "h2", "h3", "h4", "h5", "h6", "h7")
_MINUTE_GROUPS = ("min", "min2", "min4", "min6", "min7")
_LAST_ZONE = timezone(timedelta(hours=-12))
"""The zone where a day ends last: what is past there is past everywhere."""
_FIRST_ZONE = timezone(timedelta(hours=14))
"""The zone where a day begins first."""
_FIRST_YEAR = 1000
_MONTHS_OF_YEAR = 12
_DAYS_TO_YESTERDAY = 6
_WEEKDAY_NUMBERS = {
    form: number
    for language in words.WEEKDAYS
    for number, forms in enumerate(WEEKDAYS_OF[language].split(), start=1)
    for form in forms.split("/")
}
_EDGES = " *-\u2013\u2014:|.,;!)]\t\uff1a\u3010\u3011\u3002"


Zone = str | tzinfo
"""A zone by the name that `parse_time` knows, or itself."""


class _Moment(NamedTuple):
    """A time as its parts say it, and where the line goes on behind it."""

    end: int
    local: datetime | None = None
    """The time without its zone; of the year 1 where the text gives no year; None where no part of a time is there."""
    zone: Zone | None = None
    weekday: int = 0
    """1 for Monday; 0 where none is named."""
    clock: bool = False
    dated: bool = False
    readable: bool = True
    """False where a part names what is not known, or where two parts contradict each other."""


class _Notice(NamedTuple):
    """The words of an embargo in a line: its time, whether they only say when the release is free, and the rest."""

    moment: _Moment
    soft: bool
    rest: str
    """The line without the notice; the whole line where the notice is a part of a sentence."""
    said: str = ""
    """The notice alone."""


def complete_embargo(story: Story, zone: tzinfo | None, received: datetime) -> Story:
    """Returns the story with the embargo that its copy states, and without the lines that state it.

    `zone` is the default zone of its source. A time without a zone, where the source has none either, is a hold unless
    it is past everywhere; so is a time that cannot be read. An embargo that the format states stays as it is.
    """
    others = [one_line(other)[:_MAX_LINE] for other in (story.subheadline, story.summary, story.usage_terms) if other]
    notes = [one_line(line)[:_MAX_LINE] for line in story.ed_note.split("\n")[:_MAX_LINES]]
    headline, in_headline = _read_headline(one_line(story.headline))
    lines, in_text = _read_lines(story.text.split("\n"))
    beside, in_beside = _read_lines(story.boilerplate.split("\n"), prose=True)
    in_others = [
        *in_beside,
        *(notice for other in others if (notice := _read_line(other, strict=True))),
        *(notice for note in notes if (notice := _read_line(note, strict=False, inside=True))),
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
        boilerplate="\n".join(beside).strip("\n") if in_beside else story.boilerplate,
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


def find_notices(headline: str, text: str) -> list[str]:
    """Finds the notices of a headline and of a short text, each as a line of its own.

    A mail that forwards another one is read without its own words; its embargo must not be lost with them.
    """
    lines = text.split("\n")[:_MAX_LINES]
    notices = [_read_headline(one_line(headline))[1]]
    notices += [[notice] for line in lines if (notice := _read_line(line, strict=False, inside=True))]
    said = [f"[{notice.said.strip(_EDGES + '[(')}]" for found in notices for notice in found]
    return [line if is_embargo_line(line) else "[EMBARGOED]" for line in said]


def _read_headline(headline: str) -> tuple[str, list[_Notice]]:
    """Splits a headline into what it says and the notice before or behind it."""
    if notice := _read_line(headline, strict=False, title=True):
        return notice.rest, [notice]
    if (behind := _BEHIND.search(headline, max(0, len(headline) - _MAX_LINE))) and behind.start():
        notice = _read_line(f"[{behind['mark']}]", strict=False, title=True)
        if notice and not notice.soft and not notice.rest:
            return headline[: behind.start()].rstrip(), [notice]
    if notice := _read_line(headline[:_MAX_LINE], strict=True, title=True, inside=True):
        return headline, [notice]
    return headline, []


def _read_lines(lines: list[str], *, prose: bool = False) -> tuple[list[str], list[_Notice]]:
    """Splits lines of copy into those that stay and the notices. Behind the first `prose` only a full time is one."""
    kept: list[str] = []
    found: list[_Notice] = []
    head = 0 if prose else _HEAD_LINES
    at = 0
    while at < len(lines):
        notice = None
        if at < _MAX_LINES and (_may_be_notice(lines[at]) if head > 0 else _MARK.match(lines[at])):
            joined, taken = _join_time(lines, at)
            notice = _read_line(joined, strict=prose, inside=head > 0)
        if notice is None or notice.rest == lines[at].strip():
            taken = 1
            kept.append(lines[at])
            prose = prose or len(lines[at].split()) >= _PROSE_WORDS or len(lines[at]) >= _PROSE_SIGNS
            head = 0 if prose else head - bool(lines[at].strip())
            if len(lines[at]) <= _MAX_LABEL and _NOTES.fullmatch(lines[at]):
                prose, head = False, _HEAD_LINES
        else:
            kept += [notice.rest] if notice.rest else []
        found += [notice] if notice else []
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


def _read_line(line: str, *, strict: bool, title: bool = False, inside: bool = False) -> _Notice | None:
    """Reads the notice in a line; returns None if the line has no notice.

    `strict`: only a full time counts. `title`: the line is a headline, which may be about an embargo on goods.
    `inside`: the notice may stand behind other words.
    """
    line = _join_letters(line.strip())
    if not _may_be_notice(line):
        return None
    if match := _MARK.match(line):
        if _is_over(line, match):
            return None
        if notice := _judge(line, match, strict=strict, title=title):
            return notice
    elif len(line) <= _MAX_LINE and (around := _read_around(line)):
        return around
    return _read_inside(line, strict=strict, title=title) if inside else None


def _join_letters(line: str) -> str:
    return _SPACED.sub(lambda found: found[0].replace(" ", ""), line)


def _may_be_notice(line: str) -> bool:
    """Whether a line has a part of the words of a notice; it is cheap, and most lines have none."""
    seen = _join_letters(line[:_MAX_LINE]).lower()
    return any(part in seen for part in words.NOTICE_PARTS)


def _is_over(line: str, match: re.Match[str]) -> bool:
    return not match["ends"] and _OVER.search(line[: match.end() + 40]) is not None


def _read_around(line: str) -> _Notice | None:
    """Reads a line whose time stands between the words of an embargo: `Nicht vor dem …, 6 Uhr, veröffentlichen`."""
    for before, behind in _AROUND:
        if lead := before.match(line):
            moment = _read_moment(line, lead.end())
            if moment.clock and (moment.dated or not moment.readable) and behind.match(line, moment.end):
                return _Notice(moment, False, "", line)
    return None


def _read_inside(line: str, *, strict: bool, title: bool) -> _Notice | None:
    """Reads a notice behind other words of a line: behind a label and a separator, or a sentence with a full time."""
    for match in _INSIDE.finditer(line, 0, _MAX_LINE):
        label = line[: match.start()]
        if match["soft"] or _is_over(line, match):
            continue
        if _SEPARATED.search(label) and len(label.split()) <= _MAX_LABEL_WORDS:
            notice = _judge(line, match, strict=strict, title=True)
            hold = not strict and not title and (match[0].isupper() or _EVENT.match(line, match.end()))
            if notice and (notice.moment.clock or hold):
                return notice._replace(rest="" if not notice.rest and not title else line)
            if notice is None and hold and len(line) <= _MAX_LINE:
                return _judge(line, match, strict=False, title=False)
        elif not match["ends"] and _is_stated(label, match):
            moment = _read_moment(line, match.end())
            if moment.clock and moment.dated and moment.local is not None:
                return _Notice(moment, False, line, line[match.start() : moment.end])
    return None


def _is_stated(label: str, match: re.Match[str]) -> bool:
    """Tells whether the words of an embargo in a sentence may be a notice, where a full time follows.

    `Its embargo until 31 December` is one on goods; that of a story is asked for, or it is new (`an embargo until …`).
    """
    if match["name"] or _BARE.match(match[0]):
        asked = _ASKED.search(label[-_MAX_LABEL:]) is not None
        return asked or (match["until"] is not None and _NEW.search(label[-_MAX_LABEL:]) is not None)
    return True


def _judge(line: str, match: re.Match[str], *, strict: bool, title: bool) -> _Notice | None:
    """Tells by the time and the words behind them whether the words of an embargo in a line are a notice."""
    moment = _read_moment(line, match.end())
    if behind := _BEHIND_TIME.match(line, moment.end):
        moment = moment._replace(end=behind.end())
    rest = line[moment.end :].strip(_EDGES)
    said = line[match.start() : moment.end]
    full = moment.dated and moment.local is not None
    few = len(rest.split()) <= _MAX_TAIL_WORDS
    if match["ends"]:
        # With more words in the sentence it is news: `The embargo will be lifted on 9 July at 10:00, ministers said.`
        ended = not rest or (not title and _STOP.match(line, moment.end) is not None)
        return _Notice(moment, False, rest, said) if full and moment.clock and ended and not strict else None
    if match["soft"]:
        stated = full or (moment.clock and not strict)
        # A date alone and words behind it are a sentence: `For release on 9 July of prisoners`.
        most = _MAX_SOFT_TAIL if not title and (moment.clock or match["soft"].isupper()) else 0
        return _Notice(moment, True, "", said) if stated and len(rest.split()) <= most else None
    closed = not rest or _CLOSED.match(line, moment.end) is not None
    if match["ban"] and strict and rest:
        return None
    if full and (moment.clock or closed or (match["until"] and not title)):
        return _Notice(moment, False, rest, said)
    if strict or len(line) > _MAX_LINE:
        return None
    hold = _Notice(moment._replace(readable=False), False, rest if title else "", said if title else line)
    timed = moment.clock or not (moment.readable or moment.end == match.end() or full)
    if match["ban"] or (match["name"] and timed):
        return hold if few and timed and (moment.clock or not title) else None
    if match["name"]:
        if _EVENT.match(line, match.end()):
            return hold._replace(rest="")
        few = few and match["colon"] is not None and len(rest.split()) <= _MAX_NAMED_TAIL
        return hold if few and not title else None
    timed = moment.end > match.end()
    leads = _LEADS.search(match["until"]) is not None
    if not timed and not leads:
        alone = match["until"].isupper() or line[0] in "[(*\u3010" or match["colon"] is not None
        noted = alone and _CLOSED.match(line, match.end("until")) is not None
        about = line[: match.start("until")].strip(_EDGES + "[(")
        told = about and not title and (not rest or _STOP.match(line, match.end("until")) is not None)
        return hold._replace(rest=rest) if noted or told else None
    return None if not few or (title and not timed and not match["until"].isupper()) else hold


def _read_moment(line: str, at: int) -> _Moment:
    """Reads the parts of a time from a place of a line: date, clock, zone and the words between them, in any order."""
    dates: set[tuple[int, int, int]] = set()
    clocks: list[int] = []
    zones: list[Zone] = []
    readable = True
    end = at
    weekday = 0
    behind = False
    while at < len(line):
        if line[at].isspace():
            at += 1
        elif date := _match_date(line, at, short=not dates):
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
        elif (behind or _ZONE_FIRST.match(line, at)) and (zone := _read_zone(line, at)):
            zones += [zone[0]] if zone[0] else []
            readable = readable and zone[0] is not None
            at = end = zone[1]
        elif filler := _FILLER.match(line, at):
            at = filler.end()
            if named := _WEEKDAY.match(filler[0]):
                end = at
                weekday = _WEEKDAY_NUMBERS.get(named[0].casefold(), 0)
            behind = behind and (filler[0] in ",([" or _HOURS.fullmatch(filler[0]) is not None)
        else:
            break
    local, zone_of = _choose_latest(dates, clocks, zones)
    readable = readable and local is not None
    return _Moment(end, local, zone_of, weekday, bool(clocks), bool(dates), readable)


def _match_date(line: str, at: int, *, short: bool) -> re.Match[str] | None:
    for form in _DATES:
        if found := form.match(line, at):
            return found
    return _SHORT_DATE.match(line, at) if short else None


def _read_zone(line: str, at: int) -> tuple[Zone | None, int] | None:
    """Reads a zone behind a time, and where it ends; None where none stands there, a zone None where it is unknown."""
    if country := _COUNTRY_OF_ZONE.match(line, at):
        at = country.end()
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
    if part.get("era"):
        return words.ERAS[part["era"]] + (1 if part["year"] == "元" else int(part["year"])), month, day
    year = int(part.get("year") or 0)
    return (year + 2000 if 0 < year < 100 else year), month, day


def _build_minutes(found: re.Match[str]) -> int | None:
    """Returns the minutes since the beginning of the day; None for what is no time of day."""
    if found["midnight"]:
        return 24 * 60  # the end of the day: too late is better than too early
    if found["noon"]:
        return 12 * 60
    hour = int(next(found[name] for name in _HOUR_GROUPS if found[name]))
    minute = int(next((found[name] for name in _MINUTE_GROUPS if found[name]), 30 if found["half6"] else 0))
    half = found["half"] or ("p" if found["pm"] or found["pm7"] else "")
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in "pP" else 0)
    return hour * 60 + minute if minute < 60 and (hour < 24 or (hour, minute) == (24, 0)) else None


def _to_utc(local: datetime, zone: Zone) -> datetime:
    """Returns a local time in UTC: the latest one, where a zone has several meanings."""
    if not isinstance(zone, str):
        return local.replace(tzinfo=zone).astimezone(UTC)
    found = parse_time(f"{local:%Y-%m-%d %H:%M} {zone}") if local.year >= _FIRST_YEAR else None
    if found is None:
        raise ValueError(f"{local} {zone} is no time")
    later = [local.replace(tzinfo=ZoneInfo(name)) for name in words.ZONES_LATER.get(zone.casefold(), ())]
    return max([found, *(when.astimezone(UTC) for when in later)])


def _resolve(notice: _Notice, default: tzinfo | None, received: datetime) -> datetime | None:
    """Returns when a notice ends, `UNTIL_FURTHER_NOTICE` for a hold; None where it is no embargo any more."""
    moment, soft = notice.moment, notice.soft
    local = moment.local if moment.readable else None
    if local is not None and not moment.dated:
        # `For release at 2:00 p.m. EDT` is of the day on which it came; an embargo without a day may be of any day.
        day = received + timedelta(days=_count_days(moment.weekday, received))
        local = local.replace(year=day.year, month=day.month, day=day.day) if soft else None
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


def _count_days(weekday: int, received: datetime) -> int:
    """Counts the days from the receipt to the next day of that name; the day before the receipt is the last one."""
    days = (weekday - received.isoweekday()) % 7 if weekday else 0
    return -1 if days == _DAYS_TO_YESTERDAY else days


def _choose_year(local: datetime, received: datetime) -> datetime | None:
    """Returns a day without a year in the year that brings it nearest to the receipt."""
    near: list[datetime] = []
    for year in (received.year - 1, received.year, received.year + 1):
        with suppress(ValueError):  # 29 February
            near.append(local.replace(year=year))
    plain = received.replace(tzinfo=None)
    return min(near, key=lambda when: abs(when - plain), default=None)
