"""Translations: the story in another language that an item tells again, known by its figures and its names (pure).

A translation shares no words with its original, so only what no language changes can say so: the figures, and the
companies or the names of the first sentences. It stays a story of its own and is linked; a wrong link suppresses
nothing, but readers follow it, so the rule is strict and a short notice without figures is not linked.
"""

from streams.decide.lsh_index import figure_keys
from streams.decide.near_duplicates import apart, candidates
from streams.decide.parameters import Rulebook
from streams.decide.similarity import likeness
from streams.decide.state import Overlay
from streams.decide.state_entries import Near
from streams.model.records import Item, Print, plain_figures

LEAST_FIGURES = 5
"""Figures, years aside, that both name: fewer are shared by chance, as dates and round numbers are."""
SHARED_OF_ALL = 600
"""Per thousand of the figures of both: languages write some as words, and point thousands in their own ways."""
LEAST_NAME = 4
"""Letters of a name that is more than a legal form: AG, Inc, plc."""
ALIKE = 200
"""Per thousand of 3-word phrases: two texts that share more are in one language, whatever their tags say."""
MOST_COMPARED = 8


def original(state: Overlay, item: Item, rules: Rulebook) -> tuple[str, tuple[str, ...]]:
    """The uri of the story that the item translates, and the figures that show it; empty where there is none."""
    mark = item.print
    figures = plain_figures(mark.numbers)
    if not mark.language or len(figures) < LEAST_FIGURES:
        return "", ()
    for _, entry in candidates(state, figure_keys(mark.numbers), MOST_COMPARED):
        if not _other_language(mark, entry.print) or apart(item, entry) > rules.translation:
            continue
        if likeness(mark.minhash, entry.print.minhash) >= ALIKE:
            continue
        theirs = plain_figures(entry.print.numbers)
        common = figures & theirs
        if len(common) < LEAST_FIGURES or len(common) * 1000 < SHARED_OF_ALL * len(figures | theirs):
            continue
        story = state.story(entry.uri)
        if story is not None and story.status == "live" and _same_names(item, entry, story.symbols):
            return story.translation_of or story.uri, tuple(sorted(common))
    return "", ()


def _other_language(one: Print, other: Print) -> bool:
    return bool(other.language) and one.language != other.language


def _same_names(item: Item, entry: Near, symbols: tuple[str, ...]) -> bool:
    """A company in common; where one of them marks none, a name of both headlines and both first sentences."""
    if item.symbols and symbols:
        return bool(set(item.symbols) & set(symbols))
    here, there = item.print, entry.print
    names = set(here.names) & set(there.names) & set(here.title) & set(there.title)
    return any(len(name) >= LEAST_NAME for name in names)
