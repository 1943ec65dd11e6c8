"""Reads what RSS and Atom share: feeds that may be ill-formed, elements by qualified name, text that may be HTML."""

import base64
import binascii
import html as entities
import re
from urllib.parse import urljoin

import msgspec
from lxml import etree

from streams.model.errors import Reason, Reject
from streams.model.records import Code, Picture, Status, Story
from streams.prepare.formats._xml import Element, attribute, to_html
from streams.prepare.formats.document import Document
from streams.prepare.text.plain import clean, html_to_text, one_line

_PREFIXES = {
    "http://purl.org/dc/elements/1.0/": "dc",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://dublincore.org/documents/dcmi-namespace/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://purl.org/atompub/tombstones/1.0": "at",
    "http://www.w3.org/2005/atom": "atom",
    "http://purl.org/atom/ns#": "atom",
}
"""Namespace -> the prefix that its specification uses. An unknown namespace keeps the prefix of the document."""
_CORE = re.compile(
    r"https?://(?:purl\.org/(?:net/)?rss|my\.netscape\.com/rdf|backend\.userland\.com|channel\.netscape)"
)
_PREAMBLE = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^<>\[]*(?:\[[^\]]*\]\s*)?>|\ufeff", re.S | re.I)
_ROOT = re.compile(r"<([A-Za-z_][\w:.-]*)")
_REFERENCE = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)(?:(#X[0-9a-fA-F]{1,6}|[a-zA-Z]\w{1,31});)?"
)
_BARE_LESS = re.compile(r"<(?![^\W\d]|[/!?:])")
_HARMLESS = (
    "ERR_ATTRIBUTE_REDEFINED",
    "ERR_ATTRIBUTE_WITHOUT_VALUE",
    "ERR_DOCUMENT_END",  # junk after the root
    "ERR_HYPHEN_IN_COMMENT",
    "ERR_INVALID_CHAR",
    "ERR_LT_IN_ATTRIBUTE",
    "ERR_RESERVED_XML_NAME",  # an XML declaration inside
    "ERR_SPACE_REQUIRED",
)
"""Errors from which libxml2 recovers without changing any text. All namespace errors are harmless too."""
_WINDOWS = {n: bytes([n]).decode("cp1252", "ignore") for n in range(0x80, 0xA0)}
"""Numeric references that mean Windows-1252 (`&#146;`), as HTML reads them."""
_NO_XML_CHARACTER = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_MARKUP = re.compile(r"</?[a-zA-Z][\w:-]*(?:\s[^<>]*)?/?>|&(?:#\d+|#x[0-9a-f]+|[a-z]\w+);", re.I)
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_IMAGE = re.compile(r"\.(?:jpe?g|png|gif|webp|tiff?)(?:\?|$)", re.I)


class FeedBody(msgspec.Struct, frozen=True):
    """The content of a feed element: plain text and, if it was sent as HTML, that HTML."""

    text: str = ""
    html: str = ""


def find_root_name(document: Document) -> str:
    """Finds the local name of the outermost element, in lower case, without parsing; empty if there is none."""
    if document.first not in ("<", "\ufeff"):
        return ""
    text = document.text
    at = _find_root(text)
    root = _ROOT.match(text, at)
    return root[1].rpartition(":")[2].lower() if root else ""


def _find_root(text: str) -> int:
    """Finds where the outermost element begins: after XML declaration, comments and DOCTYPE."""
    at, preamble = 0, text[:20_000]
    while found := _PREAMBLE.match(preamble, at):
        at = found.end()
    return at


def open_feed(document: Document) -> Element:
    """Parses a feed and returns its root. An ill-formed feed is parsed a second time, with recovery.

    Raises `Reject` `malformed` if recovery would have to guess at the text: the document is cut short, or its tags
    are nested wrongly.
    """
    root = document.xml
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        text = document.text
        if "<!ENTITY" in text[:20_000]:
            raise Reject(Reason.MALFORMED, "the XML declares entities of its own; entities are not read")
        text = _BARE_LESS.sub("&lt;", _REFERENCE.sub(_resolve_reference, text[_find_root(text) :]))
        root = _parse_recovering(_NO_XML_CHARACTER.sub("", text).strip())
    return root


def _parse_recovering(text: str) -> Element:
    parser = etree.XMLParser(
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_pis=True,
    )
    why = "it has no root"
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        root, why = None, str(error)
    errors = (error for error in parser.error_log if error.domain_name != "NAMESPACE")
    harm = next((error for error in errors if error.type_name not in _HARMLESS), None)
    if root is None or harm is not None:
        raise Reject(Reason.MALFORMED, f"the feed is not well-formed XML: {harm.message if harm else why}")
    return root


def _resolve_reference(found: re.Match[str]) -> str:
    named = entities.unescape(found[0]) if found[1] else ""
    return entities.escape(named) if named and named != found[0] else "&amp;" + found[0][1:]


def qualified_name(element: Element) -> str:
    """Returns the name of an element with its usual prefix, in lower case: `title`, `dc:creator`, `content:encoded`.

    RSS and Atom names have no prefix. The name of a comment is empty.
    """
    tag = element.tag
    space, _, name = tag.rpartition("}") if isinstance(tag, str) else ("", "", "")
    space = space[1:]
    if not space and ":" in name:  # a prefix that was never declared
        prefix, _, name = name.rpartition(":")
    else:
        prefix = _PREFIXES.get(space.lower(), "" if not space or _CORE.match(space) else element.prefix or "")
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


def parse_content(element: Element) -> FeedBody:
    """Parses the content of a text element: plain text, HTML (escaped, in CDATA or inline), or base64 (Atom 0.3)."""
    declared = attribute(element, "type").lower()
    mode = attribute(element, "mode").lower()
    if any(isinstance(child.tag, str) for child in element):
        inline = to_html(element)
        return FeedBody(html_to_text(inline), inline)
    text = "".join(str(piece) for piece in element.itertext()).translate(_WINDOWS)
    if mode == "base64" or (mode == "" and declared == "application/octet-stream"):
        text = _decode_base64(text)
    plain = declared in ("text", "text/plain") and mode != "escaped"
    if plain or not _MARKUP.search(text):
        return FeedBody(clean(text))
    return FeedBody(html_to_text(text), text.strip())


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


def _enclosure_links(media: dict[str, list[Element]]) -> list[Element]:
    return [element for element in media.get("link", []) if attribute(element, "rel") == "enclosure"]


def require_stories(stories: tuple[Story, ...], what: str) -> tuple[Story, ...]:
    """Returns the stories unchanged.

    A blank story among others is kept: a later step of prepare refuses it alone.

    Raises `Reject`: `empty` without stories, `missing-field` if the only one is blank.
    """
    if not stories:
        raise Reject(Reason.EMPTY, f"the feed has no {what}")
    only = stories[0]
    if len(stories) == 1 and not (only.headline or only.text or only.status is Status.WITHDRAWN):
        raise Reject(Reason.MISSING_FIELD, f"the {what} has neither a title nor a text")
    return stories
