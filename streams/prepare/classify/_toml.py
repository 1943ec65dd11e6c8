"""Parses editable TOML files and finds the line of an error: tomllib returns values without their lines."""

import re
import tomllib

from streams.prepare.classify.phrases import PhraseError

_AT_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def parse_toml(text: str, name: str, error: type[ValueError]) -> dict[str, object]:
    """Parses the text of the file `name`. Raises `error` with file and line where it is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        found = _AT_LINE.search(str(wrong))
        line = int(found[1]) if found and found[1] else len(text.splitlines()) or 1
        raise error(f"{name}, line {line}: not TOML: {_AT_LINE.sub('', str(wrong))}") from wrong


def find_phrase_line(text: str, error: ValueError, start: int) -> int | None:
    """Finds the phrase that a `PhraseError` quotes: the first line from `start` on. None for any other error."""
    if not isinstance(error, PhraseError) or not (quoted := re.match(r"'([^']*)'", str(error))):
        return None
    lines = text.splitlines()
    return next((number for number in range(start, len(lines) + 1) if quoted[1] in lines[number - 1]), None)


def find_key_line(text: str, key: str, start: int = 1) -> int:
    """Finds the first line from `start` on that begins with a key or a table's name; `start` where none does."""
    begins = re.compile(rf"\s*\[*\s*[\"']?{re.escape(key)}[\"']?\s*[=\].]")
    lines = text.splitlines()
    return next((number for number in range(start, len(lines) + 1) if begins.match(lines[number - 1])), start)
