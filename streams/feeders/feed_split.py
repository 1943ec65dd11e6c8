"""A feed taken apart: each entry as a document of its own, which is the feed's head and that entry alone (pure)."""

import hashlib
from datetime import UTC, datetime

import msgspec
import orjson
from lxml import etree

from streams.model.errors import Reason, Reject
from streams.model.records import Position, Raw
from streams.prepare.formats import atom, json_feed, rss
from streams.prepare.formats._common import few
from streams.prepare.formats._feed import first_word, kind, open_feed, parts
from streams.prepare.formats._xml import Element, attribute
from streams.prepare.formats.document import Document

_ENTRIES = ("item", "entry", "at:deleted-entry")
_NOWHERE = Position(topic="", partition=0, offset=0, timestamp=0)


class Entry(msgspec.Struct, frozen=True):
    """`id`: the feed's own, else its link, else the digest. `digest`: SHA-256 of the entry alone. `body`: UTF-8."""

    id: str
    digest: str
    body: bytes
    content_type: str


def split(body: bytes, content_type: str) -> tuple[Entry, ...]:
    """The entries, oldest first where the feed has its newest first; none of a feed with nothing in it.

    A feed that cannot be taken apart is one entry as it is: the pipeline says why it refuses it. Raises `Reject`
    `unknown-format` where it is no feed (a page that says the site is being mended).
    """
    raw = Raw(
        source="", received=datetime(1970, 1, 1, tzinfo=UTC), body=body, content_type=content_type, position=_NOWHERE
    )
    document = Document(raw)
    try:
        if rss.matches(document) or atom.matches(document):
            return _of_xml(open_feed(document))
        if json_feed.matches(document):
            return _of_json(document.json)
    except Reject:
        pass
    else:
        raise Reject(Reason.UNKNOWN_FORMAT, "the document is no RSS, Atom or JSON feed")
    digest = hashlib.sha256(body).hexdigest()
    return (Entry(digest, digest, body, content_type),)


def _of_xml(root: Element) -> tuple[Entry, ...]:
    if kind(root) == "entry":
        return (_xml_entry(root, root),)
    found = few(element for element in root.iter() if kind(element) in _ENTRIES)
    places = [(element, element.getparent()) for element in found]
    for element, parent in places:
        if parent is not None:
            parent.remove(element)
    entries = []
    for element, parent in places:
        if parent is None:
            continue
        parent.append(element)
        entries.append(_xml_entry(root, element))
        parent.remove(element)
    return tuple(reversed(entries))


def _xml_entry(root: Element, element: Element) -> Entry:
    element.tail = None
    digest = hashlib.sha256(etree.tostring(element, method="c14n")).hexdigest()
    found = parts(element)
    links = [attribute(link, "href") for link in found.get("link", [])]
    id_ = (
        first_word(found, "guid", "id")
        or attribute(element, "about")
        or attribute(element, "ref")
        or first_word(found, "dc:identifier", "link")
        or next((link for link in links if link), "")
    )
    body = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return Entry(id_ or digest, digest, body, "application/xml; charset=utf-8")


def _of_json(feed: object) -> tuple[Entry, ...]:
    assert isinstance(feed, dict)
    items = feed.get("items")
    entries = []
    for item in few(items if isinstance(items, list) else []):
        digest = hashlib.sha256(orjson.dumps(item, option=orjson.OPT_SORT_KEYS)).hexdigest()
        named = item if isinstance(item, dict) else {}
        id_ = next((str(named[key]) for key in ("id", "url", "external_url") if named.get(key)), "")
        entries.append(Entry(id_ or digest, digest, orjson.dumps({**feed, "items": [item]}), "application/feed+json"))
    return tuple(reversed(entries))
