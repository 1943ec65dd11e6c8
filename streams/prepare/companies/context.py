"""Decides by capitals and neighbouring words whether words that match a name are a company's name at their place."""

import re
from collections.abc import Collection, Iterable
from typing import Literal

from streams.prepare.companies.names import is_legal_form, word_set
from streams.prepare.companies.reference import NameHit
from streams.prepare.companies.reference_file import ACRONYM, SURE, WEAK, WORD

_OFFICES = word_set(
    "ceo cfo coo cto chief president chairman chairwoman director executive founder analyst spokesman spokeswoman"
    " shares stock monday tuesday wednesday thursday friday"
)
"""Words that may follow a company's name with a capital and are not part of it."""
_PASSING = word_set("the and or of at with from by for in on to as but like including than via versus vs when while if")
_BETWEEN = re.compile(r"[a-z]{2,},?")
_APART = (
    "'s",
    "\u2019s",
    "s'",
    ".",
    ",",
    ":",
    ";",
    "-",
    "\u2013",
    "\u2014",
    "!",
    "?",
    ")",
    ">",
    "|",
    "/",
    '"',
    "\u201d",
)
_VERBS = word_set("said says reported reports announced announces shares stock unveils unveiled posted")
_AND = frozenset("au")
_READ_ON = _AND | {word[0] for word in _VERBS}
_PARTICLES = word_set("de del della di da dos das des du van von der")

_STATE = word_set("minister ministry government parliament")
_SAME_FORM = {
    "incorporated": "inc",
    "corporation": "corp",
    "company": "co",
    "limited": "ltd",
    "cos": "co",
    "companies": "co",
}
_ONE_OF = word_set("ein eine einer einem einen eines neue neuen breite breiten strategische strategischen une una uma")
"""Articles and adjectives before a noun: `eine Allianz aus drei Parteien`."""
_GLUE = "@/_-.&"
_BANKS = word_set(
    "central national reserve first state federal royal industrial commercial people's peoples agricultural savings"
)
"""Words before `Bank of …` that make it another bank, also in a line where each word has a capital."""
_COUNTRIES = word_set(
    "America Argentina Australia Austria Belgium Brazil Britain Canada Chile China Denmark England Finland France"
    " Germany Greece Hong India Indonesia Ireland Israel Italy Japan Korea Luxembourg Malaysia Mexico New Norway"
    " Poland Portugal Russia Saudi Scotland Singapore South Spain Sweden Switzerland Taiwan Thailand Turkey"
)
"""Words behind `of` that say where a company is at home: `Soltane of Germany`."""
_LAND = word_set(
    "basin biome deforestation delta forest forests jungle rainforest rainforests river tribe tribes valley"
)
_PLACE_BEHIND = _LAND | word_set("bay county crater creek island lake municipality peninsula town village")
_PLACE_OF = re.compile(
    r"(?i:\b(?:city|commune|county|crater|district|island|mayor|municipality|museum|outskirts|parish|port|province"
    r"|residents|river|state|streets|suburb|town|village) of (?:the )?)(?:[A-Z]\w{1,20} )?\Z"
)
_IS_A_PLACE = re.compile(
    r", an? (?:[\w-]{1,20} ){0,2}(?:city|commune|community|district|municipality|port|resort|suburb|town|village)\b"
)
_CONTESTS = word_set("championship championships cup derby marathon masters oaks race stakes tour tournament trophy")
_SPONSORED = _CONTESTS | word_set(
    "arena avenue center centre field garden hall park road square stadium street theater theatre"
)
"""Behind a name they make that of a place or an event with a sponsor: `Barclays Center`, `Volvo Ocean Race`."""
_UNITS = {
    "BP": re.compile(r"(?i)\b(?:her|high|his|low|my|our|their|whose|your) \Z"),
    "HP": re.compile(r"\d[ -]?\Z"),
    "3M": re.compile(r"(?i)\b(?:about|almost|around|at least|estimated|more than|nearly|over|some|than|up to) \Z"),
}
"""A name that is also an abbreviation -> what stands before it then."""
_THINGS_BEHIND = {
    "GM": word_set("corn cotton crop crops food foods maize mosquitoes organisms plants rice seeds soy soya wheat"),
    "3M": word_set("children dollars euros homes jobs people pounds refugees tonnes tons users voters votes workers"),
}
"""A name that is also an abbreviation -> words behind it then."""
_SENTENCE_ENDS = (". ", "! ", "? ", ": ", "\n", '" ', "\u201d ")
_FIGURE = re.compile(r"\b(?:goddess|god|(?:statue|temple|bust|myth|legend) of(?: the)?) \Z", re.I)
_IN_THE = re.compile(r"\b(?:in|across|through|throughout|along|into) the \Z", re.I)
_LAND_IN_TEXT = re.compile(r"(?i)\b(?:rain ?forests?|deforestation|jungle|tributary|tributaries|riverbanks?)\b")
"""Words for a wild land."""


class LineStyles:
    """Tells how each line of a text is capitalised: `prose` (a capital means a name), `title` or `upper`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines: dict[int, Literal["prose", "title", "upper"]] = {}

    def style_at(self, place: int) -> Literal["prose", "title", "upper"]:
        """Returns the style of the line that contains this place."""
        begin = self._text.rfind("\n", 0, place) + 1
        if begin not in self._lines:
            end = self._text.find("\n", place)
            words = self._text[begin : min(end if end >= 0 else len(self._text), begin + 120)].split()
            long = [word for word in words[1:] if len(word) > 3]
            lower = len([word for word in long if word >= "a"])
            if lower >= 2 and lower * 3 >= len(long):
                self._lines[begin] = "prose"
            else:
                self._lines[begin] = "upper" if sum(map(str.isupper, long)) * 2 >= len(long) else "title"
        return self._lines[begin]


def names_another_thing(hit: NameHit, text: str, parts: Iterable[str]) -> bool:
    """Whether words that are a company's name are a person, a work, a place or a unit here: `the Oracle of Omaha`.

    The other places of the item then mean it too. `parts` are the headline and the text of the item.
    """
    written = text[hit.start : hit.end]
    if _is_glued(hit, text):
        return False
    following = _words_behind(text, hit.end)
    before = text[max(0, hit.start - 48) : hit.start]
    if _PLACE_OF.search(before) or _IS_A_PLACE.match(text, hit.end) or set(following[:1]) & _PLACE_BEHIND:
        return True
    unit = _UNITS.get(written)
    if (unit is not None and unit.search(before)) or set(following[:1]) & _THINGS_BEHIND.get(written, frozenset()):
        return True
    if " " in written:
        return False
    if len(following) > 1 and following[0] == "of" and following[1][0].isupper():
        return following[1].strip(".,;:'\u2019") not in _COUNTRIES
    if (following and following[0].casefold() in _LAND) or (following[:1] == ["rain"] and following[1:2] == ["forest"]):
        return True
    if _FIGURE.search(text, max(0, hit.start - 16), hit.start):
        return True
    in_the = _IN_THE.search(text, max(0, hit.start - 16), hit.start)
    return in_the is not None and any(map(_LAND_IN_TEXT.search, parts))


def has_legal_form(hit: NameHit, text: str) -> bool:
    """Whether a legal form stands behind the name: `Nokia Corp`."""
    return _begin_with_form(_words_behind(text, hit.end))


def _begin_with_form(following: list[str]) -> bool:
    return bool(following) and is_legal_form(following[0]) and following[0][0].isupper()


def may_be_common_word(hit: NameHit, text: str, lines: LineStyles) -> bool:
    """Whether the capital of a name of one word says nothing: it begins a sentence, or stands in a headline's capitals.

    A verb of companies behind it says something: `Puma said`.
    """
    if " " in text[hit.start : hit.end] or set(_words_behind(text, hit.end)[:1]) & _VERBS:
        return False
    begins = hit.start == 0 or text[max(0, hit.start - 2) : hit.start].endswith(_SENTENCE_ENDS)
    return begins or lines.style_at(hit.start) != "prose"


def is_common_word(name: str, text: str) -> bool:
    """Whether a text has a name of one word as a noun: `A puma was spotted`."""
    noun = rf"\b(?i:an?|the|this|that) (?:[a-z]+ )?{re.escape(name.lower())}\b(?![@/.]\w)"
    return name.lower() in text and re.search(noun, text) is not None


def is_company_name(
    hit: NameHit, text: str, lines: LineStyles, certain: Collection[int], generic: Collection[str]
) -> bool:
    """Whether the words of the hit are the company's name at this place.

    `certain` are the numbers of companies that the item certainly names, `generic` are words in many names.
    """
    written = text[hit.start : hit.end]
    if _is_glued(hit, text):
        return False
    following = [] if _name_ends_here(text, hit.end, hit.kind) else _words_behind(text, hit.end)
    formed = _begin_with_form(following)
    if not formed and _continues_behind(following, text, hit.end, generic):
        return False
    if _begins_earlier(text, hit.start) and (
        hit.kind != SURE or lines.style_at(hit.start) == "prose" or _is_another_bank(written, text, hit.start)
    ):
        return False
    if hit.company in certain or (formed and (hit.kind != WEAK or _has_form(hit.form, following[0]))):
        return True
    if hit.kind == WEAK or (following and following[0].casefold() in _STATE) or _is_sponsor(following):
        return False
    if " " not in written and _word_before(text, hit.start) in _ONE_OF:
        return False
    goes_on = following and following[0][0].isupper() and text[hit.end : hit.end + 1] == " "
    return _stands_alone(hit, text, lines, following, goes_on=bool(goes_on))


def _is_sponsor(following: list[str]) -> bool:
    """Whether the words behind a name make it that of a place or an event."""
    if not following or not following[0][0].isupper():
        return False
    if following[0].casefold() in _SPONSORED:
        return True
    return len(following) > 1 and following[1][0].isupper() and following[1].casefold() in _CONTESTS


def _is_glued(hit: NameHit, text: str) -> bool:
    """Whether a mark joins the words to others: `@apple`, `apple.com`."""
    if hit.start and text[hit.start - 1] in "@#/$.-_":
        return True
    glued = text[hit.end : hit.end + 2]
    return len(glued) == 2 and glued[0] in _GLUE and glued[1].isalnum() and (glued[0] != "-" or glued[1].isupper())


def _stands_alone(hit: NameHit, text: str, lines: LineStyles, following: list[str], *, goes_on: bool) -> bool:
    """Whether a name without legal form is the company's: by its kind and by the capitals of its line."""
    written = text[hit.start : hit.end]
    if hit.kind == SURE and not goes_on:
        return True
    style = lines.style_at(hit.start)
    if hit.kind == ACRONYM:
        if following and len(following[0]) > 1 and following[0].isalpha() and following[0].isupper():
            return False  # the first word of a longer acronym
        bracketed = text[hit.start - 1 : hit.start] == "(" or text[hit.end : hit.end + 1] == ")"
        return written.isupper() and not bracketed and (style == "prose" or (style == "title" and len(written) > 2))
    if style != "prose":
        return hit.kind == SURE
    if hit.kind == WORD and not (
        _BETWEEN.fullmatch(_word_before(text, hit.start)) or (following and following[0] in _VERBS)
    ):
        return False
    return written.count(" ") > 1 or not goes_on or following[0].casefold() in _OFFICES


def _has_form(company: str, written: str) -> bool:
    """Whether a legal form may be that of the company. A company whose name has none may be written with any."""
    form, other = (re.sub(r"[^a-z]", "", each.casefold()) for each in (company, written))
    return not form or _SAME_FORM.get(form, form) == _SAME_FORM.get(other, other)


def is_capitalised(written: str) -> bool:
    """Whether words are capitalised like a name: `eBay`, `Bank of America`, `3M`; not `apple`."""
    if written.islower():
        return written[0].isdigit()
    if written.istitle() or (written[0].isupper() and " " not in written):
        return True
    words = written.split()
    if not any(character.isupper() for character in words[0]):
        return words[0][0].isdigit()
    if words[-1].islower() and words[-1].isalpha():
        return False
    return all(word[0].isupper() or not word[0].isalpha() or len(word) < 4 or not word.islower() for word in words[1:])


def _name_ends_here(text: str, end: int, kind: str) -> bool:
    """Whether the next two characters show that the name ends here; a quick check before `_words_behind`.

    They are a punctuation mark, or a blank and a small letter that begins neither `and` nor a verb of `_VERBS`.
    """
    mark = text[end : end + 1]
    if mark != " ":
        return mark != ","
    letter = text[end + 1 : end + 2]
    return letter.islower() and letter not in (_AND if kind != WORD else _READ_ON)


def _words_behind(text: str, end: int) -> list[str]:
    """Returns up to three words right after a name. A comma ends them, except before a legal form (`, Inc.`)."""
    behind = text[end : end + 48]
    if behind[:1] != " " and behind[:2] != ", ":
        return []
    words = behind.lstrip(",").split(None, 3)[:3]
    if behind[0] == "," and words and not is_legal_form(words[0]):
        return []
    for at, word in enumerate(words):
        if word[-1] in ",;:" or not word[0].isalnum():
            return [*words[:at], word.rstrip(",;:")] if word[0].isalnum() else words[:at] + [word] * (word in "&")
    return words


def _continues_behind(following: list[str], text: str, end: int, generic: Collection[str]) -> bool:
    """Whether the name is the beginning of a longer name: `Ford Motor Credit`, `Kaiser Aluminum and Chemical Corp`."""
    if not following or text[end : end + 1] != " ":
        return False
    words = following[1:] if following[0] in ("and", "&", "AND", "und") else following
    if not words or not words[0][0].isupper():
        return False
    if words[0].strip(".,").casefold() in generic:
        return True
    return (
        words is following
        and any(is_legal_form(word) for word in words[1:3])
        and all(word[0].isupper() for word in words[:2])
    )


def _begins_earlier(text: str, start: int) -> bool:
    """Whether the name is the end of a longer name: `West Hartford`, `Pacific Southwest Airlines`."""
    if text[start - 2 : start - 1] in _APART:
        return False
    word = _word_before(text, start)
    if not word:
        return False
    if word in _PARTICLES:
        return True
    return word[0].isupper() and word.casefold() not in _PASSING and not word.endswith(_APART)


def _is_another_bank(written: str, text: str, start: int) -> bool:
    """Whether the name is the end of another bank's: `Central Bank of Ireland`."""
    return written[:5].casefold() == "bank " and _word_before(text, start).casefold() in _BANKS


def _word_before(text: str, start: int) -> str:
    """Returns the word before `start`; empty if not exactly one blank is between, or at the beginning of a line."""
    if text[start - 1 : start] != " ":
        return ""
    words = text[max(0, start - 30) : start - 1].split()
    return (
        words[-1].lstrip("(<[\"'\u201c\u2018")
        if words and text[start - 2].isprintable() and text[start - 2] not in " \n"
        else ""
    )
