"""Finds on a page what its markup and the extracting library do not give: headline, time of day, lost prose."""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from lxml import etree

from streams.prepare.formats._xml import Element
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.embargo import is_embargo_line
from streams.prepare.text.plain import clean, one_line

_NO_HEADLINE = re.compile(
    r"\W*(?:(?:exhibit|ex)[-. ]{0,2}\d+(?:\.\d+)*|(?:form )?(?:8-k|6-k|10-[kq]|20-f|s-\d)(?:/a)?"
    r"|(?:untitled )?document ?\d*"
    r"|untitled.{0,20}|(?:home|index|news|press releases?|news releases?|announcements?|default|title"
    r"|page)(?: ?page)? ?\d*"
    r"|microsoft word.{0,100}|[\w. -]{1,80}\.(?:html?|pdf|docx?|aspx?|php|txt|xml|xhtml)|[\w-]{1,40}-\d{8}|\d{1,4}"
    r"|for immediate (?:release|distribution).{0,40})\W*",
    re.I,
)
"""Titles that programs write: names of exhibits, forms and files."""
_HEADLINE_WORDS = 3
_MAX_HEADLINE = 300
_BLOCKS = ("p", "div", "li", "td", "dd", "blockquote", "section", "span", "font")
_FURNITURE = (
    "nav",
    "footer",
    "aside",
    "header",
    "form",
    "script",
    "style",
    "head",
    "noscript",
    "template",
    "button",
    "figure",
)
_OTHERS = re.compile(r"comment|related|cookie|consent|newsletter|footer|sidebar|promo|share|disclaimer", re.I)
_SENTENCE = re.compile(r"(?:\S+\s+){14}.*[.!?][\"'\u201d)]?\s*\Z", re.S)
_LOST_SENTENCES = 3
_CLOCK = re.compile(r"\d{1,2}[:.]\d\d|\d ?[ap]\.?m\b", re.I)
_DATE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:date|time|datetime|timestamp|published|pubdate)|(?:date|time)(?:$|[\s_-])", re.I
)
_BARS = re.compile(r"(?:(?<!\s)\s+)?[|\u2022\u00b7]\s*")
_MAX_TIME = 120
_MAX_CELL = 500


def is_no_headline(title: str) -> bool:
    """Whether a title is the name of a file, a form or a template."""
    return _NO_HEADLINE.fullmatch(title) is not None


def find_text_headline(text: str) -> str:
    """Returns the first line of a text that can be its headline; empty if there is none."""
    for line in islice(filter(None, text.split("\n")), 20):
        if not is_no_headline(line):
            return line if len(line.split()) >= _HEADLINE_WORDS and len(line) <= _MAX_HEADLINE else ""
    return ""


def read_lines(root: Element) -> list[str]:
    """Reads the texts of the innermost blocks of a page that are shown, each as one line, in document order."""
    return [line for element in _walk_shown(root) if (line := _own_line(element))]


def find_lost_prose(root: Element, found: str) -> str:
    """Returns the whole text of the page if what was found has no sentence, and the page shows long ones; else empty.

    Where a sentence was found, the others may be those of other articles.
    """
    if any(map(_SENTENCE.match, found.split("\n"))):
        return ""
    lines = read_lines(root)
    longest = sorted((line for line in lines if _SENTENCE.match(line)), key=len, reverse=True)[:_LOST_SENTENCES]
    known = "".join(found.split())
    lost = [line for line in longest if "".join(line[:80].split()) not in known]
    return clean("\n\n".join(lines)) if 2 * len(lost) > len(longest) else ""


def find_marked_time(root: Element) -> datetime | None:
    """Finds a date with its time of day in a `time` element, or in one whose class says that it is a date."""
    for element in islice(root.iter("time", "span", "div", "p", "td", "li"), 3_000):
        named = f"{element.get('class') or ''} {element.get('id') or ''}"
        if (element.tag != "time" and not _DATE_CLASS.search(named)) or _is_of_others(element):
            continue
        line = _line(element)
        if len(line) <= _MAX_TIME and _CLOCK.search(line):
            for part in (line, *_BARS.split(line)):
                if _CLOCK.search(part) and (when := parse_time(part)):
                    return when
    return None


def find_embargo_line(root: Element) -> str:
    """Finds a line of the page that says nothing but an embargo, wherever it stands; empty if there is none."""
    for element in islice(root.iter("p", "div", "span", "strong", "b", "em", "i", "h2", "h3", "h4", "td", "li"), 3_000):
        line = one_line(element.text or "") if len(element.text or "") <= _MAX_HEADLINE else ""
        if line and is_embargo_line(line, release_too=False) and not _is_of_others(element):
            return line
    return ""


def flatten_lists_in_cells(root: Element) -> None:
    """Turns lists inside table cells into text: the library drops them."""
    for cell in list(root.iter("td", "th")):
        inner = next(cell.iterdescendants("ul", "ol", "dl"), None)
        if inner is None or next(cell.iterdescendants("table"), None) is not None:
            continue
        pieces = [one_line(str(piece)) for piece in cell.itertext()]
        text = "; ".join(filter(None, pieces))
        if len(text) <= _MAX_CELL:
            for inner in list(cell):
                cell.remove(inner)
            cell.text = text


def _walk_shown(element: Element) -> Iterator[Element]:
    stack = [element]
    while stack:
        one = stack.pop()
        tag = one.tag if isinstance(one.tag, str) else ""
        if not tag or tag in _FURNITURE or _is_hidden(one) or _names_others(one):
            continue
        yield one
        stack.extend(reversed(one))


def _own_line(element: Element) -> str:
    """Returns the text of a block without blocks inside; empty for any other element."""
    if element.tag not in (*_BLOCKS[:-2], "h1", "h2", "h3", "h4", "h5", "h6"):
        return ""
    if any(inner.tag in _BLOCKS[:-2] or inner.tag == "table" for inner in element.iterdescendants(etree.Element)):
        return ""
    return _line(element)


def _line(element: Element) -> str:
    pieces: list[str] = []
    length = 0
    shown = element.xpath("descendant::text()[not(parent::script or parent::style)]")
    for piece in shown if isinstance(shown, list) else ():
        pieces.append(str(piece))
        length += len(pieces[-1])
        if length > 20_000:
            break
    return one_line("".join(pieces))


def _is_hidden(element: Element) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    return "display:none" in style or element.get("hidden") is not None


def _names_others(element: Element) -> bool:
    return _OTHERS.search(f"{element.get('class') or ''} {element.get('id') or ''}") is not None


def _is_of_others(element: Element) -> bool:
    return any(one.tag in _FURNITURE[1:3] or _names_others(one) for one in [element, *element.iterancestors()])
