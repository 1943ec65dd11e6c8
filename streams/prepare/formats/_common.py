"""What several formats read in the same way: codes, status in a note to editors, urgency, embargo, bodies.

Reads the items of one document each for itself: a bad one is refused, its neighbours are read.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import islice
from typing import TypeVar

from streams.model.errors import Reason, Reject
from streams.model.records import Code, Status, Story
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.plain import clean, html_to_text

UNTIL_FURTHER_NOTICE = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""Embargo of an item that is withheld without a time: only a later version or the desk releases it."""

_QCODE = re.compile(r"([A-Za-z][\w.-]{0,39}):(?!//)(\S.*)")
_IPTC = {"mediatopic": "medtop", "subjectcode": "subj"}
_MARKUP = re.compile(
    r"</[a-z][a-z0-9]*\s*>|<(?:p|br|div|section|article|table|ul|ol|h[1-6]|html|body|img)(?:\s[^<>]*)?/?>",
    re.I,
)
_EDITORS = r"\s*(?:(?:eds?|editors?|note to editors|attention(?: editors)?)\s*[:.,-]\s*)?"
_NOTES = (
    (
        Status.WITHDRAWN,
        re.compile(
            _EDITORS + r"(?:(?:mandatory |story |item |press release )?"
            r"(?:kill(?: notice| advisory)?|withdrawn|withdrawal|retraction|retracted|cancell?ed)"
            r"\s*(?:[:.,;!\u2013\u2014-]|$)"
            r"|please (?:kill|withdraw)\b|(?:this|the) (?:story|item|article|release|press release) "
            r"(?:has been |was |is )(?:killed|withdrawn|retracted|cancell?ed))",
            re.I,
        ),
    ),
    (Status.CORRECTION, re.compile(_EDITORS + r"(?:corrects|corrected|correcting|correction)\b", re.I)),
    (Status.UPDATE, re.compile(_EDITORS + r"(?:updates|updated|updating|update|recasts|adds)\b", re.I)),
)


def parse_note_status(note: str) -> Status:
    """What a note to editors states at its beginning (`KILL:`, `Corrects …`); `USABLE` where nothing."""
    return next((status for status, pattern in _NOTES if pattern.match(note)), Status.USABLE)


def parse_code(value: str, scheme: str = "", name: str = "") -> Code | None:
    """A code from a URI, a qcode (`medtop:20000178`) or a plain code with its scheme; None where empty.

    A scheme is a name or a URI; the IPTC's are written as their usual qcode prefix. Eight digits without any
    scheme are IPTC codes.
    """
    value, scheme, name = clean(value), clean(scheme), clean(name)
    if not value:
        return Code("keyword", name, name) if name else None
    if not scheme:
        if value.startswith(("http://", "https://", "urn:")):
            scheme, value = _split_uri(value)
        elif qcode := _QCODE.fullmatch(value):
            scheme, value = qcode[1], qcode[2]
        elif re.fullmatch(r"[01]\d{7}|20\d{6}", value):
            scheme = "medtop" if value.startswith("20") else "subj"
    return Code(_normalise_scheme(scheme), value, name)


def _split_uri(uri: str) -> tuple[str, str]:
    uri = uri.rstrip("/#:")
    cut = max(uri.rfind(mark) for mark in ("/", "#", ":"))
    return uri[:cut], uri[cut + 1 :]


def _normalise_scheme(scheme: str) -> str:
    plain = scheme.rstrip("/#:")
    if "iptc.org/" in plain:
        last = plain.rpartition("/")[2]
        return _IPTC.get(last, last)
    return plain


def unique_codes(codes: list[Code | None]) -> tuple[Code, ...]:
    """The codes once each, in their first order."""
    return tuple(dict.fromkeys(entry for entry in codes if entry is not None))


def parse_urgency(value: object) -> int | None:
    """1 (most urgent) to 9, from a number or its text; None for anything else."""
    text = str(value).strip().removesuffix(".0") if isinstance(value, str | int | float) else ""
    return int(text) if text in tuple("123456789") else None


def parse_embargo(text: str, where: str) -> datetime | None:
    """The end of an embargo. Raises `Reject` where unreadable: publishing too early cannot be undone."""
    if not text.strip():
        return None
    when = parse_time(text)
    if when is None:
        raise Reject(Reason.MALFORMED, f"{where} is no time: {text[:60]!r}; the item may be under embargo")
    return when


def is_html(text: str) -> bool:
    """Whether a text carries HTML markup (not merely a `<` or an ampersand)."""
    return _MARKUP.search(text) is not None


def separate_paragraphs(text: str) -> str:
    """Plain text, one empty line between paragraphs; where it has no empty line, each line is a paragraph."""
    text = clean(text)
    return text if "\n\n" in text else text.replace("\n", "\n\n")


def read_body(plain: str, html: str, headline: str = "") -> tuple[str, str]:
    """Text and HTML of a body that came as either or both, without a first paragraph that is the headline.

    Where the plain text lost its paragraphs, those of the HTML are taken.
    """
    if is_html(plain):
        plain, html = "", html or plain
    text = separate_paragraphs(plain)
    if html and "\n" not in text:
        of_html = html_to_text(html)
        text = of_html if len(of_html) >= 0.9 * len(text) else text
    return strip_headline(text, headline), html


def strip_headline(text: str, headline: str) -> str:
    """The text without a first paragraph that is the headline, where more follows."""
    first, _, rest = text.partition("\n\n")
    return rest if rest and first.split() == headline.split() else text


def is_link(text: str) -> bool:
    """Whether it is a web address."""
    return text.strip().lower().startswith(("http://", "https://"))


def require_content(story: Story, where: str) -> Story:
    """The story, if there is anything to publish or withdraw. Raises `Reject` with `missing-field`."""
    withdrawn = story.status is Status.WITHDRAWN and bool(story.guid or story.id)
    described = story.type != "text" and bool(story.summary)
    advisory = story.status is Status.ADVISORY and bool(story.ed_note)
    if story.headline or story.text or described or withdrawn or advisory:
        return story
    raise Reject(Reason.MISSING_FIELD, f"{where} has neither a headline nor a text")


T = TypeVar("T")

MAX_ITEMS = 20_000
"""Items of one raw record: more than any feed lists, and still some seconds of work for one child process."""


def limit_items(items: Iterable[T]) -> list[T]:
    """The items, counted before any is read. Raises `Reject` `too-large` where they are over `MAX_ITEMS`."""
    found = list(islice(items, MAX_ITEMS + 1))
    if len(found) > MAX_ITEMS:
        raise Reject(Reason.TOO_LARGE, f"the record holds more than {MAX_ITEMS} items; send them in several records")
    return found


def parse_each(read: Callable[[T, str], Story], items: Iterable[tuple[T, str]]) -> tuple[Story | Reject, ...]:
    """`read(item, where)` of each item, or what it was refused for; `where` names the item in messages.

    Raises `Reject` `too-large` where they are too many.
    """
    found: list[Story | Reject] = []
    for item, where in limit_items(items):
        try:
            found.append(read(item, where))
        except Reject as reject:
            found.append(reject)
    return tuple(found)
