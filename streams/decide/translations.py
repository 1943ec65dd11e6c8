"""Finds the story in another language that an item translates, by their figures and names.

A translation shares no words with its original. Only what is equal in all languages can identify it: the figures, and
the companies or the names in the first sentences. A translation stays a story of its own and is linked. A wrong link
suppresses nothing, but readers follow it; so the rule is strict, and a short notice without figures is not linked.
"""

from streams.decide.lsh_index import figure_keys
from streams.decide.near_duplicates import find_candidates, received_gap
from streams.decide.parameters import DecideParams
from streams.decide.similarity import estimate_jaccard
from streams.decide.sketches import SketchReader
from streams.decide.state import Batch
from streams.decide.state_entries import StoredFingerprint, StoryStatus
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


def find_original(state: Batch, item: Item, params: DecideParams) -> tuple[str, tuple[str, ...]]:
    """Finds the uri of the story that the item translates, and the figures they share; empty if there is none."""
    mine = item.fingerprint
    figures = normalise_figures(mine.numbers)
    if not mine.language or len(figures) < LEAST_FIGURES:
        return "", ()
    sketches = SketchReader(mine)
    for number, sketch in find_candidates(state, figure_keys(mine.numbers), MOST_COMPARED):
        if not sketches.may_differ_in_language(sketch) or (entry := state.fingerprint(number)) is None:
            continue
        theirs = entry.fingerprint
        if not entry.version or not _differ_in_language(mine, theirs) or received_gap(item, entry) > params.translation:
            continue
        if estimate_jaccard(mine.minhash, theirs.minhash) >= ALIKE:
            continue
        their_figures = normalise_figures(theirs.numbers)
        common = figures & their_figures
        if len(common) < LEAST_FIGURES or len(common) * 1000 < SHARED_OF_ALL * len(figures | their_figures):
            continue
        story = state.story(entry.uri)
        if story is not None and story.status is StoryStatus.LIVE and _share_a_name(item, entry, story.symbols):
            return story.translation_of or story.uri, tuple(sorted(common))
    return "", ()


def _differ_in_language(one: TextFingerprint, other: TextFingerprint) -> bool:
    return bool(other.language) and one.language != other.language


def _share_a_name(item: Item, entry: StoredFingerprint, symbols: tuple[str, ...]) -> bool:
    """Tells whether both name a company in common; if one names no company, a name in headline and first sentences."""
    if item.symbols and symbols:
        return bool(set(item.symbols) & set(symbols))
    here, there = item.fingerprint, entry.fingerprint
    names = set(here.names) & set(there.names) & set(here.title) & set(there.title)
    return any(len(name) >= LEAST_NAME for name in names)
