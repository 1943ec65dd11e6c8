"""The values in order of travel: Raw -> Story -> Item (or Refusal, or Command) -> Effect and Decision.

All are frozen. What goes through a Kafka topic (`Item`, `Refusal`, `Command`, `Decision`) is JSON with a format
version; `schemas/` describes it for others.

A company of an item, as the event shows it, and the places that name companies.

A fact that a text states, and where (how each kind is written: prepare/facts).

What stands for a text where the text itself is too large: in the log for the decision, and in its state.
"""

from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Literal

import msgspec


class Listing(msgspec.Struct, frozen=True, array_like=True):
    """A ticker, and the MIC of its exchange (ISO 10383; empty where nobody names one)."""

    symbol: str
    exchange: str = ""


class Company(msgspec.Struct, frozen=True, kw_only=True):
    """A company of the item: one, however often wire, issuer line, tickers and text name it."""

    name: str = ""
    listings: tuple[Listing, ...] = ()
    isins: tuple[str, ...] = ()
    rel: Literal["about", "mentions"] = "mentions"
    key: str = ""
    """The main listing of the reference table (`XNAS:FCEL`), the same for every item about the company; else empty."""


class Mention(msgspec.Struct, frozen=True, kw_only=True):
    """A place of the headline or the text that names a company, and how it was found there."""

    field: Literal["headline", "text"]
    start: int
    end: int
    """Characters of the field, `end` behind the last."""
    how: Literal["bracket", "ric", "cashtag", "name"]
    name: str = ""
    """As the text writes it; empty where it gives a ticker alone."""
    symbol: str = ""
    exchange: str = ""
    isin: str = ""
    known: int | None = None
    """The company's number in the reference table."""


FactKind = Literal[
    "amount", "percent", "rate", "per-share", "shares", "quantity", "period", "date", "direction", "person"
]


class Fact(msgspec.Struct, frozen=True, array_like=True):
    """One thing that the headline or the text states, and where: `facts.find` says how each kind is written."""

    kind: FactKind
    value: str
    """Normalised: two ways of writing the same thing are equal (`EUR 12500000`, `-3.5 %`, `2026-Q3`)."""
    field: Literal["headline", "text"]
    start: int
    end: int
    """Characters of the field, `end` behind the last."""


BIN_BITS = 6
"""Of a MinHash with 64 values. Standard error of the likeness at 0.8: 0.05. More cost 4 bytes each in the log and the
state."""


class Print(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What the decision knows of a text in place of the text (prepare/text/fingerprint.py): bounded, about 1 KB."""

    words: int = 0
    """Words of the text, headline not counted."""
    minhash: bytes = b""
    """64 MinHash values of its 3-word shingles, 32 bit little-endian, 0 for none; empty below three words."""
    title: tuple[str, ...] = ()
    """Words of the headline without marks, tickers and prefixes of the wire."""
    tickers: tuple[str, ...] = ()
    """Tickers that the headline marks: `<MEL>`, `(NYSE: MEL)`."""
    opening: bytes = b""
    """CRC-32 of each of the first words of the text, 32 bit little-endian."""
    names: tuple[str, ...] = ()
    """Words with a capital in the first sentences, case-folded."""
    numbers: tuple[str, ...] = ()
    """Figures of headline and text, each once: `1500`, `-2.5`, `3/16`."""
    spelled: tuple[str, ...] = ()
    """Numbers from two to twelve that are written as words."""
    dates: tuple[str, ...] = ()
    """Months, weekdays and quarters that headline and text name: `mar`, `tue`, `q3`."""
    title_numbers: tuple[str, ...] = ()
    """The figures, months, weekdays and quarters of the headline."""
    place: str = ""
    """The city of the dateline, case-folded."""
    directions: tuple[str, ...] = ()
    """What headline and first sentences say goes which way: `+move`, `-deal`, `not`."""
    language: str = ""
    """Primary subtag of the language (BCP 47): `en`; empty where it is not known."""


@lru_cache(8)  # asked for to look for an original, then to be found as one
def plain_figures(figures: tuple[str, ...]) -> frozenset[str]:
    """The figures of a print, years aside, as no language writes them: digits alone, without zeros at either end.

    `1500` and the German `1.500`, read as 1.5, are `15`.
    """
    plain = ("".join(filter(str.isdigit, figure)).strip("0") for figure in figures if not is_year(figure))
    return frozenset(filter(None, plain))


def is_year(figure: str) -> bool:
    """Whether a figure may be a year of these centuries."""
    return len(figure) == 4 and figure.isdigit() and figure[:2] in ("19", "20")


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
    """What the wire says of a company, with at most one listing and ISIN an entry (streams/model/records.py merges)."""

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


class CommandAction(StrEnum):
    """What a command of the log does."""

    RELEASE = "release"
    """Ends an embargo: the embargo timer or the desk."""
    KILL = "kill"
    """Withdraws a story: the desk."""
    RECLASSIFY = "reclassify"
    """Files a story anew after a replay."""
    RETRIED = "retried"
    """Marks a dead letter that was sent to the raw topic again."""
    DISCARDED = "discarded"
    """Marks a dead letter that was put away."""


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
