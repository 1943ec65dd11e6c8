"""Waits for a condition in tests."""

import time
from collections.abc import Callable


def wait_until(
    holds: Callable[[], object], describe: Callable[[], object] = str, *, seconds: float = 60, every: float = 0.2
) -> None:
    """Returns when `holds` is true; fails with the text of `describe` where it is not true within the time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {describe()}"
        time.sleep(every)
