"""How often the same thing is said: so many times in an interval, then a count of what was held back (pure)."""

from collections.abc import Hashable

MOST_KEYS = 500


class _Window:
    def __init__(self, began: float) -> None:
        self.began = began
        self.passed = 0
        self.held = 0


class Budget:
    """So many of each key in an interval, which begins with the first. It has no clock: times are given, in seconds."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._windows: dict[Hashable, _Window] = {}

    def take(self, key: Hashable, now: float) -> int | None:
        """None: it is held back. Else how many were held back since the last that passed."""
        window, held = self._windows.pop(key, None), 0
        if window is None or self._is_over(window, now):
            held = window.held if window is not None else 0
            window = _Window(now)
        self._windows[key] = window
        if len(self._windows) > MOST_KEYS:
            del self._windows[next(iter(self._windows))]
        if window.passed == self._most:
            window.held += 1
            return None
        window.passed += 1
        return held

    def ended(self, now: float) -> list[tuple[Hashable, int]]:
        """Keys whose interval is over, with how many were held back; they are forgotten."""
        over = [(key, window.held) for key, window in self._windows.items() if self._is_over(window, now)]
        for key, _ in over:
            del self._windows[key]
        return [(key, held) for key, held in over if held]

    def holds(self) -> bool:
        """Whether something is held back that was not told."""
        return any(window.held for window in self._windows.values())

    def _is_over(self, window: _Window, now: float) -> bool:
        return not 0 <= now - window.began < self._seconds
