"""The one way to wait for something in tests."""

import time
from collections.abc import Callable


def wait_until(
    holds: Callable[[], object], told: Callable[[], object] = str, *, seconds: float = 60, every: float = 0.2
) -> None:
    """Returns when `holds` is true; fails with what `told` says where it is not within the time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {told()}"
        time.sleep(every)
