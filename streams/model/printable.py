"""Makes text safe to print on a terminal, in a log line or in a ticker row."""

import unicodedata

_JOINERS = "\u200c\u200d"


def make_printable(text: str) -> str:
    """Removes characters that control a terminal or change the direction of the text around it (UAX #9); one line."""
    kept = (
        character if (kind := unicodedata.category(character))[0] != "C" or character in _JOINERS else
        " " if kind == "Cc" else ""
        for character in text
    )  # fmt: skip
    return " ".join("".join(kept).split())
