"""Reads JSON Feed 1.0 and 1.1.

Source: jsonfeed.org/version/1.1, sections "Top-level", "Items" and "Attachments".

- `id` may be a number. Without `id`, the link is the id.
- `content_html` and `content_text` are the body; an item needs no title.
- `date_modified` is the time of the version, `date_published` of the first version.
- Authors (`authors` in 1.1, `author` in 1.0) and language are those of the item, else those of the feed.
- `image`, else `banner_image`, and attached images are the pictures; `tags` are keywords.
"""

from streams.model.errors import Reason, Reject
from streams.model.records import Code, Picture, Story
from streams.prepare.formats._common import JsonObject, is_link, parse_each, read_body, require_content, unique_codes
from streams.prepare.formats._feed import drop_shared_ids, resolve_links
from streams.prepare.formats._ninjs_fields import get_objects, get_string
from streams.prepare.formats.document import Document
from streams.prepare.text.dateline import find_known_wire
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.plain import clean, html_to_text, one_line

_CONTENT = {"content_html", "content_text"}


def matches(document: Document) -> bool:
    """Whether the JSON names a version of JSON Feed, or has items with `content_html` or `content_text`."""
    feed = document.json
    if not isinstance(feed, dict):
        return False
    items = feed.get("items")
    if "jsonfeed.org/version" in get_string(feed, "version"):
        return True
    return isinstance(items, list) and any(isinstance(item, dict) and _CONTENT & item.keys() for item in items)


def parse(document: Document) -> tuple[Story | Reject, ...]:
    """Parses each item into a story, or into its `Reject`: `malformed`, `missing-field`.

    Raises `Reject` `empty` for a feed without items.
    """
    return drop_shared_ids(read_items(document), document.raw.shared_id)


def read_items(document: Document) -> tuple[Story | Reject, ...]:
    """Parses as `parse` does; each item keeps the id that the feed gives it. Raises `Reject` `empty`."""
    feed = document.json if isinstance(document.json, dict) else {}
    items = feed.get("items")
    if not isinstance(items, list) or not items:
        raise Reject(Reason.EMPTY, "a JSON Feed without items")

    def read(item: object, where: str) -> Story:
        if not isinstance(item, dict):
            raise Reject(Reason.MALFORMED, f"{where} is not an object")
        return _parse_item(item, feed, where)

    return parse_each(read, [(item, f"item {at}") for at, item in enumerate(items)])


def _parse_item(item: JsonObject, feed: JsonObject, where: str) -> Story:
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
        html=resolve_links(html, link.strip()),
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


def _format_authors(entry: JsonObject) -> str:
    people = get_objects(entry.get("authors")) or get_objects([entry.get("author")])
    return ", ".join(dict.fromkeys(name for one in people if (name := one_line(get_string(one, "name")))))


def _list_texts(value: object) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def _parse_pictures(item: JsonObject) -> tuple[Picture, ...]:
    links = [(get_string(item, "image") or get_string(item, "banner_image"), "", "")]
    for entry in get_objects(item.get("attachments")):
        kind = get_string(entry, "mime_type").lower()
        if kind.startswith("image/"):
            links.append((get_string(entry, "url"), one_line(get_string(entry, "title")), kind))
    found = [Picture(href=href.strip(), caption=name, content_type=kind) for href, name, kind in links if is_link(href)]
    return tuple({picture.href: picture for picture in found}.values())
