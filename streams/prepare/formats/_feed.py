"""Reads what RSS and Atom share: feeds that may be ill-formed, elements by qualified name, text that may be HTML."""

import base64
import binascii
import html as entities
import re
from datetime import datetime
from functools import lru_cache
from urllib.parse import urljoin

import msgspec
from lxml import etree

from streams.model.errors import Reason, Reject
from streams.model.records import Code, Picture, Status, Story
from streams.model.timestamps import UNTIL_FURTHER_NOTICE
from streams.prepare.formats import xml_repair
from streams.prepare.formats._common import NO_PICTURE, limit_items
from streams.prepare.formats._xml import Element, attribute, to_html
from streams.prepare.formats.document import Document
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.plain import clean, html_to_text, one_line

_CORE = re.compile(
    r"https?://(?:purl\.org/(?:net/)?rss|my\.netscape\.com/rdf|backend\.userland\.com|channel\.netscape)"
)
_WINDOWS = {n: bytes([n]).decode("cp1252", "ignore") for n in range(0x80, 0xA0)}
"""Numeric references that mean Windows-1252 (`&#146;`), as HTML reads them."""
_MARKUP = re.compile(r"</?[a-zA-Z][\w:-]*(?:\s[^<>]*)?/?>|&(?:#\d+|#x[0-9a-f]+|[a-z]\w+);", re.I)
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ENTRY = re.compile(r"<((?:[\w.-]{1,40}:)?(?:item|entry|deleted-entry))(?=[\s>])", re.I)
_AROUND = re.compile(r"<((?:[\w.-]{1,40}:)?(?:rss|rdf|feed|channel))(?:\s[^<>]*)?>", re.I)
_RELATIVE = re.compile(
    r"(?P<name>\s(?:href|src)\s*=\s*(?P<quote>[\"']))(?![a-zA-Z][a-zA-Z0-9+.-]{0,20}:|#)(?P<url>[^\"'<>]{1,2000})(?P=quote)",
    re.I,
)
"""A link or picture without a scheme."""
SHARED_ID, SHARED_ID_AND_LINK = "guid", "guid,link"
"""Values of the header `shared-id`."""
_STRICT = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, remove_pis=True)
_IMG = re.compile(r"<img\s([^<>]{1,4000})>", re.I)
_VALUE = re.compile(r"\b(src|alt|width|height)\s{0,5}=\s{0,5}(?:\"([^\"]{0,2000})\"|'([^']{0,2000})')", re.I)
_PIXELS = frozenset({"0", "1", "2"})
"""Widths and heights of images that only count readers."""
_COUNTER = re.compile(r"\.gif(?:\?|$)|[/.](?:pixels?|track(?:ing|er)?|beacon|counter)[/.]", re.I)
"""Matches a link that only counts readers. Wires send no photographs as GIF."""
_MAX_PICTURES = 20
_IMAGE = re.compile(r"\.(?:jpe?g|png|gif|webp|tiff?)(?:\?|$)", re.I)


class FeedBody(msgspec.Struct, frozen=True):
    """The content of a feed element: plain text and, if it was sent as HTML, that HTML."""

    text: str = ""
    html: str = ""


def find_root_name(document: Document) -> str:
    """Finds the local name of the outermost element, in lower case, without parsing; empty if there is none."""
    return xml_repair.find_root_name(document.text) if document.first in ("<", "\ufeff") else ""


def open_feed(document: Document) -> Element:
    """Parses a feed and returns its root. An ill-formed feed is repaired.

    Raises `Reject` `malformed` if the repair would have to guess at the text: the document is cut short, or its tags
    are nested wrongly.
    """
    root = document.xml
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        root = _repair(document.text)
    return root


def open_entries(document: Document, *names: str) -> tuple[Element, list[Element | Reject]]:
    """Parses a feed and returns its root, and its entries of these qualified names, at most `MAX_ITEMS`.

    If the feed cannot be repaired as a whole, it is cut at its entries, and each is read alone: a broken entry is
    refused, its neighbours are read. What stands behind the end of the feed is refused too: no text is lost without a
    word. Raises `Reject` like `open_feed` if no entry can be read.
    """
    try:
        root = open_feed(document)
    except Reject as reject:
        found = _read_entries_alone(document.text)
        if found is None:
            raise reject from None
        return found
    return root, [*limit_items(element for element in root.iter() if qualified_name(element) in names)]


def _repair(text: str) -> Element:
    try:
        return xml_repair.repair(text)
    except ValueError as error:
        raise Reject(Reason.MALFORMED, f"the feed is not well-formed XML: {error}") from None


def _read_part(text: str) -> Element:
    """Parses a part of a feed, and repairs it where it is ill-formed; most parts of a broken feed are not."""
    try:
        return etree.fromstring(text.encode(), _STRICT)
    except (etree.XMLSyntaxError, ValueError):
        return _repair(text)


def _read_entries_alone(text: str) -> tuple[Element, list[Element | Reject]] | None:
    """Cuts a feed at its entries and reads each with the start tags around it; None if none can be read."""
    if "<!ENTITY" in text[:20_000]:
        return None
    text = text[xml_repair.find_root(text) :]
    begins = [found.start() for found in limit_items(_ENTRY.finditer(text))]
    outer = "".join(found[0] for found in _AROUND.finditer(text[: begins[0]])) if begins else ""
    if not outer:
        return None
    inner = [found[1] for found in _AROUND.finditer(outer)]
    closing = "".join(f"</{name}>" for name in reversed(inner))
    entries: list[Element | Reject] = []
    for number, (begin, end) in enumerate(zip(begins, [*begins[1:], len(text)], strict=True)):
        name = _ENTRY.match(text, begin)[1]  # type: ignore[index]
        whole = text.find(close := f"</{name}>", begin, end)
        part = text[begin : whole + len(close)] if whole >= 0 else text[begin:end]
        try:
            wrapped, local = _read_part(f"{outer}{part}{closing}"), name.rpartition(":")[2]
            entry = next((element for element in wrapped.iter() if str(element.tag).endswith(local)), None)
            if entry is None:
                raise Reject(Reason.MALFORMED, f"<{name}> is not well-formed XML")
            entries.append(entry)
        except Reject as reject:
            entries.append(Reject(reject.reason, f"item {number}: {reject.message}"))
    if all(isinstance(entry, Reject) for entry in entries):
        return None
    end = text.rfind(f"</{inner[0]}")
    if end >= 0 and not xml_repair.says_nothing(text[max(end, begins[-1] + len(part)) :]):
        entries.append(Reject(Reason.MALFORMED, "another document or a text stands behind the end of the feed"))
    try:
        return _repair(text[: begins[0]] + closing), entries
    except Reject:
        return _repair(outer + closing), entries


def qualified_name(element: Element) -> str:
    """Returns the name of an element with its usual prefix, in lower case: `title`, `dc:creator`, `content:encoded`.

    RSS and Atom names have no prefix. The name of a comment is empty.
    """
    tag = element.tag
    return _qualify(tag, element.prefix or "") if isinstance(tag, str) else ""


@lru_cache(maxsize=2000)
def _qualify(tag: str, own_prefix: str) -> str:
    """Builds the qualified name of `{namespace}name`; a feed repeats few names very often."""
    space, _, name = tag.rpartition("}")
    space = space[1:]
    if not space and ":" in name:  # a prefix that was never declared
        prefix, _, name = name.rpartition(":")
    else:
        prefix = xml_repair.PREFIXES.get(space.lower(), "" if not space or _CORE.match(space) else own_prefix)
    name = name.lower()
    return name if prefix.lower() in ("", "atom", "rss") else f"{prefix.lower()}:{name}"


def children_by_name(element: Element) -> dict[str, list[Element]]:
    """Groups the children of an element by `qualified_name`, in document order."""
    found: dict[str, list[Element]] = {}
    for child in element:
        if name := qualified_name(child):
            found.setdefault(name, []).append(child)
    return found


def find_text(found: dict[str, list[Element]], *names: str) -> str:
    """Returns the text of the first of these elements that has one, as one plain line; empty if none has."""
    texts = (one_line(parse_content(element).text) for name in names for element in found.get(name, ()))
    return next((text for text in texts if text), "")


def verbatim_text(element: Element) -> str:
    """Returns the characters inside an element, stripped and otherwise unchanged."""
    return "".join(str(piece) for piece in element.itertext()).strip()


def find_verbatim(found: dict[str, list[Element]], *names: str) -> str:
    """Returns the text of the first of these elements that has one, verbatim: for ids, links and times."""
    texts = (verbatim_text(element) for name in names for element in found.get(name, ()))
    return next((text for text in texts if text), "")


def find_embargo(found: dict[str, list[Element]]) -> datetime | None:
    """Finds the end of the embargo that an item states as PRISM does; an unreadable one never ends."""
    stated = find_verbatim(found, "prism:embargodate", "pur:embargodate")
    return (parse_time(stated) or UNTIL_FURTHER_NOTICE) if stated else None


def parse_content(element: Element) -> FeedBody:
    """Parses the content of a text element: plain text, HTML (escaped, in CDATA or inline), or base64 (Atom 0.3)."""
    declared = attribute(element, "type").lower()
    mode = attribute(element, "mode").lower()
    if any(isinstance(child.tag, str) for child in element):
        inline = resolve_links(to_html(element), element.base or "")
        return FeedBody(html_to_text(inline), inline)
    text = "".join(str(piece) for piece in element.itertext()).translate(_WINDOWS)
    if mode == "base64" or (mode == "" and declared == "application/octet-stream"):
        text = _decode_base64(text)
    plain = declared in ("text", "text/plain") and mode != "escaped"
    if plain or not _MARKUP.search(text):
        return FeedBody(clean(text))
    return FeedBody(html_to_text(text), resolve_links(text.strip(), element.base or ""))


def _decode_base64(text: str) -> str:
    try:
        return base64.b64decode(text, validate=False).decode("utf-8")
    except (binascii.Error, ValueError):
        return text


def resolve_link(element: Element, url: str, origin: str = "") -> str:
    """Makes a link absolute by the `xml:base` in force, which is itself relative to the address of the feed."""
    url = url.strip()
    if not url or "://" in url[:12]:
        return url
    try:
        page = origin if origin.startswith(("http://", "https://")) else ""
        return urljoin(urljoin(page, element.base or ""), url)
    except ValueError:
        return url


def resolve_links(html: str, base: str) -> str:
    """Makes the links and pictures of a content absolute by an address; unchanged without one."""
    if not base.startswith(("http://", "https://")):
        return html

    def resolve(found: re.Match[str]) -> str:
        try:
            url = urljoin(base, entities.unescape(found["url"].strip()))
        except ValueError:
            return found[0]
        return f"{found['name']}{entities.escape(url)}{found['quote']}"

    return _RELATIVE.sub(resolve, html)


def find_language(element: Element) -> str:
    """Returns the `xml:lang` in force at an element; empty if there is none."""
    near = (node.get(_XML_LANG, "") for node in [element, *element.iterancestors()])
    return next((value.strip() for value in near if value.strip()), "")


def pick_longest(bodies: list[FeedBody]) -> tuple[FeedBody, str]:
    """Returns the longest body, and as summary the text of the first body that differs from it."""
    full = max(bodies, key=lambda one: len(one.text), default=FeedBody())
    rest = (one.text for one in bodies if one.text and one.text != full.text)
    return full, next(rest, "")


def build_keyword(text: str, scheme: str = "") -> Code:
    """Builds the code of a category; without a scheme it is a keyword."""
    return Code(scheme, text) if scheme else Code("keyword", text, text)


def parse_pictures(entry: Element) -> tuple[Picture, ...]:
    """Parses the images of Media RSS (`media:content`, else `media:thumbnail`) and of enclosures, each link once."""
    found: dict[str, Picture] = {}
    media: dict[str, list[Element]] = {}
    for element in entry.iterdescendants():
        media.setdefault(qualified_name(element), []).append(element)
    shared = find_text(media, "media:description", "media:text", "media:title")
    for element in media.get("media:content", []) + media.get("enclosure", []) + _enclosure_links(media):
        href = resolve_link(element, attribute(element, "url") or attribute(element, "href"))
        declared = attribute(element, "type").lower() or attribute(element, "medium").lower()
        if href and (declared.startswith("image") or (not declared and _IMAGE.search(href))):
            own = find_text(children_by_name(element), "media:description", "media:text", "media:title")
            caption = own or (shared if qualified_name(element) == "media:content" else "")
            content_type = declared if "/" in declared else ""
            found.setdefault(href, Picture(href=href, caption=caption, content_type=content_type))
    for element in [] if found else media.get("media:thumbnail", []):
        href = resolve_link(element, attribute(element, "url"))
        if href:
            found.setdefault(href, Picture(href=href, caption=shared))
    return tuple(found.values())


def find_content_pictures(html: str) -> tuple[Picture, ...]:
    """Finds the images of a content whose links are absolute, each link once; the `alt` is the caption."""
    found: dict[str, Picture] = {}
    for tag in _IMG.finditer(html):
        values = {name.lower(): entities.unescape(one or other).strip() for name, one, other in _VALUE.findall(tag[1])}
        href = values.get("src", "")
        shown = {values.get("width"), values.get("height")}.isdisjoint(_PIXELS)
        counts = NO_PICTURE.search(href) or _COUNTER.search(href)
        if shown and not counts and href.startswith(("http://", "https://")) and _IMAGE.search(href):
            found.setdefault(href, Picture(href=href, caption=one_line(values.get("alt", ""))))
        if len(found) == _MAX_PICTURES:
            break
    return tuple(found.values())


def _enclosure_links(media: dict[str, list[Element]]) -> list[Element]:
    return [element for element in media.get("link", []) if attribute(element, "rel") == "enclosure"]


def drop_shared_ids(stories: tuple[Story | Reject, ...], stated: str = "") -> tuple[Story | Reject, ...]:
    """Replaces ids that the feed gives to several items by the items' own links, or by none.

    `stated` is the header `shared-id` of the raw record: a feeder that cut the feed has seen that the id, or id and
    link, of its one item are shared.
    """
    shared_ids, shared_urls = find_shared_ids(stories)
    is_stated = stated in (SHARED_ID, SHARED_ID_AND_LINK)

    def separate(story: Story | Reject) -> Story | Reject:
        if not isinstance(story, Story) or not (is_stated or story.guid in shared_ids):
            return story
        own = "" if story.url in shared_urls or stated == SHARED_ID_AND_LINK else story.url
        return msgspec.structs.replace(story, guid=own)

    return tuple(map(separate, stories))


def find_shared_ids(stories: tuple[Story | Reject, ...]) -> tuple[set[str], set[str]]:
    """Finds the ids that a feed gives to several items; where there are any, the links that it gives to several too.

    An id that stands at items with different headlines and texts names none of them. Two versions of one item, whose
    headlines are the same or differ by an addition, keep it; so does one text that is listed under several headlines.
    """
    by_id: dict[str, list[Story]] = {}
    by_url: dict[str, list[Story]] = {}
    for story in stories:
        if isinstance(story, Story) and story.status is not Status.WITHDRAWN:
            by_id.setdefault(story.guid, []).append(story)
            by_url.setdefault(story.url, []).append(story)

    shared_ids = {id_ for id_, found in by_id.items() if id_ and _differ(found)}
    return shared_ids, {url for url, found in by_url.items() if _differ(found)} if shared_ids else set()


def _differ(stories: list[Story]) -> bool:
    """Whether the items are several, by headline and text, and not versions of one."""
    if len(stories) < 2 or (stories[0].text and all(story.text == stories[0].text for story in stories)):
        return False
    titles = {story.headline.casefold() for story in stories}
    longest = max(titles, key=len)
    return any(not title or title not in longest for title in titles) if len(titles) > 1 else False


def require_stories(stories: tuple[Story | Reject, ...], what: str) -> tuple[Story | Reject, ...]:
    """Returns the stories unchanged.

    A blank story among others is kept: a later step of prepare refuses it alone.

    Raises `Reject`: `empty` without stories, `missing-field` if the only one is blank.
    """
    if not stories:
        raise Reject(Reason.EMPTY, f"the feed has no {what}")
    only = stories[0]
    if (
        len(stories) == 1
        and isinstance(only, Story)
        and not (only.headline or only.text or only.status is Status.WITHDRAWN)
    ):
        raise Reject(Reason.MISSING_FIELD, f"the {what} has neither a title nor a text")
    return stories
