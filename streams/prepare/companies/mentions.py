"""The companies that a text names, each mention with its place: tickers, and names where they can be nothing else."""

import re
from collections.abc import Collection
from typing import Literal

import msgspec

from streams.model.records import Mention
from streams.prepare.companies import tickers
from streams.prepare.companies.context import LineStyles, is_capitalised, is_company_name
from streams.prepare.companies.names import core_name, find_name_before, is_legal_form
from streams.prepare.companies.reference import KnownCompany, NameHit, Reference
from streams.prepare.companies.reference_file import listing_key

_NAME_CHARACTERS = 20_000
"""Names are looked for to here: what a text of that length has not named by then, it is not about."""
_TICKER_CHARACTERS = 100_000


def find_mentions(headline: str, text: str, reference: Reference, stated: Collection[int] = ()) -> list[Mention]:
    """The mentions in headline and text, in their order. `stated`: numbers of companies that the wire names."""
    parts: tuple[tuple[Literal["headline", "text"], str], ...] = (
        ("headline", headline),
        ("text", text[:_TICKER_CHARACTERS]),
    )
    listed = [
        (where, part, [_resolve_ticker(one, where, part, reference) for one in tickers.find_tickers(part)])
        for where, part in parts
    ]
    certain = {*stated, *(one.known for _, _, found in listed for one in found if one.known is not None)}
    every: list[Mention] = []
    for where, part, found in listed:
        lines = LineStyles(part)
        spans = [(one.start, one.end) for one in found]
        hits = [
            hit
            for hit in reference.names(part[:_NAME_CHARACTERS])
            if is_capitalised(part[hit.start : hit.end])
            and not (spans and any(hit.start < end and start < hit.end for start, end in spans))
            and is_company_name(hit, part, lines, certain, reference.generic)
        ]
        kept, linked = _reconcile(hits, found, part, reference)
        named = [
            Mention(
                field=where, start=hit.start, end=hit.end, how="name", known=hit.company, name=part[hit.start : hit.end]
            )
            for hit in kept
        ]
        every += sorted([*linked, *named], key=lambda one: one.start)
    return every


def _resolve_ticker(
    one: tickers.TickerMention, where: Literal["headline", "text"], text: str, reference: Reference
) -> Mention:
    known = reference.isin(one.symbol) if one.isin else reference.listed(one.symbol, one.exchange)
    name = find_name_before(text, one.opens) if one.opens > 0 else ""
    if (
        known is not None
        and one.how == "ric"
        and not one.exchange
        and not _may_own_ticker(name, one.symbol, reference, known)
    ):
        known = None
    return Mention(
        field=where,
        start=one.start,
        end=one.end,
        how=one.how,
        known=known,
        name=name,
        symbol="" if one.isin else one.symbol,
        exchange=one.exchange,
        isin=one.symbol if one.isin else "",
    )


def _may_own_ticker(name: str, symbol: str, reference: Reference, known: int) -> bool:
    """Whether the name before `<GEL>` may be that of who has the ticker now: tickers go to others in time."""
    company = core_name(reference.company(known).name)
    if not name or is_legal_form(name) or not company or name.upper().endswith(symbol):
        return True
    written = core_name(name)
    shared = set(written.split()) & set(company.split())
    return not shared <= reference.generic or _join_letters(company)[:_ALIKE] in _join_letters(written)


def _join_letters(name: str) -> str:
    return "".join(filter(str.isalnum, name))


_ALIKE = 6
"""Letters by which `DU PONT` and `DuPont de Nemours` are one."""


def _reconcile(
    hits: list[NameHit], listed: list[Mention], text: str, reference: Reference
) -> tuple[list[NameHit], list[Mention]]:
    """A ticker right behind a name settles whose name it is: of the table's company, or of another of its name."""
    kept = list(hits)
    linked = []
    for one in listed:
        before = next((hit for hit in reversed(kept) if hit.end <= one.start), None)
        before = before if before and _stands_behind(text, before.end, one) else None
        if before is None or one.known == before.company:
            linked.append(one)
        elif one.known is None and not _contradicts(one, reference.company(before.company)):
            linked.append(msgspec.structs.replace(one, known=before.company))
        else:
            kept.remove(before)
            linked.append(one)
    return kept, linked


_GAP = re.compile(r"(?:,? (?:[\w.&/]+)){0,3}['\u2019s]{0,2}\s*(?:\([^()]{0,80}\)\s*)*[(<\[][^()<>]*")


def _stands_behind(text: str, end: int, one: Mention) -> bool:
    gap = text[end : min(one.start + (one.how == "ric"), end + 121)]
    return (
        one.how != "cashtag"
        and len(gap) < 120
        and _GAP.fullmatch(gap) is not None
        and all(
            is_legal_form(word) or word[0] in "([<"
            for word in gap.split("(")[0].split("<")[0].replace(",", " ").split()
        )
    )


def _contradicts(one: Mention, company: KnownCompany) -> bool:
    """Whether the table gives the company another ticker on that exchange."""
    if one.isin:
        return bool(company.isins)
    markets = {listing_key(market, "") for market, _ in company.listings}
    if not one.exchange:
        return bool(markets & {"XNYS:", "XNAS:", "OTCM:", "XCBO:"})
    return listing_key(one.exchange, "") in markets
