"""Reads Ritzau's own XML: `RBNews`, alone or in a queue, with one element for each property and the text as HTML.

There is no published specification. Names of elements are Danish or English: `Annuleret` cancelled, `Korrektion`
correction, `NyVersion` new version, `TilRedaktionen` to the editors. Each version has its own `NewsID` and lists the
earlier versions in `Replaces`: the id of the first version is the id of the story.
"""

import re
from html import unescape

from streams.model.errors import Reason, Reject
from streams.model.records import Code, Organisation, Status, Story
from streams.prepare.companies.identifiers import has_isin_form
from streams.prepare.formats._common import (
    parse_code,
    parse_each,
    parse_urgency,
    read_body,
    require_content,
    unique_codes,
)
from streams.prepare.formats._xml import Element, child, children, descendants, inner_text, local_name, raw_text
from streams.prepare.formats.document import Document
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.plain import html_to_text, one_line

_VERSION = re.compile(r"[0-9]{1,6}")


def matches(document: Document) -> bool:
    """Whether the root is `RBNews`, or a list of them (`XMLNews…`)."""
    root = document.xml
    return root is not None and (local_name(root) == "RBNews" or local_name(root).startswith("XMLNews"))


def parse(document: Document) -> tuple[Story | Reject, ...]:
    """Parses each item into a story, or into its `Reject`: `missing-field`. Raises `Reject`: `empty` or `malformed`."""
    root = document.xml
    if root is None:
        raise Reject(Reason.MALFORMED, f"not well-formed XML: {document.xml_error}")
    items = [root] if local_name(root) == "RBNews" else list(descendants(root, "RBNews"))
    if not items:
        raise Reject(Reason.EMPTY, "the answer of the queue holds no RBNews")
    return parse_each(
        _parse_item, [(item, f"RBNews {i}" if len(items) > 1 else "the RBNews") for i, item in enumerate(items)]
    )


def _parse_item(item: Element, where: str) -> Story:
    headline = _child_line(item, "headline")
    plain, html = read_body(_raw_child_text(item, "content"), "", headline)
    town, origin = _child_line(item, "town"), _child_line(item, "origin")
    story = Story(
        guid=_child_line(item, "NewsID"),
        id=_find_first_id(item) or _child_line(item, "NewsID"),
        version=_child_line(item, "version"),
        status=_parse_status(item),
        headline=headline,
        subheadline=one_line(html_to_text(_raw_child_text(item, "subtitle"))),
        text=plain,
        html=html,
        version_created=parse_time(_child_line(item, "PublishDate")),
        urgency=parse_urgency(_child_line(item, "Priority")),
        ed_note=html_to_text(_raw_child_text(item, "TilRedaktionen")),
        slugline=_child_line(item, "strapline"),
        byline=_child_line(item, "byLine"),
        dateline=one_line(f"{town} {origin}") if town else "",
        located=town,
        distributor="Ritzau",
        codes=unique_codes([*map(parse_code, _list_texts(item, "IPTCList")), *_list_keywords(item)]),
        organisations=tuple(Organisation(isin=isin) for isin in _list_texts(item, "ISIN") if has_isin_form(isin)),
    )
    return require_content(story, where)


def _find_first_id(item: Element) -> str:
    """Returns the id of the earliest version that this one replaces; empty if it replaces none."""
    earlier = children(child(item, "Replaces"), "RelatedNews")
    versions = [(_child_line(one, "Version"), _child_line(one, "NewsID")) for one in earlier]
    return min(((int(v), id_) for v, id_ in versions if _VERSION.fullmatch(v)), default=(0, ""))[1]


def _raw_child_text(item: Element, name: str) -> str:
    found = child(item, name)
    return "" if found is None else raw_text(found)


def _child_line(item: Element, name: str) -> str:
    """Returns the text of a child as one line. The queue escapes it twice (`&amp;apos;`)."""
    return one_line(unescape(_raw_child_text(item, name)))


def _list_texts(item: Element, name: str) -> list[str]:
    found = child(item, name)
    return [] if found is None else [inner_text(one) for one in found if inner_text(one)]


def _parse_status(item: Element) -> Status:
    for name, status in (
        ("Annuleret", Status.WITHDRAWN),
        ("Korrektion", Status.CORRECTION),
        ("NyVersion", Status.UPDATE),
    ):
        if _child_line(item, name).lower() == "true":
            return status
    return Status.USABLE


def _list_keywords(item: Element) -> list[Code | None]:
    return [Code("keyword", word) for word in _list_texts(item, "SubjectKeyword")]
