"""Periods: `third quarter 2026`, `Q3 FY26`, `first half`, `fiscal 2025`, `week ended 14 November`."""

import re
from collections.abc import Iterator

from streams.prepare.facts.dates import written
from streams.prepare.facts.found import Found
from streams.prepare.facts.months import MONTH, MONTHS

_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "ersten": 1, "erstes": 1,
    "zweiten": 2, "zweites": 2, "dritten": 3, "drittes": 3, "vierten": 4, "viertes": 4, "premier": 1, "deuxième": 2,
    "troisième": 3, "quatrième": 4, "final": 4, "1": 1, "2": 2, "3": 3, "4": 4,
}  # fmt: skip
_NTH = "|".join(sorted(_ORDINALS, key=len, reverse=True))
_A_YEAR = r"(?:19|20)\d\d(?!\d)"
_BEFORE = re.compile(
    rf"(?:\b(?P<fiscal>fiscal |financial |fy ?)?(?P<year>{_A_YEAR})[ ,-]{{1,2}})?"
    rf"\b(?P<fiscal3>fiscal |financial )?(?P<nth>{_NTH})\.?[ -](?P<fiscal2>fiscal |financial )?"
    rf"(?:(?P<year2>{_A_YEAR})[ -])?(?:calendar )?$",
    re.I,
)
_FISCAL = r"(?P<fiscal>fy ?'?|fiscal (?:year )?|financial year )?"
_BEHIND = re.compile(
    r"[se]?(?: and (?:full[- ])?year(?:[- ]end)?)?(?: results| revenue| earnings| sales| dividend)?"
    rf"(?: of| in|,| for|/| de)?(?: the)? ?{_FISCAL}(?P<year>{_A_YEAR}|(?:(?<=y )|(?<=[y']))\d\d(?!\d))",
    re.I,
)
_SHORT = re.compile(r"[QHF](?:(?:(?<=\dQ)|(?<=\dH)|[1-4])(?![A-Za-z0-9]*[A-Za-z])|Y(?= ?'?\d))", re.ASCII)
_SHORT_YEAR = re.compile(
    rf"[ /-]?(?:of )?(?P<fiscal>FY ?|fiscal (?:year )?)?'?(?P<year>{_A_YEAR}|\d\d(?![\d%]|[.,]\d))", re.I
)
_YEAR = re.compile(
    rf"(?: year)?(?: results)?(?: for| ending| ended)?[ -](?P<year>{_A_YEAR})(?:/(?:\d\d){{1,2}}(?!\d))?", re.I
)
_COUNTS = {
    "three": 3, "six": 6, "nine": 9, "twelve": 12, "one": 1, "two": 2, "four": 4, "five": 5, "eight": 8, "ten": 10,
    "eleven": 11, "thirteen": 13, "twenty-six": 26, "thirty-nine": 39, "fifty-two": 52,
}  # fmt: skip
_SPAN = re.compile(
    rf"(?:\b(?P<count>\d\d?|{'|'.join(_COUNTS)})[- ](?P<unit>month|week)s?|\b(?P<one>year|week|month|quarter|half))"
    r"(?: period)? (?P<link>ended|ending|to) (?:on )?(?P<end>(?:the )?)$",
    re.I,
)
_DAY = r"\d{1,2}(?!\d|[.,]\d)"
_UNTIL = re.compile(
    rf"(?:(?P<month>{MONTH})\b\.?(?: (?P<day>{_DAY})(?:st|nd|rd|th)?)?"
    rf"|(?P<day2>{_DAY})(?:st|nd|rd|th|\.)? (?P<month2>{MONTH})\b\.?)(?:,? (?P<year>{_A_YEAR}))?",
    re.I,
)
_LENGTHS = {"year": "P1Y", "week": "P1W", "month": "P1M", "quarter": "P3M", "half": "P6M"}
_PARTS = {"quarter": "Q", "quartal": "Q", "trimestre": "Q", "half": "H", "halbjahr": "H", "semestre": "H"}
_YEARS = ("fiscal", "full year", "full-year", "financial year", "geschäftsjahr", "gesamtjahr", "exercice")


def find(text: str) -> list[Found]:
    """All periods of a text."""
    lower = text.lower()
    if len(lower) != len(text):  # some capitals have two small letters
        lower = text
    found = list(_short(text))
    for word, part in _PARTS.items():
        found += [made for at in _places(lower, word) if (made := _part(text, at, word, part))]
    for word in _YEARS:
        years = ((at, _YEAR.match(text, at + len(word))) for at in _places(lower, word))
        found += [(at, year.end(), "period", f"FY{year['year']}") for at, year in years if year]
    for word in (" ended ", " ending ", "s to "):
        found += [made for at in _places(lower, word) if (made := _span(text, at + len(word)))]
    return found


def _places(lower: str, word: str) -> Iterator[int]:
    at = lower.find(word)
    while at >= 0:
        yield at
        at = lower.find(word, at + len(word))


def _part(text: str, at: int, word: str, part: str) -> Found | None:
    """`third quarter 2026`, `2026 first half`, `fiscal third quarter`: by the words around `quarter` or `half`."""
    before = _BEFORE.search(text, max(0, at - 45), at)
    if before is None or (nth := _ORDINALS[before["nth"].casefold()]) > (2 if part == "H" else 4):
        return None
    end = at + len(word)
    year = before["year"] or before["year2"] or ""
    fiscal = before["fiscal"] or before["fiscal2"] or before["fiscal3"]
    start = before.start()
    if not year and (behind := _BEHIND.match(text, end)):
        year, end = behind["year"], behind.end()
        fiscal = fiscal or behind["fiscal"]
    return start, end, "period", _named(year, bool(fiscal), f"{part}{nth}")


def _named(year: str, fiscal: bool, part: str) -> str:
    year = f"20{year}" if len(year) == 2 else year
    return f"{'FY' if fiscal else ''}{year}-{part}" if year else part


def _short(text: str) -> Iterator[Found]:
    """`Q3 2026`, `Q3 FY26`, `3Q26`, `H1/26`, `FY26`."""
    for found in _SHORT.finditer(text):
        start, end = found.span()
        before = text[max(0, start - 1) : start]
        leading = end - start == 1 and before in "1234"
        if (before.isalnum() and not leading) or (leading and text[max(0, start - 2) : start - 1].isalnum()):
            continue
        year = _SHORT_YEAR.match(text, end)
        if found[0] == "FY":
            if year:
                yield start, year.end(), "period", f"FY{_named(year['year'], False, '')[:-1]}"
            continue
        part = found[0] + before if leading else found[0]
        if part in ("H3", "H4"):
            continue
        place = start - 1 if leading else start
        if year is None:
            yield place, end, "period", part
        else:
            yield place, year.end(), "period", _named(year["year"], bool(year["fiscal"]), part)


def _span(text: str, at: int) -> Found | None:
    """`nine months ended September 30, 2026` as an ISO 8601 interval: `P9M/2026-09-30`."""
    span, until = _SPAN.search(text, max(0, at - 45), at), _UNTIL.match(text, at)
    if span is None or until is None:
        return None
    month = MONTHS[(until["month"] or until["month2"]).casefold()]
    year, day = until["year"], until["day"] or until["day2"]
    if day:
        end = written(year, month, day)
    elif span["one"] and span["link"] == "to":
        return None
    else:
        end = f"{year}-{month:02}" if year else f"--{month:02}"
    if not end:
        return None
    if span["one"]:
        return span.start(), until.end(), "period", f"{_LENGTHS[span['one'].casefold()]}/{end}"
    count = span["count"].casefold()
    length = f"P{_COUNTS.get(count) or int(count)}{span['unit'][0].upper()}"
    return span.start(), until.end(), "period", f"{length}/{end}"
