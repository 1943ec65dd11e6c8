"""What identifies a text: SHA-256 over its words, blind to case, white space, punctuation and Unicode form.

The minus of a figure is a word: a fall and a rise by as much are two stories.
"""

import hashlib
import re
import unicodedata

_MINUS = re.compile(r"(?<!\w)[-\u2010-\u2013\u2212](?=[$\u20ac\u00a3\u00a5.]?\d)")
_WORD = re.compile(r"\w+")


def normal(text: str) -> str:
    """The words of a text, NFKC and case-folded, one blank between them."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_WORD.findall(_MINUS.sub(" minus ", plain)))


def text_hash(headline: str, text: str) -> str:
    """SHA-256 (hex) of the normalised headline and text. Boilerplate and dateline are not part of the text."""
    return hashlib.sha256(f"{normal(headline)}\n{normal(text)}".encode()).hexdigest()
