"""Makes text safe to print on a terminal, in a log line or in a ticker row.

`make_printable` is for text of a wire, which is read; `escape_controls` for names, which are looked for.
"""

import unicodedata

_JOINERS = "\u200c\u200d"


def make_printable(text: str) -> str:
    """Removes characters that control a terminal or change the direction of the text around it (UAX #9); one line."""
    if text.isprintable():
        return " ".join(text.split())
    kept = (
        character if (kind := unicodedata.category(character))[0] != "C" or character in _JOINERS else
        " " if kind == "Cc" else ""
        for character in text
    )  # fmt: skip
    return " ".join("".join(kept).split())


def escape_controls(text: str) -> str:
    """Writes every character that is not printable as an escape, such as `\\x1b`."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
