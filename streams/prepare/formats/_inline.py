"""Reads the body of a NewsML item, whatever its vocabulary and its encoding.

HTML and NITF become HTML. Of another vocabulary each element that holds words is a paragraph, if half of them
is sentences; else it is data (sports results, dates of events) and no text.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from html import escape

import msgspec

from streams.model.errors import Reason, Reject
from streams.model.records import Status, Story
from streams.prepare.formats._common import read_body, strip_headline
from streams.prepare.formats._xml import Element, inner_text, local_name, raw_text, to_html
from streams.prepare.text.plain import clean, html_to_text, one_line

_MARKUP = frozenset(
    [
        *("a", "abbr", "article", "aside", "b", "block", "blockquote", "body", "body.content", "bq", "br", "center"),
        *("cite", "dd", "div", "dl", "dt", "em", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("header", "hl1", "hl2", "hr", "i", "img", "li", "main", "media", "ol", "p", "pre", "q", "s", "section"),
        *("small", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "tr", "u", "ul"),
    ]
)
"""Local names of HTML and NITF elements that may begin a body."""
_SENTENCE = re.compile(
    r"(?:\S+\s+){4}.*[.!?\u2026][\"'\u201d\u2019\u00bb)]?\s*\Z|.{12,}[\u3002\uff01\uff1f]\S?\s*\Z", re.S
)
_BASE64 = re.compile(r"(?:.*[/:])?base64", re.I)
_TEXT_TYPES = ("text/", "application/xhtml", "application/xml", "application/nitf")


class InlineBody(msgspec.Struct, frozen=True):
    """Text and HTML of a body."""

    text: str = ""
    html: str = ""


def read_element(container: Element, headline: str = "") -> InlineBody | None:
    """Reads what an element holds: HTML, NITF markup, plain text or an unknown vocabulary; None if that is data.

    A first paragraph that repeats `headline` is left out.
    """
    roots = [one for one in container if local_name(one)]
    if not roots:
        return InlineBody(*read_body(raw_text(container), "", headline))
    if any(local_name(root).lower() in _MARKUP for root in roots):
        return read_markup(container, headline)
    if (container.text or "").strip():
        return InlineBody(*read_body(raw_text(container), "", headline))
    paragraphs = [line for line in _split_paragraphs(container) if line.split() != headline.split()]
    if 2 * sum(len(line) for line in paragraphs if _SENTENCE.match(line)) < sum(map(len, paragraphs)) or not paragraphs:
        return None
    return InlineBody("\n\n".join(paragraphs), "".join(f"<p>{escape(line, quote=False)}</p>" for line in paragraphs))


def read_markup(container: Element, headline: str = "") -> InlineBody:
    """Reads HTML or NITF markup. Words in elements that HTML knows as empty (`br`) are read too."""
    html = to_html(container, headline)
    text = html_to_text(html)
    if not text:
        text = "\n\n".join(_split_paragraphs(container))
    return InlineBody(strip_headline(text, headline), html)


def read_encoded(text: str, encoding: str, content_type: str, headline: str = "") -> InlineBody | None:
    """Decodes a body that was sent in base64; None if the encoding is another one, or if the bytes are no text."""
    if _BASE64.fullmatch(encoding) is None or (content_type and not content_type.startswith(_TEXT_TYPES)):
        return None
    try:
        decoded = base64.b64decode("".join(text.split()), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    shown = clean(decoded)
    return InlineBody(*read_body(decoded, "", headline)) if "\0" not in decoded and shown else None


def require_understood(story: Story, unread: str, where: str) -> Story:
    """Returns the story unchanged.

    Raises `Reject` `unknown-format` if the item had a body that was not understood (`unread` says what it is) and no
    text came from elsewhere: its headline alone would pass for the whole item.
    """
    if unread and story.type == "text" and story.status is not Status.WITHDRAWN and not story.text:
        raise Reject(Reason.UNKNOWN_FORMAT, f"{where} has a body that is not understood: {unread}; send it as text")
    return story


def describe(container: Element) -> str:
    """Describes what an element holds, for a refusal."""
    root = next((local_name(one) for one in container if local_name(one)), "")
    return f"<{root[:60]}>" if root else "encoded data"


def _split_paragraphs(element: Element) -> Iterator[str]:
    """Iterates over the outermost elements that hold words of their own, each as one line."""
    if local_name(element) in ("", "media", "script", "style", "head", "note"):
        return
    if (element.text or "").strip() or any((inner.tail or "").strip() for inner in element):
        yield one_line(inner_text(element))
        return
    for inner in element:
        yield from _split_paragraphs(inner)
