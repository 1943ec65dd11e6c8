"""Builds the headline of role `ticker` (schemas/README.md, section 3): short, without the wire's marks.

It begins with the company's name where the company leads the story but not the headline.
"""

import re
import unicodedata

from streams.model.records import Company, Story
from streams.prepare.companies.names import split_legal_form, word_set
from streams.prepare.companies.tickers import find_tickers
from streams.prepare.text import notice_words
from streams.prepare.text.notice_words import any_of
from streams.prepare.text.plain import one_line

TICKER_LENGTH = 120
"""Maximum length in characters (code points), with the `…` of a cut."""
_LONGEST_NAME = 60
"""Maximum length of a name before the headline: half of the line."""
_LEAD = 60
"""A company leads a text that names it within so many characters, beyond the length of its name."""

_WIRE = (
    r"(?:PR ?Newswire|Business ?Wire|GlobeNewswire|CNW(?: Group)?|Newsfile(?: Corp\.?)?|ACCESS ?(?:News)?wire"
    r"|Marketwired?|EQS(?:[ -]News| Group)?|Acquire Media|NewMediaWire|美通社)"
)
_MARK = r"(?:C O R R E C T I O N|R E P E A T|U P D A T E|A D V I S O R Y)"
_BEHIND = r"(?: ?[:/\u2013\u2014]+| ?--+| - |-(?=\S))\s*"
_QUALIFIER = r"(?: \d{1,2})?(?:[ -]{0,3}\([A-Z][A-Z ]{1,28}\))?"
"""A number or words in capitals behind a mark: `CORRECTED-(OFFICIAL)-UPDATE 1-`, `REFILE 2-`."""
_IN_BRACKETS = any_of(notice_words.CORRECTED_MARKS, notice_words.UPDATED_MARKS, notice_words.UPDATED_IN_BRACKETS)
_BEFORE = re.compile(
    rf"/ ?{_MARK} ?(?:--[^/]{{0,80}})?/(?:{_BEHIND})?"
    rf"|{_MARK}(?:{_BEHIND}|\s+)"
    rf"|(?:PHOTO |VIDEO |MULTIMEDIA )?(?i:correcting and replacing|replacing and correcting)(?:{_BEHIND}|\s+)"
    rf"|(?:UPDATED?|WRAPUP|CORRECTED|CORRECTION|REFILED?|RPT|REPEAT|BRIEF|ADVISORY){_QUALIFIER}{_BEHIND}"
    rf"|(?i:updated?|corrected|correction|press release|news release|pressemitteilung|communiqué de presse): +"
    rf"|(?i:{any_of(notice_words.CORRECTED_MARKS, notice_words.UPDATED_MARKS)}) ?[:\uff1a] *"
    rf"|(?:{notice_words.CORRECTED_MARKS_ALONE})\s+"
    rf"|[(\[\u3010\uff08](?i:{_IN_BRACKETS})[)\]\u3011\uff09][\s:\uff1a\u2013-]*"
    r"|\*+ ?[A-Z][A-Z !]{1,30}\*+[\s:\u2013-]*"
    rf"|(?i:{_WIRE})(?: ?[:|\u2013\u2014]| --?) +"
    r"|(?:EQS|DGAP|PTA)-(?:News|Adhoc|Ad-hoc|AFR|CMS|PVR|DD|TOT|WpÜG): *"
    r"|[A-Z][A-Za-z]{2,24}Breaks? [\u2013\u2014-]{1,2} "
    r"|\d{3} with [A-Z]{2,5} [\u2013\u2014-]{1,2} "
    r"|(?i:(?:(?:urgent )?(?:shareholder|investor|stockholder|class action|deadline|lawsuit|securities fraud) ){1,3}"
    r"(?:alert|notice|reminder|update|deadline)s?)(?: ?[:!\u2013\u2014]+| --?) +"
)
_AFTER = re.compile(
    rf"\s(?:[|\u2013\u2014-]|--) ?(?i:{_WIRE})\.?\Z|\((?i:{_WIRE})\)\Z"
    rf"|[(\[\u3010\uff08](?i:{_IN_BRACKETS})[)\]\u3011\uff09]\Z"
)
_LONGEST_AFTER = 30
"""No mark behind a headline has more characters."""
_WORDS = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u312f\u3190-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
)
"""Matches scripts that write no blanks between words (Han, Kana, Thai, Lao, Khmer, Myanmar) and their punctuation."""
_JOINER = "\u200d"


_PRAISE = re.compile(
    r",? (?i:a (?:leading|top ranked|globally recognized|national|nationally ranked|recognized)[\w ]{0,30} law firm"
    r"|national trial counsel|trial attorneys|top ranked counsel|(?:leading |skilled )?investor (?:rights )?counsel),"
)
"""What law firms say of themselves between commas."""
_OTHER_SCRIPT = re.compile("[^\u0000-\u024f\u2010-\u2122]")
_CAPITALS_WORDS = 4
"""Words that a headline in capitals must have to be written in another way; fewer are a name or an alert."""
_SMALL_WORDS = word_set("a an and as at but by for from in into of on or per than the to via vs with")
_ABBREVIATIONS = word_set(
    "US USA UK EU UAE UN CEO CFO COO CTO FDA EMA SEC IPO ETF AI IT HR PR TV LNG EV EVS ESG IFRS GAAP EBITDA EBIT NAV"
    " AGM EGM LLC LP LLP PLC AG SE SA NV BV AB ASA USD EUR GBP CAD AUD CES NFL NBA NHL MLB II III IV HQ R&D M&A MD"
)


def build_ticker_headline(
    story: Story, organisations: tuple[Company, ...], marks: tuple[str, ...] = (), language: str = ""
) -> str:
    """Builds the ticker headline: at most 120 characters, in whole words; empty where the story has no text.

    It is `NAME : text` where one company leads the story but not the headline. Marks of the wire (`UPDATE 1-`,
    `/C O R R E C T I O N/ --`, `*TOP NEWS*`, `- PR Newswire`) are left out. A script without blanks between words is
    cut between characters, never within one.
    """
    texts = (story.headline, story.text, story.summary, story.ed_note)
    headline = next((first for text in texts if (first := one_line(text.strip().partition("\n")[0]))), "")
    headline = next(
        (rest for mark in marks if (rest := headline.removeprefix(mark).strip()) != headline and rest), headline
    )
    headline = strip_wire_marks(headline)
    headline = _drop_tickers(_PRAISE.sub("", headline))
    if story.text:
        headline = _spell_like_text(headline, story.text, language or story.language)
    name = _find_leading_company(story, headline, organisations)
    if name and (rest := _cut_to_words(headline, TICKER_LENGTH - len(name) - 3)):
        named = f"{name} : {rest}"
        if strip_wire_marks(named) == named:  # not so where the headline is nothing but a mark of the wire
            return named
    return _cut_to_words(headline, TICKER_LENGTH)


def _drop_tickers(headline: str) -> str:
    """Leaves out the brackets with tickers: `Marl Gas (NYSE: MRLG) rises`."""
    if "(" not in headline or ":" not in headline:
        return headline
    bare = headline
    for opens in sorted({one.opens for one in find_tickers(headline) if one.how == "bracket"}, reverse=True):
        closes = bare.find(")", opens)
        if closes > 0:
            bare = f"{bare[:opens].rstrip()} {bare[closes + 1 :].lstrip()}"
    bare = re.sub(r" (?=[,.:;!?\u2019])", "", " ".join(bare.split()))
    return bare if _WORDS.search(bare) else headline


def _spell_like_text(headline: str, text: str, language: str) -> str:
    """Writes a headline in capitals as English headlines are, with the names as the text writes them.

    Where the language is another, a word is written as the text writes it. A word that neither is in the text nor looks
    like a word (no vowel) keeps its capitals.
    """
    words = headline.split()
    if len(words) < _CAPITALS_WORDS or headline != headline.upper() or _OTHER_SCRIPT.search(headline):
        return headline
    if " : " in headline:  # a name before a headline is in capitals
        return headline
    head = text[:4000]
    written: dict[str, str] = {}
    for word in re.findall(r"[\w&][\w&'\u2019.-]*[\w&]|\w", head):
        written.setdefault(word.upper(), word)
        if not word.islower() and not word.istitle():
            written[word.upper()] = word
    if sum(map(str.isupper, written.values())) * 2 > len(written):
        return headline
    english = not _SMALL_WORDS.isdisjoint(map(str.casefold, words)) or language[:2] == "en"
    return " ".join(_spell(word, written, english=english, first=at == 0) for at, word in enumerate(words))


def _spell(word: str, written: dict[str, str], *, english: bool, first: bool) -> str:
    core = word.strip(".,:;!?()[]\"'\u2018\u2019\u201c\u201d\u00ae\u2122")
    core = re.sub(r"(?:'|\u2019)S\Z", "", core)
    word = re.sub(r"(?<=['\u2019])S\b", "s", word)
    if english and core.casefold() in _SMALL_WORDS and not first:
        return word.lower()
    shown = written.get(core, "")
    if (
        not core
        or core in _ABBREVIATIONS
        or any(map(str.isdigit, core))
        or (shown and not shown.islower() and len(shown) > 1)
    ):
        return word.replace(core, shown) if core and shown else word
    if not english:
        shown = shown or core.lower()
        return word.replace(core, shown[0].upper() + shown[1:] if first else shown)
    if not shown and ("." in core or "&" in core or not set(core) & set("AEIOUY")):
        return word
    return word.replace(core, "-".join(part.capitalize() for part in core.split("-")))


def strip_wire_marks(headline: str) -> str:
    """Removes the marks that wires put before and behind a headline; a headline of marks alone stays as it is."""
    rest = headline.strip()
    start, end = 0, len(rest)
    word = _WORDS.search(rest)
    marked = True  # each mark and each character is looked at once: a headline may be nothing but marks
    while word:
        found = _BEFORE.match(rest, start, end) if marked else None
        marked = found is not None
        bare = found.end() if found else start
        behind = _AFTER.search(rest, max(bare, end - _LONGEST_AFTER), end)
        bare_end = behind.start() if behind else end
        while bare < bare_end and rest[bare].isspace():
            bare += 1
        while bare < bare_end and rest[bare_end - 1].isspace():
            bare_end -= 1
        if word.start() < bare and not (word := _WORDS.search(rest, bare)):
            break
        if word.start() >= bare_end or (bare, bare_end) == (start, end):
            break
        start, end = bare, bare_end
    return rest[start:end]


def _find_leading_company(story: Story, headline: str, organisations: tuple[Company, ...]) -> str:
    """Returns the name, in capitals, of the one company that the item is about, where the text opens with it.

    The name has its legal form where the text writes it. Empty where the headline names the company in any way.
    """
    subjects = {one_line(row.name): row for row in organisations if row.rel == "about" and len(row.name) > 2}
    if len(subjects) != 1 or not headline:
        return ""
    [(name, row)] = subjects.items()
    short = split_legal_form(name)[0] or name
    lead = story.text[: len(name) + _LEAD]
    leading = next((form for form in (name, short) if form in lead), "")
    shown = one_line(leading.upper())
    if not shown or len(shown) > _LONGEST_NAME or _headline_names(headline, shown, short, row):
        return ""
    return shown


def _headline_names(headline: str, shown: str, short: str, company: Company) -> bool:
    """Tells whether a headline names a company: by its name, the first word or initials of it, or a ticker."""
    folded = _fold_case(headline)
    if _fold_case(short) in folded or _fold_case(shown) in folded:
        return True
    words = _WORDS.findall(short)
    initials = "".join(word[0] for word in words if word[0].isupper())
    marks = {listing.symbol for listing in company.listings if len(listing.symbol) > 1}
    marks |= {initials} if len(initials) > 2 else set()
    first = _fold_case(words[0]) if words and len(words[0]) > 2 else ""
    written = _WORDS.findall(headline)
    return not marks.isdisjoint(written) or (first != "" and first in map(_fold_case, written))


def _fold_case(text: str) -> str:
    return unicodedata.normalize("NFKC", text.upper().casefold())


def _cut_to_words(text: str, room: int) -> str:
    """Cuts a text to at most `room` characters: whole words and a `…`.

    Where not even one word fits, a text behind a name becomes empty, and a whole headline is cut within the word.
    """
    if len(text) <= room:
        return text
    ends = [end for end in range(1, room) if _ends_word(text, end)]
    for end in reversed(ends):
        if whole := text[:end].rstrip(" ,;:-"):
            return f"{whole}…"
    if room < TICKER_LENGTH:
        return ""
    end = room - 1
    while end > 1 and _is_one_character(text[end - 1], text[end]):
        end -= 1
    return f"{text[:end]}…"


def _ends_word(text: str, end: int) -> bool:
    before, after = text[end - 1], text[end]
    if after == " ":
        return True
    free = before != " " and (_UNSPACED.match(before) or _UNSPACED.match(after))
    return bool(free) and not _is_one_character(before, after)


def _is_one_character(before: str, after: str) -> bool:
    """Tells whether a reader sees two characters as one: combining marks, joined and coloured emoji, flags (UAX #29).

    Two flags in a row are never parted either.
    """
    if before == _JOINER or after == _JOINER or unicodedata.category(after) in ("Mn", "Mc", "Me"):
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff":
        return True
    return all("\U0001f1e6" <= character <= "\U0001f1ff" for character in (before, after)) or (
        "\u1100" <= before <= "\u11ff" and "\u1160" <= after <= "\u11ff"
    )
