"""Translations: the story in another language that an item tells again, known by its figures and its names (pure).

A translation shares no words with its original, so only what no language changes can say so: the figures, and the
companies or the names of the first sentences. It stays a story of its own and is linked; a wrong link suppresses
nothing, but readers follow it, so the rule is strict and a short notice without figures is not linked.
"""

from streams.decide.bands import figure_keys, is_year, plain_figure
from streams.decide.compare import likeness
from streams.decide.entries import Near
from streams.decide.near import candidates
from streams.decide.rulebook import Rulebook, milliseconds
from streams.decide.state import Overlay
from streams.model import Item
from streams.textprint import Print

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
    figures = _figures(mark)
    if not mark.language or len(figures) < LEAST_FIGURES:
        return "", ()
    for _, entry in candidates(state, figure_keys(mark.numbers), MOST_COMPARED):
        if not _other_language(mark, entry.print) or not _at_the_time(item, entry, rules):
            continue
        if likeness(mark.minhash, entry.print.minhash) >= ALIKE:
            continue
        theirs = _figures(entry.print)
        common = figures & theirs
        if len(common) < LEAST_FIGURES or len(common) * 1000 < SHARED_OF_ALL * len(figures | theirs):
            continue
        story = state.story(entry.uri)
        if story is not None and story.status == "live" and _same_names(item, entry, story.symbols):
            return story.translation_of or story.uri, tuple(sorted(common))
    return "", ()


def _figures(mark: Print) -> set[str]:
    return {plain for figure in mark.numbers if not is_year(figure) and (plain := plain_figure(figure))}


def _other_language(one: Print, other: Print) -> bool:
    return bool(other.language) and one.language != other.language


def _at_the_time(item: Item, entry: Near, rules: Rulebook) -> bool:
    return abs(milliseconds(item.received) - entry.received) <= rules.translation


def _same_names(item: Item, entry: Near, symbols: tuple[str, ...]) -> bool:
    """A company in common; where one of them marks none, a name of both headlines and both first sentences."""
    if item.symbols and symbols:
        return bool(set(item.symbols) & set(symbols))
    here, there = item.print, entry.print
    names = set(here.names) & set(there.names) & set(here.title) & set(there.title)
    return any(len(name) >= LEAST_NAME for name in names)
