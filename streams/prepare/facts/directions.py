"""Directions: does the news say more or less, up or down? Of the headline and the first sentences only."""

import re

from streams.prepare.facts.found import Found

LEAD = 300
"""Characters of the text that are looked at: deeper in a text everything rises and falls."""

_UP = (
    "raise raises raised raising rise rises rising rose gain gains gained increase increases increased increasing "
    "up higher climb climbs climbed jump jumps jumped surge surges surged soar soars soared upgrade upgrades "
    "upgraded advances grow grows grew growth boost boosts boosted lift lifts lifted hike hikes hiked "
    "exceeds exceeded rally rallies rallied profit steigt stieg erhöht hebt steigert plus hausse relève augmente "
    "progresse"
)
_DOWN = (
    "cut cuts cutting lower lowers lowered lowering fall falls fallen falling fell drop drops dropped decrease "
    "decreases decreased down decline declines declined declining slump slumps slumped plunge plunges plunged "
    "tumbles tumbled slid slides sink sinks sank downgrade downgrades downgraded reduce reduces reduced reducing "
    "trim trims trimmed shrinks shrank loss losses loses lost slip slips slipped eases eased weaker weakens "
    "misses missed sinkt fällt senkt kürzt verlust minus rückgang baisse abaisse recule chute perte"
)
_FLAT = (
    "unchanged maintain maintains maintained reaffirm reaffirms reaffirmed reiterates reiterated affirms affirmed "
    "steady bestätigt confirme"
)
_DIRECTIONS = {
    word: direction for direction, words in (("up", _UP), ("down", _DOWN), ("flat", _FLAT)) for word in words.split()
}
_EAST = {"上涨": "up", "上升": "up", "增长": "up", "上调": "up", "下跌": "down", "下降": "down", "下调": "down"}
_WORD = re.compile(r"[a-zA-Z\xc0-\xff][a-zA-Z\xc0-\xff]+")
_EASTERN = re.compile("|".join(_EAST))
_NOT_AFTER = frozenset(
    ("step", "steps", "stepping", "set", "start", "sign", "back", "made", "shut", "turn", "turned", "turns", "lock")
)
"""`steps down`, `turned down`, `lock-up`: no direction."""
_SEASON_AFTER = frozenset(("the", "this", "in", "every", "each", "last", "next"))
_RAISE = frozenset(("raise", "raises", "raised", "raising"))
_NOT_RAISED = re.compile(
    r" (?:[a-z]+ )?(?:awareness|concerns?|questions?|funds|money|capital|the bar|over|[$€£])", re.I
)
"""`raises awareness`, `raises $5 million`: more of something, but no figure went up."""


def find(text: str, headline: int) -> list[Found]:
    """Directions of the headline (its length is given) and of the lead behind it."""
    found: list[Found] = []
    before = ""
    end = headline + 1 + LEAD
    for each in _WORD.finditer(text, 0, end):
        word = each[0].lower()
        if word in _DIRECTIONS and _is_direction(text, each.end(), word, before):
            found.append((each.start(), each.end(), "direction", _DIRECTIONS[word]))
        before = word
    if not text.isascii():
        found += [(each.start(), each.end(), "direction", _EAST[each[0]]) for each in _EASTERN.finditer(text, 0, end)]
    return found


def _is_direction(text: str, end: int, word: str, before: str) -> bool:
    if word in ("up", "down"):
        return before not in _NOT_AFTER
    if word == "fall":
        return before not in _SEASON_AFTER
    return word not in _RAISE or _NOT_RAISED.match(text, end) is None
