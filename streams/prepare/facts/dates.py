"""Finds dates in a text: `November 22, 2026`, `22. November`, `2026-11-22`, `11/22/2026`, `2026年11月22日`."""

import re
from datetime import date

from streams.prepare.facts._matching import FoundFact, Span
from streams.prepare.text.datetimes import CAPITALISED_MONTHS, MONTH_PATTERN, MONTHS

_YEAR = r"(?:19|20)\d\d(?!\d)"
_DAY_REST = re.compile(
    rf"(?:st|nd|rd|th)?(?!\d| ?%)(?:,? (?P<year>{_YEAR})"
    rf"|(?= ?[-\u2013] ?\d\d?(?:st|nd|rd|th)?,? (?P<of_both>{_YEAR})))?"
)
"""The rest behind a month: `22, 2026`. In `22-24, 2026` the year counts for both days."""
_DAY_FIRST = re.compile(
    rf"(?:st|nd|rd|th|er|\.)?(?: de| of)? (?P<month>{MONTH_PATTERN})\b\.?(?:(?:,| de|) (?P<year>{_YEAR}))?", re.I
)
_ENDINGS = frozenset("snrte .")
_FORMS = {
    "-": re.compile(r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)", re.ASCII),
    "/": re.compile(r"(?P<m>\d\d?)/(?P<d>\d\d?)/(?P<y>\d{4})(?!\d)", re.ASCII),
    ".": re.compile(r"(?P<d>\d\d?)\. ?(?P<m>\d\d?)\. ?(?P<y>\d{4})(?!\d)", re.ASCII),
    "年": re.compile(r"(?P<y>\d{4}) ?[年년] ?(?P<m>\d\d?) ?[月월](?: ?(?P<d>\d\d?) ?[日일])?", re.ASCII),
}
_FORMS["년"] = _FORMS["年"]
_DOTTED = 8
"""Minimum characters of a dotted date: `1.1.2026`."""


def find_dates(text: str, places: list[Span]) -> list[FoundFact]:
    """Finds dates, and months of a year as periods (`2026-11`). Slashes are American order, dots European.

    `places` are the places of the numbers of the text; each date is found from one of them.
    """
    found: list[FoundFact] = []
    for start, end in places:
        size, after = end - start, text[end : end + 1]
        if size >= _DOTTED and text.count(".", start, end) == 2:
            after = "."
        elif size > 4 or size == 3:
            continue
        elif text[start - 1 : start] == " " and (month := _read_month_before(text, start)):
            found += _parse_month_first(text, start, end, *month)
            continue
        elif size <= 2 and after in _ENDINGS and (day := _DAY_FIRST.match(text, end)):
            value = format_date(day["year"], MONTHS[day["month"].casefold()], text[start:end])
            found += [(start, day.end(), "date", value)] if value else []
            continue
        if after in _FORMS and (numeric := _FORMS[after].match(text, start)):
            found += _parse_numeric(numeric)
    return found


def _read_month_before(text: str, start: int) -> tuple[int, int] | None:
    """Returns start and number of the month before a number. It needs a capital, unlike the verbs `may` and `march`."""
    begin = start - 1
    while begin and start - begin < 12 and (text[begin - 1].isalpha() or text[begin - 1] in ".,"):
        begin -= 1
    month = CAPITALISED_MONTHS.get(text[begin : start - 1].rstrip(".,"))
    return (begin, month) if month else None


def _parse_month_first(text: str, start: int, end: int, begin: int, month: int) -> list[FoundFact]:
    if end - start == 4:
        year = text[start:end]
        return [(begin, end, "period", f"{year}-{month:02}")] if year[:2] in ("19", "20") else []
    rest = _DAY_REST.match(text, end)
    if rest is None or text[start - 2] == ",":
        return []
    value = format_date(rest["year"] or rest["of_both"], month, text[start:end])
    return [(begin, rest.end(), "date", value)] if value else []


def _parse_numeric(found: re.Match[str]) -> list[FoundFact]:
    year, month, day = found["y"], int(found["m"]), found["d"]
    if day is None:
        return [(found.start(), found.end(), "period", f"{year}-{month:02}")] if 1 <= month <= 12 else []
    value = format_date(year, month, day)
    return [(found.start(), found.end(), "date", value)] if value else []


def format_date(year: str | None, month: int, day: str) -> str:
    """Formats a date in ISO 8601, without a year as `--11-22`; empty for a day that does not exist."""
    try:
        value = date(int(year or 2024), month, int(day)).isoformat()
    except ValueError:
        return ""
    return value if year else f"-{value[4:]}"
