"""Writes stories as Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1.

The id of an entry is the story's short id: it stays the same in all versions, and has no word of a headline. Whoever
may read the text gets it as content; a restricted story has its summary alone. An Atom feed names the stories that were
withdrawn lately as deleted entries (RFC 6721), by their ids. Equal stories give equal bytes.

The library feedgen is not used: it has had no release for years, writes the time of the day into each feed, and knows
no JSON Feed.
"""

import re
from collections.abc import Callable, Sequence
from email.utils import format_datetime
from html import escape
from typing import Any

import msgspec
import orjson
from lxml import etree
from lxml.builder import ElementMaker

from streams.gateway.history_query import parse_moment
from streams.gateway.restricted import restrict_document
from streams.gateway.story_address import build_news_path, build_short_id

ATOM, DELETED = "http://www.w3.org/2005/Atom", "http://purl.org/atompub/tombstones/1.0"
CONTENT, DC = "http://purl.org/rss/1.0/modules/content/", "http://purl.org/dc/elements/1.1/"
TERMS = "http://purl.org/dc/terms/"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
CATEGORY_SCHEME = "urn:newswire:category"
GENERATOR = "Newswire Streams"
EPOCH = "1970-01-01T00:00:00Z"
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_A = ElementMaker(namespace=ATOM, nsmap={None: ATOM, "at": DELETED, "dc": DC})
_AT = ElementMaker(namespace=DELETED)
_DC, _TERMS, _CONTENT = (ElementMaker(namespace=each) for each in (DC, TERMS, CONTENT))
_R = ElementMaker(nsmap={"atom": ATOM, "content": CONTENT, "dc": DC, "dcterms": TERMS})
_SELF = ElementMaker(namespace=ATOM)


class FeedHead(msgspec.Struct, frozen=True):
    """What a feed says of itself."""

    title: str
    address: str
    """Of this document of the feed."""
    home: str
    """Of the page with the same stories."""
    older: str = ""
    """Of the document with the older stories; empty where there are none."""


class FeedStory(msgspec.Struct, frozen=True):
    """A story as a feed tells it."""

    id: str
    address: str
    original: str
    """Its address at its source; empty where it has none."""
    headline: str
    summary: str
    html: str
    """The text; empty where it is restricted."""
    language: str
    published: str
    updated: str
    categories: tuple[tuple[str, str], ...]
    """Id and name of each."""
    source: str


class DeletedStory(msgspec.Struct, frozen=True):
    """A story that was withdrawn."""

    id: str
    at: str


def build_story_id(short_id: str) -> str:
    """Builds the id of a story in feeds from its short id."""
    return f"urn:newswire:story:{short_id}"


def build_feed_story(document: bytes, site: str, *, whole: bool) -> FeedStory:
    """Builds the story of an enriched item; with its text only where it may be shown `whole`."""
    event = orjson.loads(document if whole else restrict_document(document))
    headlines, bodies = _texts(event, "headlines"), _texts(event, "bodies")
    headline = headlines.get("main") or headlines.get("ticker") or ""
    updated = event.get("versionCreated") or EPOCH
    return FeedStory(
        id=build_story_id(build_short_id(event["uri"])),
        address=f"{site}{build_news_path(event['uri'], headlines.get('ticker') or headline)}",
        original=next((each["value"] for each in event.get("altIds", ()) if each.get("role") == "canonical-url"), ""),
        headline=headline,
        summary=_texts(event, "descriptions").get("summary", ""),
        html=bodies.get("html") or _paragraphs(bodies.get("main", "")),
        language=event.get("language", ""),
        published=event.get("firstCreated") or updated,
        updated=updated,
        categories=tuple(
            (each["literal"], each.get("name") or each["literal"])
            for each in event.get("subjects", ())
            if each.get("rel") == "category" and each.get("literal")
        ),
        source=next(
            (each.get("name", "") for each in event.get("infoSources", ()) if each["role"] == "distributor"), ""
        ),
    )


def write_atom(head: FeedHead, stories: Sequence[FeedStory], deleted: Sequence[DeletedStory]) -> bytes:
    """Writes an Atom feed."""
    times = [*(story.updated for story in stories), *(story.at for story in deleted)]
    feed = _A.feed(
        _A.id(head.address),
        _A.title(_clean(head.title)),
        _A.updated(max(times, default=EPOCH)),
        _A.author(_A.name(GENERATOR)),
        _A.generator(GENERATOR),
        _A.link(rel="self", type="application/atom+xml", href=head.address),
        _A.link(rel="alternate", type="text/html", href=head.home),
        *([_A.link(rel="next", type="application/atom+xml", href=head.older)] if head.older else []),
    )
    for story in stories:
        summary = story.summary or ("" if story.html else story.headline)
        entry = _A.entry(
            _A.id(story.id),
            _A.title(_clean(story.headline)),
            _A.link(rel="alternate", type="text/html", href=_clean(story.address)),
            *([_A.link(rel="via", href=_clean(story.original))] if story.original else []),
            _A.published(story.published),
            _A.updated(story.updated),
            *(_A.category(term=id_, scheme=CATEGORY_SCHEME, label=_clean(name)) for id_, name in story.categories),
            *([_A.summary(_clean(summary))] if summary else []),
            *([_A.content(_clean(story.html), type="html")] if story.html else []),
            *([_DC.publisher(_clean(story.source))] if story.source else []),
        )
        if story.language:
            entry.set(XML_LANG, _clean(story.language))
        feed.append(entry)
    feed.extend(getattr(_AT, "deleted-entry")(ref=each.id, when=each.at) for each in deleted)
    return _serialise(feed)


def write_rss(head: FeedHead, stories: Sequence[FeedStory], _: Sequence[DeletedStory]) -> bytes:
    """Writes an RSS 2.0 feed."""
    changed = max((story.updated for story in stories), default="")
    channel = _R.channel(
        _R.title(_clean(head.title)),
        _R.link(head.home),
        _R.description(_clean(head.title)),
        _R.generator(GENERATOR),
        *([_R.lastBuildDate(_format_rfc_822(changed))] if changed else []),
        _SELF.link(rel="self", type="application/rss+xml", href=head.address),
        *([_SELF.link(rel="next", type="application/rss+xml", href=head.older)] if head.older else []),
    )
    for story in stories:
        channel.append(
            _R.item(
                _R.title(_clean(story.headline)),
                _R.link(_clean(story.address)),
                _R.guid(story.id, isPermaLink="false"),
                _R.pubDate(_format_rfc_822(story.published)),
                _TERMS.modified(story.updated),
                *(_R.category(id_, domain=CATEGORY_SCHEME) for id_, _ in story.categories),
                _R.description(_clean(story.summary)),
                *([_CONTENT.encoded(_clean(story.html))] if story.html else []),
                *([_DC.publisher(_clean(story.source))] if story.source else []),
                *([_DC.language(_clean(story.language))] if story.language else []),
            )
        )
    return _serialise(_R.rss(channel, version="2.0"))


def write_json(head: FeedHead, stories: Sequence[FeedStory], _: Sequence[DeletedStory]) -> bytes:
    """Writes a JSON Feed."""
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": head.title,
        "home_page_url": head.home,
        "feed_url": head.address,
        **({"next_url": head.older} if head.older else {}),
        "items": [
            {
                "id": story.id,
                "url": story.address,
                **({"external_url": story.original} if story.original else {}),
                "title": story.headline,
                **({"content_html": story.html} if story.html else {"content_text": story.summary or story.headline}),
                **({"summary": story.summary} if story.summary else {}),
                "date_published": story.published,
                "date_modified": story.updated,
                **({"authors": [{"name": story.source}]} if story.source else {}),
                "tags": [id_ for id_, _ in story.categories],
                **({"language": story.language} if story.language else {}),
            }
            for story in stories
        ],
    }
    return orjson.dumps(feed)


WRITERS: dict[str, tuple[str, Callable[[FeedHead, Sequence[FeedStory], Sequence[DeletedStory]], bytes]]] = {
    "atom": ("application/atom+xml", write_atom),
    "rss": ("application/rss+xml", write_rss),
    "json": ("application/feed+json", write_json),
}
"""The end of a feed's path -> media type, writer."""


def _texts(event: dict[str, Any], name: str) -> dict[str, str]:
    return {each["role"]: each.get("value", "") for each in event.get(name, ()) if each.get("role")}


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(part, quote=False)}</p>" for each in text.split("\n\n") if (part := each.strip()))


def _clean(text: str) -> str:
    """Removes the characters that XML cannot hold."""
    return _ILLEGAL.sub("", text)


def _format_rfc_822(time: str) -> str:
    moment = parse_moment(time) or parse_moment(EPOCH)
    assert moment is not None
    return format_datetime(moment)


def _serialise(root: Any) -> bytes:  # lxml-stubs does not know what ElementMaker returns
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
