"""Tickers: from text forms such as `(NYSE: ABC; TSX: ABC)` and from what the wire wrote, with the exchange as MIC."""

import re

from streams.model import Organisation

# Names of exchanges as releases write them -> ISO 10383 MIC. What is not here is no ticker to us.
EXCHANGES = {
    "nyse": "XNYS",
    "nysearca": "ARCX",
    "nyseamerican": "XASE",
    "nysemkt": "XASE",
    "amex": "XASE",
    "nasdaq": "XNAS",
    "nasdaqgs": "XNAS",
    "nasdaqgm": "XNAS",
    "nasdaqcm": "XNAS",
    "otcqb": "OTCB",
    "otcqx": "OTCQ",
    "otcpink": "PINX",
    "tsx": "XTSE",
    "tsxv": "XTSX",
    "tsxventure": "XTSX",
    "cse": "XCNQ",
    "lse": "XLON",
    "aim": "XLON",
    "euronextparis": "XPAR",
    "euronextamsterdam": "XAMS",
    "euronextbrussels": "XBRU",
    "frankfurt": "XFRA",
    "fse": "XFRA",
    "xetra": "XETR",
    "six": "XSWX",
    "asx": "XASX",
    "hkex": "XHKG",
    "sehk": "XHKG",
    "hkse": "XHKG",
    "nasdaqstockholm": "XSTO",
    "nasdaqcopenhagen": "XCSE",
    "nasdaqhelsinki": "XHEL",
    "oslobors": "XOSL",
    "ose": "XOSL",
}
_MICS = frozenset((*EXCHANGES.values(), "BATS", "BVMF", "DSMD", "HSTC", "MISX", "ROCO"))
_MIC = re.compile(r"[A-Z0-9]{4}")
_BRACKET = re.compile(r"\(([^()]{3,200})\)")
_PAIR = re.compile(r"\b([A-Z][A-Za-z][A-Za-z .-]{0,24}?)\s*:\s*([A-Z0-9][A-Z0-9.-]{0,11})(?![A-Za-z0-9])")
_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")
_PLAIN = re.compile(r"[^a-z]")


def mic(exchange: str) -> str:
    """The MIC of an exchange as a wire writes it; empty where unknown."""
    if exchange in _MICS or (exchange.startswith("X") and _MIC.fullmatch(exchange)):
        return exchange
    return EXCHANGES.get(_PLAIN.sub("", exchange.casefold()), "")


def in_text(text: str) -> tuple[Organisation, ...]:
    """Listings that the text writes in brackets, in their order, each once."""
    found: dict[tuple[str, str], Organisation] = {}
    for bracket in _BRACKET.finditer(text):
        if ":" not in bracket[1]:
            continue
        for name, symbol in _PAIR.findall(bracket[1]):
            market = mic(name)
            if market:
                ticker = symbol.rstrip(".-")
                found.setdefault((market, ticker), Organisation(symbol=ticker, exchange=market))
    return tuple(found.values())


def valid_isin(isin: str) -> bool:
    """Form and check digit of an ISIN (ISO 6166, Luhn over the letters as numbers)."""
    if not _ISIN.fullmatch(isin):
        return False
    digits = "".join(str(int(character, 36)) for character in isin)
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def merge(stated: tuple[Organisation, ...], read: tuple[Organisation, ...]) -> tuple[Organisation, ...]:
    """The wire's own organisations first, with the exchange as MIC; then those of the text that are not among them.

    A code that is no ISIN by its check digit is dropped; so is a ticker without a name whose exchange is unknown.
    """
    merged: dict[tuple[str, str, str, str], Organisation] = {}
    known = {row.symbol for row in stated}
    for row in (*stated, *(row for row in read if row.symbol not in known)):
        isin = row.isin if valid_isin(row.isin) else ""
        market = mic(row.exchange)
        symbol = row.symbol if market or row.name else ""
        if not (row.name or symbol or isin):
            continue
        kept = Organisation(name=row.name, symbol=symbol, exchange=market, isin=isin, rel=row.rel)
        merged.setdefault((row.name, symbol, market, isin), kept)
    return tuple(merged.values())


def keys(organisations: tuple[Organisation, ...]) -> tuple[str, ...]:
    """`XNAS:FCEL` and ISINs of those the item is about, sorted."""
    names = set()
    for row in organisations:
        if row.rel == "about":
            if row.symbol and row.exchange:
                names.add(f"{row.exchange}:{row.symbol}")
            if row.isin:
                names.add(row.isin)
    return tuple(sorted(names))
