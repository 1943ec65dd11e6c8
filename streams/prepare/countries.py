"""The country that a dateline names: `WUXI, China, Dec. 10, 2021 /PRNewswire/`, `AUSTIN, Texas`, `SINGAPORE`."""

import re
from functools import cache
from importlib.resources import files

from streams.prepare.dateline import DATE

_CITIES = frozenset(
    (
        "new york",
        "washington",
        "singapore",
        "luxembourg",
        "hong kong",
        "monaco",
        "macau",
        "panama",
        "kuwait",
        "djibouti",
    )
)
"""Behind another city in capitals they are a second city: `LONDON, SINGAPORE`."""
_SEVERAL = re.compile(r"\b(?:and|und|et|y|e)\b|[;&]", re.I)
_MARKS = re.compile(r"--|[/([\u2013\u2014|]| - ")


@cache
def _names() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Countries, and their parts, by folded name -> code; and code -> name to show."""
    countries: dict[str, str] = {}
    parts: dict[str, str] = {}
    shown: dict[str, str] = {}
    for line in (files("streams.prepare") / "countries.txt").read_text("utf-8").splitlines():
        code, *names = line.split("|")
        if line.startswith("+"):
            parts.update((_folded(name), code[1:]) for name in names)
        elif not line.startswith("#"):
            shown[code] = names[0]
            countries.update((_folded(name), code) for name in names)
    return countries, parts, shown


def dateline_country(dateline: str) -> tuple[str, str]:
    """ISO 3166-1 alpha-2 code and English name; both empty where the dateline names none, or more than one.

    A city alone names none, but for one that is a country. `Georgia` is not told apart from the state.
    """
    codes, _, shown = _names()
    found = DATE.search(dateline)
    place = dateline[: found.start()] if found else dateline
    head, *rest = [part.strip() for part in _MARKS.split(place, maxsplit=1)[0].strip(" ,").split(",")]
    if _SEVERAL.search(head):
        return "", ""
    if rest:
        named = {_behind(part, head) for part in rest} - {""}
    else:
        folded = _folded(head)
        named = {code for name, code in codes.items() if not name.isascii() and folded.startswith(name)}
        named |= {codes[folded]} if folded in codes else set()
    if len(named) != 1:
        return "", ""
    [code] = named
    return code, shown[code]


def _behind(part: str, city: str) -> str:
    """The code of the country that a part behind the city names, itself or by one of its states."""
    folded = _folded(part)
    if folded in _CITIES and part.isupper() and folded != _folded(city):
        return ""
    if len(folded) == 2 and not part.isupper():
        return ""
    countries, parts, _ = _names()
    return countries.get(folded) or parts.get(folded, "")


def _folded(name: str) -> str:
    return name.replace(".", "").strip().casefold()
