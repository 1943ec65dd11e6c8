"""The name that stands before a ticker: `Carl Zeiss Meditec AG (Xetra: AFX)`."""

import re

from streams.prepare.companies.names import is_legal_form
from streams.prepare.companies.names import words as listed

_LONGEST = 90
_BRACKET = re.compile(r"\s*[(<\[][^()<>\[\]]{0,80}[)>\]]\s*$")
_CLOSING = frozenset(")>]")
_FORM = r"(?:Inc|Ltd|LLC|L\.?P|Corp|Co\b|PLC|S\.A|N\.V|AG\b|Limited|LP\b)"
_BREAK = re.compile(
    r"[\n:;\u2013\u2014|\u2022\"\u201c\u201d()<>\[\]]|--| - |,(?! ?" + _FORM + ")"
    r"|(?<!\b[A-Z])(?<!\b[A-Z][a-z])(?<!Inc)(?<!Corp)(?<!Ltd)(?<!Cos)\. (?=[A-Z])"
)
_SMALL = listed("of and & de la du the des del di da van von der et y e for")
_NO_NAME = listed(
    "the a an and or of its our by with from for to in at on like why is how as when what will are this that these"
    " shares stock company issuer nasdaq nyse listed including such unit parent firm subsidiary why should can does"
    " investors about breaking news update source"
)
_MOST_WORDS = 8


def name_before(text: str, end: int) -> str:
    """The words with capitals that end at `end`, up to eight, as the text writes them; empty where there are none."""
    head = text[max(0, end - 200) : end]
    while head.rstrip()[-1:] in _CLOSING and (bracket := _BRACKET.search(head)):
        head = head[: bracket.start()]
    head = head.rstrip()[-_LONGEST:]
    for suffix in ("'s", "\u2019s"):
        head = head.removesuffix(suffix)
    cut = 0
    for broken in _BREAK.finditer(head):
        cut = broken.end()
    words = head[cut:].rstrip(" ,").split()
    kept: list[str] = []
    for word in reversed(words):
        if not (
            word[0].isupper()
            or word[0].isdigit()
            or word in _SMALL
            or any(map(str.isupper, word))
            or is_legal_form(word)
        ):
            break
        kept.append(word)
    kept.reverse()
    while kept and (
        kept[0].casefold() in _SMALL or kept[0].casefold() in _NO_NAME or kept[0].endswith(("'s", "\u2019s"))
    ):
        kept.pop(0)
    if not kept or len(kept) > _MOST_WORDS or not any(character.isalpha() for character in kept[0]):
        return ""
    return " ".join(kept).strip(" ,.*") if not is_legal_form(kept[-1]) else " ".join(kept).strip(" ,*")
