"""The page of changes shows each of them, runs no script and cannot be broken out of by a text."""

from html.parser import HTMLParser

from streams.ops.diff_page import DiffRow, build_diff_page

HOSTILE = '<script>alert(1)</script> "quoted" & <img src=x onerror=y> \u202e'


class Reader(HTMLParser):
    """Collects the tags, the attributes and the texts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())


def read(*rows: DiffRow, title: str = "Rules: old -> new") -> Reader:
    reader = Reader()
    reader.feed(build_diff_page(title, ["1 of 3 items would move"], rows))
    return reader


def test_a_change_shows_where_it_is_and_what_it_loses_and_wins() -> None:
    page = read(
        DiffRow("items.jsonl 4", "Norwick opens a mine", "moved", ["companies.ipos"], ["commodities", "markets"])
    )
    shown = [text for text in page.texts if text]
    assert shown[3:] == [
        "1 of 3 items would move",
        *("Item", "Change", "Loses", "Wins"),
        *("Norwick opens a mine", "items.jsonl 4", "moved", "companies.ipos", "commodities", "markets"),
    ]


def test_a_hostile_text_is_a_text_on_the_page() -> None:
    page = read(DiffRow(HOSTILE, HOSTILE, HOSTILE, [HOSTILE], [HOSTILE]), title=HOSTILE)
    assert page.tags <= {
        *("html", "head", "meta", "title", "style", "body", "h1", "pre", "table", "thead", "tbody", "tr", "th", "td"),
        *("br", "small", "del", "ins"),
    }
    assert page.attributes == {"lang", "charset", "http-equiv", "content", "name"}
    assert sum("<script>alert(1)</script>" in text for text in page.texts) == 7
    assert not any("\u202e" in text for text in page.texts)
