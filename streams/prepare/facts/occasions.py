"""Dates that a text gives to something by the words right before them: days of dividends, deadlines, shows, openings.

A date counts where the words of a kind of the table end right before it (`payable on June 15`, `the deadline is March
3`), and nothing takes them back (`was paid`, `replay until`). `facts/events.py` asks here for dates that are no day of
results, of a call or of a meeting.
"""

import re

_ON = r"(?:,? (?:on|about|around|or|is|of|will be|set for|by|from|at)\b|[:,(])*"
_WEEKDAY = r"(?: ?(?:mon|tues|wednes|thurs|fri|satur|sun)day,?)?"
_CLOSE = r"(?: ?(?:at |as of |of |on |the )*close of (?:business|trading|markets?)(?: on)?)?"
_HOUR = r"(?:,? ?(?:at )?\d{1,2}(?::\d\d)? ?[ap]\.?m\.?(?:,? [\w ()]{0,30}?time| [A-Z]{2,4}T?)?,?(?: on)?)?"
_SHOW = (
    r"(?-i:\b(?:[A-Z][\w&'\u2019-]+ ){1,6}(?:Expo|Show|Fair|Exhibition|Congress|Symposium|Convention|Tradeshow)\b"
    r"|\b(?:CES|MWC|IBC|NAB|IFA|ISE)\b)(?: (?:20\d\d|Europe|Asia|Global|International|[A-Z][a-z]+))*"
)
OCCASION_KINDS = (
    (
        "ex-dividend",
        "Ex-dividend date",
        r"\bex[ -](?:dividend|distribution|entitlement)(?: date)?(?: for [\w ,-]{1,40})?",
    ),
    (
        "dividend-payment",
        "Dividend payment",
        r"\b(?:dividends?|distributions?)\b[^;]{0,140}\b(?:payable|payment date|to be paid|will be paid|is payable"
        r"|be distributed)(?: in (?:cash|full))?",
    ),
    (
        "record-date",
        "Record date",
        r"\b(?:(?:share|stock|unit)?holders of record|of record|record date)(?: for [\w ,-]{1,60}?)?" + _CLOSE,
    ),
    (
        "deadline",
        "Deadline",
        r"\b(?:(?:(?:the|a|application|submission|registration|entry|lead plaintiff|claims?|filing) )+deadline"
        r"(?: (?:to|for) [\w ,'\u2019-]{1,80}?)?"
        r"|(?:applications?|entries|nominations|submissions|proposals|registration)\b[^;]{0,40}\b(?:closes?"
        r"|(?:are|is) due|must be (?:received|submitted))"
        r"|(?:offer|subscription period|rights|consent solicitation)\b[^;]{0,60}\b(?:will expire|expires))"
        r"(?: no later than)?" + _HOUR,
    ),
    (
        "opening-bell",
        "Opening or closing bell",
        r"\bring(?:ing)? (?:the )?(?:[\w&'\u2019 ]{0,40} )?(?:opening|closing) bell\b[^;]{0,90}?",
    ),
    (
        "first-trading-day",
        "First trading day",
        r"\b(?:will|to|expected to) (?:begin|commence|start) trading\b[^;]{0,110}?"
        r"|\bat the (?:open|opening)(?: of (?:trading|the market))?",
    ),
    (
        "trade-show",
        "Trade show",
        r"\b(?:will|to|be|invites?|visit|join)\b[^;]{0,100}\b" + _SHOW + r"[^;]{0,70}?",
    ),
    (
        "launch",
        "Launch or opening",
        r"\b(?:will|(?:set|scheduled|slated|expected) to) (?:also |officially |be )*(?:launch(?:ed|ing)?|open|debut"
        r"|premiere|go live|go on sale|begin shipping|available|released|kick off)\b[^;]{0,70}? on",
    ),
)
"""Id, name, and pattern of the words before the date. Of two kinds the first counts."""
_BACK = re.compile(
    r"\b(?:was|were|(?:had|has|have) been|previously|replay|archived?|through|between|since|ended|ending|dated|filed"
    r"|postponed|cancel\w*|adjourn\w*|lock-?up|amended|maturity|mature[sd]?|patients?|fiscal|quarter)\b",
    re.I,
)
"""Words that make the date one of the past, or of something else."""
_QUICK = re.compile(
    r"dividend|distribution|record|deadline|appl|entries|nominations|submissions|proposals|registration|offer|rights"
    r"|subscription|consent|bell|trading|open|Expo|Show|Fair|Exhibition|Congress|Symposium|Convention|CES|MWC|IBC|NAB|IFA"
    r"|ISE|will |set to|scheduled|slated|expected",
    re.I,
)
_OCCASION = re.compile(
    "(?:"
    + "|".join(rf"(?P<o{at}>{pattern})" for at, (_, _, pattern) in enumerate(OCCASION_KINDS))
    + rf"){_ON}{_WEEKDAY}{_CLOSE}{_ON}{_HOUR}{_WEEKDAY}\s*\Z",
    re.I,
)


def find_occasion(before: str) -> tuple[str, str] | None:
    """Returns id and name of what the words before a date, within its sentence, give to it; None where they do not."""
    if not _QUICK.search(before):
        return None
    found = _OCCASION.search(before)
    if found is None or _BACK.search(before, found.start()):
        return None
    assert found.lastgroup is not None
    id_, name, _ = OCCASION_KINDS[int(found.lastgroup[1:])]
    return id_, name
