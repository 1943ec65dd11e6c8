"""Phrases: the small language in which rules speak of words, and one pass that finds every phrase of a set.

The syntax is described for editors at the head of rules.toml. A text is cut into tokens once; each phrase is
indexed under its rarest word, with the word beside it where only words may stand there, and compared only where they
stand.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice, product

import msgspec

MAX_GAP = 9
MAX_GAPS = 3
MIN_PREFIX = 3

_CJK = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_EXCHANGES = "nyse|nasdaq|amex|otc|tsx|cse|lse|asx|hkex|sehk|frankfurt|xetra|euronext|aim|neo|cboe|jse|sgx|kosdaq"
_ABBREVIATIONS = "inc corp co cos ltd llc bros mr mrs ms dr st no vs jan feb mar apr jun jul aug sep sept oct nov dec"
_NO_END = "".join(rf"(?<!\b{word}\.)" for word in _ABBREVIATIONS.split())
_TOKEN = re.compile(
    rf"""
    ( https?://\S+
    | (?!\w\.\w\.)[A-Za-z][A-Za-z0-9]*+(?!&?\w)
    | [.!?;](?=\s|$)(?i:{_NO_END})
    | [#@]\w+
    | \$[A-Z]{{1,6}}(?:[._:/-][A-Z]{{1,3}})?(?![A-Za-z0-9])
    | <[A-Z]{{1,6}}(?:\.[A-Z]{{1,2}})?>
    | \((?i:{_EXCHANGES})[\w. ]{{0,12}}:\ ?[A-Z0-9][A-Z0-9.]{{0,9}}
    | [$€£¥]\d+(?:[.,]\d+)*[A-Za-z]*
    | \d+(?:[.,]\d+)*(?:\ ?(?:%|(?i:pct|percent|per\ cent)\b)|[A-Za-z]*)
    | (?:[A-Za-z]\.){{2,}}
    | [{_CJK}]
    | [^\W_{_CJK}]+(?:&[^\W_{_CJK}]+)*
    )(?:['\u2019][sS]\b)?
    """,
    re.X,
)
SENTENCE_ENDS = frozenset(".!?;")
"""Ends of a sentence: no gap reaches beyond them."""

_COMMON_WORDS = "a an and as at by de der des die en for from in into is it its la le of on or the to und up with"
_COMMON = frozenset(_COMMON_WORDS.split())


class PhraseError(ValueError):
    """A phrase is not written as the head of rules.toml says; the message says what to mend."""


def tokenize(text: str) -> list[str]:
    """The words, numbers and sentence ends of a text, lower case; `U.S.` becomes `us`, `Acme's` `acme`."""
    found: list[str] = _TOKEN.findall(text)
    lower = "\n".join(found).lower().split("\n") if found else []
    return [token if token[-1] != "." or len(token) == 1 else token.replace(".", "") for token in lower]


def quote(text: str, start: int, end: int) -> str:
    """What stands in `text` from token `start` to token `end`, both included."""
    found = list(islice(_TOKEN.finditer(text), start, end + 1))
    return text[found[0].start(1) : found[-1].end(1)]


_CLASS_STARTS = frozenset("$€£¥<(0123456789")
CLASSES = ("ticker", "money", "percent", "num")


def token_classes(token: str) -> tuple[str, ...]:
    """The classes (`CLASSES`) of a token, the narrowest first; none for a word."""
    first = token[0]
    if first in "$€£¥":
        return ("money",) if token[1:2].isdigit() else ("ticker",)
    if first in "<(":
        return ("ticker",)
    if first.isdigit():
        return ("percent", "num") if token.endswith(("%", "pct", "cent")) else ("num",)
    return ()


class PhraseElement(msgspec.Struct, frozen=True):
    """One place of a phrase: words, beginnings and classes that may stand there; `gap` before it."""

    words: frozenset[str]
    prefixes: tuple[str, ...]
    classes: frozenset[str]
    gap: int
    optional: bool

    @property
    def is_words(self) -> bool:
        """Whether nothing but words may stand here."""
        return not self.prefixes and not self.classes

    def fits(self, token: str) -> bool:
        """Whether `token` may stand here."""
        return (
            token in self.words
            or (bool(self.prefixes) and token.startswith(self.prefixes))
            or (bool(self.classes) and not self.classes.isdisjoint(token_classes(token)))
        )


def parse_phrase(phrase: str, lists: Mapping[str, Iterable[str]]) -> tuple[PhraseElement, ...]:
    """A phrase into its elements; `lists` are the word lists that `{name}` may mean. Raises `PhraseError`."""
    elements: list[PhraseElement] = []
    gap = gaps = 0
    for piece in phrase.split():
        if piece.startswith("~"):
            gap, gaps = _parse_gap(phrase, piece), gaps + 1
            if len(elements) == 0:
                raise PhraseError(f"{phrase!r} begins with a gap; a gap stands between two words")
            continue
        for element in _parse_piece(phrase, piece, lists):
            elements.append(msgspec.structs.replace(element, gap=gap))
            gap = 0
    if gap:
        raise PhraseError(f"{phrase!r} ends with a gap; a gap stands between two words")
    if gaps > MAX_GAPS:
        raise PhraseError(f"{phrase!r} has {gaps} gaps; {MAX_GAPS} are allowed")
    if all(element.optional for element in elements):
        raise PhraseError(f"{phrase!r} needs a word that is not optional")
    return tuple(elements)


def _parse_gap(phrase: str, piece: str) -> int:
    if piece[1:].isdecimal() and 1 <= int(piece[1:]) <= MAX_GAP:
        return int(piece[1:])
    raise PhraseError(f"{phrase!r}: a gap is written ~1 to ~{MAX_GAP}, not {piece!r}")


def _parse_piece(phrase: str, piece: str, lists: Mapping[str, Iterable[str]]) -> list[PhraseElement]:
    optional = piece.endswith("?")
    choices = piece.rstrip("?").split("|")
    words: set[str] = set()
    prefixes: list[str] = []
    classes: set[str] = set()
    for choice in choices:
        name = choice[1:-1]
        found = tokenize(choice.rstrip("*"))
        if choice.startswith("{") and choice.endswith("}"):
            if name in CLASSES:
                classes.add(name)
            elif name in lists:
                words.update(lists[name])
            else:
                raise PhraseError(f"{phrase!r}: no class or word list {choice}; known: {_list_known_names(lists)}")
        elif len(choices) == 1 and len(found) > 1 and not choice.endswith("*") and not optional:
            return [PhraseElement(frozenset([word]), (), frozenset(), 0, False) for word in found]
        elif len(found) != 1 or found[0] in SENTENCE_ENDS:
            raise PhraseError(f"{phrase!r}: {choice!r} is not one word; write a phrase of its own for it")
        elif not choice.endswith("*"):
            words.add(found[0])
        elif len(found[0]) >= MIN_PREFIX:
            prefixes.append(found[0])
        else:
            raise PhraseError(f"{phrase!r}: {choice!r} is too short; give at least {MIN_PREFIX} letters before *")
    return [PhraseElement(frozenset(words), tuple(prefixes), frozenset(classes), 0, optional)]


def _list_known_names(lists: Mapping[str, Iterable[str]]) -> str:
    return ", ".join("{" + name + "}" for name in (*CLASSES, *sorted(lists)))


class _AnchoredPhrase(msgspec.Struct, frozen=True):
    """A phrase with its options chosen, split at its anchor: what stands before (nearest first) and after."""

    number: int
    anchor: PhraseElement
    before: tuple[tuple[int, PhraseElement], ...]
    after: tuple[tuple[int, PhraseElement], ...]
    step: int = 0
    """To the neighbour (1 or -1) that can only be one of `beside`, where most candidates end; 0 where there is none."""
    beside: frozenset[str] = frozenset()


class PhraseFinder:
    """Finds all of some phrases at once. Phrases are known by the numbers they are given with."""

    def __init__(self, phrases: Iterable[tuple[int, tuple[PhraseElement, ...]]]) -> None:
        variants = [(number, variant) for number, phrase in phrases for variant in _expand_optional(phrase)]
        use = Counter(word for _, variant in variants for element in variant for word in element.words)
        often = Counter(number for number, _ in variants)
        words: dict[str, list[_AnchoredPhrase]] = {}
        pairs: dict[tuple[str, str], list[_AnchoredPhrase]] = {}
        prefixes: dict[str, list[_AnchoredPhrase]] = {}
        classes: dict[str, list[_AnchoredPhrase]] = {}
        for number, variant in variants:
            at = min(range(len(variant)), key=lambda place, v=variant: _estimate_frequency(v[place], use))  # type: ignore[misc]
            placed = _anchor_phrase(number, variant, at)
            # Anchored at the left one of two words, so that however many phrases begin alike, few are compared. Not
            # where a phrase has variants: of two the one whose rarest word stands first counts.
            if often[number] == 1 and placed.step and placed.anchor.is_words:
                placed = _anchor_phrase(number, variant, min(at, at + placed.step))
                for pair in product(placed.anchor.words, placed.beside):
                    words.setdefault(pair[0], [])
                    pairs.setdefault(pair, []).append(placed)
                continue
            for word in placed.anchor.words:
                words.setdefault(word, []).append(placed)
            for prefix in sorted({prefix[:MIN_PREFIX] for prefix in placed.anchor.prefixes}):
                prefixes.setdefault(prefix, []).append(placed)
            for name in sorted(placed.anchor.classes):
                classes.setdefault(name, []).append(placed)
        self._words, self._pairs, self._prefixes, self._classes = words, pairs, prefixes, classes

    def find(self, text: list[str]) -> dict[int, tuple[int, int]]:
        """The number of each phrase in these tokens, with the first and last token of its first place."""
        hits: dict[int, tuple[int, int]] = {}
        last = len(text) - 1
        for at, token in enumerate(text):
            if token in self._words:
                if alone := self._words[token]:
                    _record_matches(alone, text, at, hits)
                if at < last and (beside := self._pairs.get((token, text[at + 1]))):
                    _record_matches(beside, text, at, hits)
            if self._prefixes and (found := self._prefixes.get(token[:MIN_PREFIX])):
                _record_matches(found, text, at, hits)
            if self._classes and token[0] in _CLASS_STARTS:
                for name in token_classes(token):
                    _record_matches(self._classes.get(name, ()), text, at, hits)
        return hits


def _record_matches(
    found: Iterable[_AnchoredPhrase], text: list[str], at: int, hits: dict[int, tuple[int, int]]
) -> None:
    for placed in found:
        if step := placed.step:
            neighbour = at + step
            if not 0 <= neighbour < len(text) or text[neighbour] not in placed.beside:
                continue
        if placed.number in hits or not placed.anchor.fits(text[at]):
            continue
        first = _match_elements(text, at, placed.before, -1) if placed.before else at
        if first < 0:
            continue
        last = _match_elements(text, at, placed.after, 1) if placed.after else at
        if last >= 0:
            hits[placed.number] = (first, last)


def _match_elements(text: list[str], at: int, elements: tuple[tuple[int, PhraseElement], ...], step: int) -> int:
    """The token where `elements` end following token `at` in direction `step`; -1 where they do not."""
    (gap, element), rest = elements[0], elements[1:]
    for _ in range(gap + 1):
        at += step
        if not 0 <= at < len(text):
            return -1
        token = text[at]
        if element.fits(token):
            end = _match_elements(text, at, rest, step) if rest else at
            if end >= 0:
                return end
        if token in SENTENCE_ENDS:
            return -1
    return -1


def _expand_optional(phrase: tuple[PhraseElement, ...]) -> Iterable[tuple[PhraseElement, ...]]:
    choices = [(True, False) if element.optional else (True,) for element in phrase]
    for kept in product(*choices):
        variant: list[PhraseElement] = []
        gap = 0
        for keep, element in zip(kept, phrase, strict=True):
            gap = max(gap, element.gap)
            if keep:
                variant.append(msgspec.structs.replace(element, gap=gap if variant else 0))
                gap = 0
        yield tuple(variant)


def _elements_before(variant: tuple[PhraseElement, ...], at: int) -> tuple[tuple[int, PhraseElement], ...]:
    """Elements before `at`, nearest first, each with the gap between it and its right neighbour."""
    return tuple((variant[place + 1].gap, variant[place]) for place in range(at - 1, -1, -1))


def _anchor_phrase(number: int, variant: tuple[PhraseElement, ...], at: int) -> _AnchoredPhrase:
    before, after = _elements_before(variant, at), tuple((element.gap, element) for element in variant[at + 1 :])
    return _AnchoredPhrase(number, variant[at], before, after, *_find_neighbour(before, after))


def _find_neighbour(
    before: tuple[tuple[int, PhraseElement], ...], after: tuple[tuple[int, PhraseElement], ...]
) -> tuple[int, frozenset[str]]:
    """`step` and `beside` of a phrase."""
    for step, elements in ((1, after), (-1, before)):
        for gap, element in elements[:1]:
            if not gap and element.is_words:
                return step, element.words
    return 0, frozenset()


def _estimate_frequency(element: PhraseElement, use: Counter[str]) -> tuple[int, int]:
    """How often an element is likely to stand: classes and prefixes last, then common and shared words."""
    rough = 2 * bool(element.classes) + bool(element.prefixes)
    return rough, sum(use[word] + 100 * (word in _COMMON) for word in element.words)
