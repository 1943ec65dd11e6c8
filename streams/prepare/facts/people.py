"""People who come, go or change post, with their role: `Jane Roe|chief financial officer`."""

from streams.prepare.facts.found import Found
from streams.prepare.facts.roles import MOVE, MOVES, NAME_BEFORE, NAME_BEHIND, NO_NAME, ROLE, ROLES, TRIGGERS

LEAD = 400
"""Characters of the text, beside the headline, in which someone must come or go; else nothing more is read."""
READ = 2000
NEAR = 160
"""Characters between a role and a word of coming or going."""


def find(text: str, headline: int) -> list[Found]:
    """Names beside a role, near a word of coming or going; the length of the headline is given."""
    if not _moves(text, text[: headline + LEAD]):
        return []
    head = text[:READ]
    moves = _moves(text, head)
    found: dict[tuple[str, str], Found] = {}
    for at in _places(_lower(head), TRIGGERS):
        role = ROLE.search(head, max(0, at - 16), at + 40)
        if role is None or role.start() > at + 8:
            continue
        start, end = role.span()
        if not any(start - NEAR < move < end + NEAR for move in moves):
            continue
        named = NAME_BEFORE.search(head, max(0, start - 90), start) or NAME_BEHIND.match(head, end)
        if named is None or not NO_NAME.isdisjoint(named["name"].split()):
            continue
        title = ROLES[int((role.lastgroup or "r0")[1:])][0] or " ".join(role[0].lower().split())
        name = named["name"].replace(".", "")
        place = (min(start, named.start("name")), max(end, named.end("name")))
        found.setdefault((name, title), (*place, "person", f"{name}|{title}"))
    return list(found.values())


def _moves(text: str, part: str) -> list[int]:
    """Where someone comes or goes, in the first part of a text."""
    return [at for at in _places(_lower(part), MOVES) if MOVE.match(text, at)]


def _lower(text: str) -> str:
    lower = text.lower()
    return lower if len(lower) == len(text) else text  # some capitals have two small letters


def _places(lower: str, words: tuple[str, ...]) -> list[int]:
    places = []
    for word in words:
        at = lower.find(word)
        while at >= 0:
            places.append(at)
            at = lower.find(word, at + len(word))
    return sorted(places)
