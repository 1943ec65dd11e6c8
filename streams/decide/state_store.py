"""Defines what a store of the fold's state can do, and the store that is a dict (tests, `process`, dry runs).

The worker's store is on disk (worker/rocksdb_store.py). A store holds the encoded entries, expiry buckets and metadata.
`State` reads the parts that it keeps in memory from the store when it begins.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import msgspec

from streams.decide.state_entries import parse_fingerprint_key


class StoreError(Exception):
    """The store cannot be read or written. No record is at fault; the text is a sentence for the operator."""


class StoreMeta(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Metadata that a store writes atomically with the entries."""

    position: int = 0
    """The changelog offset after the last record that the entries contain."""
    stories: int = 0
    """The number of stories."""
    withheld: tuple[str, ...] = ()
    """State keys of the stories with a version under embargo."""


class ExpiryBucket(msgspec.Struct, frozen=True, gc=False):
    """Keys of entries that may expire in one hour (of the fold's clock, counted since 1970)."""

    id: bytes | int
    """Identifies the bucket in its store."""
    keys: Sequence[str]


class WriteSet(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Changes that a store writes atomically."""

    rows: Mapping[str, bytes | None]
    """State key -> encoded entry; None removes the entry."""
    expiring: Mapping[int, Sequence[str]]
    """Hour -> state keys to add to the buckets of that hour."""
    finished: Sequence[bytes | int]
    """Ids of the expiry buckets to remove."""
    meta: StoreMeta


class Store(Protocol):
    """Keeps entries, expiry buckets and metadata. Each method raises `StoreError` if it fails."""

    def meta(self) -> StoreMeta:
        """Returns the metadata as last written; at first the defaults."""

    def get(self, key: str) -> bytes | None:
        """Returns an encoded entry."""

    def count(self, keys: Sequence[str]) -> int:
        """Counts the keys under which there is an entry."""

    def fingerprints(self) -> Iterator[tuple[int, bytes]]:
        """Yields the number and the encoded entry of each fingerprint, by rising number."""

    def keys_between(self, first: str, last: str) -> Iterator[str]:
        """Yields the keys from `first` to before `last`, sorted; none of them a fingerprint's."""

    def rows(self) -> Iterator[tuple[str, bytes]]:
        """Yields the key and the encoded entry of each entry; the order does not matter."""

    def expiring(self, before: int, most: int) -> list[ExpiryBucket]:
        """Returns the buckets of hours before this one, the earliest first, until they hold `most` keys or more.

        `most` only bounds the work: a store may count a key once or twice that was added twice for one hour. A caller
        that repeatedly takes the due buckets and finishes them gets every key that was due.
        """

    def write(self, changes: WriteSet) -> None:
        """Writes all changes or none."""

    def begin_load(self) -> None:
        """Makes writes faster until `end_load`. After a crash meanwhile, the store has what it had at some moment."""

    def end_load(self) -> None:
        """Makes sure that a later crash loses nothing that was written since `begin_load`."""

    def clear(self) -> None:
        """Removes everything."""

    def close(self) -> None:
        """Releases the resources of the store; a durable store keeps its content."""

    def __len__(self) -> int:
        """Returns the number of entries; an estimate if an exact count would be slow."""


class MemoryStore:
    """Keeps everything in dicts, which end with the process."""

    def __init__(self) -> None:
        self.clear()

    def meta(self) -> StoreMeta:
        """Returns the metadata as last written."""
        return self._meta

    def get(self, key: str) -> bytes | None:
        """Returns an encoded entry."""
        return self._rows.get(key)

    def count(self, keys: Sequence[str]) -> int:
        """Counts the keys under which there is an entry."""
        return sum(key in self._rows for key in keys)

    def fingerprints(self) -> Iterator[tuple[int, bytes]]:
        """Yields each fingerprint by rising number."""
        keys = sorted((key for key in self._rows if key.startswith("near ")), key=parse_fingerprint_key)
        return ((parse_fingerprint_key(key), self._rows[key]) for key in keys)

    def keys_between(self, first: str, last: str) -> Iterator[str]:
        """Yields the keys from `first` to before `last`, sorted."""
        return iter(sorted(key for key in self._rows if first <= key < last))

    def rows(self) -> Iterator[tuple[str, bytes]]:
        """Yields every entry."""
        return iter(self._rows.items())

    def expiring(self, before: int, most: int) -> list[ExpiryBucket]:
        """Returns the buckets of hours before this one."""
        found: list[ExpiryBucket] = []
        for hour in sorted(hour for hour in self._hours if hour < before):
            if sum(len(bucket.keys) for bucket in found) < most:
                found.append(ExpiryBucket(hour, tuple(self._hours[hour])))
        return found

    def write(self, changes: WriteSet) -> None:
        """Writes the changes."""
        for bucket in changes.finished:
            assert isinstance(bucket, int)
            self._hours.pop(bucket, None)
        for hour, keys in changes.expiring.items():
            self._hours.setdefault(hour, {}).update(dict.fromkeys(keys))
        for key, value in changes.rows.items():
            if value is None:
                self._rows.pop(key, None)
            else:
                self._rows[key] = value
        self._meta = changes.meta

    def begin_load(self) -> None:
        """Does nothing: there is nothing to lose."""

    def end_load(self) -> None:
        """Does nothing."""

    def clear(self) -> None:
        """Removes everything."""
        self._rows: dict[str, bytes] = {}
        self._hours: dict[int, dict[str, None]] = {}
        self._meta = StoreMeta()

    def close(self) -> None:
        """Does nothing: there is nothing to release."""

    def __len__(self) -> int:
        return len(self._rows)
