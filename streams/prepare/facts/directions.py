"""Directions: does the news say more or less, up or down? Of the headline and the first sentences only."""

import re

from streams.prepare.facts.found import Found

LEAD = 300
"""Characters of the text that are looked at: deeper in a text everything rises and falls."""

_UP = (
    "raise raises raised raising rise rises rising rose gain gains gained increase increases increased increasing "
    "up higher climb climbs climbed jump jumps jumped surge surges surged soar soars soared upgrade upgrades "
    "upgraded advances advanced grow grows grew growth boost boosts boosted lift lifts lifted hike hikes hiked "
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
_NOT_AFTER = ("step", "steps", "stepping", "set", "start", "sign", "follow", "back", "made", "close", "shut")
"""`steps down`, `set up`: no direction."""


def find(text: str, headline: int) -> list[Found]:
    """Directions of the headline (its length is given) and of the lead behind it."""
    found: list[Found] = []
    before = ""
    end = headline + 1 + LEAD
    for each in _WORD.finditer(text, 0, end):
        word = each[0].lower()
        if word in _DIRECTIONS and not (word in ("up", "down") and before in _NOT_AFTER):
            found.append((each.start(), each.end(), "direction", _DIRECTIONS[word]))
        before = word
    if not text.isascii():
        found += [(each.start(), each.end(), "direction", _EAST[each[0]]) for each in _EASTERN.finditer(text, 0, end)]
    return found
