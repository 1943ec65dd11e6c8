"""Reads press releases of Nordic agencies (NTB, STT, Ritzau) from Solita's service: a `release` element.

There is no published specification; comments in the files describe each element. Body and lead are escaped HTML, times
are `dd.MM.yyyy HH:mm` without a zone, and the publisher is the issuer.
"""

from html import escape

from streams.model.errors import Reason, Reject
from streams.model.records import Code, Picture, Story
from streams.prepare.formats._common import is_link, parse_embargo, read_body, require_content, unique_codes
from streams.prepare.formats._xml import Element, attribute, child, children, inner_text, local_name, raw_text
from streams.prepare.formats.document import Document
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.plain import clean, html_to_text, one_line

_WIRES = (("ntbinfo.no", "NTB"), ("sttinfo.fi", "STT"), ("ritzau.dk", "Ritzau"), ("tt.se", "TT"))


def matches(document: Document) -> bool:
    """Whether the root is a `release` with a `publisher`."""
    root = document.xml
    return root is not None and local_name(root) == "release" and child(root, "publisher") is not None


def parse(document: Document) -> tuple[Story | Reject, ...]:
    """Parses the one release. Raises `Reject`: `malformed` (an unreadable embargo) or `missing-field`."""
    root = document.xml
    if root is None:
        raise Reject(Reason.MALFORMED, f"not well-formed XML: {document.xml_error}")
    headline = _child_line(root, "title")
    lead, lead_html = read_body(_raw_child_text(root, "leadtext"), "", headline)
    plain, html = read_body(_raw_child_text(root, "body"), "", headline)
    url = _child_line(root, "longurl")
    publisher = child(root, "publisher")
    beside = [_raw_child_text(root, "boilerplate"), _raw_child_text(root, "contactsAsText")]
    words = [word.strip() for word in _child_line(root, "keywords").replace(";", ",").split(",")]
    story = Story(
        guid=attribute(root, "id"),
        id=attribute(root, "id"),
        headline=headline,
        summary=one_line(lead),
        text=clean(f"{lead}\n\n{plain}"),
        html=f"{lead_html or (f'<p>{escape(lead, quote=False)}</p>' if lead else '')}{html}",
        boilerplate=clean("\n\n".join(html_to_text(found) if "<" in found else clean(found) for found in beside)),
        version_created=parse_time(_child_line(root, "publicationDate")),
        embargoed_until=parse_embargo(_child_line(root, "embargo"), "the release: embargo"),
        language=attribute(root, "lang"),
        distributor=next((name for host, name in _WIRES if host in url), ""),
        issuer=one_line(inner_text(child(publisher, "name"))),
        url=url if is_link(url) else "",
        codes=unique_codes([Code("keyword", word) for word in words if word]),
        pictures=tuple(
            _parse_picture(one) for one in children(child(root, "images"), "image") if is_link(_child_line(one, "url"))
        ),
    )
    return (require_content(story, "the release"),)


def _parse_picture(image: Element) -> Picture:
    return Picture(href=_child_line(image, "url"), caption=_child_line(image, "caption"))


def _raw_child_text(parent: Element, name: str) -> str:
    found = child(parent, name)
    return "" if found is None else raw_text(found)


def _child_line(parent: Element, name: str) -> str:
    return one_line(_raw_child_text(parent, name))
