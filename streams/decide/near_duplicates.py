"""Finds near-duplicates and originals of a text: fingerprints that share index keys, then compared in detail.

A near-duplicate shares nearly all 3-word phrases with an earlier text, or is nearly all contained in it, and
contradicts it in no fact (similarity.py) and in no word (differing_words.py).
"""

from collections import Counter
from collections.abc import Callable, Container, Iterator
from heapq import heapify, heappop, heappush
from itertools import chain

import msgspec

from streams.decide.differing_words import Text, WordDifference, compare_words, read_text
from streams.decide.documents import unpack
from streams.decide.lsh_index import MOST_OF_A_KEY, opening_key, pair_keys, text_keys, ticker_keys, title_key
from streams.decide.parameters import parse_milliseconds
from streams.decide.similarity import (
    LEAST_WORDS,
    ComparableText,
    TextComparison,
    Thresholds,
    compare,
    is_alike,
    measure_similarity,
    titles_contradict,
)
from streams.decide.sketches import Sketch, SketchReader
from streams.decide.state import Batch
from streams.decide.state_entries import StoredFingerprint
from streams.model.records import Item, Status, TextFingerprint

MOST_COMPARED = 24
"""The most candidates that are compared: those with the most keys in common."""


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """An earlier text, and its comparison with the new one."""

    number: int
    entry: StoredFingerprint
    compared: TextComparison


def comparable_entry(entry: StoredFingerprint) -> ComparableText:
    """Takes the parts of a stored fingerprint that a comparison reads."""
    return ComparableText(entry.fingerprint, entry.source, entry.facts)


def received_gap(item: Item, entry: StoredFingerprint, heard: int = 0) -> int:
    """Returns the time between the receipt of two texts, ms. Copies of the earlier one came until `heard`."""
    received = parse_milliseconds(item.received)
    return max(entry.received - received, received - max(entry.received, heard), 0)


def find_candidates(state: Batch, keys: tuple[int, ...], most: int) -> list[tuple[int, Sketch]]:
    """Finds earlier fingerprints that share keys: first those that share most, among equals the newest first."""
    return _rank(state, state.find(keys), most)


def _rank(state: Batch, found: list[list[int]], most: int) -> list[tuple[int, Sketch]]:
    if not any(found):
        return []
    shared = Counter(chain.from_iterable(found))
    # The index may list expired entries, but not after a recovery: that must not change a decision.
    clock = state.progress.clock
    living: list[tuple[int, Sketch]] = []
    for number in sorted(sorted(shared, reverse=True), key=shared.__getitem__, reverse=True):
        if len(living) == most:
            break
        known = state.sketch(number)
        if known is not None and known[0] > clock:
            living.append((number, known[1]))
    return living


def read_candidates(
    state: Batch, keys: tuple[int, ...], most: int = MOST_COMPARED
) -> Iterator[tuple[int, StoredFingerprint]]:
    """Finds earlier fingerprints as `find_candidates` does, and reads them from the state one by one."""
    for number, _ in find_candidates(state, keys, most):
        if (entry := state.fingerprint(number)) is not None:
            yield number, entry


Accept = Callable[[StoredFingerprint], bool]
Rated = tuple[int, int, int, StoredFingerprint | None]
"""Similarity, contained and number of a candidate, each below 0, and the candidate if it was read."""
ONE_DAY = 86_400_000
MOST_READ = 8
"""The most texts whose words are compared for one item. If a copy is beyond them, it is shown twice."""


class WordReader:
    """Compares the words of an item with those of stories, which are read from their documents in the state."""

    def __init__(self, state: Batch, item: Item) -> None:
        self._state, self._item = state, item
        self._mine: Text | None = None
        self._left = MOST_READ

    def refine(self, number: int, entry: StoredFingerprint, compared: TextComparison) -> TextComparison:
        """Adds to a comparison the words that differ, and what they say.

        Of an earlier version of a story, or one of before format 2, no words are known: then the facts decide alone.
        """
        found = self.compare(number, entry)
        if found is None:
            return compared
        facts = {} if found.same_body and self.may_be_notice(entry, compared) else compared.differ
        return msgspec.structs.replace(compared, words=found.words, differ={**facts, **found.differ})

    def may_be_notice(self, entry: StoredFingerprint, compared: TextComparison) -> bool:
        """Tells whether two texts may be one short notice of a company, each under the headline of another editor."""
        if compared.differ.keys() != {"headline"} or not self._item.symbols:
            return False
        story = self._state.story(entry.uri)
        return (
            story is not None
            and not set(self._item.symbols).isdisjoint(story.symbols)
            and received_gap(self._item, entry) <= ONE_DAY
        )

    def compare(self, number: int, entry: StoredFingerprint) -> WordDifference | None:
        """Compares with the text of a fingerprint, if readers see it now."""
        story = self._state.story(entry.uri)
        known = self._state.document(entry.uri) if story is not None and story.fingerprint_number == number else None
        if known is None:
            return None
        if self._mine is None:
            self._mine = read_text(bytes(self._item.event))
        self._left -= 1
        theirs = read_text(unpack(known.packed))
        language = self._item.fingerprint.language or entry.fingerprint.language
        return compare_words(self._mine, theirs, language)

    @property
    def exhausted(self) -> bool:
        """So many texts were read that no other is."""
        return self._left <= 0


def find_copy(
    state: Batch, new: ComparableText, limits: Thresholds, accept: Accept, reader: WordReader
) -> tuple[Candidate | None, Candidate | None]:
    """Finds the earlier text that the new one is a near-duplicate of; if there is none, the most similar other text.

    `accept` can exclude a fingerprint, for its companies or its age. The most similar come first, so that the facts
    of few are compared.
    """
    mine = new.fingerprint
    keys = text_keys(mine)
    found = state.find(keys)
    candidates = _rank(state, found, MOST_COMPARED)
    if not candidates:
        return None, None
    begins_alike = _find_begun_alike(mine, keys, found)
    sketches = SketchReader(mine)
    # The most similar first. By its sketch a text may be too similar: it is read when its turn comes, and queues again.
    queue = [_rate(sketches.bound(sketch), number, None) for number, sketch in candidates]
    heapify(queue)
    closest: Candidate | None = None
    judged: set[tuple[str, int]] = set()
    while queue:
        similarity, contained, number, entry = heappop(queue)
        similarity, contained, number = -similarity, -contained, -number
        if entry is None:
            if closest is not None and (
                contained < limits.contained or (similarity < limits.similarity and number not in begins_alike)
            ):
                continue  # it is no copy, and a more similar text is known
            entry = state.fingerprint(number)
            if entry is not None and accept(entry):
                heappush(queue, _rate(measure_similarity(mine, entry.fingerprint), number, entry))
            continue
        alike = is_alike(mine, entry.fingerprint, (similarity, contained), limits)
        if alike:
            version = entry.uri, entry.version
            if version in judged:
                continue  # its fingerprint was renewed, and the newest of them was judged
            judged.add(version)
        if alike or closest is None:
            compared = compare(new, comparable_entry(entry))
            if alike and not reader.exhausted and (not compared.differ or reader.may_be_notice(entry, compared)):
                compared = reader.refine(number, entry, compared)
                if not compared.differ:
                    return Candidate(number, entry, compared), None
                closest = None if closest is None or not closest.compared.words else closest
            closest = closest or Candidate(number, entry, compared)
    return None, closest


def _rate(measured: tuple[int, int], number: int, entry: StoredFingerprint | None) -> Rated:
    return -measured[0], -measured[1], -number, entry


def _find_begun_alike(mine: TextFingerprint, keys: tuple[int, ...], found: list[list[int]]) -> Container[int]:
    """Returns the candidates that may begin with the same words: only those that share the key of the first words."""
    if mine.words < LEAST_WORDS:
        return ()
    numbers = found[keys.index(opening_key(mine))]
    return range(1 << 63) if len(numbers) >= MOST_OF_A_KEY else numbers


def find_original(state: Batch, item: Item, new: ComparableText, accept: Accept) -> tuple[Candidate | None, str]:
    """Finds the text that a correction, advisory or retraction refers to, and how it was recognised.

    By a headline that it quotes (or its own) word for word, then by words of one, then by its text. A kill corrects
    nothing, so a headline that contradicts the one it gives belongs to another story. An update with another text
    belongs to a story of these hours: tomorrow's has the same headline.
    """
    mine, quotes, kill = new.fingerprint, item.quotes, item.status is Status.WITHDRAWN
    keys = (*text_keys(mine), *pair_keys(mine.title), *ticker_keys(mine.tickers))
    for quote in quotes:
        keys = (*keys, *text_keys(TextFingerprint(title=quote)), *pair_keys(quote))
    best: tuple[int, int] | None = None
    found: Candidate | None = None
    how = ""
    # If many notices share a template, the one with this headline may be older than those that share most keys.
    same = read_candidates(state, tuple(title_key(title) for title in (*quotes, mine.title) if title))
    alike = read_candidates(state, tuple(dict.fromkeys(keys)), 2 * MOST_COMPARED)
    for number, entry in dict((*same, *alike)).items():
        theirs = entry.fingerprint
        if not accept(entry):
            continue
        if item.status is Status.ADVISORY and any(_quotes_another(quote, theirs.title) for quote in quotes):
            continue
        if kill and titles_contradict(_choose_title(mine, quotes, theirs), theirs.title):
            continue
        compared = compare(new, comparable_entry(entry))
        if (
            item.status is Status.UPDATE
            and compared.similarity < SAME_STORY_TEXT
            and received_gap(item, entry) > UPDATED_WITHIN
        ):
            continue
        score, way = _score_reference(mine, theirs, quotes, compared, kill=kill)
        if score and (best is None or (score, number) > best):
            best, found, how = (score, number), Candidate(number, entry, compared), way
    return found, how


def _quotes_another(quote: tuple[str, ...], title: tuple[str, ...]) -> bool:
    """Tells whether an advisory quotes the headline of another item: one that differs from this title in a figure.

    People who copy a headline change words by mistake, but hardly figures; an advisory names a wrong figure apart.
    """
    here, there = ({word for word in words if word[:1].isdigit()} for words in (quote, title))
    return bool(here - there) and bool(there - here) and title_overlap(quote, title) >= QUOTED_TITLE


def _choose_title(mine: TextFingerprint, quotes: tuple[tuple[str, ...], ...], old: TextFingerprint) -> tuple[str, ...]:
    """Chooses the headline by which a notice may refer to an earlier item: the nearest quoted one, else its own."""
    return max(quotes, key=lambda quote: title_overlap(quote, old.title), default=mine.title)


def title_overlap(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """Measures the words in common of all words of two headlines, per thousand; about 900 if one contains the other."""
    mine, theirs = set(one), set(other)
    if not mine or not theirs:
        return 0
    common, shorter = len(mine & theirs), min(len(mine), len(theirs))
    part = common * 900 // shorter if shorter >= PART_OF_TITLE else 0
    return max(common * 1000 // len(mine | theirs), part)


QUOTED_TITLE = 600
"""A quoted headline is copied by hand: spelling, tickers and a word or two may differ."""
SAME_TITLE = 700
"""A corrected story keeps most of its headline, except what is corrected."""
PART_OF_TITLE = 4
"""The fewest words of a headline that identify it as part of another one."""
NAMING_TITLE = 6
"""The fewest words of a headline that names one story ("Transaction in Own Shares" is many)."""
RELATED_TITLE = 250
STRANGERS_TITLE = 500
"""If the texts name others and no ticker is equal, half of the headline must be equal, and it must name one story."""
SAME_STORY_TEXT = 300
"""A corrected text keeps at least half of its words; figures and names may be what was corrected."""
UPDATED_WITHIN = 12 * 3_600_000
"""How long after a text an update of another wording may come, ms."""
SAME_FIGURES = 500
"""With an equal ticker and any headline, half of the figures and dates must be equal."""


def _score_reference(
    mine: TextFingerprint,
    old: TextFingerprint,
    quotes: tuple[tuple[str, ...], ...],
    compared: TextComparison,
    *,
    kill: bool,
) -> tuple[int, str]:
    """Scores how surely a notice refers to an earlier item (0: it does not), and says by what."""
    quoted = max((title_overlap(quote, old.title) for quote in quotes), default=0)
    if quoted >= QUOTED_TITLE:
        return 3000 + quoted, "quoted headline"
    own = title_overlap(mine.title, old.title)
    ticker = bool(set(mine.tickers) & set(old.tickers))
    if "names" in compared.differ and not ticker and (own < STRANGERS_TITLE or len(mine.title) < NAMING_TITLE):
        return 0, ""
    least = NAMING_TITLE if kill and not ticker else PART_OF_TITLE
    if own >= SAME_TITLE and (len(mine.title) >= least or compared.similarity >= SAME_STORY_TEXT):
        return 2000 + own + compared.similarity, "headline"
    alike = max(compared.similarity, compared.contained)
    if (alike >= SAME_STORY_TEXT and own >= RELATED_TITLE) or compared.similarity >= 2 * SAME_STORY_TEXT:
        return 1000 + own + compared.similarity, "text"
    if ticker:
        same = title_overlap((*mine.numbers, *mine.dates), (*old.numbers, *old.dates))
        if same >= SAME_FIGURES:
            return 500 + same, "ticker and figures"
    return 0, ""
