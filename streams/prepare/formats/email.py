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

The text comes from the inline parts. Of alternatives (RFC 2046, section 5.1.4) the plain text is taken, unless it is a
placeholder or a teaser of the HTML. A forwarded message is taken out of the mail that forwards it, without the words
above it; an embargo that those words or the subject of that mail state stays. A digest (RFC 2046, section 5.1.5) and an
mbox file (RFC 4155) give one story a message. Attachments are left out, but HTML that is attached to a mail without
text of its own is read. `format=flowed` (RFC 3676) and lines wrapped by hand become paragraphs. What follows `-- ` is a
signature and is left out.

Refused are automatic replies, bounces, invitations and their answers (`empty`), and mails whose text is in a part that
is not read: encrypted, signed opaquely, `winmail.dat`, PDF (`unknown-format`). A recall of Outlook withdraws.
"""

import binascii
import email
import re
from datetime import datetime
from email.errors import CloseBoundaryNotFoundDefect, StartBoundaryNotFoundDefect
from email.message import Message

from streams.model.errors import Reason, Reject
from streams.model.records import Code, Status, Story
from streams.prepare.formats._common import is_html, parse_each, read_body, require_content
from streams.prepare.formats._mail_text import (
    COVER_WORDS,
    drop_furniture,
    is_cover,
    says_same,
    strip_mail_html,
    unwrap_forward,
)
from streams.prepare.formats._teletype import unwrap
from streams.prepare.formats.document import Document, is_known_charset
from streams.prepare.text.dateline import find_known_wire
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.embargo import find_notices
from streams.prepare.text.plain import clean, html_to_text, one_line

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
_PREFIX = re.compile(r"(?:(?:fwd?|wg|tr|rv|re|aw)\s*:\s*)+", re.I)
_FORWARD = re.compile(r"(?:(?:re|aw)\s*:\s*)*(?:fwd?|wg|tr|rv|i|vs|vb|enc|doorst)\s*:", re.I)
_FORWARD_LINE = "---------- Forwarded message ---------"
_RECALL = re.compile(
    r"(?:recall|zurückrufen|rückruf|rappel|recuperar|richiamo|intrekken)\s*:\s*(?P<subject>.{6,})", re.I
)
_RECALLS = re.compile(
    r"would like to recall the message|möchte die nachricht .{0,300}zurückrufen|souhaite(?:rait)? rappeler le message"
    r"|desea recuperar el mensaje|desidera richiamare il messaggio|wil het bericht .{0,300}intrekken",
    re.I | re.S,
)
_AUTO_FIELDS = frozenset(["x-autoreply", "x-autorespond", "x-autoresponse", "x-failed-recipients"])
_REPLY = re.compile(
    r"(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response)|automatische antwort|abwesenheits(?:notiz|meldung)"
    r"|réponse automatique|respuesta automática|risposta automatica|automatisch antwoord|autosvar|automatiskt svar"
    r"|undeliver(?:able|ed)(?: mail)?|mail delivery (?:failed|failure|subsystem)"
    r"|delivery (?:status notification|failure)"
    r"|returned mail|failure notice|unzustellbar|nicht zustellbar|non remis|no se puede entregar|message non distribué)"
    r"\s*(?:[:(]|$| returned)",
    re.I,
)
_MAYBE_REPLY = re.compile(r"(?:out of (?:the )?office|away|absence|abwesend|urlaub|vacation|on leave)\b", re.I)
_AWAY = re.compile(
    r"\b(?:i am|i'm|i will be|ich bin|je suis|estoy|sono) .{0,60}(?:away|out of|office|leave|vacation|büro|urlaub"
    r"|abwesend|absent|oficina|ufficio|ferie)|on my return|limited access to e-?mail",
    re.I,
)
_INVITATION = re.compile(
    r"(?:updated )?(?:invitation|accepted|declined|tentative(?:ly accepted)?|cancell?ed(?: event)?|new time proposed"
    r"|einladung|aktualisierte einladung|zugesagt|abgelehnt|abgesagt|mit vorbehalt|accepté|refusé|annulé"
    r"|aceptada|rechazada|cancelada|accettato|rifiutato|geaccepteerd|geweigerd)\s*:",
    re.I,
)
_UNREAD = ("application/", "message/", "text/rtf", "text/calendar")
_PGP_ARMOUR = re.compile(
    r"-----BEGIN PGP SIGNED MESSAGE-----\s*+(?:\w+: .{0,200}\n)*|-----BEGIN PGP SIGNATURE-----[^\x00]*", re.I
)
_MBOX_LINE = re.compile(rb"(?m)^From \S+ [^\n]{10,60}\r?\n")
_FOLDED_BOUNDARY = re.compile(rb'(boundary="[^"\r\n]{0,80})\r?\n([ \t])[ \t]*([^"\r\n]{0,80}")', re.I)
_BOUNDARY = re.compile(rb'boundary\s*=\s*(?:"[^"]{0,200}"|[^\s;]{1,200})', re.I)
_DELIMITER = re.compile(rb"(?m)^--([^\r\n]{1,200}?)[ \t]*\r?\n(?=content-)", re.I)
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


def parse(document: Document) -> tuple[Story | Reject, ...]:
    """Parses the message into a story, or each message of a digest or an mbox file into its own.

    Raises `Reject`: `too-deep`, `too-large`, `malformed` (JSON data, or cut short), `empty` (no news, such as an
    automatic reply, RFC 3834), `unknown-format` (no part with a text that is read), `missing-field`.
    """
    raw = document.raw.body
    if raw.count(b"\n") > _MAX_LINES:
        raise Reject(Reason.TOO_LARGE, f"the message has more than {_MAX_LINES} lines")
    if raw.lower().count(b"boundary=") > _MAX_PARTS:
        raise Reject(Reason.TOO_DEEP, f"the message declares more than {_MAX_PARTS} multiparts")
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    parts = _MBOX_LINE.split(raw)[1:] if _MBOX_LINE.match(raw) else [raw]
    messages = [one for part in parts if part.strip() for one in _unpack(_parse_message(part))]
    if len(messages) == 1:
        return (_parse_story(messages[0], "the message"),)
    return parse_each(_parse_story, [(message, f"message {n}") for n, message in enumerate(messages)])


def _parse_message(raw: bytes) -> Message:
    """Parses a message. A boundary that is folded, or that the body contradicts, is put right."""
    for _ in range(2):
        raw = _FOLDED_BOUNDARY.sub(rb"\1\2\3", raw)
    message = email.message_from_bytes(raw)
    if any(isinstance(defect, StartBoundaryNotFoundDefect) for defect in message.defects):
        head, gap, body = (
            raw.partition(b"\n\n") if b"\r\n\r\n" not in raw[:_MAX_HEADER_BLOCK] else raw.partition(b"\r\n\r\n")
        )
        found = _DELIMITER.search(body)
        if found is None:
            raise Reject(Reason.MALFORMED, "the message declares several parts, and none is found")
        mended = _BOUNDARY.sub(lambda _: b'boundary="' + found[1] + b'"', head, count=1)
        message = email.message_from_bytes(mended + gap + body)
    if any(isinstance(defect, CloseBoundaryNotFoundDefect) for part in message.walk() for defect in part.defects):
        raise Reject(Reason.MALFORMED, "the message breaks off: a multipart is not closed")
    return message


def _unpack(message: Message) -> list[Message]:
    """Returns the messages of a digest; any other message alone."""
    digests = [part for part in message.walk() if part.get_content_type() == "multipart/digest"]
    inner = [each for digest in digests for part in digest.get_payload() for each in _inner_messages(part)]
    return inner or [message]


def _inner_messages(part: object) -> list[Message]:
    payload = part.get_payload() if isinstance(part, Message) and part.get_content_type() == "message/rfc822" else []
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _parse_story(message: Message, where: str) -> Story:
    subject = one_line(_read_header(message, "subject"))
    headline = outer = _PREFIX.sub("", subject, count=1)
    text, html = _read_text(message)
    _require_news(message, subject, text)
    if (recalled := _RECALL.fullmatch(subject)) and _RECALLS.search(text):
        return _build_recall(message, one_line(recalled["subject"]), where)
    forwarded = _FORWARD.match(subject) is not None
    above = ""
    attached = [one for part in message.walk() for one in _inner_messages(part)]
    if len(attached) == 1 and (forwarded or len(text.split()) <= COVER_WORDS):
        inner, inner_html = _read_text(attached[0])
        if inner:
            above, text, html = text, inner, inner_html
            headline = _PREFIX.sub("", one_line(_read_header(attached[0], "subject")), count=1) or headline
    inside, text, cover = unwrap_forward(text, forwarded=forwarded)
    if inside:
        headline, html = _PREFIX.sub("", inside, count=1) or headline, ""
    if text.lstrip().startswith(("{", "[")) and text.rstrip().endswith(("}", "]")) and not html:
        raise Reject(Reason.MALFORMED, "the mail's text is data (JSON), no news copy")
    text, html = read_body(text, html, headline)
    if notices := find_notices(outer if headline != outer else "", f"{above}\n{cover}"):
        text = "\n\n".join([*notices, text])
    sender = one_line(_read_header(message, "from"))
    story = Story(
        guid=_read_header(message, "message-id").strip().strip("<>"),
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
    return require_content(story, where)


def _build_recall(message: Message, recalled: str, where: str) -> Story:
    return require_content(
        Story(
            guid=_read_header(message, "message-id").strip().strip("<>"),
            status=Status.WITHDRAWN,
            headline=f"WITHDRAWN: {recalled}",
            text=f'Please disregard the release headlined "{recalled}".',
            version_created=_parse_date(_read_header(message, "date")),
        ),
        where,
    )


def _require_news(message: Message, subject: str, text: str) -> None:
    """Raises `Reject` for mail that is no news, and for a mail whose text is in a part that is not read."""
    names = {name.lower() for name, _ in message.raw_items()}
    sender = _read_header(message, "from").lower()
    kinds = [part.get_content_type() for part in message.walk() if not part.is_multipart()]
    answered = _read_header(message, "auto-submitted").startswith("auto-replied") or not names.isdisjoint(_AUTO_FIELDS)
    bounced = (
        message.get_content_type() == "multipart/report"
        or _read_header(message, "return-path").strip() == "<>"
        or re.search(r"\b(?:mailer-daemon|postmaster)@", sender) is not None
    )
    doubtful = _MAYBE_REPLY.match(subject) is not None and _AWAY.search(text) is not None
    if answered or bounced or doubtful or _REPLY.match(subject):
        raise Reject(Reason.EMPTY, "an automatic reply or a delivery report, no news")
    if "text/calendar" in kinds and (_INVITATION.match(subject) or not text):
        raise Reject(Reason.EMPTY, "an invitation or an answer to one, no news")
    if _INVITATION.match(subject) and not text:
        raise Reject(Reason.EMPTY, "an answer to an invitation, no news")
    unread = next((kind for kind in kinds if kind.startswith(_UNREAD)), "")
    if message.get_content_type() == "multipart/encrypted" or "-----BEGIN PGP MESSAGE-----" in text:
        raise Reject(Reason.UNKNOWN_FORMAT, "the mail is encrypted; send it in plain text")
    if unread and is_cover(text):
        raise Reject(Reason.UNKNOWN_FORMAT, f"the mail's text is in a part that is not read: {unread}; send it as text")


def _read_header(message: Message, name: str) -> str:
    """Returns the decoded, unfolded text of the first header of this name (lower case); empty if there is none."""
    values = (str(value) for header, value in message.raw_items() if header.lower() == name)
    return _decode_header(next(values, "")[:_MAX_HEADER].replace("\r", "").replace("\n", ""))


def _parse_date(date: str) -> datetime | None:
    """Parses a date of RFC 5322, section 3.3, without comments such as `(CET)`."""
    return parse_time(one_line(re.sub(r"\([^()]{0,60}\)", "", date)))


def _read_text(message: Message) -> tuple[str, str]:
    """Returns text and HTML of a message; of a cover without text of its own, those of the attached HTML."""
    text, html = _read_part(message, attached=False)
    if is_cover(text):
        attached = [
            _read_part(part, attached=True) for part in message.walk() if part.get_content_type() == "text/html"
        ]
        text, html = max((one for one in attached if one[0]), key=lambda one: len(one[0]), default=(text, html))
    return text, html


def _read_part(part: Message, *, attached: bool) -> tuple[str, str]:
    """Reads the inline text parts in document order; of alternatives the one that says more."""
    kind = part.get_content_type()
    if part.is_multipart() and kind != "message/rfc822":
        inner = [each for each in part.get_payload() if isinstance(each, Message)]
        found = [(each.get_content_type(), _read_part(each, attached=attached)) for each in inner]
        if kind == "multipart/alternative":
            return _choose(found)
        pieces = [one for _, one in found if one[0] or one[1]]
        html = "\n".join(one[1] for one in pieces)
        return "\n\n".join(one[0] for one in pieces), html if all(one[1] for one in pieces) else ""
    if kind not in ("text/plain", "text/html") or (part.get_content_disposition() == "attachment" and not attached):
        return "", ""
    payload = part.get_payload(decode=True)
    content = _decode_text(payload if isinstance(payload, bytes) else b"", _get_charset(part))
    if kind == "text/html" or is_html(content[:_MAX_HEADER_BLOCK]):
        html = strip_mail_html(content)
        return html_to_text(html), html
    content = _PGP_ARMOUR.sub("", drop_furniture(content.replace("\r\n", "\n")))
    subject, shown, above = unwrap_forward(content, forwarded=False)
    if subject:
        # The lines of its fields must not become one paragraph.
        notices = "\n".join(find_notices("", above))
        return f"{notices}\n{_FORWARD_LINE}\nFrom: -\nSubject: {subject}\n\n{_read_paragraphs(part, shown)}", ""
    return _read_paragraphs(part, content), ""


def _choose(found: list[tuple[str, tuple[str, str]]]) -> tuple[str, str]:
    """Chooses text and HTML among the alternatives of one content."""
    plain = next((one for kind, one in found if kind == "text/plain" and one[0]), ("", ""))
    rich = max((one for kind, one in found if kind != "text/plain"), key=lambda one: len(one[0]), default=("", ""))
    if not rich[0]:
        return plain
    if not plain[0] or not says_same(plain[0], rich[0]):
        return rich
    return (plain[0] if "\n" in plain[0] or len(rich[0]) < 0.9 * len(plain[0]) else rich[0]), rich[1]


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
