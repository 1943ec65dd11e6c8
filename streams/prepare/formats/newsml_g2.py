"""Reads IPTC NewsML-G2 2.x: a newsItem, a packageItem, or a newsMessage that holds them.

Source: iptc.org/std/NewsML-G2. GlobeNewswire's dialect (`MWFinRel:Instrument`) is read too.

The module follows an item: itemMeta and contentMeta, contentSet (inline XHTML, NITF or text; links to pictures), codes,
organisations with their instruments. A packageItem is an item of type composite without text. Concepts, knowledge
items, planning and catalogs are no news: they are refused as `empty`.
"""

import re
from datetime import datetime
from html import escape
from itertools import islice, zip_longest
from typing import Literal

import msgspec

from streams.model.errors import Reason, Reject
from streams.model.records import Code, Organisation, Picture, Status, Story
from streams.prepare.companies.identifiers import has_isin_form
from streams.prepare.formats import nitf
from streams.prepare.formats._common import (
    UNTIL_FURTHER_NOTICE,
    StoryType,
    is_link,
    parse_code,
    parse_each,
    parse_embargo,
    parse_end,
    parse_note_status,
    parse_urgency,
    read_body,
    require_content,
    strip_headline,
    unique_codes,
)
from streams.prepare.formats._inline import describe, read_element, read_encoded, read_markup, require_understood
from streams.prepare.formats._xml import Element, attribute, child, children, inner_text, local_name, raw_text, to_html
from streams.prepare.formats.document import Document
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.plain import clean, html_to_text, one_line

_ORGANISATION = re.compile(r"cpnat:organi[sz]ation|.*/cpnature/organi[sz]ation|.*:(?:company|organi[sz]ation)", re.I)
_TICKER = re.compile(r"([^:]{1,30}):\s*(\S.{0,19})")
_CODED = {"subject": "", "genre": "genre", "service": "service"}


_INDENT = re.compile(r" {2,8}\S")
_ROW = re.compile(r"\S {3,}\S")
_STRAY = re.compile(r"&lt;/?endash&gt;")
"""STT escapes its own tag around dashes."""

_HTML_ROOTS = ("html", "body", "div", "section", "article", "p")

_NEWS = ("newsItem", "packageItem")
_OTHER = ("conceptItem", "knowledgeItem", "planningItem", "catalogItem")
_TYPES: dict[str, StoryType] = {
    "text": "text",
    "audio": "audio",
    "video": "video",
    "picture": "picture",
    "graphic": "graphic",
    "animated": "graphic",
    "composite": "composite",
}
_SIGNALS = {
    "test": Status.TEST,
    "kill": Status.WITHDRAWN,
    "withdraw": Status.WITHDRAWN,
    "withdrawn": Status.WITHDRAWN,
    "retract": Status.WITHDRAWN,
    "retraction": Status.WITHDRAWN,
    "advisory": Status.ADVISORY,
    "correction": Status.CORRECTION,
    "update": Status.UPDATE,
}
"""Local code of a signal -> status, the strongest first. In `sig:` (IPTC NewsCodes) and in schemes of providers."""

_SIGNAL_SCHEME = re.compile(r"(?:\w*sig(?:nal)?:|https?://\S*signal/)(\w+)", re.I)
_PRIVATE = re.compile(r"private|nonpublic|notepad|contacts", re.I)
"""Roles of notes that give names, mail addresses and telephone numbers of staff (STT, dpa)."""

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d.*")


class InlineContent(msgspec.Struct, frozen=True):
    """The text of an item, from one inline rendition."""

    text: str = ""
    html: str = ""
    nitf: Story = Story()
    """Everything that a NITF rendition says; empty for other renditions."""
    unread: str = ""
    """What the content is, if it was not understood."""


def matches(document: Document) -> bool:
    """Whether the root is an item or a newsMessage of G2: by its name, and by namespace, `standard` or structure."""
    root = document.xml
    if root is None:
        return False
    name = local_name(root)
    if name not in (*_NEWS, *_OTHER, "newsMessage"):
        return False
    return (
        "iptc.org/std/nar" in str(root.tag)
        or attribute(root, "standard").lower() == "newsml-g2"
        or any(child(root, mark) is not None for mark in ("itemMeta", "itemSet", "contentMeta"))
    )


def parse(document: Document) -> tuple[Story | Reject, ...]:
    """Parses each news item and package into a story, or into its `Reject`. Raises `Reject`: `empty`, `malformed`."""
    root = document.xml
    if root is None:
        raise Reject(Reason.MALFORMED, f"not well-formed XML: {document.xml_error}")
    if local_name(root) == "newsMessage":
        items = [item for holder in children(root, "itemSet") for item in holder if _is_news(item)]
        if not items:
            raise Reject(Reason.EMPTY, "the newsMessage holds no newsItem and no packageItem")
    elif local_name(root) in _NEWS:
        items = [root]
    else:
        raise Reject(Reason.EMPTY, f"a {local_name(root)} holds no news item")
    many = len(items) > 1
    places = [(item, f"{local_name(item)} {i}" if many else f"the {local_name(item)}") for i, item in enumerate(items)]
    return parse_each(_parse_item, places)


def _is_news(item: Element) -> bool:
    """Whether the item is news. A package without metadata is only a list of the other items of its message."""
    bare = child(item, "itemMeta") is None and child(item, "contentMeta") is None
    return local_name(item) == "newsItem" or (local_name(item) == "packageItem" and not bare)


def _parse_item(item: Element, where: str) -> Story:
    meta, content = child(item, "itemMeta"), child(item, "contentMeta")
    rights = children(item, "rightsInfo")
    package = local_name(item) == "packageItem"
    headline = _find_text_by_role(content, "headline", "main", no=("sub",)) or _find_title(meta)
    story_type = "composite" if package else _TYPES.get(_local_code(child(meta, "itemClass")), "text")
    body = InlineContent() if package else _read_content(child(item, "contentSet"), headline)
    note = _read_notes(meta)
    guid = attribute(item, "guid")
    summary = _find_text_by_role(content, "description", "summary")
    story = Story(
        guid=guid,
        id=guid,
        version=attribute(item, "version"),
        type=story_type,
        status=_parse_status(meta, note),
        headline=headline,
        subheadline=_find_text_by_role(content, "headline", "sub", strict=True)
        or one_line(inner_text(child(content, "subheadline"))),
        summary=summary,
        text=body.text,
        html=body.html,
        first_created=_read_time(meta, "firstCreated"),
        version_created=_read_time(meta, "versionCreated") or _read_time(content, "contentModified"),
        content_created=_read_time(content, "contentCreated"),
        embargoed_until=_parse_embargo(meta, where),
        rights_end=parse_end(inner_text(child(meta, "expires"))),
        language=attribute(child(content, "language"), "tag") or attribute(item, "lang"),
        urgency=parse_urgency(inner_text(child(content, "urgency"))),
        ed_note=note,
        slugline=_find_text(content, "slugline"),
        byline=_find_text(content, "by"),
        dateline=_find_dateline(content),
        located=next(filter(None, map(_concept_name, children(content, "located"))), ""),
        copyright_notice=_find_rights_text(rights, "copyrightNotice"),
        copyright_holder=next((name for one in rights if (name := _party_name(child(one, "copyrightHolder")))), ""),
        usage_terms=_find_rights_text(rights, "usageTerms"),
        distributor=_party_name(child(meta, "provider")),
        issuer=next(
            (_party_name(one) for one in children(content, "infoSource") if "issuer" in attribute(one, "role")),
            "",
        ),
        url=_find_url(meta),
        codes=_parse_codes(content, meta),
        organisations=_parse_organisations(item, content),
        pictures=_parse_pictures(child(item, "contentSet"), summary or headline) if not package else (),
    )
    return require_content(require_understood(nitf.fill_gaps(story, body.nitf), body.unread, where), where)


def _find_title(meta: Element | None) -> str:
    return next((one_line(inner_text(one)) for one in children(meta, "title") if not attribute(one, "role")), "")


def _find_text_by_role(
    parent: Element | None, name: str, role: str, *, no: tuple[str, ...] = (), strict: bool = False
) -> str:
    """Returns the text of the first element with this role.

    Without one and unless `strict`: the text of the first element without a role, else with a role not in `no`.
    """
    found = [
        (attribute(one, "role").rpartition(":")[2].lower(), one_line(inner_text(one))) for one in children(parent, name)
    ]
    found = [(key, value) for key, value in found if value]
    for wanted in (role, ""):
        exact = [value for key, value in found if (key.startswith(wanted) if wanted else not key)]
        if exact or strict:
            return next(iter(exact), "")
    return next((value for key, value in found if not key.startswith(no or ("\0",))), "")


def _find_text(parent: Element | None, name: str) -> str:
    return next(filter(None, (one_line(inner_text(found)) for found in children(parent, name))), "")


def _find_rights_text(rights: list[Element], name: str) -> str:
    return next((value for one in rights if (value := _find_text(one, name))), "")


def _read_time(parent: Element | None, name: str) -> datetime | None:
    return parse_time(inner_text(child(parent, name)))


def _parse_embargo(meta: Element | None, where: str) -> datetime | None:
    element = child(meta, "embargoed")
    until = parse_embargo(inner_text(element), f"{where}: embargoed")
    withheld = _local_code(child(meta, "pubStatus")).lower() == "withheld"
    if until is None and (withheld or element is not None):
        return UNTIL_FURTHER_NOTICE  # an empty `embargoed` has no known end
    return until


def _read_notes(meta: Element | None) -> str:
    notes = [
        clean(inner_text(one))
        for one in children(meta, "edNote")
        if _PRIVATE.search(attribute(one, "role") + " " + attribute(one, "pubconstraint")) is None
    ]
    return "\n".join(dict.fromkeys(filter(None, notes)))


def _parse_status(meta: Element | None, note: str) -> Status:
    signals = [attribute(one, "qcode") or attribute(one, "uri") for one in children(meta, "signal")]
    said = {found[1].lower() for signal in signals if (found := _SIGNAL_SCHEME.fullmatch(signal))}
    if "test" in said:
        return Status.TEST
    if _local_code(child(meta, "pubStatus")).lower() in ("canceled", "cancelled"):
        return Status.WITHDRAWN
    return next((status for name, status in _SIGNALS.items() if name in said), parse_note_status(note))


def _find_dateline(content: Element | None) -> str:
    dateline = _find_text(content, "dateline")
    return "" if _TIMESTAMP.fullmatch(dateline) else dateline  # Reuters writes the time there


def _find_url(meta: Element | None) -> str:
    for link in children(meta, "link"):
        rel = attribute(link, "rel").rpartition(":")[2].lower()
        if rel in ("canonical", "permalink") and is_link(attribute(link, "href")):
            return attribute(link, "href")
    return ""


def _read_content(contents: Element | None, headline: str) -> InlineContent:
    """Reads the longest inline content: the others are renditions of the same text."""
    found = [_read_inline_xml(element, headline) for element in children(contents, "inlineXML")]
    found += [_read_inline_data(element, headline) for element in children(contents, "inlineData")]
    return max(found, key=lambda one: (len(one.text), bool(one.unread)), default=InlineContent())


def _read_inline_xml(element: Element, headline: str) -> InlineContent:
    roots = [one for one in element if local_name(one)]
    if roots and local_name(roots[0]) == "nitf":
        story = nitf.parse_element(roots[0], "the nitf", headline)
        return InlineContent(story.text, story.html, story)
    if roots and local_name(roots[0]) in _HTML_ROOTS:
        inside = child(roots[0], "body") if local_name(roots[0]) == "html" else element
        inside = roots[0] if inside is None else inside
        copy = _format_wire_copy(inside)
        html = _STRAY.sub("", to_html(inside, headline) if copy is None else copy)
        text = strip_headline(html_to_text(html), headline)
        return InlineContent(text=text or read_markup(inside, headline).text, html=html)
    body = read_element(element, headline)
    return InlineContent(unread=describe(element)) if body is None else InlineContent(body.text, body.html)


def _format_wire_copy(inside: Element) -> str | None:
    """Formats old wire copy that stands in one `p` as HTML: indented paragraphs, table rows with runs of blanks.

    Returns None for anything else. If all lines of the `p` are indented, the XML was only printed that way.
    """
    blocks = list(islice((one for one in inside if local_name(one) and inner_text(one)), 2))
    if len(blocks) != 1 or local_name(blocks[0]) not in ("p", "pre") or any(map(local_name, blocks[0])):
        return None
    lines = raw_text(blocks[0]).strip("\n").splitlines()
    indented = [bool(_INDENT.match(line)) for line in lines[1:] if line.strip()]
    rows = [_ROW.search(line) is not None for line in lines]
    if not (sum(indented) > 1 and not all(indented)) and sum(rows) < 3:
        return None
    out = ""
    for index, line in enumerate(lines):
        fresh = index == 0 or not lines[index - 1].strip() or (_INDENT.match(line) and not rows[index])
        broken = rows[index] or (index > 0 and rows[index - 1])
        if line.strip():
            out += ("\0" if fresh else "<br>" if broken else " ") + escape(line.strip(), quote=False)
    return "".join(f"<p>{paragraph}</p>\n" for paragraph in out.split("\0") if paragraph).rstrip()


def _read_inline_data(element: Element, headline: str) -> InlineContent:
    kind = attribute(element, "contenttype").lower()
    if encoding := attribute(element, "encoding"):
        body = read_encoded(raw_text(element), encoding, kind, headline)
        return InlineContent(unread="encoded data") if body is None else InlineContent(body.text, body.html)
    if kind and not kind.startswith("text/"):
        return InlineContent(unread=f"data of type {kind[:60]}")
    plain, html = read_body(raw_text(element), "", headline)
    return InlineContent(text=plain, html=html)


def _parse_pictures(contents: Element | None, caption: str) -> tuple[Picture, ...]:
    """Returns the largest picture that the contentSet links: the others are renditions of the same picture."""
    linked = [
        element
        for element in children(contents, "remoteContent")
        if attribute(element, "contenttype").lower().startswith("image/") and is_link(attribute(element, "href"))
    ]
    if not linked:
        return ()
    best = max(linked, key=_read_width)
    return (
        Picture(href=attribute(best, "href"), caption=caption, content_type=attribute(best, "contenttype").lower()),
    )


def _read_width(element: Element) -> int:
    width = attribute(element, "width")
    return int(width) if width.isascii() and width.isdigit() and len(width) < 9 else 0


def _parse_codes(content: Element | None, item_meta: Element | None) -> tuple[Code, ...]:
    """Parses subjects, genres, services and keywords into codes."""
    found: list[Code | None] = []
    for holder in (content, item_meta):
        for element in holder if holder is not None else ():
            name = local_name(element)
            if name in _CODED:
                found.append(_parse_concept_code(element, _CODED[name]))
            elif name == "keyword" and inner_text(element):
                found.append(Code("keyword", one_line(inner_text(element))))
    return unique_codes(found)


def _parse_concept_code(element: Element, scheme: str) -> Code | None:
    value = attribute(element, "qcode") or attribute(element, "uri")
    if value:
        return parse_code(value, "", _concept_name(element))
    if _is_organisation(element):
        return None
    name = _concept_name(element)
    return parse_code(name, scheme or "keyword", name)


def _parse_organisations(item: Element, content: Element | None) -> tuple[Organisation, ...]:
    """Parses organisations among the subjects, with the instruments of the subject or of an `assert` about it.

    Instruments are `hasInstrument` of the standard and GlobeNewswire's `related` with `MWFinRel:Instrument`. Keywords
    with the role Ticker follow.
    """
    found: list[Organisation] = []
    subjects = [element for element in children(content, "subject") if _is_organisation(element)]
    asserts: dict[str, list[Element]] = {}
    for other in children(item, "assert"):
        for key in _concept_keys(other):
            asserts.setdefault(key, []).append(other)
    for element in subjects:
        about = [element, *(other for key in _concept_keys(element) for other in asserts.pop(key, ()))]
        name = _concept_name(element) or next(filter(None, map(_concept_name, about)), "")
        rel: Literal["about", "mentions"] = "mentions" if attribute(element, "rel").endswith("mentions") else "about"
        listings, isins = _parse_instruments(about)
        pairs = list(zip_longest(listings, isins)) or ([(None, None)] if name else [])
        for listing, isin in pairs:
            symbol, exchange = listing or ("", "")
            found.append(Organisation(name=name, symbol=symbol, exchange=exchange, isin=isin or "", rel=rel))
    owner = next(iter(found)).name if len(subjects) == 1 and found else ""
    known = {entry.symbol for entry in found}
    for exchange, symbol in _parse_ticker_keywords(content):
        if symbol not in known:
            found.append(Organisation(name=owner, symbol=symbol, exchange=exchange))
    return tuple(dict.fromkeys(found))


def _concept_keys(concept: Element) -> list[str]:
    keys = (attribute(concept, name) for name in ("qcode", "uri", "literal"))
    return list(dict.fromkeys(filter(None, keys)))


def _is_organisation(element: Element) -> bool:
    kind = attribute(element, "type") or attribute(element, "typeuri")
    return _ORGANISATION.fullmatch(kind) is not None


def _parse_instruments(concepts: list[Element]) -> tuple[list[tuple[str, str]], list[str]]:
    listings: list[tuple[str, str]] = []
    isins: list[str] = []
    for concept in concepts:
        for element in concept.iterdescendants():
            symbol, exchange = _parse_instrument(element)
            symbol = one_line(symbol).removeprefix("ISIN:")
            if has_isin_form(symbol) and (not exchange):
                isins.append(symbol)
            elif symbol:
                listings.append((symbol, one_line(exchange)))
    return list(dict.fromkeys(listings)), list(dict.fromkeys(isins))


def _parse_instrument(element: Element) -> tuple[str, str]:
    """Returns symbol and exchange of an instrument; both empty for any other element."""
    if local_name(element) == "hasInstrument":
        market = attribute(element, "market").rpartition(":")[2] or attribute(element, "marketlabel")
        return attribute(element, "symbol"), market
    if local_name(element) == "related" and attribute(element, "rel") == "MWFinRel:Instrument":
        market = attribute(child(element, "related"), "qcode").removeprefix("MWMarket:")
        return attribute(element, "qcode") or attribute(element, "literal"), market
    return "", ""


def _parse_ticker_keywords(content: Element | None) -> list[tuple[str, str]]:
    words = [
        inner_text(element) for element in children(content, "keyword") if attribute(element, "role").endswith("Ticker")
    ]
    return [(found[1].strip(), found[2].strip()) for word in words if (found := _TICKER.fullmatch(word))]


def _concept_name(element: Element | None) -> str:
    """Returns the name of a concept: its `name` child, else its literal."""
    return one_line(inner_text(child(element, "name"))) or one_line(attribute(element, "literal"))


def _local_code(element: Element | None) -> str:
    """Returns the code of a `qcode` or `uri` without its scheme: `usable` for `stat:usable`."""
    value = attribute(element, "qcode") or attribute(element, "uri")
    return re.split(r"[:/#]", value.rstrip("/#:"))[-1]


def _party_name(element: Element | None) -> str:
    """Returns the name of a provider, copyright holder or source; the code if its scheme is `nprov` and it has none."""
    name = _concept_name(element)
    if not name and attribute(element, "qcode").startswith("nprov:"):
        return _local_code(element)
    return name
