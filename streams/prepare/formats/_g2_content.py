"""The contentSet of a NewsML-G2 item: inline XHTML, NITF or text, and links to pictures."""

import re
from html import escape
from itertools import islice

import msgspec

from streams.model import Picture, Story
from streams.prepare.formats import _nitf
from streams.prepare.formats._fields import body, is_link, without_headline
from streams.prepare.formats._xml import (
    Element,
    attribute,
    child,
    children,
    local,
    raw_text,
    text,
    to_html,
)
from streams.prepare.text import html_to_text

_INDENT = re.compile(r" {2,8}\S")
_ROW = re.compile(r"\S {3,}\S")
_STRAY = re.compile(r"&lt;/?endash&gt;")
"""STT escapes a tag of its own around dashes."""

_HTML_ROOTS = ("html", "body", "div", "section", "article", "p")


class Body(msgspec.Struct, frozen=True):
    """What the inline content says."""

    text: str = ""
    html: str = ""
    nitf: Story = Story()
    """What it says beside, where it is NITF."""


def read(contents: Element | None, headline: str) -> Body:
    """The longest of the inline contents: alternatives are renditions of one text."""
    found = [_inline_xml(element, headline) for element in children(contents, "inlineXML")]
    found += [_inline_data(element, headline) for element in children(contents, "inlineData")]
    return max(found, key=lambda one: len(one.text), default=Body())


def _inline_xml(element: Element, headline: str) -> Body:
    roots = [one for one in element if local(one)]
    if roots and local(roots[0]) == "nitf":
        story = _nitf.read(roots[0], "the nitf", headline)
        return Body(story.text, story.html, story)
    if roots and local(roots[0]) in _HTML_ROOTS:
        inside = child(roots[0], "body") if local(roots[0]) == "html" else element
        inside = roots[0] if inside is None else inside
        copy = _wire_copy(inside)
        html = _STRAY.sub("", to_html(inside, headline) if copy is None else copy)
        return Body(text=without_headline(html_to_text(html), headline), html=html)
    if not roots:
        plain, html = body(raw_text(element), "", headline)
        return Body(text=plain, html=html)
    return Body()  # SportsML and the like: data, not prose


def _wire_copy(inside: Element) -> str | None:
    """HTML of a body that is old wire copy in one `p`: indented paragraphs, table rows with runs of blanks.

    None where it is not: where a `p` is merely printed with indentation, all its lines have it.
    """
    blocks = list(islice((one for one in inside if local(one) and text(one)), 2))
    if len(blocks) != 1 or local(blocks[0]) not in ("p", "pre") or any(map(local, blocks[0])):
        return None
    lines = raw_text(blocks[0]).strip("\n").splitlines()
    indented = [bool(_INDENT.match(line)) for line in lines[1:] if line.strip()]
    rows = [_ROW.search(line) is not None for line in lines]
    if not (sum(indented) > 1 and not all(indented)) and sum(rows) < 3:
        return None
    out = ""
    for index, line in enumerate(lines):
        fresh = index == 0 or not lines[index - 1].strip() or (_INDENT.match(line) and not rows[index])
        broken = rows[index] or (index > 0 and rows[index - 1])
        if line.strip():
            out += ("\0" if fresh else "<br>" if broken else " ") + escape(line.strip(), quote=False)
    return "".join(f"<p>{paragraph}</p>\n" for paragraph in out.split("\0") if paragraph).rstrip()


def _inline_data(element: Element, headline: str) -> Body:
    kind = attribute(element, "contenttype").lower()
    if attribute(element, "encoding") or not (kind.startswith("text/") or not kind):
        return Body()
    plain, html = body(raw_text(element), "", headline)
    return Body(text=plain, html=html)


def pictures(contents: Element | None, caption: str) -> tuple[Picture, ...]:
    """The largest of the pictures that the content set links: they are renditions of one."""
    linked = [
        element
        for element in children(contents, "remoteContent")
        if attribute(element, "contenttype").lower().startswith("image/") and is_link(attribute(element, "href"))
    ]
    if not linked:
        return ()
    best = max(linked, key=_width)
    return (
        Picture(href=attribute(best, "href"), caption=caption, content_type=attribute(best, "contenttype").lower()),
    )


def _width(element: Element) -> int:
    width = attribute(element, "width")
    return int(width) if width.isascii() and width.isdigit() and len(width) < 9 else 0
