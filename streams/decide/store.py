"""Where the entries of the state are: what a store can do, and the one that is a dict (tests, `process`, dry runs).

The worker's store is on disk (shell/diskstore.py). Both hold the encoded entries, reminders of what expires when, and
a note; what of it the state has in memory it takes from there when it begins.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import msgspec

from streams.decide.entries import number_of


class StoreError(Exception):
    """The store cannot be read or written: no fault of the record at hand. The text is a sentence for the operator."""


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What goes with the entries, and is written with them in one piece."""

    position: int = 0
    """The changelog offset behind the last record that the entries have."""
    stories: int = 0
    withheld: tuple[str, ...] = ()
    """State keys of the stories with a version under embargo."""


class Reminder(msgspec.Struct, frozen=True):
    """Keys of entries that may expire in one hour (of the fold's clock, since 1970)."""

    mark: bytes | int
    """How the store knows it."""
    keys: Sequence[str]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is written in one piece."""

    rows: Mapping[str, bytes | None]
    """State key -> encoded entry; None removes it."""
    reminders: Mapping[int, Sequence[str]]
    """Hour -> keys."""
    done: Sequence[bytes | int]
    """Marks of reminders that are no longer needed."""
    note: Note


class Store(Protocol):
    """Entries, reminders and the note. Everything raises `StoreError` where it cannot be done."""

    def note(self) -> Note:
        """The note as last written; an empty one at first."""

    def get(self, key: str) -> bytes | None:
        """An encoded entry."""

    def prints(self) -> Iterator[tuple[int, bytes]]:
        """Number and encoded entry of each print, in the order of their numbers."""

    def rows(self) -> Iterator[tuple[str, bytes]]:
        """Every entry, in no order that matters."""

    def due(self, before: int, most: int) -> list[Reminder]:
        """Reminders of hours before this one, the earliest first, until they hold `most` keys or more.

        `most` bounds the work, and says no more: a store may keep a key that is reminded of twice in one hour once
        or twice. Who takes what is due and has it done, again and again, has met every key that was due.
        """

    def write(self, change: Change) -> None:
        """All of it or nothing."""

    def clear(self) -> None:
        """Removes everything."""

    def close(self) -> None:
        """Gives back what it uses; what was written stays where it is kept at all."""

    def __len__(self) -> int:
        """How many entries it holds, roughly where exactly would be slow."""


class MemoryStore:
    """A store that ends with its process."""

    def __init__(self) -> None:
        self.clear()

    def note(self) -> Note:
        """The note as last written."""
        return self._note

    def get(self, key: str) -> bytes | None:
        """An encoded entry."""
        return self._rows.get(key)

    def prints(self) -> Iterator[tuple[int, bytes]]:
        """Each print, by number."""
        keys = sorted((key for key in self._rows if key.startswith("near ")), key=number_of)
        return ((number_of(key), self._rows[key]) for key in keys)

    def rows(self) -> Iterator[tuple[str, bytes]]:
        """Every entry."""
        return iter(self._rows.items())

    def due(self, before: int, most: int) -> list[Reminder]:
        """Reminders of hours before this one."""
        found: list[Reminder] = []
        for hour in sorted(hour for hour in self._hours if hour < before):
            if sum(len(reminder.keys) for reminder in found) < most:
                found.append(Reminder(hour, tuple(self._hours[hour])))
        return found

    def write(self, change: Change) -> None:
        """Takes it over."""
        for mark in change.done:
            assert isinstance(mark, int)
            self._hours.pop(mark, None)
        for hour, keys in change.reminders.items():
            self._hours.setdefault(hour, {}).update(dict.fromkeys(keys))
        for key, value in change.rows.items():
            if value is None:
                self._rows.pop(key, None)
            else:
                self._rows[key] = value
        self._note = change.note

    def clear(self) -> None:
        """Removes everything."""
        self._rows: dict[str, bytes] = {}
        self._hours: dict[int, dict[str, None]] = {}
        self._note = Note()

    def close(self) -> None:
        """Nothing to give back."""

    def __len__(self) -> int:
        return len(self._rows)
