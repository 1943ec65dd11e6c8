"""Text of fixed line length, as teleprinters and mail programs wrap it: paragraphs whole again, marks in type."""

import re

from streams.model.errors import Reason, Reject
from streams.prepare.text.plain import clean

_INDENT = re.compile(r"[ \t]{2,}|\t")
_ROW = re.compile(r"\S(?: {3,}|\t)\S")
_ENTRY = re.compile(r"[-*\u2022\u00b7>#] |\d{1,2}[.)] |___|={3}")
_FULL = 44
"""Characters of a line that the next one may go on from; a shorter one was ended by its writer."""
_QUOTE = re.compile(r"(?<![^\s\u201c])`(?=\w)")
_WIDEST = 100
"""Characters of a line that nobody wrapped: it is a paragraph."""
_DASH = re.compile(r"(?<=\S) (?:_|--) (?=\S)")


def unwrap(text: str) -> str:
    """Plain text, one empty line between paragraphs; the lines of a paragraph are joined by blanks.

    A paragraph begins behind an empty line or with an indented line. Rows of a table (runs of blanks or tabs inside)
    and entries of a list stay lines of their own; so does what follows a line too short to have been wrapped. A line
    too long for any wrapping is a paragraph.
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
    """Quotes and dashes of the teleprinter's few characters as type has them: ``so'' and ` _ `."""
    return _DASH.sub(" \u2014 ", _QUOTE.sub("\u2018", text.replace("``", "\u201c").replace("''", "\u201d")))


def require_end(message: str, where: str) -> None:
    """Raises `Reject` `malformed` where a message opens its text (STX) and never closes it (ETX): it was cut."""
    if "\x02" in message and "\x03" not in message:
        raise Reject(Reason.MALFORMED, f"{where} breaks off: no ETX closes its text")
