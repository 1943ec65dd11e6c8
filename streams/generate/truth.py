"""A generated item, and its truth: the result that the pipeline should find for it."""

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
"""`release`: the first item with the text of a story, from any sender. `copy`: the story again, by the same wire or
another. `full-text`: the text after a title-only `alert`. `version`: a new version, or an older one that comes late,
under the same id. `correction`, `advisory`: under an id of their own. `look-alike`: a notice from a shared template."""

ExpectedOutcome = Literal["published", "revised", "withdrawn", "duplicate", "withheld", "rejected"]

Needs = Literal["", "near", "corrections"]
"""What the pipeline must recognise for this outcome, beyond ids and equal texts: near-copies (`near`), or references to
other items (`corrections`: corrections, advisories and kills under an id of their own). The later of the two."""


class InventedCompany(msgspec.Struct, frozen=True, omit_defaults=True):
    """An invented company: name, ticker, MIC of its exchange, and an ISIN with a valid check digit."""

    name: str
    symbol: str = ""
    exchange: str = ""
    isin: str = ""


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """The truth of an item, a JSON line of `truth.jsonl`.

    Outcomes are right if the items are decided in the order of the stream. With several raw partitions and a high
    rate, another wire's copy may be decided first, and then opens the story.
    """

    number: int
    """Number in the stream, from 0."""
    story: str
    """Id of the story, equal for all its items. A refused item has an id of its own."""
    kind: ItemKind
    outcome: ExpectedOutcome
    error: str = ""
    """The error code (`streams.model.errors`) of a rejected item."""
    version: int = 0
    """The version of its story that the item becomes, from 1; 0 if it is not published."""
    needs: Needs = ""
    categories: tuple[str, ...] = ()
    """Category ids without `latest`, sorted."""
    companies: tuple[InventedCompany, ...] = ()
    facts: dict[str, str] = {}
    """Facts as the text writes them: `amount`, `percent`, `period`, `date`, `person`, `counterparty`… The text of a
    truncated copy may lack some."""
    language: str = ""


class GeneratedItem(msgspec.Struct, frozen=True):
    """A raw record: the headers of `news.raw` (schemas/README.md, section 2), the wire's bytes, and the truth."""

    headers: dict[str, str]
    body: bytes
    truth: Truth
