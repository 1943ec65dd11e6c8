"""Restores text that teleprinters and mail programs wrapped at a fixed line length: paragraphs, quotes, dashes."""

import re

from streams.model.errors import Reason, Reject
from streams.prepare.text.plain import clean

_INDENT = re.compile(r"[ \t]{2,}|\t")
_ROW = re.compile(r"\S(?: {3,}|\t)\S")
_ENTRY = re.compile(r"[-*\u2022\u00b7>#] |\d{1,2}[.)] |___|={3}")
_FULL = 44
"""Minimum length of a line that was wrapped. The writer ended a shorter line, so the next does not continue it."""
_QUOTE = re.compile(r"(?<![^\s\u201c])`(?=\w)")
_WIDEST = 100
"""Length above which a line was not wrapped: it is a whole paragraph."""
_DASH = re.compile(r"(?<=\S) (?:_|--) (?=\S)")


def unwrap(text: str) -> str:
    """Joins wrapped lines into paragraphs, with one empty line between paragraphs.

    A paragraph begins after an empty line or with an indented line. These stay lines of their own: rows of a table
    (runs of blanks or tabs inside), entries of a list, and a line after one that is too short to have been wrapped. A
    line that is too long to have been wrapped is a paragraph.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    out: list[str] = []
    before = ""
    for line in lines:
        shown = line.strip()
        if not shown:
            before = ""
            continue
        row = bool(_ROW.search(line.strip()))
        if not before or len(before) > _WIDEST:
            out.append(f"\n\n{shown}")
        elif row or _ROW.search(before.strip()) or _ENTRY.match(shown):
            out.append(f"\n{shown}")
        elif _INDENT.match(line) and not (_INDENT.match(before) and len(before.strip()) >= _FULL):
            out.append(f"\n\n{shown}")
        elif len(before.strip()) < _FULL:
            out.append(f"\n{shown}")
        else:
            out.append(f" {shown}")
        before = line
    return clean("".join(out))


def typeset(text: str) -> str:
    """Replaces the quotes and dashes of teleprinters (``so'' and ` _ `) by typographic ones."""
    return _DASH.sub(" \u2014 ", _QUOTE.sub("\u2018", text.replace("``", "\u201c").replace("''", "\u201d")))


def require_end(message: str, where: str) -> None:
    """Raises `Reject` `malformed` if a message opens its text (STX) and never closes it (ETX): it was cut short."""
    if "\x02" in message and "\x03" not in message:
        raise Reject(Reason.MALFORMED, f"{where} breaks off: no ETX closes its text")
