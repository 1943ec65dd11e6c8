"""A raw record opened once: its text, JSON or XML, decoded lazily and at most once, for every format to look at.

How large and how deep an item may be: the settings `prepare.item_mb`, `item_tags` and `item_depth`.
"""

import codecs
import re
from functools import cached_property
from html.entities import html5

import msgspec
import orjson
from lxml import etree

from streams.model.errors import Reason, Reject
from streams.model.records import Raw
from streams.model.topics import MAX_RAW_BYTES

MAX_DEPTH = 256
"""Where the reader of XML and HTML (libxml2) gives up by itself."""


class Limits(msgspec.Struct, frozen=True):
    """An item that is over one of them is refused before it costs time: `too-large`, `too-deep`."""

    size: int = MAX_RAW_BYTES
    """Bytes of a raw record."""
    tags: int = 40_000
    """Tags of its markup, closing and escaped ones too; the largest of 200 real pages and feeds has 8,093."""
    depth: int = MAX_DEPTH
    """Elements, or objects and arrays of JSON, inside each other."""


DEFAULT_LIMITS = Limits()
"""Where no setting says otherwise."""


_PROLOG = 20_000
"""Bytes in which a DOCTYPE begins, comments before it included."""
_SHORT_JSON = 50_000
"""Characters of a JSON text for which orjson's room runs out by a hundred open brackets alone (it says `memory`)."""
_MAX_DECLARED = 1000
"""Entities of a document's own; the DTD of a standard lists its characters in a file."""
_AGENCIES = re.compile(
    r"<(?:!DOCTYPE\s+(?!html\b)|(?:[\w.-]+:)?(?:NewsML|nitf|newsItem|newsMessage|packageItem)[\s>])", re.I
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NO_CHARSETS = ("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7")
"""Codecs of Python that no wire means; some take time by the square, some make text that is no Unicode."""
_DECLARED = re.compile(r"\s*<\?xml\s[^>]*\bencoding\s*=")
_REFERENCE = re.compile(rb"&#(?:[xX]0*([0-9a-fA-F]{1,6})|0*([0-9]{1,7}));")
_NAMED = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,31});")
_OF_XML = ("amp", "lt", "gt", "quot", "apos")
_CHARACTERS = {
    name[:-1].encode(): "".join(f"&#{ord(character)};" for character in characters).encode()
    for name, characters in html5.items()
    if name.endswith(";") and name[:-1] not in _OF_XML
}
"""The characters that HTML names, as XML writes any character."""
_INSIDE = re.compile(rb"<(?:meta|\?xml)\s[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?([\w.:-]{2,40})", re.I)
_SUPERSETS = {
    "iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252", "shift_jis": "cp932",
    "gb2312": "gb18030", "gbk": "gb18030", "euc-kr": "cp949", "ks_c_5601-1987": "cp949",
}  # fmt: skip
"""What pages that declare the key are in (WHATWG Encoding, section 4.2)."""
_CHARSET = re.compile(r"charset=[\"']?([\w.:-]+)", re.I)


class Document:
    """What a format's `matches` and `parse` receive. Raises `Reject` where the bytes cannot be opened as asked."""

    def __init__(self, raw: Raw, depth: int = MAX_DEPTH) -> None:
        self.raw = raw
        self._depth = depth

    @cached_property
    def media_type(self) -> str:
        """The content type without parameters, lower case; empty where none was given. A hint, often wrong."""
        return self.raw.content_type.partition(";")[0].strip().lower()

    @cached_property
    def text(self) -> str:
        """The body as text: by byte order mark, declared charset, UTF-8, UTF-16 by its zeros, then Windows-1252.

        The charset that a page or XML names in itself counts before Windows-1252.
        """
        body = self.raw.body
        for bom, name in _BOMS:
            if body.startswith(bom):
                return _decode(body[len(bom) :], name)
        declared = _CHARSET.search(self.raw.content_type)
        if declared and _is_known_charset(declared[1]):
            # A wrong charset is as common as none; UTF-16 takes any even number of bytes for text.
            doubted = ["utf-8"] if _is_wide(declared[1]) and 0 not in body[:512] else []
            for name in (*doubted, declared[1]):
                try:
                    return body.decode(name)
                except UnicodeError:
                    continue
        zeros = body[:512].count(0)
        if zeros > len(body[:512]) // 4:
            return _decode(body, "utf-16-be" if body[:1] == b"\0" else "utf-16-le")
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            return _decode_legacy(body)

    @cached_property
    def first(self) -> str:
        """The first character that is no white space: `{`, `<`, or of a plain text."""
        return self.text.lstrip()[:1]

    @cached_property
    def json(self) -> object:
        """The decoded JSON value, or None where the body is not JSON."""
        if self.first not in ("{", "["):
            return None
        try:
            value = orjson.loads(self.text)
        except orjson.JSONDecodeError as error:
            if "memory" in error.msg and len(self.text) > _SHORT_JSON:
                raise MemoryError(error.msg) from None  # the limit of the child, no fault of the item
            deep = "recursion" in str(error).lower() or "depth" in str(error).lower()
            reason = Reason.TOO_DEEP if deep else Reason.MALFORMED
            why = "brackets are not closed" if "memory" in error.msg else error.msg
            self.json_error = Reject(reason, f"JSON at character {error.pos}: {why}")
            return None
        if _nests_deeper(value, self._depth):
            raise Reject(Reason.TOO_DEEP, f"JSON: more than {self._depth} objects and arrays inside each other")
        return value

    json_error: Reject | None = None
    """Why `json` is None although the body begins like JSON; a release may begin with a bracket too."""

    @cached_property
    def xml(self) -> etree._Element | None:
        """The root element, or None where the body is not well-formed XML. No DTD, no network.

        XML that declares no encoding is in that of the content type, or what fits (RFC 7303, section 3). A DOCTYPE is
        read past: nothing that it names is loaded. The characters of HTML that it brings (`&eacute;`, as the DTD of
        NITF does) are read; a reference to any other entity is refused, whether declared or not.
        """
        if self.first != "<":
            return None
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_pis=True,
            recover=False,
        )
        declared = _DECLARED.match(self.text) is not None
        body = (self.raw.body if declared else self.text.encode()).lstrip(b" \t\r\n")
        if _refers_to_surrogate(body):
            raise Reject(Reason.MALFORMED, "the XML refers to a surrogate (U+D800 to U+DFFF), which is no character")
        if b"<!DOCTYPE" in body[:_PROLOG]:
            if body.count(b"<!ENTITY") > _MAX_DECLARED:
                raise Reject(Reason.MALFORMED, f"the XML declares more than {_MAX_DECLARED} entities")
            body = _replace_named_characters(body)
        try:
            root = etree.fromstring(body, parser)
        except (etree.XMLSyntaxError, ValueError, LookupError) as error:
            self.xml_error = str(error)
            if "Excessive depth" in self.xml_error and self.is_xml:
                raise Reject(Reason.TOO_DEEP, f"XML: {self.xml_error}") from error
            return None
        self.check_depth(root)
        declares = root.getroottree().docinfo.internalDTD is not None
        entity = next(root.iter(etree.Entity), None) if declares else None
        if entity is not None:
            raise Reject(Reason.MALFORMED, f"the XML refers to {entity.text}; entities of its own are not read")
        return root

    def check_depth(self, root: etree._Element) -> None:
        """Raises `Reject` where the elements nest deeper than is allowed (libxml2 itself ends at `MAX_DEPTH`)."""
        if self._depth < MAX_DEPTH and root.xpath(f"boolean({'/*' * (self._depth + 1)})"):
            raise Reject(Reason.TOO_DEEP, f"more than {self._depth} elements inside each other")

    @cached_property
    def is_xml(self) -> bool:
        """Whether it says that it is XML, well-formed or not: by its declaration, or as a format of agencies."""
        beginning = self.text[:_PROLOG].lstrip()
        return beginning[:5].lower() == "<?xml" or (beginning[:1] == "<" and bool(_AGENCIES.search(beginning)))

    xml_error: str = ""
    """Why `xml` is None although the body begins with `<`."""


def _nests_deeper(value: object, most: int) -> bool:
    level = [value]
    for _ in range(most):
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _refers_to_surrogate(body: bytes) -> bool:
    """XML 1.0 forbids it; libxml2 lets it into namespace names and cannot give them back."""
    return b"&#" in body and any(
        0xD800 <= (int(found[1], 16) if found[1] else int(found[2])) <= 0xDFFF for found in _REFERENCE.finditer(body)
    )


def _replace_named_characters(body: bytes) -> bytes:
    """The characters that HTML names, as numbers; the five of XML and all other names stay."""
    pieces = _NAMED.split(body)
    pieces[1::2] = [_CHARACTERS.get(name) or b"&%b;" % name for name in pieces[1::2]]
    return b"".join(pieces)


def _decode(body: bytes, name: str) -> str:
    try:
        return body.decode(name)
    except UnicodeDecodeError as error:
        raise Reject(Reason.ENCODING, f"not {name} at byte {error.start}; declare the charset") from error


def _decode_legacy(body: bytes) -> str:
    """By what an HTML page or XML declares inside, else Windows-1252."""
    declared = _INSIDE.search(body[:4096]) if body.lstrip()[:1] == b"<" else None
    name = declared[1].decode().lower() if declared else ""
    name = _SUPERSETS.get(name, name)
    if _is_known_charset(name) and not _is_wide(name):
        try:
            return body.decode(name)
        except UnicodeError:
            # A page that breaks off in a character, or has one bad byte, is still in its charset.
            return body.decode(name, "replace")
    return _decode(body, "cp1252")


def _is_wide(charset: str) -> bool:
    """Two or four bytes a character: Western text in it is full of zeros."""
    return codecs.lookup(charset).name.startswith(("utf-16", "utf-32"))


def _is_known_charset(charset: str) -> bool:
    try:
        found = codecs.lookup(charset)
    except LookupError:
        return False
    return found._is_text_encoding and found.name not in _NO_CHARSETS
