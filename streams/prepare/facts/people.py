"""Finds people who come, go or change post, with their role: `Jane Roe|chief financial officer`.

A person is a capitalised name beside a role (`ROLES`) that stands near a word of a move (`MOVE`), such as `appoints` or
`resigns`; or the object of such a word: `has appointed Jane Roe to its board`. Whoever is only quoted is not meant.
Whom somebody succeeds leaves: `Tom Askew|director (leaves)`.
"""

import re
from collections.abc import Iterator

from streams.prepare.facts._matching import FoundFact

MOVE = re.compile(
    r"(?:appoint|re-?elect|elect|hir(?:es|ed|ing)\b|promot(?:es|ed|ion|ing)\b|resign|retire|step(?:s|ped|ping)? (?:down"
    r"|aside|up)|succe(?:eds?|ssor|eded)\b|depart(?!ment)|replac|join|nam(?:es?|ed|ing)\b|nominat|interim|takes? over"
    r"|will (?:become|leave|serve)|becomes?\b|new (?:ceo|cfo|coo|chief|chair|president|head|director|managing)"
    r"|leav(?:es?|ing)\b|transition|ernenn|bestell|nomm[eé]|berufen|wechsel|nachfolge)"
)
MOVES = (
    "appoint", "name", "naming", "join", "hir", "promot", "resign", "retire", "step", "elect",
    "succe", "depart", "leav", "replac", "new c", "new p", "new h", "new d", "new m", "nomin", "interim", "take",
    "will ", "ernenn", "bestell", "nomm", "beruf", "wechsel", "nachfolge", "becom", "transition",
)  # fmt: skip
"""First letters of words that `MOVE` matches, in lower case; a quick check before it."""

ROLES = (
    ("chief executive officer", r"chief executive(?: officer)?|CEO|Vorstandsvorsitzende[rn]?|directeur général|PDG"),
    ("chief financial officer", r"chief financ(?:ial|e) officer|CFO|finance director|Finanzvorstand"),
    ("chief operating officer", r"chief operati(?:ng|ons) officer|COO"),
    ("chief technology officer", r"chief technology officer|CTO"),
    ("chief information officer", r"chief information officer|CIO"),
    ("chief marketing officer", r"chief marketing officer|CMO"),
    ("chief commercial officer", r"chief commercial officer|CCO"),
    ("", r"chief (?:[a-z]+ ){1,3}officer|head of [A-Za-z&]+(?: (?!for\b|at\b|of\b|in\b)[A-Za-z&]+)?"),
    ("vice chairman", r"vice[- ]chair(?:man|woman|person)?"),
    ("chairman", r"(?:executive |non-executive )?chair(?:man|woman|person)?|Aufsichtsratsvorsitzende[rn]?"),
    ("managing director", r"managing director|Geschäftsführer(?:in)?"),
    ("director", r"(?:independent |non-executive |executive |board )?director|member of the board|board member"),
    ("vice president", r"(?:senior |executive )?vice[- ]president|S?E?VP"),
    ("president", r"president"),
    ("general counsel", r"general counsel"),
    ("general manager", r"general manager"),
    ("treasurer", r"treasurer"),
    ("partner", r"partner"),
)
"""Name of a role, and the pattern of how texts write it. With an empty name, the role is named as it is written."""
_ROLE = "|".join(rf"(?P<r{number}>{pattern})" for number, (_, pattern) in enumerate(ROLES))
ROLE = re.compile(rf"(?<!\w)(?i:{_ROLE})(?!\w)")
TRIGGERS = (
    "chief ", "ceo", "cfo", "coo", "cto", "cio", "cmo", "cco", "chair", "president", "director", "counsel", "manager",
    "treasurer", "partner", "head of", "vorstand", "geschäftsführer", "board member", "pdg", "evp", "svp",
)  # fmt: skip

_SMALL = "a-zß-ÿ\u0101-\u017f"
_PART = rf"[A-ZÀ-Þ][{_SMALL}]*(?:['\u2019-]?[A-ZÀ-Þ][{_SMALL}]+)*"
_NAME = (
    rf"(?P<name>{_PART}(?: [A-Z]\.?(?= ))*(?: (?:\"\w+\"|\(\w+\)))?"
    rf"(?: (?:de|da|del|van|von|der|den|bin|al|la|le|du|di))*(?: {_PART}){{1,2}})"
)
_TITLE = r"(?:(?:Dr|Mr|Mrs|Ms|Prof|Sir|Dame|Herr|Frau)\.? )?"
_LINK = (
    "appointed|named|elected|promoted|become|becomes|succeed|serve|join|joins|joined|has|been|will|be|is|was|as|to|the"
    "|position|role|post|of|its|our|new|next|interim|acting|current|former|a|an|and|group|global|company|company's"
    "|Group|Global|Interim|Executive|Senior|President|Chairman|who"
)
NAME_BEFORE = re.compile(rf"{_NAME}(?:, (?:[A-Z][A-Za-z.]{{1,5}}, )?| \(| )(?:(?:{_LINK}) ){{0,7}}\Z")
NAME_BEHIND = re.compile(rf"(?:,? |: )(?:and (?:[a-z]+ ){{1,3}})?{_TITLE}{_NAME}")

_AT = (
    r"(?i:appoint(?:s|ed|ing)?|nam(?:es?|ed|ing)|elect(?:s|ed|ing)?|hir(?:es|ed|ing)|promot(?:es|ed|ing)"
    r"|nominat(?:es|ed|ing))"
)
_OBJECT = re.compile(
    rf"{_AT} {_TITLE}{_NAME}(?:,? (?:[A-Z][A-Za-z.]{{1,5}},? )?)?(?: ?to (?:its|the|their|our) (?P<board>[Bb]oard)\b"
    rf"|(?: ?(?:as|to the (?:position|role|post) of) (?:its |the |a |an |our )?(?:new |next |interim )?"
    rf"(?i:{_ROLE})(?!\w)))"
)
_LEAVER = re.compile(rf"(?i:succeeds?|succeeded|succeeding|replaces?|replaced|replacing) {_TITLE}{_NAME}(?!\w)")
_QUOTED_BEFORE = re.compile(
    rf"(?i:said|says|commented|comments|added|adds|stated|noted|explained|according to|remarked) {_TITLE}\Z"
)

_WORDS = (
    "The Company New York Inc Corp Ltd Group Board Directors Chief Executive Officer President Financial Operating "
    "Vice Senior Chairman Director Holdings International Global Bank Capital Appoints Appointed Names Named "
    "Announces And Of Committee January February March April June July August September October November December "
    "Monday Tuesday Wednesday Thursday Friday North South United States Managing General Partner Head Press Media "
    "Investor Relations Contact He Mr Ms Dr His Her She As In On At This That These Today Technologies Partners "
    "Human Resources Marketing Technology Information Commercial Medical Sales Business Development Finance "
    "Operations Strategy Former Interim Co Services Hires Promotes Elects Joins Welcomes Adds New-York Its Our For "
    "Discusses Talks Says Speaks Explains Reveals Shares Comments Sees Expects Steps Resigns Retires Leaves Warns "
    "Tells Told Said Adds Joined Becomes Named Will Has Is Was To Buys Sells "
    "Joining Interview Meet Commission Agency Authority Department Minister Bay"
)
NO_NAME = frozenset(_WORDS.split())
"""Words that no person's name contains."""

LEAD = 400
"""Characters of the text, besides the headline, in which a move must be mentioned; otherwise nothing is found."""
READ = 2000
"""Characters of headline and text that are read."""
NEAR = 160
"""Maximum characters between a role and the word of a move."""


def find_people(text: str, lower: str, headline: int, moves: list[int], roles: list[int]) -> list[FoundFact]:
    """Finds names beside a role, near the word of a move.

    `headline` is the length of the headline at the beginning of the text. `moves` and `roles` are the places where
    words of `MOVES` and `TRIGGERS` begin in `lower`, the text in lower case.
    """
    if not roles or not moves or not any(at < headline + LEAD and MOVE.match(lower, at) for at in moves):
        return []
    head = text[:READ]
    near = [at for at in moves if at < READ and MOVE.match(lower, at)]
    found: dict[tuple[str, str], FoundFact] = {}
    for at in roles:
        if at >= READ:
            break
        role = ROLE.search(head, max(0, at - 16), at + 40)
        if role is None or role.start() > at + 8:
            continue
        start, end = role.span()
        if not any(start - NEAR < move < end + NEAR for move in near):
            continue
        named = NAME_BEFORE.search(head, max(0, start - 90), start) or NAME_BEHIND.match(head, end)
        if named is None or not NO_NAME.isdisjoint(named["name"].split()):
            continue
        if _QUOTED_BEFORE.search(head, max(0, named.start("name") - 24), named.start("name")):
            continue
        title = ROLES[int((role.lastgroup or "r0")[1:])][0] or " ".join(role[0].lower().split())
        name = named["name"].replace(".", "")
        place = (min(start, named.start("name")), max(end, named.end("name")))
        found.setdefault((name, title), (*place, "person", f"{name}|{title}"))
    for row in _find_objects(head, near):
        found.setdefault((row[3].partition("|")[0], row[3].partition("|")[2]), row)
    return list(found.values())


def _find_objects(head: str, moves: list[int]) -> Iterator[FoundFact]:
    """Yields who is the object of a word of a move, and whom that person succeeds."""
    role = ""
    for at in moves:
        if one := _OBJECT.match(head, at):
            if not NO_NAME.isdisjoint(one["name"].split()):
                continue
            group = next((name for name, text in one.groupdict().items() if name[0] == "r" and text), "")
            role = "director" if one["board"] else ROLES[int(group[1:])][0] or " ".join(one[group].lower().split())
            yield (*one.span(), "person", f"{one['name'].replace('.', '')}|{role}")
        elif role and (one := _LEAVER.match(head, at)) and NO_NAME.isdisjoint(one["name"].split()):
            yield (*one.span(), "person", f"{one['name'].replace('.', '')}|{role} (leaves)")
