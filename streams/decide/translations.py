"""Recognises a translation by what both languages share: most figures, or, where there are few, nearly all names.

A translation stays a story of its own and is linked. A wrong link suppresses nothing, but readers follow it; so the
rules are strict: a company or a name in both headlines, and nothing that contradicts.
"""

from collections.abc import Iterator

import msgspec

from streams.decide import word_lists
from streams.decide.differing_words import Words, read_text
from streams.decide.documents import unpack
from streams.decide.lsh_index import figure_keys, name_keys
from streams.decide.near_duplicates import find_candidates
from streams.decide.parameters import DecideParams, parse_milliseconds
from streams.decide.similarity import estimate_jaccard
from streams.decide.sketches import Sketch, may_differ_in_language, pack_language
from streams.decide.state import Batch
from streams.decide.state_entries import StoredFingerprint, StoryEntry, StoryStatus
from streams.model.records import Item, TextFingerprint, normalise_figures

LEAST_FIGURES = 5
"""Figures, without years, that both texts contain. Fewer are shared by chance, such as dates and round numbers."""
SHARED_OF_ALL = 600
"""Per thousand of the figures of both: languages write some as words and group thousands in their own ways."""
LEAST_NAME = 4
"""Letters of a name; shorter ones are often legal forms: AG, Inc, plc."""
ALIKE = 200
"""Per thousand of 3-word phrases: two texts that share more are in one language, whatever their tags say."""
MOST_COMPARED = 8
LEAST_NAMES = 4
"""Names that both texts have, beside a figure: the company, and people, places or products. Without, one more."""
NAMES_OF_ALL = 600
"""Per thousand of the names of the text that has fewer. In German every noun counts as a name."""
FEW_FIGURES_OF_ALL = 750
"""Per thousand of the figures of both, years with them, where they are few."""
MOST_LONGER = 1400
"""The words of the longer text, per thousand of those of the other."""
SAME_LANGUAGE = 350
"""Per thousand of the words in lower case of the text with fewer; Danish and Swedish share up to 300."""
_NO_NAMES = word_lists.LEGAL_FORMS | word_lists.ROLES | word_lists.COMMON | word_lists.DATES


class Link(msgspec.Struct, frozen=True, gc=False):
    """The story that an item translates, and what both share: kind -> figures or names."""

    uri: str
    shared: dict[str, list[str]]


def find_original(state: Batch, item: Item, params: DecideParams) -> Link | None:
    """Finds the story that the item translates."""
    mine = item.fingerprint
    if not mine.language:
        return None
    link = None
    if len(normalise_figures(mine.numbers)) >= LEAST_FIGURES:
        link = _find_by_figures(state, item, params)
    return link or _find_by_names(state, item, params)


def _find_by_figures(state: Batch, item: Item, params: DecideParams) -> Link | None:
    figures = normalise_figures(item.fingerprint.numbers)
    for number, _ in _find_in_other_languages(state, item, figure_keys(item.fingerprint.numbers), params):
        found = _read_original(state, item, number)
        if found is None:
            continue
        entry, story = found
        theirs = normalise_figures(entry.fingerprint.numbers)
        common = figures & theirs
        if len(common) < LEAST_FIGURES or len(common) * 1000 < SHARED_OF_ALL * len(figures | theirs):
            continue
        if _share_a_name(item, entry, story.symbols):
            return _link(story, figures=sorted(common))
    return None


def _find_by_names(state: Batch, item: Item, params: DecideParams) -> Link | None:
    """Finds the original of a text with few figures: of the stories whose names are nearly its own, the nearest."""
    mine = item.fingerprint
    # An English text has English keys in the index. It looks for those of other languages, others look for both.
    keys = name_keys(mine, english=False) + (name_keys(mine, english=True) if mine.language != "en" else ())
    text: Words | None = None
    best: tuple[tuple[int, int], StoryEntry, list[str]] | None = None
    for number, sketch in _find_in_other_languages(state, item, keys, params):
        found = _read_original(state, item, number) if _are_as_long(mine.words, sketch.words) else None
        if found is None:
            continue
        entry, story = found
        if story.fingerprint_number != number or not _share_a_name(item, entry, story.symbols):
            continue
        document = state.document(entry.uri)
        if document is None or not _agree_in_figures(mine, entry.fingerprint):
            continue
        text = text or read_text(bytes(item.event)).body
        theirs = read_text(unpack(document.packed)).body
        if _share_words(text, theirs):
            continue
        shared, of_all = _share_names(text, theirs)
        titles = [set(shared) & set(each.title) for each in (mine, entry.fingerprint)]
        if titles[0] - titles[1] and titles[1] - titles[0]:
            continue
        rank = len(shared) * 1000 // max(1, of_all), number
        least = LEAST_NAMES if set(mine.numbers) & set(entry.fingerprint.numbers) else LEAST_NAMES + 1
        if len(shared) >= least and rank[0] >= NAMES_OF_ALL and (best is None or rank > best[0]):
            best = rank, story, shared
    return _link(best[1], names=best[2]) if best else None


def _find_in_other_languages(
    state: Batch, item: Item, keys: tuple[int, ...], params: DecideParams
) -> Iterator[tuple[int, Sketch]]:
    """Finds published texts of other languages that share keys and came near enough in time, by their sketches."""
    language, received = pack_language(item.fingerprint.language), parse_milliseconds(item.received)
    for number, sketch in find_candidates(state, keys, MOST_COMPARED):
        if (
            sketch.published
            and may_differ_in_language(language, sketch.language)
            and abs(sketch.received - received) <= params.translation
        ):
            yield number, sketch


def _read_original(state: Batch, item: Item, number: int) -> tuple[StoredFingerprint, StoryEntry] | None:
    """Reads a text and its story; None if the story lives no more, or if the text is in the item's language."""
    entry = state.fingerprint(number)
    story = state.story(entry.uri) if entry is not None else None
    if entry is None or story is None or story.status is not StoryStatus.LIVE:
        return None
    mine, theirs = item.fingerprint, entry.fingerprint
    if theirs.language == mine.language or estimate_jaccard(mine.minhash, theirs.minhash) >= ALIKE:
        return None
    return entry, story


def _link(story: StoryEntry, **shared: list[str]) -> Link:
    return Link(story.translation_of or story.uri, shared)


def _share_a_name(item: Item, entry: StoredFingerprint, symbols: tuple[str, ...]) -> bool:
    """Tells whether both name a company in common; if one names no company, a name in headline and first sentences."""
    if item.symbols and symbols:
        return bool(set(item.symbols) & set(symbols))
    here, there = item.fingerprint, entry.fingerprint
    names = set(here.names) & set(there.names) & set(here.title) & set(there.title)
    return any(len(name) >= LEAST_NAME for name in names)


def _are_as_long(one: int, other: int) -> bool:
    """Tells whether two numbers of words are about the same."""
    return max(one, other) * 1000 <= MOST_LONGER * min(one, other)


def _agree_in_figures(one: TextFingerprint, other: TextFingerprint) -> bool:
    """Tells whether two texts agree in their few figures: not each has one that is its own."""
    here, there = set(one.numbers), set(other.numbers)
    return (here <= there or there <= here) and len(here & there) * 1000 >= FEW_FIGURES_OF_ALL * len(here | there)


def _share_words(one: Words, other: Words) -> bool:
    """Tells whether two texts share so many words in lower case that they are in one language, against their tags."""
    here, there = ({word for at, word in enumerate(each.folded) if not each.is_capital(at)} for each in (one, other))
    return len(here & there) * 1000 > SAME_LANGUAGE * min(len(here), len(there))


def _share_names(one: Words, other: Words) -> tuple[list[str], int]:
    """Returns the names of the text with fewer names that the other has too, and the number of its names."""
    here, there = _read_names(one), _read_names(other)
    fewer, words = (here, other.known) if len(here) <= len(there) else (there, one.known)
    return sorted(fewer & words), len(fewer)


def _read_names(words: Words) -> set[str]:
    """Returns the capitalised words of a text that begin no sentence."""
    return {
        word
        for at, word in enumerate(words.folded)
        if len(word) > 2
        and word not in _NO_NAMES
        and not word[0].isdigit()
        and words.is_capital(at)
        and not words.begins_sentence(at)
    }
