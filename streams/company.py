"""A company of an item, as the event shows it, and the places that name companies."""

from typing import Literal

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
