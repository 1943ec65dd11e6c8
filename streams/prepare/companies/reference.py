"""What is known of companies: by ticker, by ISIN, and by name, all names of a text found in one pass."""

from functools import cache, lru_cache
from importlib import resources
from typing import Any

import msgspec
from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from streams.prepare.companies.names import fold_name
from streams.prepare.companies.reference_file import ReferenceTable, listing_key, read_table

_AMERICAN = ("XNYS", "XNAS", "XCBO", "OTCM")
"""Operators among which a ticker is given once: `$TSLA` and `<F>` name no exchange."""


_CACHED = 4096
"""Companies that are kept as read: the news of a day is about fewer."""


class KnownCompany(msgspec.Struct, frozen=True):
    """A company of the table: number, name, listings (MIC, ticker), the first the main one, and ISINs."""

    number: int
    name: str
    listings: tuple[tuple[str, str], ...]
    isins: tuple[str, ...]
    key: str
    """Of the main listing (`table.listing_key`); empty without one."""


class NameHit(msgspec.Struct, frozen=True):
    """A name of the table in a text: place, number of its company, and kind (`table.SURE`, `PROSE`, `WEAK`)."""

    start: int
    end: int
    company: int
    kind: str


class Reference:
    """The table, ready. It crosses to another process as the bytes that it was read from."""

    def __init__(self, data: bytes, name: str) -> None:
        self._data, self._name = data, name
        table = read_table(data, name)
        self.version, self.date = table.version, table.date
        self._companies = table.companies
        self.generic = table.generic
        self._listings, self._isins = _build_indexes(table)
        rows = [row.split("\t") for row in table.names]
        self._owners = [int(row[1]) for row in rows]
        self._kinds = "".join(row[2] for row in rows)
        self._cached = lru_cache(_CACHED)(self._read)
        self._finder = BytesAhoCorasick(
            [f" {row[0]} ".encode() for row in rows],
            matchkind=MatchKind.LeftmostLongest,
            implementation=Implementation.ContiguousNFA,
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return Reference, (self._data, self._name)

    def __len__(self) -> int:
        return len(self._companies)

    def company(self, number: int) -> KnownCompany:
        """The company of that number."""
        return self._cached(number)

    def _read(self, number: int) -> KnownCompany:
        name, listings, isins = self._companies[number].split("\t")
        pairs = tuple(listing.partition(":")[::2] for listing in listings.split())
        return KnownCompany(number, name, pairs, tuple(isins.split()), listing_key(*pairs[0]) if pairs else "")

    def listed(self, symbol: str, exchange: str) -> int | None:
        """Whose ticker it is; without an exchange, or on another American one, by the ticker alone."""
        found = self._listings.get(listing_key(exchange, symbol)) if exchange else None
        if found is None and (not exchange or listing_key(exchange, "").rstrip(":") in _AMERICAN):
            keys = (listing_key(market, symbol) for market in _AMERICAN)
            found = next((self._listings[key] for key in keys if key in self._listings), None)
        return found

    def isin(self, isin: str) -> int | None:
        """Whose ISIN it is."""
        return self._isins.get(isin)

    def names(self, text: str) -> list[NameHit]:
        """The names of the table in a text, whatever their case, of overlapping ones the longest."""
        folded = fold_name(text)
        found = self._finder.find_matches_as_indexes(folded)
        wide = len(folded) != len(text) + 2
        hits = []
        for name, start, end in found:
            if wide:
                start, end = (len(folded[:at].decode()) for at in (start, end))
            hits.append(NameHit(start, end - 2, self._owners[name], self._kinds[name]))
        return hits


def _build_indexes(table: ReferenceTable) -> tuple[dict[str, int], dict[str, int]]:
    listings: dict[str, int] = {}
    isins: dict[str, int] = {}
    for number, row in enumerate(table.companies):
        _, symbols, codes = row.split("\t")
        for symbol in symbols.split():
            listings.setdefault(listing_key(*symbol.split(":", 1)), number)
        for code in codes.split():
            isins.setdefault(code, number)
    return listings, isins


@cache
def load_packaged() -> Reference:
    """The table that comes with the package."""
    return Reference(resources.files("streams.prepare.companies").joinpath("reference.gz").read_bytes(), "reference.gz")
