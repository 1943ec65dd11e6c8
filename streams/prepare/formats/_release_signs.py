"""How a plain text is known to be a release where no wire has put its mark on it."""

import re

from streams.prepare.boilerplate import split_boilerplate
from streams.prepare.companies.tickers import in_text
from streams.prepare.dateline import read_dateline
from streams.prepare.text import clean

_LINES = 40
"""In which a dateline is looked for."""
_HEAD = 2_000
"""Characters in which a listing is looked for: it stands where the company is named first."""
_SAID = re.compile(
    r"(?mi)^(?:[^\w\n]{0,20}for immediate (?:release|distribution)\b|the post .{1,300} appeared first on .{1,80}$)"
)
_HEADLINE_MAX = 500
_NO_HEADLINE = (";", "{", "}", "(", ",", ":")
"""With one of them ends the first line of a program or a letter."""
_PROSE_WORDS = 20


def is_prose(text: str) -> bool:
    """A headline, an empty line, and a paragraph or several short ones."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    if len(paragraphs) < 2 or not 3 < len(paragraphs[0]) <= _HEADLINE_MAX:
        return False
    words = [len(paragraph.split()) for paragraph in paragraphs[1:]]
    return max(words) >= _PROSE_WORDS or sum(words) >= 3 * _PROSE_WORDS


def says_so(text: str) -> bool:
    """Prose that says what it is: by a dateline of no wire, a listing, what a site adds below, or its boilerplate."""
    if not is_prose(text) or text.lstrip().partition("\n")[0].rstrip().endswith(_NO_HEADLINE):
        return False
    shown = clean(text)
    return (
        _SAID.search(shown) is not None
        or any(read_dateline(line) for line in shown.split("\n")[:_LINES] if line)
        or any(one.how == "bracket" and one.exchange for one in in_text(shown[:_HEAD]))
        or bool(split_boilerplate(shown)[1])
    )
