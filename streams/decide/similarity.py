"""Two prints side by side: how alike the texts are, and the facts in which they agree and differ (pure).

One contradiction suffices to keep two texts apart: a result suppressed is worse than ten copies shown. All numbers are
integers per thousand, so that no machine rounds another way.
"""

import re
from itertools import filterfalse
from zlib import crc32

import msgspec

from streams.model.packed_numbers import count_nonzero
from streams.model.records import TextFingerprint, is_year

TITLE_TEXT = 40
"""Below so many words of text the headline says as much as the text: its words must agree too."""
LEAST_WORDS = 8
"""Below so many words no text is a near-copy: only an equal one is."""
OPENING = 8
"""Words at the beginning that a truncated copy shares with the whole."""
_DIGIT = re.compile("[0-9]")


class Thresholds(msgspec.Struct, frozen=True):
    """How alike near-copies are, per thousand (config.DecideSettings explains them)."""

    similarity: int
    contained: int


class ComparableText(msgspec.Struct, frozen=True):
    """A text as the comparison sees it."""

    print: TextFingerprint
    source: str = ""
    facts: tuple[tuple[str, str], ...] = ()


class TextComparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two prints side by side."""

    similarity: int
    """Shingles in common of all (Jaccard), per thousand, estimated."""
    contained: int
    """Shingles in common of those of the shorter, per thousand."""
    agree: tuple[str, ...]
    """Kinds of facts that both name and that agree."""
    differ: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
    """Kind of fact -> what only the new text says, what only the old."""


def compare(here: ComparableText, there: ComparableText) -> TextComparison:
    """Likeness, and the facts in which two texts, the new one and the old one, agree and differ."""
    new, old = here.print, there.print
    similarity, contained = measure_similarity(new, old)
    differ: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
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
        elif _both_name(kind, new, old):
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
    """`similarity` and `contained` of two prints, without their facts: a fifth of the work of `compare`."""
    similarity = estimate_jaccard(new.minhash, old.minhash)
    shorter, both = min(new.words, old.words), new.words + old.words
    # |A & B| = J (|A| + |B|) / (1 + J), with words for shingles.
    contained = min(1000, similarity * both * 1000 // ((1000 + similarity) * shorter)) if shorter else 0
    return similarity, max(contained, _opening_contained(new, old))


def estimate_jaccard(one: bytes, other: bytes) -> int:
    """Equal values of two MinHashes of those that either has, per thousand: an estimate of the shingles in common."""
    if not one or not other:
        return 0
    mine, theirs = int.from_bytes(one, "little"), int.from_bytes(other, "little")
    either = count_nonzero(mine | theirs)
    return (either - count_nonzero(mine ^ theirs)) * 1000 // max(1, either)


def _opening_contained(new: TextFingerprint, old: TextFingerprint) -> int:
    """Of a text no longer than an opening, the 3-word phrases that the other's opening has; exact, per thousand."""
    shorter, longer = (new, old) if new.words <= old.words else (old, new)
    if shorter.words * 4 > len(shorter.opening) or shorter.words < LEAST_WORDS:
        return 0
    mine, theirs = _phrases(shorter.opening), _phrases(longer.opening)
    return len(mine & theirs) * 1000 // len(mine)


def _phrases(opening: bytes) -> set[tuple[int, int, int]]:
    words = memoryview(opening).cast("I")
    return set(zip(words, words[1:], words[2:], strict=False))


def is_copy(new: TextFingerprint, old: TextFingerprint, compared: TextComparison, limits: Thresholds) -> bool:
    """Whether a text is a near-copy of an earlier one, as the texts go; companies are for the caller."""
    return not compared.differ and is_alike(new, old, (compared.similarity, compared.contained), limits)


def is_alike(new: TextFingerprint, old: TextFingerprint, resembling: tuple[int, int], limits: Thresholds) -> bool:
    """Whether a text is a near-copy of an earlier one where no fact tells them apart."""
    similarity, contained = resembling
    if min(new.words, old.words) < LEAST_WORDS or contained < limits.contained:
        return False
    same = min(2 * OPENING, new.words, old.words) * 4
    return similarity >= limits.similarity or new.opening[:same] == old.opening[:same]


def titles_contradict(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two headlines each have words that the other has in no spelling: they are not one headline."""
    return bool(_unknown(one, other)) and bool(_unknown(other, one))


def build_evidence(compared: TextComparison) -> dict[str, object]:
    """A comparison as evidence of a decision."""
    return {
        "similarity": compared.similarity / 1000,
        "contained": compared.contained / 1000,
        "agree": list(compared.agree),
        "differ": {kind: [list(each[:MAX_EVIDENCE_VALUES]) for each in sides] for kind, sides in compared.differ.items()},
    }


MAX_EVIDENCE_VALUES = 8
"""Values of a kind that the evidence lists."""


def _minus(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each for each in one if each not in other)


Sides = tuple[tuple[str, ...], tuple[str, ...]]


def _figures(new: TextFingerprint, old: TextFingerprint) -> Sides:
    """A number in words contradicts figures, or stands for them, but two texts never differ by such words alone."""
    here = _minus(new.numbers, (*old.numbers, *old.spelled))
    there = _minus(old.numbers, (*new.numbers, *new.spelled))
    if here or there:
        here += _minus(new.spelled, (*old.numbers, *old.spelled))
        there += _minus(old.spelled, (*new.numbers, *new.spelled))
    return here, there


def _title_figures(new: TextFingerprint, old: TextFingerprint) -> Sides:
    """What headlines count in; not their years, which one may name and the other take for granted."""
    here, there = _minus(new.title_numbers, old.title_numbers), _minus(old.title_numbers, new.title_numbers)
    return tuple(filterfalse(is_year, here)), tuple(filterfalse(is_year, there))


def _added_figures(new: TextFingerprint, old: TextFingerprint) -> tuple[str, ...]:
    """Figures that the new text adds to the old: it tells more, and is no copy. The headline's do not count."""
    return _minus(new.numbers, (*old.numbers, *old.spelled, *new.title_numbers))


def _names(one: TextFingerprint, other: TextFingerprint) -> tuple[str, ...]:
    """Names in the first sentences of one text that the beginning and headline of the other do not have."""
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
    """Words of a headline that the other has in no spelling."""
    return _in_no_spelling([word for word in one if word not in other], other)


def _in_no_spelling(words: list[str], others: tuple[str, ...]) -> tuple[str, ...]:
    """The words that are none of the others, nor their plural or genitive, nor one of them with a slip."""
    if not words:
        return ()
    stems = set(map(_stem, others))
    return tuple(
        word
        for word in words
        if _stem(word) not in stems
        # A slip leaves the first two letters or the last two: most pairs end here.
        and not any(is_slip(word, other) for other in others if word[:2] == other[:2] or word[-2:] == other[-2:])
    )


def is_slip(one: str, other: str) -> bool:
    """Whether two words of five letters or more are one with a letter more, less or other, or two changed over.

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
    """People that come, go or change post only here."""
    return tuple(value for kind, value in one.facts if kind == "person" and (kind, value) not in other.facts)


def _places(here: ComparableText, there: ComparableText) -> Sides:
    """One wire sends one release from one place; another wire may name another one."""
    one, other = here.print.place, there.print.place
    if not one or not other or one == other or not here.source or here.source != there.source:
        return (), ()
    return (one,), (other,)


def _directions(one: tuple[str, ...], other: tuple[str, ...]) -> Sides:
    """What goes one way only here and the other way only there; a negation that only one has."""
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


def _both_name(kind: str, new: TextFingerprint, old: TextFingerprint) -> bool:
    field = _FIELDS.get(kind)
    return bool(field and getattr(new, field) and getattr(old, field))
