"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1, sections "Top-level", "Items", "Attachments").

An item's `id` is its id, also where it is a number; `url` its page; `content_html` and `content_text` are its body,
`summary` stands beside it. `date_modified` is the version's time, `date_published` that of the first. Authors are in
`authors` (1.1) or `author` (1.0), of the item or else of the feed; so is the language. `image`, else `banner_image`,
and attached pictures are its pictures, `tags` its keywords. The standard allows an item without title.
"""

from typing import Any

from streams.model.errors import Reason, Reject
from streams.model.records import Code, Picture, Story
from streams.prepare.formats._common import is_link, parse_each, read_body, require_content, unique_codes
from streams.prepare.formats._ninjs_fields import get_objects, get_string
from streams.prepare.formats.document import Document
from streams.prepare.text.dateline import find_known_wire
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.plain import clean, html_to_text, one_line

_CONTENT = {"content_html", "content_text"}


def matches(document: Document) -> bool:
    """The version's address at its top; or, where that is missing, items with a body by JSON Feed's own names."""
    feed = document.json
    if not isinstance(feed, dict):
        return False
    items = feed.get("items")
    if "jsonfeed.org/version" in get_string(feed, "version"):
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
        return _parse_item(item, feed, where)

    return parse_each(read, [(item, f"item {at}") for at, item in enumerate(items)])


def _parse_item(item: dict[str, Any], feed: dict[str, Any], where: str) -> Story:
    headline = one_line(
        html_to_text(get_string(item, "title")) if "<" in get_string(item, "title") else get_string(item, "title")
    )
    text, html = read_body(get_string(item, "content_text"), get_string(item, "content_html"), headline)
    published, modified = parse_time(get_string(item, "date_published")), parse_time(get_string(item, "date_modified"))
    link = get_string(item, "url") or get_string(item, "external_url")
    story = Story(
        guid=get_string(item, "id").strip() or link.strip(),
        headline=headline,
        summary=clean(get_string(item, "summary")),
        text=text,
        html=html,
        first_created=published,
        version_created=modified or published,
        language=(get_string(item, "language") or get_string(feed, "language")).strip(),
        byline=_format_authors(item) or _format_authors(feed),
        distributor=find_known_wire(get_string(feed, "title")),
        url=link.strip(),
        codes=unique_codes([Code("keyword", one_line(tag)) for tag in _list_texts(item.get("tags")) if one_line(tag)]),
        pictures=_parse_pictures(item),
    )
    return require_content(story, where)


def _format_authors(entry: dict[str, Any]) -> str:
    people = get_objects(entry.get("authors")) or get_objects([entry.get("author")])
    return ", ".join(dict.fromkeys(name for one in people if (name := one_line(get_string(one, "name")))))


def _list_texts(value: object) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def _parse_pictures(item: dict[str, Any]) -> tuple[Picture, ...]:
    links = [(get_string(item, "image") or get_string(item, "banner_image"), "", "")]
    for entry in get_objects(item.get("attachments")):
        kind = get_string(entry, "mime_type").lower()
        if kind.startswith("image/"):
            links.append((get_string(entry, "url"), one_line(get_string(entry, "title")), kind))
    found = [Picture(href=href.strip(), caption=name, content_type=kind) for href, name, kind in links if is_link(href)]
    return tuple({picture.href: picture for picture in found}.values())
