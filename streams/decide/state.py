"""Keeps the state of the fold: a map of immutable entries that expire by the fold's own clock.

The key of an entry says its type: `story <uri>`, `document <uri>`, `ends <time> <uri>`, `id <source> <id>`,
`text <hash>`, `near <log offset>`, `raw <topic> <partition>`, `progress`. The fold writes into a `Batch`. Its changes
become changelog records, and the state merges them after the commit. A read never returns an entry past its `expires`,
so the moment at which expired entries are removed makes no difference to any decision.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from types import EllipsisType

from streams.decide.lsh_index import MOST_OF_A_KEY, LshIndex
from streams.decide.sketches import Sketch
from streams.decide.state_entries import (
    NEVER,
    PROGRESS,
    RIGHTS_PREFIX,
    Alias,
    Entry,
    FingerprintHead,
    Head,
    Progress,
    RightsExpiry,
    StoredFingerprint,
    StoryDocument,
    StoryEntry,
    StoryHead,
    decode_entry,
    decode_head,
    document_key,
    encode_changes,
    fingerprint_key,
    index_keys,
    parse_fingerprint_key,
    rights_key,
    story_key,
)
from streams.decide.state_store import ExpiryBucket, MemoryStore, Store, StoreError, StoreMeta, WriteSet

CACHED_ENTRIES = 10_000
"""The size of one generation of the cache, which has two; an entry is 1 to 2 KB."""


class EntryCache:
    """Caches decoded entries in two generations: an entry that is read again survives the end of its generation."""

    def __init__(self) -> None:
        self._new: dict[str, Entry | None] = {}
        self._old: dict[str, Entry | None] = {}

    def get(self, key: str) -> Entry | EllipsisType | None:
        """Returns a cached entry, or None for a key that the store does not have; `...` if it is not cached."""
        found = self._new.get(key, ...)
        if found is ... and (found := self._old.get(key, ...)) is not ...:
            self.put(key, found)
        return found

    def put(self, key: str, entry: Entry | None) -> Entry | None:
        """Caches an entry and returns it."""
        if len(self._new) >= CACHED_ENTRIES:
            self._old, self._new = self._new, {}
        self._new[key] = entry
        return entry

    def drop(self, key: str) -> None:
        """Removes a key from the cache."""
        self._new.pop(key, None)
        self._old.pop(key, None)


_FINGERPRINTS = (StoredFingerprint, FingerprintHead)
_STORIES = (StoryEntry, StoryHead)
HOUR_MS = 3_600_000
STORY_PREFIX = story_key("")
MOST_REMOVED = 2_000
"""Entries that one batch examines for removal. To remove an hour of them at once would stop the fold for seconds."""


MOST_JOINS = 8
"""How far a chain of joined stories is followed; a join that would make a longer one is refused."""


MOST_ENDED = 1_000
"""Stories whose usage rights have ended that are found at a time."""


class State:
    """Holds all committed entries. The store has them; the index, withheld stories and recent entries are in memory.

    A store that has content continues where it was: `position` is the changelog offset to read on from.
    """

    def __init__(self, store: Store | None = None) -> None:
        self._store = MemoryStore() if store is None else store
        self._load()

    def _load(self) -> None:
        meta = self._store.meta()
        self.position = meta.position
        self.stories = meta.stories
        """The number of stories in the state, with those that have expired and are not yet removed."""
        self._cache = EntryCache()
        self._finished: list[bytes | int] = []
        self._swept = -1
        self.index = LshIndex()
        self.index.load(_index_rows(self._store.fingerprints()))
        found = self.get(PROGRESS)
        self._progress = found if isinstance(found, Progress) else Progress()
        waiting = {key: self.get(key) for key in meta.withheld}
        self._withheld = {key: entry for key, entry in waiting.items() if isinstance(entry, StoryEntry)}

    def clear(self) -> None:
        """Removes everything, for example if the store caches another changelog."""
        self._store.clear()
        self._load()

    def close(self) -> None:
        """Closes the store."""
        self._store.close()

    def get(self, key: str) -> Entry | None:
        """Returns the entry, whether or not it has expired. Raises `StoreError`."""
        found = self._cache.get(key)
        if found is not ...:
            return found
        value = self._store.get(key)
        try:
            return self._cache.put(key, None if value is None else decode_entry(value))
        except ValueError as error:
            raise StoreError(f"the state has {error} under {key!r}") from error

    @property
    def progress(self) -> Progress:
        """How far the fold is."""
        return self._progress

    def __len__(self) -> int:
        return len(self._store)

    def withheld(self) -> list[StoryEntry]:
        """Returns the stories with a version that waits for the end of its embargo."""
        return list(self._withheld.values())

    def find_ended_rights(self, now: str) -> list[StoryEntry]:
        """Returns the stories whose usage rights have ended by this time (RFC 3339), the earliest first."""
        keys = islice(self._store.keys_between(RIGHTS_PREFIX, rights_key(now, "~")), MOST_ENDED)
        found = (self.get(story_key(key.split(" ", 2)[2])) for key in keys)
        return [entry for entry in found if isinstance(entry, StoryEntry)]

    def merge(self, changes: Mapping[str, Entry | None]) -> None:
        """Applies the committed changes of a batch; None removes an entry."""
        self.apply_rows(encode_changes(changes), self.position, changes)

    def apply_rows(
        self, rows: Mapping[str, bytes | None], position: int, entries: Mapping[str, Entry | None] | None = None
    ) -> None:
        """Applies records of the changelog up to `position`. `entries` are the same records decoded, if known.

        Raises `StoreError` if the store cannot be written, ValueError for an entry that this release cannot read.
        """
        self._count_stories(rows)
        expiring: dict[int, list[str]] = {}
        for key, value in rows.items():
            if value is None:
                self._cache.drop(key)
                continue
            entry: Entry | Head
            if entries is not None and (known := entries[key]) is not None:
                entry = known
                if type(known) is StoryDocument:  # read so seldom that it would only push others out
                    self._cache.drop(key)
                else:
                    self._cache.put(key, known)
            else:
                entry = decode_head(value)
                self._cache.drop(key)
            self._keep_in_memory(key, value, entry)
            if entry.expires < NEVER:
                expiring.setdefault(entry.expires // HOUR_MS, []).append(key)
        if expiring:
            self._swept = min(self._swept, min(expiring) - 1)
        meta = StoreMeta(position=position, stories=self.stories, withheld=tuple(self._withheld))
        self._store.write(WriteSet(rows=rows, expiring=expiring, finished=self._finished, meta=meta))
        self._finished = []
        self.position = position

    def _count_stories(self, rows: Mapping[str, bytes | None]) -> None:
        """Counts the stories that rows add and remove; they wait no more, unless the rows say so."""
        keys = [key for key in rows if key.startswith(STORY_PREFIX)]
        cached = [self._cache.get(key) for key in keys]
        unknown = [key for key, entry in zip(keys, cached, strict=True) if entry is ...]
        known = sum(entry is not None for entry in cached) - len(unknown) + self._store.count(unknown)
        self.stories += sum(rows[key] is not None for key in keys) - known
        if self._withheld:
            for key in keys:
                self._withheld.pop(key, None)

    def _keep_in_memory(self, key: str, value: bytes, entry: Entry | Head) -> None:
        """Keeps what is in memory of an entry beside the cache."""
        if isinstance(entry, _FINGERPRINTS):
            keys = entry.keys or _rebuild_keys(value)
            self.index.add(parse_fingerprint_key(key), keys, entry.expires, entry.sketch)
        elif isinstance(entry, _STORIES):
            if entry.pending:
                whole = entry if isinstance(entry, StoryEntry) else decode_entry(value)
                assert isinstance(whole, StoryEntry)
                self._withheld[key] = whole
        elif isinstance(entry, Progress):
            self._progress = entry

    @contextmanager
    def loading(self) -> Iterator[None]:
        """Applies many rows of the changelog faster meanwhile. A crash may lose them; a later one loses none."""
        self._store.begin_load()
        try:
            yield
        finally:
            self._store.end_load()

    def batch(self) -> "Batch":
        """Begins a batch. It already holds the removals of expired entries that are due."""
        begun = Batch(self)
        begun.changes.update(self.remove_expired())
        return begun

    def rows(self) -> Iterator[tuple[str, bytes]]:
        """Yields every entry, encoded; fingerprints by rising number."""
        return self._store.rows()

    def remove_expired(self) -> dict[str, Entry | None]:
        """Returns the removals of entries that expired in past hours, a part at a time, for the next batch."""
        self.index.forget(self.progress.clock)
        removals: dict[str, Entry | None] = {}
        for bucket in self._expiring():
            expired = [key for key in bucket.keys if self._is_expired(key)]
            removals.update((key, None) for key in expired)
            stories = [key for key in expired if key.startswith(STORY_PREFIX)]
            removals.update((each, None) for key in stories for each in self._beside(key))
            self._finished.append(bucket.id)
        return removals

    def drop_expired(self) -> None:
        """Drops expiry buckets whose entries the owner of the log has removed; for a spare, which removes nothing."""
        self.index.forget(self.progress.clock)
        for bucket in self._expiring():
            if any(self._is_expired(key) for key in bucket.keys):
                return
            self._finished.append(bucket.id)

    def entries(self) -> dict[str, Entry]:
        """Copies all entries that have not expired, and the documents of such stories; for comparing states."""
        clock = self.progress.clock
        decoded = ((key, decode_entry(value)) for key, value in self._store.rows())
        found = {key: entry for key, entry in decoded if entry.expires > clock}
        beside = {each for key in found if key.startswith(STORY_PREFIX) for each in self._beside(key)}
        return {
            key: row for key, row in found.items() if not isinstance(row, StoryDocument | RightsExpiry) or key in beside
        }

    def _beside(self, key: str) -> list[str]:
        """Returns the keys of the entries that leave with a story."""
        entry = self.get(key)
        uri = key.removeprefix(STORY_PREFIX)
        ends = entry.rights_end if isinstance(entry, StoryEntry) else ""
        return [document_key(uri), *([rights_key(ends, uri)] if ends else [])]

    def _expiring(self) -> list[ExpiryBucket]:
        hour = self.progress.clock // HOUR_MS
        if hour <= self._swept + 1:
            return []
        found = self._store.expiring(hour, MOST_REMOVED)
        if not found:
            self._swept = hour - 1
        return [bucket for bucket in found if bucket.id not in self._finished]

    def _is_expired(self, key: str) -> bool:
        entry = self.get(key)
        return entry is not None and entry.expires // HOUR_MS < self.progress.clock // HOUR_MS


def _index_rows(fingerprints: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes, int, Sketch]]:
    for number, value in fingerprints:
        head = decode_head(value)
        if isinstance(head, FingerprintHead):
            yield number, head.keys or _rebuild_keys(value), head.expires, head.sketch


def _rebuild_keys(value: bytes) -> bytes:
    """Builds the index keys of a fingerprint that an earlier release stored without them."""
    entry = decode_entry(value)
    return index_keys(entry.fingerprint) if isinstance(entry, StoredFingerprint) else b""


class Batch:
    """Collects the changes of some records above the state. Those of the last record can be rolled back."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.progress = state.progress
        """How far the fold is."""
        self.changes: dict[str, Entry | None] = {}
        self._index: dict[int, list[int]] = {}
        self._stored: dict[int, StoredFingerprint] = {}
        """The fingerprints among the changes, by number."""
        self._changed: list[tuple[str, Entry | EllipsisType | None]] = []
        """The keys that the last record changed, and what `changes` had there before; `...` for nothing."""
        self._listed: list[StoredFingerprint] = []
        """The fingerprints that the last record added to `_index`."""
        self._progress_before = self.progress

    def begin_record(self) -> None:
        """Begins the changes of a record."""
        self._changed, self._listed, self._progress_before = [], [], self.progress

    def roll_back_record(self) -> None:
        """Takes back the changes of the last record."""
        for key, before in reversed(self._changed):
            if type(self.changes[key]) is StoredFingerprint:
                del self._stored[parse_fingerprint_key(key)]
            if before is ...:
                del self.changes[key]
            else:
                self._set(key, before)
        for entry in self._listed:
            for each in memoryview(entry.keys).cast("I"):
                self._index[each].pop()
        self.progress = self._progress_before
        self.begin_record()

    def _set(self, key: str, entry: Entry | None) -> None:
        self.changes[key] = entry
        if type(entry) is StoredFingerprint:
            self._stored[parse_fingerprint_key(key)] = entry

    def get(self, key: str) -> Entry | None:
        """Returns the entry, whether or not it has expired."""
        found = self.changes.get(key, ...)
        return self._state.get(key) if found is ... else found

    def find(self, keys: Sequence[int]) -> list[list[int]]:
        """Returns for each index key the numbers of its fingerprints, the newest first."""
        found = self._state.index.find(keys)
        index = self._index
        if index:
            for at, key in enumerate(keys):
                if key in index:
                    found[at] = [*reversed(index[key]), *found[at]][:MOST_OF_A_KEY]
        return found

    def sketch(self, number: int) -> tuple[int, Sketch] | None:
        """Returns the end of the life and the sketch of a fingerprint that `find` returned."""
        entry = self._stored.get(number)
        return self._state.index.sketch(number) if entry is None else (entry.expires, entry.sketch)

    def put(self, key: str, entry: Entry | None) -> None:
        """Sets an entry; None removes it."""
        self._changed.append((key, self.changes.get(key, ...)))
        self._set(key, entry)
        if type(entry) is Progress:
            self.progress = entry
        elif type(entry) is StoredFingerprint:
            number = parse_fingerprint_key(key)
            self._listed.append(entry)
            for each in memoryview(entry.keys).cast("I"):
                self._index.setdefault(each, []).append(number)

    def renew(self, key: str, entry: StoredFingerprint) -> None:
        """Sets a fingerprint that the index has already, with a later end."""
        self._changed.append((key, self.changes.get(key, ...)))
        self._set(key, entry)

    def story(self, uri: str) -> StoryEntry | None:
        """Returns a story that has not expired; of one that was joined into another, that other one."""
        entry = self.story_itself(uri)
        for _ in range(MOST_JOINS):
            if entry is None or not entry.joined_into:
                return entry
            entry = self.story_itself(entry.joined_into)
        return entry

    def story_itself(self, uri: str) -> StoryEntry | None:
        """Returns a story that has not expired, also one that was joined into another."""
        entry = self.get(story_key(uri))
        return entry if isinstance(entry, StoryEntry) and entry.expires > self.progress.clock else None

    def document(self, uri: str) -> StoryDocument | None:
        """Returns the document of a live story; None for a story of before format 2."""
        entry = self.get(document_key(uri))
        return entry if isinstance(entry, StoryDocument) else None

    def alias(self, key: str) -> tuple[str, ...]:
        """Returns the uris of the stories that an id or text key belongs to."""
        entry = self.get(key)
        return entry.uris if isinstance(entry, Alias) and entry.expires > self.progress.clock else ()

    def fingerprint(self, number: int) -> StoredFingerprint | None:
        """Returns the fingerprint with this number, if it has not expired."""
        entry = self.get(fingerprint_key(number))
        return entry if isinstance(entry, StoredFingerprint) and entry.expires > self.progress.clock else None
