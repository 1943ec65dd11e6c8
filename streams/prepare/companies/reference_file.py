"""Builds and reads the file of the reference table of companies.

The file is gzip of UTF-8 lines; fields are separated by tabs:

1. `newswire-reference 2`, date, number of companies, number of names;
2. the words that many companies have in their names;
3. one line for each company: name, listings (`XNAS:FCEL`), ISINs, id (`cik-886128`, an ISIN, `de-name`);
4. one line for each name, sorted: folded name, number of its company, kind.
"""

import gzip
import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from datetime import date

import msgspec

from streams.prepare.companies.identifiers import find_mic, find_operating_mic, is_valid_isin
from streams.prepare.companies.names import list_variants

FORMAT = "newswire-reference 2"
_BEFORE = "newswire-reference 1"
"""The format of the release before: without ids."""
SURE, PROSE, ACRONYM, WORD, WEAK, WIDE = "s", "p", "a", "o", "w", "e"
"""Kinds of names:

- `SURE`: means nothing but the company.
- `PROSE`: ordinary words; a name if prose writes them with capitals.
- `ACRONYM`: two to four letters; a name if only they are capitals.
- `WORD`: an ordinary word that people call the company by; a name if prose has no other reason for its capital.
- `WEAK`: a name only with a legal form behind it, or with a ticker.
- `WIDE`: in Chinese characters or kana, which have neither capitals nor blanks.
"""
SHORT, OWN, GIVEN = 0, 1, 2
"""Ranks of a name: shortened (without `Group`), the company's own name, an alias that people use."""
WIDE_LETTER = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_MANY = 10
"""Number of companies that make a word in their names (`Energy`, `First`) generic: it names none of them."""
_ONE_MARK = str.maketrans("/- ", "...")
_SYMBOL = re.compile(r"[A-Z0-9][A-Z0-9./-]{0,14}")


class TableError(ValueError):
    """The table is wrong. The message gives file and line, and says what to correct."""


class ReferenceRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the user's table. Rows with the same `id`, or without `id` the same name, are one company.

    `place` is file and line, for messages.
    """

    place: str
    name: str
    id: str = ""
    symbol: str = ""
    exchange: str = ""
    isin: str = ""
    aliases: tuple[str, ...] = ()
    known: bool = True
    """False for a company that few readers know: a name of one word then needs a legal form or ticker beside it."""


class _CompanyEntry(msgspec.Struct):
    name: str
    listings: dict[str, None]
    isins: dict[str, None]
    names: dict[str, int]
    """Folded name -> rank."""
    id: str
    known: bool


class ReferenceTable(msgspec.Struct, frozen=True):
    """The content of a table file. Lines of companies and names are not split yet."""

    version: str
    date: str
    generic: frozenset[str]
    companies: tuple[str, ...]
    names: tuple[str, ...]


def build_table(rows: Iterable[ReferenceRow], words: frozenset[str], when: date) -> bytes:
    """Builds the bytes of the table file.

    `words` are ordinary words in lower case, and names of people and places with a capital. Raises `TableError` for
    the first wrong row.
    """
    companies: dict[str, _CompanyEntry] = {}
    listed: dict[str, str] = {}
    for row in rows:
        _check_row(row)
        key = row.id or row.name.casefold()
        company = companies.setdefault(key, _CompanyEntry(row.name, {}, {}, {}, row.id, row.known))
        if row.symbol:
            listing = f"{find_mic(row.exchange)}:{row.symbol.upper()}"
            if listed.setdefault(listing, key) != key:
                raise TableError(f"{row.place}: {listing} belongs to {companies[listed[listing]].name!r} already")
            company.listings[listing] = None
        if row.isin:
            company.isins[row.isin] = None
        for given, names in ((False, (row.name,)), (True, row.aliases)):
            for name in names:
                full = list_variants(name, short=False)
                for form in full if given else list_variants(name):
                    rank = GIVEN if given else OWN if form in full else SHORT
                    company.names[form] = max(rank, company.names.get(form, SHORT))
    if not companies:
        raise TableError("the table has no company in it")
    generic = _find_generic_words(company for company in companies.values() if company.known)
    rows_by_number = list(companies.values())
    named = [
        f"{name}\t{number}\t{kind}"
        for name, (number, rank) in sorted(_find_owners(list(companies.values())).items())
        if (kind := _classify_name(name, words, generic, rank, known=rows_by_number[number].known))
    ]
    lines = [
        f"{FORMAT}\t{when.isoformat()}\t{len(companies)}\t{len(named)}",
        " ".join(sorted(generic)),
        *(
            f"{company.name}\t{' '.join(company.listings)}\t{' '.join(company.isins)}\t{company.id}"
            for company in companies.values()
        ),
        *named,
    ]
    return gzip.compress("\n".join(lines).encode(), mtime=0)


def _check_row(row: ReferenceRow) -> None:
    if not row.name.strip() or not row.name.isprintable() or len(row.name) > 200:
        raise TableError(f"{row.place}: a row needs a name, of one line and at most 200 characters")
    if row.symbol and not _SYMBOL.fullmatch(row.symbol.upper()):
        raise TableError(f"{row.place}: {row.symbol[:40]!r} is no ticker: letters, digits, dots, hyphens, slashes")
    if row.exchange and not find_mic(row.exchange):
        raise TableError(
            f"{row.place}: {row.exchange[:40]!r} is neither a MIC (ISO 10383) that is in use nor an exchange we know"
        )
    if row.symbol and not row.exchange:
        raise TableError(f"{row.place}: the ticker {row.symbol} has no exchange: give its MIC, such as XNAS")
    if row.isin and not is_valid_isin(row.isin):
        raise TableError(f"{row.place}: {row.isin[:40]!r} is no ISIN: twelve characters, the last one a check digit")


def _find_generic_words(companies: Iterable[_CompanyEntry]) -> set[str]:
    counts = Counter(word for company in companies for word in set(" ".join(company.names).split()))
    return {word for word, count in counts.items() if count >= _MANY and len(word) > 2}


def _find_owners(companies: list[_CompanyEntry]) -> dict[str, tuple[int, int]]:
    """Finds the owner of each name: the only company with it, else the only one with it as an alias, or known.

    Returns name -> number of the company and rank.
    """
    every: dict[str, list[tuple[int, int]]] = {}
    for number, company in enumerate(companies):
        for name, rank in company.names.items():
            every.setdefault(name, []).append((number, rank))
    found = {}
    for name, owners in every.items():
        given = [owner for owner in owners if owner[1] == GIVEN]
        known = [owner for owner in owners if companies[owner[0]].known]
        chosen = next((some for some in (owners, given, known) if len(some) == 1), [])
        if chosen:
            found[name] = chosen[0]
    return found


def _classify_name(name: str, words: frozenset[str], generic: set[str], rank: int, *, known: bool) -> str:
    given = rank == GIVEN
    parts = name.replace("&", " ").split()
    letters = sum(map(len, parts))
    if letters < 2 or name.isdigit():
        return ""
    if WIDE_LETTER.search(name):
        return WIDE
    rare = [
        part
        for part in parts
        if part not in words and part.capitalize() not in words and part not in generic and not part.isdigit()
    ]
    if len(parts) == 1:
        if name in generic and not given:
            return ""
        if name.capitalize() in words or rank == SHORT or not (known or given):
            return WEAK
        if name in words:
            return (WORD if letters > 3 else ACRONYM) if given else WEAK
        return SURE if letters > 4 or (given and letters > 3) else ACRONYM
    if all(part in generic for part in parts):
        return PROSE if given else WEAK
    if (letters > 5 and any(len(part) > 3 for part in rare)) or (len(parts) > 2 and letters > 11):
        return SURE
    return PROSE if letters > 5 else WEAK


def read_table(data: bytes, name: str) -> ReferenceTable:
    """Reads the bytes of a table file; `name` is for messages. Raises `TableError` for anything else."""
    try:
        head, generic, *lines = gzip.decompress(data).decode().split("\n")
        form, day, companies, names = head.split("\t")
        date.fromisoformat(day)
        counts = int(companies), int(names)
    except (OSError, EOFError, ValueError) as error:
        raise TableError(f"{name} is no table made by `newswire reference load`: {error}") from error
    if form not in (FORMAT, _BEFORE) or sum(counts) != len(lines):
        raise TableError(f"{name} is cut short or of another format: make it again with `newswire reference load`")
    version = f"reference-{day}-{hashlib.sha256(data).hexdigest()[:8]}"
    return ReferenceTable(
        version, day, frozenset(generic.split()), tuple(lines[: counts[0]]), tuple(lines[counts[0] :])
    )


def listing_key(exchange: str, symbol: str) -> str:
    """Returns the key of a listing: MIC of the operator and ticker. Two ways of writing it give the same key."""
    market = find_operating_mic(exchange)
    if market == "XHKG" and symbol.isdigit():
        symbol = symbol.lstrip("0").zfill(4)  # `00700.HK` and `0700.HK` are one code
    return f"{market}:{symbol.translate(_ONE_MARK)}"
