"""Finds tickers and ISINs in a text, with their places: `(NYSE: ABC; TSX: ABC)`, `(TSXV-AXL)`, `<FCEL.O>`, `$TSLA`."""

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from streams.prepare.companies.identifiers import (
    RIC_SUFFIXES,
    find_mic,
    find_operating_mic,
    has_isin_form,
    is_valid_isin,
    parse_ric,
)

MAX_TICKERS = 256
"""Maximum tickers of one text. A text with more is a table of tickers."""
_ROUND = re.compile(r"\(([^()]{3,300})\)")
_SQUARE = re.compile(r"\[([^\[\]]{3,300})\]")
_WIDE = re.compile("\uff08([^\uff08\uff09]{3,300})\uff09")
_LETTERS = "\u00c0-\u024f\u3040-\u30ff\u3400-\u9fff"
"""Accented letters of Europe, kana and Chinese characters: `Oslo Børs`, `東証`."""
_MARK = re.compile(
    rf"(?P<names>[A-Z{_LETTERS}][A-Za-z0-9./&+ \u00a0{_LETTERS}-]{{0,60}}?)\s*[:\uff1a]\s*(?=[\"'\u201c$]?[A-Z0-9])"
)
_DASHED = re.compile(
    r"\s*(?P<name>[A-Z]{1,6}(?:[.-][A-Z]{1,3})?(?=-)|(?:NYSE|NASDAQ|Nasdaq)(?=/))[-/]"
    r"(?P<symbol>(?!(?:NYSE|NASDAQ|AMEX|TSX|LSE|ASX|HKEX)\b)[A-Z0-9]{1,6}(?:\.[A-Z]{1,3})?)\s*"
)
_SHARE = re.compile(
    r"[ \u00a0](?P<share>[A-Z]|PR ?[A-Z])(?=\s*(?:\Z|[,;/|&\uff0c\u3001\uff1b]|(?:and|och|og|ja|und)\b))"
)
"""A class of shares, or a series of preferred shares, behind a blank: `VOLV B`, `MRL PR A`."""
_SYMBOL = re.compile(
    r"[\"'\u201c$]?(?P<symbol>[A-Z0-9]{1,12}(?:[./-][A-Z0-9]{1,3}){0,2})(?![A-Za-z0-9:])[\"'\u201d]?\.?"
)
_NEXT = re.compile(r"\s*(?:[,&/|;\uff0c\u3001\uff1b]|\b(?:and|och|og|ja|und)\b)\s*")
_NAMES = re.compile(r"(?:(?<!\s)\s+)?(?:[/&+,]|\band\b)\s*")
_RIC = re.compile(r"<(?P<root>[A-Z0-9]{1,12})(?:[a-z]{0,2}\.(?P<suffix>[A-Z]{1,3}))?>")
_CASHTAG = re.compile(r"\$(?P<symbol>[A-Z]{1,6}(?:\.[A-Z]{1,2})?)(?![\w$])")
_ISIN_IN = re.compile(r"(?:\A\s*|\bISIN(?: code| number| no\.?)? ?:? ?)(?P<isin>[A-Z]{2}[A-Z0-9]{9}[0-9])(?![A-Z0-9])")
_RIC_IN = re.compile(r"\s*(?P<root>[A-Z0-9]{2,6}(?:[a-z])?)\.(?P<suffix>[A-Z]{1,3})\s*")
_ONE_LETTER = frozenset("LTS")
"""Suffixes of one letter that count in round brackets: London, Tokyo, Zurich. Others may be initials."""
_SHORT = 5
"""Maximum letters of an acronym. An exchange with so short a name counts only in capitals: not `(Aim: FDA)`."""
_CITY_OR_NAME = frozenset({"cboe", "paris", "milan", "tokyo", "xetra", "oslo"})
_WRITTEN_SO = frozenset({"HoSE"})

_WITHOUT_CITY = frozenset({"euronext", "euronext growth", "euronext access"})
"""Exchanges of several cities, which have no MIC of their own."""
_BLANK = frozenset({"XSTO", "XCSE", "XHEL", "XICE", "XOSL", "FNSE"})
_PREFERRED = frozenset({"XNYS", "XASE"})
_DOTTED = frozenset({"XNYS", "XNAS", "XASE", "XTSE", "XTSX", "XCNQ"})
"""Exchanges on which a letter behind a dot is a class of shares (`BRK.A`), not a mark of the exchange (`VOD.L`)."""


class TickerMention(msgspec.Struct, frozen=True):
    """A ticker with its exchange (a MIC, or empty if the text names none), or an ISIN, and its place in the text."""

    symbol: str
    exchange: str
    start: int
    end: int
    how: Literal["bracket", "ric", "cashtag"]
    isin: bool = False
    opens: int = -1
    """Start of the bracket around it, or -1. The company's name stands before the bracket."""


def find_tickers(text: str) -> list[TickerMention]:
    """Finds the tickers of a text in order. Codes of indices (`<.FTSE>`) and of unknown markets are ignored."""
    found: list[TickerMention] = []
    for kind, opening in ((_ROUND, "("), (_SQUARE, "["), (_WIDE, "\uff08")):
        if opening in text:
            for bracket in kind.finditer(text):
                found += _parse_bracket(bracket)
    if "<" in text:
        found += _find_rics(text)
    if "$" in text:
        for tag in _CASHTAG.finditer(text):
            before = text[tag.start() - 1 : tag.start()]
            if not before.isalnum() and before not in ("$", "_"):
                found.append(TickerMention(tag["symbol"], "", tag.start(), tag.end(), "cashtag"))
    return sorted(found, key=lambda one: one.start)[:MAX_TICKERS]


def _parse_bracket(bracket: re.Match[str]) -> Iterator[TickerMention]:
    text, opens = bracket[1], bracket.start()
    if (found := _ISIN_IN.search(text)) and is_valid_isin(found["isin"]) and not _MARK.match(text[: found.end()]):
        at = bracket.start(1) + found.start("isin")
        yield TickerMention(found["isin"], "", at, at + 12, "bracket", True, opens)
    if ":" not in text and "\uff1a" not in text:
        if (dashed := _DASHED.fullmatch(text)) and (market := _find_market(dashed["name"], dashed["symbol"])):
            at = bracket.start(1)
            yield TickerMention(dashed["symbol"], market, at, at + len(text), "bracket", opens=opens)
        else:
            yield from _parse_rics(text, bracket.start(1), opens)
        return
    at = 0
    while mark := _MARK.search(text, at):
        at = mark.end()
        markets = _split_markets(mark["names"])
        if not markets:
            continue
        while symbol := _SYMBOL.match(text, at):
            share = _SHARE.match(text, symbol.end("symbol"))
            for name in markets:
                yield from _parse_symbol(name, symbol, bracket.start(1), opens, share)
            at = share.end() if share else symbol.end()
            following = _NEXT.match(text, at)
            if not following or not _SYMBOL.match(text, following.end()) or _MARK.match(text, following.end()):
                break
            at = following.end()


def _parse_rics(text: str, base: int, opens: int) -> tuple[TickerMention, ...]:
    """Reads codes of Reuters in a bracket: `(NDW.DE)`, `(7001.HK, NDW.DE)`. All must be of known markets."""
    found = []
    for part in re.finditer(r"[^,;/&]+", text):
        ric = _RIC_IN.fullmatch(part[0])
        named = parse_ric(part[0].strip()) if ric and (len(ric["suffix"]) > 1 or ric["suffix"] in _ONE_LETTER) else None
        if named is None:
            return ()
        found.append(
            TickerMention(named.symbol, named.exchange, base + part.start(), base + part.end(), "bracket", opens=opens)
        )
    return tuple(found)


def _split_markets(written: str) -> list[str]:
    """Splits names of exchanges: `NYSE American/TSX`, `TSX & NYSE`. Of `shares trade on Nasdaq` it returns the last."""
    parts = [part for part in _NAMES.split(written) if part]
    named = [
        part
        for part in parts
        if part.casefold() == "isin" or part.casefold() in _WITHOUT_CITY or _find_market(part, "A")
    ]
    if len(named) == len(parts):
        return named
    words = written.split()
    if words and words[-1].casefold() == "isin":
        return [words[-1]]  # `WKN: A1NRDW / ISIN: …`
    return next(([name] for n in range(len(words)) if _find_market(name := " ".join(words[n:]), "A")), [])


def _parse_symbol(
    name: str, found: re.Match[str], base: int, opens: int, share: re.Match[str] | None = None
) -> Iterator[TickerMention]:
    written = found["symbol"]
    start, end = base + found.start("symbol"), base + found.end("symbol")
    if has_isin_form(written):
        if is_valid_isin(written):
            yield TickerMention(written, "", start, end, "bracket", True, opens)
    elif len(written) <= 10 and name.strip().casefold() in _WITHOUT_CITY:
        yield TickerMention(written, "", start, end, "bracket", False, opens)
    elif len(written) <= 10 and (market := _find_market(name, written)):
        symbol, _, suffix = written.rpartition(".")
        marked = (
            symbol
            and market not in _DOTTED
            and find_operating_mic(RIC_SUFFIXES.get(suffix, "")) == find_operating_mic(market)
        )
        bare = symbol if marked else written
        if share and _has_shares(market, share["share"]):
            bare, end = f"{bare} {share['share']}", base + share.end("share")
        yield TickerMention(bare, market, start, end, "bracket", False, opens)


def _has_shares(market: str, share: str) -> bool:
    """Whether an exchange writes its shares so: `VOLV B` in the north of Europe, `MRL PR A` in New York."""
    return market in (_PREFERRED if share.startswith("PR") else _BLANK)


def _find_market(name: str, symbol: str) -> str:
    plain = name.strip()
    letters = sum(character.isalpha() for character in plain)
    if (
        letters <= _SHORT
        and plain.isascii()
        and not plain.isupper()
        and plain.casefold() not in _CITY_OR_NAME
        and plain not in _WRITTEN_SO
    ):
        return ""
    if plain == "TSE" and symbol.isalpha():
        return "XTSE"  # Tokyo's codes are numbers
    return find_mic(plain)


def _find_rics(text: str) -> Iterator[TickerMention]:
    for ric in _RIC.finditer(text):
        start, end = ric.span()
        if not ric["suffix"]:
            yield TickerMention(ric["root"], "", start, end, "ric", opens=start)
        elif share := parse_ric(ric[0][1:-1]):
            yield TickerMention(share.symbol, share.exchange, start, end, "ric", opens=start)
