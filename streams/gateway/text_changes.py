"""Compares the words of two versions of a story, for the list of what a later version changed (pure)."""

import zlib
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal

import msgspec
import orjson

from streams.gateway.ticker_row import MAX_HEADLINE, shorten
from streams.model.printable import make_printable

MAX_TEXT = 60_000
"""Characters of a text that are kept and compared."""
MAX_PARAGRAPHS = 300
"""Paragraphs of a text that are compared."""
MAX_CHANGES = 30
"""Changes that are listed."""
MAX_WORDS = 250
"""Words of a paragraph that are compared one by one; a longer one is shown whole, before and after."""
CONTEXT_WORDS = 8
"""Words that are shown before and after a change."""
_PACK_LEVEL = 1


class VersionText(msgspec.Struct, frozen=True):
    """The words of a version: its main headline and its text."""

    headline: str
    text: str


class ChangePiece(msgspec.Struct, frozen=True):
    """A run of words of a change."""

    kind: Literal["same", "removed", "added"]
    text: str


class TextChange(msgspec.Struct, frozen=True):
    """A headline or a paragraph that a later version changed."""

    part: Literal["headline", "text"]
    pieces: tuple[ChangePiece, ...]


def read_version_text(document: bytes) -> VersionText:
    """Reads the words of an enriched item."""
    item = orjson.loads(document)
    return VersionText(shorten(_read_main(item, "headlines"), MAX_HEADLINE), _read_main(item, "bodies")[:MAX_TEXT])


def pack_text(text: VersionText) -> bytes:
    """Compresses the words of a version, to be kept."""
    return zlib.compress(msgspec.msgpack.encode(text), _PACK_LEVEL)


def unpack_text(packed: bytes) -> VersionText:
    """Returns the words that `pack_text` compressed."""
    return msgspec.msgpack.decode(zlib.decompress(packed), type=VersionText)


def list_changes(before: VersionText, after: VersionText) -> tuple[TextChange, ...]:
    """Lists the headline and the paragraphs that differ, in the order of the text, at most `MAX_CHANGES`."""
    changes = []
    if before.headline != after.headline:
        changes.append(TextChange("headline", _compare_words(before.headline, after.headline)))
    old, new = _split_paragraphs(before.text), _split_paragraphs(after.text)
    for kind, old_start, old_end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        for one, other in zip_longest(old[old_start:old_end], new[new_start:new_end], fillvalue=""):
            changes.append(TextChange("text", _compare_words(one, other)))
            if len(changes) >= MAX_CHANGES:
                return tuple(changes)
    return tuple(changes)


def _split_paragraphs(text: str) -> list[str]:
    return [part for each in text.split("\n\n") if (part := " ".join(each.split()))][:MAX_PARAGRAPHS]


def _compare_words(before: str, after: str) -> tuple[ChangePiece, ...]:
    old, new = before.split(), after.split()
    if max(len(old), len(new)) > MAX_WORDS:
        return tuple(piece for piece in (ChangePiece("removed", before), ChangePiece("added", after)) if piece.text)
    pieces: list[ChangePiece] = []
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for number, (kind, old_start, old_end, new_start, new_end) in enumerate(steps):
        if kind == "equal":
            words = old[old_start:old_end]
            is_first, is_last = number == 0, number == len(steps) - 1
            pieces.append(ChangePiece("same", _shorten_same(words, is_first=is_first, is_last=is_last)))
            continue
        if old_end > old_start:
            pieces.append(ChangePiece("removed", " ".join(old[old_start:old_end])))
        if new_end > new_start:
            pieces.append(ChangePiece("added", " ".join(new[new_start:new_end])))
    return tuple(pieces)


def _shorten_same(words: list[str], *, is_first: bool, is_last: bool) -> str:
    """Cuts a long run of unchanged words to those beside the changes."""
    before = [] if is_first else words[:CONTEXT_WORDS]
    after = [] if is_last else words[-CONTEXT_WORDS:]
    if len(words) <= len(before) + len(after):
        return " ".join(words)
    return " ".join((*before, "…", *after))


def _read_main(item: object, name: str) -> str:
    rows = item.get(name) if isinstance(item, dict) else None
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and row.get("role") == "main" and isinstance(row.get("value"), str):
            return "\n\n".join(make_printable(part) for part in row["value"].split("\n\n"))
    return ""
