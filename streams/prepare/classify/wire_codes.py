"""Maps the wires' own codes to categories. The head of codes.toml explains how the editable mapping is written."""

import hashlib
import re
from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from streams.model.records import Code, Label
from streams.model.topics import CATEGORIES
from streams.prepare.classify import _toml
from streams.prepare.classify.rules import BY_DISTRIBUTOR

NAMES = "names"
_SIGNS = re.compile(r"[\W_]+")
_CategoryConfidence = tuple[str, Annotated[int, Meta(ge=1, le=100)]]


class MappingError(ValueError):
    """A mapping file is wrong; the message names the file and line and says what to correct."""


class CodeMapping(msgspec.Struct, frozen=True):
    """A mapping of wire codes to categories."""

    codes: dict[tuple[str, str], _CategoryConfidence]
    """Scheme and code, normalised -> category and confidence."""
    version: str
    """Names the content: `codes-` and 8 hex digits of the file's SHA-256."""

    def labels(self, codes: Iterable[Code]) -> list[Label]:
        """Returns the labels that these codes give, each with the code as the wire wrote it."""
        found = []
        for code in codes:
            for key in (
                _normalise_code(code.scheme, code.code),
                _normalise_code(NAMES, code.code),
                _normalise_code(NAMES, code.name),
            ):
                if row := self.codes.get(key):
                    shown = f"{code.scheme}:{code.code}" if code.scheme else code.code
                    name = f"code:{'_'.join(shown.split())}@{self.version}"
                    found.append(Label(row[0], row[1], name, (code.name or code.code,)))
                    break
        return found


def _normalise_code(scheme: str, code: str) -> tuple[str, str]:
    return scheme.casefold(), _SIGNS.sub(" ", code.casefold()).strip()


def load_mapping(text: str, name: str) -> CodeMapping:
    """Parses the TOML `text` of the file `name`. Raises `MappingError` with file and line."""
    tree = _toml.parse_toml(text, name, MappingError)
    codes: dict[tuple[str, str], _CategoryConfidence] = {}
    for scheme, table in tree.items():
        if not isinstance(table, dict):
            raise MappingError(
                f"{name}, line {_find_line(text, scheme)}: {scheme!r} is no table: write [scheme] above codes"
            )
        for code, row in table.items():
            at = f"{name}, line {_find_line(text, code, scheme)}: code {code!r} of [{scheme}]"
            try:
                read = msgspec.convert(row, _CategoryConfidence)
            except msgspec.ValidationError as error:
                raise MappingError(f"{at}: write [category, confidence from 1 to 100]: {error}") from error
            if read[0] not in CATEGORIES or read[0] == BY_DISTRIBUTOR:
                known = ", ".join(sorted(CATEGORIES.keys() - {BY_DISTRIBUTOR}))
                raise MappingError(f"{at}: no category {read[0]!r} that a code may give; one of: {known}")
            if codes.setdefault(_normalise_code(scheme, code), read) is not read:
                raise MappingError(f"{at}: it is there twice")
    return CodeMapping(codes, "codes-" + hashlib.sha256(text.encode()).hexdigest()[:8])


def _find_line(text: str, key: str, table: str = "") -> int:
    """Finds the line of a key in a table; 1 where the key is written in another way."""
    here = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("["):
            here = line.strip().strip("[]").strip("\"' ")
        if (not table or here == table) and line.partition("=")[0].strip().strip("[]\"' ") == key:
            return number
    return 1
