"""Draws random values that are the same on any machine and in any Python version.

Only `Random.random` is used: Python guarantees its sequence for a seed.
"""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Rng:
    """A random number generator with a seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed).random  # noqa: S311 - must be repeatable

    def below(self, limit: int) -> int:
        """Returns an integer from 0 to limit - 1."""
        return int(self.random() * limit)

    def between(self, low: int, high: int) -> int:
        """Returns an integer from `low` to `high`, both included."""
        return low + int(self.random() * (high - low + 1))

    def pick(self, values: Sequence[T]) -> T:
        """Returns one of the values."""
        return values[int(self.random() * len(values))]

    def chance(self, share: float) -> bool:
        """Returns True with this probability."""
        return self.random() < share

    def sample(self, values: Sequence[T], count: int) -> list[T]:
        """Returns `count` of the values, each at most once, in the order drawn."""
        left = list(values)
        return [left.pop(int(self.random() * len(left))) for _ in range(min(count, len(left)))]
