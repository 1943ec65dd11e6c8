"""Looks up companies in the reference table: by ticker, by ISIN, and all names of a text in one pass."""

import re
from functools import cache, lru_cache
from importlib import resources

import msgspec
from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from streams.prepare.companies.names import fold_name, split_legal_form
from streams.prepare.companies.reference_file import WEAK, WIDE, ReferenceTable, listing_key, read_table

_AMERICAN = ("XNYS", "XNAS", "XCBO", "OTCM")
"""Operators of American markets. They share tickers, so `$TSLA` and `<F>` are unique without an exchange."""

_BLANK_CLASS = frozenset({"XSTO", "XHEL", "XCSE", "XOSL"})
"""Exchanges that write a blank before the class of a share: `VOLV B`."""
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_JAPANESE_WORD = re.compile("[\u30a1-\u30fa\u30fc\u3400-\u9fff]")
"""Katakana and kanji, of which the names of companies are made; particles are hiragana."""
_CACHED = 4096
"""Parsed companies kept in memory. The news of a day is about fewer."""


class KnownCompany(msgspec.Struct, frozen=True):
    """A company of the reference table. The first listing (MIC, ticker) is the main one."""

    number: int
    name: str
    listings: tuple[tuple[str, str], ...]
    isins: tuple[str, ...]
    form: str
    """The last word of its legal form; empty if its name has none."""
    id: str
    """Its id in the table, which stays the same when the table grows; empty if the table gives none."""
    key: str
    """The `listing_key` of the main listing; empty if there is no listing."""


class NameHit(msgspec.Struct, frozen=True):
    """A name of the reference table found in a text: its place, the number of its company and its kind.

    The kinds are `SURE`, `PROSE`, `ACRONYM`, `WORD` and `WEAK` of reference_file.py.
    """

    start: int
    end: int
    company: int
    kind: str
    form: str = ""
    """The last word of the company's legal form, for a name of kind `WEAK`."""


class Reference:
    """The reference table in memory. It is pickled as the bytes of its file."""

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
        # A name in Chinese characters or kana stands anywhere, as these scripts have no blanks.
        self._finder = BytesAhoCorasick(
            [(row[0] if row[2] == WIDE else f" {row[0]} ").encode() for row in rows],
            matchkind=MatchKind.LeftmostLongest,
            implementation=Implementation.ContiguousNFA,
        )

    def __reduce__(self) -> tuple[type["Reference"], tuple[bytes, str]]:
        return Reference, (self._data, self._name)

    def __len__(self) -> int:
        return len(self._companies)

    def company(self, number: int) -> KnownCompany:
        """Returns the company with this number."""
        return self._cached(number)

    def _read(self, number: int) -> KnownCompany:
        name, listings, isins, *more = self._companies[number].split("\t")
        pairs = tuple(
            (market, symbol.replace("-", " ") if market in _BLANK_CLASS else symbol)
            for market, symbol in (listing.split(":", 1) for listing in listings.split())
        )
        form = split_legal_form(name)[1].replace(",", " ").split()
        return KnownCompany(
            number,
            name,
            pairs,
            tuple(isins.split()),
            form[-1] if form else "",
            more[0] if more else "",
            listing_key(*pairs[0]) if pairs else "",
        )

    def find_by_ticker(self, symbol: str, exchange: str) -> int | None:
        """Returns the number of the company with this ticker; None if there is none.

        Without an exchange, or for an American exchange, a ticker of any American exchange is accepted.
        """
        found = self._listings.get(listing_key(exchange, symbol)) if exchange else None
        if found is None and (not exchange or listing_key(exchange, "").rstrip(":") in _AMERICAN):
            keys = (listing_key(market, symbol) for market in _AMERICAN)
            found = next((self._listings[key] for key in keys if key in self._listings), None)
        return found

    def find_by_isin(self, isin: str) -> int | None:
        """Returns the number of the company with this ISIN; None if there is none."""
        return self._isins.get(isin)

    def find_names(self, text: str) -> list[NameHit]:
        """Finds the names of the table in a text, in any case. Of overlapping names the longest is returned."""
        folded = fold_name(text)
        found = self._finder.find_matches_as_indexes(folded)
        wide = len(folded) != len(text) + 2
        hits = []
        read = characters = 0
        for name, start, end in found:
            if wide:  # places count in bytes
                characters += len(folded[read:start].decode())
                read, start, end = start, characters, characters + len(folded[start:end].decode())
            kind, company = self._kinds[name], self._owners[name]
            if kind == WIDE:
                start, end = start - 1, end + 1  # no blanks around it were matched
                if not _ends_wide(text, start, end - 2):
                    continue
            hits.append(NameHit(start, end - 2, company, kind, self.company(company).form if kind == WEAK else ""))
        return hits


def _ends_wide(text: str, start: int, end: int) -> bool:
    """Whether a name in Chinese characters or kana is whole: in Japanese, no part of a longer one."""
    if not _KANA.search(text):
        return True
    return not (_JAPANESE_WORD.match(text[end : end + 1]) or _JAPANESE_WORD.match(text[max(0, start - 1) : start]))


@cache
def load_packaged() -> Reference:
    """Loads the table that comes with the package, once for each process."""
    return Reference(resources.files("streams.prepare.companies").joinpath("reference.gz").read_bytes(), "reference.gz")


def _build_indexes(table: ReferenceTable) -> tuple[dict[str, int], dict[str, int]]:
    listings: dict[str, int] = {}
    isins: dict[str, int] = {}
    for number, row in enumerate(table.companies):
        _, symbols, codes, *_ = row.split("\t")
        for symbol in symbols.split():
            listings.setdefault(listing_key(*symbol.split(":", 1)), number)
        for code in codes.split():
            isins.setdefault(code, number)
    return listings, isins
