"""Chance that is the same on any machine and in any Python: nothing but `Random.random`, whose sequence is promised."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Rng:
    """Draws in one order from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed).random  # noqa: S311 - must be repeatable

    def below(self, limit: int) -> int:
        """0 to limit - 1."""
        return int(self.random() * limit)

    def between(self, low: int, high: int) -> int:
        """`low` to `high`, both included."""
        return low + int(self.random() * (high - low + 1))

    def pick(self, values: Sequence[T]) -> T:
        """One of them."""
        return values[int(self.random() * len(values))]

    def chance(self, share: float) -> bool:
        """True in this share of the draws."""
        return self.random() < share

    def some(self, values: Sequence[T], count: int) -> list[T]:
        """`count` of them, each at most once, in the order drawn."""
        left = list(values)
        return [left.pop(int(self.random() * len(left))) for _ in range(min(count, len(left)))]
