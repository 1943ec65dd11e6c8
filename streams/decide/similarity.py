"""Compares two texts by their fingerprints: how similar they are, and in which facts they agree and differ.

One contradiction keeps two texts apart: to suppress one result is worse than to publish ten copies. All numbers are
integers per thousand, so that no machine rounds differently.
"""

import re
from itertools import filterfalse
from zlib import crc32

import msgspec

from streams.model.packed_numbers import count_nonzero
from streams.model.records import JsonObject, TextFingerprint, is_year

TITLE_TEXT = 40
"""In a text of fewer words the headline says as much as the text, so its words must agree too."""
LEAST_WORDS = 8
"""A text of fewer words is no near-duplicate, only an exact one."""
OPENING = 8
"""Words that a truncated copy shares with the beginning of the whole text."""
_DIGIT = re.compile("[0-9]")


Sides = tuple[tuple[str, ...], tuple[str, ...]]
"""Values that only the new text has, and values that only the old text has."""


class Thresholds(msgspec.Struct, frozen=True, gc=False):
    """The least similarity of near-duplicates, per thousand (`DecideSettings` explains the two numbers)."""

    similarity: int
    contained: int


class ComparableText(msgspec.Struct, frozen=True, gc=False):
    """The parts of a text that a comparison reads."""

    fingerprint: TextFingerprint
    source: str = ""
    facts: tuple[tuple[str, str], ...] = ()


class TextComparison(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The result of comparing two texts."""

    similarity: int
    """Estimated share of all 3-word phrases that both have (Jaccard), per thousand."""
    contained: int
    """Share of the phrases of the shorter text that both have, per thousand."""
    agree: tuple[str, ...]
    """The kinds of facts that both texts have and that agree."""
    differ: dict[str, Sides]
    """Kind of fact -> values that only the new text has, values that only the old text has."""
    words: Sides = ((), ())
    """The words that only one text has; known only of texts that agree in all facts (differing_words.py)."""


def compare(here: ComparableText, there: ComparableText) -> TextComparison:
    """Compares a new text (`here`) with an old one (`there`)."""
    new, old = here.fingerprint, there.fingerprint
    similarity, contained = measure_similarity(new, old)
    differ: dict[str, Sides] = {}
    agree: list[str] = []
    for kind, both_sides in (
        ("figures", _figures(new, old)),
        ("headline figures", _title_figures(new, old)),
        ("dates", (_minus(new.dates, old.dates), _minus(old.dates, new.dates))),
        ("names", (_names(new, old), _names(old, new))),
        ("direction", _directions(new.directions, old.directions)),
        ("person", (_people(here, there), _people(there, here))),
        ("place", _places(here, there)),
    ):
        if all(both_sides):
            differ[kind] = both_sides
        elif _both_have(kind, new, old):
            agree.append(kind)
    added = _added_figures(new, old)
    if added and "figures" not in differ:
        differ["added figures"] = (added, ())
    if min(new.words, old.words) < TITLE_TEXT:
        titles = _title(new, old), _title(old, new)
        if all(titles):
            differ["headline"] = titles
    return TextComparison(similarity=similarity, contained=contained, agree=tuple(agree), differ=differ)


def measure_similarity(new: TextFingerprint, old: TextFingerprint) -> tuple[int, int]:
    """Returns `similarity` and `contained` of two fingerprints without comparing facts, in a fifth of the time."""
    similarity = estimate_jaccard(new.minhash, old.minhash)
    shorter, both = min(new.words, old.words), new.words + old.words
    # |A & B| = J (|A| + |B|) / (1 + J), with the number of words for that of the phrases.
    contained = min(1000, similarity * both * 1000 // ((1000 + similarity) * shorter)) if shorter else 0
    return similarity, max(contained, _opening_contained(new, old))


def estimate_jaccard(one: bytes, other: bytes) -> int:
    """Estimates the Jaccard similarity of two texts, per thousand: the share of equal values of their MinHashes."""
    if not one or not other:
        return 0
    mine, theirs = int.from_bytes(one, "little"), int.from_bytes(other, "little")
    either = count_nonzero(mine | theirs)
    return (either - count_nonzero(mine ^ theirs)) * 1000 // max(1, either)


def _opening_contained(new: TextFingerprint, old: TextFingerprint) -> int:
    """Counts exactly, for a text no longer than an opening, the share of its phrases in the other's opening."""
    shorter, longer = (new, old) if new.words <= old.words else (old, new)
    if shorter.words * 4 > len(shorter.opening) or shorter.words < LEAST_WORDS:
        return 0
    mine, theirs = _phrases(shorter.opening), _phrases(longer.opening)
    return len(mine & theirs) * 1000 // len(mine)


def _phrases(opening: bytes) -> set[tuple[int, int, int]]:
    words = memoryview(opening).cast("I")
    return set(zip(words, words[1:], words[2:], strict=False))


def is_copy(new: TextFingerprint, old: TextFingerprint, compared: TextComparison, limits: Thresholds) -> bool:
    """Tells whether a text is a near-duplicate of an earlier one. The caller compares companies."""
    return not compared.differ and is_alike(new, old, (compared.similarity, compared.contained), limits)


def is_alike(new: TextFingerprint, old: TextFingerprint, measured: tuple[int, int], limits: Thresholds) -> bool:
    """Tells whether a text is similar enough to be a near-duplicate, if no fact differs."""
    similarity, contained = measured
    if min(new.words, old.words) < LEAST_WORDS or contained < limits.contained:
        return False
    same = min(2 * OPENING, new.words, old.words) * 4
    return similarity >= limits.similarity or new.opening[:same] == old.opening[:same]


def titles_contradict(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Tells whether each of two headlines has words that the other does not have in any spelling."""
    return bool(_unknown(one, other)) and bool(_unknown(other, one))


def build_evidence(compared: TextComparison) -> JsonObject:
    """Builds the evidence of a decision from a comparison."""
    evidence = {
        "similarity": compared.similarity / 1000,
        "contained": compared.contained / 1000,
        "agree": list(compared.agree),
        "differ": {kind: _list_sides(sides) for kind, sides in compared.differ.items()},
    }
    return {**evidence, "words": _list_sides(compared.words)} if any(compared.words) else evidence


def _list_sides(sides: Sides) -> list[list[str]]:
    return [[value[:MAX_EVIDENCE_LETTERS] for value in each[:MAX_EVIDENCE_VALUES]] for each in sides]


MAX_EVIDENCE_VALUES = 8
"""The most values of one kind that the evidence lists."""
MAX_EVIDENCE_LETTERS = 60
"""The most letters of such a value: a word of a hostile text has thousands."""


def _minus(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each for each in one if each not in other)


def _figures(new: TextFingerprint, old: TextFingerprint) -> Sides:
    """A number in words can contradict figures or equal them, but two texts never differ by such words alone."""
    here = _minus(new.numbers, (*old.numbers, *old.spelled))
    there = _minus(old.numbers, (*new.numbers, *new.spelled))
    if here or there:
        here += _minus(new.spelled, (*old.numbers, *old.spelled))
        there += _minus(old.spelled, (*new.numbers, *new.spelled))
    return here, there


def _title_figures(new: TextFingerprint, old: TextFingerprint) -> Sides:
    """Compares the figures of the headlines, without years, which one headline may omit."""
    here, there = _minus(new.title_numbers, old.title_numbers), _minus(old.title_numbers, new.title_numbers)
    return tuple(filterfalse(is_year, here)), tuple(filterfalse(is_year, there))


def _added_figures(new: TextFingerprint, old: TextFingerprint) -> tuple[str, ...]:
    """Finds figures that the new text adds to the old, outside the headline: then it says more and is no copy.

    A time of day says nothing more: copyists add the local one.
    """
    added = _minus(new.numbers, (*old.numbers, *old.spelled, *new.title_numbers))
    return tuple(figure for figure in added if ":" not in figure)


def _names(one: TextFingerprint, other: TextFingerprint) -> tuple[str, ...]:
    """Finds names in the first sentences of one text that opening and headline of the other do not contain."""
    known = set(memoryview(other.opening).cast("I")) if other.opening else set()
    new = [
        name
        for name in one.names
        if len(name) > 1 and crc32(name.encode("utf-8", "surrogatepass")) not in known and name not in other.title
    ]
    return _in_no_spelling(new, other.names)


def _title(one: TextFingerprint, other: TextFingerprint) -> tuple[str, ...]:
    known = set(memoryview(other.opening).cast("I")) if other.opening else set()
    return tuple(
        word
        for word in _unknown(one.title, other.title)
        if len(word) > 2 and crc32(word.encode("utf-8", "surrogatepass")) not in known
    )


def _unknown(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Finds words of a headline that the other does not have in any spelling."""
    return _in_no_spelling([word for word in one if word not in other], other)


def _in_no_spelling(words: list[str], others: tuple[str, ...]) -> tuple[str, ...]:
    """Removes the words that are among the others, also as plural, genitive or with a typing error."""
    if not words:
        return ()
    stems = set(map(_stem, others))
    return tuple(
        word
        for word in words
        if _stem(word) not in stems
        # A typing error leaves the first two letters or the last two: most pairs end here.
        and not any(is_misspelling(word, other) for other in others if word[:2] == other[:2] or word[-2:] == other[-2:])
    )


def is_misspelling(one: str, other: str) -> bool:
    """Tells whether two words of five letters or more differ by one letter added, removed, replaced or swapped.

    Figures have no spelling: each digit counts.
    """
    if min(len(one), len(other)) < 5 or abs(len(one) - len(other)) > 1 or _DIGIT.search(one + other):
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    mine, theirs = one[start:], other[start:]
    if mine[:2] == theirs[1::-1] and len(mine) > 1:
        return mine[2:] == theirs[2:]
    return mine[len(one) >= len(other) :] == theirs[len(other) >= len(one) :]


def _stem(word: str) -> str:
    return word.removesuffix("'s").removesuffix("\u2019s").removesuffix("s")


def _people(one: ComparableText, other: ComparableText) -> tuple[str, ...]:
    """Finds people who join, leave or change post only in one text."""
    return tuple(value for kind, value in one.facts if kind == "person" and (kind, value) not in other.facts)


def _places(here: ComparableText, there: ComparableText) -> Sides:
    """Compares the places of two datelines of one wire. Another wire may name another place for the same release."""
    one, other = here.fingerprint.place, there.fingerprint.place
    if not one or not other or one == other or not here.source or here.source != there.source:
        return (), ()
    return (one,), (other,)


def _directions(one: tuple[str, ...], other: tuple[str, ...]) -> Sides:
    """Finds what goes one way only in one text and the other way only in the other; and a negation only one has."""
    mine = tuple(sorted(each for each in one if each[0] in "+-" and _against(each) not in one))
    theirs = tuple(sorted(each for each in other if each[0] in "+-" and _against(each) not in other))
    here = tuple(each for each in mine if _against(each) in theirs)
    there = tuple(each for each in theirs if _against(each) in mine)
    if ("not" in one) != ("not" in other):
        here, there = (*here, _negation(one)), (*there, _negation(other))
    return here, there


def _negation(directions: tuple[str, ...]) -> str:
    return "not" if "not" in directions else "no negation"


def _against(direction: str) -> str:
    return ("-" if direction[0] == "+" else "+") + direction[1:]


_FIELDS = {"figures": "numbers", "headline figures": "title_numbers", "dates": "dates", "names": "names"}
_FIELDS |= {"direction": "directions", "place": "place"}


def _both_have(kind: str, new: TextFingerprint, old: TextFingerprint) -> bool:
    field = _FIELDS.get(kind)
    return bool(field and getattr(new, field) and getattr(old, field))
