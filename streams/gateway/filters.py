"""Filters the rows of a ticker by category, company, sector, language, source and words. All conditions must hold.

A filter and an item are compared by labels, such as `ticker:FCEL` and `about:cik-886128`. The history keeps the same
labels, so a stream and a search agree.
"""

from collections.abc import Sequence
from difflib import get_close_matches
from urllib.parse import unquote

import msgspec

from streams.gateway.search_text import Search, join_words, parse_search
from streams.gateway.ticker_row import (
    COMPANY_URN,
    MAX_HEADLINE,
    ItemOrganisation,
    RowStatus,
    ShownFields,
    TickerRow,
    Tombstone,
    build_ticker_row,
    list_listings,
    parse_shown_fields,
    shorten,
)
from streams.model.headers import SOURCE_URN, KafkaHeaders, headers_as_text
from streams.model.printable import make_printable
from streams.model.sources import Sources
from streams.model.topics import CATEGORIES, LATEST

MAX_VALUES = 50
"""How many values one condition may name."""
MAX_SUMMARY, MAX_NAME = 300, 200
"""How many characters of a summary and of a name are searched: what anyone may see of a restricted item."""


DATED_EVENT = "event:dated"
"""The label of an item that announces an event with its day."""


class NamedCompany(msgspec.Struct, frozen=True):
    """A company as an item names it."""

    id: str
    """Such as `cik-886128`."""
    name: str
    symbols: tuple[str, ...]
    """Tickers with their exchanges: `XNAS:FCEL`."""


class TickerItem(msgspec.Struct, frozen=True):
    """A row of the ticker, with what filters, the stream and the history need of it."""

    row: TickerRow
    categories: frozenset[str]
    """The categories of the row, the categories above them, and `latest`."""
    data: bytes
    """The row as JSON."""
    is_open: bool
    """Whether anyone may read the text: the header `rights` says so, or where there is none, the table of sources."""
    labels: frozenset[str] = frozenset()
    """What the other conditions look for: `ticker:FCEL`, `ticker:XNAS:FCEL`, `company:cik-886128`, `language:en`.

    Each ticker and company that the item is about has a second label: `about-ticker:FCEL`, `about:cik-886128`.
    """
    words: str = ""
    """The words of what anyone may see: headlines, summary, names and tickers of the companies it is about."""
    companies: tuple[NamedCompany, ...] = ()
    """The companies that have an id."""


class Filter(msgspec.Struct, frozen=True):
    """The conditions of a client; an empty field matches every row."""

    categories: frozenset[str] = frozenset()
    labels: tuple[frozenset[str], ...] = ()
    """A row must have a label of each set."""
    search: Search | None = None

    def matches(self, item: TickerItem) -> bool:
        """Whether a row meets all conditions."""
        return (
            (not self.categories or not self.categories.isdisjoint(item.categories))
            and (not self.labels or not any(map(item.labels.isdisjoint, self.labels)))
            and (self.search is None or self.search.matches(item.words))
        )


def parse_ticker_item(value: bytes, headers: KafkaHeaders, sources: Sources) -> TickerItem:
    """Parses a record of a public topic. Raises ValueError where it is no enriched item."""
    item, named = parse_shown_fields(value), headers_as_text(headers)
    row = build_ticker_row(item, named, sources)
    above = {category.partition(".")[0] for category in row.categories}
    source = sources.get(unquote(named.get("ce_source", "").removeprefix(SOURCE_URN)))
    return TickerItem(
        row,
        frozenset({LATEST, *row.categories, *above}),
        msgspec.json.encode(row),
        named["rights"] == "full" if "rights" in named else source.full_text,
        frozenset(_list_labels(item, row)),
        _build_words(item, row),
        list_companies(item),
    )


def list_companies(item: ShownFields) -> tuple[NamedCompany, ...]:
    """Lists the companies of an item that have an id."""
    return tuple(
        NamedCompany(
            make_printable(each.uri.removeprefix(COMPANY_URN)),
            shorten(make_printable(each.name), MAX_NAME),
            list_listings([each]),
        )
        for each in item.organisations
        if each.uri.startswith(COMPANY_URN)
    )


def with_status(item: TickerItem, status: RowStatus) -> TickerItem:
    """Returns the item with another status of its row."""
    row = msgspec.structs.replace(item.row, status=status)
    return msgspec.structs.replace(item, row=row, data=msgspec.json.encode(row))


def build_withdrawn_item(tombstone: Tombstone) -> TickerItem:
    """Builds the item that removes a story, as the tombstone of its withdrawal says."""
    row = tombstone.as_row()
    return TickerItem(row, frozenset(), msgspec.json.encode(row), is_open=False)


def build_filter(
    table: Sources,
    *,
    categories: Sequence[str] = (),
    tickers: Sequence[str] = (),
    languages: Sequence[str] = (),
    sources: Sequence[str] = (),
    companies: Sequence[str] = (),
    sectors: Sequence[str] = (),
    about: bool | None = None,
    words: str = "",
) -> Filter:
    """Builds the filter of a request. Raises ValueError for a category that does not exist, and for empty words.

    A source may be given by its id or its display code. Every row is in `latest`. `about`: whether passing mentions of
    a company do not count; by default they do not for `companies`, and do for `tickers`.
    """
    for category in categories:
        if category != LATEST and category not in CATEGORIES:
            near = [name for name in CATEGORIES if name.endswith(f".{category}")]
            near = near or get_close_matches(category, CATEGORIES, n=1) or [LATEST, *CATEGORIES]
            raise ValueError(f"there is no category {category[:60]!r}: try {', '.join(near)}")
    given = {
        "about-ticker" if about else "ticker": [each.strip().upper() for each in tickers],
        "company" if about is False else "about": [each.removeprefix(COMPANY_URN) for each in companies],
        "sector": [each.lower().removeprefix("medtop:") for each in sectors],
        "language": [each.lower() for each in languages],
        "source": [(table.get(each).code if each in table.table else each).upper() for each in sources],
    }
    labels = (frozenset(f"{kind}:{each}" for each in values) for kind, values in given.items() if values)
    if max(map(len, (categories, *given.values()))) > MAX_VALUES:
        raise ValueError(f"a parameter has more than {MAX_VALUES} values: give fewer")
    return Filter(frozenset(categories), tuple(labels), parse_search(words) if words.strip() else None)


def _list_labels(item: ShownFields, row: TickerRow) -> list[str]:
    labels = [f"source:{row.source.upper()}", *(f"language:{each}" for each in _language_ranges(row.language))]
    for each in item.organisations:
        tickers = {part for listing in list_listings([each]) for part in _ticker_spellings(listing.upper())}
        labels += [f"ticker:{ticker}" for ticker in tickers]
        company = make_printable(each.uri.removeprefix(COMPANY_URN)) if each.uri.startswith(COMPANY_URN) else ""
        labels += [f"company:{company}"] if company else []
        if each.rel == "about":
            labels += [f"about-ticker:{ticker}" for ticker in tickers]
            labels += [f"about:{company}"] if company else []
    labels += [DATED_EVENT] if any(":" in event.literal for event in item.events) else []
    for subject in item.subjects:
        if subject.rel == "sector":
            names = (subject.literal.removeprefix("medtop:"), subject.name)
            labels += [f"sector:{shorten(make_printable(name).lower(), MAX_NAME)}" for name in names if name]
    return labels


def _build_words(item: ShownFields, row: TickerRow) -> str:
    main = next((shorten(each.value, MAX_HEADLINE) for each in item.headlines if each.role == "main"), "")
    summaries = (shorten(each.value, MAX_SUMMARY) for each in item.descriptions if each.role == "summary")
    subjects: list[ItemOrganisation] = [each for each in item.organisations if each.rel == "about"]
    names = (shorten(each.name, MAX_NAME) for each in subjects)
    symbols = dict.fromkeys(listing.rpartition(":")[2] for listing in list_listings(subjects))
    return join_words(dict.fromkeys([row.headline, main, *summaries, *names, *symbols]))


def _ticker_spellings(listing: str) -> tuple[str, str]:
    return listing, listing.rpartition(":")[2]


def _language_ranges(language: str) -> list[str]:
    parts = language.lower().split("-")
    return ["-".join(parts[:count]) for count in range(1, len(parts) + 1)]
