"""What identifies a text: SHA-256 over its words, blind to case, white space, punctuation and Unicode form."""

import hashlib
import re
import unicodedata

_WORD = re.compile(r"\w+")


def normal(text: str) -> str:
    """The words of a text, NFKC and case-folded, one blank between them."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def text_hash(headline: str, text: str) -> str:
    """SHA-256 (hex) of the normalised headline and text. Boilerplate and dateline are not part of the text."""
    return hashlib.sha256(f"{normal(headline)}\n{normal(text)}".encode()).hexdigest()
