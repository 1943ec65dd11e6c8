"""What the fold's state is made of: immutable entries, their keys and their form in the changelog."""

from array import array
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import msgspec

from streams.decide.lsh_index import figure_keys, pair_keys, text_keys, ticker_keys
from streams.model.records import Label, Print

STATE_FORMAT = 1
PROGRESS = "progress"
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
    replay_job: str = ""
    """The replay that filed the version that is shown; empty where a wire or a person made it."""
    translation_of: str = ""
    """The story in another language that this one tells again."""


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
    ahead: int = 0
    """How many records in a row were received further ahead of the clock than the window is long."""
    ahead_from: int = 0
    """The earliest of their times."""


Entry = StoryEntry | Alias | Near | RawSeen | Progress


class StoryHead(msgspec.Struct, frozen=True, tag="story"):
    """What the state keeps in mind of a story that is in its store."""

    expires: int
    pending: bytes = b""


class AliasHead(msgspec.Struct, frozen=True, tag="alias"):
    """Of an alias."""

    expires: int


class NearHead(msgspec.Struct, frozen=True, tag="near"):
    """Of a print."""

    expires: int
    keys: bytes = b""


Head = StoryHead | AliasHead | NearHead | RawSeen | Progress

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Entry)
_head_decoder = msgspec.msgpack.Decoder(Head)


def encode_entry(entry: Entry) -> bytes:
    """An entry as a value of the changelog."""
    return _encoder.encode(entry)


def encoded(changes: Mapping[str, Entry | None]) -> dict[str, bytes | None]:
    """Changes as rows of the changelog; None removes an entry."""
    return {key: None if entry is None else _encoder.encode(entry) for key, entry in changes.items()}


def decode_entry(value: bytes) -> Entry:
    """An entry from the changelog. Raises ValueError for one this release cannot read."""
    entry: Entry = _decoded(_decoder, value)
    return entry


def decode_head(value: bytes) -> Head:
    """What the state keeps in mind of an entry, without the rest of it. Raises ValueError as `decode_entry`."""
    head: Head = _decoded(_head_decoder, value)
    return head


def _decoded(decoder: Any, value: bytes) -> Any:
    try:
        found = decoder.decode(value)
    except msgspec.MsgspecError as error:
        raise ValueError(f"a state entry that this release cannot read: {error}") from error
    if isinstance(found, Progress) and found.format != STATE_FORMAT:
        raise ValueError(f"state of format {found.format}; this release reads format {STATE_FORMAT}")
    return found


def all_keys(mark: Print) -> bytes:
    """The keys of the index that a print stands behind."""
    keys = (*text_keys(mark), *pair_keys(mark.title), *ticker_keys(mark.tickers), *figure_keys(mark.numbers))
    return array("I", keys).tobytes()


def near_key(log_offset: int) -> str:
    """State key of the print that a log record left."""
    return f"near {log_offset}"


def number_of(key: str) -> int:
    """The log offset in the state key of a print."""
    return int(key.removeprefix("near "))


def story_key(uri: str) -> str:
    """State key of a story."""
    return f"story {uri}"


@lru_cache(1024)
def quoted(source: str) -> str:
    """A source as it stands in names, all but RFC 3986 unreserved characters percent-encoded."""
    return quote(source, safe="")


def id_key(source: str, provider_id: str) -> str:
    """State key of a provider's id."""
    return f"id {quoted(source)} {provider_id}"


def text_key(text_hash: str) -> str:
    """State key of a text."""
    return f"text {text_hash}"
