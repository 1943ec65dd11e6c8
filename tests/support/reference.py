"""Builds the packaged tables of companies, MICs and ordinary words from public data.

`python tests/support/reference.py` reads ../shared/data: SEC tickers with exchange (public domain, by edgartools,
MIT), members of indices (pytickersymbols, MIT), shares at their home exchange (FinanceDatabase, MIT), ISO 10383
(iso10383, Apache-2.0), and the words that press releases (CC0) and newspaper articles (MIT) write in lower case.

An id never changes: a company that the old table has under one of its listings keeps its id.
"""

import csv
import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from streams.prepare.companies.identifiers import is_valid_isin
from streams.prepare.companies.names import core_name
from streams.prepare.companies.reference import Reference

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
FOLDER = ROOT / "streams" / "prepare" / "companies"
AS_OF = date(2026, 11, 22)
_SEGMENT_OF = re.compile(r"mic='(\w{4})'")
_PREFERRED = re.compile(r"-(?:P[A-Z]?|WT?|WS|UN?|RI?)$")
_GOOGLE = {"NYSE": "XNYS", "NASDAQ": "XNAS", "OTCMKTS": "OTCM"}
_YAHOO = {"L": "XLON", "T": "XTKS", "AS": "XAMS", "PA": "XPAR", "DE": "XETR", "BR": "XBRU", "MC": "XMAD", "ST": "XSTO",
          "HE": "XHEL", "SW": "XSWX", "MI": "MTAA"}  # fmt: skip
_SEC = {"Nasdaq": "XNAS", "NYSE": "XNYS", "OTC": "OTCM", "CBOE": "BATS"}


def build_mics() -> str:
    """Builds mics.txt: one line for each operator with its MIC and the MICs of its segments, without expired ones."""
    operators: dict[str, set[str]] = {}
    with (DATA / "reference" / "iso10383_mic.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["status"] != "expired":
                found = _SEGMENT_OF.search(row["operating_mic"])
                operator = found[1] if found else row["mic"]
                operators.setdefault(operator, set()).add(row["mic"])
    lines = [" ".join([key, *sorted(segments - {key})]) for key, segments in sorted(operators.items())]
    return "\n".join(["# ISO 10383: operating MIC, then its segments (iso10383, Apache-2.0).", *lines, ""])


def build_words() -> str:
    """Lists words that public texts write in lower case, and with a capital those of words.txt that are no company."""
    counts: Counter[str] = Counter()
    for text in _read_texts():
        counts.update(set(re.findall(r"(?<![\w@#./$-])[a-z]{2,20}(?![\w@/-]|\.\w)", text)))
    ours = (Path(__file__).parent / "words.txt").read_text(encoding="utf-8").split()
    ordinary = {word for word, count in counts.items() if count >= 2 or len(word) > 3} - set(ours)
    return "\n".join(sorted(ordinary | {word.capitalize() for word in ours}))


def _read_texts() -> Iterator[str]:
    with (DATA / "releases" / "releases.jsonl").open(encoding="utf-8") as file:
        yield from (json.loads(line)["body"] for line in file)
    with (DATA / "minhash-articles" / "articles_1000.train").open(encoding="utf-8") as file:
        yield from file


def read_companies() -> Iterator[dict[str, str]]:
    """Reads rows for `newswire reference load`: those of the SEC, with names and listings of index members."""
    members = json.loads((DATA / "reference" / "index_constituents.json").read_text(encoding="utf-8"))["companies"]
    with (DATA / "reference" / "sec_company_tickers_exchange.csv").open(encoding="utf-8", newline="") as file:
        sec = [row for row in csv.DictReader(file) if row["exchange"] in _SEC]
    by_symbol = {row["ticker"]: row for row in sec}
    by_name: dict[str, str] = {}
    for row in sec:
        by_name.setdefault(core_name(row["name"]), row["cik"])
    used: dict[str, str] = {}
    more: dict[str, list[tuple[str, str, str]]] = {}
    others = []
    for member in members:
        listings = list(_read_listings(member))
        name = re.sub(r"\s*\((?:Class|The)[^)]*\)", "", member["name"].strip())
        american = [
            symbol
            for market, symbol in listings
            if market in _SEC.values() and symbol in by_symbol and _is_same_company(name, by_symbol[symbol]["name"])
        ]
        if american or core_name(name) in by_name:
            cik = by_symbol[american[0]]["cik"] if american else by_name[core_name(name)]
            more.setdefault(cik, []).extend((name, market, symbol) for market, symbol in listings)
        elif listings and "LifcoB" not in name:
            others.append((name, listings))
    for row in sec:
        symbol = row["ticker"]
        if _PREFERRED.search(symbol):
            continue
        yield {
            "id": f"cik-{row['cik']}",
            "name": _tidy_name(row["name"]),
            "symbol": symbol,
            "exchange": _SEC[row["exchange"]],
            "aliases": "",
        }
        used[f"{_SEC[row['exchange']]}:{symbol}"] = row["cik"]
        for name, market, foreign in more.pop(row["cik"], []):
            keep = market not in _SEC.values() and used.setdefault(f"{market}:{foreign}", row["cik"]) == row["cik"]
            yield {"id": f"cik-{row['cik']}", "name": _tidy_name(row["name"]), "aliases": name,
                   "symbol": foreign if keep else "", "exchange": market if keep else ""}  # fmt: skip
    for name, listings in others:
        for market, symbol in listings:
            if used.setdefault(f"{market}:{symbol}", name) == name:
                yield {
                    "id": f"index-{re.sub(r'[^a-z0-9]+', '-', core_name(name))}",
                    "name": name,
                    "symbol": symbol,
                    "exchange": market,
                    "aliases": "",
                }


_HOME = {
    "L": ("XLON", "United Kingdom"), "IR": ("XDUB", "Ireland"), "DE": ("XETR", "Germany"), "PA": ("XPAR", "France"),
    "AS": ("XAMS", "Netherlands"), "BR": ("XBRU", "Belgium"), "LS": ("XLIS", "Portugal"), "MI": ("MTAA", "Italy"),
    "MC": ("XMAD", "Spain"), "SW": ("XSWX", "Switzerland"), "VI": ("XWBO", "Austria"), "ST": ("XSTO", "Sweden"),
    "HE": ("XHEL", "Finland"), "CO": ("XCSE", "Denmark"), "OL": ("XOSL", "Norway"), "IC": ("XICE", "Iceland"),
    "WA": ("XWAR", "Poland"), "PR": ("XPRA", "Czech Republic"), "BD": ("XBUD", "Hungary"), "AT": ("ASEX", "Greece"),
    "IS": ("XIST", "Turkey"), "TA": ("XTAE", "Israel"), "SR": ("XSAU", "Saudi Arabia"), "QA": ("DSMD", "Qatar"),
    "CA": ("XCAI", "Egypt"), "JO": ("XJSE", "South Africa"), "T": ("XTKS", "Japan"), "HK": ("XHKG", "Hong Kong|China"),
    "SS": ("XSHG", "China"), "SZ": ("XSHE", "China"), "TW": ("XTAI", "Taiwan"), "TWO": ("ROCO", "Taiwan"),
    "KS": ("XKRX", "South Korea"), "KQ": ("XKOS", "South Korea"), "NS": ("XNSE", "India"), "SI": ("XSES", "Singapore"),
    "KL": ("XKLS", "Malaysia"), "BK": ("XBKK", "Thailand"), "JK": ("XIDX", "Indonesia"), "AX": ("XASX", "Australia"),
    "NZ": ("XNZE", "New Zealand"), "TO": ("XTSE", "Canada"), "V": ("XTSX", "Canada"), "CN": ("XCNQ", "Canada"),
    "NE": ("NEOE", "Canada"), "SA": ("BVMF", "Brazil"), "MX": ("XMEX", "Mexico"), "SN": ("XSGO", "Chile"),
    "BA": ("XBUE", "Argentina"),
}  # fmt: skip
"""Suffix of a symbol in the file of shares -> MIC, and the countries that are at home there."""
_NORDIC = frozenset({"XSTO", "XHEL", "XCSE", "XOSL"})
_SIZES = ("Mega Cap", "Large Cap", "Mid Cap", "Small Cap")
_NO_COMPANY = re.compile(
    r"\b(?:ETF|ETN|ETC|fund|funds|trust units?|ADR|GDR|CDR|BDR|DRN|warrants?|certificates?|notes?|bonds?|units?|rights"
    r"|preferred|pref|UCITS|index|\d\d-\d\d)\b",
    re.I,
)


def read_home_shares() -> Iterator[dict[str, str]]:
    """Reads the companies of the file of shares that are listed at home: not the tiny ones, nothing but shares."""
    countries = {row["name"]: row["alpha_2"] for row in _read_json("pycountry_iso3166-1.json")}
    countries |= {"South Korea": "KR", "Taiwan": "TW", "Turkey": "TR", "Czech Republic": "CZ"}
    for row in _read_shares():
        symbol, _, suffix = row["symbol"].rpartition(".")
        market, home = _HOME.get(suffix, ("", ""))
        if (
            not market
            or row["country"] not in home.split("|")
            or row["market_cap"] not in _SIZES
            or row["delisted"] == "True"
            or not row["name"].isprintable()
            or _NO_COMPANY.search(row["name"])
        ):
            continue
        country = countries.get(row["country"], "")
        symbol = symbol if market in _NORDIC else symbol.replace("-", ".")
        isin = row["isin"] if row["isin"][:2] in (country, "KY", "BM") and is_valid_isin(row["isin"]) else ""
        if re.fullmatch(r"[A-Z0-9][A-Z0-9.-]{0,11}", symbol):
            yield {"name": _tidy_share(row["name"]), "market": market, "symbol": symbol, "isin": isin,
                   "country": country}  # fmt: skip


def _read_json(name: str) -> list[dict[str, str]]:
    read = json.loads((DATA / "reference" / name).read_text(encoding="utf-8"))
    return read if isinstance(read, list) else next(iter(read.values()))


def add_home_shares(rows: list[dict[str, str]], ordinary: frozenset[str]) -> Iterator[dict[str, str]]:
    """Yields the rows of the home shares: to a company that is there already, or as a company of its own.

    A company is the same that has the listing, the name, or the American ticker under which the file has the name.
    """
    listed = {f"{row['exchange']}:{row['symbol']}": row["id"] for row in rows if row["symbol"]}
    by_name: dict[str, set[str]] = {}
    american: dict[str, tuple[str, str]] = {}
    for row in rows:
        for name in (row["name"], row["aliases"], *row["name"].split(" - ")):
            by_name.setdefault(core_name(name), set()).add(row["id"])
        if row["exchange"] in ("XNYS", "XNAS"):
            american.setdefault(row["symbol"], (row["id"], row["name"]))
    traded: dict[str, str] = {}
    for row in _read_shares():
        there = american.get(row["symbol"].replace(".", "-"))
        if there and row["mic"] in ("XNYS", "XNAS", "XASE", "") and _is_same_company(row["name"], there[1]):
            traded.setdefault(core_name(_tidy_share(row["name"])), there[0])
    for share in read_home_shares():
        core = core_name(share["name"])
        listing = f"{share['market']}:{share['symbol']}"
        named = by_name.get(core, set())
        telling = " " in core or (len(core) > 5 and core not in ordinary)
        same = listed.get(listing) or traded.get(core) or (next(iter(named)) if len(named) == 1 and telling else "")
        own = share["isin"] or f"{share['country'].lower()}-{re.sub(r'[^a-z0-9]+', '-', core).strip('-')}"
        found = same or own
        free = listed.setdefault(listing, found) == found
        by_name.setdefault(core, set()).add(found)
        yield {"id": found, "name": share["name"], "aliases": "", "symbol": share["symbol"] if free else "",
               "exchange": share["market"] if free else "", "isin": share["isin"],
               "known": "1" if same else ""}  # fmt: skip


def _tidy_share(name: str) -> str:
    return re.sub(r"\s+-\s.*$", "", name).strip()


def _read_shares() -> Iterator[dict[str, str]]:
    with gzip.open(DATA / "reference" / "equities.csv.gz", "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def keep_ids(rows: list[dict[str, str]]) -> None:
    """Gives each company the id that the packaged table has for one of its listings."""
    old = Reference((FOLDER / "reference.gz").read_bytes(), "reference.gz")
    kept: dict[str, str] = {}
    for row in rows:
        number = old.find_by_ticker(row["symbol"], row["exchange"]) if row["symbol"] else None
        if number is not None and (before := old.company(number).id):
            kept.setdefault(row["id"], before)
    for row in rows:
        row["id"] = kept.get(row["id"], row["id"])


def _add_members(rows: list[dict[str, str]], named: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yields a row for each company of aliases.csv that has a name there and that no file lists at home."""
    listed = {f"{row['exchange']}:{row['symbol']}" for row in rows if row["symbol"]}
    for listing, name in named.items():
        if listing not in listed:
            market, _, symbol = listing.partition(":")
            yield {"id": f"index-{re.sub(r'[^a-z0-9]+', '-', core_name(name))}", "name": name, "aliases": "",
                   "symbol": symbol, "exchange": market, "isin": "", "known": "1"}  # fmt: skip


def _mark_known(rows: list[dict[str, str]], extra: Mapping[str, object]) -> None:
    """Marks the companies that aliases.csv names as known to readers, in all their rows."""
    known = {row["id"] for row in rows if row["symbol"] and f"{row['exchange']}:{row['symbol']}" in extra}
    for row in rows:
        if row["id"] in known:
            row["known"] = "1"


def _is_same_company(one: str, other: str) -> bool:
    """Whether the index member is the SEC's company with that ticker: not if an old ticker was given to another."""
    mine, theirs = ([word for word in re.findall(r"[a-z0-9]+", name.lower()) if len(word) > 1] for name in (one, other))
    initials = "".join(word[0] for word in theirs)
    return any(word[:4] in " ".join(theirs) or initials.startswith(word) for word in mine)


def _tidy_name(name: str) -> str:
    """Writes a name such as `PROCTER & GAMBLE Co /DE/` as people do."""
    bare = re.sub(r"\s*[/\\](?:[A-Z]{2,6}|new|ADR)?[/\\]?$", "", name, flags=re.I)
    return " ".join(_capitalise(word) for word in bare.split()) if sum(map(str.isupper, bare)) * 2 > len(bare) else bare


def _capitalise(word: str) -> str:
    if word.lower() in ("of", "and", "the", "for", "de", "&"):
        return word.lower()
    if word.upper() in ("INC", "CORP", "CO", "LTD", "INC.", "CORP.", "CO.", "LTD.") or len(word) > 3:
        return word.capitalize() if "." not in word[:-1] else word
    return word


def _read_listings(member: dict) -> Iterator[tuple[str, str]]:
    symbol, _, suffix = (member["symbol"] or "").partition(".")
    if suffix in _YAHOO:
        yield _YAHOO[suffix], symbol
    elif (
        member["symbol"]
        and member["symbol"].replace(".", "").isalpha()
        and {"S&P 500", "S&P 600", "NASDAQ 100"} & set(member["indices"])
    ):
        yield "XNYS", member["symbol"].replace(".", "-")
    for row in member["symbols"] or ():
        market, _, listed = (row["google"] or "").partition(":")
        if market in _GOOGLE and listed:
            yield _GOOGLE[market], listed.replace(".", "-")
        yahoo, _, end = (row["yahoo"] or "").rpartition(".")
        if end in _YAHOO and not (end == "L" and not yahoo.isalpha()):
            yield _YAHOO[end], yahoo


def main() -> None:
    """Writes mics.txt, words.gz and reference.gz."""
    from streams.prepare.companies.reference_file import ReferenceRow, build_table

    (FOLDER / "mics.txt").write_text(build_mics(), encoding="ascii")
    ordinary = build_words()
    (FOLDER / "words.gz").write_bytes(gzip.compress(ordinary.encode(), mtime=0))
    extra: dict[str, tuple[str, ...]] = {}
    unlisted: dict[str, str] = {}
    with (Path(__file__).parent / "aliases.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            extra[row["symbol"]] = (*extra.get(row["symbol"], ()), *filter(None, row["aliases"].split("|")))
            unlisted |= {row["symbol"]: row["name"]} if row["name"] else {}
    found = list(read_companies())
    found += add_home_shares(found, frozenset(ordinary.split()))
    found += _add_members(found, unlisted)
    _mark_known(found, extra)
    keep_ids(found)
    rows = []
    for number, row in enumerate(found, 1):
        aliases = (row["aliases"],) if row["aliases"] else ()
        aliases += extra.get(f"{row['exchange']}:{row['symbol']}", ())
        american = row["id"].startswith("cik-") and row["exchange"] in _SEC.values()
        aliases += extra.get(row["symbol"], ()) if american else ()
        rows.append(ReferenceRow(place=f"row {number}", id=row["id"], name=row["name"], symbol=row["symbol"],
                        exchange=row["exchange"], isin=row.get("isin", ""), aliases=aliases,
                        known=row.get("known", "1") == "1"))  # fmt: skip
    data = build_table(rows, frozenset(ordinary.split()), AS_OF)
    (FOLDER / "reference.gz").write_bytes(data)
    print(f"{len(rows)} rows, {len(data)} bytes, {len(ordinary.split())} ordinary words")


if __name__ == "__main__":
    sys.exit(main())
