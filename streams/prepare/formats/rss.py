"""Reads RSS 0.90 to 2.0 and RSS 1.0 (RDF), with Dublin Core, content, Media RSS and extensions of release wires."""

import re

from streams.model.errors import Reject
from streams.model.records import Code, Organisation, Story
from streams.prepare.companies.identifiers import has_isin_form
from streams.prepare.formats._feed import (
    build_keyword,
    children_by_name,
    drop_shared_ids,
    find_content_pictures,
    find_embargo,
    find_language,
    find_root_name,
    find_text,
    find_verbatim,
    open_entries,
    parse_content,
    parse_pictures,
    pick_longest,
    qualified_name,
    require_stories,
    resolve_link,
    resolve_links,
    verbatim_text,
)
from streams.prepare.formats._xml import Element, attribute
from streams.prepare.formats.document import Document
from streams.prepare.text.dateline import find_known_wire
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.plain import one_line

Children = dict[str, list[Element]]
"""The children of an element by qualified name."""

_RSS_IN_RDF = re.compile(r"<(?:\w+:)?(?:channel|item)[\s>]")
_PERSON = re.compile(
    r"[^\s@()<>]+@[^\s@()<>]+\s*\((?P<name>[^()]+)\)|(?P<before>[^<>()@]{2,80}?)\s*[<(][^\s@()<>]+@[^\s()<>]+[>)]"
)
_STOCK = re.compile(r"(?P<exchange>[^:]{1,40}):\s*(?P<symbol>[A-Za-z0-9.\-/ ]{1,20})")
_BODIES = (
    "content:encoded",
    "xhtml:body",
    "body",
    "fullitem",
    "description",
    "abstract",
    "summary",
    "content",
    "dc:description",
    "itunes:summary",
)


def matches(document: Document) -> bool:
    """Whether the outermost element is `rss`, `channel`, or an `RDF` that holds RSS, in any case and namespace."""
    name = find_root_name(document)
    return name in ("rss", "channel") or (name == "rdf" and _RSS_IN_RDF.search(document.text) is not None)


def parse(document: Document) -> tuple[Story | Reject, ...]:
    """Parses each item into a story, or into its `Reject` `malformed`.

    Raises `Reject`: `malformed`, `too-large`, `empty` (no item), `missing-field` (the only item is blank).
    """
    return require_stories(drop_shared_ids(read_items(document), document.raw.shared_id), "item")


def read_items(document: Document) -> tuple[Story | Reject, ...]:
    """Parses as `parse` does; each item keeps the id that the feed gives it. Raises `Reject` as `open_entries` does."""
    root, items = open_entries(document, "item")
    channel = next((element for element in root.iter() if qualified_name(element) == "channel"), root)
    head = children_by_name(channel)
    origin = document.raw.origin
    return tuple(item if isinstance(item, Reject) else _parse_item(item, head, origin) for item in items)


def _parse_item(item: Element, head: Children, origin: str) -> Story:
    found = children_by_name(item)
    guid, url = _parse_identity(item, found, origin)
    full, summary = pick_longest([parse_content(element) for name in _BODIES for element in found.get(name, ())])
    published = find_verbatim(
        found, "pubdate", "dcterms:issued", "dcterms:created", "published", "dc:date", "issued", "created"
    )
    changed = find_verbatim(found, "dc:modified", "dcterms:modified", "updated", "modified", "dc:date") or attribute(
        item, "lastmod"
    )
    first = parse_time(published)
    organisations, codes = _parse_categories(found)
    distributor = find_known_wire(find_text(found, "dc:publisher") or find_text(found, "source", "dc:source"))
    distributor = distributor or find_known_wire(find_text(head, "dc:publisher"))
    html = resolve_links(full.html, url)
    return Story(
        guid=guid,
        headline=find_text(found, "title", "dc:title", "media:title"),
        summary=summary,
        text=full.text,
        html=html,
        first_created=first,
        version_created=parse_time(changed) or first,
        embargoed_until=find_embargo(found),
        language=find_verbatim(found, "dc:language", "language")
        or find_language(item)
        or find_verbatim(head, "language", "dc:language"),
        byline=_parse_person(find_text(found, "author", "dc:creator", "itunes:author", "dc:author")),
        copyright_notice=find_text(found, "dc:rights", "rights", "copyright", "media:copyright")
        or find_text(head, "copyright", "dc:rights", "rights"),
        distributor=distributor,
        issuer=find_text(found, "dc:contributor") if distributor else "",
        url=url,
        codes=codes,
        organisations=organisations,
        pictures=parse_pictures(item) or find_content_pictures(html),
    )


def _parse_identity(item: Element, found: Children, origin: str) -> tuple[str, str]:
    """Returns id and link. Without a guid the link is the id; without a link a guid that is a permalink is the link."""
    guid = find_verbatim(found, "guid", "id") or attribute(item, "about") or find_verbatim(found, "dc:identifier")
    linked = [(element, attribute(element, "rel") or "alternate") for element in found.get("link", [])]
    alternates = [verbatim_text(element) or attribute(element, "href") for element, rel in linked if rel == "alternate"]
    url = find_verbatim(found, "feedburner:origlink") or next((text for text in alternates if text.strip()), "")
    url = url or attribute(item, "href")
    if not url and guid.startswith(("http://", "https://")):
        permanent = [attribute(element, "isPermaLink").lower() for element in found.get("guid", [])]
        url = "" if "false" in permanent else guid
    return one_line(guid or url), resolve_link(next(iter(found.get("link", [])), item), url, origin)


def _parse_categories(found: Children) -> tuple[tuple[Organisation, ...], tuple[Code, ...]]:
    """Parses categories into codes, and into companies for GlobeNewswire's domains `stock` and `ISIN`."""
    organisations: list[Organisation] = []
    codes: list[Code] = []
    for element in found.get("category", []):
        text = one_line(verbatim_text(element))
        domain = attribute(element, "domain") or attribute(element, "scheme")
        topic = domain.rstrip("/").rpartition("/")[2].lower()
        stock = _STOCK.fullmatch(text)
        if topic == "stock" and stock:
            organisations.append(Organisation(symbol=stock["symbol"].strip(), exchange=stock["exchange"].strip()))
        elif topic == "isin" and has_isin_form(text):
            organisations.append(Organisation(isin=text))
        elif text:
            codes.append(build_keyword(text, domain))
    for name, elements in found.items():
        scheme = name if name.startswith("prn:") else ""
        if scheme or name in ("dc:subject", "dc:keyword", "media:keywords", "itunes:keywords"):
            texts = [one_line(verbatim_text(element)) for element in elements]
            codes += [build_keyword(text, scheme) for text in texts if text]
    return tuple(dict.fromkeys(organisations)), tuple(dict.fromkeys(codes))


def _parse_person(text: str) -> str:
    """Returns the name in an author field: Jane Doe for `jane@example.com (Jane Doe)`."""
    found = _PERSON.fullmatch(text[:200])
    return (found["name"] or found["before"]).strip() if found else text
