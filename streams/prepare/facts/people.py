"""People who come, go or change post, with their role: `Jane Roe|chief financial officer`."""

from streams.prepare.facts.found import Found
from streams.prepare.facts.roles import MOVE, MOVES, NAME_BEFORE, NAME_BEHIND, NO_NAME, ROLE, ROLES, TRIGGERS

READ = 3000
"""Characters that are looked at."""


def find(text: str) -> list[Found]:
    """Names beside a role, near a word of coming or going."""
    head = text[:READ]
    lower = head.lower()
    if len(lower) != len(head) or not any(word in lower for word in MOVES):
        return []
    found: dict[tuple[str, str], Found] = {}
    for at in _places(lower):
        role = ROLE.search(head, max(0, at - 16), at + 40)
        if role is None or role.start() > at + 8:
            continue
        start, end = role.span()
        if not MOVE.search(head, max(0, start - 160), end + 160):
            continue
        named = NAME_BEFORE.search(head, max(0, start - 90), start) or NAME_BEHIND.match(head, end)
        if named is None or not NO_NAME.isdisjoint(named["name"].split()):
            continue
        title = ROLES[int((role.lastgroup or "r0")[1:])][0] or " ".join(role[0].lower().split())
        name = named["name"].replace(".", "")
        place = (min(start, named.start("name")), max(end, named.end("name")))
        found.setdefault((name, title), (*place, "person", f"{name}|{title}"))
    return list(found.values())


def _places(lower: str) -> list[int]:
    """Where a role may stand."""
    places = []
    for word in TRIGGERS:
        at = lower.find(word)
        while at >= 0:
            places.append(at)
            at = lower.find(word, at + len(word))
    return sorted(places)
