"""Lists every wire format in the order in which they are tried. A new format is a module, a row and samples."""

from collections.abc import Callable

import msgspec

from streams.model.errors import Reason, Reject
from streams.model.records import Story
from streams.prepare.formats import (
    anpa1312,
    ap_media,
    atom,
    email,
    html,
    iptc7901,
    json_feed,
    mrn,
    newsml_12,
    newsml_g2,
    ninjs,
    nitf,
    plain_json,
    release,
    ritzau,
    rss,
    solita,
)
from streams.prepare.formats.document import Document


class Format(msgspec.Struct, frozen=True):
    """A wire format: `matches` recognises it by the content (a content type is only a hint), `parse` reads the stories.

    `parse` returns one `Story` for each item, in document order, or the `Reject` of an item that cannot be read. It
    raises `Reject` for the whole document, and no other exception.
    """

    name: str
    matches: Callable[[Document], bool]
    parse: Callable[[Document], tuple[Story | Reject, ...]]
    own_times: bool = False
    """The wire that a document names wrote its times: its zone is meant where they and the source have none."""


FORMATS: tuple[Format, ...] = (
    Format("ap-media", ap_media.matches, ap_media.parse),
    Format("mrn", mrn.matches, mrn.parse),
    Format("json-feed", json_feed.matches, json_feed.parse),
    Format("ninjs", ninjs.matches, ninjs.parse),
    Format("plain-json", plain_json.matches, plain_json.parse),
    Format("newsml-g2", newsml_g2.matches, newsml_g2.parse, own_times=True),
    Format("newsml-1.2", newsml_12.matches, newsml_12.parse, own_times=True),
    Format("nitf", nitf.matches, nitf.parse),
    Format("ritzau", ritzau.matches, ritzau.parse, own_times=True),
    Format("solita", solita.matches, solita.parse, own_times=True),
    Format("rss", rss.matches, rss.parse),
    Format("atom", atom.matches, atom.parse),
    Format("html", html.matches, html.parse),
    Format("anpa-1312", anpa1312.matches, anpa1312.parse),
    Format("iptc-7901", iptc7901.matches, iptc7901.parse),
    Format("email", email.matches, email.parse),
    Format("release", release.matches, release.parse),
)


def find_format(document: Document) -> Format:
    """Returns the first format that matches. Raises `Reject`: `malformed`, `too-deep` or `unknown-format`."""
    if document.is_json_string:
        raise Reject(Reason.MALFORMED, "a JSON string, no object; the feeder must send the text inside it")
    for row in FORMATS:
        if row.matches(document):
            return row
    if document.xml is None and document.is_xml:
        raise Reject(Reason.MALFORMED, f"not well-formed XML: {document.xml_error}")
    if document.json_error is not None:
        raise document.json_error
    if document.first not in ("<", "{", "["):
        raise Reject(
            Reason.UNKNOWN_FORMAT,
            "plain text without a sign of a release (dateline, SOURCE line, ticker, About X);"
            " if it is news, send it with the content type text/plain, its headline first, then an empty line",
        )
    raise Reject(Reason.UNKNOWN_FORMAT, f"none of {', '.join(row.name for row in FORMATS)} matches")
