"""Holds the labels of page and widget in each language, and picks the language of a reader (pure).

The file `static/labels.json` has all of them: language -> key -> text.
"""

from collections.abc import Mapping
from importlib import resources

import msgspec

LABELS: dict[str, dict[str, str]] = msgspec.json.decode(
    resources.files("streams.gateway").joinpath("static", "labels.json").read_bytes(), type=dict[str, dict[str, str]]
)
DEFAULT = "en"
MAX_CHOICES = 20
"""Languages of a header that are looked at."""


def pick_language(header: str, chosen: str = "") -> str:
    """Picks the language: the chosen one, else the one of `Accept-Language` that is preferred and has labels."""
    if chosen in LABELS:
        return chosen
    found: list[tuple[float, int, str]] = []
    for number, part in enumerate(header.split(",")[:MAX_CHOICES]):
        name, _, weight = part.partition(";")
        language = name.strip().lower().partition("-")[0]
        if language in LABELS and (share := _parse_weight(weight)) > 0:
            found.append((-share, number, language))
    return min(found)[2] if found else DEFAULT


def name_section(labels: Mapping[str, str], category: str) -> str:
    """Names a section in a language; a category that has no label by its id."""
    return labels.get(f"section.{category}", category)


def _parse_weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if not text.strip():
        return 1.0
    try:
        return min(1.0, float(value)) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0
