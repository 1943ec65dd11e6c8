"""The companies that a text names, each mention with its place: tickers, and names where they can be nothing else."""

import re
from collections.abc import Collection
from typing import Literal

import msgspec

from streams.company import Mention
from streams.prepare.companies import tickers
from streams.prepare.companies.leading import name_before
from streams.prepare.companies.names import is_legal_form, words
from streams.prepare.companies.reference import Hit, Known, Reference
from streams.prepare.companies.table import ACRONYM, SURE, WEAK, WORD, listing_key

_WORD = re.compile(r"[^\W\d_][\w&'\u2019.-]*")
_NEXT = re.compile(r",? (?P<word>[\w&'\u2019./-]+)")
_OFFICES = words(
    "ceo cfo coo cto chief president chairman chairwoman director executive founder analyst spokesman spokeswoman"
    " shares stock monday tuesday wednesday thursday friday"
)
"""What may follow a company's name with a capital and is no part of it."""
_PASSING = words("the and or of at with from by for in on to as but like including than via versus vs when while if")
_BETWEEN = re.compile(r"[a-z]{2,},?")
_APART = (
    "'s",
    "\u2019s",
    "s'",
    ".",
    ",",
    ":",
    ";",
    "-",
    "\u2013",
    "\u2014",
    "!",
    "?",
    ")",
    ">",
    "|",
    "/",
    '"',
    "\u201d",
)
_VERBS = words("said says reported reports announced announces shares stock unveils unveiled posted")
_PARTICLES = words("de del della di da dos das des du van von der")
_NAME_CHARACTERS = 20_000
"""Names are looked for to here: what a text of that length has not named by then, it is not about."""
_TICKER_CHARACTERS = 100_000


def mentions(headline: str, text: str, reference: Reference, stated: Collection[int] = ()) -> list[Mention]:
    """The mentions in headline and text, in their order. `stated`: numbers of companies that the wire names."""
    parts: tuple[tuple[Literal["headline", "text"], str], ...] = (
        ("headline", headline),
        ("text", text[:_TICKER_CHARACTERS]),
    )
    listed = [
        (where, part, [_listed(one, where, part, reference) for one in tickers.in_text(part)]) for where, part in parts
    ]
    certain = {*stated, *(one.known for _, _, found in listed for one in found if one.known is not None)}
    every: list[Mention] = []
    for where, part, found in listed:
        lines = _Lines(part)
        spans = [(one.start, one.end) for one in found]
        hits = [
            hit
            for hit in reference.names(part[:_NAME_CHARACTERS])
            if _is_capitalised(part[hit.start : hit.end])
            and not any(hit.start < end and start < hit.end for start, end in spans)
            and _is_name(hit, part, lines, certain, reference.generic)
        ]
        kept, linked = _reconciled(hits, found, part, reference)
        named = [
            Mention(
                field=where, start=hit.start, end=hit.end, how="name", known=hit.company, name=part[hit.start : hit.end]
            )
            for hit in kept
        ]
        every += sorted([*linked, *named], key=lambda one: one.start)
    return every


def _listed(one: tickers.Listing, where: Literal["headline", "text"], text: str, reference: Reference) -> Mention:
    known = reference.isin(one.symbol) if one.isin else reference.listed(one.symbol, one.exchange)
    return Mention(
        field=where,
        start=one.start,
        end=one.end,
        how=one.how,
        known=known,
        name=name_before(text, one.opens) if one.opens > 0 else "",
        symbol="" if one.isin else one.symbol,
        exchange=one.exchange,
        isin=one.symbol if one.isin else "",
    )


def _reconciled(
    hits: list[Hit], listed: list[Mention], text: str, reference: Reference
) -> tuple[list[Hit], list[Mention]]:
    """A ticker right behind a name settles whose name it is: of the table's company, or of another of its name."""
    kept = list(hits)
    linked = []
    for one in listed:
        before = next((hit for hit in reversed(kept) if hit.end <= one.start and _behind(text, hit.end, one)), None)
        if before is None or one.known == before.company:
            linked.append(one)
        elif one.known is None and not _contradicts(one, reference.company(before.company)):
            linked.append(msgspec.structs.replace(one, known=before.company))
        else:
            kept.remove(before)
            linked.append(one)
    return kept, linked


_GAP = re.compile(r"(?:,? (?:[\w.&/]+)){0,3}['\u2019s]{0,2}\s*(?:\([^()]{0,80}\)\s*)*[(<\[][^()<>]*")


def _behind(text: str, end: int, one: Mention) -> bool:
    gap = text[end : one.start + (one.how == "ric")]
    return (
        one.how != "cashtag"
        and len(gap) < 120
        and _GAP.fullmatch(gap) is not None
        and all(
            is_legal_form(word) or word[0] in "([<"
            for word in gap.split("(")[0].split("<")[0].replace(",", " ").split()
        )
    )


def _contradicts(one: Mention, company: Known) -> bool:
    """Whether the table gives the company another ticker on that exchange."""
    if one.isin:
        return bool(company.isins)
    markets = {listing_key(market, "") for market, _ in company.listings}
    if not one.exchange:
        return bool(markets & {"XNYS:", "XNAS:", "OTCM:", "XCBO:"})
    return listing_key(one.exchange, "") in markets


class _Lines:
    """Tells how a line is written: as `prose`, where a capital means something, in `Title` Case, or all in `UPPER`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines: dict[int, Literal["prose", "title", "upper"]] = {}

    def at(self, place: int) -> Literal["prose", "title", "upper"]:
        begin = self._text.rfind("\n", 0, place) + 1
        if begin not in self._lines:
            end = self._text.find("\n", place)
            words = _WORD.findall(self._text[begin : min(end if end >= 0 else len(self._text), begin + 240)])[1:]
            long = [word for word in words if len(word) > 3]
            lower = sum(word[0].islower() for word in long)
            if lower >= 2 and lower * 3 >= len(long):
                self._lines[begin] = "prose"
            else:
                self._lines[begin] = "upper" if sum(word.isupper() for word in long) * 2 >= len(long) else "title"
        return self._lines[begin]


def _is_name(hit: Hit, text: str, lines: _Lines, certain: Collection[int], generic: Collection[str]) -> bool:
    """Whether the words are the company's name here."""
    written = text[hit.start : hit.end]
    if hit.start and text[hit.start - 1] in "@#/$.-_":
        return False
    glued = text[hit.end : hit.end + 2]
    if len(glued) == 2 and glued[0] in _GLUE and glued[1].isalnum() and (glued[0] != "-" or glued[1].isupper()):
        return False
    following = _following(text, hit.end)
    formed = bool(following) and is_legal_form(following[0]) and following[0][0].isupper()
    if not formed and _goes_on(following, text, hit.end, generic):
        return False
    style = lines.at(hit.start)
    if _begins_before(hit, text, style == "prose" or hit.kind != SURE):
        return False
    if formed or hit.company in certain:
        return True
    if hit.kind == WEAK:
        return False
    if hit.kind == ACRONYM:
        bracketed = text[hit.start - 1 : hit.start] == "(" or text[hit.end : hit.end + 1] == ")"
        return written.isupper() and not bracketed and (style == "prose" or (style == "title" and len(written) > 2))
    if style != "prose":
        return hit.kind == SURE
    if hit.kind == WORD and not (
        _BETWEEN.fullmatch(_word_before(text, hit.start)) or (following and following[0] in _VERBS)
    ):
        return False
    goes_on = following and following[0][0].isupper() and text[hit.end : hit.end + 1] == " "
    return written.count(" ") > 1 or not goes_on or following[0].casefold() in _OFFICES


_GLUE = "@/_-.&"


def _following(text: str, end: int) -> list[str]:
    """The words right behind a name, up to four; `, Inc.` counts, another comma ends them."""
    words: list[str] = []
    while len(words) < 4 and (found := _NEXT.match(text, end)):
        if found[0].startswith(",") and not is_legal_form(found["word"]):
            break
        words.append(found["word"])
        end = found.end()
    return words


def _goes_on(following: list[str], text: str, end: int, generic: Collection[str]) -> bool:
    """Whether the name is the beginning of a longer one: `Ford Motor Credit`, `Kaiser Aluminum and Chemical Corp`."""
    if not following or text[end : end + 1] != " ":
        return False
    words = following[1:] if following[0] in ("and", "&", "AND", "und") else following
    if not words or not words[0][0].isupper():
        return False
    if words[0].strip(".,").casefold() in generic:
        return True
    return (
        words is following
        and any(is_legal_form(word) for word in words[1:3])
        and all(word[0].isupper() for word in words[:2])
    )


def _word_before(text: str, start: int) -> str:
    """The word that one blank parts from `start`; empty at the beginning of a line and behind a bracket or dash."""
    if text[start - 1 : start] != " ":
        return ""
    words = text[max(0, start - 30) : start - 1].split()
    return (
        words[-1].lstrip("(<[\"'\u201c\u2018")
        if words and text[start - 2].isprintable() and text[start - 2] not in " \n"
        else ""
    )


def _begins_before(hit: Hit, text: str, capital_counts: bool) -> bool:
    """Whether the name is the end of a longer one, as in `West Hartford` or `Pacific Southwest Airlines`."""
    word = _word_before(text, hit.start)
    if not word or not capital_counts:
        return False
    if word in _PARTICLES:
        return True
    return word[0].isupper() and word.casefold() not in _PASSING and not word.endswith(_APART)


def _is_capitalised(written: str) -> bool:
    words = written.split()
    if not any(character.isupper() for character in words[0]):
        return words[0][0].isdigit()
    return all(word[0].isupper() or not word[0].isalpha() or len(word) < 4 or not word.islower() for word in words[1:])
