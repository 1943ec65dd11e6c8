"""Finds the words in which two texts differ, and says whether one of them makes two stories.

Look-alikes agree in nearly all words; what tells them apart stands in the few others. Both texts are aligned word by
word, and each gap of the alignment is judged alone. When in doubt, the two texts are two stories.
"""

import re
import unicodedata
from functools import cached_property, lru_cache
from html import unescape
from typing import NamedTuple

import orjson

from streams.decide import cjk_facts, word_lists
from streams.decide.alignment import Gap, align
from streams.decide.similarity import Sides, is_misspelling

MOST_CHARACTERS = 40_000
"""Characters of a text that are read: some 6,000 words."""
SHORT_GAP = 8
"""Words of a gap in which a word replaces another. In a longer gap a sentence was rewritten."""
LEAST_BEFORE_ENDING = 60
"""Words above an ending of its own; with fewer, that is no ending but half of the text."""
MOST_PAIRS = 2_500
"""Pairs of words whose spellings are compared for one gap: a hostile text has millions."""
MOST_NAMES = 24
"""Names of a gap that are compared."""
EDGE = 12
"""Words that a wire may put before or behind a form."""
SIGN = re.compile("[$\u20ac\u00a3\u00a5%\u2030\u2264\u2265]|[<>](?= ?[0-9])")
"""Matches a sign that is a fact by itself: of a currency, of a part, of more or less than a figure."""
_WORD = re.compile(rf"\w+(?:['.,]\w+)*|{SIGN.pattern}")
_ADDRESS = re.compile(r"(?:\b[a-z]+://|\bwww\.)\S+|(?<![\w-])[\w-]++\.[A-Za-z]{2,}/\S*|(?<![\w.+-])[\w.+-]++@[\w.-]+")
_SENTENCE_ENDS = ".!?\"\u201c\u201d'"
_CLASS = re.compile(r"[a-z]|(?:x{0,3}(?:ix|iv|v?i{1,3}|v)|x{1,3})")


class Words:
    """The words of a text, folded, with the text behind them."""

    def __init__(self, text: str) -> None:
        text = text[:MOST_CHARACTERS]
        text = (unescape(text) if "&" in text else text).replace("\u2019", "'")
        if "/" in text or "@" in text or "www." in text:
            text = _ADDRESS.sub(" ", text)
        self.text = text if text.isascii() else unicodedata.normalize("NFKC", text)
        folded = self.text.casefold()
        if len(folded) == len(self.text):
            self.folded = [fold_word(word) if "." in word or "'" in word else word for word in _WORD.findall(folded)]
        else:  # folding may part a word
            self.folded = list(map(fold_word, _WORD.findall(self.text)))

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        return [found.span() for found in _WORD.finditer(self.text)]

    @cached_property
    def known(self) -> frozenset[str]:
        """The words, each once."""
        return frozenset(self.folded)

    def raw(self, at: int) -> str:
        """Returns a word as it is written."""
        start, end = self._spans[at]
        return self.text[start:end]

    def between(self, at: int) -> str:
        """Returns what stands between a word and the one before it."""
        return self.text[self._spans[at - 1][1] if at else 0 : self._spans[at][0]]

    def is_ticker(self, at: int) -> bool:
        """Tells whether a word stands in the marks of a ticker: `<MOB.N>`, `(NYSE: MOB)`."""
        before = self.between(at)[-2:]
        start, end = self._spans[at]
        return self.text[start:end].isupper() and (
            before[-1:] == "<" or ":" in before or self.text[end : end + 1] == ">"
        )

    def is_capital(self, at: int) -> bool:
        """Tells whether a word begins with a capital."""
        return 0 <= at < len(self._spans) and self.text[self._spans[at][0]].isupper()

    def follows(self, at: int) -> bool:
        """Tells whether only white space of one paragraph stands between a word and the one before it."""
        before = self.between(at)
        return not before.strip(" \n.") and "\n\n" not in before

    def begins_sentence(self, at: int) -> bool:
        """Tells whether a word stands at the beginning of a sentence, where any word has a capital."""
        before = self.between(at).strip(" ")
        if not before and at:
            return False
        return not at or before[-1:] in _SENTENCE_ENDS or "\n\n" in before


@lru_cache(8192)
def fold_word(word: str) -> str:
    """Folds case, genitive and the points of an abbreviation: `U.S.` and `us`, `Norwick's` and `norwick`."""
    word = word.casefold()
    if "'" in word:
        word = word.removesuffix("'s").removesuffix("'")
    if "." in word and not any(map(str.isdigit, word)):
        word = word.replace(".", "")
    return word


class Text(NamedTuple):
    """Headline and text of a document."""

    headline: Words
    body: Words


def read_text(document: bytes) -> Text:
    """Reads headline and text of a ninjs document."""
    fields = orjson.loads(document)
    return Text(Words(_read_main(fields.get("headlines", ()))), Words(_read_main(fields.get("bodies", ()))))


def list_signs(text: Text) -> list[str]:
    """Lists the signs of headline and text, in order."""
    return [*SIGN.findall(text.headline.text), *SIGN.findall(text.body.text)]


def _read_main(rows: "list[dict[str, str]]") -> str:
    return next((row["value"] for row in rows if row.get("role") == "main"), "")


class WordDifference(NamedTuple):
    """The words in which two texts differ, those of headline and text, and the kinds that make two stories."""

    words: Sides
    differ: dict[str, Sides]
    same_body: bool
    """The texts below the headlines have the same words."""

    @property
    def same(self) -> bool:
        """Both texts have the same words in the same order."""
        return not any(self.words)


def compare_words(new: Text, old: Text, language: str) -> WordDifference:
    """Compares the words of two texts. `language` is a primary subtag; empty where unknown."""
    language = language or "en"
    differ: dict[str, Sides] = {}
    body = align(new.body.folded, old.body.folded) if new.body.folded and old.body.folded else []
    for gap in body:
        _judge(new.body, old.body, gap, language, differ)
    _judge_swaps(new.body, old.body, body, differ)
    title = align(new.headline.folded, old.headline.folded)
    changed = bool(title) and any(_says_something(new.body, old.body, gap) for gap in body)
    for gap in title:
        _judge_headline(new, old, gap, language, differ, changed=changed)
    _judge_speakers(new, old, differ)
    if not new.body.text.isascii():
        for kind, sides in cjk_facts.find_other_facts(new.body.text, old.body.text):
            _add(differ, kind, sides)
    if is_form(new.headline.text, new.body.text) or is_form(old.headline.text, old.body.text):
        _judge_form(new, old, body, title, differ)
    if _is_foreign(new.headline, old):
        _add(differ, "headline", (tuple(new.headline.folded), tuple(old.headline.folded)))
    pairs = (new.headline, old.headline, title), (new.body, old.body, body)
    here = tuple(here.raw(at) for here, _, gaps in pairs for gap in gaps for at in range(gap.start, gap.end))
    there = tuple(there.raw(at) for _, there, gaps in pairs for gap in gaps for at in range(gap.old_start, gap.old_end))
    return WordDifference((here, there), differ, not body and bool(new.body.folded))


def _judge(new: Words, old: Words, gap: Gap, language: str, differ: dict[str, Sides]) -> None:
    """Adds the kinds in which the words of a gap contradict each other."""
    here, there = new.folded[gap.start : gap.end], old.folded[gap.old_start : gap.old_end]
    short = max(len(here), len(there)) <= SHORT_GAP
    if here and there:
        if _join(here) == _join(there) or _is_cut(new, old, gap) or _are_other_endings(new, old, gap):
            return
        if short:
            _judge_replacement(here, there, language, differ)
            _add(differ, "numbers", _swapped_figures(new, old, gap))
        _add(differ, "names", _replaced_names(new, old, gap, short=short))
        return
    words, start, end = (new, gap.start, gap.end) if here else (old, gap.old_start, gap.old_end)
    if len(here or there) > 3:
        return
    added = tuple(here or there)
    if _negates(added, language):
        _add_side(differ, "negation", added, new_side=bool(here))
    if any(_CLASS.fullmatch(word) or _is_figure(word) for word in added) and _is_named_part(words, start, end):
        _add_side(differ, "class", added, new_side=bool(here))
    if _extends_a_name(words, start, end):
        _add_side(differ, "names", added, new_side=bool(here))


def _join(words: list[str]) -> str:
    """Joins words that one text writes apart, with a hyphen or with another apostrophe: `don"t`."""
    return "".join(words).replace("'", "")


def _is_cut(new: Words, old: Words, gap: Gap) -> bool:
    """Tells whether one text ends within a word of the other, perhaps with a note that it was cut."""
    if gap.end < len(new.folded) or gap.old_end < len(old.folded):
        return False
    shorter, longer = sorted((new.folded[gap.start], old.folded[gap.old_start]), key=len)
    return longer.startswith(shorter) and abs((gap.end - gap.start) - (gap.old_end - gap.old_start)) > 1


def _are_other_endings(new: Words, old: Words, gap: Gap) -> bool:
    """Tells whether each text ends in a way of its own: a copyist cut the last paragraphs and added a line.

    A note behind a text that was cut (`The post \u2026 appeared first on \u2026`) may be short.
    """
    here, there = gap.end - gap.start, gap.old_end - gap.old_start
    if gap.end < len(new.folded) or gap.old_end < len(old.folded) or gap.start < LEAST_BEFORE_ENDING:
        return False
    if min(here, there) <= EDGE and max(here, there) > 2 * EDGE:
        return _begins_ending(new, gap.start) and _begins_ending(old, gap.old_start)
    return min(here, there) > SHORT_GAP and all(
        "\n\n" in words.between(at) for words, at in ((new, gap.start), (old, gap.old_start))
    )


def _begins_ending(words: Words, at: int) -> bool:
    """Tells whether a sentence begins at a word, or one word before it with an article or the like."""
    return words.begins_sentence(at) or (words.folded[at - 1] in word_lists.COMMON and words.begins_sentence(at - 1))


def _judge_replacement(here: list[str], there: list[str], language: str, differ: dict[str, Sides]) -> None:
    mine, theirs = set(here), set(there)
    _add(differ, "class", (_classes(here, theirs), _classes(there, mine)))
    numbers, others = _numbers(here, language), _numbers(there, language)
    _add(differ, "numbers", (tuple(sorted(numbers - others)), tuple(sorted(others - numbers))))
    _add(differ, "opposites", find_opposites(mine - theirs, theirs - mine, language))
    if _negates(tuple(mine), language) != _negates(tuple(theirs), language):
        _add(differ, "negation", (tuple(here), tuple(there)))


def _classes(words: list[str], others: set[str]) -> tuple[str, ...]:
    """Returns the single letters and roman numerals that only one text has."""
    return tuple(word for word in words if word not in others and _CLASS.fullmatch(word))


def _add(differ: dict[str, Sides], kind: str, sides: Sides) -> None:
    """Adds a kind if both texts have words of it."""
    if all(sides):
        before = differ.get(kind, ((), ()))
        differ[kind] = (*before[0], *sides[0]), (*before[1], *sides[1])


def _add_side(differ: dict[str, Sides], kind: str, words: tuple[str, ...], *, new_side: bool) -> None:
    """Adds words that only one text has."""
    before = differ.get(kind, ((), ()))
    differ[kind] = ((*before[0], *words), before[1]) if new_side else (before[0], (*before[1], *words))


def find_opposites(here: set[str], there: set[str], language: str) -> Sides:
    """Finds words of two texts that are opposites."""
    table = _opposites(language)
    mine = {word: table[word] for word in here if word in table}
    theirs = {word: table[word] for word in there if word in table}
    found = [(word, other) for word in sorted(mine) for other in sorted(theirs) if mine[word][0] & theirs[other][1]]
    return tuple(dict.fromkeys(word for word, _ in found)), tuple(dict.fromkeys(other for _, other in found))


@lru_cache(16)
def _opposites(language: str) -> dict[str, tuple[frozenset[int], frozenset[int]]]:
    """Returns for each word the sides on which it stands, and the sides that are against them."""
    sides: dict[str, tuple[set[int], set[int]]] = {}
    for at, (one, other) in enumerate((*word_lists.OTHER_THINGS, *word_lists.OPPOSITES.get(language, ()))):
        for number, words in ((2 * at, one), (2 * at + 1, other)):
            for word in words.split():
                mine, against = sides.setdefault(word, (set(), set()))
                mine.add(number)
                against.add(number ^ 1)
    return {word: (frozenset(mine), frozenset(against)) for word, (mine, against) in sides.items()}


def _negates(words: tuple[str, ...], language: str) -> bool:
    negations = word_lists.NEGATIONS.get(language, frozenset())
    return (
        any(word in negations or word.endswith("n't") for word in words)
        or ("t" in words and any(word.endswith("n") for word in words))  # `don"t`
        or ("to" in words and not _REFUSALS.isdisjoint(words))
    )


_REFUSALS = frozenset(["declines", "declined", "declining", "refuses", "refused", "refusing"])
"""Before `to` these words say that something is not done."""


def _is_figure(word: str) -> bool:
    return word[:1].isdigit()


def _swapped_figures(new: Words, old: Words, gap: Gap) -> Sides:
    """Finds figures that change places behind the same words: `to 45 from 40` and `to 40 from 45`."""
    mine, theirs = _leads(new, gap.start, gap.end), _leads(old, gap.old_start, gap.old_end)
    if mine == theirs or sorted(mine.values()) != sorted(theirs.values()) or mine.keys() != theirs.keys():
        return (), ()
    return tuple(mine), tuple(theirs)


def _leads(words: Words, start: int, end: int) -> dict[str, str]:
    """Returns each figure between two places, and the word before it."""
    found = {}
    for at in range(start, end):
        if _is_figure(words.folded[at]):
            before = at - 2 if at > 1 and SIGN.fullmatch(words.folded[at - 1]) else at - 1
            found[words.folded[at]] = words.folded[before] if before >= 0 else ""
    return found


def _numbers(words: list[str], language: str) -> set[str]:
    """Returns the numbers of some words, in figures."""
    numbers = word_lists.NUMBER_WORDS.get(language, {})
    return {
        numbers[word] if word in numbers else _plain_figure(word)
        for word in words
        if word in numbers or _is_figure(word)
    }


def _plain_figure(word: str) -> str:
    whole, comma, last = word.rpartition(",")
    if comma:
        word = word.replace(",", "") if len(last.partition(".")[0]) == 3 else f"{whole.replace('.', '')}.{last}"
    if word.count(".") == 1 and word.replace(".", "").isdigit():
        word = word.rstrip("0").rstrip(".")
    return word.lstrip("0") or "0"


def _replaced_names(new: Words, old: Words, gap: Gap, *, short: bool) -> Sides:
    """Finds names that one text has in the place where the other has another.

    One of them must be a name that the other text does not have at all; in a sentence that was rewritten, both.
    """
    here = _names(new, gap.start, gap.end)
    there = _names(old, gap.old_start, gap.old_end)
    mine = _without_variants(here, old.folded[gap.old_start : gap.old_end] if short else old.known)
    theirs = _without_variants(there, new.folded[gap.start : gap.end] if short else new.known)
    if not mine or not theirs or _are_initials(here, there) or _are_initials(there, here):
        return (), ()
    if old.known.issuperset(mine) and new.known.issuperset(theirs):
        return (), ()
    if len(mine) == len(theirs) == 1 and _is_slip(mine[0], theirs[0]) and new.is_capital(gap.start - 1):
        return (), ()
    return tuple(mine), tuple(theirs)


def _judge_swaps(new: Words, old: Words, gaps: list[Gap], differ: dict[str, Sides]) -> None:
    """Adds names that stand in each other's place: `Marl sues Denby` and `Denby sues Marl`."""
    pairs = {
        (tuple(_names(new, gap.start, gap.end)), tuple(_names(old, gap.old_start, gap.old_end)))
        for gap in gaps
        if max(gap.end - gap.start, gap.old_end - gap.old_start) <= SHORT_GAP
    }
    for here, there in sorted(pairs):
        if here and there and here != there and (there, here) in pairs:
            _add(differ, "names", (here, there))


def _names(words: Words, start: int, end: int) -> list[str]:
    """Returns the names between two places: capitalised words that are no beginning of a sentence, title or date."""
    if words.text.isupper():
        return []
    found = []
    for at in range(start, end):
        word = words.folded[at]
        if not words.is_capital(at) or word in _NO_NAMES or _is_figure(word) or words.is_ticker(at):
            continue
        if word in word_lists.MODIFIERS and words.is_capital(at + 1) and words.follows(at + 1):
            continue
        if words.begins_sentence(at) and not (words.is_capital(at + 1) and words.follows(at + 1)):
            continue
        found.append(word)
        if len(found) == MOST_NAMES:
            break
    return found


_NO_NAMES = word_lists.LEGAL_FORMS | word_lists.ROLES | word_lists.COMMON | word_lists.DATES


def _without_variants(names: list[str], others: "list[str] | frozenset[str]") -> list[str]:
    """Removes names that the others have too, in another spelling or shortened."""
    return [name for name in names if name not in others and not any(_may_be_variant(name, other) for other in others)]


def is_variant(one: str, other: str) -> bool:
    """Tells whether two words are one: plural, other spelling, typing error, or one of them shortened."""
    if canonical(one) == canonical(other) or one.removesuffix("s") == other.removesuffix("s"):
        return True
    shorter, longer = sorted((one, other), key=len)
    return is_misspelling(one, other) or (shorter in word_lists.SHORT_FORMS and longer.startswith(shorter))


@lru_cache(8192)
def canonical(word: str) -> str:
    """Returns the American spelling of a word."""
    if word in _SPELLINGS:
        return _SPELLINGS[word]
    for british, american in (
        ("isation", "ization"),
        ("ising", "izing"),
        ("ised", "ized"),
        ("ises", "izes"),
        ("ise", "ize"),
    ):
        if word.endswith(british) and len(word) > len(british) + 3:
            return word.removesuffix(british) + american
    return word


_SPELLINGS = {british: american for american, british in (pair.split() for pair in word_lists.SPELLINGS.split(","))}


def _are_initials(names: list[str], others: list[str]) -> bool:
    """Tells whether one side is the initials of the other: `IMF` and `International Monetary Fund`."""
    return len(names) == 1 and len(others) > 1 and names[0] == "".join(other[0] for other in others)


def _is_slip(one: str, other: str) -> bool:
    """Tells whether two names of three letters or more differ in one letter."""
    return len(one) == len(other) >= 3 and sum(a != b for a, b in zip(one, other, strict=True)) == 1


def _is_named_part(words: Words, start: int, end: int) -> bool:
    """Tells whether a letter or a figure between two places is a part of a name: `Series J`, `VCT 2`."""
    before = words.folded[start - 1] if start and words.between(start) in (" ", "-") else ""
    after = words.folded[end] if end < len(words.folded) and words.between(end) in (" ", "-") else ""
    return before in word_lists.CLASS_NOUNS or after in word_lists.CLASS_NOUNS


def _extends_a_name(words: Words, start: int, end: int) -> bool:
    """Tells whether words that only one text has make another name of the name before them: `Marl Tools Europe`."""
    if not start or words.text.isupper() or words.between(start) not in (" ", " & "):
        return False
    before = words.folded[start - 1]
    if not words.is_capital(start - 1) or before in _NO_NAMES or (words.begins_sentence(start - 1) and start < 2):
        return False
    for at in range(start, end):
        word = words.folded[at]
        joined = at == start or words.between(at) in (" ", " & ")
        if (
            not joined
            or word in _NO_NAMES
            or not (words.is_capital(at) or word.isdigit())
            or (len(word) == 1 and word.isalpha())
        ):
            return False
    return True


def _says_something(new: Words, old: Words, gap: Gap) -> bool:
    """Tells whether the words of a gap are more than spelling and little words."""
    here, there = new.folded[gap.start : gap.end], old.folded[gap.old_start : gap.old_end]
    if len(here) * len(there) > MOST_PAIRS:
        return True
    return all(any(word not in word_lists.COMMON for word in _own(*sides)) for sides in ((here, there), (there, here)))


def _own(words: list[str], others: list[str]) -> list[str]:
    """Returns the words that the others do not have in any spelling."""
    known = set(others)
    own = [word for word in words if word not in known]
    if len(own) * len(others) > MOST_PAIRS:
        return own
    return [word for word in own if not any(_may_be_variant(word, other) for other in others)]


def _may_be_variant(one: str, other: str) -> bool:
    """Tells the same as `is_variant`, faster: two spellings of a word begin or end with the same two letters."""
    return (one[:2] == other[:2] or one[-2:] == other[-2:]) and is_variant(one, other)


def _judge_headline(
    new_text: Text, old_text: Text, gap: Gap, language: str, differ: dict[str, Sides], *, changed: bool
) -> None:
    """Judges a gap of the headlines. Where the texts differ too, one word that is no synonym makes two stories."""
    new, old = new_text.headline, old_text.headline
    here, there = new.folded[gap.start : gap.end], old.folded[gap.old_start : gap.old_end]
    if not here or not there or max(len(here), len(there)) > SHORT_GAP:
        return
    mine, theirs = set(here), set(there)
    _add(differ, "class", (_classes(here, theirs), _classes(there, mine)))
    _add(differ, "opposites", find_opposites(mine - theirs, theirs - mine, language))
    if changed and max(len(here), len(there)) <= HEADLINE_GAP and gap.start:
        left = tuple(word for word in here if _is_content(word) and not _has_synonym(word, there, old_text.body))
        right = tuple(word for word in there if _is_content(word) and not _has_synonym(word, here, new_text.body))
        _add(differ, "headline words", (left, right))


def _judge_speakers(new: Text, old: Text, differ: dict[str, Sides]) -> None:
    """Adds the companies before the colon of two equal headlines: `Marl plc: statement on press report`.

    They make two stories if neither text has a word of their names: only the headlines say which company is meant.
    """
    sides = [text.headline.text.partition(":") for text in (new, old)]
    if sides[0][2].casefold() != sides[1][2].casefold() or not sides[0][2].strip():
        return
    mine, theirs = ([fold_word(word) for word in _WORD.findall(side[0])] for side in sides)
    if word_lists.LEGAL_FORMS.isdisjoint(mine) or word_lists.LEGAL_FORMS.isdisjoint(theirs):
        return
    here, there = (tuple(filter(_is_content, words)) for words in (mine, theirs))
    if not {*here, *there} & (new.body.known | old.body.known) and set(here).isdisjoint(there):
        _add(differ, "names", (here, there))


def _is_foreign(headline: Words, text: Text) -> bool:
    """Tells whether a headline shares no word with a text: somebody put it above the body of another story."""
    words = {word.removesuffix("s") for word in headline.folded if _is_content(word)}
    if len(words) < FOREIGN_WORDS:
        return False
    return words.isdisjoint(word.removesuffix("s") for words in (text.headline, text.body) for word in words.known)


FOREIGN_WORDS = 3
"""Words of a headline that say what it is about."""
HEADLINE_GAP = 3
"""Words of a headline that replace others. Before the first word that both have stands the mark of a series."""


def _is_content(word: str) -> bool:
    return word not in word_lists.COMMON and word not in word_lists.LEGAL_FORMS and not _is_figure(word)


def _has_synonym(word: str, others: list[str], text: Words) -> bool:
    """Tells whether a word of one headline stands in the other's place too, or anywhere in the other text.

    A sign may stand for any word: `$` for `USD`, `%` for `per cent`.
    """
    if SIGN.fullmatch(word) or (others and all(map(SIGN.fullmatch, others))):
        return True
    mine = _SYNONYMS.get(word)
    return word in text.known or any(
        is_variant(word, other) or (mine is not None and _SYNONYMS.get(other) == mine) for other in others
    )


_SYNONYMS = {word: row.split()[0] for row in word_lists.SYNONYMS for word in row.split()}

_FORM = re.compile(
    "|".join(
        (
            r"form (?:8\.[35]|8 ?\(|38\.5|8-?k\b|tr-?1|[345]\b)|\btr-1\b|holdings?(?:\(s\)|s)? in (?:the )?company",
            r"(?:position|dealing)s? disclosure|net asset value|\bnavs?\b|total voting rights|rights and capital",
            r"dividend (?:declaration|announcement|notice)|declaration of (?:a )?dividends?|distribution announcement",
            r"director/?s?'? ?(?:/pdmr|dealings?|shareholdings?)|pdmr|transactions? in own shares|block listing",
            r"(?:interest|coupon|libor|sonia|euribor) rate (?:fixing|notice)|fixing of (?:the )?(?:interest|coupon)",
            r"rate fix(?:ing)?\b|(?:auction|tender) results?|results? of (?:the )?(?:auction|tender)",
            r"admission (?:to trading|of (?:securities|shares))|publication of annual report",
        )
    ),
    re.I,
)


def is_form(headline: str, body: str) -> bool:
    """Tells whether a text is a form or a notice from a template, which differs from the next one in a name only."""
    return _FORM.search(headline) is not None or _FORM.match(body.lstrip()[:60].lstrip()) is not None


def _judge_form(new: Text, old: Text, body: list[Gap], title: list[Gap], differ: dict[str, Sides]) -> None:
    """Adds each word in which two forms differ, but for what a wire puts before or behind them."""
    for words, others, gaps in ((new.body, old.body, body), (new.headline, old.headline, title)):
        for gap in gaps:
            here, there = words.folded[gap.start : gap.end], others.folded[gap.old_start : gap.old_end]
            edge = (not gap.start and not gap.old_start) or (
                gap.end == len(words.folded) and gap.old_end == len(others.folded)
            )
            if (
                edge
                and (not here or not there)
                and len(here or there) <= EDGE
                and not any(map(_is_figure, here or there))
            ):
                continue
            left, right = _own(here, there), _own(there, here)
            if left or right:
                before = differ.get("form", ((), ()))
                differ["form"] = (*before[0], *left), (*before[1], *right)
