"""Tells a page that is no article: a challenge, an error, a request for consent, a login, an empty shell.

Precision comes first. A page that declares an article (schema.org, Open Graph, a time of publication) is one. Any
other is refused only if it has hardly any prose besides what it says to its reader, and a second sign: the title of
such a page, the script of a known challenge, a field for a password, or nothing but words to the reader. An article
about such pages has prose of its own.
"""

import re
from itertools import islice

from streams.prepare.formats._page import read_lines
from streams.prepare.formats._xml import Element
from streams.prepare.text import page_words
from streams.prepare.text.notice_words import any_of, compile_words
from streams.prepare.text.plain import one_line

_TITLE = compile_words(any_of(page_words.NO_ARTICLE_TITLES))
_TO_READER = compile_words(any_of(page_words.TO_THE_READER))
_YOU = compile_words(rf"\b{any_of(page_words.YOU)}\b")
_SENTENCE = re.compile(r"(?<=[.!?]) ")
_PARTS = re.compile(r" ?[|\u2013\u2014\u00b7\u2022\u00bb] ?| - |: ")
_CHALLENGES = re.compile(
    r"/cdn-cgi/challenge-platform/|_cf_chl_opt|cf-browser-verification|cf-error-details|cf-challenge"
    r"|captcha-delivery\.com|px-captcha|_pxAppId|_Incapsula_Resource|errors\.edgesuite\.net|awswaf\.com|/awswaf/"
    r"|ddos-guard|sucuri\.net/privacy|kpsdk|geo\.captcha|hcaptcha\.com/1/api|recaptcha/(?:api|enterprise)\.js"
)
"""Names in the markup of pages that ask whether the reader is a machine."""
_MAX_SCRIPTS = 200
_MAX_SCRIPT = 20_000
_SENTENCE_WORDS = 10
_HARDLY_PROSE = 25
"""Words in sentences that are not spoken to the reader. An article has more."""
_MAX_TITLE = 200


def explain_no_article(root: Element, text: str, *, declared: bool) -> str:
    """Says why a page is no article; empty if it may be one.

    `text` is what was found as its article, `declared` whether the page declares an article.
    """
    if declared:
        return ""
    lines = [*read_lines(root), *filter(None, text.split("\n")), *_read_noscript(root)]
    sentences = [one for line in dict.fromkeys(lines) for one in _SENTENCE.split(line)]
    told = [one for one in sentences if not _TO_READER.search(one) and not _YOU.search(one)]
    prose = sum(words for one in told if (words := len(one.split())) >= _SENTENCE_WORDS)
    if prose >= _HARDLY_PROSE:
        return ""
    if title := _find_title(root):
        return f"the page is no article but {title[:80]!r}"
    if _has_challenge(root):
        return "the page is no article: it asks whether the reader is a machine"
    if any((one.get("type") or "").lower() == "password" for one in islice(root.iter("input"), _MAX_SCRIPTS)):
        return "the page is no article: it asks for a password"
    spoken = any(map(_TO_READER.search, lines))
    if spoken and not prose:
        return "the page is no article: it speaks to its reader only"
    return ""


def _find_title(root: Element) -> str:
    """Returns the title or heading that only a page without an article has; empty if there is none."""
    for element in islice(root.iter("title", "h1", "h2"), 20):
        line = one_line("".join(map(str, element.itertext()))[:_MAX_TITLE])
        if any(_TITLE.fullmatch(part.strip(" .!\u2026")) for part in (line, *_PARTS.split(line)) if part):
            return line
    return ""


def _has_challenge(root: Element) -> bool:
    for element in islice(root.iter("script", "div", "form", "iframe", "a"), _MAX_SCRIPTS):
        named = " ".join((element.get("src") or "", element.get("id") or "", element.get("class") or ""))
        link = element.get("href") or element.get("action") or ""
        script = (element.text or "")[:_MAX_SCRIPT] if element.tag == "script" else ""
        if _CHALLENGES.search(f"{named} {link} {script}"):
            return True
    return False


def _read_noscript(root: Element) -> list[str]:
    return [one_line("".join(map(str, one.itertext()))[:2_000]) for one in islice(root.iter("noscript"), 10)]
