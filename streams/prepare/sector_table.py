"""The editable table of sectors: read and checked. How it is written: head of sectors.toml."""

import hashlib
import re
from typing import Any

import msgspec

from streams.prepare import toml_lines
from streams.prepare.phrases import Element, parse


class SectorsError(ValueError):
    """The table is wrong; the message gives file, line, and what to mend."""


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A concept of the table, as the file has it."""

    name: str
    broader: str = ""
    subject: str = ""
    companies: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    none: tuple[str, ...] = ()


class Table(msgspec.Struct, frozen=True):
    """The file, read: concepts by code, their phrases, and `sectors-` with 8 hex digits of the file's SHA-256."""

    rows: dict[str, Row]
    phrases: dict[str, tuple[Element, ...]]
    version: str


def read_table(text: str, name: str) -> Table:
    """Reads the TOML `text` of file `name`. Raises `SectorsError` with file and line."""
    tree = toml_lines.read(text, name, SectorsError)
    rows: dict[str, Row] = {}
    phrases: dict[str, tuple[Element, ...]] = {}
    for code, table in tree.items():
        try:
            rows[code] = row = _row(code, table, tree)
            for phrase in (*row.companies, *row.words, *row.none):
                phrases.setdefault(phrase, parse(phrase, {}))
        except ValueError as error:
            first = toml_lines.line_of(text, code)
            line = toml_lines.line_of_phrase(text, error, first) or first
            raise SectorsError(f"{name}, line {line}: sector [{code}]: {error}") from error
    if not rows:
        raise SectorsError(f"{name}: no sector in it")
    return Table(rows, phrases, "sectors-" + hashlib.sha256(text.encode()).hexdigest()[:8])


def _row(code: str, table: Any, tree: dict[str, Any]) -> Row:
    if not re.fullmatch(r"\d{8}", code):
        raise ValueError("a code of the Media Topics has eight digits")
    row = msgspec.convert(table, Row)
    seen = {code}
    above = row.broader
    while above:
        if above not in tree:
            raise ValueError(f"broader: no sector {above!r}")
        if above in seen:
            raise ValueError(f"broader: {above!r} is above itself")
        seen.add(above)
        above = tree[above].get("broader", "") if isinstance(tree[above], dict) else ""
    return row
