"""Splits an RSS, Atom or JSON feed into one document an entry: the head of the feed and that entry alone (pure)."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import msgspec
import orjson
from lxml import etree

from streams.model.errors import Reason, Reject
from streams.model.records import Raw, RecordRef, StampedRef, Story
from streams.prepare.formats import atom, json_feed, rss
from streams.prepare.formats._common import limit_items
from streams.prepare.formats._feed import (
    SHARED_ID,
    SHARED_ID_AND_LINK,
    children_by_name,
    find_shared_ids,
    find_verbatim,
    open_feed,
    qualified_name,
)
from streams.prepare.formats._xml import Element, attribute
from streams.prepare.formats.document import Document

MAX_ID = 1000
"""Most characters of an id: it is a header, and it is remembered. A longer one is replaced by its SHA-256."""
_ENTRIES = ("item", "entry", "at:deleted-entry")
ReadItems = Callable[[], tuple[Story | Reject, ...]]
"""Reads the stories of a whole feed, each with the id that the feed gives it."""
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
    shared_id: str = ""
    """`guid` or `guid,link` where the feed gives this id, or id and link, to several different entries; else empty."""

    @property
    def key(self) -> str:
        """What the entry is remembered by: its id, or its digest where the id is shared."""
        return self.digest if self.shared_id else self.id


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
            root = open_feed(document)
            read = atom.read_items if atom.matches(document) else rss.read_items
            return _split_xml(root, lambda: read(document))
        if json_feed.matches(document):
            return _split_json(document.json, lambda: json_feed.read_items(document))
    except Reject:
        pass
    else:
        raise Reject(Reason.UNKNOWN_FORMAT, "the document is no RSS, Atom or JSON feed")
    digest = hashlib.sha256(body).hexdigest()
    return (FeedEntry(digest, digest, body, content_type),)


def recall_shared_id(entry: FeedEntry, seen: Mapping[str, str]) -> FeedEntry:
    """Returns the entry as one whose id is shared, where an earlier look at the feed saw that; else unchanged.

    `seen` has, for each id that was shared, `guid` or `guid,link` in the place of a digest.
    """
    stated = seen.get(entry.id, "")
    if stated not in (SHARED_ID, SHARED_ID_AND_LINK) or entry.shared_id == SHARED_ID_AND_LINK:
        return entry
    return msgspec.structs.replace(entry, shared_id=stated)


def _find_shared(ids: list[str], read: ReadItems) -> list[str]:
    """Returns for each entry whether its id is shared (`FeedEntry.shared_id`), by the stories of the whole feed."""
    none = [""] * len(ids)
    if len(set(ids)) == len(ids):
        return none
    stories = read()
    if len(stories) != len(ids):
        return none
    shared_ids, shared_urls = find_shared_ids(stories)
    return [
        ""
        if isinstance(story, Reject) or story.guid not in shared_ids
        else SHARED_ID_AND_LINK
        if not story.url or story.url in shared_urls
        else SHARED_ID
        for story in stories
    ]


def _split_xml(root: Element, read: ReadItems) -> tuple[FeedEntry, ...]:
    if qualified_name(root) == "entry":
        return (_build_xml_entry(root, root, ""),)
    found = limit_items(element for element in root.iter() if qualified_name(element) in _ENTRIES)
    shared = _find_shared([_find_id(element) for element in found], read)
    places = [(element, element.getparent()) for element in found]
    for element, parent in places:
        if parent is not None:
            parent.remove(element)
    entries = []
    for (element, parent), shared_id in zip(places, shared, strict=True):
        if parent is None:
            continue
        parent.append(element)
        entries.append(_build_xml_entry(root, element, shared_id))
        parent.remove(element)
    return tuple(reversed(entries))


def _find_id(element: Element) -> str:
    """Finds the id that the feed gives an entry, else its link; empty where it has neither."""
    found = children_by_name(element)
    links = [attribute(link, "href") for link in found.get("link", [])]
    return (
        find_verbatim(found, "guid", "id")
        or attribute(element, "about")
        or attribute(element, "ref")
        or find_verbatim(found, "dc:identifier", "link")
        or next((link for link in links if link), "")
    )


def _build_xml_entry(root: Element, element: Element, shared_id: str) -> FeedEntry:
    element.tail = None
    digest = hashlib.sha256(etree.tostring(element, method="c14n")).hexdigest()
    body = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    id_ = _shorten_id(_find_id(element)) or digest
    return FeedEntry(id_, digest, body, "application/xml; charset=utf-8", shared_id)


def _shorten_id(id_: str) -> str:
    return id_ if len(id_) <= MAX_ID else hashlib.sha256(id_.encode("utf-8", "replace")).hexdigest()


def _split_json(feed: object, read: ReadItems) -> tuple[FeedEntry, ...]:
    assert isinstance(feed, dict)
    listed = feed.get("items")
    items = limit_items(listed if isinstance(listed, list) else [])
    ids = [_find_json_id(item) for item in items]
    entries = []
    for item, id_, shared_id in zip(items, ids, _find_shared(ids, read), strict=True):
        digest = hashlib.sha256(orjson.dumps(item, option=orjson.OPT_SORT_KEYS)).hexdigest()
        body = orjson.dumps({**feed, "items": [item]})
        entries.append(FeedEntry(_shorten_id(id_) or digest, digest, body, "application/feed+json", shared_id))
    return tuple(reversed(entries))


def _find_json_id(item: object) -> str:
    named = item if isinstance(item, dict) else {}
    return next((str(named[key]) for key in ("id", "url", "external_url") if named.get(key)), "")
