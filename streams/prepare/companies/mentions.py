"""Finds the places of a text that mention companies: tickers, and names that can mean nothing else."""

import re
from collections.abc import Collection
from functools import cached_property
from typing import Literal

import msgspec

from streams.model.records import Mention
from streams.prepare.companies import tickers
from streams.prepare.companies.context import (
    LineStyles,
    has_legal_form,
    is_capitalised,
    is_common_word,
    is_company_name,
    may_be_common_word,
    names_another_thing,
)
from streams.prepare.companies.names import core_name, find_name_before, is_legal_form
from streams.prepare.companies.reference import KnownCompany, NameHit, Reference
from streams.prepare.companies.reference_file import WIDE, listing_key

_NAME_CHARACTERS = 20_000
"""Characters in which names are looked for. A text is not about a company that it names only later."""
_TICKER_CHARACTERS = 100_000

_DEFINED_CHARACTERS = 4000
_LONGEST_SHORT = 18
"""No short name that is defined has more characters."""
_DEFINITION = re.compile(
    r"[(\[](?:[^()\[\]]{0,80}[,;] ?)?(?:the |or |hereinafter )?"
    r"(?:[\"\u201c\u2018'](?P<short>[A-Z][\w&.-]{1,15})[\"\u201d\u2019'][^()\[\]]{0,60}|(?P<initials>[A-Z]{2,6}))[)\]]"
)
_ALIKE = 6
"""First letters that must be equal for `DU PONT` and `DuPont de Nemours` to be one company."""

_GAP = re.compile(r"(?:,? (?:[\w.&/]+)){0,3}['\u2019s]{0,2}\s*(?:\([^()]{0,80}\)\s*)*[(<\[][^()<>]*")


def find_mentions(
    headline: str, text: str, reference: Reference, stated: Collection[int] = (), issuer: str = ""
) -> list[Mention]:
    """Finds the mentions in headline and text, in order. `stated` are numbers of companies that the wire names.

    `issuer` is the name of the issuer; its first word is no other company (`Marl BioHealing`).
    """
    parts: tuple[tuple[Literal["headline", "text"], str], ...] = (
        ("headline", headline),
        ("text", text[:_TICKER_CHARACTERS]),
    )
    listed = [
        (where, part, [_resolve_ticker(one, where, part, reference) for one in tickers.find_tickers(part)])
        for where, part in parts
    ]
    certain = {*stated, *(one.known for _, _, found in listed for one in found if one.known is not None)}
    full = {one.name for _, _, found in listed for one in found if one.name} | {re.split(r"[,-]", issuer)[0]}
    every: list[Mention] = []
    defined = _Definitions(text[:_DEFINED_CHARACTERS])
    written = [reference.find_names(part[:_NAME_CHARACTERS]) for _, part in parts]
    another = _find_other_things(headline, text[:_NAME_CHARACTERS], written) - certain
    for (where, part, found), names in zip(listed, written, strict=True):
        lines = LineStyles(part)
        spans = [(one.start, one.end) for one in found]
        hits = [
            hit
            for hit in names
            if hit.company not in another
            and not (spans and any(hit.start < end and start < hit.end for start, end in spans))
            and (
                hit.kind == WIDE
                or (
                    is_capitalised(part[hit.start : hit.end])
                    and is_company_name(hit, part, lines, certain, reference.generic)
                    and not _means_another(part[hit.start : hit.end], hit.company, defined, reference)
                    and not (where == "headline" and _is_part_of_longer(hit, headline, text))
                    and not (hit.company not in certain and _begins_longer(part, hit, full))
                )
            )
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


def _find_other_things(headline: str, text: str, written: list[list[NameHit]]) -> set[int]:
    """Finds the companies whose name the item gives to another thing, such as `Nike of Samothrace`, or a puma."""
    parts = (headline, text)
    other, real, formed = set(), set(), set()
    doubtful: dict[int, set[str]] = {}
    for part, hits in zip(parts, written, strict=True):
        lines = LineStyles(part)
        for hit in hits:
            name = part[hit.start : hit.end]
            if not is_capitalised(name):
                continue
            if names_another_thing(hit, part, parts):
                other.add(hit.company)
            elif has_legal_form(hit, part):
                formed.add(hit.company)
            elif may_be_common_word(hit, part, lines):
                doubtful.setdefault(hit.company, set()).add(name)
            else:
                real.add(hit.company)
    common = {
        company
        for company, names in doubtful.items()
        if company not in real and any(is_common_word(name, part) for name in names for part in parts)
    }
    return (other | common) - formed


def _find_definitions(text: str) -> dict[str, str]:
    """Finds the short names that a text defines, each with the name it stands for: `The Marl Group (ISIN …, "TMG")`."""
    found: dict[str, str] = {}
    for one in _DEFINITION.finditer(text):
        name = find_name_before(text, one.start())
        if name and core_name(name) != core_name(one["short"] or one["initials"]):
            found.setdefault(one["short"] or one["initials"], name)
    return found


class _Definitions:
    """The short names that a text defines. They are read when a short name first needs them."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _names(self) -> dict[str, str]:
        return _find_definitions(self._text)

    def find(self, written: str) -> str:
        """Returns the name that a short name stands for; empty if the text does not define it in brackets."""
        if not any(f"{written}{end}" in self._text for end in ('"', "\u201d", "\u2019", "'", ")")):
            return ""
        return self._names.get(written, "")


def _means_another(written: str, company: int, defined: _Definitions, reference: Reference) -> bool:
    """Whether the text has defined these words as the short name of another company or thing."""
    name = defined.find(written) if len(written) < _LONGEST_SHORT else ""
    if not name:
        return False
    one, other = core_name(name).split(), core_name(reference.company(company).name).split()
    return one[:1] != other[:1]


def _is_part_of_longer(hit: NameHit, headline: str, text: str) -> bool:
    """Whether the text writes the name only behind the word that stands before it in the headline: `Bel Air Subaru`."""
    words = headline[: hit.start].split()
    if not words or not words[-1][0].isupper() or headline[hit.start - 1 : hit.start] != " ":
        return False
    written = headline[hit.start : hit.end]
    longer = f"{words[-1]} {written}"
    return words[-1][-1].isalnum() and 0 <= text.find(longer) == text.find(written) - len(longer) + len(written)


def _begins_longer(part: str, hit: NameHit, full: Collection[str]) -> bool:
    """Whether the words are the beginning of a longer name that stands before a ticker: `Marl` of `Marl Bay Gas`."""
    written = f"{part[hit.start : hit.end]} "
    return any(
        name.startswith(written)
        and core_name(name) != core_name(written)
        and part.startswith(" ".join(name.split()[: written.count(" ") + 1]), hit.start)
        for name in full
    )


def _resolve_ticker(
    one: tickers.TickerMention, where: Literal["headline", "text"], text: str, reference: Reference
) -> Mention:
    known = reference.find_by_isin(one.symbol) if one.isin else reference.find_by_ticker(one.symbol, one.exchange)
    if one.how == "bracket" and not one.exchange and not one.isin:
        known = None  # an exchange of several cities (`Euronext: AIR`): the table would take an American ticker
    name = find_name_before(text, one.opens) if one.opens > 0 else ""
    if name == one.symbol and known is None:
        name = ""  # `under the symbol ABC (NYSE: ABC)`
    if (
        known is not None
        and one.how == "ric"
        and not one.exchange
        and not may_own_ticker(name, one.symbol, reference, known)
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


def may_own_ticker(name: str, symbol: str, reference: Reference, known: int) -> bool:
    """Whether a name with a ticker without exchange (`<GEL>`) may be the company that has the ticker today.

    Old texts have tickers that now belong to other companies.
    """
    company = core_name(reference.company(known).name)
    if not name or is_legal_form(name) or not company or name.upper().endswith(symbol):
        return True
    written = core_name(name)
    shared = set(written.split()) & set(company.split())
    return not shared <= reference.generic or _join_letters(company)[:_ALIKE] in _join_letters(written)


def _join_letters(name: str) -> str:
    return "".join(filter(str.isalnum, name))


def _reconcile(
    hits: list[NameHit], listed: list[Mention], text: str, reference: Reference
) -> tuple[list[NameHit], list[Mention]]:
    """Uses a ticker right after a name to decide which company the name means.

    A ticker that fits the company of the name is linked to it. For a ticker of another company the name is dropped.
    Returns the remaining names and the ticker mentions.
    """
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
    """Whether the table gives the company another ticker on that exchange, or another ISIN."""
    if one.isin:
        return bool(company.isins)
    markets = {listing_key(market, "") for market, _ in company.listings}
    if not one.exchange:
        return bool(markets & {"XNYS:", "XNAS:", "OTCM:", "XCBO:"})
    return listing_key(one.exchange, "") in markets
