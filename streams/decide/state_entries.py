"""Defines the entries of the fold's state, their keys and their encoding in the changelog (MessagePack).

Entries are immutable. The tag of an entry says its type: names of classes may change, tags and keys may not.
"""

from array import array
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from urllib.parse import quote

import msgspec

from streams.decide.lsh_index import (
    alert_keys,
    figure_keys,
    is_in_capitals,
    name_keys,
    pair_keys,
    text_keys,
    ticker_keys,
)
from streams.decide.sketches import Sketch, build_sketch, pack_sketch
from streams.model.codec import UnknownFormatError, decode
from streams.model.records import Item, Label, Rights, TextFingerprint, TimeSource

STATE_FORMAT = 2
"""The format of the state that this release writes until the desk gives a command of `DESK_FORMAT`."""
DESK_STATE_FORMAT = 3
"""The format from then on: a release of format 2 would lose what a person set."""
READABLE_STATE_FORMATS = (1, 2, 3)
"""The formats that it reads. In format 1 no story has a document."""
PROGRESS = "progress"
"""The state key of `Progress`."""
RIGHTS_PREFIX = "ends "
"""The beginning of the state keys that list stories by the end of their usage rights."""
NEVER = 1 << 62
"""The `expires` of an entry that never expires."""


class SeenVersion(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One version of the item of one wire, as a story remembers it."""

    key: str
    """The state key of the item's id; empty for an item without id."""
    created: str
    version: str
    text_hash: str
    """Of version 1 (`Item.old_text_hash`) where an earlier release saw it."""


class StoryWire(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A source that sent the story, and when its first item was received (RFC 3339)."""

    source: str
    received: str


class StoryStatus(StrEnum):
    """The state of a story for its readers."""

    LIVE = "live"
    WITHHELD = "withheld"
    """No version was published yet."""
    WITHDRAWN = "withdrawn"


class Pin(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Keeps what a person set on a story by one command. It wins over wires, rules, models and replays (pins.py)."""

    command: str
    """The id of the command."""
    action: str
    detail: bytes
    """The `detail` of the command (JSON)."""


class JoinedStory(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Keeps what a story got from another one that a person joined into it; an undo of the join takes it away again."""

    uri: str
    sources: tuple[str, ...]
    symbols: tuple[str, ...]


class StoryEntry(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="story", omit_defaults=True):
    """A story: the version that is published, every version seen, and the topics in which it stands."""

    expires: int
    uri: str
    source: str
    version: int
    """The number of versions that were published or withdrawn; 0 while the story is only withheld."""
    status: StoryStatus
    current: SeenVersion
    """The version that readers see."""
    seen: tuple[SeenVersion, ...]
    topics: tuple[str, ...]
    """The topics in which the story stands now, `latest` not included. Of format 1: in which it ever stood."""
    labels: tuple[Label, ...]
    headline: str
    has_body: bool
    symbols: tuple[str, ...]
    opened: str
    """When the first item of the story was received."""
    heard: int = 0
    """When its latest item was received, ms; copies count. 0 in a story of before format 2."""
    first_created: str
    """The time of its first version. A wire without `firstCreated` does not move it with each revision."""
    wires: tuple[StoryWire, ...]
    fingerprint_number: int = msgspec.field(name="near", default=-1)
    """The number of the fingerprint of the version that readers see; -1 if it has none."""
    pending: bytes = b""
    """The log item (JSON) that waits for the end of its embargo."""
    release_at: str = ""
    evidence: bytes = b""
    """The evidence (JSON) for the waiting version, which its release will show."""
    copies: tuple[str, ...] = ()
    """The raw positions of items that were suppressed while the version waits."""
    replay_job: str = ""
    """The replay that published the current version; empty if a wire or a person did."""
    translation_of: str = ""
    """The uri of the story in another language that this story translates."""
    rights_end: str = ""
    """When the rights to use what readers see end; empty if they do not. An entry `RightsExpiry` says so too."""
    cleared: str = ""
    """The `at` of the last command `clear` that was about it. A repeat of that command does nothing."""
    pinned: tuple[Pin, ...] = ()
    """What persons set, the newest last. `labels`, `headline` and the document are without it: `undo` removes a pin."""
    killed_by: str = ""
    """The id of the command of the desk that withdrew it, as long as `undo` may take that back."""
    split_by: str = ""
    """The id of the command `split` that made it a story of its own."""
    joined_into: str = ""
    """The uri of the story into which a person joined it. Its ids and texts are those of that story from then on."""
    joined_by: str = ""
    """The id of that command, or of the one that took its `split` back."""
    joined: tuple[JoinedStory, ...] = ()
    """The stories that persons joined into it."""


def decode_waiting_item(story: StoryEntry) -> Item:
    """Decodes the item of the version that waits. The story must have one (`pending`)."""
    item = decode(story.pending)
    assert isinstance(item, Item)
    return item


class StoryDocument(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="document", omit_defaults=True):
    """The ninjs document that readers see of a live story. An update without a text is completed with it.

    It is written only when what is shown changes. It has no time of its own: it leaves with its story.
    """

    expires: int = NEVER
    rights: Rights
    """The strictest rights of the sources whose words it holds."""
    packed: bytes
    """The document without `uri`, `version`, `pubStatus` and `representationType`, compressed (documents.py)."""
    time_source: TimeSource = "wire"
    """Where its `versionCreated` comes from. Not kept by releases before the commands of the desk."""


class RightsExpiry(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="ends"):
    """Lists a story by the time at which its usage rights end. It has no time of its own: it leaves with its story."""

    expires: int = NEVER
    uri: str


class Alias(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="alias"):
    """The stories that an id or a text belongs to: an id to one, a text to one for each company it was issued for."""

    expires: int
    uris: tuple[str, ...]


class StoredFingerprint(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="near"):
    """The fingerprint of one version of a story. Written once; its number is the log offset of the item."""

    expires: int
    uri: str
    source: str
    received: int
    """Milliseconds."""
    version: int
    """The version of the story; 0 if it waits for the end of its embargo. Then only a notice about it may find it."""
    fingerprint: TextFingerprint = msgspec.field(name="print")
    facts: tuple[tuple[str, str], ...] = ()
    """Kind and value of the facts that the text states (`Fact`)."""
    keys: bytes = b""
    """The keys under which the index lists it (`index_keys`), 32 bit little-endian."""

    @property
    def sketch(self) -> Sketch:
        """Builds what the index holds of the fingerprint."""
        return build_sketch(self.received, self.version, self.fingerprint)


class SeenOffsets(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="raw"):
    """The offsets of one raw partition that the fold has seen (seen_positions.py).

    Never expires: an archive that is fed with its own times moves the clock by years between an item and its repeat.
    """

    expires: int = NEVER
    intervals: tuple[tuple[int, int], ...]
    """First and last offset."""
    partial: tuple[tuple[int, int], ...]
    """Offset, and how many items of it were seen, for records whose last item was not seen yet."""
    timestamp: int
    """The latest LogAppendTime seen, ms."""


class Progress(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="progress"):
    """How far the fold is: the next log offset to apply, and its clock (ms), which is the latest received time."""

    expires: int = NEVER
    format: int = STATE_FORMAT
    next_offset: int = 0
    clock: int = 0
    ahead: int = 0
    """How many records in a row were received further ahead of the clock than the window is long."""
    ahead_from: int = 0
    """The earliest received time of those records."""


Entry = StoryEntry | StoryDocument | RightsExpiry | Alias | StoredFingerprint | SeenOffsets | Progress


class StoryHead(msgspec.Struct, frozen=True, gc=False, tag="story"):
    """The fields of a story that `State` needs when it loads an entry; the rest is not decoded."""

    expires: int
    pending: bytes = b""


class DocumentHead(msgspec.Struct, frozen=True, gc=False, tag="document"):
    """The fields of a document that `State` needs when it loads an entry."""

    expires: int = NEVER


class AliasHead(msgspec.Struct, frozen=True, gc=False, tag="alias"):
    """The fields of an alias that `State` needs when it loads an entry."""

    expires: int


class TextHead(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The parts of a `TextFingerprint` from which its sketch is built; the others are not decoded."""

    words: int = 0
    minhash: bytes = b""
    title: msgspec.Raw = msgspec.Raw()
    tickers: msgspec.Raw = msgspec.Raw()
    opening: bytes = b""
    names: msgspec.Raw = msgspec.Raw()
    numbers: msgspec.Raw = msgspec.Raw()
    spelled: msgspec.Raw = msgspec.Raw()
    dates: msgspec.Raw = msgspec.Raw()
    title_numbers: msgspec.Raw = msgspec.Raw()
    place: msgspec.Raw = msgspec.Raw()
    directions: msgspec.Raw = msgspec.Raw()
    language: str = ""


class FingerprintHead(msgspec.Struct, frozen=True, gc=False, tag="near"):
    """The fields of a fingerprint that `State` needs when it loads an entry."""

    expires: int
    received: int
    version: int
    text: TextHead = msgspec.field(name="print")
    keys: bytes = b""

    @property
    def sketch(self) -> Sketch:
        """Builds what the index holds of the fingerprint."""
        text = self.text
        opening = len(text.opening)
        return pack_sketch(self.received, self.version, text.words, opening, text.language, text.minhash)


Head = StoryHead | DocumentHead | RightsExpiry | AliasHead | FingerprintHead | SeenOffsets | Progress

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Entry)
_head_decoder = msgspec.msgpack.Decoder(Head)


def encode_entry(entry: Entry) -> bytes:
    """Encodes an entry as a value of the changelog."""
    return _encoder.encode(entry)


def encode_changes(changes: Mapping[str, Entry | None]) -> dict[str, bytes | None]:
    """Encodes changes as records of the changelog; None removes an entry."""
    return {key: None if entry is None else _encoder.encode(entry) for key, entry in changes.items()}


def decode_entry(value: bytes) -> Entry:
    """Decodes an entry of the changelog. Raises `UnknownFormatError` for one that this release cannot read."""
    try:
        entry: Entry = _decoder.decode(value)
    except msgspec.MsgspecError as error:
        raise _unreadable(error) from error
    _check_format(entry)
    return entry


def decode_head(value: bytes) -> Head:
    """Decodes only the fields that `State` keeps in memory. Raises `UnknownFormatError` like `decode_entry`."""
    try:
        head: Head = _head_decoder.decode(value)
    except msgspec.MsgspecError as error:
        raise _unreadable(error) from error
    _check_format(head)
    return head


def _unreadable(error: msgspec.MsgspecError) -> UnknownFormatError:
    return UnknownFormatError(
        f"a state entry that this release cannot read: {error}. A newer release wrote it, so run that release; or "
        "it is damaged, then stop every worker that decides and call `newswire state rebuild`"
    )


def _check_format(found: Entry | Head) -> None:
    if isinstance(found, Progress) and found.format not in READABLE_STATE_FORMATS:
        readable = " or ".join(map(str, READABLE_STATE_FORMATS))
        raise UnknownFormatError(
            f"a state of format {found.format}; this release reads format {readable}: a newer release wrote it, so run "
            "that release or a newer one"
        )


def index_keys(fingerprint: TextFingerprint) -> bytes:
    """Builds the keys under which the index lists a fingerprint, 32 bit little-endian."""
    keys = (
        *text_keys(fingerprint),
        *(() if fingerprint.words and not is_in_capitals(fingerprint) else alert_keys(fingerprint.title[:2])),
        *pair_keys(fingerprint.title),
        *ticker_keys(fingerprint.tickers),
        *figure_keys(fingerprint.numbers),
        *name_keys(fingerprint, english=fingerprint.language == "en"),
    )
    return array("I", keys).tobytes()


def fingerprint_key(log_offset: int) -> str:
    """Builds the state key of the fingerprint that a log record left."""
    return f"near {log_offset}"


def parse_fingerprint_key(key: str) -> int:
    """Reads the number of a fingerprint, which is a log offset, from its state key."""
    return int(key.removeprefix("near "))


def story_key(uri: str) -> str:
    """Builds the state key of a story."""
    return f"story {uri}"


def document_key(uri: str) -> str:
    """Builds the state key of the document of a story."""
    return f"document {uri}"


def rights_key(rights_end: str, uri: str) -> str:
    """Builds the state key that lists a story by the end of its usage rights. Such keys sort by time."""
    return f"{RIGHTS_PREFIX}{rights_end.rstrip('Z')} {uri}"


@lru_cache(1024)
def quote_source(source: str) -> str:
    """Percent-encodes a source for keys and uris: all but RFC 3986 unreserved characters."""
    return quote(source, safe="")


def id_key(source: str, provider_id: str) -> str:
    """Builds the state key of a provider's id."""
    return f"id {quote_source(source)} {provider_id}"


def text_key(text_hash: str) -> str:
    """Builds the state key of a text."""
    return f"text {text_hash}"
