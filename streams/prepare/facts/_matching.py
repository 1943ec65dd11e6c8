"""What the finders share: numbers are looked for once, for figures, dates and periods stand on them."""

import re
from collections.abc import Iterable
from typing import Any

from ahocorasick_rs import AhoCorasick

from streams.model.records import FactKind

FoundFact = tuple[int, int, FactKind, str]
"""Start, end, kind and value of a fact in the headline and text as one string."""
Span = tuple[int, int]
"""Start and end of a number, its separators included."""

# A set first and no repetition: only so can `re` skip quickly to where a match may begin.
NUMBER = re.compile(r"[0-9][0-9]*(?:[.,'\u2019][0-9]+)*")
SPACED_NUMBER = re.compile(r"[0-9][0-9]*(?:[.,'\u2019][0-9]+| [0-9]{3}(?![0-9]))*")


def lower_same_length(text: str) -> str:
    """The text in lower case, as many characters as before: a capital with two small letters stays."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(map(_lower_character, text))


def _lower_character(character: str) -> str:
    lower = character.lower()
    return lower if len(lower) == 1 else character


def find_words(finder: AhoCorasick, text: str, *, overlapping: bool = False) -> list[tuple[int, int, int]]:
    """The number of each word of `finder` in the text, with its beginning and end."""
    try:
        return finder.find_matches_as_indexes(text, overlapping=overlapping)
    except UnicodeEncodeError:  # half a surrogate pair
        plain = text.encode(errors="replace").decode()
        return finder.find_matches_as_indexes(plain, overlapping=overlapping)


def build_alternation(words: Iterable[str]) -> str:
    """A pattern of these words, the longest that fits first. As a tree: `re` would try a list word by word."""
    tree: dict[str, Any] = {}
    for word in words:
        node = tree
        for character in word:
            node = node.setdefault(character, {})
        node[""] = {}
    return _branches(tree)


def _branches(node: dict[str, Any]) -> str:
    parts = [re.escape(character) + _branches(node[character]) for character in sorted(node) if character]
    if not parts:
        return ""
    joined = parts[0] if len(parts) == 1 and "" not in node else f"(?:{'|'.join(parts)})"
    return f"{joined}?" if "" in node else joined


DECIMAL_COMMA = frozenset(("de", "fr", "es", "it", "nl", "sv", "da", "no", "nb", "nn", "fi", "pt", "pl", "cs", "ru"))
"""Languages that write 1,5 for one and a half."""
