"""Computes the fingerprint of a text, which near-copies share and look-alikes do not.

It has two parts. A MinHash of the 3-word shingles measures similarity (Broder 1997; one permutation in 64
bins: Li, Owen and Zhang 2012). Figures, dates, names of the first sentences and directions tell notices of one template
apart. Links, addresses and telephone numbers are left out: each wire adds its own. The text must come without
boilerplate and dateline.

MinHash is computed in plain Python: `rensa` reserves 1 GB of address space, more than a child process may have, and
numpy costs 0.4 s at each start.
"""

import re
from array import array
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from zlib import crc32

from streams.model.packed_numbers import mix_triples
from streams.model.records import BIN_BITS, TextFingerprint
from streams.prepare.text import notice_words
from streams.prepare.text.datetimes import MONTH_NAMES
from streams.prepare.text.notice_words import any_of
from streams.prepare.text.text_hash import fold, hash_words, spell_out_minus, split_words

_MONTHS = MONTH_NAMES["en"].split()
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

DATE_WORDS = {name: name[:3] for name in (*_MONTHS, *_WEEKDAYS) if name not in ("may", "march")}
DATE_WORDS |= {name[:3]: name[:3] for name in _MONTHS if name not in ("march", "may", "june", "july")}
DATE_WORDS |= {"march": "mar", "sept": "sep", "june": "jun", "july": "jul"}
"""Month or weekday in English -> its first three letters. `may` is left out: too often it is a verb."""
_OTHER_MONTHS = {
    language: dict(zip(names.split(), (name[:3] for name in _MONTHS), strict=True))
    for language, names in MONTH_NAMES.items()
    if language != "en"
}
"""Language -> month -> its first three letters in English."""

QUARTERS = {"first": "q1", "second": "q2", "third": "q3", "fourth": "q4"}
QUARTERS |= {"1st": "q1", "2nd": "q2", "3rd": "q3", "4th": "q4"}

SHORT_QUARTERS = {name: f"q{number}" for number in range(1, 5) for name in (f"q{number}", f"{number}q")}

NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 2
    )
}
"""Number in words -> figures. `one` is left out: too often it is an article or a pronoun."""

_OPPOSITES: dict[str, tuple[str, str]] = {
    "move": (
        "up rise rises rose risen rising gain gains gained climb climbs climbed jump jumps jumped soar soars soared "
        "surge surges surged increase increases increased increasing higher raise raises raised lift lifts lifted "
        "advance advanced advances hike hikes hiked grow grows grew widen widens widened improve improves improved",
        "down fall falls fell fallen falling drop drops dropped decline declines declined declining lower lowers "
        "lowered lowering slip slips slipped slide slides slid plunge plunges plunged decrease decreases decreased "
        "cut cuts cutting reduce reduces reduced sink sinks sank tumble tumbles tumbled shrink shrinks shrank "
        "narrow narrows narrowed worsen worsens worsened off",
    ),
    "trade": (
        "buy buys buying bought purchase purchases purchased acquire acquires acquired acquiring",
        "sell sells selling sold divest divests divested dispose disposes disposed",
    ),
    "result": ("profit profits surplus", "loss losses deficit"),
    "rating": ("upgrade upgrades upgraded", "downgrade downgrades downgraded"),
    "target": ("beat beats beating exceed exceeds exceeded", "miss misses missed"),
    "post": (
        "appoint appoints appointed hire hires hired names named joins joined elect elects elected",
        "resign resigns resigned leaves steps departs departed retire retires retired quits dismissed",
    ),
    "deal": (
        "approve approves approved accept accepts accepted agree agrees agreed back backs backed confirm confirms",
        "reject rejects rejected refuse refuses refused oppose opposes opposed deny denies denied block blocks blocked",
    ),
    "contest": ("win wins won", "lose loses lost"),
    "flow": (
        "start starts started begin begins began open opens opened launch launches launched resume resumes resumed",
        "stop stops stopped end ends ended close closes closed halt halts halted suspend suspends suspended cancel "
        "cancels cancelled canceled terminate terminates terminated",
    ),
    "trade-balance": ("export exports", "import imports"),
}
DIRECTIONS = {
    word: f"{sign}{axis}"
    for axis, sides in _OPPOSITES.items()
    for sign, side in zip("+-", sides, strict=True)
    for word in side.split()
}
"""A word that says which way something went -> sign and axis: `rises` is `+move`; a negation is `not`."""
DIRECTIONS |= dict.fromkeys(["not", "no", "never", "without", "cannot", "denies"], "not")


OPENING_WORDS = 80
NAMED_WORDS = 32
"""Words in which names are read: the first sentences. Later names are details, in which copies of a release differ."""
MAX_NAMES = 24
MAX_TITLE_WORDS = 40
MAX_NUMBERS = 160
MAX_FIGURES_READ = 4000
"""Figures of a text that are read: a table of prices has a thousand, a hostile headline a hundred thousand."""
_BIN_SHIFT = 32 - BIN_BITS
_EMPTY_BIN = 0xFFFFFFFF
_FACTORS = (0x2C1B3C6D, 0x297A2D39, 0x1B873593)
"""One for each word of a shingle (multiply-shift hashing, Dietzfelbinger 1997): odd, and below 2 ** 30."""

_WORD = re.compile(r"\w+")
# Starts at most once in a run of such characters: a long run would take quadratic time.
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w.-]+")
_TOKEN = re.compile(r"\S+")
_FEW_LINKS = 200
"""Above this many, links are removed word by word: a search of the text for each of them takes quadratic time."""
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*(?:[- ]\d+/\d+|/\d+)?")
_ASCII_NUMBER = re.compile(r"[0-9][0-9]*(?:[.,:][0-9]+)*(?:[- ][0-9]+/[0-9]+|/[0-9]+)?")
_TICKER = re.compile(r"<[^<>\s]{1,14}>|\((?:[A-Z][\w .&/-]{1,40}: ?[^()]{1,60}|[A-Z]{1,5}(?:\.[A-Z]{1,2})?)\)")
_CLOCK = frozenset(["AM", "PM", "EST", "EDT", "CST", "CDT", "PST", "PDT", "ET", "CT", "PT", "GMT", "UTC", "CET", "BST"])
_PHONE_GAPS = (" ", "-", ".", " (", ") ", "(", ")", "(0) ", "/")
_GROUPS = re.compile(r"(?<![\d.,/])\d{1,3}(?: \d{3})+(?![\d/])")
_QUARTER = re.compile(r"(?:st|nd|rd|th)[ -](?:quarter|qtr)")
_DASHES = "-\u2010\u2011\u2012\u2013\u2212"
_NAME = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_MARK_WORDS = any_of(notice_words.CORRECTED_MARKS, notice_words.WITHDRAWN_MARKS, notice_words.UPDATED_MARKS)
_MARK = re.compile(
    r"[\s/*(\[]*(?:c o r r e c t i o n|correct(?:ing|ed|ion)(?: and replacing)?|replacing and correcting|updated?"
    r"|refil(?:e|ed|ing)|rpt|repeat|advisory|kill(?:ed)?|withdrawn|retraction|recasts|press release|media advisory"
    r"|wrapup|factbox|exclusive|breaking|urgent|alert|flash|bulletin)"
    r"(?: \d{1,2})?[\s/*)\]]*(?:--|[-:/.\u2013\u2014])[\s-]*|^\s*correcting and replacing\s+"
    rf"|[\s/*(\[\u3010]*{_MARK_WORDS}[\s/*]*(?:[)\]\u3011][\s:\u2013-]*|(?:--|[:/\u2013\u2014])[\s-]*|-\s)"
    rf"|[(\[]{any_of(notice_words.UPDATED_IN_BRACKETS)}[)\]]\s*",
    re.I,
)


def fingerprint_text(headline: str, text: str, place: str = "", language: str = "") -> tuple[str, TextFingerprint]:
    """Returns the hash of headline and text of version 1 (`Item.old_text_hash`), and the fingerprint of the text.

    The text must come without boilerplate and dateline. `language` is a BCP 47 tag, empty or `und` where unknown.
    Takes time in proportion to the length of the text.
    """
    language = language.partition("-")[0].replace("und", "")
    plain = fold(text)
    folded = plain.casefold()
    minus, bare = spell_out_minus(folded), _remove_links(plain)
    words = split_words(minus)
    same = minus is folded and bare is plain
    made = _build_fingerprint(
        headline, bare, folded if same else bare.casefold(), words if same else None, place, language
    )
    return hash_words(headline, " ".join(words)), made


def hash_old_text(headline: str, text: str) -> str:
    """Returns the hash of headline and text of version 1 alone, as `fingerprint_text` does."""
    return hash_words(headline, " ".join(split_words(spell_out_minus(fold(text).casefold()))))


def extract_title_words(headline: str) -> tuple[str, ...]:
    """Returns the words of a headline without the wire's marks (`CORRECTED - `, `UPDATE 2-`) and without tickers."""
    plain = fold(headline)
    bare = _TICKER.sub(" ", plain).casefold()
    while (mark := _MARK.match(bare)) and mark.end() < len(bare):
        bare = bare[mark.end() :]
    return tuple(_WORD.findall(bare)[:MAX_TITLE_WORDS])


def _build_fingerprint(
    headline: str, plain: str, folded: str, read: list[str] | None, place: str, language: str
) -> TextFingerprint:
    """Builds the fingerprint of a text without links.

    `plain` is the text, `folded` the text case-folded, `read` its words where the caller has them already.
    """
    words = split_words(folded) if read is None else read
    hashes = list(map(crc32, " ".join(words).encode("utf-8", "surrogatepass").split()))
    title = extract_title_words(headline)
    head = _remove_links(fold(_TICKER.sub(" ", headline))).casefold()
    start = [found[0] for found in islice(_NAME.finditer(plain, 0, NAMED_WORDS * 12), NAMED_WORDS)]
    names = dict.fromkeys(name.casefold() for name in start if name[0].isupper() and name not in _CLOCK)
    everything = set(words).union(title)
    dates = _OTHER_MONTHS.get(language, DATE_WORDS)
    head_dates = dates.keys() & set(title)
    if language not in ("", "en"):  # thousands of another language: 1 500 000
        head, folded = (_GROUPS.sub(lambda found: found[0].replace(" ", ""), each) for each in (head, folded))
    head_numbers = _find_numbers(head)
    numbers = dict.fromkeys((*head_numbers, *_find_numbers(folded)))
    spelled = sorted(NUMBER_WORDS[word] for word in NUMBER_WORDS.keys() & everything)
    title_numbers = {*head_numbers, *(NUMBER_WORDS[word] for word in NUMBER_WORDS.keys() & set(title))}
    return TextFingerprint(
        words=len(words),
        minhash=_compute_minhash(hashes),
        title=title,
        tickers=_find_tickers(headline),
        opening=array("I", hashes[:OPENING_WORDS]).tobytes(),
        names=tuple(names)[:MAX_NAMES],
        numbers=tuple(numbers)[:MAX_NUMBERS],
        spelled=tuple(spelled),
        dates=tuple(sorted({dates[word] for word in dates.keys() & everything} | _find_quarters(words, everything))),
        title_numbers=tuple(
            sorted(title_numbers | {dates[word] for word in head_dates} | _find_quarters(title, set(title)))
        ),
        place=place.casefold(),
        directions=tuple(sorted(set(_find_directions((*title, *words[:NAMED_WORDS]))))),
        language=language,
    )


def _find_tickers(headline: str) -> tuple[str, ...]:
    marked = [found[0].strip("<>()").rpartition(":")[2].strip() for found in _TICKER.finditer(headline)]
    return tuple(dict.fromkeys(ticker for ticker in marked if ticker.isupper() and len(ticker) <= 8))[:4]


def _remove_links(text: str) -> str:
    """Returns the text without links and mail addresses."""
    if "/" in text or "www." in text:
        lines = (line for line in text.split("\n") if "/" in line or "www." in line)
        links = dict.fromkeys(word for line in lines for word in line.split() if "." in word and _is_link(word))
        if len(links) > _FEW_LINKS:
            text = _TOKEN.sub(lambda found: " " if found[0] in links else found[0], text)
        else:
            for link in links:
                text = text.replace(link, " ")
    if "@" in text:
        text = _ADDRESS.sub(" ", text)
    return text


def _is_link(word: str) -> bool:
    host, slash, _ = word.partition("/")
    return "://" in word or "www." in word or (bool(slash) and "." in host and not host[:1].isdigit())


def _compute_minhash(hashes: list[int]) -> bytes:
    """Returns the least hash of the shingles in each bin, 0 for an empty bin; 32 bits each, little-endian."""
    if len(hashes) < 3:
        return b""
    least = [_EMPTY_BIN] * (1 << BIN_BITS)
    for value in mix_triples(hashes, _FACTORS):
        at = value >> _BIN_SHIFT
        if value < least[at]:
            least[at] = value
    return array("I", [0 if value == _EMPTY_BIN else value for value in least]).tobytes()


def _find_numbers(text: str) -> list[str]:
    found = list(islice((_ASCII_NUMBER if text.isascii() else _NUMBER).finditer(text), MAX_FIGURES_READ))
    lengths = "".join(str(min(9, each.end() - each.start())) for each in found)
    phones = {
        at + step for at in _find_all(lengths, "334") if _is_phone_number(text, found[at : at + 3]) for step in range(3)
    }
    if "+" in text:
        phones |= _find_international_phones(text, found)
    return [
        _normalise_number(each[0], text[max(0, each.start() - 3) : each.start()])
        for at, each in enumerate(found)
        if at not in phones and not _QUARTER.match(text, each.end())
    ]


def _find_international_phones(text: str, found: list[re.Match[str]]) -> set[int]:
    """Returns the indexes of numbers that are parts of telephone numbers such as `+47 55 01 02 03`."""
    parts: set[int] = set()
    for at, each in enumerate(found):
        before = text[found[at - 1].end() : each.start()] if at else ""
        if text[each.start() - 1 : each.start()] == "+" or (at - 1 in parts and before in _PHONE_GAPS):
            parts.add(at)
    return parts


def _find_all(text: str, part: str) -> list[int]:
    return [at for at in range(len(text)) if text.startswith(part, at)] if part in text else []


def _is_phone_number(text: str, numbers: list[re.Match[str]]) -> bool:
    """Tells whether three numbers are the parts of a telephone number: `888-902-4192`, `(888) 902-4192`."""
    gaps = [text[one.end() : other.start()] for one, other in pairwise(numbers)]
    return gaps[0] in ("-", ".", ") ", ")", " ") and gaps[1] in ("-", ".")


def _normalise_number(figure: str, before: str) -> str:
    """Writes a figure in one way: `1,500.0` is `1500`, `2,29` is `2.29`, `3 1/4` is `3-1/4`.

    `before` holds the characters before the figure: they may end in a minus or a decimal point.
    """
    if "," in figure or "." in figure:
        whole, comma, last = figure.rpartition(",")
        if comma and len(last.partition(".")[0]) == 3:
            figure = figure.replace(",", "")
        elif comma and "." not in last:
            figure = f"{whole.replace('.', '').replace(',', '')}.{last}"
        if figure.count(".") == 1 and "/" not in figure:
            figure = figure.rstrip("0").rstrip(".")
    figure = figure.replace(" ", "-").lstrip("0") or "0"
    if before[-1:] == "." and not before[-2:-1].isalnum():
        figure = f".{figure}"
    sign = before.rstrip(".$\u20ac\u00a3\u00a5")
    minus = sign[-1:] in _DASHES and not sign[-2:-1].isalnum() and sign[-2:-1] != ")" and bool(sign)
    return f"-{figure}" if minus else figure


def _find_quarters(words: Sequence[str], distinct: set[str]) -> set[str]:
    found = {SHORT_QUARTERS[word] for word in SHORT_QUARTERS.keys() & distinct}
    for name in ("quarter", "qtr"):
        if name in distinct:
            before = {words[at - 1] for at in _find_positions(words, name) if at}
            found |= {QUARTERS[word] for word in QUARTERS.keys() & before}
    return found


def _find_positions(words: Sequence[str], word: str) -> Iterator[int]:
    at = -1
    try:
        while True:
            at = words.index(word, at + 1)
            yield at
    except ValueError:
        return


def _find_directions(words: Sequence[str]) -> list[str]:
    return [DIRECTIONS[word] for word in words if word in DIRECTIONS]
