"""Parses dates and times as wires write them, and owns the names of months for every reader of text.

A text must fit one of the forms below and name a zone of the tables; anything else is unreadable, never guessed. That
is why no date library is used: they guess.

Names of months and weekdays of more languages, which count in a whole date alone, stand in date_words.py. An offset
that a text states wins over any name of a zone beside it.
"""

import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from streams.prepare.text.date_words import WEEKDAY_PATTERN, find_month

MONTH_NAMES = {
    "en": "january february march april may june july august september october november december",
    "de": "januar februar märz april mai juni juli august september oktober november dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "da": "januar februar marts april maj juni juli august september oktober november december",
}
"""Long names by language, from January on, in lower case."""
ENGLISH_MONTHS = {
    form: number for number, name in enumerate(MONTH_NAMES["en"].split(), start=1) for form in (name, name[:3])
} | {"sept": 9}
"""English names and their short forms, in lower case -> number of the month."""
MONTHS = {
    name: number for names in MONTH_NAMES.values() for number, name in enumerate(names.split(), start=1)
} | ENGLISH_MONTHS
"""Names in every language, in lower case -> number of the month."""
CAPITALISED_MONTHS = {form: number for name, number in ENGLISH_MONTHS.items() for form in (name.title(), name.upper())}
"""English names as they stand before their day: `November`, `NOV`."""
MONTH_PATTERN = "|".join(sorted(MONTHS, key=len, reverse=True))
"""Matches any of `MONTHS`; compile it without regard to case."""

_ZONE_HOURS = {
    "utc": 0, "gmt": 0, "z": 0, "ut": 0,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    "akst": -9, "akdt": -8, "hst": -10, "ast": -4, "adt": -3, "nst": -3.5, "ndt": -2.5, "brt": -3, "art": -3,
    "bst": 1, "wet": 0, "west": 1, "cet": 1, "cest": 2, "mez": 1, "mesz": 2, "met": 1, "mest": 2,
    "eet": 2, "eest": 3, "msk": 3, "trt": 3,
    "sast": 2, "cat": 2, "eat": 3, "wat": 1, "gst": 4, "pkt": 5, "ist": 5.5, "ict": 7, "wib": 7, "hkt": 8, "sgt": 8,
    "pht": 8, "myt": 8, "awst": 8, "jst": 9, "kst": 9, "acst": 9.5, "acdt": 10.5, "aest": 10, "aedt": 11, "nzst": 12,
    "nzdt": 13,
}  # fmt: skip
_ZONE_REGIONS = {
    "et": "America/New_York",
    "ct": "America/Chicago",
    "mt": "America/Denver",
    "pt": "America/Los_Angeles",
    "cet/cest": "Europe/Berlin",
    "mez/mesz": "Europe/Berlin",
    "gmt/bst": "Europe/London",
    "est/edt": "America/New_York",
    "new york time": "America/New_York",
    "toronto time": "America/Toronto",
    "london time": "Europe/London",
    "paris time": "Europe/Paris",
    "frankfurt time": "Europe/Berlin",
    "zurich time": "Europe/Zurich",
    "moscow time": "Europe/Moscow",
    "tokyo time": "Asia/Tokyo",
    "hong kong time": "Asia/Hong_Kong",
    "singapore time": "Asia/Singapore",
    "beijing time": "Asia/Shanghai",
    "北京时间": "Asia/Shanghai",
    "sydney time": "Australia/Sydney",
}

_REGION_PATTERN = "|".join(sorted((name for name in _ZONE_REGIONS if len(name) > 2), key=len, reverse=True))
_DAY_NAME = rf"(?:(?P<weekday>{WEEKDAY_PATTERN})(?:\.?,? |,))?"
_CLOCK = (
    r"(?:(?P<h>\d{1,2})(?: ?: ?(?P<min>\d\d)(?:: ?(?P<s>\d\d)(?:[.,](?P<f>\d{1,9}))?)?)?"
    r" ?(?P<ampm>[ap]\.?m\.?)(?![a-z_]+/)"
    r"|(?P<h24>\d{1,2}):(?P<min24>\d\d)(?::(?P<s24>\d\d)(?:[.,](?P<f24>\d{1,9}))?)?)"
    r"(?: ?uhr| hours| ?hrs| ?h(?![a-z]))?"
)
_ZONE = (
    r"(?: ?[\[(]?(?P<zone>(?:utc|gmt)? ?[+-]\d{1,2}(?::?\d\d)?(?P<beside> ?(?:[a-z]{1,5}|[a-z]+/[a-z_/]+)(?![a-z/]))?"
    r"|(?P<us>eastern|central|mountain|pacific)(?: (?P<season>standard|daylight))? time"
    rf"|{_REGION_PATTERN}|[a-z]{{2,12}}/[a-z0-9_+/-]{{2,30}}|[a-z]{{3}}\d[a-z]{{3}}|[a-z]{{1,5}})"
    r"[\])]?(?: \([^()]{0,40}\))?)?"
)
_GAP = r"(?: ?[|,/\u2013\u2014-] ?| at | )"
_MONTH = r"(?P<month>[a-z\xdf-\xff\u0100-\u017f\u0430-\u044f]{3,13})\.?"


def _compile_form(date: str, clock: str = _CLOCK, gap: str = _GAP) -> re.Pattern[str]:
    return re.compile(rf"{date}(?:{gap}{clock}{_ZONE})?", re.ASCII)


_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)|\d{8}T\d{6}(?:Z|[+-]\d{4})", re.ASCII
)
"""The form of most wires. Python's own parser reads it ten times as fast as one of `_FORMS`."""
_FORMS = (
    # ISO 8601 and RFC 3339, extended and basic
    _compile_form(r"(?P<y>\d{4})(?P<sep>[-/.])(?P<m>\d\d?)(?P=sep)(?P<d>\d\d?)", gap=r"(?:t| ?[|,] ?| )"),
    _compile_form(
        r"(?P<y>\d{4})-?(?P<m>\d\d)-?(?P<d>\d\d)",
        clock=r"(?P<h24>\d\d)(?P<min24>\d\d)(?:(?P<s24>\d\d)(?:[.,](?P<f24>\d{1,9}))?)?",
        gap="[t ]?",
    ),
    # RFC 5322 and RFC 850: Fri, 10 Dec 2021 07:41:00 EST
    _compile_form(_DAY_NAME + rf"(?P<d>\d\d?)(?:st|nd|rd|th|er|\.)?[ -]{_MONTH},?[ -](?P<y>\d{{4}}|\d\d)"),
    # December 10, 2021, 7:41 a.m. ET
    _compile_form(_DAY_NAME + rf"{_MONTH}[ -](?P<d>\d\d?)(?:st|nd|rd|th)?,?[ -](?P<y>\d{{4}})"),
    # asctime: Fri Dec 10 07:41:00 2021
    re.compile(_DAY_NAME + rf"{_MONTH} (?P<d>\d\d?) {_CLOCK}{_ZONE} (?P<y>\d{{4}})", re.ASCII),
    # 12/10/2021 | 07:41am EST: slashes are American, month first
    _compile_form(r"(?P<m>\d\d?)/(?P<d>\d\d?)/(?P<y>\d{4})"),
    # 10.12.2021 07:41 Uhr: dots are European, day first
    _compile_form(r"(?P<d>\d\d?)\. ?(?P<m>\d\d?)\. ?(?P<y>\d{4}|\d\d)"),
    # 2021年12月10日 07:41
    _compile_form(
        r"(?P<y>\d{4}) ?[年년] ?(?P<m>\d\d?) ?[月월] ?(?P<d>\d\d?) ?[日일]"
        r"(?: ?\(?(?:星期|周)?[一二三四五六日天]\)?)?",
        gap=r" ?(?:[|,] ?)?",
    ),
)
_CLOCK_FIRST = re.compile(rf"(?P<clock>{_CLOCK}{_ZONE})(?:,? ?[|,] ?| on |,? )(?P<date>.*\d.*)", re.ASCII)


def _keep_weekday(found: re.Match[str]) -> str:
    return f"{found[1]} " if found[1] else ""


_REPLACEMENTS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile("\u2212"), "-"),
    (re.compile(r"\[[a-z]+/[a-z_/]+\]$"), ""),  # RFC 9557: 2021-12-10T12:41:00+00:00[Europe/London]
    (
        re.compile(
            r"^(?:(?:last )?(?:updated|published|posted|released|issued)|publié|veröffentlicht)(?: on| at| le| am)?:? "
        ),
        "",
    ),
    (re.compile(rf"^(?:le |the |am )?(?:({WEEKDAY_PATTERN})\.?(?:,| der| den)? )?(?:the |den )?"), _keep_weekday),
    (re.compile(r"(?<=\w) (?:of|de|del) (?=\w)"), " "),
    (re.compile(r",? (?:à|um|alle|alle ore|a las|às|kl\.?|klo|o godz\.|в) (?=\d)"), " "),
    (re.compile(r"(?:12(?::00)? )?\bnoon\b"), "12:00 pm"),
    (re.compile(r"(?<=[ t])([01]?\d|2[0-3])\.([0-5]\d)\.([0-5]\d)(?= ?(?:$|[+\-a-z(\[]))"), r"\1:\2:\3"),
    (re.compile(r"(?<![\d.:])(\d{1,2})(?:h|\.)(\d\d)(?![\d.]|\s?[^\W\d_]*\s?\d{4}$)"), r"\1:\2"),
    (re.compile(r"^([01]\d|2[0-3])([0-5]\d)(?= ?(?:gmt|utc|[ecmp][sd]?t|bst|ces?t)\b)"), r"\1:\2"),
    (re.compile(r"(?:上午|午前|오전) ?(\d{1,2})[::时時点點시] ?(\d\d)[分분]?"), r" \1:\2 am"),
    (re.compile(r"(?:下午|午後|오후) ?(\d{1,2})[::时時点點시] ?(\d\d)[分분]?"), r" \1:\2 pm"),
    (re.compile(r"(\d{1,2})[时時点點시] ?(\d\d)[分분]?"), r" \1:\2"),
)
"""Rewrites what stands around a time, and what other languages write, into the shape that `_FORMS` reads."""


def parse_time(text: str) -> datetime | None:
    """Parses a time as a wire writes it: aware and in UTC where the text has a zone, else naive.

    Returns None where the text fits no form, names an unknown zone, or is no time (month 13). A date alone is its
    midnight, naive.

    Forms: ISO 8601, RFC 3339, RFC 5322 (sections 3.3 and 4.3), RFC 850, asctime, and those of release wires. Slashes
    are American (month first), dots European (day first). Months and weekdays may be of any language of date_words.py.
    More than six digits of a second are cut.

    Zones: an abbreviation is literal, so `EST` is -05:00 and `CET` is +01:00 even in summer. `CST` is the American
    zone, `IST` the Indian one, `AST` the Atlantic one, `BST` British summer time. Only `ET CT MT PT`, `Eastern Time`,
    `CET/CEST` and `London time` and their like follow the daylight saving of the date. Of an hour that comes twice,
    the first is meant.
    """
    if not 6 <= len(text) <= 100:
        return None
    if _RFC3339.fullmatch(text):
        with suppress(ValueError, OverflowError):
            return datetime.fromisoformat(text).astimezone(UTC)
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    for form in _FORMS:
        if (found := form.fullmatch(plain)) and (time := _build_datetime(found.groupdict())):
            return time
    for pattern, written in _REPLACEMENTS:
        plain = pattern.sub(written, plain)
    plain = " ".join(plain.split())
    if first := _CLOCK_FIRST.fullmatch(plain):
        plain = f"{first['date']} {first['clock']}"
    for form in _FORMS:
        if found := form.fullmatch(plain):
            return _build_datetime(found.groupdict())
    return None


def _build_datetime(part: dict[str, str | None]) -> datetime | None:
    month = part.get("m") or str(find_month(part.get("month") or "", part.get("weekday") or ""))
    year = int(part["y"] or 0)
    if len(part["y"] or "") == 2:
        year += 2000 if year < 50 else 1900  # RFC 5322, section 4.3
    hour, minute, second = (int(part.get(k) or part.get(f"{k}24") or 0) for k in ("h", "min", "s"))
    micro = int((part.get("f") or part.get("f24") or "0")[:6].ljust(6, "0"))
    if ampm := part.get("ampm"):
        if hour > 12:
            return None
        hour = hour % 12 + (12 if ampm[0] == "p" else 0)
    leap = second == 60  # RFC 3339, section 5.7
    try:
        day = datetime(year, int(month), int(part["d"] or 0))  # noqa: DTZ001 - the zone follows
        local = day.replace(hour=hour, minute=minute, second=59 if leap else second, microsecond=micro)
        local += timedelta(seconds=leap)
        if not part.get("zone"):
            return local
        name = (part["zone"] or "").removesuffix(part.get("beside") or "")
        zone = _parse_zone(name, part.get("us"), part.get("season"))
        return local.replace(tzinfo=zone).astimezone(UTC) if zone else None
    except (ValueError, OverflowError):
        return None


def _parse_zone(name: str, region: str | None, season: str | None) -> tzinfo | None:
    if region:
        name = region[0] + {"standard": "st", "daylight": "dt", None: "t"}[season]
    if name in _ZONE_REGIONS:
        return ZoneInfo(_ZONE_REGIONS[name])
    if name in _ZONE_HOURS:
        return timezone(timedelta(hours=_ZONE_HOURS[name]))
    if "/" in name or (len(name) == 7 and name.isalnum()):
        known = _list_regions().get(name)
        return ZoneInfo(known) if known else None
    digits = name.removeprefix("utc").removeprefix("gmt").strip()
    if digits[:1] not in ("+", "-"):
        return None
    hours, minutes = digits[1:].replace(":", ""), "0"
    if len(hours) > 2:
        hours, minutes = hours[:-2], hours[-2:]
    if int(minutes) > 59:
        return None
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if digits[0] == "-" else offset)


@cache
def _list_regions() -> dict[str, str]:
    """Lists the names of IANA zones, by the name in lower case."""
    return {name.casefold(): name for name in available_timezones()}
