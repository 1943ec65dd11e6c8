"""One pass over a text for all that facts stand on: digits, words of periods, of posts, of coming and going."""

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
    """Where they stand in a text in lower case, each kind in the order of its places."""

    __slots__ = ("_digits", "ended", "moves", "parts", "roles")

    def __init__(self, lower: str) -> None:
        self._digits: list[int] = []
        self.parts: list[tuple[int, str]] = []
        """`quarter`, `half`: beginning and word."""
        self.ended: list[int] = []
        """Behind `ended `, `months to `."""
        self.moves: list[int] = []
        """Beginnings of words of coming and going."""
        self.roles: list[int] = []
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

    def numbers(self, text: str, *, spaced: bool) -> list[Span]:
        """The places of the numbers; `spaced`: `12 500` is one."""
        number = SPACED_NUMBER if spaced else NUMBER
        places: list[Span] = []
        last = 0
        for start in self._digits:
            if start >= last and (found := number.match(text, start)):
                last = found.end()
                places.append((start, last))
        return places
