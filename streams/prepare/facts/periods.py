"""Finds periods: `third quarter 2026`, `Q3 FY26`, `first half`, `fiscal 2025`, `week ended 14 November`."""

import re

from streams.prepare.facts._matching import FoundFact, Span
from streams.prepare.facts.dates import format_date
from streams.prepare.text.datetimes import MONTH_PATTERN, MONTHS

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
    rf"(?:(?P<year2>{_A_YEAR})[ -])?(?:calendar )?\Z"
)
_FISCAL = r"(?P<fiscal>fy ?'?|fiscal (?:year )?|financial year )?"
_BEHIND = re.compile(
    r"[se]?(?: and (?:full[- ])?year(?:[- ]end)?)?(?: results| revenue| earnings| sales| dividend)?"
    rf"(?: of| in|,| for|/| de)?(?: the)? ?{_FISCAL}(?P<year>{_A_YEAR}|(?:(?<=y )|(?<=[y']))\d\d(?!\d))"
)
_SHORT_YEAR = re.compile(
    rf"[ /-]?(?:of )?(?P<fiscal>FY ?|fiscal (?:year )?)?'?(?P<year>{_A_YEAR}|\d\d(?![\d%]|[.,]\d))", re.I
)
_YEAR_WORDS = re.compile(
    r"(?:fiscal(?: year)?|financial year|full[- ]year|geschäftsjahr|gesamtjahr|exercice)(?: results)?"
    r"(?: for| ending| ended)?[ -]\Z"
)
_YEAR_ENDS = frozenset("lrsgdeLRSGDE")
_SPLIT_YEAR = re.compile(r"/(?:\d\d){1,2}(?!\d)", re.ASCII)
_COUNTS = {
    "three": 3, "six": 6, "nine": 9, "twelve": 12, "one": 1, "two": 2, "four": 4, "five": 5, "eight": 8, "ten": 10,
    "eleven": 11, "thirteen": 13, "twenty-six": 26, "thirty-nine": 39, "fifty-two": 52,
}  # fmt: skip
_SPAN = re.compile(
    rf"(?:\b(?P<count>\d\d?|{'|'.join(_COUNTS)})[- ](?P<unit>month|week)s?|\b(?P<one>year|week|month|quarter|half))"
    r"(?: period)? (?P<link>ended|ending|to) \Z"
)
_DAY = r"\d{1,2}(?!\d|[.,]\d)"
_UNTIL = re.compile(
    rf"(?:(?P<month>{MONTH_PATTERN})\b\.?(?: (?P<day>{_DAY})(?:st|nd|rd|th)?)?"
    rf"|(?P<day2>{_DAY})(?:st|nd|rd|th|\.)? (?P<month2>{MONTH_PATTERN})\b\.?)(?:,? (?P<year>{_A_YEAR}))?"
)
_LENGTHS = {"year": "P1Y", "week": "P1W", "month": "P1M", "quarter": "P3M", "half": "P6M"}
PARTS = {
    "": (("quarter", "Q"), (" half", "H")),
    "de": (("quartal", "Q"), ("halbjahr", "H")),
    "fr": (("trimestre", "Q"), ("semestre", "H")),
}
PARTS["es"] = PARTS["it"] = PARTS["pt"] = PARTS["fr"]
"""Language -> words for a part of a year, with its letter. English words count in every language."""
ENDED = ("ended ", "ending ", "onths to ")
"""Words before the last day of a period."""


def find_periods(
    text: str, lower: str, places: list[Span], parts: list[tuple[int, str]], ended: list[int], language: str
) -> list[FoundFact]:
    """Finds the periods of a text. `lower` is the text in lower case.

    `places` are the places of its numbers. `parts` are start and word of `PARTS`, and `ended` the ends of `ENDED`.
    """
    found: list[FoundFact] = []
    for start, end in places:
        if end - start in (1, 2, 4):
            found += _parse_numbered(text, lower, start, end)
    if parts:
        names = dict((*PARTS[""], *PARTS.get(language[:2], ())))
        found += [made for at, word in parts if word in names and (made := _parse_part(lower, at, word, names[word]))]
    found += [made for at in ended if (made := _parse_span(lower, at))]
    return found


def _parse_part(lower: str, at: int, word: str, part: str) -> FoundFact | None:
    """Parses the words around `quarter` or `half`: `third quarter 2026`, `2026 first half`, `fiscal third quarter`."""
    at += word[0] == " "
    before = _BEFORE.search(lower, max(0, at - 45), at)
    if before is None or (nth := _ORDINALS[before["nth"]]) > (2 if part == "H" else 4):
        return None
    end = at + len(word.strip())
    year = before["year"] or before["year2"] or ""
    fiscal = before["fiscal"] or before["fiscal2"] or before["fiscal3"]
    start = before.start()
    if not year and (behind := _BEHIND.match(lower, end)):
        year, end = behind["year"], behind.end()
        fiscal = fiscal or behind["fiscal"]
    return start, end, "period", _format_part(year, bool(fiscal), f"{part}{nth}")


def _format_part(year: str, fiscal: bool, part: str) -> str:
    year = f"20{year}" if len(year) == 2 else year
    return f"{'FY' if fiscal else ''}{year}-{part}" if year else part


def _parse_numbered(text: str, lower: str, start: int, end: int) -> list[FoundFact]:
    """Parses a period around the number at this place: `Q3 2026`, `Q3 FY26`, `3Q26`, `H1/26`, `FY26`, `fiscal 2025`."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if end - start == 1:
        number = text[start]
        if before in ("Q", "H") and not text[max(0, start - 2) : start - 1].isalnum() and not after.isalnum():
            return _parse_short(text, start - 1, end, f"{before}{number}")
        if after in ("Q", "H") and not before.isalnum() and not text[end + 1 : end + 2].isalpha():
            return _parse_short(text, start, end + 1, f"{after}{number}")
        return []
    lead = text[max(0, start - 4) : start]
    if (bare := lead.rstrip(" '\u2019"))[-2:] == "FY" and not bare[-3:-2].isalnum():
        return [(start - len(lead) + len(bare) - 2, end, "period", _format_fiscal_year(text[start:end]))]
    if end - start == 4 and text[start - 2 : start - 1] in _YEAR_ENDS and text[start : start + 2] in ("19", "20"):
        words = _YEAR_WORDS.search(lower, max(0, start - 40), start)
        if words:
            split = _SPLIT_YEAR.match(text, end)
            return [(words.start(), split.end() if split else end, "period", _format_fiscal_year(text[start:end]))]
    return []


def _format_fiscal_year(year: str) -> str:
    return f"FY20{year}" if len(year) == 2 else f"FY{year}"


def _parse_short(text: str, start: int, end: int, part: str) -> list[FoundFact]:
    if part not in ("Q1", "Q2", "Q3", "Q4", "H1", "H2"):
        return []
    year = _SHORT_YEAR.match(text, end)
    if year is None:
        return [(start, end, "period", part)]
    return [(start, year.end(), "period", _format_part(year["year"], bool(year["fiscal"]), part))]


def _parse_span(lower: str, at: int) -> FoundFact | None:
    """Parses `nine months ended September 30, 2026` into an ISO 8601 interval: `P9M/2026-09-30`."""
    span, until = _SPAN.search(lower, max(0, at - 45), at), _UNTIL.match(lower, at)
    if span is None or until is None:
        return None
    month = MONTHS[until["month"] or until["month2"]]
    year, day = until["year"], until["day"] or until["day2"]
    if day:
        end = format_date(year, month, day)
    elif span["one"] and span["link"] == "to":
        return None
    else:
        end = f"{year}-{month:02}" if year else f"--{month:02}"
    if not end:
        return None
    if span["one"]:
        return span.start(), until.end(), "period", f"{_LENGTHS[span['one']]}/{end}"
    count = span["count"]
    length = f"P{_COUNTS.get(count) or int(count)}{span['unit'][0].upper()}"
    return span.start(), until.end(), "period", f"{length}/{end}"
