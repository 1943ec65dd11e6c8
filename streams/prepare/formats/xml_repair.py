"""Repairs XML that is not well-formed, for all XML formats, as far as no text has to be guessed.

Repaired are: words of a program before the document, `&` and `<` that were not escaped, HTML's named characters,
references to forbidden characters, prefixes that were not declared, and small errors from which libxml2 recovers
without changing any text. Tags that are not closed, documents that break off, and documents behind which more than
comments stands (a second document, a text) are not repaired: nothing may be lost without a word.
"""

import html as entities
import re

from lxml import etree

Element = etree._Element

PREFIXES = {
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
"""Namespace -> the prefix that its specification uses."""
_PREAMBLE = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^<>\[]*(?:\[[^\]]*\]\s*)?>|\ufeff", re.S | re.I)
_ROOT = re.compile(r"<([A-Za-z_][\w:.-]*)")
_REFERENCE = re.compile(r"&(?:#(\d{1,7}|[xX][0-9a-fA-F]{1,6});|([a-zA-Z]\w{1,31});)?")
_BARE_LESS = re.compile(r"<(?![^\W\d]|[/!?:])")
_HARMLESS = (
    "ERR_ATTRIBUTE_REDEFINED",
    "ERR_ATTRIBUTE_WITHOUT_VALUE",
    "ERR_HYPHEN_IN_COMMENT",
    "ERR_INVALID_CHAR",
    "ERR_LT_IN_ATTRIBUTE",
    "ERR_RESERVED_XML_NAME",  # an XML declaration inside
    "ERR_SPACE_REQUIRED",
)
"""Errors from which libxml2 recovers without changing any text. All namespace errors are harmless too."""
_NO_XML_CHARACTER = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_UNDECLARED = re.compile(r"Namespace prefix ([A-Za-z_][\w.-]*) (?:on|for) ")
_BEGIN = re.compile(
    r"<\?xml\s|<(?:\w{1,20}:)?(?P<name>rss|feed|rdf|channel|newsml|nitf|newsitem|newsmessage|packageitem)[\s/>]", re.I
)
_NO_TEXT = re.compile(r"<!--.*?-->|<\?.*?\?>|</[^<>]*(?:>|\Z)|[\s\ufeff]+", re.S)
"""Comments, instructions of a program and end tags: behind the end of a document they say nothing."""
_MAX_NOTICE = 4_000
"""Maximum characters of what a program wrote before a document."""
_NO_NOTICE = re.compile(
    r"\A\s*(?:<!doctype|<html\b|[{\[])|^(?:from|to|subject|mime-version|content-type|message-id|received):", re.I | re.M
)


def find_root(text: str) -> int:
    """Finds where the outermost element begins: after XML declaration, comments and DOCTYPE."""
    at, preamble = 0, text[:20_000]
    while found := _PREAMBLE.match(preamble, at):
        at = found.end()
    return at


def find_root_name(text: str) -> str:
    """Finds the local name of the outermost element, in lower case, without parsing; empty if there is none."""
    root = _ROOT.match(text, find_root(text))
    return root[1].rpartition(":")[2].lower() if root else ""


def drop_notice(text: str) -> str:
    """Drops the warning of a program (`PHP Notice: …`) that stands before an XML document of news."""
    beginning = text[:_MAX_NOTICE]
    found = _BEGIN.search(beginning)
    if found is None or not beginning[: found.start()].strip() or _NO_NOTICE.search(beginning[: found.start()]):
        return text
    rest = text[found.start() :]
    root = _ROOT.match(rest, find_root(rest))
    known = root is not None and _BEGIN.match(f"<{root[1]}>") is not None
    return rest if known and root is not None and f"</{root[1]}" in rest[-2_000:] else text


def repair(text: str) -> Element:
    """Parses an ill-formed document. Raises `ValueError` with the parser's words if it cannot be repaired."""
    if "<!ENTITY" in text[:20_000]:
        raise ValueError("it declares entities of its own; entities are not read")
    text = _escape_outside_cdata(_NO_XML_CHARACTER.sub("", text[find_root(text) :])).strip()
    root, prefixes = _parse(text)
    if prefixes and (found := _ROOT.match(text)):
        spaces = {prefix: space for space, prefix in reversed(PREFIXES.items())}
        declared = "".join(f' xmlns:{prefix}="{spaces.get(prefix, f"urn:undeclared:{prefix}")}"' for prefix in prefixes)
        root, _ = _parse(f"{text[: found.end()]}{declared}{text[found.end() :]}")
    return root


def _parse(text: str) -> tuple[Element, list[str]]:
    """Returns the root, and the prefixes that are not declared."""
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
        # libxml2 drops what stands behind a root, often without an error. Inside another element it reads it.
        root = _take_only_element(etree.fromstring(f"<all>{text}</all>".encode(), parser))
    except (etree.XMLSyntaxError, ValueError) as error:
        root, why = None, str(error)
    spaces = [entry.message for entry in parser.error_log if entry.domain_name == "NAMESPACE"]
    errors = (entry for entry in parser.error_log if entry.domain_name != "NAMESPACE")
    harm = next((entry for entry in errors if entry.type_name not in _HARMLESS), None)
    if root is None or harm is not None:
        raise ValueError(harm.message if harm else why)
    return root, list(dict.fromkeys(found[1] for message in spaces if (found := _UNDECLARED.match(message))))


def _take_only_element(outer: Element | None) -> Element | None:
    """Takes the one element out of `outer`. Raises `ValueError` if more than comments stands behind it."""
    if outer is None:
        return None
    inner = list(outer.iterchildren(etree.Element))
    if len(inner) > 1 or any((node.tail or "").strip() for node in outer):
        raise ValueError("another document or a text stands behind its end")
    if not inner:
        return None
    inner[0].tail = None
    outer.remove(inner[0])
    return inner[0]


def says_nothing(text: str) -> bool:
    """Whether a piece of markup has neither text nor start tags."""
    at = 0
    while found := _NO_TEXT.match(text, at):
        at = found.end()
    return at == len(text)


def _escape_outside_cdata(text: str) -> str:
    """Escapes `&` and `<` that are no markup.

    References become numeric ones: after its first error libxml2 drops `&amp;` and `&lt;`.
    """
    pieces: list[str] = []
    at = 0
    while (begin := text.find("<![CDATA[", at)) >= 0 and (end := text.find("]]>", begin)) >= 0:
        pieces += [_escape(text[at:begin]), text[begin : end + 3]]
        at = end + 3
    pieces.append(_escape(text[at:]))
    return "".join(pieces)


def _escape(text: str) -> str:
    return _BARE_LESS.sub("&#60;", _REFERENCE.sub(_resolve_reference, text))


def _resolve_reference(found: re.Match[str]) -> str:
    if number := found[1]:
        code = int(number[1:], 16) if number[0] in "xX" else int(number)
        allowed = code < 0x110000 and not _NO_XML_CHARACTER.match(chr(code))
        return f"&#{code};" if allowed else ""
    named = entities.unescape(found[0]) if found[2] else ""
    if named and named != found[0]:
        return "".join(f"&#{ord(character)};" for character in named)
    return "&#38;" + found[0][1:]
