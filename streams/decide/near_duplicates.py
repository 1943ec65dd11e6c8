"""Near-copies: prints that share keys of the index, compared by likeness and by what tells look-alikes apart (pure).

A near-copy shares nearly all 3-word shingles with an earlier text, or is nearly all contained in it, and contradicts
it in nothing (compare.py).
"""

from collections import Counter
from collections.abc import Callable
from itertools import chain
from operator import itemgetter

import msgspec

from streams.decide.lsh_index import pair_keys, text_keys, ticker_keys, title_key
from streams.decide.parameters import milliseconds
from streams.decide.similarity import Compared, Side, Thresholds, compare, contradict, is_alike, resemblance
from streams.decide.state import Overlay
from streams.decide.state_entries import Near
from streams.model.records import Item, Print, Status

MOST_COMPARED = 24
"""Candidates compared, those with the most keys in common first."""


class Candidate(msgspec.Struct, frozen=True):
    """An earlier print, and how the new one compares."""

    number: int
    entry: Near
    compared: Compared


def side(entry: Near) -> Side:
    """An earlier text as the comparison sees it."""
    return Side(entry.print, entry.source, entry.facts)


def apart(item: Item, entry: Near) -> int:
    """How far apart two texts were received, ms."""
    return abs(milliseconds(item.received) - entry.received)


def candidates(state: Overlay, keys: tuple[int, ...], most: int = MOST_COMPARED) -> list[tuple[int, Near]]:
    """Earlier prints that share keys: those with the most in common first, the newest first among equals."""
    shared = Counter(chain.from_iterable(state.find(keys)))
    newest = sorted(shared, reverse=True)
    # The index may still hold what has expired, and after a recovery does not: that must not make a difference.
    living: list[tuple[int, Near]] = []
    for number in sorted(newest, key=shared.__getitem__, reverse=True):
        if len(living) == most:
            break
        if (entry := state.near(number)) is not None:
            living.append((number, entry))
    return living


Accept = Callable[[Near], bool]


def find_copy(
    state: Overlay, new: Side, limits: Thresholds, accept: Accept
) -> tuple[Candidate | None, Candidate | None]:
    """The earlier print that the text is a near-copy of; where there is none, the most alike of those that it is not.

    `accept` has the last word about a print (its companies, its age). The most alike come first, so that the facts of
    few are compared.
    """
    mark = new.print
    found = [
        (resemblance(mark, entry.print), number, entry)
        for number, entry in candidates(state, text_keys(mark))
        if accept(entry)
    ]
    found.sort(key=itemgetter(0, 1), reverse=True)
    apart: Candidate | None = None
    for resembling, number, entry in found:
        alike = is_alike(mark, entry.print, resembling, limits)
        if alike or apart is None:
            compared = compare(new, side(entry))
            if alike and not compared.differ:
                return Candidate(number, entry, compared), None
            apart = apart or Candidate(number, entry, compared)
    return None, apart


def find_original(
    state: Overlay, new: Side, quotes: tuple[tuple[str, ...], ...], accept: Accept, status: Status
) -> tuple[Candidate | None, str]:
    """The story that a correction, advisory or retraction means, and how that is known.

    By a headline it quotes (or its own) word for word, then by words of one, then by its text. A kill corrects
    nothing: a headline that says something else than the one it gives is another story's.
    """
    mark, kill = new.print, status is Status.WITHDRAWN
    keys = (*text_keys(mark), *pair_keys(mark.title), *ticker_keys(mark.tickers))
    for quote in quotes:
        keys = (*keys, *text_keys(Print(title=quote)), *pair_keys(quote))
    best: tuple[int, int] | None = None
    found: Candidate | None = None
    how = ""
    # Where many notices have one template, the one of this very headline may be older than those that share most keys.
    same = candidates(state, tuple(title_key(title) for title in (*quotes, mark.title) if title))
    alike = candidates(state, tuple(dict.fromkeys(keys)), 2 * MOST_COMPARED)
    for number, entry in dict((*same, *alike)).items():
        if not accept(entry):
            continue
        if status is Status.ADVISORY and any(_of_another(quote, entry.print.title) for quote in quotes):
            continue
        if kill and contradict(_given(mark, quotes, entry.print), entry.print.title):
            continue
        compared = compare(new, side(entry))
        score, way = _means(mark, entry.print, quotes, compared, kill=kill)
        if score and (best is None or (score, number) > best):
            best, found, how = (score, number), Candidate(number, entry, compared), way
    return found, how


def _of_another(quote: tuple[str, ...], title: tuple[str, ...]) -> bool:
    """Whether an advisory that quotes a headline means another item than this one, whose headline differs in a figure.

    A hand that copies a headline slips in words; and what is wrong in the text, an advisory says apart.
    """
    here, there = ({word for word in words if word[:1].isdigit()} for words in (quote, title))
    return bool(here - there) and bool(there - here) and overlap(quote, title) >= QUOTED_TITLE


def _given(mark: Print, quotes: tuple[tuple[str, ...], ...], old: Print) -> tuple[str, ...]:
    """The headline by which a notice may mean an earlier item: of those it quotes the nearest, else its own."""
    return max(quotes, key=lambda quote: overlap(quote, old.title), default=mark.title)


def overlap(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """Words in common of all words of two headlines, per thousand; nearly as much where one is part of the other."""
    mine, theirs = set(one), set(other)
    if not mine or not theirs:
        return 0
    common, shorter = len(mine & theirs), min(len(mine), len(theirs))
    part = common * 900 // shorter if shorter >= PART_OF_TITLE else 0
    return max(common * 1000 // len(mine | theirs), part)


QUOTED_TITLE = 600
"""A quoted headline is copied by hand: spelling, tickers and a word or two may differ."""
SAME_TITLE = 700
"""A corrected story keeps most of its headline, but for what is corrected."""
PART_OF_TITLE = 4
"""Words of a headline that is part of another one, for that to say something."""
NAMING_TITLE = 6
"""Words of a headline that name one story; "Transaction in Own Shares" is many, and a kill must not hit another."""
RELATED_TITLE = 250
STRANGERS_TITLE = 500
"""Where the first sentences name others, and no ticker is the same, half of the headline must be."""
SAME_STORY_TEXT = 300
"""A corrected text keeps half of it at least; figures and names may be what was corrected."""
SAME_FIGURES = 500
"""Under the same ticker and any headline, half of the figures and dates are the same."""


def _means(
    mark: Print, old: Print, quotes: tuple[tuple[str, ...], ...], compared: Compared, *, kill: bool
) -> tuple[int, str]:
    """How surely a notice means an earlier item, from 0, and by what."""
    quoted = max((overlap(quote, old.title) for quote in quotes), default=0)
    if quoted >= QUOTED_TITLE:
        return 3000 + quoted, "quoted headline"
    own = overlap(mark.title, old.title)
    ticker = bool(set(mark.tickers) & set(old.tickers))
    if "names" in compared.differ and own < STRANGERS_TITLE and not ticker:
        return 0, ""
    least = NAMING_TITLE if kill and not ticker else PART_OF_TITLE
    if own >= SAME_TITLE and (len(mark.title) >= least or compared.similarity >= SAME_STORY_TEXT):
        return 2000 + own + compared.similarity, "headline"
    alike = max(compared.similarity, compared.contained)
    if (alike >= SAME_STORY_TEXT and own >= RELATED_TITLE) or compared.similarity >= 2 * SAME_STORY_TEXT:
        return 1000 + own + compared.similarity, "text"
    if ticker and (same := overlap((*mark.numbers, *mark.dates), (*old.numbers, *old.dates))) >= SAME_FIGURES:
        return 500 + same, "ticker and figures"
    return 0, ""
