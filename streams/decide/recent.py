"""Entries met of late, decoded: a bounded memory in front of the store."""

from streams.decide.entries import Entry

HOT = 10_000
"""So many of the newest, and up to as many before them; 1 to 2 KB each."""


class Recent:
    """Two generations of keys: what is asked for again is kept, what is not goes with its generation."""

    def __init__(self) -> None:
        self._new: dict[str, Entry | None] = {}
        self._old: dict[str, Entry | None] = {}

    def __getitem__(self, key: str) -> Entry | None:
        """An entry that is in it; None is known not to be in the store. Raises KeyError."""
        if key in self._new:
            return self._new[key]
        return self.put(key, self._old[key])

    def put(self, key: str, entry: Entry | None) -> Entry | None:
        """Keeps it, and gives it back."""
        if len(self._new) >= HOT:
            self._old, self._new = self._new, {}
        self._new[key] = entry
        return entry

    def drop(self, key: str) -> None:
        """Forgets what it knew of the key."""
        self._new.pop(key, None)
        self._old.pop(key, None)
