"""Turns HTML into lines of plain text, from its parsed tree or, where no tree can be built, from its tags."""

import html as entities
import re

from lxml import etree


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


DROPPED_TAGS = _names("script style head nav template noscript iframe svg math")
_PARAGRAPH_TAGS = _names(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hr html main ol p pre section summary table tbody tfoot thead ul"
)
_LINE_TAGS = _names("li tr caption dt dd option")
_CELL_TAGS = _names("td th")
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:.-]*)[^<>]*>?|<[!?][^>]*>?|[^<]+|<")
_WHITE = re.compile(r"[ \t\n\r\f]+")


class _Table:
    """The state of an open table: whether a cell that shares its row is open, and whether the row had a cell."""

    cell_open = False
    row_begun = False


class TextWriter:
    """Collects text and inserts the break that is due before the next word."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.due = 0  # line ends to write before the next text
        self.skipped = 0  # open elements whose text is left out
        self.entries = 0  # open <li>
        self.verbatim = 0  # open <pre>
        self.tables = [_Table()]

    def write_text(self, text: str | None) -> None:
        """Appends text behind the break that is due."""
        if not text or self.skipped:
            return
        if not self.verbatim:
            if not text.isprintable() or "  " in text:
                text = _WHITE.sub(" ", text)
            if text == " " and (self.due or not self.parts):
                return
        if self.due:
            self._write_break()
            text = text if self.verbatim else text.lstrip(" ")
        self.parts.append(text)

    def _write_break(self) -> None:
        if self.parts:
            self.parts[-1] = self.parts[-1].rstrip(" ")
        self.parts.append("\n" * self.due)
        self.due = 0

    def request_break(self, ends: int) -> None:
        """Requests a break of so many line ends before the next text; inside a cell a break is a blank."""
        if self.tables[-1].cell_open:
            self.write_text(" ")
        else:
            self.due = max(self.due, min(ends, 1) if self.entries else ends)

    def open_element(self, tag: str, alone: bool) -> None:
        """Handles a start tag; `alone` marks a cell that is the only one of its row."""
        if tag in DROPPED_TAGS or self.skipped:
            self.skipped += tag in DROPPED_TAGS
            return
        if tag == "br":
            self.request_break(min(2, self.due + 1))
        elif tag == "table":
            self.due = 2
            self.tables.append(_Table())
        elif tag in _CELL_TAGS and not alone:
            self._open_cell(self.tables[-1])
        else:
            self._break_at_tag(tag)
        self.entries += tag == "li"
        self.verbatim += tag == "pre"

    def close_element(self, tag: str, alone: bool) -> None:
        """Handles an end tag."""
        if tag in DROPPED_TAGS or self.skipped:
            self.skipped = max(0, self.skipped - (tag in DROPPED_TAGS))
            return
        self.entries = max(0, self.entries - (tag == "li"))
        self.verbatim = max(0, self.verbatim - (tag == "pre"))
        if tag == "table":
            del self.tables[max(1, len(self.tables) - 1) :]
            self.due = 2
        elif tag in _CELL_TAGS and not alone:
            self.tables[-1].cell_open = False
        else:
            self._break_at_tag(tag)

    def _open_cell(self, table: _Table) -> None:
        if table.row_begun:
            self._write_break()
            self.parts.append("\t")
        table.row_begun = table.cell_open = True

    def _break_at_tag(self, tag: str) -> None:
        if tag == "tr":
            self.tables[-1].row_begun = self.tables[-1].cell_open = False
        if tag in _LINE_TAGS:
            self.request_break(1)
        elif tag in _PARAGRAPH_TAGS or tag in _CELL_TAGS:
            self.request_break(2)


def write_tree(root: etree._Element, writer: TextWriter) -> None:
    """Writes the text of a parsed tree."""
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = str(element.tag)
        alone = tag in _CELL_TAGS and _is_alone(element)
        if event == "start":
            writer.open_element(tag, alone)
            writer.write_text(element.text)
        else:
            writer.close_element(tag, alone)
            writer.write_text(element.tail)


def _is_alone(cell: etree._Element) -> bool:
    """Tells whether a cell is the only one of its row: it then lays out a page, and its paragraphs stay paragraphs."""
    return cell.getprevious() is None and cell.getnext() is None


def write_tags(html: str, writer: TextWriter) -> None:
    """Writes the text between the tags, one tag after another, without a tree."""
    for found in _TAG.finditer(html):
        if found[2]:
            tag = found[2].lower()
            if found[1]:
                writer.close_element(tag, alone=False)
            else:
                writer.open_element(tag, alone=False)
        elif not found[0].startswith(("<!", "<?")):
            writer.write_text(entities.unescape(found[0]))
