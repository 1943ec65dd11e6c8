"""The urgency of an item to which its wire gives none.

IPTC urgency runs from 1, the highest, over 5, normal (NewsML 1 topic set `iptc-urgency`); ninjs 3.1 says 1 to 9. The
words and their steps are those of ANPA 1312's priorities, as in formats/anpa1312.py: flash 1, bulletin 2, urgent 3.

| what the item says | urgency |
|---|---|
| `FLASH` before its headline | 1 |
| `ALERT`, `BULLETIN`, `BREAKING` before it; a headline alone, in capitals or behind a `*`; a kill or withdrawal | 2 |
| `URGENT` before it; a correction | 3 |
| anything else | none: nobody said that it is normal |
"""

import re

from streams.model import Status, Story

_MARKED = re.compile(
    r"[*\s/(\[]*(?:(?P<flash>FLASH|NEWSFLASH)|(?P<alert>ALERT|NEWS ALERT|BULLETIN|BREAKING(?: NEWS)?)"
    r"|(?P<urgent>URGENT|EILT))"
    r"(?:\s*[:*)\]/\u2013\u2014]|\s*--|\s+-\s|-(?=\S))"
)
_STEPS = {"flash": 1, "alert": 2, "urgent": 3}
_ALERT_WORDS = 3
"""Words of a headline alone that make an alert; fewer in capitals are a name."""


def urgency(story: Story) -> int | None:
    """1 to 9 as the wire says, else by the table; None where neither says."""
    if story.urgency is not None and 1 <= story.urgency <= 9:
        return story.urgency
    if marked := _MARKED.match(story.headline):
        return _STEPS[marked.lastgroup or ""]
    if story.status is Status.WITHDRAWN or _is_alert(story):
        return 2
    return 3 if story.status is Status.CORRECTION else None


def _is_alert(story: Story) -> bool:
    if story.text or story.summary or story.html or story.type != "text" or story.status is Status.ADVISORY:
        return False
    words = story.headline.split()
    return len(words) >= _ALERT_WORDS and (story.headline.isupper() or story.headline.startswith("*"))
