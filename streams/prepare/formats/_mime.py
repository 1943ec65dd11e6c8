"""Text in the encodings of mail: encoded words, charsets by their names, declared or not, and `format=flowed`."""

import binascii
import codecs
import re

_NO_TEXT = ("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7")

_WORD = re.compile(r"=\?([\w.:+-]{1,40})(?:\*[\w-]{1,20})?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(r"(\?=)\s+(?==\?)")


def words(value: str) -> str:
    """A header's value with its encoded words (RFC 2047) decoded; a damaged one stays as it is.

    Words that follow each other make one text: some writers split a character between two. Bytes that the standard
    forbids (surrogate escapes of `email`) are UTF-8 as often as not.
    """
    if "=?" not in value:
        return _bytes(value).decode("utf-8", "replace")
    out: list[tuple[str, bytes]] = []
    last = 0
    value = _BETWEEN.sub(r"\1", value)
    for found in _WORD.finditer(value):
        content = _bytes(found[3])
        charset = "utf-8" if not found[3].isascii() else found[1]
        try:
            content = binascii.a2b_qp(content, header=True) if found[2] in "qQ" else binascii.a2b_base64(content)
        except binascii.Error:
            charset, content = "utf-8", _bytes(found[0])
        if found.start() > last:
            out.append(("utf-8", _bytes(value[last : found.start()])))
        if out and out[-1][0] == charset and found.start() == last:
            content = out.pop()[1] + content
        out.append((charset, content))
        last = found.end()
    out.append(("utf-8", _bytes(value[last:])))
    return "".join(decoded(content, charset) for charset, content in out)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def decoded(content: bytes, charset: str) -> str:
    """Text by its declared charset where that fits, else UTF-8, else Windows-1252 with what it lacks replaced."""
    for name in (charset, "utf-8"):
        try:
            found = codecs.lookup(name)
            if found._is_text_encoding and found.name not in _NO_TEXT:
                return content.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
    return content.decode("cp1252", "replace")


def flowed(text: str, *, joined: bool) -> str:
    """RFC 3676: a line that ends in a blank goes on in the next; with `joined` (`delsp=yes`) that blank is none."""
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
