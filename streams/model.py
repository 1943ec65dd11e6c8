"""The values in order of travel: Raw -> Story -> Item (or Refusal, or Command) -> Effect and Decision.

All are frozen. What goes through a Kafka topic (`Item`, `Refusal`, `Command`, `Decision`) is JSON with a format
version; `schemas/` describes it for others.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

import msgspec

from streams.company import Mention
from streams.fact import Fact
from streams.textprint import Print

LOG_FORMAT = 1
"""Version of the records of the log. A reader refuses a version it does not know (`decode_log_record`)."""


RawPosition = tuple[str, int, int]
"""Topic, partition and offset of a raw record."""


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """Where a raw record stands: topic, partition, offset and its LogAppendTime in milliseconds."""

    topic: str
    partition: int
    offset: int
    timestamp: int


class Raw(msgspec.Struct, frozen=True, kw_only=True):
    """One record of `news.raw`, accepted: headers read, received time settled (contract, section 2)."""

    source: str
    received: datetime
    """The received time: aware, UTC."""
    body: bytes
    content_type: str = ""
    origin: str = ""
    guid: str = ""
    traceparent: str = ""
    attempts: int = 1
    """How often this record has been through prepare (`dead-letters retry` counts up)."""
    too_large: str = ""
    """Set by a feeder that sends a stub in place of an item over the limit: the item's size in bytes."""
    position: Position


class Status(StrEnum):
    """What the wire says this item is."""

    USABLE = "usable"
    CORRECTION = "correction"
    UPDATE = "update"
    ADVISORY = "advisory"
    """A note to editors about another item; brings no text of its own."""
    WITHDRAWN = "withdrawn"
    """Kill, cancel, retraction."""
    TEST = "test"


class Code(msgspec.Struct, frozen=True):
    """A code the wire gives: scheme (`medtop`, `subj`, `N2`, `keyword`…), code, name where the wire writes one."""

    scheme: str
    code: str
    name: str = ""


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """What the wire says of a company, with at most one listing and ISIN an entry (streams/company.py merges)."""

    name: str = ""
    symbol: str = ""
    """Ticker without its exchange: `FCEL`."""
    exchange: str = ""
    """ISO 10383 MIC (`XNAS`), or what the wire wrote where it is no MIC (`Nasdaq`); mapped in enrich."""
    isin: str = ""
    rel: Literal["about", "mentions"] = "about"


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that belongs to the item."""

    href: str
    caption: str = ""
    content_type: str = ""


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """What one wire item says, read by its format and not yet interpreted.

    A time is aware where the wire gives a zone and naive where it does not (`normalise` assigns the source's
    default zone or falls back to the received time). Text is plain, paragraphs separated by one empty line.
    """

    guid: str = ""
    """The provider's id as the wire wrote it, version included."""
    id: str = ""
    """The id without its version, where the format itself separates them; else the source's rule splits `guid`."""
    version: str = ""
    type: Literal["text", "audio", "video", "picture", "graphic", "composite"] = "text"
    status: Status = Status.USABLE
    headline: str = ""
    subheadline: str = ""
    summary: str = ""
    text: str = ""
    html: str = ""
    """The body as the wire's HTML, not yet made safe."""
    boilerplate: str = ""
    first_created: datetime | None = None
    version_created: datetime | None = None
    content_created: datetime | None = None
    embargoed_until: datetime | None = None
    language: str = ""
    """BCP 47."""
    urgency: int | None = None
    ed_note: str = ""
    slugline: str = ""
    byline: str = ""
    dateline: str = ""
    """`WUXI, China, Dec. 10, 2021 /PRNewswire/`: what stood before the `--`."""
    located: str = ""
    copyright_notice: str = ""
    copyright_holder: str = ""
    usage_terms: str = ""
    distributor: str = ""
    """The wire that the content itself names (`PR Newswire`); `normalise` maps it to an entry of the sources."""
    issuer: str = ""
    """Who speaks: `SOURCE Foreign Affairs Office of Wuxi`."""
    url: str = ""
    replaces: tuple[str, ...] = ()
    """Ids or guids of items of the same wire that this one says it replaces."""
    codes: tuple[Code, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    pictures: tuple[Picture, ...] = ()


class Label(msgspec.Struct, frozen=True):
    """A site category, and why: `creator` names the rule, code or model with its version; `matched` the words."""

    category: str
    confidence: int
    creator: str
    matched: tuple[str, ...] = ()


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a log record comes from: a raw record, and which of its `count` items (`index` from 0)."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    index: int
    count: int

    @property
    def raw(self) -> RawPosition:
        """The raw record, which may hold other items too."""
        return self.topic, self.partition, self.offset

    def __str__(self) -> str:
        """`topic/partition/offset/index`: the item's `ce_id` where it has no uri (contract, section 2)."""
        return f"{self.topic}/{self.partition}/{self.offset}/{self.index}"


class Item(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="item"):
    """A prepared item in the log: all that the decision needs, and the finished document that it passes on.

    Times are RFC 3339 UTC text, as they appear in the event.
    """

    format: int = LOG_FORMAT
    origin: Origin
    source: str
    wire_format: str
    received: str
    time_source: Literal["wire", "assumed-zone", "received"]
    id: str
    """The provider's id without its version; empty where the wire gives none."""
    guid: str
    version: str
    version_created: str
    """Empty where the wire gives no time, or one over a day ahead: order then goes by version, then by the log."""
    first_created: str = ""
    """Empty where the wire gives none: the decision then puts the story's own into the document."""
    status: Status
    embargoed_until: str
    text_hash: str
    """SHA-256 of the normalised headline and text, hex (fingerprint.py)."""
    has_body: bool
    headline: str
    symbols: tuple[str, ...]
    """`XNAS:FCEL` or an ISIN, sorted: two items of one text about different companies are two stories."""
    facts: tuple[Fact, ...] = ()
    """What the item states, those of the headline first, each in the order of its place; at most 64."""
    mentions: tuple[Mention, ...] = ()
    """Where the item names companies; at most 64."""
    labels: tuple[Label, ...]
    print: Print = Print()
    replaces: tuple[str, ...] = ()
    quotes: tuple[tuple[str, ...], ...] = ()
    """Headlines that a correction, advisory or retraction quotes, each as words like `print.title`."""
    prepared_with: dict[str, str]
    """Version of each rule set, mapping and table that had a say."""
    traceparent: str = ""
    event: msgspec.Raw
    """The ninjs document without `uri`, `version`, `pubStatus`, `representationType`: the decision puts them first."""


class Refusal(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="refusal"):
    """An item, or a whole raw record, that prepare refused."""

    format: int = LOG_FORMAT
    origin: Origin
    source: str
    wire_format: str
    received: str
    content_type: str
    code: str
    message: str
    stage: str
    attempts: int
    traceparent: str = ""
    body: bytes
    """The original bytes of the raw record (base64 in JSON)."""


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="command"):
    """What people and the clock do, in the same order as everything else. `action` and `detail` stay open."""

    format: int = LOG_FORMAT
    action: str
    uri: str
    at: str
    """When it was issued, RFC 3339 UTC. Advances no clock of the fold."""
    by: str
    why: str = ""
    detail: dict[str, Any] = {}


LogRecord = Item | Refusal | Command


class Fate(StrEnum):
    """The one fate of an item. `repeat` and `none` are of the log, not of items."""

    PUBLISHED = "published"
    REVISED = "revised"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"
    WITHHELD = "withheld"
    REJECTED = "rejected"
    REPEAT = "repeat"
    """The same raw position again: prepare appends at least once."""
    NONE = "none"
    """A command that found nothing to do."""


class Effect(msgspec.Struct, frozen=True):
    """One record to send: topic without prefix (`latest`, `companies.ipos`), key, value (None: tombstone), headers."""

    topic: str
    key: bytes
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One record of `news.decisions`: what became of one record of the log, and from which evidence."""

    format: int = LOG_FORMAT
    log_offset: int
    origin: Origin | None
    """None for a command."""
    action: str = ""
    """The command's action; empty for an item."""
    fate: Fate
    source: str
    uri: str
    version: str
    topics: tuple[str, ...]
    """Where it went, without prefix: `latest` first, the rest sorted."""
    duplicate_of: str = ""
    match_kind: str = ""
    similarity: float | None = None
    error_code: str = ""
    error_message: str = ""
    labels: tuple[Label, ...] = ()
    evidence: dict[str, Any] = {}
    wire_format: str = ""
    """Format, received and raw time for metrics and audits."""
    received: str = ""
