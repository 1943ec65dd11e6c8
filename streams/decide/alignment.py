"""Aligns two lists of words (patience diff): phrases that each has once, in order; the gaps between them differ."""

from bisect import bisect_left
from typing import NamedTuple


class Gap(NamedTuple):
    """A place where two texts differ: the words from `start` to `end` of the new one, and those of the old one."""

    start: int
    end: int
    old_start: int
    old_end: int


def align(new: list[str], old: list[str]) -> list[Gap]:
    """Returns the gaps between two lists of words. Takes time in proportion to their length."""
    start, end, old_start, old_end = _trim(new, old, 0, len(new), 0, len(old))
    if start == end or old_start == old_end:
        return [Gap(start, end, old_start, old_end)] if start < end or old_start < old_end else []
    here, there = _find_unique(new, start, end), _find_unique(old, old_start, old_end)
    pairs = [(at, there[phrase]) for phrase, at in here.items() if at >= 0 and there.get(phrase, -1) >= 0]
    gaps: list[Gap] = []
    for at, old_at in [*_longest_rise(pairs), (end, old_end)]:
        if at < start or old_at < old_start:
            continue
        found = Gap(*_trim(new, old, start, at, old_start, old_at))
        if found.start < found.end or found.old_start < found.old_end:
            gaps.append(found)
        start, old_start = at, old_at
    return gaps


def _trim(new: list[str], old: list[str], start: int, end: int, old_start: int, old_end: int) -> Gap:
    """Cuts off the words that two stretches have in common at their beginning and end."""
    while start < end and old_start < old_end and new[start] == old[old_start]:
        start, old_start = start + 1, old_start + 1
    while start < end and old_start < old_end and new[end - 1] == old[old_end - 1]:
        end, old_end = end - 1, old_end - 1
    return Gap(start, end, old_start, old_end)


def _find_unique(words: list[str], start: int, end: int) -> dict[tuple[str, str], int]:
    """Returns the place of each pair of neighbours; -1 for one that stands there twice."""
    places: dict[tuple[str, str], int] = {}
    for at in range(start, end - 1):
        pair = words[at], words[at + 1]
        places[pair] = -1 if pair in places else at
    return places


def _longest_rise(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Returns the longest part of the pairs in which the second number rises too."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for at, (_, place) in enumerate(pairs):
        length = bisect_left(tails, place)
        before.append(ends[length - 1] if length else -1)
        if length == len(tails):
            tails.append(place)
            ends.append(at)
        else:
            tails[length], ends[length] = place, at
    found: list[tuple[int, int]] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]
