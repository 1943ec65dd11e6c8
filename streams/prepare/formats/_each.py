"""Reads the items of one document each for itself: a bad one is refused, its neighbours are read."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from streams.model import Story
from streams.reasons import Reject

T = TypeVar("T")


def each(read: Callable[[T, str], Story], items: Iterable[tuple[T, str]]) -> tuple[Story | Reject, ...]:
    """`read(item, where)` of each item, or what it was refused for; `where` names the item in messages."""
    found: list[Story | Reject] = []
    for item, where in items:
        try:
            found.append(read(item, where))
        except Reject as reject:
            found.append(reject)
    return tuple(found)
