"""Leaves out the lines that copyists add to a text: advertisements, links to other stories, marks of carriers, prices.

Only the fingerprint is made without them. Readers see the text as it came.
"""

import re
from html import unescape

_ENTITY = re.compile(r"&(?:#\d{2,6}|#x[0-9a-fA-F]{2,6}|[a-zA-Z]{2,8});")
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
            r"\((?:(?:additional )?(?:reporting|writing|editing)|compiled) (?:by|in)\b.{2,200}\)",
            r"\((?:time zone|all times)\b.{2,100}\)",
            r"(?:(?:EQS|DGAP)-)?[\w-]+\s*: .{2,160} / (?:key ?words?|(?:schlag|stich)w[oö]rte?r?)(?:\(\w\))?"
            r"\s*:.{2,100}",
            r"(?:public )?disclosure of (?:an? )?inside information\b.{0,250}",
            r"(?:veröffentlichung|offenlegung|bekanntgabe) (?:einer|von) insiderinformation(?:en)?\b.{0,250}",
            r"the (?:issuer|publisher)(?: / publisher)? is solely responsible for the content of this announcement",
            r"für den inhalt der mitteilung ist der (?:emittent|herausgeber)\b.{0,60}",
            r"(?:end of|ende der) (?:inside information|ad[ -]hoc[ -]\w+|insiderinformation|announcement|mitteilung)",
            r"(?:the )?information (?:contained )?(?:with)?in this announcement is (?:deemed|considered)\b.{0,80}"
            r"\binside information\b.{0,200}",
        )
    ),
    re.I,
)
_STAMP = re.compile(
    r"(?=.*\b\d{1,2}:\d{2}\b)(?:(?:last )?(?:updated|published|posted|modified|first published)(?: on| at)?\s*:?\s*)?"
    r"(?:[A-Za-z]{3,9}\.?,? )?(?:\d{1,4}[ ./-](?:\d{1,2}|[A-Za-z]{3,9})\.?[ ./-] ?\d{2,4}"
    r"|[A-Za-z]{3,9}\.? \d{1,2},? \d{4})[ ,/|T-]*(?:at )?\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]\.?m\.?)?"
    r"(?: ?\(?[A-Z/]{1,9}(?:[+-]\d{1,2}(?::?\d{2})?)?\)?)?",
    re.I,
)
"""Date and time of day, alone in a line: when a copyist took the story over."""
STAMPED_LINES = 3
"""The first and the last lines of a text, among which such a line may stand."""
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
    kept = [line for line in lines if not (line and _is_short(line) and _NOISE.fullmatch(line.strip(" \t.")))]
    told = [at for at, line in enumerate(kept) if line.strip()]
    ends = (*told[:STAMPED_LINES], *told[-STAMPED_LINES:])
    stamps = {at for at in ends if ":" in kept[at] and _STAMP.fullmatch(kept[at].strip())}
    if stamps:
        kept = [line for at, line in enumerate(kept) if at not in stamps]
    last = next((at for at in range(len(kept) - 1, -1, -1) if kept[at].strip()), -1)
    if last > 0 and not kept[last - 1] and _is_short(kept[last]) and _PRICE.fullmatch(kept[last].strip()):
        above = kept[:last]
        if sum(len(line.split()) for line in above) >= LEAST_BEFORE:
            kept = above
    return text if len(kept) == len(lines) else "\n".join(kept)


def read_entities(text: str) -> str:
    """Returns the text with its HTML entities read, which a feed escaped once too often; the same object without."""
    return unescape(text) if _ENTITY.search(text) else text


def _is_short(line: str) -> bool:
    return len(line) <= 400 and len(line.split()) <= MOST_WORDS
