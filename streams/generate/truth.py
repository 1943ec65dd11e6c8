"""What is known of a generated item: the answer that the pipeline should find, and the item itself."""

from typing import Literal

import msgspec

ItemKind = Literal[
    "release",
    "copy",
    "alert",
    "full-text",
    "version",
    "correction",
    "advisory",
    "kill",
    "embargo",
    "look-alike",
    "broken",
    "hostile",
    "test",
]
"""`release`: the first item with the text of a story, whoever sends it. `copy`: the story again, by the same wire or
another. `full-text`: after a title-only `alert`. `version`: a new, or late older, version under the same id.
`correction`, `advisory`: under an id of their own. `look-alike`: a notice from a template that others share."""

ExpectedOutcome = Literal["published", "revised", "withdrawn", "duplicate", "withheld", "rejected"]

Needs = Literal["", "near", "corrections"]
"""The last of what the outcome needs beyond ids and equal texts, in this order: near-copies, links by reference
(corrections, advisories and kills under an id of their own)."""


class InventedCompany(msgspec.Struct, frozen=True, omit_defaults=True):
    """An invented company: its ticker, the MIC of its exchange and an ISIN with a right check digit."""

    name: str
    symbol: str = ""
    exchange: str = ""
    isin: str = ""


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """The truth beside an item, as JSON in `truth.jsonl`.

    Outcomes hold in the order of the stream. Sent to several raw partitions faster than lifelike, another wire's copy
    may be first at the log, and is then what opens the story.
    """

    number: int
    """Place in the stream, from 0."""
    story: str
    """The same for all items of a story; of a refused item its own."""
    kind: ItemKind
    outcome: ExpectedOutcome
    error: str = ""
    """The error code (`streams.model.errors`) of a rejected item."""
    version: int = 0
    """Which version of its story an item becomes, from 1; 0 where it is not shown."""
    needs: Needs = ""
    categories: tuple[str, ...] = ()
    """Category ids without `latest`, sorted."""
    companies: tuple[InventedCompany, ...] = ()
    facts: dict[str, str] = {}
    """As the text writes them: `amount`, `percent`, `period`, `date`, `person`, `counterparty`… A truncated copy may
    lack some."""
    language: str = ""


class GeneratedItem(msgspec.Struct, frozen=True):
    """A raw record: headers as for `news.raw` (contract, section 2), the wire's bytes, and the truth."""

    headers: dict[str, str]
    body: bytes
    truth: Truth
