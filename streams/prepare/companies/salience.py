"""Decides whether a mention makes its company a subject of the item, or the company is only mentioned."""

import re

from streams.model.records import Mention
from streams.prepare.companies.names import core_name

_BESIDE = re.compile(
    r"\b(?:at|by|from|with|to|via|for|in|into|on|over|against|than|like|versus|vs\.?|after|as|amid|while|unlike|including"
    r"|(?<!shares )(?<!stock )(?<!\bCEO )of)(?: (?:the|a|an|its|their|and))? (?:[\w-]+(?:'s|\u2019s) )?$",
    re.I,
)
_LISTED = re.compile(
    r"\b(?:like|including|such as|versus|unlike)(?: [A-Z][\w.&'\u2019-]*){1,4}(?:(?:,| and|, and)"
    r"(?: [A-Z][\w.&'\u2019-]*){1,4}){0,6}(?:,| and|, and|&) $",
    re.I,
)
"""A name behind others of a list: `names like Marl, Calder and `."""
_RATING = re.compile(
    r"\b(?:up|down)grade|\b(?:price targets?|PTs?|ratings?|(?:over|under|equal|market)[- ]?(?:weight|perform)"
    r"|outperform|underperform|neutral|coverage|estimates|conviction|top picks?|analysts?"
    r"|initiat\w*|reiterat\w*|bullish|bearish)\b",
    re.I,
)
_BROKERS = frozenset(
    map(
        core_name,
        re.split(
            r"\|",
            "Goldman Sachs|Morgan Stanley|JPMorgan Chase|JPMorgan|J.P. Morgan|JP Morgan|Bank of America|BofA|Citigroup"
            "|Barclays|Credit Suisse|Deutsche Bank|UBS|Wells Fargo|HSBC|Jefferies|Jefferies Financial|Piper Sandler"
            "|Evercore|Oppenheimer|Raymond James|Raymond James Financial|Stifel|Stifel Financial|Lazard|Nomura"
            "|BNP Paribas|Societe Generale|Bank of Montreal|Royal Bank of Canada|Canaccord Genuity|Truist|KeyCorp"
            "|Truist Financial|Citi|Cowen|Moelis|Perella Weinberg Partners|Macquarie|Mizuho|Mizuho Financial"
            "|Toronto Dominion Bank|B. Riley Financial|Moody's|S&P Global|Morningstar|Nasdaq",
        ),
    )
)
"""Companies that rate others. They are not the subject of an item about a rating."""


def is_subject(one: Mention, text: str) -> bool:
    """Whether the words around a mention leave its company the subject, and not an agent, partner, place or rater."""
    start = one.start
    if one.how != "name" and one.name:
        start = max(text.rfind(one.name, 0, one.start), 0)
    before = text[max(0, start - 40) : max(0, start)].rstrip("(< ") + " "
    if _BESIDE.search(before):
        return False
    if before.endswith((", ", "& ", "and ")) and _LISTED.search(text[max(0, start - 120) : start]):
        return False
    if one.known is not None and one.how == "name" and core_name(one.name) in _BROKERS:
        return not _RATING.search(text[:300])
    return True
