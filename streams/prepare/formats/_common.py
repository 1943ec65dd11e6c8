"""Parses what several formats write alike: lists of items, bodies, codes, notes to editors, urgency, embargo, rights.

`parse_each` reads the items of a document one by one: a bad item is refused, and its neighbours are read.
"""

import re
from collections.abc import Callable, Iterable
from datetime import MAXYEAR, datetime, timedelta
from itertools import islice
from typing import Literal, TypeVar

from streams.model.errors import Reason, Reject
from streams.model.records import Code, Status, Story
from streams.model.timestamps import UNTIL_FURTHER_NOTICE as UNTIL_FURTHER_NOTICE
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.plain import clean, html_to_text

_CLOCK = re.compile(r"[T:]\d", re.I)
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

T = TypeVar("T")
"""An item of the format, before it is parsed."""
JsonObject = dict[str, object]
"""A decoded JSON object."""
NO_PICTURE = re.compile(
    r"(?:logo|icon|avatar|sprite|pixel|placeholder|spacer|blank)[\w.-]{0,100}(?:\?|$)|\.svg(?:\?|$)", re.I
)
"""Matches the end of a link to an image that shows nothing of the story."""
StoryType = Literal["text", "audio", "video", "picture", "graphic", "composite"]
"""The values of `Story.type`."""

MAX_ITEMS = 20_000
"""Maximum items of one raw record: more than any feed lists, and still seconds of work for one child process."""


def parse_each(read: Callable[[T, str], Story], items: Iterable[tuple[T, str]]) -> tuple[Story | Reject, ...]:
    """Calls `read(item, where)` for each pair and returns the story, or the `Reject` that the call raised.

    `where` names the item in messages: `item 3`. Raises `Reject` `too-large` over `MAX_ITEMS` items.
    """
    found: list[Story | Reject] = []
    for item, where in limit_items(items):
        try:
            found.append(read(item, where))
        except Reject as reject:
            found.append(reject)
    return tuple(found)


def limit_items(items: Iterable[T]) -> list[T]:
    """Returns the items as a list before any is parsed. Raises `Reject` `too-large` over `MAX_ITEMS` items."""
    found = list(islice(items, MAX_ITEMS + 1))
    if len(found) > MAX_ITEMS:
        raise Reject(Reason.TOO_LARGE, f"the record holds more than {MAX_ITEMS} items; send them in several records")
    return found


def require_content(story: Story, where: str) -> Story:
    """Returns the story unchanged. Raises `Reject` `missing-field` if it has nothing to publish or to withdraw."""
    withdrawn = story.status is Status.WITHDRAWN and bool(story.guid or story.id)
    described = story.type != "text" and bool(story.summary)
    advisory = story.status is Status.ADVISORY and bool(story.ed_note)
    if story.headline or story.text or described or withdrawn or advisory:
        return story
    raise Reject(Reason.MISSING_FIELD, f"{where} has neither a headline nor a text")


def read_body(plain: str, html: str, headline: str = "") -> tuple[str, str]:
    """Returns text and HTML of a body that was sent as plain text, as HTML, or as both.

    A first paragraph that repeats the headline is left out of the text. If the plain text has lost its paragraphs, the
    text of the HTML is used. HTML sent in the place of plain text is recognised.
    """
    if is_html(plain):
        plain, html = "", html or plain
    text = separate_paragraphs(plain)
    if html and "\n" not in text:
        of_html = html_to_text(html)
        text = of_html if len(of_html) >= 0.9 * len(text) else text
    return strip_headline(text, headline), html


def strip_headline(text: str, headline: str) -> str:
    """Drops the first paragraph of a text if it is the headline and more text follows."""
    first, _, rest = text.partition("\n\n")
    return rest if rest and first.split() == headline.split() else text


def separate_paragraphs(text: str) -> str:
    """Returns clean text with one empty line between paragraphs. In a text without empty lines each line is one."""
    text = clean(text)
    return text if "\n\n" in text else text.replace("\n", "\n\n")


def is_html(text: str) -> bool:
    """Whether a text contains HTML tags, and not merely a `<` or an ampersand."""
    return _MARKUP.search(text) is not None


def is_link(text: str) -> bool:
    """Whether the text is a web address (http or https)."""
    return text.strip().lower().startswith(("http://", "https://"))


def parse_code(value: str, scheme: str = "", name: str = "") -> Code | None:
    """Parses a code from a URI, a qcode (`medtop:20000178`) or a plain code with its scheme; None if all is empty.

    A scheme is a name or a URI. IPTC schemes become their usual qcode prefix (`medtop`, `subj`). Eight digits
    without a scheme are IPTC codes.
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
    """Returns each code once, in order of first appearance, without the Nones."""
    return tuple(dict.fromkeys(entry for entry in codes if entry is not None))


def parse_note_status(note: str) -> Status:
    """Returns the status that a note to editors states at its beginning (`KILL:`, `Corrects …`), else `USABLE`."""
    return next((status for status, pattern in _NOTES if pattern.match(note)), Status.USABLE)


def parse_urgency(value: object) -> int | None:
    """Parses an urgency from 1 (most urgent) to 9, given as a number or as text; None for anything else."""
    text = str(value).strip().removesuffix(".0") if isinstance(value, str | int | float) else ""
    return int(text) if text in tuple("123456789") else None


def parse_end(text: str) -> datetime | None:
    """Parses the end of usage rights; None for an empty or unreadable text. A date alone ends with its day."""
    when = parse_time(text.strip())
    if when is None or when.tzinfo is not None or _CLOCK.search(text):
        return when
    return when + timedelta(days=1) if when.year < MAXYEAR else when


def parse_embargo(text: str, where: str) -> datetime | None:
    """Parses the end of an embargo; None for an empty text.

    Raises `Reject` `malformed` for an unreadable time, because an item published too early cannot be taken back.
    """
    if not text.strip():
        return None
    when = parse_time(text)
    if when is None:
        raise Reject(Reason.MALFORMED, f"{where} is no time: {text[:60]!r}; the item may be under embargo")
    return when
