"""Entries met of late, decoded: a bounded memory in front of the store.

The state of the fold: a map of immutable entries that expire by the fold's own clock, and overlays upon it.

An entry's key says what it is: `story <uri>`, `id <source> <id>`, `text <hash>`, `near <log offset>`,
`raw <topic> <partition>`, `progress`. A batch writes into an overlay; its changes are the changelog records of the
batch, and are merged into the state after the commit. Reading never shows an entry past its `expires`, so when the
dead are removed makes no difference to any decision.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from streams.decide.lsh_index import MOST_OF_A_KEY, Bands
from streams.decide.state_entries import (
    NEVER,
    PROGRESS,
    Alias,
    Entry,
    Head,
    Near,
    NearHead,
    Progress,
    StoryEntry,
    StoryHead,
    all_keys,
    decode_entry,
    decode_head,
    encoded,
    near_key,
    number_of,
    story_key,
)
from streams.decide.state_store import Change, MemoryStore, Note, Reminder, Store, StoreError

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


HOUR_MS = 3_600_000
MOST_REMOVED = 2_000
"""Entries looked at for removal with one batch: an hour's worth at once would hold the line up for seconds."""


class Lookup(Protocol):
    """Where an overlay looks for what it does not hold itself."""

    def get(self, key: str) -> Entry | None:
        """The entry, whether or not it has expired."""

    def find(self, keys: Sequence[int]) -> list[list[int]]:
        """Numbers of the prints behind each of some keys of the index (bands.py), the newest first."""


class State:
    """All committed entries: the store has them; in memory are the index, what is withheld, and what was met of late.

    A store that holds something goes on where it was: `position` is the changelog offset to read on from.
    """

    def __init__(self, store: Store | None = None) -> None:
        self._store = MemoryStore() if store is None else store
        self._begin()

    def _begin(self) -> None:
        note = self._store.note()
        self.position = note.position
        self.stories = note.stories
        """Stories in the state, those included that have expired and are not yet removed."""
        self._recent = Recent()
        self._done: list[bytes | int] = []
        self._swept = -1
        self._bands = Bands()
        self._bands.load(_indexed(self._store.prints()))
        found = self.get(PROGRESS)
        self._progress = found if isinstance(found, Progress) else Progress()
        waiting = {key: self.get(key) for key in note.withheld}
        self._withheld = {key: entry for key, entry in waiting.items() if isinstance(entry, StoryEntry)}

    def clear(self) -> None:
        """Forgets everything, as when the store turns out to be that of another changelog."""
        self._store.clear()
        self._begin()

    def close(self) -> None:
        """Closes the store."""
        self._store.close()

    def get(self, key: str) -> Entry | None:
        """The entry, whether or not it has expired. Raises `StoreError`."""
        try:
            return self._recent[key]
        except KeyError:
            value = self._store.get(key)
        try:
            return self._recent.put(key, None if value is None else decode_entry(value))
        except ValueError as error:
            raise StoreError(f"the state has {error} under {key!r}") from error

    def find(self, keys: Sequence[int]) -> list[list[int]]:
        """Numbers of the prints behind each of some keys of the index, the newest first."""
        return self._bands.find(keys)

    @property
    def progress(self) -> Progress:
        """How far the fold is."""
        return self._progress

    def __len__(self) -> int:
        return len(self._store)

    def withheld(self) -> list[StoryEntry]:
        """Stories with a version that waits for the end of its embargo."""
        return list(self._withheld.values())

    def merge(self, changes: Mapping[str, Entry | None]) -> None:
        """Takes over a batch's committed changes; None removes an entry."""
        self.take(encoded(changes), self.position, changes)

    def take(
        self, rows: Mapping[str, bytes | None], position: int, entries: Mapping[str, Entry | None] | None = None
    ) -> None:
        """Takes over records of the changelog up to `position`; `entries`: the same decoded, where they are at hand.

        Raises `StoreError` where the store cannot be written, ValueError for an entry that this release cannot read.
        """
        reminders: dict[int, list[str]] = {}
        for key, value in rows.items():
            is_story = key.startswith("story ")
            if is_story:
                self.stories += (value is not None) - (self.get(key) is not None)
                self._withheld.pop(key, None)
            if value is None:
                self._recent.drop(key)
                continue
            entry: Entry | Head
            if entries is not None and (known := entries[key]) is not None:
                entry = known
                self._recent.put(key, known)
            else:
                entry = decode_head(value)
                self._recent.drop(key)
            if isinstance(entry, Near | NearHead):
                self._bands.add(number_of(key), entry.keys or _keys_of(value), entry.expires)
            elif isinstance(entry, StoryEntry | StoryHead) and entry.pending:
                whole = entry if isinstance(entry, StoryEntry) else decode_entry(value)
                assert isinstance(whole, StoryEntry)
                self._withheld[key] = whole
            elif isinstance(entry, Progress):
                self._progress = entry
            if entry.expires < NEVER:
                hour = entry.expires // HOUR_MS
                reminders.setdefault(hour, []).append(key)
                self._swept = min(self._swept, hour - 1)
        note = Note(position=position, stories=self.stories, withheld=tuple(self._withheld))
        self._store.write(Change(rows=rows, reminders=reminders, done=self._done, note=note))
        self._done = []
        self.position = position

    def batch(self) -> "Overlay":
        """Where the changes of the next batch go: the removals that are due are in it already."""
        begun = Overlay(self)
        begun.changes.update(self.expired())
        return begun

    def rows(self) -> Iterator[tuple[str, bytes]]:
        """Every entry, encoded: prints in the order of their numbers."""
        return self._store.rows()

    def expired(self) -> dict[str, Entry | None]:
        """Removals of what has expired in hours that are over, a part at a time; in the next batch's changes."""
        self._bands.forget(self.progress.clock)
        gone: dict[str, Entry | None] = {}
        for reminder in self._due():
            gone.update((key, None) for key in reminder.keys if self._is_over(key))
            self._done.append(reminder.mark)
        return gone

    def tidy(self) -> None:
        """Drops reminders of what the owner of the log has removed by now: for a spare, which removes nothing."""
        self._bands.forget(self.progress.clock)
        for reminder in self._due():
            if any(self._is_over(key) for key in reminder.keys):
                return
            self._done.append(reminder.mark)

    def entries(self) -> dict[str, Entry]:
        """A copy of all that has not expired, for comparing states."""
        clock = self.progress.clock
        decoded = ((key, decode_entry(value)) for key, value in self._store.rows())
        return {key: entry for key, entry in decoded if entry.expires > clock}

    def _due(self) -> list[Reminder]:
        hour = self.progress.clock // HOUR_MS
        if self._done or hour <= self._swept + 1:
            return []
        found = self._store.due(hour, MOST_REMOVED)
        if not found:
            self._swept = hour - 1
        return found

    def _is_over(self, key: str) -> bool:
        entry = self.get(key)
        return entry is not None and entry.expires // HOUR_MS < self.progress.clock // HOUR_MS


def _indexed(prints: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes, int]]:
    for number, value in prints:
        head = decode_head(value)
        if isinstance(head, NearHead):
            yield number, head.keys or _keys_of(value), head.expires


def _keys_of(value: bytes) -> bytes:
    """The keys of a print that a state of before holds without them."""
    entry = decode_entry(value)
    return all_keys(entry.print) if isinstance(entry, Near) else b""


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

    def find(self, keys: Sequence[int]) -> list[list[int]]:
        """Numbers of the prints behind each of some keys of the index, the newest first."""
        found = self._below.find(keys)
        bands = self._bands
        if bands:
            for at, key in enumerate(keys):
                if key in bands:
                    found[at] = [*reversed(bands[key]), *found[at]][:MOST_OF_A_KEY]
        return found

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
