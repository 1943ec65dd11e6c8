"""From the tree of an HTML text, or from its bare tags, to lines of text."""

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
    """An open table: is a cell open that shares its row with others, and has the row had a cell."""

    cell_open = False
    row_begun = False


class TextWriter:
    """Collects text, and knows which break is due before the next word."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.due = 0  # line ends before the next text
        self.skipped = 0  # open elements that are left out
        self.entries = 0  # open list entries
        self.verbatim = 0  # open <pre>
        self.tables = [_Table()]

    def text(self, text: str | None) -> None:
        """Adds text, after the break that is due."""
        if not text or self.skipped:
            return
        if not self.verbatim:
            if not text.isprintable() or "  " in text:
                text = _WHITE.sub(" ", text)
            if text == " " and (self.due or not self.parts):
                return
        if self.due:
            self._break()
            text = text if self.verbatim else text.lstrip(" ")
        self.parts.append(text)

    def _break(self) -> None:
        if self.parts:
            self.parts[-1] = self.parts[-1].rstrip(" ")
        self.parts.append("\n" * self.due)
        self.due = 0

    def line(self, ends: int) -> None:
        """Asks for a break of so many line ends; a blank inside a cell."""
        if self.tables[-1].cell_open:
            self.text(" ")
        else:
            self.due = max(self.due, min(ends, 1) if self.entries else ends)

    def open(self, tag: str, alone: bool) -> None:
        """An element begins; `alone`: a cell that is its row's only one."""
        if tag in DROPPED_TAGS or self.skipped:
            self.skipped += tag in DROPPED_TAGS
            return
        if tag == "br":
            self.line(min(2, self.due + 1))
        elif tag == "table":
            self.due = 2
            self.tables.append(_Table())
        elif tag in _CELL_TAGS and not alone:
            self._open_cell(self.tables[-1])
        else:
            self._edge(tag)
        self.entries += tag == "li"
        self.verbatim += tag == "pre"

    def close(self, tag: str, alone: bool) -> None:
        """An element ends."""
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
            self._edge(tag)

    def _open_cell(self, table: _Table) -> None:
        if table.row_begun:
            self._break()
            self.parts.append("\t")
        table.row_begun = table.cell_open = True

    def _edge(self, tag: str) -> None:
        if tag == "tr":
            self.tables[-1].row_begun = self.tables[-1].cell_open = False
        if tag in _LINE_TAGS:
            self.line(1)
        elif tag in _PARAGRAPH_TAGS or tag in _CELL_TAGS:
            self.line(2)


def write_tree(root: etree._Element, writer: TextWriter) -> None:
    """Writes the text of a tree."""
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = str(element.tag)
        alone = tag in _CELL_TAGS and _is_alone(element)
        if event == "start":
            writer.open(tag, alone)
            writer.text(element.text)
        else:
            writer.close(tag, alone)
            writer.text(element.tail)


def _is_alone(cell: etree._Element) -> bool:
    """A cell that is its row's only one lays out a page; its paragraphs stay paragraphs."""
    return cell.getprevious() is None and cell.getnext() is None


def write_tags(html: str, writer: TextWriter) -> None:
    """Writes the text between the tags, where no tree can be built."""
    for found in _TAG.finditer(html):
        if found[2]:
            tag = found[2].lower()
            if found[1]:
                writer.close(tag, alone=False)
            else:
                writer.open(tag, alone=False)
        elif not found[0].startswith(("<!", "<?")):
            writer.text(entities.unescape(found[0]))
