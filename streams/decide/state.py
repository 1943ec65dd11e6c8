"""The state of the fold: a map of immutable entries that expire by the fold's own clock, and overlays upon it.

An entry's key says what it is: `story <uri>`, `id <source> <id>`, `text <hash>`, `near <log offset>`,
`raw <topic> <partition>`, `progress`. A batch writes into an overlay; its changes are the changelog records of the
batch, and are merged into the state after the commit. Reading never shows an entry past its `expires`, so when the
dead are removed makes no difference to any decision.
"""

from typing import Protocol

from streams.decide.bands import MOST_OF_A_KEY, Bands
from streams.decide.entries import (
    NEVER,
    PROGRESS,
    Alias,
    Entry,
    Near,
    Progress,
    StoryEntry,
    all_keys,
    near_key,
    number_of,
    story_key,
)

HOUR_MS = 3_600_000


class Lookup(Protocol):
    """Where an overlay looks for what it does not hold itself."""

    def get(self, key: str) -> Entry | None:
        """The entry, whether or not it has expired."""

    def find(self, key: int) -> list[int]:
        """Numbers of the prints behind a key of the index (bands.py), the newest first."""


class State:
    """All committed entries, and which of them expire in which hour."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._by_hour: dict[int, dict[str, None]] = {}
        self._withheld: dict[str, StoryEntry] = {}
        self._bands = Bands()
        self.stories = 0
        """Stories in the state, those included that have expired and are not yet removed."""

    def get(self, key: str) -> Entry | None:
        """The entry, whether or not it has expired."""
        return self._entries.get(key)

    def find(self, key: int) -> list[int]:
        """Numbers of the prints behind a key of the index, the newest first."""
        return self._bands.find(key)

    @property
    def progress(self) -> Progress:
        """How far the fold is."""
        entry = self._entries.get(PROGRESS)
        return entry if isinstance(entry, Progress) else Progress()

    def __len__(self) -> int:
        return len(self._entries)

    def withheld(self) -> list[StoryEntry]:
        """Stories with a version that waits for the end of its embargo."""
        return list(self._withheld.values())

    def merge(self, changes: dict[str, Entry | None]) -> None:
        """Takes over a batch's committed changes; None removes an entry."""
        for key, entry in changes.items():
            old = self._entries.get(key)
            self.stories += isinstance(entry, StoryEntry) - isinstance(old, StoryEntry)
            if isinstance(entry, StoryEntry) and entry.pending:
                self._withheld[key] = entry
            else:
                self._withheld.pop(key, None)
            if entry is None:
                self._entries.pop(key, None)
                continue
            self._entries[key] = entry
            if isinstance(entry, Near):
                keys = entry.keys or all_keys(entry.print)  # a state of before has none
                self._bands.add(number_of(key), memoryview(keys).cast("I"), entry.expires)
            if entry.expires < NEVER:
                self._by_hour.setdefault(entry.expires // HOUR_MS, {})[key] = None

    def expired(self) -> dict[str, Entry | None]:
        """Removals of what has expired in hours that are over; part of the next batch's changes."""
        clock = self.progress.clock
        self._bands.forget(clock)
        gone: dict[str, Entry | None] = {}
        for hour in [hour for hour in self._by_hour if hour < clock // HOUR_MS]:
            for key in self._by_hour.pop(hour):
                entry = self._entries.get(key)
                if entry is not None and entry.expires // HOUR_MS <= hour:
                    gone[key] = None
        return gone

    def entries(self) -> dict[str, Entry]:
        """A copy of all that has not expired, for comparing states."""
        clock = self.progress.clock
        return {key: entry for key, entry in self._entries.items() if entry.expires > clock}


class Overlay:
    """Changes upon a lookup: of one record upon its batch, of a batch upon the state."""

    def __init__(self, below: Lookup) -> None:
        self._below = below
        self.changes: dict[str, Entry | None] = {}
        self._bands: dict[int, list[int]] = {}

    def get(self, key: str) -> Entry | None:
        """The entry, whether or not it has expired."""
        if key in self.changes:
            return self.changes[key]
        return self._below.get(key)

    def find(self, key: int) -> list[int]:
        """Numbers of the prints behind a key of the index, the newest first."""
        own = self._bands.get(key)
        below = self._below.find(key)
        return [*reversed(own), *below][:MOST_OF_A_KEY] if own else below

    def put(self, key: str, entry: Entry | None) -> None:
        """Sets an entry; None removes it."""
        self.changes[key] = entry
        if isinstance(entry, Near):
            number = number_of(key)
            for each in memoryview(entry.keys).cast("I"):
                self._bands.setdefault(each, []).append(number)

    def absorb(self, step: "Overlay") -> None:
        """Takes over the changes of an overlay upon this one."""
        self.changes.update(step.changes)
        for key, numbers in step._bands.items():
            self._bands.setdefault(key, []).extend(numbers)

    @property
    def progress(self) -> Progress:
        """How far the fold is."""
        entry = self.get(PROGRESS)
        return entry if isinstance(entry, Progress) else Progress()

    def story(self, uri: str) -> StoryEntry | None:
        """A story that has not expired."""
        entry = self.get(story_key(uri))
        return entry if isinstance(entry, StoryEntry) and entry.expires > self.progress.clock else None

    def alias(self, key: str) -> tuple[str, ...]:
        """The uris that an id or text key belongs to."""
        entry = self.get(key)
        return entry.uris if isinstance(entry, Alias) and entry.expires > self.progress.clock else ()

    def near(self, number: int) -> Near | None:
        """The print that a log record left, where it has not expired."""
        entry = self.get(near_key(number))
        return entry if isinstance(entry, Near) and entry.expires > self.progress.clock else None
