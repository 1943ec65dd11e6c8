"""The state of the fold: a map of immutable entries that expire by the fold's own clock, and overlays upon it.

An entry's key says what it is: `story <uri>`, `id <source> <id>`, `text <hash>`, `near <log offset>`,
`raw <topic> <partition>`, `progress`. A batch writes into an overlay; its changes are the changelog records of the
batch, and are merged into the state after the commit. Reading never shows an entry past its `expires`, so when the
dead are removed makes no difference to any decision.
"""

from array import array
from typing import Protocol
from urllib.parse import quote

import msgspec

from streams.decide.bands import MOST_OF_A_KEY, Bands, pair_keys, text_keys, ticker_keys
from streams.model import Label
from streams.textprint import Print

STATE_FORMAT = 1
PROGRESS = "progress"
HOUR_MS = 3_600_000
NEVER = 1 << 62


class Version(msgspec.Struct, frozen=True, array_like=True):
    """One version of one wire's item that a story has seen."""

    key: str
    """State key of the id it came under; empty for an item without id."""
    created: str
    version: str
    text_hash: str


class Carried(msgspec.Struct, frozen=True, array_like=True):
    """A wire that carried the story, and when it was first received from it (RFC 3339)."""

    source: str
    received: str


class StoryEntry(msgspec.Struct, frozen=True, kw_only=True, tag="story"):
    """A story: what was published of it, every version seen, and where it went."""

    expires: int
    uri: str
    source: str
    version: int
    """How many versions were published (or withdrawn); 0 while only withheld."""
    status: str
    """`live`, `withheld` (never published yet) or `withdrawn`."""
    current: Version
    """The version that is shown."""
    seen: tuple[Version, ...]
    topics: tuple[str, ...]
    """Every topic the story was ever in, `latest` aside."""
    labels: tuple[Label, ...]
    headline: str
    has_body: bool
    symbols: tuple[str, ...]
    opened: str
    """When its first item was received."""
    first_created: str
    """The time of its first version: a wire that gives no `firstCreated` does not move it with each revision."""
    wires: tuple[Carried, ...]
    near: int = -1
    """Log offset that names the print of the version that is shown; -1 where that has none."""
    pending: bytes = b""
    """The log item (JSON) that waits for the end of its embargo."""
    release_at: str = ""


class Alias(msgspec.Struct, frozen=True, kw_only=True, tag="alias"):
    """Which stories an id or a text belongs to: an id to one, a text to each company that it was issued for."""

    expires: int
    uris: tuple[str, ...]


class Near(msgspec.Struct, frozen=True, kw_only=True, tag="near"):
    """The print of one version of a story. Written once, by the log record whose offset its key names."""

    expires: int
    uri: str
    source: str
    received: int
    """Milliseconds."""
    version: int
    """Which version of its story it is; 0 while that is withheld."""
    print: Print
    facts: tuple[tuple[str, str], ...] = ()
    """Kind and value of what it states (model.Fact)."""
    keys: bytes = b""
    """The keys of the index that it stands behind (`all_keys`), 32 bit little-endian."""


class RawSeen(msgspec.Struct, frozen=True, kw_only=True, tag="raw"):
    """What of one raw partition the fold has seen: see positions.py.

    Never expires: an archive fed with its own times moves the clock by years between an item and its repeat.
    """

    expires: int = NEVER
    intervals: tuple[tuple[int, int], ...]
    partial: tuple[tuple[int, int], ...]
    timestamp: int


class Progress(msgspec.Struct, frozen=True, kw_only=True, tag="progress"):
    """How far the fold is: the next log offset to apply, and its clock (ms), the latest received time met."""

    expires: int = NEVER
    format: int = STATE_FORMAT
    next_offset: int = 0
    clock: int = 0


Entry = StoryEntry | Alias | Near | RawSeen | Progress

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Entry)


def encode_entry(entry: Entry) -> bytes:
    """An entry as a value of the changelog."""
    return _encoder.encode(entry)


def decode_entry(value: bytes) -> Entry:
    """An entry from the changelog. Raises ValueError for one this release cannot read."""
    try:
        entry: Entry = _decoder.decode(value)
    except msgspec.MsgspecError as error:
        raise ValueError(f"a state entry that this release cannot read: {error}") from error
    if isinstance(entry, Progress) and entry.format != STATE_FORMAT:
        raise ValueError(f"state of format {entry.format}; this release reads format {STATE_FORMAT}")
    return entry


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


def all_keys(mark: Print) -> bytes:
    """The keys of the index that a print stands behind."""
    return array("I", (*text_keys(mark), *pair_keys(mark.title), *ticker_keys(mark.tickers))).tobytes()


def near_key(log_offset: int) -> str:
    """State key of the print that a log record left."""
    return f"near {log_offset}"


def number_of(key: str) -> int:
    """The log offset in the state key of a print."""
    return int(key.removeprefix("near "))


def story_key(uri: str) -> str:
    """State key of a story."""
    return f"story {uri}"


def id_key(source: str, provider_id: str) -> str:
    """State key of a provider's id."""
    return f"id {quote(source, safe='')} {provider_id}"


def text_key(text_hash: str) -> str:
    """State key of a text."""
    return f"text {text_hash}"
