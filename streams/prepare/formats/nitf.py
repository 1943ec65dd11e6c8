"""Reads IPTC NITF 3.x (News Industry Text Format): one `nitf` element is one story, alone or inside NewsML.

Source: the annotations of nitf-3-6.xsd (iptc.org/std/NITF/3.6). `docdata` is metadata of the document, `body.head`
stands above the text, `body.content` is the text, and `tagline` is a byline at its end.
"""

import re
from datetime import datetime
from typing import Literal

import msgspec

from streams.model.errors import Reason, Reject
from streams.model.records import Code, Organisation, Picture, Status, Story
from streams.prepare.companies.identifiers import find_mic, has_isin_form
from streams.prepare.formats._common import (
    UNTIL_FURTHER_NOTICE,
    is_html,
    is_link,
    parse_code,
    parse_embargo,
    parse_note_status,
    parse_urgency,
    require_content,
    strip_headline,
    unique_codes,
)
from streams.prepare.formats._xml import (
    Element,
    attribute,
    child,
    children,
    descendants,
    inner_text,
    inner_text_without,
    local_name,
    raw_text,
    to_html,
)
from streams.prepare.formats.document import Document
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.plain import clean, html_to_text, one_line

_TIMESTAMP = re.compile(r"\d{4}-?\d\d-?\d\d(?:T.*)?")
_INITIALS = re.compile(r"[a-z]{1,4}(?:/[a-z]{1,4})*")
"""A byline that is only the initials of the desk (EFE: `gr/bp`)."""

_OF_NEWSML = ("guid", "id", "version", "version_created", "type", "distributor")
_EMPTY = Story()


def matches(document: Document) -> bool:
    """Whether the root is `nitf`, with or without the namespace of its schema."""
    return document.xml is not None and local_name(document.xml) == "nitf"


def parse(document: Document) -> tuple[Story | Reject, ...]:
    """Parses the one story. Raises `Reject`: `malformed` (an unreadable embargo), `missing-field` or `empty`."""
    root = document.xml
    if root is None:
        raise Reject(Reason.MALFORMED, f"not well-formed XML: {document.xml_error}")
    if child(root, "head") is None and child(root, "body") is None:
        raise Reject(Reason.EMPTY, "the nitf has neither a head nor a body")
    return (require_content(parse_element(root, "the nitf"), "the nitf"),)


def parse_element(nitf: Element, where: str, title: str = "") -> Story:
    """Parses a `nitf` element into a story; fields that it does not have are empty.

    A first heading of the text that repeats `title`, or without `title` the headline, is left out. `doc-id` is the id
    of the document. If `management-doc-idref` names a document that this one updates or cancels, that is the id of the
    story. Raises `Reject` `malformed` for an unreadable embargo.
    """
    head, body = child(nitf, "head"), child(nitf, "body")
    data, top = child(head, "docdata"), child(body, "body.head")
    headline = _find_headline(top, "hl1") or one_line(inner_text(child(head, "title")))
    content = child(body, "body.content")
    title = title or headline
    html = "" if content is None else _read_html(content, title)
    tagline = one_line(inner_text(child(body, "body.end", "tagline")))
    guid = attribute(child(data, "doc-id"), "id-string")
    note = _read_note(data, top)
    holder = attribute(child(data, "doc.copyright"), "holder")
    return Story(
        guid=guid,
        id=attribute(data, "management-doc-idref") or guid,
        version=attribute(child(data, "du-key"), "version"),
        status=_parse_status(data, note),
        headline=headline,
        subheadline=_find_subheadline(top, headline),
        summary=one_line(inner_text(child(top, "abstract"))),
        text=clean(f"{strip_headline(html_to_text(html), title)}\n\n{tagline}"),
        html=f"{html}<p>{tagline}</p>" if tagline else html,
        version_created=_read_time(data, "date.issue"),
        content_created=_read_time(child(top, "dateline"), "story.date"),
        embargoed_until=_parse_embargo(data, where),
        language=attribute(nitf, "lang") or attribute(nitf, "baselang"),
        urgency=parse_urgency(attribute(child(data, "urgency"), "ed-urg")),
        ed_note=note,
        slugline=_find_slugline(head, data),
        byline=_find_byline(top),
        dateline=_find_dateline(top),
        located=one_line(inner_text(child(top, "dateline", "location", "city")))
        or attribute(child(data, "evloc"), "city"),
        copyright_notice=_format_copyright_notice(top, attribute(child(data, "doc.copyright"), "year"), holder),
        copyright_holder=holder or one_line(inner_text(child(top, "rights", "rights.owner"))),
        usage_terms=_format_usage_terms(child(data, "doc.rights")),
        distributor=one_line(inner_text(child(top, "distributor"))) or attribute(child(data, "doc-id"), "regsrc"),
        codes=_parse_codes(head, data),
        organisations=_parse_organisations(nitf),
        pictures=_parse_pictures(content),
    )


def _read_html(content: Element, title: str) -> str:
    """Returns the text as HTML; HTML that was escaped or put into CDATA is taken as HTML too."""
    if not any(map(local_name, content)) and is_html(written := raw_text(content)):
        return written.strip()
    return to_html(content, title)


def fill_gaps(story: Story, nitf: Story) -> Story:
    """Fills the empty fields of a NewsML story from the NITF inside it.

    Ids, version, type and distributor are always those of NewsML. Codes of both are kept.
    """
    if nitf == _EMPTY:
        return story
    silent = [name for name in story.__struct_fields__ if getattr(story, name) == getattr(_EMPTY, name)]
    said = {name: getattr(nitf, name) for name in silent if name not in _OF_NEWSML}
    return msgspec.structs.replace(story, **{**said, "codes": unique_codes([*story.codes, *nitf.codes])})


def _find_headline(top: Element | None, name: str) -> str:
    return "" if top is None else next((one_line(inner_text(found)) for found in descendants(top, name)), "")


def _find_subheadline(top: Element | None, headline: str) -> str:
    second = _find_headline(top, "hl2")
    return second if second != headline else ""  # AP repeats the headline there


def _read_note(data: Element | None, top: Element | None) -> str:
    notes = [attribute(found, "info") for found in children(data, "ed-msg")]
    notes += [inner_text(found) for found in children(top, "note")]
    return "\n".join(dict.fromkeys(filter(None, map(clean, notes))))


def _parse_status(data: Element | None, note: str) -> Status:
    if attribute(data, "management-status").lower() in ("canceled", "cancelled"):
        return Status.WITHDRAWN
    stated = parse_note_status(note)
    refers = stated is Status.USABLE and attribute(data, "management-doc-idref")
    return Status.UPDATE if refers else stated


def _parse_embargo(data: Element | None, where: str) -> datetime | None:
    """Parses `date.release`, from which on the document may be released; None where it may be at once.

    Where no `management-status` is stated, it must be later than `date.issue`: many wires repeat the time of issue
    there, without a zone. A document that is stated to be usable is free.
    """
    release = attribute(child(data, "date.release"), "norm")
    status = attribute(data, "management-status").lower()
    if status in ("embargoed", "withheld"):
        return parse_embargo(release, f"{where}: date.release") or UNTIL_FURTHER_NOTICE
    when, issued = parse_time(release), _read_time(data, "date.issue")
    if status or when is None or (issued is None and when.tzinfo is None):
        return None
    same = issued is not None and (issued.tzinfo is None) == (when.tzinfo is None)
    later = issued is None or (when > issued if same else when.date() > issued.date())
    return when if later else None


def _read_time(parent: Element | None, name: str) -> datetime | None:
    return parse_time(attribute(child(parent, name), "norm"))


def _find_slugline(head: Element | None, data: Element | None) -> str:
    """Returns the ANPA keyword, else the only keyword of the document: NITF itself has no slugline."""
    slug = next((attribute(m, "content") for m in children(head, "meta") if attribute(m, "name") == "anpa-keyword"), "")
    keys = _list_keywords(data)
    return slug or (keys[0] if len(keys) == 1 else "")


def _list_keywords(data: Element | None) -> list[str]:
    keys = [one_line(attribute(found, "key")) for found in children(child(data, "key-list"), "keyword")]
    return list(filter(None, keys))


def _find_byline(top: Element | None) -> str:
    """Returns the first byline that is not only initials, without the title of the person (`byttl`)."""
    found = (one_line(inner_text_without(element, "byttl")) for element in children(top, "byline"))
    return next((line for line in found if line and not _INITIALS.fullmatch(line)), "")


def _find_dateline(top: Element | None) -> str:
    """Returns the dateline as printed; empty for wires that write only a timestamp there."""
    element = child(top, "dateline")
    line = one_line(inner_text(element))
    if element is not None and _TIMESTAMP.fullmatch(one_line(inner_text(child(element, "story.date")))):
        line = one_line(inner_text_without(element, "story.date"))
    return "" if _TIMESTAMP.fullmatch(line) else line.rstrip(" -\u2013\u2014")


def _format_copyright_notice(top: Element | None, year: str, holder: str) -> str:
    printed = one_line(inner_text(child(top, "rights")))
    return (
        printed
        if "\u00a9" in printed or "opyright" in printed
        else " ".join(filter(None, (year and "\u00a9", year, holder)))
    )


def _format_usage_terms(rights: Element | None) -> str:
    terms = (one_line(attribute(rights, name)) for name in ("geography", "type", "limitations"))
    return "; ".join(filter(None, terms))


def _parse_codes(head: Element | None, data: Element | None) -> tuple[Code, ...]:
    found: list[Code | None] = []
    for element in children(child(head, "tobject"), "tobject.subject"):
        provider = attribute(element, "tobject.subject.ipr")
        names = (attribute(element, f"tobject.subject.{tier}") for tier in ("detail", "matter", "type"))
        number = attribute(element, "tobject.subject.refnum")
        found.append(parse_code(number, "" if provider.upper() == "IPTC" else provider, next(filter(None, names), "")))
    return unique_codes([*found, *(Code("keyword", key) for key in _list_keywords(data))])


def _parse_organisations(nitf: Element) -> tuple[Organisation, ...]:
    """Parses organisations with a ticker or an ISIN, given in `idsrc` and `value` or in an `alt-code`."""
    found = []
    for element in descendants(nitf, "org"):
        about = any(local_name(parent) == "identified-content" for parent in element.iterancestors())
        rel: Literal["about", "mentions"] = "about" if about else "mentions"
        for symbol in (element, *children(element, "alt-code")):
            source, value = attribute(symbol, "idsrc"), one_line(attribute(symbol, "value"))
            name = one_line(inner_text(element))
            if source.upper() == "ISIN" and has_isin_form(value):
                found.append(Organisation(name=name, isin=value, rel=rel))
            elif value and find_mic(source):
                found.append(Organisation(name=name, symbol=value, exchange=source, rel=rel))
    return tuple(dict.fromkeys(found))


def _parse_pictures(content: Element | None) -> tuple[Picture, ...]:
    """Parses the first linked image of each `media` element, with its caption."""
    found = []
    for media in descendants(content, "media") if content is not None else ():
        caption = one_line(inner_text(child(media, "media-caption")))
        for reference in children(media, "media-reference"):
            kind = attribute(reference, "mime-type").lower()
            if is_link(attribute(reference, "source")) and (
                kind.startswith("image/") or (not kind and attribute(media, "media-type") == "image")
            ):
                found.append(Picture(href=attribute(reference, "source"), caption=caption, content_type=kind))
                break
    return tuple(found)
