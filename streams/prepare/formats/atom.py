"""Atom 1.0 (RFC 4287, with the deleted entries of RFC 6721) and Atom 0.3."""

from streams.model.records import Code, Status, Story
from streams.prepare.formats._common import few
from streams.prepare.formats._feed import (
    body,
    checked,
    first_text,
    first_word,
    keyword,
    kind,
    language,
    link,
    longest,
    open_feed,
    parts,
    pictures,
    root_name,
    verbatim,
)
from streams.prepare.formats._xml import Element, attribute
from streams.prepare.formats.document import Document
from streams.prepare.text.dateline import known_wire
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.plain import one_line

Parts = dict[str, list[Element]]


def matches(document: Document) -> bool:
    """The outermost element is `feed`, or `entry` (RFC 4287, section 2), whatever its namespace."""
    return root_name(document) in ("feed", "entry")


def parse(document: Document) -> tuple[Story, ...]:
    """One story an entry. Raises `Reject`: `malformed`, `too-large`, `empty`, `missing-field` (its only is blank)."""
    root = open_feed(document)
    head = parts(root) if kind(root) == "feed" else {}
    entries = few(element for element in root.iter() if kind(element) in ("entry", "at:deleted-entry"))
    return checked(tuple(_story(entry, head, document.raw.origin) for entry in entries), "entry")


def _story(entry: Element, head: Parts, origin: str) -> Story:
    if kind(entry) == "at:deleted-entry":
        when = parse_time(attribute(entry, "when"))
        return Story(guid=attribute(entry, "ref"), status=Status.WITHDRAWN, version_created=when)
    found = parts(entry)
    url = _link(found, origin)
    full, summary = longest([body(element) for name in ("content", "summary") for element in found.get(name, ())])
    published = parse_time(first_word(found, "published", "issued", "created", "dcterms:issued", "dc:date"))
    updated = parse_time(first_word(found, "updated", "modified", "dcterms:modified", "dc:date"))
    source = parts(found["source"][0]) if "source" in found else {}
    distributor = next(
        (
            wire
            for text in (first_text(found, "dc:publisher", "dc:source"), first_text(source, "title"))
            if (wire := known_wire(text))
        ),
        "",
    )
    return Story(
        guid=one_line(first_word(found, "id")) or url,
        headline=first_text(found, "title", "dc:title", "media:title"),
        summary=summary,
        text=full.text,
        html=full.html,
        first_created=published,
        version_created=updated or published,
        language=first_word(found, "dc:language") or language(next(iter(found.get("title", [])), entry)),
        byline=_people(found) or _people(source) or _people(head),
        copyright_notice=first_text(found, "rights", "copyright", "dc:rights")
        or first_text(head, "rights", "copyright"),
        distributor=distributor,
        url=url,
        codes=_categories(found),
        pictures=pictures(entry),
    )


def _link(found: Parts, origin: str) -> str:
    """The link of relation `alternate`, the default (section 4.2.7.2); HTML before other types."""
    links = [
        element
        for element in found.get("link", [])
        if attribute(element, "rel").rpartition("/")[2] in ("", "alternate")
    ]
    links.sort(key=lambda element: attribute(element, "type") not in ("", "text/html", "application/xhtml+xml"))
    original = first_word(found, "feedburner:origlink")
    return original or next(
        (link(element, href, origin) for element in links if (href := attribute(element, "href"))), ""
    )


def _people(found: Parts) -> str:
    """The names of the authors, separated by commas."""
    authors = (parts(author) for author in found.get("author", []))
    names = [first_text(author, "name") for author in authors]
    return ", ".join(name for name in names if name) or first_text(found, "dc:creator")


def _categories(found: Parts) -> tuple[Code, ...]:
    codes = []
    for element in found.get("category", []):
        term, scheme = one_line(attribute(element, "term")), attribute(element, "scheme")
        label = one_line(attribute(element, "label"))
        if term:
            codes.append(Code(scheme, term, label) if scheme else Code("keyword", term, label or term))
    codes += [keyword(text) for element in found.get("dc:subject", []) if (text := one_line(verbatim(element)))]
    return tuple(dict.fromkeys(codes))
