"""Cleans text: turns HTML into paragraphs, removes hostile and invisible characters, makes HTML safe to show."""

import html as entities
import re
import unicodedata
from collections.abc import Iterator

import nh3
from lxml import etree

from streams.prepare.text.html_to_text import DROPPED_TAGS, TextWriter, write_tags, write_tree


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CLOSED_BY_NEXT = _names("p li td th tr dt dd option")
_VOID = _names("area base br col embed hr img input link meta source track wbr")
_OPENING = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_COSTLY = 5_000_000
"""Depth times tags: from here on the tree of an HTML text takes seconds to build. No wire's page comes near."""

# Matches a comment, or a tag to its end as a parser sees it: a `>` in a quoted value does not close the tag.
# Never backtracks.
_TAG = re.compile(
    r"<!--(?:[^-]++|-(?!->))*+|<(?P<name>[a-zA-Z][a-zA-Z0-9]*+)"
    r"(?P<attributes>(?:[^>=]++|=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+)?+)*+)>?+"
)
_GAP = re.compile(r"[\s/\"']+")
_MAX_GAPS = 400
"""Gaps between the attributes of a tag. Parsers compare each with all before it: 100,000 take half a minute."""

_LINE_ENDS = re.compile("\r\n?|[\v\f\x85\u2028]")
_HIDDEN = (
    "\0-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f"
)
INVISIBLE = re.compile(f"[{_HIDDEN}]")
"""Matches characters that no reader sees: control, bidi and zero-width ones."""
_FILLERS = "\u115f\u1160\u3164\uffa0\u2800"
"""Letters and symbols without a shape: Hangul fillers and the Braille blank."""
# Zero-width (non-)joiners spell words in Arabic and Indic scripts and join emoji; elsewhere they only hide.
_JOINERS = re.compile("(?<![\u0600-\u0dff\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]+")
_BLANKS = re.compile(r"[^\S\n\t ][^\S\n\t]*| [^\S\n\t]+")  # all runs but one blank alone
_AROUND_TABS = re.compile(r" ?\t ?")
_EMPTY_LINES = re.compile(r"\n{3,}")
_PLAIN_ASCII = bytes(range(32, 127)) + b"\n\t"

_SAFE_TAGS = set(
    _names(
        "a abbr b blockquote br caption cite code dd div dl dt em h1 h2 h3 h4 h5 h6 hr i li ol p pre s small "
        "span strong sub sup table tbody td tfoot th thead tr u ul"
    )
)
_SAFE_ATTRIBUTES = {
    "a": {"href", "title"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
}
_MOST_AMPERSANDS = 20_000
"""The sanitiser's time grows with the square of their number: 100,000 take a quarter of a second, a million half a
minute."""
_SAFE_LINK = re.compile(r"(?:https?://|mailto:)", re.I)


def clean(text: str) -> str:
    """Cleans plain text: NFC, no control, bidi or zero-width characters, blanks collapsed, stripped.

    A text without any character that a reader sees becomes empty. Lines end in `\\n`, with at most one empty line in a
    row. A tab stays: it separates cells. Idempotent.
    """
    text = text.strip().replace("\u00a0", " ")
    plain = _is_plain(text)
    if plain and _is_tidy(text) and (text.isascii() or unicodedata.is_normalized("NFC", text)):
        return "" if _shows_nothing(text) else text
    return _tidy(text, plain)


def _is_tidy(text: str) -> bool:
    """Tells whether a text of plain characters has no blanks that `clean` changes; most texts have none."""
    if "  " in text or ("\t" in text and (" \t" in text or "\t " in text or "\t\n" in text)):
        return False
    return "\n" not in text or not ("\n " in text or " \n" in text or "\n\n\n" in text)


def _shows_nothing(text: str) -> bool:
    """Whether a text has no character that a reader sees: no letter, number, punctuation or symbol."""
    return not text.isascii() and not any(
        unicodedata.category(each)[0] in "LNPS" and each not in _FILLERS for each in text
    )


def _tidy(text: str, plain: bool) -> str:
    if not plain:
        text = INVISIBLE.sub("", _LINE_ENDS.sub("\n", text.replace("\u2029", "\n\n")))
    text = unicodedata.normalize("NFC", text)
    if "\u200c" in text or "\u200d" in text:
        text = unicodedata.normalize("NFC", _JOINERS.sub("", text))
    if not plain:
        text = _BLANKS.sub(" ", text)
    while "  " in text:
        text = text.replace("  ", " ")
    if _shows_nothing(text):
        return ""
    if "\t" in text:
        text = _AROUND_TABS.sub("\t", text)
    text = "\n".join([line.lstrip(" ").rstrip(" \t") for line in text.split("\n")])
    return _EMPTY_LINES.sub("\n\n", text).strip() if "\n\n\n" in text else text.strip()


def _is_plain(text: str) -> bool:
    """Tells whether every character is shown and every blank is the common one; ten times as fast as a pattern."""
    if text.isascii():
        return not text.encode().translate(None, _PLAIN_ASCII)
    return text.replace("\n", " ").replace("\t", " ").isprintable() and "\u034f" not in text


def one_line(text: str) -> str:
    """Cleans a headline or a name as `clean` does, into one line with single blanks."""
    if text.isprintable() and text.isascii() and "  " not in text:
        return text.strip()
    return " ".join(clean(text).split())


def lower_same_length(text: str) -> str:
    """Returns the text in lower case with the same length. A capital whose lower case has two characters stays."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(map(_lower_character, text))


def _lower_character(character: str) -> str:
    lower = character.lower()
    return lower if len(lower) == 1 else character


def find_places(text: str, part: str) -> Iterator[int]:
    """Yields each place of `part` in the text."""
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def html_to_text(html: str) -> str:
    """Extracts the text of an HTML page or fragment, cleaned: paragraphs with one empty line between them.

    `<br>`, list entries and table rows end a line; tabs separate the cells of a row. Scripts, styles, head and
    navigation are left out, entities are decoded. Never raises: HTML that nests too deep for a tree is read tag by tag.
    """
    html = drop_excess_attributes(INVISIBLE.sub("", html))
    writer = TextWriter()
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = etree.fromstring(html.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None or any("depth" in entry.message for entry in parser.error_log):
        write_tags(html, writer)
    else:
        write_tree(root, writer)
    return clean("".join(writer.parts))


def sanitise_html(html: str) -> str:
    """Makes HTML safe to show to anyone: a small allow-list of tags; links to http, https and mailto only.

    HTML that no page of a wire comes near, too deep or full of ampersands, becomes paragraphs of plain text.
    """
    html = drop_excess_attributes(INVISIBLE.sub("", html))
    if html.count("&") > _MOST_AMPERSANDS or _estimate_parse_cost(html) > _COSTLY:
        paragraphs = html_to_text(html).split("\n\n")
        return "".join(f"<p>{entities.escape(p)}</p>" for p in paragraphs if p)
    return nh3.clean(
        html,
        tags=_SAFE_TAGS,
        clean_content_tags=set(DROPPED_TAGS - {"head", "nav"}) | {"title"},
        attributes=_SAFE_ATTRIBUTES,
        attribute_filter=_filter_attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    ).strip()


def drop_excess_attributes(html: str) -> str:
    """Removes the attributes of each tag that has more than `_MAX_GAPS` of them; no reader misses them."""
    return _TAG.sub(_shorten_tag, html) if len(html) > 2 * _MAX_GAPS else html


def _shorten_tag(found: re.Match[str]) -> str:
    attributes = found["attributes"]
    if attributes is None or len(attributes) <= _MAX_GAPS or len(_GAP.findall(attributes)) <= _MAX_GAPS:
        return found[0]
    return f"<{found['name']}>"


def _filter_attribute(_tag: str, name: str, value: str) -> str | None:
    if name != "href":
        return value
    return value.strip() if _SAFE_LINK.match(value.strip()) else None


def _estimate_parse_cost(html: str) -> int:
    depth = deepest = tags = 0
    for found in _OPENING.finditer(html):
        tags += 1
        name = found[2].lower()
        if name in _VOID or name in _CLOSED_BY_NEXT:
            continue
        depth = max(0, depth - 1) if found[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest * tags
