"""Navigates XML by local names, because wires declare namespaces, wrong namespaces or none."""

import re
from collections.abc import Iterator
from copy import deepcopy

from lxml import etree

Element = etree._Element

_NITF = {
    "bq": "blockquote",
    "hl1": "h2",
    "hl2": "h3",
    "block": "div",
    "body.content": "div",
    "content": "div",
    "media-caption": "p",
}
"""Block element of NITF -> HTML element."""
_MAX_ATTRIBUTES = 100
_TAG = re.compile(r"[A-Za-z][\w.-]*")
_NOT_ELEMENTS = (etree.Comment, etree.ProcessingInstruction, etree.Entity)
_DROPPED = ("media", "script", "style", "note", "title", "head")


def local_name(element: Element) -> str:
    """Returns the name of an element without namespace; empty for comments and processing instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: Element | None, name: str) -> list[Element]:
    """Returns the children with this local name; none for None."""
    return [] if element is None else list(element.iterchildren(f"{{*}}{name}"))


def child(element: Element | None, *names: str) -> Element | None:
    """Follows a path of local names, taking the first match at each step; None if a step has no match."""
    for name in names:
        if element is None:
            return None
        element = next(element.iterchildren(f"{{*}}{name}"), None)
    return element


def descendants(element: Element, *names: str) -> Iterator[Element]:
    """Iterates over all elements below with one of these local names, in document order."""
    return element.iterdescendants(*[f"{{*}}{name}" for name in names])


def attribute(element: Element | None, name: str) -> str:
    """Returns the stripped value of the attribute with this local name; empty if there is none."""
    if element is None:
        return ""
    value: str | bytes | None = element.get(name)
    if value is None:
        ending = f"}}{name}"
        for key, text in element.items():
            if str(key).endswith(ending):
                return str(text).strip()
        return ""
    return str(value).strip()


def inner_text(element: Element | None) -> str:
    """Returns all text inside an element with single blanks as white space, without comments; empty for None."""
    if element is None:
        return ""
    return " ".join(raw_text(element).split())


def inner_text_without(element: Element, *names: str) -> str:
    """Returns `inner_text` without the children of these local names."""
    parts = [element.text or ""]
    for inner in element:
        parts.append("" if local_name(inner) in ("", *names) else raw_text(inner))
        parts.append(inner.tail or "")
    return " ".join("".join(parts).split())


def raw_text(element: Element) -> str:
    """Returns all text inside an element with its white space, without comments."""
    return "".join(_pieces(element)) if len(element) else element.text or ""


def _pieces(element: Element) -> Iterator[str]:
    for event, node in etree.iterwalk(element, events=("start", "end", "comment", "pi")):
        if event == "start" and node.text:
            yield node.text
        if event != "start" and node is not element and node.tail:
            yield node.tail


def to_html(element: Element, leading_title: str = "") -> str:
    """Serialises the content of an XHTML or NITF body as HTML without namespaces.

    A first heading that repeats `leading_title` is left out, together with a `header` around it.
    """
    body = deepcopy(element)
    for found in body.iterdescendants(etree.Element):
        name = local_name(found)
        tag = _NITF.get(name, name) if _TAG.fullmatch(name) else "span"
        if tag != found.tag:
            found.tag = tag
        keys = found.keys()
        if len(keys) > _MAX_ATTRIBUTES:
            found.attrib.clear()
        else:
            for key in [key for key in map(str, keys) if ":" in key or "}" in key]:
                del found.attrib[key]
    body.tag = "div"
    first = next(body.iter("h1", "h2", "h3"), None)
    if first is not None and leading_title and _is_same_text(inner_text(first), leading_title):
        header = next(first.iterancestors("header"), None)
        if header is not None or not _has_text_before(body, first):
            (first if header is None else header).tag = _DROPPED[0]
    etree.strip_elements(body, *_DROPPED, *_NOT_ELEMENTS, with_tail=False)
    etree.cleanup_namespaces(body)
    html = etree.tostring(body, method="html", encoding="unicode", with_tail=False)
    return re.sub(r"\A<div[^>]*>|</div>\Z", "", html).strip()


def _is_same_text(one: str, other: str) -> bool:
    return "".join(one.split()).casefold() == "".join(other.split()).casefold()


def _has_text_before(body: Element, stop: Element) -> bool:
    for found in body.iter():
        if found is stop:
            return False
        before = found.getprevious()
        if (found.text or "").strip() or (before is not None and (before.tail or "").strip()):
            return True
    return False
