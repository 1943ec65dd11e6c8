"""Ritzau's own XML (`RBNews`, alone or a queue of them): one element a fact, the text as escaped HTML.

No published specification; the elements are named in Danish or English and read by those names: `Annuleret` cancelled,
`Korrektion` correction, `NyVersion` new version, `TilRedaktionen` to the editors. Each version has a `NewsID` of its
own and lists those before it in `Replaces`: the id of the first is that of the story.
"""

import re
from html import unescape

from streams.model.errors import Reason, Reject
from streams.model.records import Code, Organisation, Status, Story
from streams.prepare.formats._common import ISIN, body, code, each, require_content, unique, urgency
from streams.prepare.formats._xml import Element, child, children, descendants, local, raw_text, text
from streams.prepare.formats.document import Document
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.plain import html_to_text, one_line

_VERSION = re.compile(r"[0-9]{1,6}")


def matches(document: Document) -> bool:
    """Whether the root is `RBNews`, or holds a list of them."""
    root = document.xml
    return root is not None and (local(root) == "RBNews" or local(root).startswith("XMLNews"))


def parse(document: Document) -> tuple[Story | Reject, ...]:
    """The stories. Raises `Reject`: `empty` or `malformed`."""
    root = document.xml
    if root is None:
        raise Reject(Reason.MALFORMED, f"not well-formed XML: {document.xml_error}")
    items = [root] if local(root) == "RBNews" else list(descendants(root, "RBNews"))
    if not items:
        raise Reject(Reason.EMPTY, "the answer of the queue holds no RBNews")
    return each(_story, [(item, f"RBNews {i}" if len(items) > 1 else "the RBNews") for i, item in enumerate(items)])


def _story(item: Element, where: str) -> Story:
    headline = _line(item, "headline")
    plain, html = body(_raw(item, "content"), "", headline)
    town, origin = _line(item, "town"), _line(item, "origin")
    story = Story(
        guid=_line(item, "NewsID"),
        id=_first(item) or _line(item, "NewsID"),
        version=_line(item, "version"),
        status=_status(item),
        headline=headline,
        subheadline=one_line(html_to_text(_raw(item, "subtitle"))),
        text=plain,
        html=html,
        version_created=parse_time(_line(item, "PublishDate")),
        urgency=urgency(_line(item, "Priority")),
        ed_note=html_to_text(_raw(item, "TilRedaktionen")),
        slugline=_line(item, "strapline"),
        byline=_line(item, "byLine"),
        dateline=one_line(f"{town} {origin}") if town else "",
        located=town,
        distributor="Ritzau",
        codes=unique([*map(code, _list(item, "IPTCList")), *_keywords(item)]),
        organisations=tuple(Organisation(isin=isin) for isin in _list(item, "ISIN") if ISIN.fullmatch(isin)),
    )
    return require_content(story, where)


def _first(item: Element) -> str:
    """The id of the earliest of the versions that this one replaces."""
    earlier = children(child(item, "Replaces"), "RelatedNews")
    versions = [(_line(one, "Version"), _line(one, "NewsID")) for one in earlier]
    return min(((int(v), id_) for v, id_ in versions if _VERSION.fullmatch(v)), default=(0, ""))[1]


def _raw(item: Element, name: str) -> str:
    found = child(item, name)
    return "" if found is None else raw_text(found)


def _line(item: Element, name: str) -> str:
    """One line of text; the queue escapes it once more (`&amp;apos;`)."""
    return one_line(unescape(_raw(item, name)))


def _list(item: Element, name: str) -> list[str]:
    found = child(item, name)
    return [] if found is None else [text(one) for one in found if text(one)]


def _status(item: Element) -> Status:
    for name, status in (
        ("Annuleret", Status.WITHDRAWN),
        ("Korrektion", Status.CORRECTION),
        ("NyVersion", Status.UPDATE),
    ):
        if _line(item, name).lower() == "true":
            return status
    return Status.USABLE


def _keywords(item: Element) -> list[Code | None]:
    return [Code("keyword", word) for word in _list(item, "SubjectKeyword")]
