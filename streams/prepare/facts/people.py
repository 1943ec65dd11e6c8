"""People who come, go or change post, with their role: `Jane Roe|chief financial officer`."""

from streams.prepare.facts.found import Found
from streams.prepare.facts.roles import MOVE, NAME_BEFORE, NAME_BEHIND, NO_NAME, ROLE, ROLES

LEAD = 400
"""Characters of the text, beside the headline, in which someone must come or go; else nothing more is read."""
READ = 2000
NEAR = 160
"""Characters between a role and a word of coming or going."""


def find(text: str, lower: str, headline: int, moves: list[int], roles: list[int]) -> list[Found]:
    """Names beside a role, near a word of coming or going; the length of the headline is given.

    `moves` and `roles` are where words of `MOVES` and `TRIGGERS` begin in the text in lower case.
    """
    if not roles or not moves or not any(at < headline + LEAD and MOVE.match(lower, at) for at in moves):
        return []
    head = text[:READ]
    near = [at for at in moves if at < READ and MOVE.match(lower, at)]
    found: dict[tuple[str, str], Found] = {}
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
        title = ROLES[int((role.lastgroup or "r0")[1:])][0] or " ".join(role[0].lower().split())
        name = named["name"].replace(".", "")
        place = (min(start, named.start("name")), max(end, named.end("name")))
        found.setdefault((name, title), (*place, "person", f"{name}|{title}"))
    return list(found.values())
