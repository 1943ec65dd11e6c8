"""Defines what the finders of facts share: types, patterns of numbers, search for many words at once."""

import re
from collections.abc import Iterable

from ahocorasick_rs import AhoCorasick

from streams.model.records import FactKind

FoundFact = tuple[int, int, FactKind, str]
"""Start, end, kind and value of a fact. Places count in headline and text as one string."""
Span = tuple[int, int]
"""Start and end of a number, with its separators."""

# The pattern begins with a set without repetition: only then does `re` skip quickly to possible matches.
NUMBER = re.compile(r"[0-9][0-9]*(?:[.,'\u2019][0-9]+)*")
SPACED_NUMBER = re.compile(r"[0-9][0-9]*(?:[.,'\u2019][0-9]+| [0-9]{3}(?![0-9]))*")


def find_words(finder: AhoCorasick, text: str, *, overlapping: bool = False) -> list[tuple[int, int, int]]:
    """Finds the words of `finder` in the text; returns index of the word, start and end of each."""
    try:
        return finder.find_matches_as_indexes(text, overlapping=overlapping)
    except UnicodeEncodeError:  # half a surrogate pair
        plain = text.encode(errors="replace").decode()
        return finder.find_matches_as_indexes(plain, overlapping=overlapping)


_Tree = dict[str, "_Tree"]
"""Character -> the characters that may follow it. An empty key ends a word."""


def build_alternation(words: Iterable[str]) -> str:
    """Builds a pattern that matches the longest of these words.

    It branches character by character, because `re` tries the alternatives of a flat list one by one.
    """
    tree: _Tree = {}
    for word in words:
        node = tree
        for character in word:
            node = node.setdefault(character, {})
        node[""] = {}
    return _branches(tree)


def _branches(node: _Tree) -> str:
    parts = [re.escape(character) + _branches(node[character]) for character in sorted(node) if character]
    if not parts:
        return ""
    joined = parts[0] if len(parts) == 1 and "" not in node else f"(?:{'|'.join(parts)})"
    return f"{joined}?" if "" in node else joined


DECIMAL_COMMA = frozenset(("de", "fr", "es", "it", "nl", "sv", "da", "no", "nb", "nn", "fi", "pt", "pl", "cs", "ru"))
"""Languages that write 1,5 for one and a half."""
