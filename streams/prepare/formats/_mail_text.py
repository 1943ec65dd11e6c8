"""Chooses the news text of a mail: without hidden lines and furniture, out of the better part, out of a forward."""

import re

from lxml import etree
from lxml.html import HTMLParser

from streams.prepare.formats._xml import Element
from streams.prepare.text.plain import INVISIBLE, drop_excess_attributes, one_line

COVER_WORDS = 60
"""Maximum words of a text that only goes with what is attached."""
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|max-height\s*:\s*0(?![.\d])|font-size\s*:\s*0(?![.\d])"
    r"|mso-hide\s*:\s*all"
    r"|opacity\s*:\s*0(?![.\d])",
    re.I,
)
_PREHEADER = re.compile(r"pre-?header|preview-?text", re.I)
_FURNITURE = re.compile(
    r"\W*(?:(?:having |if you (?:have|are having) )?(?:trouble|problems|difficult\w+) (?:viewing|reading|seeing).{0,80}"
    r"|(?:click here to |to )?(?:view|read|open|see|show) (?:this |the |it |in |online|as a web|web ?version).{0,60}"
    r"\b(?:browser|online|web ?page|web ?version)\b.{0,40}"
    r"|(?:view|open|read) (?:in (?:your |a |the )?(?:web ?)?browser|online)\W*.{0,60}"
    r"|(?:click here to |to |you (?:can|may) |if you .{0,60})?unsubscribe\b.{0,160}"
    r"|(?:click here to |to )?(?:manage|update|change) (?:your )?(?:e-?mail |subscription )?"
    r"(?:preferences|subscriptions?|settings)\b.{0,80}"
    r"|you (?:are receiving|received|have received) this .{0,160}"
    r"|.{0,60}\bim browser (?:ansehen|anzeigen|öffnen|lesen).{0,60}"
    r"|(?:vom |den |diesen )?newsletter (?:abbestellen|abmelden)\b.{0,80}|abmelden\W{0,3}"
    r"|(?:voir|afficher|lire) .{0,40}\bdans (?:votre|le|un) navigateur\b.{0,60}"
    r"|(?:se dés(?:abonner|inscrire)|désinscription)\b.{0,80}"
    r"|ver .{0,40}\ben (?:el|su) navegador\b.{0,60}|(?:darse de baja|cancelar suscripción)\b.{0,80}"
    r"|(?:visualizza|apri) .{0,40}\bnel browser\b.{0,60}|(?:annulla l.iscrizione|cancellati)\b.{0,80}"
    r"|bekijk .{0,40}\bbrowser\b.{0,60}|(?:afmelden|uitschrijven)\b.{0,80}"
    r"|sent from my \w+.{0,30})",
    re.I,
)
"""Lines of a mail that are no copy: links to the browser, to unsubscribe, to settings."""
_MAX_FURNITURE = 220
_NAMES = {
    "from": ("from", "von", "de", "da", "van", "från", "fra", "od", "\u041e\u0442"),
    "date": (
        "date",
        "sent",
        "datum",
        "gesendet",
        "envoyé",
        "enviado",
        "fecha",
        "data",
        "inviato",
        "verzonden",
        "skickat",
    ),
    "to": ("to", "an", "à", "a", "para", "aan", "till", "til", "cc", "kopie", "reply-to", "antwort an"),
    "subject": ("subject", "betreff", "objet", "asunto", "oggetto", "onderwerp", "ämne", "emne", "assunto"),
}
_FIELD_OF = {name: field for field, names in _NAMES.items() for name in names}
_FIELD = re.compile(r"[>*_ ]*(?P<name>[^\W\d_][\w -]{0,12}?)\s?\*?[:\uff1a]\*?\s*(?P<value>.*)")
_FORWARDED = re.compile(
    r"[>\s]*(?:-{2,}\s*(?:forwarded (?:message|by .{1,80})|weitergeleitete (?:nachricht|mail)|message transféré"
    r"|mensaje reenviado|messaggio inoltrato|doorgestuurd bericht|vidarebefordrat meddelande|videresendt \w+)\s*-{2,}"
    r"|(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-mail)|début du message"
    r"(?: réexpédié| transféré)?) ?:)\s*",
    re.I,
)
_MAX_FORWARDS = 5
_ATTACHED = re.compile(
    r"\battach(?:ed|ment)|\benclosed\b|\banbei\b|\bim anhang\b|\bbeigefügt|\bangehängt|\bci-joint|pièce jointe"
    r"|\badjunt|\ballegat|\bin allegato|\bbijlage|\bbijgevoegd|\bbifoga|\bvedlagt|\bvedhæft",
    re.I,
)


def strip_mail_html(html: str) -> str:
    """Removes from the HTML of a mail what no reader sees, and lines that are no copy."""
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = etree.fromstring(drop_excess_attributes(INVISIBLE.sub("", html)).encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return html
    if root is None or any("depth" in entry.message for entry in parser.error_log):
        return html
    dropped = [element for element in root.iter(etree.Element) if _is_hidden(element) or _is_furniture(element)]
    if not dropped:
        return html
    for element in dropped:
        if element.getparent() is not None:
            element.tag = "nodisplay"
    etree.strip_elements(root, "nodisplay", with_tail=False)
    body = next(iter(root.iter("body")), root)
    shown = etree.tostring(body, method="html", encoding="unicode", with_tail=False)
    return re.sub(r"\A<body[^>]*>|</body>\s*\Z", "", shown)


def _is_hidden(element: Element) -> bool:
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    return (
        _HIDDEN.search(element.get("style") or "") is not None
        or element.get("hidden") is not None
        or _PREHEADER.search(named) is not None
    )


def _is_furniture(element: Element) -> bool:
    if element.tag not in ("p", "div", "td", "tr", "li", "a", "span", "center", "font", "small"):
        return False
    length = 0
    pieces: list[str] = []
    for piece in element.itertext():
        pieces.append(str(piece))
        length += len(pieces[-1])
        if length > 2 * _MAX_FURNITURE:
            return False
    return is_furniture(one_line("".join(pieces)))


def is_furniture(line: str) -> bool:
    """Whether a line only links to the browser, to unsubscribe and so on."""
    return 0 < len(line) <= _MAX_FURNITURE and _FURNITURE.fullmatch(line) is not None


def drop_furniture(text: str) -> str:
    """Removes the lines of a plain text that are no copy."""
    return "\n".join(line for line in text.split("\n") if not is_furniture(line.strip()))


def says_same(plain: str, html_text: str) -> bool:
    """Whether a plain text says what its HTML alternative says: most of its longer words stand there too.

    A placeholder (`This message contains HTML`) and a teaser do not.
    """
    words, there = _list_words(plain), _list_words(html_text)
    if not there or not words:
        return not there or len(plain) > len(html_text) // 2
    known = set(there)
    repeated = sum(word in known for word in words)
    if len(plain) > len(html_text):
        return 2 * repeated >= len(words) or 2 * len(known.intersection(words)) >= len(there)
    return 2 * repeated >= len(words) and 3 * len(plain) >= len(html_text)


def _list_words(text: str) -> list[str]:
    return [word for word in dict.fromkeys(re.findall(r"\w{4,}", text.lower())) if word not in ("http", "https")]


def is_cover(text: str) -> bool:
    """Whether a text is empty or only says that something is attached."""
    words = len(text.split())
    return words == 0 or (words <= COVER_WORDS and _ATTACHED.search(text) is not None)


def unwrap_forward(text: str, *, forwarded: bool) -> tuple[str, str, str]:
    """Returns subject and text of the message that a text forwards, and what stands above it.

    If it forwards none, the subject and what stands above are empty. What stands above is private: only its embargo
    may be read. Without a line that says so, a block of header fields counts only if the mail itself is `forwarded`.
    """
    subject = ""
    above: list[str] = []
    for _ in range(_MAX_FORWARDS):
        lines = text.split("\n")
        found = _find_forward(lines, forwarded=forwarded)
        if found is None:
            break
        subject, at = found
        above += lines[:at]
        text = "\n".join(lines[at:]).strip("\n")
        if all(line.startswith(">") for line in text.split("\n") if line.strip()):
            text = "\n".join(line[1:].removeprefix(" ") for line in text.split("\n"))
    return subject, text, "\n".join(above)


def _find_forward(lines: list[str], *, forwarded: bool) -> tuple[str, int] | None:
    """Finds a block of header fields; returns the subject in it and the line behind it."""
    marked = False
    for at, line in enumerate(lines):
        if not line.strip():
            continue
        if _FORWARDED.fullmatch(line):
            marked = True
            continue
        if (marked or forwarded) and _read_field(line)[0] == "from":
            fields, end = _read_block(lines, at)
            if "from" in fields and "subject" in fields and len(fields) >= (2 if marked else 3):
                return one_line(fields["subject"]), end
        marked = False
    return None


def _read_block(lines: list[str], at: int) -> tuple[dict[str, str], int]:
    fields: dict[str, str] = {}
    last = ""
    gaps = 0
    while at < len(lines):
        name, value = _read_field(lines[at])
        if name:
            fields.setdefault(name, value)
            last, gaps = name, 0
        elif not lines[at].strip():
            gaps += 1  # programs put an empty line between fields
            following = lines[at + 1] if at + 1 < len(lines) else ""
            if gaps > 1 or not _read_field(following)[0]:
                break
        elif last == "subject":
            fields["subject"] += f" {lines[at].strip()}"
        at += 1
    return fields, at


def _read_field(line: str) -> tuple[str, str]:
    found = _FIELD.match(line[:300])
    return ("", "") if found is None else (_FIELD_OF.get(found["name"].strip().lower(), ""), found["value"].strip())
