"""The country that a dateline names: `WUXI, China, Dec. 10, 2021 /PRNewswire/`, `AUSTIN, Texas`, `SINGAPORE`."""

import re

from streams.prepare.country_names import COUNTRIES, PARTS
from streams.prepare.dateline import DATE

_CITIES = frozenset(
    [
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
    ]
)
"""Behind another city in capitals they are a second city: `LONDON, SINGAPORE`."""
_SEVERAL = re.compile(r"\b(?:and|und|et|y|e)\b|[;&]", re.I)
_MARKS = re.compile(r"--|[/([\u2013\u2014|]| - ")


def _folded(name: str) -> str:
    return name.replace(".", "").strip().casefold()


def _rows(table: str) -> list[list[str]]:
    """Rows of code and names."""
    return [row.strip().split("|") for row in re.split(r"[;\n]", table) if row.strip()]


_COUNTRIES = {_folded(name): code for code, *names in _rows(COUNTRIES) for name in names}
_PARTS = {_folded(name): code for code, *names in _rows(PARTS) for name in names}
_PREFIXES = [(name, code) for name, code in _COUNTRIES.items() if name[0] > "\u2e80"]
"""Chinese names: no comma parts them from the city."""
_SHOWN = {code: names[0] for code, *names in _rows(COUNTRIES)}


def dateline_country(dateline: str) -> tuple[str, str]:
    """ISO 3166-1 alpha-2 code and English name; both empty where the dateline names none, or more than one.

    A city alone names none, but for one that is a country. `Georgia` is not told apart from the state.
    """
    found = DATE.search(dateline)
    place = dateline[: found.start()] if found else dateline
    head, *rest = [part.strip() for part in _MARKS.split(place, maxsplit=1)[0].strip(" ,").split(",")]
    if _SEVERAL.search(head):
        return "", ""
    if rest:
        named = {_behind(part, head) for part in rest} - {""}
    else:
        folded = _folded(head)
        named = {code for name, code in _PREFIXES if folded.startswith(name)}
        named |= {_COUNTRIES[folded]} if folded in _COUNTRIES else set()
    if len(named) != 1:
        return "", ""
    [code] = named
    return code, _SHOWN[code]


def _behind(part: str, city: str) -> str:
    """The code of the country that a part behind the city names, itself or by one of its states."""
    folded = _folded(part)
    if folded in _CITIES and part.isupper() and folded != _folded(city):
        return ""
    if len(folded) == 2 and not part.isupper():
        return ""
    return _COUNTRIES.get(folded) or _PARTS.get(folded, "")
