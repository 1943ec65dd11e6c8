"""Finds events that an item announces with their day: results, calls, meetings (ninjs `events`, `eventDetails`).

A date is the day of an event if all of this holds in one sentence:

- an event of the table stands right before or after the date (`its annual general meeting on May 6`, `On May 6 it will
  hold its annual general meeting`);
- a word announces it (`will`, `scheduled`, `invites`);
- no word between the two speaks of another date (a record date, a closing).

In doubt there is no event. Days of dividends, deadlines, shows and the like: `occasions.py` beside this.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from streams.model.records import Fact
from streams.prepare.facts.occasions import find_occasion

_MEETING_OF = r"(?:share|stock|unit)holders'?(?:\u2019)?"
EVENT_KINDS = (
    (
        "extraordinary-general-meeting",
        "Extraordinary general meeting",
        rf"(?:extraordinary|special)(?: general)? meeting(?: of (?:the |its )?{_MEETING_OF})?|\bEGM"
        r"|au[sß]+erordentlichen? Hauptversammlung|assemblée générale extraordinaire",
    ),
    (
        "annual-general-meeting",
        "Annual general meeting",
        rf"annual (?:and special )?(?:general |{_MEETING_OF} )meeting"
        rf"|annual (?:and special )?meeting of (?:the |its )?{_MEETING_OF}"
        r"|(?:(?<=\bits )|(?<=\bour )|(?<='s )|(?<=\u2019s ))(?:20\d\d )?annual meeting|\bAGM"
        r"|Hauptversammlung|assemblée générale|junta general|årsstämma|generalforsamling",
    ),
    (
        "shareholder-meeting",
        "Shareholder meeting",
        rf"general meeting|{_MEETING_OF} meeting|meeting of (?:the |its )?{_MEETING_OF}",
    ),
    (
        "conference-call",
        "Conference call",
        r"(?:conference|earnings|investor|analyst) call|\b(?:the|this) call\b"
        r"|(?:conference call and |live |audio )?webcast|Telefonkonferenz"
        r"|conférence téléphonique",
    ),
    (
        "investor-day",
        "Investor day",
        r"(?:investors?'?|analysts?'?|analyst (?:and|&) investor|capital markets?) (?:and analyst )?day"
        r"|Kapitalmarkttag|journée investisseurs",
    ),
    (
        "results",
        "Results",
        r"(?:\bthese results|(?:financial|operating|quarterly|interim|annual|earnings|quarter|half|year|Q[1-4]|H[12]"
        r"|20\d\d|half-year|full-year|year-end|preliminary) results"
        r"|(?:quarterly|quarter|Q[1-4]|20\d\d|annual|interim) earnings)"
        r"(?! (?:conference )?(?:call|webcast|presentation))"
        r"|(?:(?:quarterly|annual|interim|half-year(?:ly)?) (?:financial )?report|trading update|Quartalszahlen"
        r"|(?:Quartals|Jahres|Halbjahres)(?:ergebnis(?:se)?|bericht)|Geschäftszahlen|résultats)",
    ),
    (
        "investor-conference",
        "Conference",
        r"(?:investor|investment|healthcare|technology|growth|annual|global|industrials|energy|mining|banking)"
        r" (?:conference|forum|summit)|fireside chat"
        r"|(?-i:\b(?!Press|News|Earnings|Results|The)[A-Z][\w&'\u2019-]+ (?:Conference|Summit|Forum)\b(?! [Cc]all))"
        r"(?: 20\d\d)?",
    ),
)
"""Id, name, and pattern of how texts write it. Of two at one place the first counts. `results` alone is no event."""

MEETING_IDS = frozenset(id_ for id_, _, _ in EVENT_KINDS)
"""Events to which somebody invites: such an item belongs in the calendar."""

_ANNOUNCED = re.compile(
    r"\b(?:(?:will|shall|to) (?:also |then |now |be )?(?:hold|held|host|hosted|report|reported|release|released"
    r"|announce|announced|publish|published|issue|conduct|present|participate|review|convene|take place|discuss|webcast"
    r"|attend|speak|broadcast|join)"
    r"|(?:is|are|been|be) (?:scheduled|slated|planned|set|called|convened)|expected to (?:report|release|publish|hold)"
    r"|(?:scheduled|slated|delayed|moved) (?:for|to)|plans to|convenes|convening|invites?|invitation|upcoming"
    r"|sets? (?:the )?date|notice of|announces? (?:the )?(?:date|timing|schedule)|save the date"
    r"|lädt|lud|einladung|einberufung|findet|wird|veröffentlicht|se tiendra|tiendra|publiera|convoque|kallelse"
    r"|indkaldelse)\b",
    re.I,
)
_CALLED_OFF = re.compile(r"\b(?:postpone[sd]?|cancel\w*|adjourn\w*|called off|had been|delay(?:s|ed)?|moved)\b", re.I)
"""Words for an event that is put off. Its new day is a date behind `to` or `until`."""
_TO = re.compile(r"\b(?:to|until) $")
_OTHER = re.compile(
    r"\b(?:record|ex-dividend|dividends?|payable|paid|ended|ending|deadline|prox(?:y|ies)|replay|archived?|until|through"
    r"|before|after|prior|since|following|held|was|were|took|clos(?:e|es|ing)|complet\w+|expir\w+|matur\w+|redeem\w*"
    r"|effective|appoint\w*|retir\w*|elect\w*|launch\w*|deliver\w*|regist\w+|approved|adopted|dated|filed"
    r"|originally|previously|rescheduled from|as of|as at|no later than|vote[sd]?)\b",
    re.I,
)
"""Words between an event and a date that make it the date of something else."""
_ABOUT = re.compile(
    r"\b(?:to|and|will) (?:discuss|review|present|cover|go over)\b|\b(?:regarding|on|about|for) (?:its|the)\b", re.I
)
"""Words between a call and the results that it is about."""
_RANGE = re.compile(r" ?[-\u2013] ?\d[^.]{0,12}\brespectively\b")
_FIRST_DAY = re.compile(r"(?<![\d.,:-])(\d{1,2})(?:st|nd|rd|th|\.)? ?(?:[-\u2013]|to|and|bis|au) ?$")
"""The first day of a range, before the date of the last day: `3-5 March`."""
_LAST_DAY = re.compile(r"\d(?:st|nd|rd|th)?(?:, \d{4})? ?(?:[-\u2013]|to|and) $")
"""What stands before the last day of a range whose first day is a full date: `from March 3 to March 5`."""
_TO_BE_HELD = re.compile(r"\b(?:to|will|shall) be held\b", re.I)
_WEEKDAY = (
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch"
    r"|lundi|mardi|mercredi|jeudi|vendredi)"
)
_LEADS_IN = re.compile(
    r"(?:\b(?:on|for|from|between|held|am|den|dem|le|of|date|is|to|place|announced|reported|released|published|scheduled"
    rf"|[ECMP][SD]?T|CES?T|GMT|BST|[ap]\.?m\.?)\)?[:,]?|[:,(]|(?=\b{_WEEKDAY}))"
    rf"\s*(?:or about )?(?:{_WEEKDAY},? )?(?:the |den |dem |le )?$",
    re.I,
)
_OPENS = re.compile(rf"(?:^|[\"\u201c(])(?:and |then )?(?:on|am|le|den)? ?(?:{_WEEKDAY},? )?(?:the |den )?$", re.I)
_SENTENCE = re.compile(
    r"\n|(?<!\b[A-Za-z])(?<!\b(?:Inc|Ltd|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Dep))(?<!\b(?:Corp|Sept))"
    r"(?<!\b(?:Co|No|St|ca))[.!?]\s+(?=[\"\u201c(]?[A-ZÄÖÜÉ0-9])"
)
_BEFORE, _BEHIND = 120, 90
"""Maximum characters between an event and its date: event first, date first."""
_SEEN = 400
"""Characters of a sentence that are read on each side of a date."""
_PAST = timedelta(days=30)
"""A day without a year within this time before the item is in the past. An older one is a day of next year."""
MAX_EVENTS = 4


class AnnouncedEvent(msgspec.Struct, frozen=True):
    """An announced event: id and name from `EVENT_KINDS` or `OCCASION_KINDS`, and the day as `2026-11-22`."""

    id: str
    name: str
    day: str


_EVENT = re.compile("|".join(f"(?P<o{at}>{pattern})" for at, (_, _, pattern) in enumerate(EVENT_KINDS)), re.I)


def find_events(headline: str, text: str, facts: Iterable[Fact], today: date) -> tuple[AnnouncedEvent, ...]:
    """Finds at most four different events after `today`, the day of the item, in order of place.

    `facts` are the facts of this headline and text. A day without a year is the next such day, unless it was within
    the last month.
    """
    found: dict[AnnouncedEvent, None] = {}
    for fact in facts:
        if fact.kind != "date":
            continue
        part = headline if fact.field == "headline" else text
        start, value = _find_first_day(part, fact)
        day = _resolve_day(value, today)
        if day is None or day <= today:
            continue
        before = _SENTENCE.split(part[max(0, start - _SEEN) : start])[-1]
        behind = _SENTENCE.split(part[fact.end : fact.end + _SEEN], maxsplit=1)[0]
        if kind := _find_event_kind(before, behind) or find_occasion(before):
            found.setdefault(AnnouncedEvent(*kind, day.isoformat()))
        if len(found) == MAX_EVENTS:
            break
    return tuple(found)


def _find_first_day(text: str, fact: Fact) -> tuple[int, str]:
    """Returns start and value of a date; for `3-5 March` those of the first day."""
    first = _FIRST_DAY.search(text, max(0, fact.start - 12), fact.start)
    if first is None or not text[fact.start : fact.start + 1].isdigit() or not 0 < int(first[1]) < int(fact.value[-2:]):
        return fact.start, fact.value
    return first.start(), f"{fact.value[:-2]}{int(first[1]):02}"


def _resolve_day(value: str, today: date) -> date | None:
    if not value.startswith("--"):
        return date.fromisoformat(value)
    month, day = int(value[2:4]), int(value[5:])
    for year in (today.year, today.year + 1):
        try:
            candidate = date(year, month, day)
        except ValueError:  # February 29
            return None
        if today - candidate <= _PAST:
            return candidate
    return None


def _find_event_kind(before: str, behind: str) -> tuple[str, str] | None:
    """Returns id and name of the event on the date between these parts of a sentence; None if there is none."""
    if _RANGE.match(behind) or _CALLED_OFF.search(behind):
        return None
    if _CALLED_OFF.search(before):
        if not _TO.search(before):
            return None
    elif _LAST_DAY.search(before) or not _ANNOUNCED.search(f"{before}|{behind}"):
        return None
    named = list(_EVENT.finditer(before))
    if named:
        between = before[named[-1].end() :]
        leads_in = not between.strip() or _LEADS_IN.search(between)
        near = leads_in and len(between) <= _BEFORE and not _speaks_of_another(between)
        return _name_kind(_pick_subject(named, before)) if near else None
    follows = _EVENT.search(behind[:_BEHIND]) if _OPENS.search(before) else None
    if not follows or _speaks_of_another(behind[: follows.start()]):
        return None
    return _name_kind(_kind_index(follows))


def _name_kind(at: int) -> tuple[str, str]:
    id_, name, _ = EVENT_KINDS[at]
    return id_, name


def _speaks_of_another(between: str) -> bool:
    return bool(_OTHER.search(_TO_BE_HELD.sub("", between)))


def _pick_subject(named: list[re.Match[str]], before: str) -> int:
    """Returns the index of the last event named before the date; for a call to discuss results, that of the call."""
    row = _kind_index(named[-1])
    if len(named) > 1 and EVENT_KINDS[row][0] == "results":
        between = before[named[-2].end() : named[-1].start()]
        if len(between) < _BEHIND and _ABOUT.search(between):
            return _kind_index(named[-2])
    return row


def _kind_index(found: re.Match[str]) -> int:
    assert found.lastgroup is not None
    return int(found.lastgroup[1:])
