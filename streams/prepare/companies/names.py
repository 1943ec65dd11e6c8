"""Handles names of companies: the name before a ticker, legal forms, the forms in which names are compared."""

import re
from functools import lru_cache


def word_set(text: str) -> frozenset[str]:
    """Returns the words of a text as a set."""
    return frozenset(text.split())


LEGAL_FORMS = word_set(
    "inc incorporated corp corporation co cos company companies ltd limited plc llc lp llp lllp ag sa"
    " se nv bv gmbh kgaa kg oyj oy"
    " ab asa aps spa sab sarl sas sca sae pjsc ojsc jsc bhd berhad tbk pte pty pcl kk ltda adr ads"
)
"""Last words of a name that are a legal form, without dots and slashes."""
_MARK = re.compile(r"(?:[/\\][A-Za-z ]{2,12}[/\\]?|\([^()]{1,40}\))\Z")
_LONGEST_MARK = 42
"""The most characters of such a mark."""
_GROUP = frozenset({"group", "holdings", "holding", "grp", "hldgs"})
_PLAIN = re.compile(r"[^a-z0-9]")
_SEPARATE = bytes(byte if byte >= 0x80 or chr(byte).isalnum() or byte == ord("&") else ord(" ") for byte in range(256))

_LONGEST = 90
_BRACKET = re.compile(r"(?:(?<!\s)\s+)?[(<\[][^()<>\[\]]{0,80}[)>\]]\s*$")
_CLOSING = frozenset(")>]")
_FORM = r"(?:Inc|Ltd|LLC|L\.?P|Corp|Co\b|PLC|S\.A|N\.V|AG\b|Limited|LP\b)"
_BREAK = re.compile(
    r"[\n:;\u2013\u2014|\u2022\"\u201c\u201d()<>\[\]]|--| - |,(?! ?" + _FORM + ")"
    r"|(?<!\b[A-Z])(?<!\b[A-Z][a-z])(?<!Inc)(?<!Corp)(?<!Ltd)(?<!Cos)\. (?=[A-Z])"
)
_SMALL = word_set("of and & de la du the des del di da van von der et y e for")
_NO_NAME = word_set(
    "the a an and or of its our by with from for to in at on like why is how as when what will are this that these"
    " shares stock company issuer nasdaq nyse listed including such unit parent firm subsidiary why should can does"
    " investors about breaking news update source"
)
_OFFICES = word_set(
    "ceo cfo coo cto chief president chairman chairwoman chair director officer founder co-founder head partner owner"
)
_MOST_WORDS = 8


def find_name_before(text: str, end: int) -> str:
    """Returns the name of up to eight capitalised words that ends at `end`; empty if there is none.

    It is the name before a ticker: `Carl Zeiss Meditec AG (Xetra: AFX)`.
    """
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
    for place in range(len(kept) - 1, 0, -1):
        if kept[place] in ("of", "at", "for") and kept[place - 1].casefold() in _OFFICES:
            kept = kept[place + 1 :]  # `CEO of Marl Gas`
            break
    while kept and (
        kept[0].casefold() in _SMALL or kept[0].casefold() in _NO_NAME or kept[0].endswith(("'s", "\u2019s"))
    ):
        kept.pop(0)
    if not kept or len(kept) > _MOST_WORDS or not any(character.isalpha() for character in kept[0]):
        return ""
    return " ".join(kept).strip(" ,.*") if not is_legal_form(kept[-1]) else " ".join(kept).strip(" ,*")


@lru_cache(4096)
def core_name(name: str) -> str:
    """Folds a name without its legal form: two ways of writing one company give the same result."""
    return " ".join(fold_name(split_legal_form(name)[0]).decode(errors="replace").replace(" and ", " & ").split())


def split_legal_form(name: str) -> tuple[str, str]:
    """Splits a name into (`Carl Zeiss Meditec`, `AG`). A leading `The` and register marks (`/DE/`) are dropped."""
    name = name.strip()
    end = len(name)
    while mark := _MARK.search(name, max(0, end - _LONGEST_MARK), end):
        before = mark.start()
        while before and name[before - 1].isspace():
            before -= 1
        if not before:
            break
        end = before
    words = name[:end].split()
    if len(words) > 1 and words[0].casefold() == "the":
        words = words[1:]
    end = len(words)
    while end > 1 and (is_legal_form(words[end - 1]) or words[end - 1] in ("&", "and", "de", "C.V.", "CV")):
        end -= 1
    return " ".join(words[:end]).rstrip(" ,&-"), " ".join(words[end:])


def is_legal_form(word: str) -> bool:
    """Whether a word is a legal form, with or without dots: `Inc.`, `S.A.`, `A/S`."""
    plain = _PLAIN.sub("", word.casefold())
    return plain in LEGAL_FORMS or word in ("AS", "A/S")


def fold_name(text: str) -> bytes:
    """Folds a text for the comparison of names: lower case, punctuation as blanks, one blank added at both ends.

    Returns UTF-8. Apart from the two blanks it has as many characters as `text`, so places can be mapped back.
    """
    if not text.isascii():
        for written, plain in (
            ("\u2019", "'"),
            ("\u201c", '"'),
            ("\u201d", '"'),
            ("\u2013", "-"),
            ("\u2014", "-"),
            ("\u00a0", " "),
        ):
            text = text.replace(written, plain)
        if not text.isascii():
            lower = text.lower()
            text = lower if len(lower) == len(text) else text
    return b" " + text.encode(errors="replace").lower().translate(_SEPARATE) + b" "


def list_variants(name: str, *, short: bool = True) -> list[str]:
    """Lists the folded forms in which a text may write a name, without legal form.

    With `short` also without a last word such as `Group` or `Holdings`.
    """
    bare, _ = split_legal_form(name)
    found = [bare]
    words = bare.split()
    if short and len(words) > 1 and words[-1].casefold().strip(",") in _GROUP:
        found.append(split_legal_form(" ".join(words[:-1]))[0])
    written: dict[str, None] = {}
    for each in found:
        for form in (each, each.replace("&", "and"), re.sub(r"\band\b", "&", each), each.replace("'", "")):
            written[fold_name(form).decode().strip()] = None
    return [form for form in written if form]
