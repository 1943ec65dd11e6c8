"""Makes text safe to print: on a terminal, in a log line, in a ticker row."""

import unicodedata

_JOINERS = "\u200c\u200d"


def neutral(text: str) -> str:
    """Text on one line that can neither steer a terminal nor turn what stands beside it (UAX #9)."""
    kept = (
        character if (kind := unicodedata.category(character))[0] != "C" or character in _JOINERS else
        " " if kind == "Cc" else ""
        for character in text
    )  # fmt: skip
    return " ".join("".join(kept).split())
