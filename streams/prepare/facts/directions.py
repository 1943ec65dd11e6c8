"""Directions: does the news say that something measured goes up, goes down or stays? Of headline and lead only.

A price, rate, rating, output, amount. `profit` and `loss` name a result and are no direction.
"""

import re
from functools import cache

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from streams.prepare.facts.contexts import is_direction
from streams.prepare.facts.found import Found, matches

LEAD = 300
"""Characters of the text that are looked at: deeper in a text everything rises and falls."""

_UP = (
    "raise raises raised raising rise rises rising rose gain gains gained increase increases increased increasing "
    "up higher climb climbs climbed jump jumps jumped surge surges surged soar soars soared upgrade upgrades "
    "upgraded grow grows grew growth boost boosts boosted lift lifts lifted hike hikes hiked "
    "exceeds exceeded rally rallies rallied steigt stieg erhöht hebt steigert hausse relève augmente progresse"
)
_DOWN = (
    "cut cuts cutting lower lowers lowered lowering fall falls fallen falling fell drop drops dropped decrease "
    "decreases decreased down decline declines declined declining slump slumps slumped plunge plunges plunged "
    "tumbles tumbled slid slides sink sinks sank downgrade downgrades downgraded reduce reduces reduced reducing "
    "trim trims trimmed shrinks shrank loses lost slip slips slipped eases eased weaker weakens "
    "misses missed sinkt fällt senkt kürzt rückgang baisse abaisse recule chute"
)
_FLAT = (
    "unchanged maintain maintains maintained reaffirm reaffirms reaffirmed reiterates reiterated affirms affirmed "
    "steady bestätigt confirme"
)
_DIRECTIONS = {
    word: direction for direction, words in (("up", _UP), ("down", _DOWN), ("flat", _FLAT)) for word in words.split()
}
_WORDS = tuple(_DIRECTIONS)


@cache
def _finder() -> AhoCorasick:
    return AhoCorasick(_WORDS, matchkind=MatchKind.LeftmostLongest, implementation=Implementation.DFA)


_EAST = {"上涨": "up", "上升": "up", "增长": "up", "上调": "up", "下跌": "down", "下降": "down", "下调": "down"}
_EASTERN = re.compile("|".join(_EAST))


def find(lower: str, headline: int) -> list[Found]:
    """Directions of the headline (its length is given) and of the lead behind it, of a text in lower case."""
    found: list[Found] = []
    limit = headline + 1 + LEAD
    for number, start, end in matches(_finder(), lower[:limit]):
        if lower[start - 1 : start].isalpha() or lower[end : end + 1].isalpha():
            continue
        word = _WORDS[number]
        if is_direction(lower, start, end, word):
            found.append((start, end, "direction", _DIRECTIONS[word]))
    if not lower.isascii():
        found += [
            (each.start(), each.end(), "direction", _EAST[each[0]]) for each in _EASTERN.finditer(lower, 0, limit)
        ]
    return found
