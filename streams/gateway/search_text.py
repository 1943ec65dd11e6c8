"""Splits texts into words, and parses what a reader looks for: words, "phrases" and -words, all without SQL.

A text becomes a line of words in lower case without accents, each between blanks: ` banco santander `. The full-text
index holds that line. So a phrase is a part of the line, and the index and `Search.matches` agree.
A character of Chinese or Japanese writing is a word of its own, as such texts have no blanks.
"""

import re
import unicodedata
from collections.abc import Iterable

import msgspec

MAX_QUERY = 200
MAX_TERMS = 12
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_IDEOGRAPHS}]|[^\W_{_IDEOGRAPHS}]+")
_TERM = re.compile(r'(-?)(?:"([^"]*)"|([^\s"]+))')
_GAP = " \N{PILCROW SIGN} "
"""Stands between two texts. It is a word for the index, and no text has it."""
_QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))


class Search(msgspec.Struct, frozen=True):
    """What a reader looks for. Each term is a word, or several words that stand side by side."""

    wanted: tuple[str, ...]
    unwanted: tuple[str, ...] = ()

    def matches(self, words: str) -> bool:
        """Whether a line of words has every wanted term and no unwanted one."""
        return all(f" {term} " in words for term in self.wanted) and not any(
            f" {term} " in words for term in self.unwanted
        )

    def as_match(self) -> str:
        """Writes the search in the query language of FTS5. A term has letters, digits and blanks only."""
        wanted = " AND ".join(f'"{term}"' for term in self.wanted)
        return wanted + "".join(f' NOT "{term}"' for term in self.unwanted)


def split_words(text: str) -> list[str]:
    """Splits a text into words in lower case without accents."""
    if text.isascii():
        return _WORD.findall(text.lower())
    plain = unicodedata.normalize("NFKD", text)
    return _WORD.findall("".join(each for each in plain if not unicodedata.combining(each)).casefold())


def join_words(texts: Iterable[str]) -> str:
    """Joins the words of texts to a line. No phrase reaches from one text into the next."""
    lines = (" ".join(words) for text in texts if (words := split_words(text)))
    return f" {_GAP.join(lines)} "


def parse_search(text: str) -> Search:
    """Parses `words "a phrase" -unwanted`. Raises ValueError where it looks for nothing."""
    if len(text) > MAX_QUERY:
        raise ValueError(f"q has {len(text)} characters: give at most {MAX_QUERY}")
    plain = text.translate(_QUOTES)
    if plain.count('"') % 2:
        raise ValueError("q has a quotation mark without its partner: close the phrase")
    wanted: list[str] = []
    unwanted: list[str] = []
    for sign, phrase, word in _TERM.findall(plain):
        if words := split_words(phrase or word):
            (unwanted if sign else wanted).append(" ".join(words))
    if len(wanted) + len(unwanted) > MAX_TERMS:
        raise ValueError(f"q has more than {MAX_TERMS} words and phrases: give fewer")
    if not wanted:
        raise ValueError(f"q is {text[:60]!r}: give at least one word to look for, such as merger -rumor")
    return Search(tuple(dict.fromkeys(wanted)), tuple(dict.fromkeys(unwanted)))
