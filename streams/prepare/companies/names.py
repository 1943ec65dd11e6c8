"""Names of companies: their legal form, the form in which they are compared, the names a company goes by."""

import re


def words(text: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(text.split())


LEGAL_FORMS = words(
    "inc incorporated corp corporation co cos company companies ltd limited plc llc lp llp lllp ag sa"
    " se nv bv gmbh kgaa kg oyj oy"
    " ab asa aps spa sab sarl sas sca sae pjsc ojsc jsc bhd berhad tbk pte pty pcl kk ltda adr ads"
)
"""Last words of a name that say what kind of company it is, without their dots and slashes."""
_MARK = re.compile(r"\s*(?:[/\\][A-Za-z ]{2,12}[/\\]?|\([^()]{1,40}\))\s*$")
_GROUP = frozenset({"group", "holdings", "holding", "grp", "hldgs"})
_PLAIN = re.compile(r"[^a-z0-9]")
_SEPARATE = bytes(byte if byte >= 0x80 or chr(byte).isalnum() or byte == ord("&") else ord(" ") for byte in range(256))


def fold(text: str) -> bytes:
    """Text as names are compared: lower case, each punctuation mark a blank, a blank before and behind. UTF-8.

    As many characters as `text`, but for the two blanks.
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
        lower = text.lower()
        text = lower if len(lower) == len(text) else text
    return b" " + text.encode(errors="replace").lower().translate(_SEPARATE) + b" "


def is_legal_form(word: str) -> bool:
    """Whether a word, with its dots, is a legal form: `Inc.`, `S.A.`, `A/S`."""
    plain = _PLAIN.sub("", word.casefold())
    return plain in LEGAL_FORMS or word in ("AS", "A/S")


def split_legal_form(name: str) -> tuple[str, str]:
    """A name and its legal form: (`Carl Zeiss Meditec`, `AG`); `The` and register marks (`/DE/`) are dropped."""
    name = name.strip()
    while mark := _MARK.search(name):
        if not mark.start():
            break
        name = name[: mark.start()]
    words = name.split()
    if len(words) > 1 and words[0].casefold() == "the":
        words = words[1:]
    end = len(words)
    while end > 1 and (is_legal_form(words[end - 1]) or words[end - 1] in ("&", "and", "de", "C.V.", "CV")):
        end -= 1
    return " ".join(words[:end]).rstrip(" ,&-"), " ".join(words[end:])


def core(name: str) -> str:
    """A name folded, without its legal form: what two writings of one company have in common."""
    return " ".join(fold(split_legal_form(name)[0]).decode(errors="replace").replace(" and ", " & ").split())


def variants(name: str, *, short: bool = True) -> list[str]:
    """The folded names under which a text may write a company, without legal form; `short`: without `Group` too."""
    bare, _ = split_legal_form(name)
    found = [bare]
    words = bare.split()
    if short and len(words) > 1 and words[-1].casefold().strip(",") in _GROUP:
        found.append(split_legal_form(" ".join(words[:-1]))[0])
    written: dict[str, None] = {}
    for each in found:
        for form in (each, each.replace("&", "and"), re.sub(r"\band\b", "&", each), each.replace("'", "")):
            written[fold(form).decode().strip()] = None
    return [form for form in written if form]
