"""Reads the items of one document each for itself: a bad one is refused, its neighbours are read."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

from streams.model import Story
from streams.reasons import Reason, Reject

T = TypeVar("T")

MAX_ITEMS = 20_000
"""Items of one raw record: more than any feed lists, and still some seconds of work for one child process."""


def few(items: Iterable[T]) -> list[T]:
    """The items, counted before any is read. Raises `Reject` `too-large` where they are over `MAX_ITEMS`."""
    found = list(islice(items, MAX_ITEMS + 1))
    if len(found) > MAX_ITEMS:
        raise Reject(Reason.TOO_LARGE, f"the record holds more than {MAX_ITEMS} items; send them in several records")
    return found


def each(read: Callable[[T, str], Story], items: Iterable[tuple[T, str]]) -> tuple[Story | Reject, ...]:
    """`read(item, where)` of each item, or what it was refused for; `where` names the item in messages.

    Raises `Reject` `too-large` where they are too many.
    """
    found: list[Story | Reject] = []
    for item, where in few(items):
        try:
            found.append(read(item, where))
        except Reject as reject:
            found.append(reject)
    return tuple(found)
