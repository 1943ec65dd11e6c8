"""Concepts of a NewsML-G2 item: names, codes, organisations with their instruments, parties."""

import re
from itertools import zip_longest
from typing import Literal

from streams.model import Code, Organisation
from streams.prepare.formats._fields import ISIN, code, unique
from streams.prepare.formats._xml import Element, attribute, child, children, local, text
from streams.prepare.text import one_line

_ORGANISATION = re.compile(r"cpnat:organi[sz]ation|.*/cpnature/organi[sz]ation|.*:(?:company|organi[sz]ation)", re.I)
_TICKER = re.compile(r"([^:]{1,30}):\s*(\S.{0,19})")
_CODED = {"subject": "", "genre": "genre", "service": "service"}

Listing = tuple[str, str]


def concept_name(element: Element | None) -> str:
    """The name of a concept: its `name` child, else its literal."""
    return one_line(text(child(element, "name"))) or one_line(attribute(element, "literal"))


def local_code(element: Element | None) -> str:
    """The code of a `qcode` or `uri` without its scheme: `usable` of `stat:usable`."""
    value = attribute(element, "qcode") or attribute(element, "uri")
    return re.split(r"[:/#]", value.rstrip("/#:"))[-1]


def party(element: Element | None) -> str:
    """The name of a provider, copyright holder or source; the code where its scheme is of provider names."""
    name = concept_name(element)
    if not name and attribute(element, "qcode").startswith("nprov:"):
        return local_code(element)
    return name


def codes(content: Element | None, item_meta: Element | None) -> tuple[Code, ...]:
    """Subjects, genres, services and keywords."""
    found: list[Code | None] = []
    for holder in (content, item_meta):
        for element in holder if holder is not None else ():
            name = local(element)
            if name in _CODED:
                found.append(_code(element, _CODED[name]))
            elif name == "keyword" and text(element):
                found.append(Code("keyword", one_line(text(element))))
    return unique(found)


def _code(element: Element, scheme: str) -> Code | None:
    value = attribute(element, "qcode") or attribute(element, "uri")
    if value:
        return code(value, "", concept_name(element))
    if _is_organisation(element):
        return None
    name = concept_name(element)
    return code(name, scheme or "keyword", name)


def organisations(item: Element, content: Element | None) -> tuple[Organisation, ...]:
    """Organisations that are subjects, with instruments of the subject or assertion; then other tickers.

    Instruments: `hasInstrument` of the standard, and GlobeNewswire's `related` with `MWFinRel:Instrument`.
    """
    found: list[Organisation] = []
    subjects = [element for element in children(content, "subject") if _is_organisation(element)]
    asserts: dict[str, list[Element]] = {}
    for other in children(item, "assert"):
        for key in _keys(other):
            asserts.setdefault(key, []).append(other)
    for element in subjects:
        about = [element, *(other for key in _keys(element) for other in asserts.pop(key, ()))]
        name = concept_name(element) or next(filter(None, map(concept_name, about)), "")
        rel: Literal["about", "mentions"] = "mentions" if attribute(element, "rel").endswith("mentions") else "about"
        listings, isins = _instruments(about)
        pairs = list(zip_longest(listings, isins)) or ([(None, None)] if name else [])
        for listing, isin in pairs:
            symbol, exchange = listing or ("", "")
            found.append(Organisation(name=name, symbol=symbol, exchange=exchange, isin=isin or "", rel=rel))
    owner = next(iter(found)).name if len(subjects) == 1 and found else ""
    known = {entry.symbol for entry in found}
    for exchange, symbol in _ticker_keywords(content):
        if symbol not in known:
            found.append(Organisation(name=owner, symbol=symbol, exchange=exchange))
    return tuple(dict.fromkeys(found))


def _keys(concept: Element) -> list[str]:
    keys = (attribute(concept, name) for name in ("qcode", "uri", "literal"))
    return list(dict.fromkeys(filter(None, keys)))


def _is_organisation(element: Element) -> bool:
    kind = attribute(element, "type") or attribute(element, "typeuri")
    return _ORGANISATION.fullmatch(kind) is not None


def _instruments(concepts: list[Element]) -> tuple[list[Listing], list[str]]:
    listings: list[Listing] = []
    isins: list[str] = []
    for concept in concepts:
        for element in concept.iterdescendants():
            symbol, exchange = _instrument(element)
            symbol = one_line(symbol).removeprefix("ISIN:")
            if ISIN.fullmatch(symbol) and (not exchange):
                isins.append(symbol)
            elif symbol:
                listings.append((symbol, one_line(exchange)))
    return list(dict.fromkeys(listings)), list(dict.fromkeys(isins))


def _instrument(element: Element) -> Listing:
    if local(element) == "hasInstrument":
        market = attribute(element, "market").rpartition(":")[2] or attribute(element, "marketlabel")
        return attribute(element, "symbol"), market
    if local(element) == "related" and attribute(element, "rel") == "MWFinRel:Instrument":
        market = attribute(child(element, "related"), "qcode").removeprefix("MWMarket:")
        return attribute(element, "qcode") or attribute(element, "literal"), market
    return "", ""


def _ticker_keywords(content: Element | None) -> list[Listing]:
    words = [text(element) for element in children(content, "keyword") if attribute(element, "role").endswith("Ticker")]
    return [(found[1].strip(), found[2].strip()) for word in words if (found := _TICKER.fullmatch(word))]
