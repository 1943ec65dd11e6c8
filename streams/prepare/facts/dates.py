"""Dates as texts write them: `November 22, 2026`, `22. November`, `2026-11-22`, `11/22/2026`, `2026年11月22日`."""

import re
from datetime import date

from streams.prepare.facts.found import Found
from streams.prepare.facts.months import MONTH, MONTHS, TITLED

_YEAR = r"(?:19|20)\d\d(?!\d)"
_NAMED = "|".join(rf"{name[0]}(?i:{name[1:]})" for name in TITLED)
# A capital first makes the search fast, and keeps the verbs `may` and `march` out.
_MONTH_FIRST = re.compile(
    rf"(?P<month>{_NAMED})\b\.?"
    rf"(?: (?P<day>\d{{1,2}})(?!\d|[.,]\d| ?%)(?:st|nd|rd|th)?(?:,? (?P<year>{_YEAR}))?|,? (?P<of>{_YEAR}))"
)
_DAY_FIRST = re.compile(
    rf"(?:st|nd|rd|th|er|\.)?(?: de| of)? (?P<month>{MONTH})\b\.?(?:(?:,| de|) (?P<year>{_YEAR}))?", re.I
)
_DIGITS = re.compile(r"\d+")
_NUMERIC = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)", re.ASCII),
    re.compile(r"(?P<m>\d\d?)/(?P<d>\d\d?)/(?P<y>\d{4})(?!\d)", re.ASCII),
    re.compile(r"(?P<d>\d\d?)\. ?(?P<m>\d\d?)\. ?(?P<y>\d{4})(?!\d)", re.ASCII),
    re.compile(r"(?P<y>\d{4}) ?[年년] ?(?P<m>\d\d?) ?[月월](?: ?(?P<d>\d\d?) ?[日일])?", re.ASCII),
)
_FORM = {"-": _NUMERIC[0], "/": _NUMERIC[1], ".": _NUMERIC[2], "年": _NUMERIC[3], "년": _NUMERIC[3]}
_ENDINGS = frozenset("snrte")


def find(text: str) -> list[Found]:
    """All dates, and months of a year (`2026-11`, a period). Slashes are American, dots European."""
    found: list[Found] = []
    for named in _MONTH_FIRST.finditer(text):
        start = named.start()
        if text[start - 1 : start].isalnum() or text[max(0, start - 2) : start - 1].isdigit():
            continue  # `22 November 2026` is read from its day
        month = MONTHS[named["month"].casefold()]
        if named["of"]:
            found.append((start, named.end(), "period", f"{named['of']}-{month:02}"))
        elif value := written(named["year"], month, named["day"]):
            found.append((start, named.end(), "date", value))
    size = len(text)
    for number in _DIGITS.finditer(text):
        start, end = number.span()
        after = text[end] if end < size else ""
        if end - start <= 2 and (after in " ." or after in _ENDINGS) and (day := _DAY_FIRST.match(text, end)):
            if value := written(day["year"], MONTHS[day["month"].casefold()], number[0]):
                found.append((start, day.end(), "date", value))
        elif after in _FORM and (numeric := _FORM[after].match(text, start)):
            year, month, day_of = numeric["y"], int(numeric["m"]), numeric["d"]
            if day_of is None and 1 <= month <= 12:
                found.append((start, numeric.end(), "period", f"{year}-{month:02}"))
            elif day_of is not None and (value := written(year, month, day_of)):
                found.append((start, numeric.end(), "date", value))
    return found


def written(year: str | None, month: int, day: str) -> str:
    """ISO 8601, `--11-22` where there is no year; empty for a day that the month does not have."""
    try:
        value = date(int(year or 2024), month, int(day)).isoformat()
    except ValueError:
        return ""
    return value if year else f"-{value[4:]}"
