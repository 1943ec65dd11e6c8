"""Filters the rows of a ticker by category, ticker, language and source. All conditions that are given must hold."""

from collections.abc import Sequence
from difflib import get_close_matches
from urllib.parse import unquote

import msgspec

from streams.gateway.ticker_row import (
    RowStatus,
    TickerRow,
    Tombstone,
    build_ticker_row,
    list_listings,
    parse_shown_fields,
)
from streams.model.headers import SOURCE_URN, KafkaHeaders, headers_as_text
from streams.model.sources import Sources
from streams.model.topics import CATEGORIES, LATEST


class TickerItem(msgspec.Struct, frozen=True):
    """A row of the ticker, with what filters and the stream need of it."""

    row: TickerRow
    listings: frozenset[str]
    """Its tickers in upper case, each with and without its exchange: `FCEL`, `XNAS:FCEL`."""
    categories: frozenset[str]
    """The categories of the row, the categories above them, and `latest`."""
    data: bytes
    """The row as JSON."""
    is_open: bool
    """Whether anyone may read the text: the header `rights` says so, or where there is none, the table of sources."""


class Filter(msgspec.Struct, frozen=True):
    """The conditions of a client; an empty field matches every row."""

    categories: frozenset[str] = frozenset()
    ticker: str = ""
    languages: frozenset[str] = frozenset()
    """BCP 47 ranges in lower case; `en` matches `en-GB` (RFC 4647, basic filtering)."""
    sources: frozenset[str] = frozenset()
    """Display codes in upper case."""

    def matches(self, item: TickerItem) -> bool:
        """Whether a row meets all conditions."""
        return (
            (not self.categories or not self.categories.isdisjoint(item.categories))
            and (not self.ticker or self.ticker in item.listings)
            and (not self.sources or item.row.source.upper() in self.sources)
            and (not self.languages or not self.languages.isdisjoint(_language_ranges(item.row.language)))
        )


def parse_ticker_item(value: bytes, headers: KafkaHeaders, sources: Sources) -> TickerItem:
    """Parses a record of a public topic. Raises ValueError where it is no enriched item."""
    item, named = parse_shown_fields(value), headers_as_text(headers)
    row = build_ticker_row(item, named, sources)
    tickers = {listing.upper() for listing in list_listings(item)}
    above = {category.partition(".")[0] for category in row.categories}
    source = sources.get(unquote(named.get("ce_source", "").removeprefix(SOURCE_URN)))
    return TickerItem(
        row,
        frozenset(tickers | {ticker.rpartition(":")[2] for ticker in tickers}),
        frozenset({LATEST, *row.categories, *above}),
        msgspec.json.encode(row),
        named["rights"] == "full" if "rights" in named else source.full_text,
    )


def with_status(item: TickerItem, status: RowStatus) -> TickerItem:
    """Returns the item with another status of its row."""
    row = msgspec.structs.replace(item.row, status=status)
    return msgspec.structs.replace(item, row=row, data=msgspec.json.encode(row))


def build_withdrawn_item(tombstone: Tombstone) -> TickerItem:
    """Builds the item that removes a story, as the tombstone of its withdrawal says."""
    row = tombstone.as_row()
    return TickerItem(row, frozenset(), frozenset(), msgspec.json.encode(row), is_open=False)


def build_filter(
    categories: Sequence[str], ticker: str, languages: Sequence[str], sources: Sequence[str], table: Sources
) -> Filter:
    """Builds the filter of a request. Raises ValueError for a category that does not exist.

    A source may be given by its id or its display code. Every row is in `latest`.
    """
    for category in categories:
        if category != LATEST and category not in CATEGORIES:
            near = [name for name in CATEGORIES if name.endswith(f".{category}")]
            near = near or get_close_matches(category, CATEGORIES, n=1) or [LATEST, *CATEGORIES]
            raise ValueError(f"there is no category {category[:60]!r}: try {', '.join(near)}")
    return Filter(
        frozenset(categories),
        ticker.strip().upper(),
        frozenset(language.lower() for language in languages),
        frozenset((table.get(source).code if source in table.table else source).upper() for source in sources),
    )


def _language_ranges(language: str) -> list[str]:
    parts = language.lower().split("-")
    return ["-".join(parts[:count]) for count in range(1, len(parts) + 1)]
