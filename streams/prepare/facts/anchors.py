"""Finds in one pass what the finders of facts start from: digits, and words of periods, posts and moves."""

from collections.abc import Iterable
from functools import cache

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from streams.prepare.facts._matching import NUMBER, SPACED_NUMBER, Span, find_words
from streams.prepare.facts.people import MOVES, TRIGGERS
from streams.prepare.facts.periods import ENDED, PARTS

_KINDS: tuple[tuple[str, Iterable[str]], ...] = (
    ("digit", "0123456789"),
    ("part", dict.fromkeys(word for parts in PARTS.values() for word, _ in parts)),
    ("ended", ENDED),
    ("move", MOVES),
    ("role", TRIGGERS),
)
_WORDS = tuple((kind, word) for kind, words in _KINDS for word in words)


@cache
def _finder() -> AhoCorasick:
    words = [word for _, word in _WORDS]
    return AhoCorasick(words, matchkind=MatchKind.Standard, implementation=Implementation.DFA)


class Anchors:
    """The places of the anchors in a text in lower case, each kind in order."""

    __slots__ = ("_digits", "ended", "moves", "parts", "roles")

    def __init__(self, lower: str) -> None:
        self._digits: list[int] = []
        self.parts: list[tuple[int, str]] = []
        """Start and word of `quarter`, `half` and the like (`PARTS`)."""
        self.ended: list[int] = []
        """End of `ended `, `months to ` and the like (`ENDED`)."""
        self.moves: list[int] = []
        """Start of words such as `appoint` and `resign` (`MOVES`)."""
        self.roles: list[int] = []
        """Start of words such as `chief` and `director` (`TRIGGERS`)."""
        for number, start, end in find_words(_finder(), lower, overlapping=True):
            kind, word = _WORDS[number]
            if kind == "digit":
                self._digits.append(start)
            elif kind == "part":
                self.parts.append((start, word))
            elif kind == "ended":
                self.ended.append(end)
            elif kind == "move":
                self.moves.append(start)
            else:
                self.roles.append(start)
        self.moves.sort()
        self.roles.sort()

    def find_numbers(self, text: str, *, spaced: bool) -> list[Span]:
        """Returns the places of the numbers of `text`. With `spaced`, `12 500` is one number."""
        number = SPACED_NUMBER if spaced else NUMBER
        places: list[Span] = []
        last = 0
        for start in self._digits:
            if start >= last and (found := number.match(text, start)):
                last = found.end()
                places.append((start, last))
        return places
