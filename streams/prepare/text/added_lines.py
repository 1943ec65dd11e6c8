"""Leaves out the lines that copyists add to a text: advertisements, links to other stories, the price of the share.

Only the fingerprint is made without them. Readers see the text as it came.
"""

import re

MOST_WORDS = 40
"""Words of such a line; a longer one is a paragraph of the story."""
_NOISE = re.compile(
    "|".join(
        (
            r"(?:advertis(?:e?ment|ing)|anzeige|werbung|publicit\u00e9|publicidad|pubblicit\u00e0"
            r"|sponsored(?: content)?)(?:\s*[-:\u2013\u2014].{0,60})?",
            r"(?:the |this )?(?:story|article|post|text) continues (?:below|after)\b.{0,60}",
            r"(?:scroll (?:down )?(?:to|for) continue|continue reading|keep reading)\b.{0,80}",
            r"(?:read|see|learn|find out) (?:more|also|next)\b"
            r"(?:\s*:|\s+(?:from|on|at|in|here|about|by|stories|news)\b).{0,160}",
            r"(?:also|more|further) (?:read|reading|on this|from|stories|news)\b[^:]{0,40}:.{0,120}",
            r"(?:recommended|related|trending|most read|don't miss|up next|watch|listen)\s*:.{0,160}",
            r"(?:sign up|subscribe|register) (?:for|to|here|now|today)\b.{0,160}",
            r"(?:click|tap) (?:here|below|on the link)\b.{0,160}",
            r"(?:follow|like|join|find) us on\b.{0,120}",
            r"(?:to )?(?:track|follow|get alerts (?:on|for)) (?:this|the) (?:company|stock|story|share)\b.{0,160}",
            r"(?:this|the) (?:article|story|release|post) (?:first |originally )?"
            r"(?:appeared|was (?:first |originally )?published|is (?:provided|distributed)|comes from)\b.{0,160}",
            r"(?:photo|image|picture|video)(?: credit)?s?\s*:.{0,100}",
        )
    ),
    re.I,
)
_MOVES = (
    r"(?:closed|ended|finished|traded|(?:were|was|are|is) (?:trading|up|down|little changed)|last traded|opened|rose"
    r"|fell|gained|lost|jumped|dropped|slipped|edged|climbed|advanced|declined)"
)
_PRICE = re.compile(
    rf"(?:[\w.&'\u2019,()-]+ ){{0,6}}?(?:shares?|stock|ADRs?|ADSs?)(?: (?:of|in) [\w.&'\u2019 -]{{2,60}}?)? {_MOVES}\b"
    r"[^\n]*\d[^\n]*",
    re.I,
)
LEAST_BEFORE = 40
"""Words of the story above a line about the share price; in a shorter text the price is the news."""


def drop_added_lines(text: str) -> str:
    """Returns the text without lines that copyists add; the same object where there is none.

    A line about the price of the share counts only at the end: in a story about shares it is news.
    """
    lines = text.split("\n")
    kept = [line for line in lines if not (line and _is_short(line) and _NOISE.fullmatch(line.strip()))]
    last = next((at for at in range(len(kept) - 1, -1, -1) if kept[at].strip()), -1)
    if last > 0 and not kept[last - 1] and _is_short(kept[last]) and _PRICE.fullmatch(kept[last].strip()):
        above = kept[:last]
        if sum(len(line.split()) for line in above) >= LEAST_BEFORE:
            kept = above
    return text if len(kept) == len(lines) else "\n".join(kept)


def _is_short(line: str) -> bool:
    return len(line) <= 400 and len(line.split()) <= MOST_WORDS
