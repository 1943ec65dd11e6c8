"""Finds directions in headline and lead: the news says that something measured goes up, goes down or stays.

Measured is a price, rate, rating, output or amount. `profit` and `loss` name a result and are no direction. The words
around a word of direction decide: `cuts prices` is a direction; `cutting-edge` and `gains approval` are not.
"""

import re
from functools import cache

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from streams.prepare.facts._matching import FoundFact, find_words

_NUMBER = r"(?:(?:c|us|a|hk)?[$€£] ?)?(?:\d|(?:one|two|three|four|five|six|seven|eight|nine|ten)\b)"
_ABOUT = r"(?:about |around |nearly |almost |over |more than |some |another |a further |as much as )?"
_PLANT = (
    r"(?:processing|plants?|facilit|version|systems?|platform|network|app|software|equipment|features?|models?|technolog"
    r"|infrastructure|product|unit|lines?|kit|hardware|website)"
)
_MOVED = (
    r"(?:edge[sd]?|inch(?:ed|es)|tick(?:s|ed)|mov(?:es|ed|ing)|go(?:es|ing)?|went|driv(?:e|es|en|ing)|drove"
    r"|creep(?:s|ing)?|crept|push(?:es|ed|ing)?|revised?|trend(?:s|ed|ing)?|ratchet(?:s|ed|ing)?|nudge[sd]?|bid"
    r"|marked)(?: prices?)?"
)
_MEASURED = (
    r"(?:sales|revenues?|profits?|earnings|income|prices?|shares?|stocks?|futures|output|production|imports|exports|rates?"
    r"|unemployment|deficit|surplus|index|volumes?|orders|yields|inflation|demand|rents|reserves|costs|supply|dollar|eps)"
)
_STRONG = (
    r"(?:strong|stronger|record|massive|rapid|robust|accelerated|significant|solid|double-digit|explosive|faster"
    r"|healthy|impressive|remarkable|tremendous|exceptional)"
)
_MONEY = (
    rf"(?:from |up to )?{_ABOUT}(?:[$€£]|{_NUMBER}[\d.,]* ?(?:m|mln|million|bn|bln|billion|k|crore)\b|(?:c|us|a|hk)\$)"
)

_SOFT = (
    r"(?:[a-z-]+ )?(?:collaboration|engagement|visibility|awareness|access|transparency|attention|support"
    r"|efficienc(?:y|ies)|security|resilience|flexibility|confidence)\b"
)
"""Things that grow but are not measured."""

_OTHER_BEHIND = {
    "raise raises raised raising": (
        r"(?:up\b|(?!(?:by|to|its|their|from) )(?:[a-z-]+ ){0,2}(?:awareness|concerns?|questions?|fund(?:s|ing)"
        r"|financing|equity|money|capital|famil(?:y|ies)|child(?:ren)?|kids|fears|doubts|eyebrows|alarm|red flags?"
        r"|hopes|issues)\b"
        rf"(?! (?:spending|stake|targets?|ratios?|expenditure))|the (?:bar|stakes)|over\b|{_MONEY}"
        rf"|(?!by |to |its |from )[a-z]+ [$€£])"
    ),
    "rise": rf"of (?!{_ABOUT}{_NUMBER})|to (?:fame|prominence|power|the (?:challenge|occasion|top))",
    "gain gains gained": (
        r"(?:[a-z-]+ )?(?:approval|access|control|traction|momentum|attention|ground|authority|entry|support"
        r"|recognition|insights?|exposure|clearance|expertise|popularity|visibility|experience|distributions?)\b"
        r"|of (?![\w./-]+(?: pct|%| percent| points?))"
        r"|on (?:the |a )?(?:stock |asset |property |unit |plant |land |share )?(?:sale|disposal|settlement)\b"
        r"|from (?:the )?(?:sales?|disposal|discontinued)\b"
    ),
    "lift lifts lifted": (
        r"(?:off|out)\b|(?:[a-z-]+ ){0,2}(?:qualification|bans?|sanctions|embargo|curbs?|restrictions?|suspension|hold"
        r"|order|force majeure|lockdowns?|blockade|moratorium|lid|veil)\b"
    ),
    "drop drops dropped": (
        r"(?:out|off|in on|dead)\b|(?:[a-z-]+ )?(?:conditions?|bid|plans?|charges|law ?suit|suit|offer|case|claims?"
        r"|opposition|appeal|requirements?|album|trailer|demands?)\b"
    ),
    "cut cuts cutting": r"(?:edge|off|through|ties|deal|short|ribbon|across|out|into)\b",
    "lower": r"(?:house|courts?|manhattan|middle|body|back|limb|extremity)\b",
    "higher": r"(?:education|learning|courts?|ground|authority|purpose|self)\b",
    "grow grows grew": r"(?:& |your|more|up|into|together|older|out of|weary|tired)\b",
    "boost boosts boosted": rf"your\b|{_SOFT}",
    "increase increases increased increasing": rf"options?\b|{_SOFT}",
    "growth": (
        r"(?:prospects?|strateg(?:y|ies)|stocks?|funds?|conference|plans?|compan(?:y|ies)|opportunit(?:y|ies)|trajectory"
        r"|story|platform|outlook)\b"
    ),
    "fall falls falling fell fallen": r"(?:short|behind|under|through|asleep|apart|prey|victim|within|in love|out)\b",
    "decline declines declined declining": (
        r"(?:to )?(?:comment|say|give|name|identify|elaborate|disclose|answer|discuss|provide|be)\b"
    ),
    "rally rallies rallied": r"(?:goers|effort|behind|around|support|for|against)\b",
    "slip slips slipped": r"(?:up|out|away)\b",
    "jump jumps jumped": r"(?:start|into|in to|on board|ship)\b",
    "upgrade upgrades upgraded": rf"(?:[a-z-]+ ){{0,2}}{_PLANT}",
    "steady": r"[a-z]+(?<!at)(?<!on)(?<!in)(?<!as)(?<!after)(?<!despite)(?<!since)\b",
}
"""Words -> what follows them if they are no direction: `raises $5 million`, `gains approval`, `declined to comment`."""
_ONLY_BEHIND = {
    "lost loses": rf"{_ABOUT}{_NUMBER}",
    "misses missed": (
        r"(?:by|on|q[1-4]|(?:[a-z'\u2019-]+ ){0,2}(?:estimates?|expectations?|targets?|forecasts?|consensus"
        r"|views?|guidance))\b"
    ),
    "up down": (
        rf"(?:by |from )?{_ABOUT}{_NUMBER}(?!\d?\d?/7\b)|from\b"
        r"|(?:slightly|sharply|strongly|modestly|marginally|steeply)\b"
    ),
    "growth": rf"of {_ABOUT}{_NUMBER}",
}
"""Words that are mostly no direction -> what must follow, unless `_ONLY_BEFORE` matches before them.

Before `up to` and `down to` a verb of movement must stand.
"""
_ONLY_BEFORE = {
    "up down": rf"\b(?:{_MOVED}|{_MEASURED}(?: (?:is|are|was|were))?(?: sharply| slightly| well)?) $",
    "growth": (rf"\b{_STRONG}(?: [a-z-]+){{0,2}} $|\d(?:%| ?pct| ?percent| per cent)(?: [a-z-]+){{0,2}} $"),
}
_OTHER_BEFORE = {
    "down": r"\b(?:pay|paid|count|knock|break|crack|step|shut|turn|slow|cool)(?:s|ed|ing|ping)? $",
    "up": (
        r"\b(?:set|sign|back|made|make|turn|end|open|wrap|team|line|sum|round|clean|heat|speed|pop|stack)"
        r"(?:s|ed|ing|ned)? $"
    ),
    "cut cuts": r"\b(?:rough|final|director's|clear-|short-|short|clean|power|paper|makes the|made the)[ ]?$",
    "rise": r"\b(?:gives?|gave|giving|given) $",
    "gain gains": (
        r"\b(?:extraordinary|capital|net|investment|realized|unrealized|tax|includ(?:es?|ing)|exclud(?:es?|ing)|pretax"
        r"|one-time|accounting)(?: an?)? $"
    ),
    "upgrade upgrades": rf"\b{_PLANT} $",
    "fall": r"\b(?:the|this|in|every|each|last|next) $",
}
_NEGATED = re.compile(r"(?:\b(?:no|not|never|without|nor)|n['\u2019]t) (?:[a-z-]+ )?$")
_JOINED = re.compile(r"-(?!than\b)[a-z]")
"""A hyphen makes it no direction (`cutting-edge`, `up-to-date`), except in `higher-than-expected`."""
_BEFORE = 40
"""Characters before a word that are read."""
_MOVES = re.compile(rf"\b{_MOVED} $")

LEAD = 300
"""Characters of the text that are read. Further down, every text has things that rise and fall."""

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

_EAST = {"上涨": "up", "上升": "up", "增长": "up", "上调": "up", "下跌": "down", "下降": "down", "下调": "down"}
_EASTERN = re.compile("|".join(_EAST))


def _compile_by_word(table: dict[str, str], before: str = "") -> dict[str, re.Pattern[str]]:
    return {word: re.compile(before + f"(?:{pattern})") for words, pattern in table.items() for word in words.split()}


_OTHERS_BEHIND, _NEEDED_BEHIND = _compile_by_word(_OTHER_BEHIND, " "), _compile_by_word(_ONLY_BEHIND, " ")

_OTHERS_BEFORE, _NEEDED_BEFORE = _compile_by_word(_OTHER_BEFORE), _compile_by_word(_ONLY_BEFORE)


def find_directions(lower: str, headline: int) -> list[FoundFact]:
    """Finds the directions in headline and lead. `lower` is in lower case, `headline` is its length there."""
    found: list[FoundFact] = []
    limit = headline + 1 + LEAD
    for number, start, end in find_words(_finder(), lower[:limit]):
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


def is_direction(lower: str, start: int, end: int, word: str) -> bool:
    """Whether the word at this place says that something measured goes up or down, or stays.

    `lower` is the text in lower case.
    """
    before = lower[max(0, start - _BEFORE) : start].rpartition("\n")[2]
    if _JOINED.match(lower, end) or _NEGATED.search(before):
        return False
    if _pattern_matches(_OTHERS_BEHIND, word, lower, end) or _pattern_matches(_OTHERS_BEFORE, word, before):
        return False
    if word not in _NEEDED_BEHIND or _pattern_matches(_NEEDED_BEHIND, word, lower, end):
        return True
    if lower.startswith(" to ", end):
        return _MOVES.search(before) is not None
    return _pattern_matches(_NEEDED_BEFORE, word, before)


def _pattern_matches(table: dict[str, re.Pattern[str]], word: str, text: str, behind: int = -1) -> bool:
    pattern = table.get(word)
    if pattern is None:
        return False
    return (pattern.search(text) if behind < 0 else pattern.match(text, behind)) is not None


@cache
def _finder() -> AhoCorasick:
    return AhoCorasick(_WORDS, matchkind=MatchKind.LeftmostLongest, implementation=Implementation.DFA)
