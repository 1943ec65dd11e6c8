"""Splits an RSS, Atom or JSON feed into one document an entry: the head of the feed and that entry alone (pure)."""

import hashlib
from datetime import UTC, datetime

import msgspec
import orjson
from lxml import etree

from streams.model.errors import Reason, Reject
from streams.model.records import Raw, RecordRef, StampedRef
from streams.prepare.formats import atom, json_feed, rss
from streams.prepare.formats._common import limit_items
from streams.prepare.formats._feed import children_by_name, find_verbatim, open_feed, qualified_name
from streams.prepare.formats._xml import Element, attribute
from streams.prepare.formats.document import Document

MAX_ID = 1000
"""Most characters of an id: it is a header, and it is remembered. A longer one is replaced by its SHA-256."""
_ENTRIES = ("item", "entry", "at:deleted-entry")
_NOWHERE = StampedRef(RecordRef("", 0, 0), 0)


class FeedEntry(msgspec.Struct, frozen=True):
    """One entry of a feed as a document of its own."""

    id: str
    """The id that the feed gives, else the entry's link, else the digest."""
    digest: str
    """SHA-256 of the entry alone."""
    body: bytes
    """The document, UTF-8."""
    content_type: str


def split_feed(body: bytes, content_type: str) -> tuple[FeedEntry, ...]:
    """Returns the entries of a feed in reverse order: feeds list the newest first. An empty feed has no entries.

    A damaged feed becomes one entry, the document as it is, so that the pipeline refuses it with a reason. Raises
    `Reject` `unknown-format` if the document is no feed, such as a page that says the site is down.
    """
    raw = Raw(
        source="", received=datetime(1970, 1, 1, tzinfo=UTC), body=body, content_type=content_type, position=_NOWHERE
    )
    document = Document(raw)
    try:
        if rss.matches(document) or atom.matches(document):
            return _split_xml(open_feed(document))
        if json_feed.matches(document):
            return _split_json(document.json)
    except Reject:
        pass
    else:
        raise Reject(Reason.UNKNOWN_FORMAT, "the document is no RSS, Atom or JSON feed")
    digest = hashlib.sha256(body).hexdigest()
    return (FeedEntry(digest, digest, body, content_type),)


def _split_xml(root: Element) -> tuple[FeedEntry, ...]:
    if qualified_name(root) == "entry":
        return (_build_xml_entry(root, root),)
    found = limit_items(element for element in root.iter() if qualified_name(element) in _ENTRIES)
    places = [(element, element.getparent()) for element in found]
    for element, parent in places:
        if parent is not None:
            parent.remove(element)
    entries = []
    for element, parent in places:
        if parent is None:
            continue
        parent.append(element)
        entries.append(_build_xml_entry(root, element))
        parent.remove(element)
    return tuple(reversed(entries))


def _build_xml_entry(root: Element, element: Element) -> FeedEntry:
    element.tail = None
    digest = hashlib.sha256(etree.tostring(element, method="c14n")).hexdigest()
    found = children_by_name(element)
    links = [attribute(link, "href") for link in found.get("link", [])]
    id_ = (
        find_verbatim(found, "guid", "id")
        or attribute(element, "about")
        or attribute(element, "ref")
        or find_verbatim(found, "dc:identifier", "link")
        or next((link for link in links if link), "")
    )
    body = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return FeedEntry(_shorten_id(id_) or digest, digest, body, "application/xml; charset=utf-8")


def _shorten_id(id_: str) -> str:
    return id_ if len(id_) <= MAX_ID else hashlib.sha256(id_.encode("utf-8", "replace")).hexdigest()


def _split_json(feed: object) -> tuple[FeedEntry, ...]:
    assert isinstance(feed, dict)
    items = feed.get("items")
    entries = []
    for item in limit_items(items if isinstance(items, list) else []):
        digest = hashlib.sha256(orjson.dumps(item, option=orjson.OPT_SORT_KEYS)).hexdigest()
        named = item if isinstance(item, dict) else {}
        id_ = next((str(named[key]) for key in ("id", "url", "external_url") if named.get(key)), "")
        entries.append(
            FeedEntry(
                _shorten_id(id_) or digest, digest, orjson.dumps({**feed, "items": [item]}), "application/feed+json"
            )
        )
    return tuple(reversed(entries))
