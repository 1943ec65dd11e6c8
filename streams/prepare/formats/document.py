"""Opens a raw record once: every format looks at the same text, JSON or XML, decoded on first use.

`Limits` says how large and how deep an item may be (settings `prepare.item_mb`, `item_tags`, `item_depth`).

The table of charsets is our own. The package `webencodings` (WHATWG labels) was tried and gives other results: it does
not know `cp437`, `cp850`, `mac-roman` and `latin-1`, reads GBK without the characters of GB 18030, and replaces
whole texts in HZ and ISO-2022-KR. Wires of the last decades still write these.
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
from streams.prepare.formats.xml_repair import drop_notice, repair

MAX_DEPTH = 256
"""Depth at which libxml2, the parser of XML and HTML, stops by itself."""


class Limits(msgspec.Struct, frozen=True):
    """Limits of one item. An item over a limit is refused as `too-large` or `too-deep` before it costs time."""

    size: int = MAX_RAW_BYTES
    """Maximum bytes of a raw record."""
    tags: int = 40_000
    """Maximum tags, closing and escaped tags included. The largest of 200 real pages and feeds has 8,093."""
    depth: int = MAX_DEPTH
    """Maximum nesting of elements, or of JSON objects and arrays."""


DEFAULT_LIMITS = Limits()
"""The limits without settings."""

_PROLOG = 20_000
"""Bytes at the beginning in which a DOCTYPE is looked for; comments may stand before it."""
_SHORT_JSON = 50_000
"""Length in characters up to which orjson's error `memory` means unclosed brackets, not missing memory."""
_MAX_DECLARED = 1000
"""Maximum entities that a document declares itself."""
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
"""Python codecs that no wire means. Some take quadratic time; some produce text that is not valid Unicode."""
_DECLARED = re.compile(r"\A\s*<\?xml\s[^>]*\?>")
_REFERENCE = re.compile(rb"&#(?:[xX]0*([0-9a-fA-F]{1,6})|0*([0-9]{1,7}));")
_NAMED = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,31});")
_OF_XML = ("amp", "lt", "gt", "quot", "apos")
_CHARACTERS = {
    name[:-1].encode(): "".join(f"&#{ord(character)};" for character in characters).encode()
    for name, characters in html5.items()
    if name.endswith(";") and name[:-1] not in _OF_XML
}
"""Name of an HTML character entity -> numeric references, which XML knows."""
_INSIDE = re.compile(rb"<(?:meta|\?xml)\s[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?([\w.:-]{2,40})", re.I)
_SUPERSETS = {
    "iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252", "shift_jis": "cp932",
    "gb2312": "gb18030", "gbk": "gb18030", "euc-kr": "cp949", "ks_c_5601-1987": "cp949",
}  # fmt: skip
"""Declared charset -> the superset that such pages really use (WHATWG Encoding, section 4.2)."""
_ESCAPING = ("iso-2022", "iso2022", "hz", "csiso2022")
"""Beginnings of names of charsets that write all characters in ASCII bytes."""
_CHARSET = re.compile(r"charset=[\"']?([\w.:-]+)", re.I)


class Document:
    """One raw record, as `matches` and `parse` of a format receive it.

    Each property decodes on first use. It raises `Reject` if the bytes cannot be decoded as asked.
    """

    def __init__(self, raw: Raw, depth: int = MAX_DEPTH) -> None:
        self.raw = raw
        self._depth = depth

    @cached_property
    def media_type(self) -> str:
        """The content type in lower case without parameters; empty if none was sent. It is a hint and often wrong."""
        return self.raw.content_type.partition(";")[0].strip().lower()

    @cached_property
    def text(self) -> str:
        """The body as text, without the warning of a program before an XML document.

        Tried in this order: byte order mark, UTF-16 (many zero bytes), UTF-8, the charset of the content type, the
        charset that a page or XML declares inside, Windows-1252. UTF-8 comes first, because text in another charset is
        almost never valid UTF-8. A charset whose bytes are all ASCII (ISO-2022-JP) is believed where it is declared.
        """
        return drop_notice(self._decode())

    def _decode(self) -> str:
        body = self.raw.body
        for bom, name in _BOMS:
            if body.startswith(bom):
                return _decode(body[len(bom) :], name)
        declared = _CHARSET.search(self.raw.content_type)
        name = declared[1].lower() if declared else ""
        zeros = body[:512].count(0)
        wide = is_known_charset(name) and _is_wide(name)
        if zeros > len(body[:512]) // 4 and not wide:
            return _decode(body, "utf-16-be" if body[:1] == b"\0" else "utf-16-le")
        # UTF-16 accepts any even number of bytes, and a wrong charset is as common as none.
        tried = [name, "utf-8"] if name.startswith(_ESCAPING) or (wide and 0 in body[:512]) else ["utf-8", name]
        for each in tried:
            try:
                if is_known_charset(each):
                    return body.decode(_SUPERSETS.get(each, each))
            except UnicodeError:
                continue
        return _decode_legacy(body)

    @cached_property
    def first(self) -> str:
        """The first character that is not white space; empty if there is none."""
        return self.text.lstrip()[:1]

    @cached_property
    def json(self) -> object:
        """The decoded JSON value; None if the body is not a JSON object or array."""
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

    @cached_property
    def is_json_string(self) -> bool:
        """Whether the body is one JSON string: an item that was encoded once too often."""
        text = self.text.strip() if self.first == '"' else ""
        if len(text) < 2 or text[-1] != '"' or "\n" in text:
            return False
        try:
            return isinstance(orjson.loads(text), str)
        except orjson.JSONDecodeError:
            return False

    json_error: Reject | None = None
    """Why `json` is None although the body begins like JSON. Not raised: a press release may begin with a bracket."""

    @cached_property
    def xml(self) -> etree._Element | None:
        """The root element; None if the body is not well-formed XML.

        `text` decides the encoding, for the declared one is often wrong. XML that is not well-formed is repaired if it
        claims to be XML. No DTD and nothing from the network is
        loaded. With a DOCTYPE, HTML's named characters are read (`&eacute;`; the DTD of NITF has them). A reference to
        any other entity is refused.
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
        body = _DECLARED.sub("", self.text, count=1).encode().lstrip(b" \t\r\n")
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
            return self._repair_xml()
        self.check_depth(root)
        declares = root.getroottree().docinfo.internalDTD is not None
        entity = next(root.iter(etree.Entity), None) if declares else None
        if entity is not None:
            raise Reject(Reason.MALFORMED, f"the XML refers to {entity.text}; entities of its own are not read")
        return root

    def _repair_xml(self) -> etree._Element | None:
        if not self.is_xml:
            return None
        try:
            root = repair(self.text)
        except ValueError:
            return None
        self.check_depth(root)
        return root

    def check_depth(self, root: etree._Element) -> None:
        """Raises `Reject` `too-deep` if the elements nest deeper than the limit (libxml2 stops at `MAX_DEPTH`)."""
        if self._depth < MAX_DEPTH and root.xpath(f"boolean({'/*' * (self._depth + 1)})"):
            raise Reject(Reason.TOO_DEEP, f"more than {self._depth} elements inside each other")

    @cached_property
    def is_xml(self) -> bool:
        """Whether the body claims to be XML, well-formed or not: by an XML declaration or the root of a news format."""
        beginning = self.text[:_PROLOG].lstrip()
        return beginning[:5].lower() == "<?xml" or (beginning[:1] == "<" and bool(_AGENCIES.search(beginning)))

    xml_error: str = ""
    """Why `xml` is None although the body begins with `<`; the parser's message."""


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
    """Whether the XML has a numeric reference to a surrogate.

    XML 1.0 forbids it, but libxml2 accepts it in namespace names and then fails to return them.
    """
    return b"&#" in body and any(
        0xD800 <= (int(found[1], 16) if found[1] else int(found[2])) <= 0xDFFF for found in _REFERENCE.finditer(body)
    )


def _replace_named_characters(body: bytes) -> bytes:
    """Replaces HTML's named characters by numeric references. The five names of XML and unknown names stay."""
    pieces = _NAMED.split(body)
    pieces[1::2] = [_CHARACTERS.get(name) or b"&%b;" % name for name in pieces[1::2]]
    return b"".join(pieces)


def _decode(body: bytes, name: str) -> str:
    try:
        return body.decode(name)
    except UnicodeDecodeError as error:
        raise Reject(Reason.ENCODING, f"not {name} at byte {error.start}; declare the charset") from error


def _decode_legacy(body: bytes) -> str:
    """Decodes bytes that are not UTF-8: by the charset that a page or XML declares inside, else as Windows-1252."""
    declared = _INSIDE.search(body[:4096]) if body.lstrip()[:1] == b"<" else None
    name = declared[1].decode().lower() if declared else ""
    name = _SUPERSETS.get(name, name)
    if is_known_charset(name) and not _is_wide(name):
        try:
            return body.decode(name)
        except UnicodeError:
            # A page that is cut inside a character, or has one bad byte, is still in its charset.
            text = body.decode(name, "replace")
        damaged = text.count("\ufffd")
        if damaged <= sum(character > "\x7f" for character in text) - damaged:
            return text
    return _decode(body, "cp1252")


def _is_wide(charset: str) -> bool:
    """Whether the charset has two or four bytes a character: Western text in it is full of zero bytes."""
    return codecs.lookup(charset).name.startswith(("utf-16", "utf-32"))


def is_known_charset(charset: str) -> bool:
    """Whether Python has a text codec of this name and a wire may mean it."""
    try:
        found = codecs.lookup(charset)
    except (LookupError, ValueError):  # ValueError: a name with a zero character
        return False
    return found._is_text_encoding and found.name not in _NO_CHARSETS
