"""E-mail: Internet messages (RFC 5322) with MIME (RFC 2045 to 2049), their headers in encoded words (RFC 2047).

The subject is the headline, `Date` the version's time, `Message-ID` the id, `Keywords` (RFC 5322, section 3.6.5) codes,
`Content-Language` (RFC 3282) the language, `Archived-At` (RFC 5064) the page on the web; a sender who is a wire we
know is the distributor. The text is that of the inline parts: of alternatives (RFC 2046, section 5.1.4) both the plain
and the HTML form are taken. Attachments and pictures inside are left out: they have no address on the web.
`format=flowed` (RFC 3676) and lines wrapped by hand become paragraphs; what follows `-- ` is a signature.
"""

import email
import re
from datetime import datetime
from email.errors import CloseBoundaryNotFoundDefect
from email.message import Message

from streams.model import Code, Status, Story
from streams.prepare.dateline import known_wire
from streams.prepare.document import Document
from streams.prepare.formats._fields import body, require_content
from streams.prepare.formats._lines import unwrapped
from streams.prepare.formats._mime import decoded, flowed, words
from streams.prepare.text import clean, one_line
from streams.prepare.times import parse_time
from streams.reasons import Reason, Reject

_NAMES = frozenset(
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
_MACHINE = frozenset(["received", "return-path", "delivered-to", "message-id", "mime-version", "dkim-signature"])
_FIELD = re.compile(r"(?P<name>[!-9;-~]{1,60}):(?P<value>[^\n]*(?:\n[ \t][^\n]*)*)(?:\n|$)")
_MBOX = re.compile(r"\s*(?:From \S+ [^\n]{10,60}\n)?")
_HEAD = 40_000
"""Characters of the header that are looked at."""
_ENOUGH = 3
"""Names of a message's header that tell it from a text which begins with `From: …`."""
_FORWARDED = re.compile(r"(?:(?:fwd?|wg|tr|rv|re|aw)\s*:\s*)+", re.I)
_SIGNATURE = re.compile(r"(?ms)^-- ?$.*")
_MAX_PARTS = 30
"""Boundaries declared: each costs a look at every line behind it."""
_MAX_LINES = 300_000
_MAX_HEADER = 2_000


def matches(document: Document) -> bool:
    """A header block of fields alone, with three of a message's names: one a machine's, or an address in `From`."""
    if document.first in ("<", "{", "["):
        return False
    text = document.text[:_HEAD].replace("\r\n", "\n")
    at = _MBOX.match(text).end()  # type: ignore[union-attr]
    fields: dict[str, str] = {}
    while found := _FIELD.match(text, at):
        fields.setdefault(found["name"].lower(), found["value"])
        at = found.end()
    closed = at >= len(text) or text[at] == "\n"
    known = _NAMES & fields.keys()
    addressed = "@" in fields.get("from", "") and ("date" in fields or "subject" in fields)
    return closed and len(known) >= _ENOUGH and (addressed or not _MACHINE.isdisjoint(known))


def parse(document: Document) -> tuple[Story, ...]:
    """The one item of the message.

    Raises `Reject`: `too-deep`, `too-large`, `malformed` (data; it breaks off), `empty` (an automatic reply, RFC 3834),
    `missing-field` (no subject and no text).
    """
    raw = document.raw.body
    if raw.count(b"\n") > _MAX_LINES:
        raise Reject(Reason.TOO_LARGE, f"the message has more than {_MAX_LINES} lines")
    if raw.lower().count(b"boundary=") > _MAX_PARTS:
        raise Reject(Reason.TOO_DEEP, f"the message declares more than {_MAX_PARTS} multiparts")
    message = email.message_from_bytes(_start(raw))
    if (
        _header(message, "auto-submitted").startswith("auto-replied")
        or message.get_content_type() == "multipart/report"
    ):
        raise Reject(Reason.EMPTY, "an automatic reply or a delivery report, no news")
    if any(isinstance(defect, CloseBoundaryNotFoundDefect) for part in message.walk() for defect in part.defects):
        raise Reject(Reason.MALFORMED, "the message breaks off: a multipart is not closed")
    headline = _FORWARDED.sub("", one_line(_header(message, "subject")), count=1)
    plain, html = _texts(message)
    if plain.lstrip().startswith(("{", "[")) and plain.rstrip().endswith(("}", "]")) and not html:
        raise Reject(Reason.MALFORMED, "the mail's text is data (JSON), no news copy")
    text, html = body(plain, html, headline)
    sender = one_line(_header(message, "from"))
    guid = _header(message, "message-id").strip().strip("<>")
    story = Story(
        guid=guid,
        status=Status.USABLE,
        headline=headline,
        text=text,
        html=html,
        version_created=_time(_header(message, "date")),
        language=_header(message, "content-language").partition(",")[0].strip(),
        distributor=known_wire(sender),
        url=_header(message, "archived-at").strip(" <>\t\r\n"),
        codes=tuple(
            dict.fromkeys(
                Code("keyword", word) for one in _header(message, "keywords").split(",") if (word := clean(one))
            )
        ),
    )
    return (require_content(story, "the message"),)


def _start(raw: bytes) -> bytes:
    """The message from its first field on: empty lines and the separator of an mbox (RFC 4155) in front are dropped."""
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    return raw.partition(b"\n")[2] if raw.startswith(b"From ") else raw


def _header(message: Message, name: str) -> str:
    """The text of the first header of this name, folded lines and encoded words read; empty where there is none."""
    values = (str(value) for header, value in message.raw_items() if header.lower() == name)
    return words(next(values, "")[:_MAX_HEADER].replace("\r", "").replace("\n", ""))


def _time(date: str) -> datetime | None:
    """RFC 5322, section 3.3; a comment with the zone's name may follow."""
    return parse_time(one_line(re.sub(r"\([^()]{0,60}\)", "", date)))


def _texts(message: Message) -> tuple[str, str]:
    """Plain text and HTML of the inline text parts, each kind in its order."""
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
        content = decoded(payload if isinstance(payload, bytes) else b"", _charset(part))
        if kind == "text/html":
            html.append(content)
        else:
            plain.append(_paragraphs(part, content))
    return "\n\n".join(plain), "\n".join(html)


def _charset(part: Message) -> str:
    charset = part.get_content_charset("")
    return charset if isinstance(charset, str) else ""


def _paragraphs(part: Message, content: str) -> str:
    content = content.replace("\r\n", "\n")
    if str(part.get_param("format", "")).lower() == "flowed":
        content = flowed(content, joined=str(part.get_param("delsp", "")).lower() == "yes")
        return clean(_SIGNATURE.sub("", content))
    return unwrapped(_SIGNATURE.sub("", content))
