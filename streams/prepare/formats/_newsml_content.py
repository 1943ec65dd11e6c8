"""The NewsComponents of a NewsML 1.2 item: which holds the body, what the others are to it, pictures.

NewsML 1.2 Functional Specification and the element definitions of NewsML_1.2.dtd: a NewsComponent is a tree whose
`Role` says what it is in its parent; the ContentItems of one component are renditions of one content.
"""

import re
from collections.abc import Iterator
from html import escape

import msgspec

from streams.model import Picture, Story
from streams.prepare.formats import _nitf
from streams.prepare.formats._fields import body, is_html, is_link, paragraphs
from streams.prepare.formats._xml import (
    Element,
    attribute,
    child,
    children,
    descendants,
    local,
    raw_text,
    text,
    to_html,
)
from streams.prepare.text import clean, html_to_text, one_line

_SIGNED = re.compile(r"(?:\n\n|<p>\s*)[a-z]{1,4}(?:/[a-z]{1,4}){1,6}(?:\s*</p>)?\s*\Z")
"""The last paragraph of AFP: the initials of those who wrote and edited (`hh/ph/ts`), not for print."""
_INDENT = re.compile(r"(?m)^[ \t]+")
_BODY, _LEAD = ("body", "bodytext", "main", "story", "text", "maintext"), ("lead", "intro")
_TITLES = ("headline", "title")
_SUBTITLES = ("subheadline", "subtitle", "subhead")
_SUMMARIES = ("abstract", "summary", "synopsis", "teaser")
_NO_BODY = (*_LEAD, *_TITLES, *_SUBTITLES, *_SUMMARIES, "contact", "caption", "stylesheet", "keywords", "credit")
_IMAGES = ("photo", "picture", "image", "graphic", "jpeg", "png", "gif")
_XHTML = "html", "body", "div", "p"


class Part(msgspec.Struct, frozen=True):
    """One text in a component: what it is to the item, and what its NITF says where it is NITF."""

    component: Element
    role: str
    text: str
    html: str
    nitf: Story


def role(component: Element) -> str:
    """The role of a component, without blanks and case; empty where it has none."""
    return attribute(child(component, "Role"), "FormalName").replace(" ", "").lower()


def parts(top: Element | None, where: str) -> list[Part]:
    """The texts of all components, each component's longest rendition, in document order."""
    found: list[Part] = []
    for component in components(top):
        read = [part for item in children(component, "ContentItem") if (part := _part(component, item, where))]
        if read:
            found.append(max(read, key=lambda part: len(part.text)))
    return found


def components(top: Element | None) -> Iterator[Element]:
    """The component and all below it, but not those of an item of its own (NewsItem) inside."""
    if top is not None:
        yield top
        for inner in children(top, "NewsComponent"):
            yield from components(inner)


def _part(component: Element, item: Element, where: str) -> Part | None:
    data = child(item, "DataContent")
    kind = (
        f"{attribute(child(item, 'MimeType'), 'FormalName')} {attribute(child(item, 'Format'), 'FormalName')}".lower()
    )
    if data is None or "css" in kind or "javascript" in kind:
        return None  # an Encoding around the DataContent (Base64) is no text either
    nitf = next(descendants(data, "nitf"), None)
    if nitf is not None:
        story = _nitf.read(nitf, where)
        return Part(component, role(component), story.text, story.html, story)
    root = next((one for one in data if local(one)), None)
    if root is not None and (local(root) in _XHTML or "html" in kind):
        inside = child(root, "body") if local(root) == "html" else data
        html = "" if inside is None else to_html(inside)
        return Part(component, role(component), html_to_text(html), html, Story())
    if root is not None and not (text(data) and _is_prose(data)):
        return None  # SportsML, XBRL and the like: data, not prose
    plain, html = body(_INDENT.sub("", raw_text(data)), "")
    return Part(component, role(component), plain, html, Story()) if plain else None


def _is_prose(data: Element) -> bool:
    return bool((data.text or "").strip())


class Body(msgspec.Struct, frozen=True):
    """The texts of an item by what they are to it."""

    text: str = ""
    html: str = ""
    headline: str = ""
    subheadline: str = ""
    summary: str = ""
    contact: str = ""
    component: Element | None = None
    """The component of the text; the metadata of those around it holds for it."""
    nitf: Story = Story()


def arrange(found: list[Part]) -> Body:
    """The body, below its lead where that is a component of its own; headline and contacts beside it.

    Of several bodies (languages, long and short form) the first is taken.
    """
    main = next((part for name in _BODY for part in found if part.role == name), None)
    if main is None:
        main = max((part for part in found if part.role not in _NO_BODY), key=lambda part: len(part.text), default=None)
    beside = found if main is None else [part for part in found if _near(part, main)]
    lead = next((part for part in beside if part.role in _LEAD and part is not main), None)
    texts = [part for part in (lead, main) if part is not None]
    return Body(
        text=_SIGNED.sub("", "\n\n".join(part.text for part in texts)),
        html=_SIGNED.sub("", "\n".join(map(_html, texts))) if any(part.html for part in texts) else "",
        headline=_first(beside, _TITLES),
        subheadline=_first(beside, _SUBTITLES),
        summary=_first(beside, _SUMMARIES),
        contact=next((clean(part.text) for part in beside if part.role == "contact"), ""),
        component=texts[-1].component if texts else next((part.component for part in found), None),
        nitf=Story() if main is None else main.nitf,
    )


def _near(part: Part, main: Part) -> bool:
    return part.component.getparent() is main.component.getparent()


def _first(found: list[Part], roles: tuple[str, ...]) -> str:
    return next((one_line(part.text) for part in found if part.role in roles), "")


def _html(part: Part) -> str:
    return part.html or "\n".join(f"<p>{escape(line, quote=False)}</p>" for line in paragraphs(part.text).split("\n\n"))


def pictures(top: Element | None) -> tuple[Picture, ...]:
    """The largest rendition of each component that links images, with its caption."""
    found = []
    for component in components(top):
        linked = [
            item for item in children(component, "ContentItem") if is_link(attribute(item, "Href")) and _is_image(item)
        ]
        if linked:
            best = max(linked, key=_width)
            mime = attribute(child(best, "MimeType"), "FormalName").lower()
            found.append(Picture(href=attribute(best, "Href"), caption=_caption(component), content_type=mime))
    return tuple({picture.href: picture for picture in found}.values())


def _is_image(item: Element) -> bool:
    mime = attribute(child(item, "MimeType"), "FormalName").lower()
    kinds = (attribute(child(item, name), "FormalName").lower() for name in ("MediaType", "Format"))
    return mime.startswith("image/") or (not mime and any(word in kind for kind in kinds for word in _IMAGES))


def _width(item: Element) -> int:
    sizes = children(child(item, "Characteristics"), "Property")
    values = (attribute(one, "Value") for one in sizes if attribute(one, "FormalName") in ("PixelWidth", "Width"))
    return max((int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 9), default=0)


def _caption(component: Element) -> str:
    """The component's caption: one of its parts or neighbours of that role, else its own headline."""
    for inner in (*children(component, "NewsComponent"), *children(component.getparent(), "NewsComponent")):
        if role(inner) == "caption" and (data := next(descendants(inner, "DataContent"), None)) is not None:
            caption = raw_text(data)
            return one_line(html_to_text(caption) if is_html(caption) else caption)
    return one_line(text(child(component, "NewsLines", "HeadLine")))
