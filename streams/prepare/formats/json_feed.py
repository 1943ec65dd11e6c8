"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1, sections "Top-level", "Items", "Attachments").

An item's `id` is its id, also where it is a number; `url` its page; `content_html` and `content_text` are its body,
`summary` stands beside it. `date_modified` is the version's time, `date_published` that of the first. Authors are in
`authors` (1.1) or `author` (1.0), of the item or else of the feed; so is the language. `image`, else `banner_image`,
and attached pictures are its pictures, `tags` its keywords. The standard allows an item without title.
"""

from typing import Any

from streams.model.errors import Reason, Reject
from streams.model.records import Code, Picture, Story
from streams.prepare.formats._common import body, each, is_link, require_content, unique
from streams.prepare.formats._ninjs_fields import objects, string
from streams.prepare.formats.document import Document
from streams.prepare.text.dateline import known_wire
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.plain import clean, html_to_text, one_line

_CONTENT = {"content_html", "content_text"}


def matches(document: Document) -> bool:
    """The version's address at its top; or, where that is missing, items with a body by JSON Feed's own names."""
    feed = document.json
    if not isinstance(feed, dict):
        return False
    items = feed.get("items")
    if "jsonfeed.org/version" in string(feed, "version"):
        return True
    return isinstance(items, list) and any(isinstance(item, dict) and _CONTENT & item.keys() for item in items)


def parse(document: Document) -> tuple[Story | Reject, ...]:
    """One story an item, or why it is refused: `missing-field`. Raises `Reject`: `empty` (a feed without items)."""
    feed = document.json if isinstance(document.json, dict) else {}
    items = feed.get("items")
    if not isinstance(items, list) or not items:
        raise Reject(Reason.EMPTY, "a JSON Feed without items")

    def read(item: object, where: str) -> Story:
        if not isinstance(item, dict):
            raise Reject(Reason.MALFORMED, f"{where} is not an object")
        return _story(item, feed, where)

    return each(read, [(item, f"item {at}") for at, item in enumerate(items)])


def _story(item: dict[str, Any], feed: dict[str, Any], where: str) -> Story:
    headline = one_line(html_to_text(string(item, "title")) if "<" in string(item, "title") else string(item, "title"))
    text, html = body(string(item, "content_text"), string(item, "content_html"), headline)
    published, modified = parse_time(string(item, "date_published")), parse_time(string(item, "date_modified"))
    link = string(item, "url") or string(item, "external_url")
    story = Story(
        guid=string(item, "id").strip() or link.strip(),
        headline=headline,
        summary=clean(string(item, "summary")),
        text=text,
        html=html,
        first_created=published,
        version_created=modified or published,
        language=(string(item, "language") or string(feed, "language")).strip(),
        byline=_authors(item) or _authors(feed),
        distributor=known_wire(string(feed, "title")),
        url=link.strip(),
        codes=unique([Code("keyword", one_line(tag)) for tag in _texts(item.get("tags")) if one_line(tag)]),
        pictures=_pictures(item),
    )
    return require_content(story, where)


def _authors(entry: dict[str, Any]) -> str:
    people = objects(entry.get("authors")) or objects([entry.get("author")])
    return ", ".join(dict.fromkeys(name for one in people if (name := one_line(string(one, "name")))))


def _texts(value: object) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def _pictures(item: dict[str, Any]) -> tuple[Picture, ...]:
    links = [(string(item, "image") or string(item, "banner_image"), "", "")]
    for entry in objects(item.get("attachments")):
        kind = string(entry, "mime_type").lower()
        if kind.startswith("image/"):
            links.append((string(entry, "url"), one_line(string(entry, "title")), kind))
    found = [Picture(href=href.strip(), caption=name, content_type=kind) for href, name, kind in links if is_link(href)]
    return tuple({picture.href: picture for picture in found}.values())
