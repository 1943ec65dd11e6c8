"""Parses the phrases of editable rules, and finds all phrases of a set in one pass over a text.

The head of rules/en.toml explains the syntax for editors. A text is tokenized once. Each phrase is indexed under its
rarest word, and under the word beside it where only words may stand there; it is compared only where these occur.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice, product

import msgspec

MAX_GAP = 9
MAX_GAPS = 3
MIN_PREFIX = 3
MIN_SUFFIX = 4

_CJK = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_BLANK = re.compile(r"\s")
_EXCHANGES = "nyse|nasdaq|amex|otc|tsx|cse|lse|asx|hkex|sehk|frankfurt|xetra|euronext|aim|neo|cboe|jse|sgx|kosdaq"
_ABBREVIATIONS = (
    "inc corp co cos ltd llc bros mr mrs ms dr st no vs jan feb mar apr jun jul aug sep sept oct nov dec"
    " mrd mio mia mln mld mds bln tys proc nr bzw milj mkr spa"
)
_ORDINAL = r"(?<=\d\.)(?=\s(?:[a-zäöüåæø]|Quartal|Halbjahr|Jahreshälfte|Januar|Februar|März|April|Mai|Ju[nl]i|August"
_ORDINAL += r"|September|Oktober|November|Dezember))"
"""A number with a period that is an ordinal, as German, Danish, Norwegian and Polish write it: `3. Quartal`."""
_NO_END = "".join(rf"(?<!\b{word}\.)" for word in _ABBREVIATIONS.split())
_TOKEN = re.compile(
    rf"""
    ( https?://\S+
    | (?!\w\.\w\.)[A-Za-z][A-Za-z0-9]*+(?!&?\w)
    | [.!?;](?=\s|$)(?i:{_NO_END})(?!{_ORDINAL})
    | [\u3002\uff01\uff1f\uff1b]
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
SENTENCE_ENDS = frozenset(".!?;\u3002\uff01\uff1f\uff1b")
"""Tokens that end a sentence: no gap reaches beyond them."""

_COMMON_WORDS = "a an and as at by de der des die en for from in into is it its la le of on or the to und up with"
_COMMON = frozenset(_COMMON_WORDS.split())


class PhraseError(ValueError):
    """A phrase breaks the syntax at the head of rules/en.toml; the message says what to correct."""


def tokenize(text: str) -> list[str]:
    """Splits a text into words, numbers and sentence ends, in lower case; `U.S.` becomes `us`, `Acme's` `acme`."""
    found: list[str] = _TOKEN.findall(text)
    lower = "\n".join(found).lower().split("\n") if found else []
    return [token if token[-1] != "." or len(token) == 1 else token.replace(".", "") for token in lower]


def quote(text: str, start: int, end: int) -> str:
    """Returns the part of `text` from token `start` to token `end`, both included."""
    found = list(islice(_TOKEN.finditer(text), start, end + 1))
    return text[found[0].start(1) : found[-1].end(1)]


def find_token_places(text: str) -> list[tuple[int, int]]:
    """Returns where each token of `text` begins and ends."""
    return [found.span(1) for found in _TOKEN.finditer(text)]


_CLASS_STARTS = frozenset("$€£¥<(0123456789")
CLASSES = ("ticker", "money", "percent", "num")


def token_classes(token: str) -> tuple[str, ...]:
    """Returns the classes (`CLASSES`) of a token, the narrowest first; none for a word."""
    first = token[0]
    if first in "$€£¥":
        return ("money",) if token[1:2].isdigit() else ("ticker",)
    if first in "<(":
        return ("ticker",)
    if first.isdigit():
        return ("percent", "num") if token.endswith(("%", "pct", "cent")) else ("num",)
    return ()


class PhraseElement(msgspec.Struct, frozen=True):
    """One element of a phrase: it matches a token by its word, its beginning, its end or its class."""

    words: frozenset[str]
    prefixes: tuple[str, ...]
    classes: frozenset[str]
    gap: int
    """Tokens that may stand between this element and the one before it."""
    optional: bool
    sequences: tuple[tuple[str, ...], ...] = ()
    """Choices of several tokens: compounds with a hyphen, words of a script without blanks."""
    suffixes: tuple[str, ...] = ()
    """Ends of words, with which languages that write compounds in one word end many: `*gewinn`, `*ordern`."""

    @property
    def is_words(self) -> bool:
        """Tells whether the element matches single words only."""
        return not (self.prefixes or self.suffixes or self.classes or self.sequences)

    def fits(self, token: str) -> bool:
        """Tells whether the element matches a token."""
        return (
            token in self.words
            or (bool(self.prefixes) and token.startswith(self.prefixes))
            or (bool(self.suffixes) and token.endswith(self.suffixes))
            or (bool(self.classes) and not self.classes.isdisjoint(token_classes(token)))
        )


Phrase = tuple[PhraseElement, ...]


def parse_phrase(phrase: str, lists: Mapping[str, Iterable[str]]) -> tuple[PhraseElement, ...]:
    """Parses a phrase into its elements. `lists` are the word lists to which `{name}` refers. Raises `PhraseError`."""
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
    suffixes: list[str] = []
    classes: set[str] = set()
    sequences: list[tuple[str, ...]] = []
    for choice in choices:
        name = choice[1:-1]
        found = tokenize(choice.strip("*"))
        if choice.startswith("{") and choice.endswith("}"):
            if name in CLASSES:
                classes.add(name)
            elif name in lists:
                listed = _read_list(tuple(lists[name]))
                words |= listed.words
                suffixes += listed.suffixes
                sequences += listed.sequences
            else:
                raise PhraseError(f"{phrase!r}: no class or word list {choice}; known: {_list_known_names(lists)}")
        elif len(choices) == 1 and len(found) > 1 and "*" not in choice and not optional:
            return list(map(_make_word, found))
        elif is_compound(choice) and "*" not in choice:
            sequences.append(tuple(found))
        elif len(found) != 1 or found[0] in SENTENCE_ENDS or (choice[0] == choice[-1] == "*"):
            raise PhraseError(f"{phrase!r}: {choice!r} is not one word; write a phrase of its own for it")
        elif choice.startswith("*"):
            if len(found[0]) < MIN_SUFFIX:
                raise PhraseError(f"{phrase!r}: {choice!r} is too short; give at least {MIN_SUFFIX} letters after *")
            suffixes.append(found[0])
        elif not choice.endswith("*"):
            words.add(found[0])
        elif len(found[0]) >= MIN_PREFIX:
            prefixes.append(found[0])
        else:
            raise PhraseError(f"{phrase!r}: {choice!r} is too short; give at least {MIN_PREFIX} letters before *")
    own = (frozenset(words), tuple(prefixes), frozenset(classes))
    return [PhraseElement(*own, 0, optional, tuple(sequences), tuple(suffixes))]


@lru_cache(maxsize=256)
def _read_list(listed: tuple[str, ...]) -> PhraseElement:
    """Reads the words of a list once, however many phrases refer to it."""
    words: set[str] = set()
    sequences: list[tuple[str, ...]] = []
    for word in listed:
        if word.startswith("*"):
            continue
        if len(split := tokenize(word)) == 1:
            words.update(split)
        else:
            sequences.append(tuple(split))
    suffixes = tuple(word[1:].lower() for word in listed if word.startswith("*"))
    return PhraseElement(frozenset(words), (), frozenset(), 0, False, tuple(sequences), suffixes)


def is_compound(text: str) -> bool:
    """Tells whether a text without blanks is several tokens: `e-mail`, or a word in Chinese or Japanese."""
    tokens = tokenize(text)
    return len(tokens) > 1 and not _BLANK.search(text) and SENTENCE_ENDS.isdisjoint(tokens)


def _list_known_names(lists: Mapping[str, Iterable[str]]) -> str:
    return ", ".join("{" + name + "}" for name in (*CLASSES, *sorted(lists)))


class _AnchoredPhrase(msgspec.Struct, frozen=True):
    """A phrase without options, split at its anchor: the element under which it is indexed."""

    number: int
    anchor: PhraseElement
    before: tuple[tuple[int, PhraseElement], ...]
    """Gap and element, from the anchor leftwards."""
    after: tuple[tuple[int, PhraseElement], ...]
    """Gap and element, from the anchor rightwards."""
    step: int = 0
    """Direction (1 or -1) of a neighbour that must be one of `beside`; 0 for none. Most candidates fail here."""
    beside: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    """Tokens that the text must have; known where a choice is written out as one variant of many."""


class PhraseFinder:
    """Finds all phrases of a set at once. The caller gives each phrase a number, by which results name it."""

    def __init__(self, phrases: Iterable[tuple[int, tuple[PhraseElement, ...]]]) -> None:
        listed = list(phrases)
        use = Counter(word for _, phrase in listed for element in phrase for word in _list_words(element))
        variants = [
            (number, variant)
            for number, phrase in listed
            for full in _expand_options(phrase)
            for variant in _write_out_rarest(full, use)
        ]
        often = Counter(number for number, _ in variants)
        spread = {number for number, phrase in listed if any(element.sequences for element in phrase)}
        words: dict[str, list[_AnchoredPhrase]] = {}
        pairs: dict[tuple[str, str], list[_AnchoredPhrase]] = {}
        prefixes: dict[str, list[_AnchoredPhrase]] = {}
        suffixes: dict[str, list[_AnchoredPhrase]] = {}
        classes: dict[str, list[_AnchoredPhrase]] = {}
        for number, variant in variants:
            at = min(range(len(variant)), key=lambda index, v=variant: _estimate_frequency(v[index], use))  # type: ignore[misc]
            needs = _list_needed(variant) if number in spread else frozenset()
            anchored = _anchor_phrase(number, variant, at, needs)
            # A pair of words is indexed under both, so that few phrases are compared however many begin alike. Not
            # where a phrase has optional words: of two variants, the one whose rarest word comes first counts.
            if (often[number] == 1 or number in spread) and anchored.step and anchored.anchor.is_words:
                anchored = _anchor_phrase(number, variant, min(at, at + anchored.step), needs)
                for pair in product(anchored.anchor.words, anchored.beside):
                    words.setdefault(pair[0], [])
                    pairs.setdefault(pair, []).append(anchored)
                continue
            for word in anchored.anchor.words:
                words.setdefault(word, []).append(anchored)
            for prefix in sorted({prefix[:MIN_PREFIX] for prefix in anchored.anchor.prefixes}):
                prefixes.setdefault(prefix, []).append(anchored)
            for suffix in sorted({suffix[-MIN_SUFFIX:] for suffix in anchored.anchor.suffixes}):
                suffixes.setdefault(suffix, []).append(anchored)
            for name in sorted(anchored.anchor.classes):
                classes.setdefault(name, []).append(anchored)
        self._has_needs = bool(spread)
        self._words, self._pairs, self._prefixes, self._classes = words, pairs, prefixes, classes
        self._suffixes = suffixes

    def find(self, text: list[str]) -> dict[int, tuple[int, int]]:
        """Returns the number of each phrase in these tokens, with the first and last token of its first occurrence."""
        hits: dict[int, tuple[int, int]] = {}
        if not (self._words or self._prefixes or self._suffixes or self._classes):
            return hits
        last = len(text) - 1
        present = frozenset(text) if self._has_needs else frozenset()
        for at, token in enumerate(text):
            if token in self._words:
                if alone := self._words[token]:
                    _record_matches(alone, text, at, hits, present)
                if at < last and (beside := self._pairs.get((token, text[at + 1]))):
                    _record_matches(beside, text, at, hits, present)
            if self._prefixes and (found := self._prefixes.get(token[:MIN_PREFIX])):
                _record_matches(found, text, at, hits, present)
            if self._suffixes and (found := self._suffixes.get(token[-MIN_SUFFIX:])):
                _record_matches(found, text, at, hits, present)
            if self._classes and token[0] in _CLASS_STARTS:
                for name in token_classes(token):
                    _record_matches(self._classes.get(name, ()), text, at, hits, present)
        return hits


def _record_matches(
    found: Iterable[_AnchoredPhrase],
    text: list[str],
    at: int,
    hits: dict[int, tuple[int, int]],
    present: frozenset[str],
) -> None:
    for anchored in found:
        if step := anchored.step:
            neighbour = at + step
            if not 0 <= neighbour < len(text) or text[neighbour] not in anchored.beside:
                continue
        if anchored.number in hits or not anchored.anchor.fits(text[at]):
            continue
        if anchored.needs and not anchored.needs <= present:
            continue
        first = _match_elements(text, at, anchored.before, -1) if anchored.before else at
        if first < 0:
            continue
        last = _match_elements(text, at, anchored.after, 1) if anchored.after else at
        if last >= 0:
            hits[anchored.number] = (first, last)


def _match_elements(text: list[str], at: int, elements: tuple[tuple[int, PhraseElement], ...], step: int) -> int:
    """Returns the token where a match of `elements` from token `at` in direction `step` ends; -1 for no match."""
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
        for sequence in element.sequences:
            if token != sequence[0 if step > 0 else -1]:
                continue
            far = at + step * (len(sequence) - 1)
            if min(at, far) < 0 or tuple(text[min(at, far) : max(at, far) + 1]) != sequence:
                continue
            end = _match_elements(text, far, rest, step) if rest else far
            if end >= 0:
                return end
        if token in SENTENCE_ENDS:
            return -1
    return -1


def _expand_options(phrase: Phrase) -> Iterable[Phrase]:
    """Yields the phrase with and without each of its optional elements."""
    for kept in product(*((True, False) if element.optional else (True,) for element in phrase)):
        variant: list[PhraseElement] = []
        gap = 0
        for is_kept, element in zip(kept, phrase, strict=True):
            gap = max(gap, element.gap)
            if is_kept:
                variant.append(msgspec.structs.replace(element, gap=gap if variant else 0))
                gap = 0
        yield tuple(variant)


def _write_out_rarest(variant: Phrase, use: Counter[str]) -> Iterable[Phrase]:
    """Yields the phrase with each choice of its rarest element as elements of its own, so that it has an anchor."""
    at = min(range(len(variant)), key=lambda index: _estimate_frequency(variant[index], use))
    element = variant[at]
    if not element.sequences:
        yield variant
        return
    if element.words or element.prefixes or element.suffixes or element.classes:
        yield (*variant[:at], msgspec.structs.replace(element, sequences=()), *variant[at + 1 :])
    for first, *others in element.sequences:
        written = (_make_word(first, element.gap), *map(_make_word, others))
        yield (*variant[:at], *written, *variant[at + 1 :])


def _make_word(word: str, gap: int = 0) -> PhraseElement:
    return PhraseElement(frozenset([word]), (), frozenset(), gap, False)


def _list_words(element: PhraseElement) -> Iterator[str]:
    """Lists the words of an element, and of each sequence its tokens."""
    yield from element.words
    for sequence in element.sequences:
        yield from sequence


def _elements_before(variant: tuple[PhraseElement, ...], at: int) -> tuple[tuple[int, PhraseElement], ...]:
    """Returns the elements before `at`, nearest first, each with the gap between it and its right neighbour."""
    return tuple((variant[index + 1].gap, variant[index]) for index in range(at - 1, -1, -1))


def _list_needed(variant: Phrase) -> frozenset[str]:
    """Returns the tokens without which the variant cannot match."""
    return frozenset(
        word for element in variant if element.is_words and len(element.words) == 1 for word in element.words
    )


def _anchor_phrase(number: int, variant: Phrase, at: int, needs: frozenset[str]) -> _AnchoredPhrase:
    before, after = _elements_before(variant, at), tuple((element.gap, element) for element in variant[at + 1 :])
    return _AnchoredPhrase(number, variant[at], before, after, *_find_neighbour(before, after), needs)


def _find_neighbour(
    before: tuple[tuple[int, PhraseElement], ...], after: tuple[tuple[int, PhraseElement], ...]
) -> tuple[int, frozenset[str]]:
    """Returns `step` and `beside` of a phrase."""
    for step, elements in ((1, after), (-1, before)):
        for gap, element in elements[:1]:
            if not gap and element.is_words:
                return step, element.words
    return 0, frozenset()


def _estimate_frequency(element: PhraseElement, use: Counter[str]) -> tuple[int, int]:
    """Estimates how often an element occurs; the lowest is the best anchor. Classes and prefixes rank last."""
    rough = 2 * bool(element.classes) + bool(element.prefixes or element.suffixes)
    alone = sum(use[word] + 100 * (word in _COMMON) for word in element.words)
    return rough, alone + sum(min(use[token] for token in sequence) for sequence in element.sequences)
