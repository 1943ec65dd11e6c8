"""Where in a TOML file of ours something stands: tomllib gives values without their lines."""

import re
import tomllib
from typing import Any

from streams.prepare.classify.phrases import PhraseError

_AT_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def parse_toml(text: str, name: str, error: type[ValueError]) -> dict[str, Any]:
    """The tables of the file `name`. Raises `error` with file and line where it is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        found = _AT_LINE.search(str(wrong))
        line = int(found[1]) if found and found[1] else len(text.splitlines()) or 1
        raise error(f"{name}, line {line}: not TOML: {_AT_LINE.sub('', str(wrong))}") from wrong


def find_phrase_line(text: str, error: ValueError, start: int) -> int | None:
    """The first line from `start` on with the phrase that an error about one quotes; None where it is about none."""
    if not isinstance(error, PhraseError) or not (quoted := re.match(r"'([^']*)'", str(error))):
        return None
    lines = text.splitlines()
    return next((number for number in range(start, len(lines) + 1) if quoted[1] in lines[number - 1]), None)


def find_key_line(text: str, key: str, start: int = 1) -> int:
    """The first line from `start` on that begins with a key or a table's name; `start` where none does."""
    begins = re.compile(rf"\s*\[*\s*[\"']?{re.escape(key)}[\"']?\s*[=\].]")
    lines = text.splitlines()
    return next((number for number in range(start, len(lines) + 1) if begins.match(lines[number - 1])), start)
