"""Defines the values that pass through the pipeline, in the order of their travel.

Raw -> Story -> Item (or Refusal, or Command) -> Effect and Decision. All values are immutable. Records of
Kafka topics (`Item`, `Refusal`, `Command`, `Decision`) are JSON with a format version; `schemas/` describes them.
"""

from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Literal, NamedTuple, Self

import msgspec

JsonObject = dict[str, Any]
"""A JSON object whose members no struct declares."""


class RecordRef(NamedTuple):
    """Identifies one Kafka record by topic, partition and offset. Its text is `news.raw/0/17`."""

    topic: str
    partition: int
    offset: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads the text of a reference. Raises ValueError."""
        topic, partition, offset = text.rsplit("/", 2)
        return cls(topic, int(partition), int(offset))

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


class StampedRef(NamedTuple):
    """Identifies a Kafka record and gives the time at which the broker appended it (LogAppendTime, milliseconds)."""

    record: RecordRef
    timestamp: int


class ItemRef(NamedTuple):
    """Identifies one item of a Kafka record, which may hold several. Its text is `news.raw/0/17/0`."""

    record: RecordRef
    item_index: int
    """From 0, in the order of the record."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads the text of a reference. Raises ValueError."""
        record, _, index = text.rpartition("/")
        return cls(RecordRef.parse(record), int(index))

    def __str__(self) -> str:
        return f"{self.record}/{self.item_index}"


class Listing(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A ticker symbol and the MIC of its exchange (ISO 10383; empty where no text names the exchange)."""

    symbol: str
    exchange: str = ""


class Company(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A company that the item is about or mentions. Each company is listed once, however often it is named."""

    name: str = ""
    listings: tuple[Listing, ...] = ()
    isins: tuple[str, ...] = ()
    rel: Literal["about", "mentions"] = "mentions"
    key: str = ""
    """The main listing in the reference table (`XNAS:FCEL`), equal in all items about the company; empty if unknown."""
    uri: str = ""
    """`urn:newswire:company:` and the id in the reference table, or the ISIN; empty if neither is known."""


class Mention(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A part of the headline or the text that names a company, and how it was recognised."""

    field: Literal["headline", "text"]
    start: int
    end: int
    """Characters of the field: the first one, and the one after the last."""
    how: Literal["bracket", "ric", "cashtag", "name"]
    name: str = ""
    """As the text writes it; empty where the text gives only a ticker."""
    symbol: str = ""
    exchange: str = ""
    isin: str = ""
    known: int | None = None
    """The company's number in the reference table."""


FactKind = Literal[
    "amount", "percent", "rate", "per-share", "shares", "quantity", "period", "date", "direction", "person"
]


class Fact(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A fact that the headline or the text states, and where. `prepare/facts` says how each kind is written."""

    kind: FactKind
    value: str
    """Normalised, so that two ways to write one value are equal (`EUR 12500000`, `-3.5 %`, `2026-Q3`)."""
    field: Literal["headline", "text"]
    start: int
    end: int
    """Characters of the field: the first one, and the one after the last."""


BIN_BITS = 6
"""A MinHash has 2 to this power (64) values. The standard error of a similarity of 0.8 is 0.05. One more value costs
4 bytes in the log and in the state."""


class TextFingerprint(msgspec.Struct, frozen=True, gc=False, kw_only=True, array_like=True):
    """Represents a text in the log and in the state, where the text itself is too large: about 1 KB at most.

    prepare/text/fingerprint.py builds it.
    """

    words: int = 0
    """The number of words of the text, without the headline."""
    minhash: bytes = b""
    """64 MinHash values of the 3-word shingles, 32 bit little-endian, 0 for an empty bin; none below three words."""
    title: tuple[str, ...] = ()
    """The words of the headline without punctuation, tickers and prefixes of the wire."""
    tickers: tuple[str, ...] = ()
    """The tickers that the headline marks: `<MEL>`, `(NYSE: MEL)`."""
    opening: bytes = b""
    """CRC-32 of each of the first words of the text, 32 bit little-endian."""
    names: tuple[str, ...] = ()
    """The capitalised words of the first sentences, case-folded."""
    numbers: tuple[str, ...] = ()
    """The figures of headline and text, each once: `1500`, `-2.5`, `3/16`."""
    spelled: tuple[str, ...] = ()
    """Numbers from two to twelve that are written as words."""
    dates: tuple[str, ...] = ()
    """The months, weekdays and quarters in headline and text: `mar`, `tue`, `q3`."""
    title_numbers: tuple[str, ...] = ()
    """The figures, months, weekdays and quarters of the headline."""
    place: str = ""
    """The city of the dateline, case-folded."""
    directions: tuple[str, ...] = ()
    """What rises or falls, happens or does not, in headline and first sentences: `+move`, `-deal`, `not`."""
    language: str = ""
    """The primary language subtag (BCP 47): `en`; empty if unknown."""


@lru_cache(8)  # called for one item twice: to find its original, and to build its index keys
def normalise_figures(figures: tuple[str, ...]) -> frozenset[str]:
    """Reduces figures to a form that is equal in all languages: digits only, without zeros at either end; no years.

    `1500` and the German `1.500`, which is read as 1.5, both become `15`.
    """
    plain = ("".join(filter(str.isdigit, figure)).strip("0") for figure in figures if not is_year(figure))
    return frozenset(filter(None, plain))


def is_year(figure: str) -> bool:
    """Tells whether a figure may be a year of the 20th or 21st century."""
    return len(figure) == 4 and figure.isdigit() and figure[:2] in ("19", "20")


LOG_FORMAT = 2
"""The version of the records of the log that this release writes."""
DESK_FORMAT = 3
"""The version of commands that a release of format 2 would ignore, so that its fold would come to another state."""
READABLE_FORMATS = (1, 2, 3)
"""The versions that this release reads. A reader refuses a version that it does not know (`codec.decode`)."""

Rights = Literal["full", "restricted"]
"""Who may read the text of an item: everybody, or those with a licence. Others see headline and summary."""


TimeSource = Literal["wire", "assumed-zone", "received"]
"""Where `versionCreated` comes from: the wire, the wire without a zone, or the received time."""


class Raw(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One record of `news.raw` with its headers read and its received time decided (schemas/README.md, section 2)."""

    source: str
    received: datetime
    """When the item was received; an aware datetime in UTC."""
    body: bytes
    content_type: str = ""
    origin: str = ""
    guid: str = ""
    traceparent: str = ""
    attempts: int = 1
    """How often prepare has read this record, this time included (`dead-letters retry` counts up)."""
    shared_id: str = ""
    """`guid` or `guid,link` where a feeder saw that the feed gives the id (and link) to several items; else empty."""
    too_large: str = ""
    """The size in bytes of an item over the limit, for which a feeder sends a stub; else empty."""
    position: StampedRef


class Status(StrEnum):
    """The status that the wire gives an item."""

    USABLE = "usable"
    CORRECTION = "correction"
    UPDATE = "update"
    ADVISORY = "advisory"
    """A note to editors about another item; it has no text of its own."""
    WITHDRAWN = "withdrawn"
    """Kill, cancel, retraction."""
    HOLD = "hold"
    """Not to be published until the wire or the desk releases it. In the log it is `withdrawn`, with a hold."""
    TEST = "test"


class Code(msgspec.Struct, frozen=True, gc=False):
    """A subject code that the wire gives: scheme (`medtop`, `subj`, `N2`, `keyword`…), code, and name if it has one."""

    scheme: str
    code: str
    name: str = ""


class Organisation(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An organisation that the wire names, with at most one listing and one ISIN an entry.

    prepare/companies/resolve.py merges the entries of one company.
    """

    name: str = ""
    symbol: str = ""
    """The ticker without its exchange: `FCEL`."""
    exchange: str = ""
    """An ISO 10383 MIC (`XNAS`), or the name that the wire writes (`Nasdaq`), which prepare/companies maps to a MIC."""
    isin: str = ""
    rel: Literal["about", "mentions"] = "about"


class Picture(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A picture that belongs to the item."""

    href: str
    caption: str = ""
    content_type: str = ""


class Story(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The content of one wire item as its format module read it, before anything is interpreted.

    A time is aware if the wire gives a zone, else naive; `normalise` then assigns the default zone of the source or
    uses the received time. Text is plain; one empty line separates paragraphs.
    """

    guid: str = ""
    """The provider's id as the wire writes it, version included."""
    id: str = ""
    """The id without its version, if the format separates them; else the rule of the source splits `guid`."""
    version: str = ""
    type: Literal["text", "audio", "video", "picture", "graphic", "composite"] = "text"
    status: Status = Status.USABLE
    headline: str = ""
    subheadline: str = ""
    summary: str = ""
    text: str = ""
    html: str = ""
    """The HTML body of the wire, not yet sanitised."""
    boilerplate: str = ""
    whole_text: str = ""
    """The text before a format module separated dateline and boilerplate; empty where `text` is whole."""
    first_created: datetime | None = None
    version_created: datetime | None = None
    content_created: datetime | None = None
    embargoed_until: datetime | None = None
    rights_end: datetime | None = None
    """When the rights to use the text end (`expires`)."""
    language: str = ""
    """BCP 47."""
    urgency: int | None = None
    ed_note: str = ""
    slugline: str = ""
    byline: str = ""
    dateline: str = ""
    """`WUXI, China, Dec. 10, 2021 /PRNewswire/`: the text before the `--`."""
    located: str = ""
    copyright_notice: str = ""
    copyright_holder: str = ""
    usage_terms: str = ""
    distributor: str = ""
    """The wire that the content names (`PR Newswire`); `normalise` maps it to a source."""
    wire: str = ""
    """The wire that the copy itself names, by its dateline or its last lines. An agency may carry its release."""
    issuer: str = ""
    """The organisation that issues the release: `SOURCE Foreign Affairs Office of Wuxi`."""
    url: str = ""
    replaces: tuple[str, ...] = ()
    """Ids or guids of the items of the same wire that this item replaces."""
    codes: tuple[Code, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    pictures: tuple[Picture, ...] = ()


class Label(msgspec.Struct, frozen=True, gc=False):
    """A site category with its reason: `creator` is the rule, code or model and its version, `matched` the words."""

    category: str
    confidence: int
    creator: str
    matched: tuple[str, ...] = ()


class Origin(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The origin of a log record: raw record, its LogAppendTime (ms) and the item in it (`index` from 0 of `count`)."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    index: int
    count: int

    @property
    def record_ref(self) -> RecordRef:
        """The raw record, which may hold other items too."""
        return RecordRef(self.topic, self.partition, self.offset)

    @property
    def item_ref(self) -> ItemRef:
        """The item in its raw record."""
        return ItemRef(self.record_ref, self.index)

    def __str__(self) -> str:
        """The text of `item_ref`: the `ce_id` of an item that has no uri (schemas/README.md, section 2)."""
        return f"{self.topic}/{self.partition}/{self.offset}/{self.index}"


class Item(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag_field="kind", tag="item"):
    """A prepared item in the log: what decide needs to know, and the document that it passes on.

    Times are RFC 3339 UTC text, as in the event.
    """

    format: int = LOG_FORMAT
    origin: Origin
    source: str
    wire_format: str
    received: str
    time_source: TimeSource
    id: str
    """The provider's id without its version; empty if the wire gives none."""
    guid: str
    version: str
    version_created: str
    """Empty if the wire gives no time, or one over a day ahead: then version decides the order, and then the log."""
    first_created: str = ""
    """Empty if the wire gives none: then decide puts the `firstCreated` of the story into the document."""
    status: Status
    embargoed_until: str
    text_hash: str
    """SHA-256 (hex) of the normalised headline and text (prepare/text/text_hash.py). In format 1, of version 1."""
    old_text_hash: str = ""
    """The hash of version 1, over the text without dateline and boilerplate; items of format 1 do not have it.

    The state of an earlier release has it, and it finds the same release of another wire at once. It moves with the
    lists of boilerplate, so no id is made of it.
    """
    has_body: bool
    headline: str
    symbols: tuple[str, ...]
    """`XNAS:FCEL` or an ISIN, sorted. Two items with one text about different companies are two stories."""
    facts: tuple[Fact, ...] = ()
    """The facts that the item states: first those of the headline, in the order of the text; at most 64."""
    mentions: tuple[Mention, ...] = ()
    """The parts of the item that name companies; at most 64."""
    labels: tuple[Label, ...]
    fingerprint: TextFingerprint = msgspec.field(name="print", default=TextFingerprint())
    replaces: tuple[str, ...] = ()
    quotes: tuple[tuple[str, ...], ...] = ()
    """Headlines that a correction, advisory or retraction quotes, each as words like `fingerprint.title`.

    A usable item has one where it may be a kill: it is one if a story of its wire has that headline.
    """
    prepared_with: dict[str, str]
    """The version of each rule set, mapping and table that was used."""
    rights: Rights = "restricted"
    """What the table of sources says of its source. Items of format 1 do not say it."""
    rights_end: str = ""
    """When the rights to use its text end: the earlier of what the wire and the table of sources say; else empty."""
    traceparent: str = ""
    event: msgspec.Raw
    """The ninjs document without `uri`, `version`, `pubStatus`, `representationType`, which decide puts first."""


class Refusal(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag_field="kind", tag="refusal"):
    """An item, or a whole raw record, that prepare refuses."""

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
    """The actions that a command of the log may have."""

    RELEASE = "release"
    """Ends an embargo. Sent by the embargo timer or by an editor."""
    KILL = "kill"
    """Withdraws a story. Sent by an editor."""
    EXPIRE = "expire"
    """Withdraws a story whose usage rights have ended. Sent by the embargo timer."""
    RECLASSIFY = "reclassify"
    """Publishes a story again with the categories and companies that a replay found."""
    RETRIED = "retried"
    """Marks a dead letter as sent to the raw topic again."""
    DISCARDED = "discarded"
    """Marks a dead letter as discarded."""
    CLEAR = "clear"
    """Removes stories from topics where a release before format 2 let them stand. Sent by the upgrade of a state."""
    REFILE = "refile"
    """Files a story under categories, or no longer. Sent by an editor, as are all that follow."""
    RETITLE = "retitle"
    """Gives a story another headline."""
    NOTE = "note"
    """Gives a story a note to editors."""
    COMPANY = "company"
    """Adds companies to a story, or removes some."""
    SPLIT = "split"
    """Makes a story of an item that was suppressed as a copy of another story, or was taken as its revision."""
    RESTORE = "restore"
    """Shows a former text of a story again, because what revised it is a story of its own. Comes with a `split`."""
    JOIN = "join"
    """Joins a story into another one."""
    UNDO = "undo"
    """Takes another command of an editor back."""


PINNING = (CommandAction.REFILE, CommandAction.RETITLE, CommandAction.NOTE, CommandAction.COMPANY)
"""Actions that set something on a story, for later versions too."""
DESK_CHANGES = (*PINNING, CommandAction.SPLIT, CommandAction.RESTORE, CommandAction.JOIN, CommandAction.UNDO)
"""Actions of `DESK_FORMAT`."""
DEAD_LETTER_ACTIONS = (CommandAction.RETRIED, CommandAction.DISCARDED)
"""Actions on a dead letter, whose id stands in the place of a uri. They are noted in the topic of dead letters."""


class Command(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag_field="kind", tag="command"):
    """An action of a person, of the embargo timer or of an upgrade, in the same order as all items.

    `action` is one of `CommandAction`; a reader ignores one that it does not know. `detail` depends on the action
    (command_details.py).
    """

    format: int = LOG_FORMAT
    """`DESK_FORMAT` for an action of an editor that a release before that format would ignore."""
    id: str = ""
    """Names a command of an editor, so that `undo` can mean it; empty for others."""
    action: str
    uri: str
    at: str
    """When the command was issued, RFC 3339 UTC. This time does not move the clock of the fold."""
    by: str
    why: str = ""
    detail: JsonObject = {}


LogRecord = Item | Refusal | Command


class PubStatus(StrEnum):
    """The `pubStatus` of a ninjs document."""

    USABLE = "usable"
    WITHHELD = "withheld"
    CANCELED = "canceled"


class MatchKind(StrEnum):
    """Why an item is a duplicate: `match-kind` in the headers of its output record."""

    SAME_VERSION = "same-version"
    """The story has this version already."""
    SUPERSEDED = "superseded"
    """The story has a newer version."""
    SAME_TEXT = "same-text"
    """Another item has the same text."""
    NEAR = "near"
    """Another item has nearly the same text."""


class Outcome(StrEnum):
    """What decide made of a record of the log; `fate` in JSON. Each item gets exactly one.

    `repeat` and `none` are outcomes of log records, not of items.
    """

    PUBLISHED = "published"
    REVISED = "revised"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"
    WITHHELD = "withheld"
    REJECTED = "rejected"
    REPEAT = "repeat"
    """The log has this item of this raw record twice: prepare appends at least once."""
    NONE = "none"
    """A command that made no version of a story."""


class Effect(msgspec.Struct, frozen=True, gc=False):
    """A record to send: topic without prefix (`latest`, `companies.ipos`), key, value (None: tombstone) and headers."""

    topic: str
    key: bytes
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


class Decision(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A record of `news.decisions`: the outcome of one record of the log, and the evidence for it."""

    format: int = LOG_FORMAT
    log_offset: int
    origin: Origin | None
    """None for a command."""
    action: str = ""
    """The action of a command; empty for an item."""
    outcome: Outcome = msgspec.field(name="fate")
    source: str
    uri: str
    version: str
    topics: tuple[str, ...]
    """The topics of its output records, without prefix: `latest` first, the rest sorted."""
    left: tuple[str, ...] = ()
    """The topics that the story left, which get a tombstone each; sorted."""
    duplicate_of: str = ""
    match_kind: str = ""
    similarity: float | None = None
    error_code: str = ""
    error_message: str = ""
    labels: tuple[Label, ...] = ()
    evidence: JsonObject = {}
    wire_format: str = ""
    received: str = ""


class WithdrawnStory(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One of the stories that a command withdrew, brought back, or cleared from topics: `evidence.stories`."""

    uri: str
    version: str
    left: tuple[str, ...]
    topics: tuple[str, ...] = ()
    """Where they are others than those of the decision."""


def split_by_story(decision: Decision) -> list[Decision]:
    """Splits the decision on a command about several stories into one of each, in the order of their records."""
    rows = decision.evidence.get("stories")
    if rows is None or decision.origin is not None:
        return [decision]
    return [
        msgspec.structs.replace(
            decision,
            uri=story.uri,
            version=story.version,
            left=story.left,
            topics=story.topics or decision.topics,
        )
        for story in msgspec.convert(rows, list[WithdrawnStory])
    ]
