"""Reads e-mail: Internet messages (RFC 5322) with MIME (RFC 2045 to 2049) and encoded headers (RFC 2047).

| field of the story | header |
|---|---|
| headline | `Subject` |
| version_created | `Date` |
| guid | `Message-ID` |
| codes | `Keywords` (RFC 5322, section 3.6.5) |
| language | `Content-Language` (RFC 3282) |
| url | `Archived-At` (RFC 5064) |
| distributor | `From`, if it names a known wire |

The text comes from the inline parts. Of alternatives (RFC 2046, section 5.1.4) both the plain and the HTML form are
read. Attachments and embedded pictures are left out: they have no address on the web. `format=flowed` (RFC 3676) and
lines wrapped by hand become paragraphs. What follows `-- ` is a signature and is left out.
"""

import binascii
import email
import re
from datetime import datetime
from email.errors import CloseBoundaryNotFoundDefect
from email.message import Message

from streams.model.errors import Reason, Reject
from streams.model.records import Code, Status, Story
from streams.prepare.formats._common import read_body, require_content
from streams.prepare.formats._teletype import unwrap
from streams.prepare.formats.document import Document, is_known_charset
from streams.prepare.text.dateline import find_known_wire
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.plain import clean, one_line

_ENCODED_WORD = re.compile(r"=\?([\w.:+-]{1,40})(?:\*[\w-]{1,20})?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(r"(\?=)\s+(?==\?)")

_FIELD_NAMES = frozenset(
    [
        "from",
        "to",
        "cc",
        "subject",
        "date",
        "sender",
        "reply-to",
        "received",
        "return-path",
        "delivered-to",
        "message-id",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
        "dkim-signature",
        "list-id",
        "x-mailer",
        "precedence",
        "in-reply-to",
        "references",
    ]
)
_MACHINE_FIELDS = frozenset(["received", "return-path", "delivered-to", "message-id", "mime-version", "dkim-signature"])
_FIELD = re.compile(r"(?P<name>[!-9;-~]{1,60}):(?P<value>[^\n]*(?:\n[ \t][^\n]*)*)(?:\n|$)")
_MBOX = re.compile(r"\s*(?:From \S+ [^\n]{10,60}\n)?")
_MAX_HEADER_BLOCK = 40_000
"""Characters of the header block that `matches` reads."""
_MIN_FIELD_NAMES = 3
"""Known header names that a message must have; fewer may be a text that begins with `From: …`."""
_FORWARDED = re.compile(r"(?:(?:fwd?|wg|tr|rv|re|aw)\s*:\s*)+", re.I)
_SIGNATURE = re.compile(r"(?ms)^-- ?$.*")
_MAX_PARTS = 30
"""Maximum multipart boundaries: the parser compares each with every line that follows."""
_MAX_LINES = 300_000
_MAX_HEADER = 2_000


def matches(document: Document) -> bool:
    """Whether the text begins with a header block: at least three known fields, and a mail server's field or a sender.

    The block must contain nothing but fields, up to an empty line or the end.
    """
    if document.first in ("<", "{", "["):
        return False
    text = document.text[:_MAX_HEADER_BLOCK].replace("\r\n", "\n")
    at = _MBOX.match(text).end()  # type: ignore[union-attr]
    fields: dict[str, str] = {}
    while found := _FIELD.match(text, at):
        fields.setdefault(found["name"].lower(), found["value"])
        at = found.end()
    closed = at >= len(text) or text[at] == "\n"
    known = _FIELD_NAMES & fields.keys()
    addressed = "@" in fields.get("from", "") and ("date" in fields or "subject" in fields)
    return closed and len(known) >= _MIN_FIELD_NAMES and (addressed or not _MACHINE_FIELDS.isdisjoint(known))


def parse(document: Document) -> tuple[Story, ...]:
    """Parses the message into one story.

    Raises `Reject`: `too-deep`, `too-large`, `malformed` (JSON data, or cut short), `empty` (an automatic reply,
    RFC 3834), `missing-field` (neither subject nor text).
    """
    raw = document.raw.body
    if raw.count(b"\n") > _MAX_LINES:
        raise Reject(Reason.TOO_LARGE, f"the message has more than {_MAX_LINES} lines")
    if raw.lower().count(b"boundary=") > _MAX_PARTS:
        raise Reject(Reason.TOO_DEEP, f"the message declares more than {_MAX_PARTS} multiparts")
    message = email.message_from_bytes(_skip_preamble(raw))
    if (
        _read_header(message, "auto-submitted").startswith("auto-replied")
        or message.get_content_type() == "multipart/report"
    ):
        raise Reject(Reason.EMPTY, "an automatic reply or a delivery report, no news")
    if any(isinstance(defect, CloseBoundaryNotFoundDefect) for part in message.walk() for defect in part.defects):
        raise Reject(Reason.MALFORMED, "the message breaks off: a multipart is not closed")
    headline = _FORWARDED.sub("", one_line(_read_header(message, "subject")), count=1)
    plain, html = _collect_texts(message)
    if plain.lstrip().startswith(("{", "[")) and plain.rstrip().endswith(("}", "]")) and not html:
        raise Reject(Reason.MALFORMED, "the mail's text is data (JSON), no news copy")
    text, html = read_body(plain, html, headline)
    sender = one_line(_read_header(message, "from"))
    guid = _read_header(message, "message-id").strip().strip("<>")
    story = Story(
        guid=guid,
        status=Status.USABLE,
        headline=headline,
        text=text,
        html=html,
        version_created=_parse_date(_read_header(message, "date")),
        language=_read_header(message, "content-language").partition(",")[0].strip(),
        distributor=find_known_wire(sender),
        url=_read_header(message, "archived-at").strip(" <>\t\r\n"),
        codes=tuple(
            dict.fromkeys(
                Code("keyword", word) for one in _read_header(message, "keywords").split(",") if (word := clean(one))
            )
        ),
    )
    return (require_content(story, "the message"),)


def _skip_preamble(raw: bytes) -> bytes:
    """Drops what may stand before the first field: empty lines and the separator of an mbox file (RFC 4155)."""
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    return raw.partition(b"\n")[2] if raw.startswith(b"From ") else raw


def _read_header(message: Message, name: str) -> str:
    """Returns the decoded, unfolded text of the first header of this name (lower case); empty if there is none."""
    values = (str(value) for header, value in message.raw_items() if header.lower() == name)
    return _decode_header(next(values, "")[:_MAX_HEADER].replace("\r", "").replace("\n", ""))


def _parse_date(date: str) -> datetime | None:
    """Parses a date of RFC 5322, section 3.3, without comments such as `(CET)`."""
    return parse_time(one_line(re.sub(r"\([^()]{0,60}\)", "", date)))


def _collect_texts(message: Message) -> tuple[str, str]:
    """Collects plain text and HTML of the inline text parts, each kind in document order."""
    plain: list[str] = []
    html: list[str] = []
    for part in message.walk():
        kind = part.get_content_type()
        if (
            part.is_multipart()
            or kind not in ("text/plain", "text/html")
            or part.get_content_disposition() == "attachment"
        ):
            continue
        payload = part.get_payload(decode=True)
        content = _decode_text(payload if isinstance(payload, bytes) else b"", _get_charset(part))
        if kind == "text/html":
            html.append(content)
        else:
            plain.append(_read_paragraphs(part, content))
    return "\n\n".join(plain), "\n".join(html)


def _get_charset(part: Message) -> str:
    charset = part.get_content_charset("")
    return charset if isinstance(charset, str) else ""


def _read_paragraphs(part: Message, content: str) -> str:
    content = content.replace("\r\n", "\n")
    if str(part.get_param("format", "")).lower() == "flowed":
        content = _unwrap_flowed(content, joined=str(part.get_param("delsp", "")).lower() == "yes")
        return clean(_SIGNATURE.sub("", content))
    return unwrap(_SIGNATURE.sub("", content))


def _decode_header(value: str) -> str:
    """Decodes the encoded words (RFC 2047) of a header value; a damaged word stays as it is.

    Adjacent words of one charset are joined before decoding: some writers split a character between two words. Raw
    bytes, which the standard forbids, reach us as surrogate escapes and are read as UTF-8.
    """
    if "=?" not in value:
        return _to_bytes(value).decode("utf-8", "replace")
    out: list[tuple[str, bytes]] = []
    last = 0
    value = _BETWEEN.sub(r"\1", value)
    for found in _ENCODED_WORD.finditer(value):
        content = _to_bytes(found[3])
        charset = "utf-8" if not found[3].isascii() else found[1]
        try:
            content = binascii.a2b_qp(content, header=True) if found[2] in "qQ" else binascii.a2b_base64(content)
        except binascii.Error:
            charset, content = "utf-8", _to_bytes(found[0])
        if found.start() > last:
            out.append(("utf-8", _to_bytes(value[last : found.start()])))
        if out and out[-1][0] == charset and found.start() == last:
            content = out.pop()[1] + content
        out.append((charset, content))
        last = found.end()
    out.append(("utf-8", _to_bytes(value[last:])))
    return "".join(_decode_text(content, charset) for charset, content in out)


def _to_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _decode_text(content: bytes, charset: str) -> str:
    """Decodes bytes by the declared charset if that works, else as UTF-8, else as Windows-1252 with replacements."""
    for name in (charset, "utf-8"):
        try:
            if is_known_charset(name):
                return content.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
    return content.decode("cp1252", "replace")


def _unwrap_flowed(text: str, *, joined: bool) -> str:
    """Joins the lines of `format=flowed` text (RFC 3676): a line that ends in a blank continues in the next line.

    With `joined` (`delsp=yes`) that blank is dropped.
    """
    out: list[str] = []
    open_line = False
    for line in text.split("\n"):
        # Space-stuffing, section 4.4; the signature's separator never flows, section 4.3.
        shown = line[1:] if line.startswith(" ") else line
        if open_line:
            out[-1] += shown
        else:
            out.append(shown)
        open_line = line.endswith(" ") and line != "-- "
        if open_line and joined:
            out[-1] = out[-1][:-1]
    return "\n".join(out)
