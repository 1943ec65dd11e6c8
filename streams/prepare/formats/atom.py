"""Reads Atom 1.0 (RFC 4287) with deleted entries (RFC 6721), and Atom 0.3."""

from streams.model.errors import Reject
from streams.model.records import Code, Status, Story
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


def matches(document: Document) -> bool:
    """Whether the outermost element is `feed` or `entry` (RFC 4287, section 2), in any namespace."""
    return find_root_name(document) in ("feed", "entry")


def parse(document: Document) -> tuple[Story | Reject, ...]:
    """Parses each entry into a story, or into its `Reject` `malformed`.

    Raises `Reject`: `malformed`, `too-large`, `empty` (no entry), `missing-field` (the only entry is blank).
    """
    return require_stories(drop_shared_ids(read_items(document), document.raw.shared_id), "entry")


def read_items(document: Document) -> tuple[Story | Reject, ...]:
    """Parses as `parse` does; each item keeps the id that the feed gives it. Raises `Reject` as `open_entries` does."""
    root, entries = open_entries(document, "entry", "at:deleted-entry")
    head = children_by_name(root) if qualified_name(root) == "feed" else {}
    origin = document.raw.origin
    return tuple(entry if isinstance(entry, Reject) else _parse_entry(entry, head, origin) for entry in entries)


def _parse_entry(entry: Element, head: Children, origin: str) -> Story:
    if qualified_name(entry) == "at:deleted-entry":
        when = parse_time(attribute(entry, "when"))
        return Story(guid=attribute(entry, "ref"), status=Status.WITHDRAWN, version_created=when)
    found = children_by_name(entry)
    url = _find_link(found, origin)
    full, summary = pick_longest(
        [parse_content(element) for name in ("content", "summary") for element in found.get(name, ())]
    )
    published = parse_time(find_verbatim(found, "published", "issued", "created", "dcterms:issued", "dc:date"))
    updated = parse_time(find_verbatim(found, "updated", "modified", "dcterms:modified", "dc:date"))
    source = children_by_name(found["source"][0]) if "source" in found else {}
    distributor = next(
        (
            wire
            for text in (find_text(found, "dc:publisher", "dc:source"), find_text(source, "title"))
            if (wire := find_known_wire(text))
        ),
        "",
    )
    html = resolve_links(full.html, url)
    return Story(
        guid=one_line(find_verbatim(found, "id")) or url,
        headline=find_text(found, "title", "dc:title", "media:title"),
        summary=summary,
        text=full.text,
        html=html,
        first_created=published,
        version_created=updated or published,
        embargoed_until=find_embargo(found),
        language=find_verbatim(found, "dc:language") or find_language(next(iter(found.get("title", [])), entry)),
        byline=_format_authors(found) or _format_authors(source) or _format_authors(head),
        copyright_notice=find_text(found, "rights", "copyright", "dc:rights") or find_text(head, "rights", "copyright"),
        distributor=distributor,
        url=url,
        codes=_parse_categories(found),
        pictures=parse_pictures(entry) or find_content_pictures(html),
    )


def _find_link(found: Children, origin: str) -> str:
    """Finds the link with the relation `alternate`, which is the default (RFC 4287, section 4.2.7.2); HTML first."""
    links = [
        element
        for element in found.get("link", [])
        if attribute(element, "rel").rpartition("/")[2] in ("", "alternate")
    ]
    links.sort(key=lambda element: attribute(element, "type") not in ("", "text/html", "application/xhtml+xml"))
    original = find_verbatim(found, "feedburner:origlink")
    return original or next(
        (resolve_link(element, href, origin) for element in links if (href := attribute(element, "href"))), ""
    )


def _format_authors(found: Children) -> str:
    """Joins the names of the authors with commas."""
    authors = (children_by_name(author) for author in found.get("author", []))
    names = [find_text(author, "name") for author in authors]
    return ", ".join(name for name in names if name) or find_text(found, "dc:creator")


def _parse_categories(found: Children) -> tuple[Code, ...]:
    codes = []
    for element in found.get("category", []):
        term, scheme = one_line(attribute(element, "term")), attribute(element, "scheme")
        label = one_line(attribute(element, "label"))
        if term:
            codes.append(Code(scheme, term, label) if scheme else Code("keyword", term, label or term))
    codes += [
        build_keyword(text) for element in found.get("dc:subject", []) if (text := one_line(verbatim_text(element)))
    ]
    return tuple(dict.fromkeys(codes))
