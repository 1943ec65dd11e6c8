"""Merges what wire codes, issuer line, tickers and names say into one `Company` for each company."""

import re
from collections.abc import Iterable
from typing import Literal
from urllib.parse import quote

from streams.model.records import Company, Listing, Mention, Organisation, Story
from streams.prepare.companies.identifiers import find_mic, is_valid_isin
from streams.prepare.companies.mentions import find_mentions, may_own_ticker
from streams.prepare.companies.names import core_name, fold_name, is_legal_form
from streams.prepare.companies.reference import Reference
from streams.prepare.companies.reference_file import listing_key
from streams.prepare.companies.salience import is_subject

LEAD_CHARACTERS = 400
"""Characters of the text in which a ticker may make its company a subject. Later tickers are mentions."""
MAX_MENTIONS = 64
_CLASS = re.compile(r"[ ./-](?:PR ?|P)?[A-Z]\Z")
_LEADS = 60
"""Characters of the text in which a named company leads the story."""

Rel = Literal["about", "mentions"]


class _CompanyDraft:
    """What has been collected about one company."""

    def __init__(self) -> None:
        self.names: dict[str, None] = {}
        self.listings: dict[str, Listing] = {}
        self.isins: dict[str, None] = {}
        self.rel: Rel = "mentions"
        self.known: int | None = None


class _CompanyDrafts:
    """The companies collected so far, in order of appearance, found by number, ISIN, listing or name."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._by: dict[object, _CompanyDraft] = {}
        self.rows: list[_CompanyDraft] = []

    def add(
        self,
        *,
        name: str,
        listing: Listing | None,
        isin: str,
        rel: Rel,
        known: int | None,
        same: _CompanyDraft | None = None,
    ) -> _CompanyDraft:
        """Adds what one place says about a company; creates the company if none has the same number, ISIN or name.

        `known` is its number in the reference table. `same` is the company to use if nothing else decides it.
        """
        if known is None and isin:
            known = self._reference.find_by_isin(isin)
        if known is None and listing and listing.exchange:
            known = self._reference.find_by_ticker(listing.symbol, listing.exchange)
        keys: list[object] = [known] if known is not None else []
        keys += [isin] if isin else []
        if listing and listing.exchange:
            keys.append(listing_key(listing.exchange, listing.symbol))
        plain = core_name(name) if name else ""
        keys += [("name", plain)] if plain else []
        draft = next((self._by[key] for key in keys if key in self._by), same)
        if draft is None and listing and not name:  # another class of shares of a company: `MRL PR B` of `MRL`
            draft = self._by.get(listing_key(listing.exchange, _CLASS.sub("", listing.symbol)))
        if draft is None:
            draft = _CompanyDraft()
            self.rows.append(draft)
        for key in keys:
            self._by.setdefault(key, draft)
        if known is not None and draft.known is None:
            draft.known = known
        if name:
            draft.names.setdefault(name)
        if listing and (listing.exchange or name):
            draft.listings.setdefault(listing_key(listing.exchange, listing.symbol), listing)
        if isin:
            draft.isins.setdefault(isin)
        if rel == "about":
            draft.rel = "about"
        return draft


def resolve_companies(
    story: Story, reference: Reference, *, issuer_stated: bool = True
) -> tuple[tuple[Company, ...], tuple[Mention, ...]]:
    """Returns the companies of a story, those it is about first, and the places that mention them.

    `issuer_stated` says that the wire or a `SOURCE` line names the issuer; else it was found in the text.
    """
    drafts = _CompanyDrafts(reference)
    for row in story.organisations:
        _add_organisation(row, drafts, reference)
    issuer = _find_issuer(story.issuer, reference)
    stated = {draft.known for draft in drafts.rows if draft.known is not None} | {issuer} - {None}
    found = find_mentions(story.headline, story.text, reference, frozenset(one for one in stated if one is not None))
    if story.issuer and (
        issuer is not None
        or (_has_legal_form(story.issuer) and (issuer_stated or core_name(story.issuer) in core_name(story.text)))
        or _is_named(story.issuer, found)
        or is_named_first(story.issuer, story.headline, story.text)
    ):
        drafts.add(name=story.issuer, listing=None, isin="", rel="about", known=issuer)
    last: tuple[Mention, _CompanyDraft] | None = None
    named: set[int | None] = set()
    for one in found:
        if one.how == "name" and one.field == "text":
            if one.known in named:
                last = None
                continue  # the first mention of a name decides whether the item is about its company
            named.add(one.known)
        text = story.headline if one.field == "headline" else story.text
        leads = one.field == "headline" or (one.how != "name" and one.start < LEAD_CHARACTERS)
        rel: Rel = "about" if leads and is_subject(one, text) else "mentions"
        listing = Listing(one.symbol, one.exchange) if one.symbol else None
        name = one.name if one.how != "name" else ""
        same = last[1] if last and not name and _shares_bracket(last[0], one, text) else None
        last = one, drafts.add(name=name, listing=listing, isin=one.isin, rel=rel, known=one.known, same=same)
    if not any(draft.rel == "about" for draft in drafts.rows):
        _promote_first(drafts, [one for one in found if _may_lead(one, story)])
    rows = [_build_company(draft, reference) for draft in drafts.rows]
    kept = [row for row in rows if row.name or row.listings or row.isins]
    kept.sort(key=lambda row: row.rel != "about")
    return tuple(kept), tuple(found[:MAX_MENTIONS])


def build_company_keys(rows: Iterable[Company]) -> tuple[str, ...]:
    """Returns listings (`XNAS:FCEL`, MIC of the operator) and ISINs of the companies the item is about, sorted.

    A company of the reference table always adds its main listing, so that two items about it share a key.
    """
    found: set[str] = set()
    for row in rows:
        if row.rel == "about":
            found.update(listing_key(one.exchange, one.symbol) for one in row.listings if one.exchange)
            found.update(row.isins)
            found.add(row.key)
    return tuple(sorted(found - {""}))


def _shares_bracket(last: Mention, one: Mention, text: str) -> bool:
    """Whether a ticker stands in the same bracket as the last one: `(NYSE: ABC; TSX: ABC)`."""
    gap = text[last.end : one.start]
    return one.how == last.how == "bracket" and one.field == last.field and len(gap) < 40 and ")" not in gap


def _add_organisation(row: Organisation, drafts: _CompanyDrafts, reference: Reference) -> None:
    """Adds an organisation that the wire names. Drops an invalid ISIN, and a lone ticker of an unknown exchange.

    A ticker without exchange says which company it is only where the name fits: `AIR` is Airbus, and AAR in New York.
    """
    isin = row.isin if is_valid_isin(row.isin) else ""
    market = find_mic(row.exchange)
    symbol = row.symbol if market or row.name else ""
    if row.name or symbol or isin:
        listing = Listing(symbol, market) if symbol else None
        known = reference.find_by_isin(isin) if isin else None
        if known is None and listing and not market:
            known = reference.find_by_ticker(symbol, "")
            if known is not None and not may_own_ticker(row.name, symbol, reference, known):
                known = None
        drafts.add(name=row.name, listing=listing, isin=isin, rel=row.rel, known=known)


def _find_issuer(issuer: str, reference: Reference) -> int | None:
    """Returns the number of the company if the issuer line is its name and nothing else; otherwise None."""
    hits = reference.find_names(issuer) if issuer else []
    if (
        len(hits) == 1
        and hits[0].start <= len("The ")
        and core_name(issuer) == core_name(issuer[hits[0].start : hits[0].end])
    ):
        return hits[0].company
    return None


def _has_legal_form(name: str) -> bool:
    words = name.replace(",", " ").split()
    return len(words) > 1 and is_legal_form(words[-1]) and ";" not in name


def _is_named(issuer: str, found: list[Mention]) -> bool:
    plain = core_name(issuer)
    return any(one.how != "name" and one.name and core_name(one.name) == plain for one in found)


def is_named_first(issuer: str, headline: str, text: str) -> bool:
    """Whether headline or first sentences, without the byline, name the issuer."""
    lead = "\n".join(line for line in text[:LEAD_CHARACTERS].split("\n") if not line.lower().startswith("by "))
    core = core_name(issuer)
    folded = fold_name(f"{headline}\n{lead}").decode(errors="replace")
    return bool(core) and (f" {core} " in folded or f" {core.replace('&', 'and')} " in folded)


def _may_lead(one: Mention, story: Story) -> bool:
    """Whether a mention may make its company the subject where nothing else says whom the item is about."""
    text = story.headline if one.field == "headline" else story.text
    if not is_subject(one, text):
        return False
    return one.how != "name" or (one.field == "text" and one.start < _LEADS)


def _promote_first(drafts: _CompanyDrafts, found: list[Mention]) -> None:
    """Makes the first mention the subject: used if nothing else says whom the item is about."""
    for one in found[:1]:
        listing = Listing(one.symbol, one.exchange) if one.symbol else None
        name = one.name if one.how != "name" else ""
        drafts.add(name=name, listing=listing, isin=one.isin, rel="about", known=one.known)


def build_known_company(number: int, reference: Reference) -> Company:
    """Builds a company of the reference table that an item is about, with its main listing."""
    draft = _CompanyDraft()
    draft.known, draft.rel = number, "about"
    return _build_company(draft, reference)


def _build_company(draft: _CompanyDraft, reference: Reference) -> Company:
    known = reference.company(draft.known) if draft.known is not None else None
    listings = dict(draft.listings)
    if known and known.listings:
        market, symbol = known.listings[0]
        listings.setdefault(known.key, Listing(symbol, market))
    isins = dict(draft.isins) or dict.fromkeys(known.isins if known else ())
    unnamed = {listing.symbol for listing in listings.values() if listing.exchange}
    return Company(
        name=_choose_name(list(draft.names), known.name if known else "", reference, draft.known),
        listings=tuple(one for one in listings.values() if one.exchange or one.symbol not in unnamed),
        isins=tuple(isins),
        rel=draft.rel,
        key=known.key if known else "",
        uri=_build_uri((known.id if known else "") or next(iter(isins), "")),
    )


def _build_uri(company_id: str) -> str:
    return f"urn:newswire:company:{quote(company_id, safe='')}" if company_id else ""


def _choose_name(written: list[str], known: str, reference: Reference, number: int | None) -> str:
    """Returns the name as wire or text write it, without words before it; else the name of the reference table."""
    if number is None:
        return written[0] if written else ""
    for name in written:
        for hit in reference.find_names(name):
            if hit.company == number:
                return name[hit.start :]
    return known
