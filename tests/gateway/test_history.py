"""The history: rows, cursors, words, companies, withdrawals, and what is left of a text on the disk."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.history import Pen, company
from support.ticker_items import SOURCES

from streams.gateway.history import DERIVED_AT_ONCE, FILE, HistoryStore
from streams.gateway.history_query import parse_query
from streams.gateway.search_text import parse_search
from streams.gateway.story_address import build_short_id
from streams.gateway.story_versions import list_kept_versions
from streams.model.errors import WorkFailed


@pytest.fixture
def pen(tmp_path: Path) -> Iterator[Pen]:
    store = HistoryStore(tmp_path, "news.latest")
    store.open()
    yield Pen(store)
    store.close()


NORWICK = company("Norwick Pumps", "cik-1", symbol="NWK")
HARLOW = company("Harlow Mills", "cik-2", symbol="HLW")
ALL = {
    "plant": {"organisations": [NORWICK], "sectors": ["medtop:20000225"]},
    "listing": {
        "headline": "Harlow Mills lists its shares",
        "organisations": [HARLOW, {**NORWICK, "rel": "mentions"}],
        "categories": ["companies.ipos"],
    },
    "merger": {"headline": "Talks of a “merger” between Norwick & Harlow", "language": "en-GB"},
    "oil": {"headline": "El petróleo sube", "language": "es", "categories": ["commodities"]},
}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["oil", "merger", "listing", "plant"]),
        ({"category": "latest"}, ["oil", "merger", "listing", "plant"]),
        ({"category": "companies"}, ["merger", "listing", "plant"]),
        ({"category": "companies.ipos,commodities"}, ["oil", "listing"]),
        ({"ticker": "NWK"}, ["listing", "plant"]),
        ({"ticker": "xnas:nwk"}, ["listing", "plant"]),
        ({"ticker": "NWK,HLW", "about": "1"}, ["listing", "plant"]),
        ({"ticker": "NWK", "about": "1"}, ["plant"]),
        ({"company": "cik-1"}, ["plant"]),
        ({"company": "urn:newswire:company:cik-1"}, ["plant"]),
        ({"company": "cik-1", "about": "0"}, ["listing", "plant"]),
        ({"company": "cik-9"}, []),
        ({"sector": "20000225"}, ["plant"]),
        ({"sector": "medtop:20000225"}, ["plant"]),
        ({"sector": "mining"}, ["plant"]),
        ({"language": "en"}, ["merger", "listing", "plant"]),
        ({"language": "en-gb"}, ["merger"]),
        ({"source": "prnewswire"}, ["oil", "merger", "listing", "plant"]),
        ({"source": "RE"}, []),
        ({"q": "norwick"}, ["merger", "plant"]),
        ({"q": "petroleo"}, ["oil"]),
        ({"q": "harlow mills"}, ["listing"]),
        ({"q": '"mills lists"'}, ["listing"]),
        ({"q": '"lists mills"'}, []),
        ({"q": "harlow -listing -lists"}, ["merger"]),
        ({"q": "hlw"}, ["listing"]),
        ({"q": "norwick", "category": "companies", "language": "en-GB"}, ["merger"]),
        ({"from_": "2026-03-02T10:00:02Z"}, ["oil", "merger"]),
        ({"to": "2026-03-02T10:00:01Z"}, ["listing", "plant"]),
        ({"from_": "2026-03-02", "to": "2026-03-02"}, ["oil", "merger", "listing", "plant"]),
        ({"from_": "2026-03-03"}, []),
        ({"to": "2026-03-01"}, []),
        ({"limit": "1", "category": "companies"}, ["merger"]),
    ],
)
def test_all_that_is_asked_must_hold_and_the_newest_comes_first(
    pen: Pen, asked: dict[str, str], found: list[str]
) -> None:
    for name, fields in ALL.items():
        pen.put(name, **fields)  # type: ignore[arg-type]
    assert pen.names(**asked) == found


@pytest.mark.parametrize("asked", [{}, {"category": "companies"}, {"q": "plant"}, {"category": "companies,markets"}])
def test_cursors_lead_through_all_rows_and_back(pen: Pen, asked: dict[str, str]) -> None:
    for number in range(23):
        pen.put(f"n{number}", time=f"2026-03-02T10:00:{number // 3:02}Z")
    whole = pen.names(**asked)
    assert len(whole) == 23
    pages = [pen.page(limit="5", **asked)]
    assert pages[0].newer is None
    while (cursor := pages[-1].older) is not None:
        pages.append(pen.page(limit="5", before=str(cursor), **asked))
    assert [len(page.rows) for page in pages] == [5, 5, 5, 5, 3]
    assert [row for page in pages for row in page.rows] == list(pen.page(**asked).rows)
    back = [pages[-1]]
    while (cursor := back[0].newer) is not None:
        back.insert(0, pen.page(limit="5", after=str(cursor), **asked))
    assert [row for page in back for row in page.rows] == list(pen.page(**asked).rows)


def test_a_time_as_a_cursor_includes_its_second(pen: Pen) -> None:
    for number in range(6):
        pen.put(f"n{number}", time=f"2026-03-02T10:00:0{number // 2}Z")
    assert pen.names(before="2026-03-02T10:00:01Z") == ["n3", "n2", "n1", "n0"]
    assert pen.names(after="2026-03-02T10:00:01Z") == ["n5", "n4", "n3", "n2"]


def test_a_cursor_holds_when_its_row_is_gone(pen: Pen) -> None:
    for number in range(4):
        pen.put(f"n{number}")
    cursor = pen.page(limit="2").older
    pen.put("n2", version=2, withdrawn=True)
    assert pen.names(before=str(cursor)) == ["n1", "n0"]


def test_a_revision_replaces_its_row_and_an_older_version_changes_nothing(pen: Pen) -> None:
    pen.put("a", "Norwick Pumps opens a plant", categories=["markets"])
    pen.put("b")
    pen.put("a", "Norwick Pumps shuts a plant", version=2, categories=["companies"])
    pen.put("a", "Norwick Pumps opens a mine", version=1)
    assert pen.names() == ["a", "b"]
    assert (pen.names(category="markets"), pen.names(q="opens"), pen.names(q="shuts")) == ([], ["b"], ["a"])
    item = pen.read(lambda store: store.find_item(build_short_id("urn:newswire:prnewswire:a")))
    assert [each.headline for each in item.versions] == ["Norwick Pumps opens a plant", "Norwick Pumps shuts a plant"]
    assert (item.is_open, orjson.loads(item.document)["version"]) == (True, "2")


@pytest.mark.parametrize(("rights", "parts"), [("full", ["headline", "text"]), ("restricted", ["headline"])])
def test_a_later_version_keeps_what_it_changed_for_those_who_may_read_it(
    pen: Pen, rights: str, parts: list[str]
) -> None:
    pen.put("a", "Norwick Pumps earns 4 million", body="It earned 4 million.", rights=rights)
    pen.put("a", "Norwick Pumps earns 5 million", body="It earned 5 million.", version=2)
    item = pen.read(lambda store: store.find_item(build_short_id("urn:newswire:prnewswire:a")))
    first, second = list_kept_versions(item.versions, trusted=False)
    assert (first.changes, [each.part for each in second.changes]) == ((), parts)
    assert [each.part for each in list_kept_versions(item.versions, trusted=True)[1].changes] == ["headline", "text"]


def test_a_withdrawn_story_is_gone_from_all_answers_and_can_come_back(pen: Pen) -> None:
    pen.put("a", organisations=[NORWICK], sectors=["medtop:20000225"])
    short = build_short_id("urn:newswire:prnewswire:a")
    pen.put("a", version=2, withdrawn=True)
    for asked in ({}, {"category": "companies"}, {"q": "plant"}, {"company": "cik-1"}, {"sector": "20000225"}):
        assert pen.names(**asked) == []
    assert pen.read(lambda store: store.find_item(short)) is None
    assert pen.read(lambda store: store.is_withdrawn(short)) is True
    assert pen.read(lambda store: store.find_company("cik-1")) is None
    assert pen.read(lambda store: store.suggest_companies("nor")) == []
    assert pen.read(lambda store: store.is_withdrawn(build_short_id("b"))) is False
    pen.put("a", version=1)
    assert pen.names() == []
    pen.put("a", "It is back", version=3)
    assert (pen.names(), pen.read(lambda store: store.is_withdrawn(short))) == (["a"], False)


def test_a_company_has_the_name_of_its_newest_story(pen: Pen) -> None:
    pen.put("old", organisations=[company("Norwick Pumps", "cik-1", symbol="NWK")])
    pen.put("new", organisations=[company("Norwick Fluid", "cik-1", "mentions", symbol="NWF")])

    def named() -> Any:
        found = pen.read(lambda store: store.find_company("cik-1"))
        return found.name, found.symbols, found.items

    def suggested(text: str) -> list[str]:
        return [each.id for each in pen.read(lambda store: store.suggest_companies(text))]

    assert named() == ("Norwick Fluid", ("XNAS:NWF",), 2)
    assert (suggested("flu"), suggested("nw"), suggested("pumps"), suggested("fluid nor")) == (
        ["cik-1"], ["cik-1"], [], ["cik-1"]
    )  # fmt: skip
    pen.put("new", version=2, withdrawn=True)
    assert named() == ("Norwick Pumps", ("XNAS:NWK",), 1)
    assert (suggested("flu"), suggested("pumps")) == ([], ["cik-1"])


def test_no_word_of_a_withdrawn_story_is_left_in_any_file(pen: Pen, tmp_path: Path) -> None:
    hidden = ("Zyxquark", "Wvortex", "Uptonium", "Qrstuvian")
    for number in range(300):
        pen.put(f"n{number}", f"Norwick Pumps opens plant number {number} in the north")
    pen.put(
        "secret",
        f"{hidden[0]} buys {hidden[1]}",
        body=f"{hidden[2]} said so.",
        organisations=[company(hidden[3], "cik-3", symbol="ZYXQ")],
    )
    for number in range(300):
        pen.put(f"m{number}", f"Harlow Mills opens plant number {number} in the south")
    assert find_words(tmp_path, hidden) >= {hidden[0].lower(), hidden[3].lower(), hidden[3]}
    pen.put("secret", version=2, withdrawn=True)
    while not pen.store.wipe_index():
        pass
    assert pen.store.wipe_journal()
    assert find_words(tmp_path, (*hidden, "ZYXQ", "cik-3")) == set()
    assert len(pen.names(q="north", limit="1000")) == 300


def find_words(folder: Path, words: tuple[str, ...]) -> set[str]:
    """Finds words in the bytes of all files. The index leaves out the letters that two words share at their start."""
    held = b"".join(path.read_bytes() for path in folder.iterdir())
    return {form for word in words for form in (word, word.lower()) if form.encode()[1:] in held}


def test_a_history_is_read_again_where_it_was_left(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path, "news.latest")
    assert store.open() == {}
    Pen(store).put("a")
    store.close()
    again = HistoryStore(tmp_path, "news.latest")
    assert again.open() == {0: 1}
    assert Pen(again).names() == ["a"]
    again.close()


@pytest.mark.parametrize("fault", ["no database", "half a file", "other format", "other topic"])
def test_a_file_that_cannot_be_used_is_made_again(tmp_path: Path, fault: str) -> None:
    store = HistoryStore(tmp_path, "news.latest")
    store.open()
    Pen(store).put("a")
    store.close()
    path = tmp_path / FILE
    if fault == "no database":
        path.write_bytes(b"no database" * 1000)
    elif fault == "half a file":
        path.write_bytes(path.read_bytes()[:5000])
    elif fault == "other format":
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA user_version = 7")
        connection.close()
    again = HistoryStore(tmp_path, "other.latest" if fault == "other topic" else "news.latest")
    assert again.open() == {}
    pen = Pen(again)
    pen.put("b")
    assert pen.names() == ["b"]
    again.close()


def shown(pen: Pen) -> Any:
    """Returns what readers get of the stories of `write_some_of_all`."""
    item = pen.read(lambda store: store.find_item(build_short_id("urn:newswire:prnewswire:merger")))
    return (
        pen.page(),
        {name: pen.names(**asked) for name, asked in ASKED.items()},
        (item.number, item.data, item.is_open, item.document, item.versions),
        [pen.read(lambda store, word=word: store.suggest_companies(word)) for word in ("norwick", "hlw")],
        pen.read(lambda store: store.is_withdrawn(build_short_id("urn:newswire:prnewswire:gone"))),
        pen.store.positions(),
    )


ASKED = {"words": {"q": "norwick"}, "company": {"company": "cik-1"}, "section": {"category": "companies.ipos"}}


def write_some_of_all(pen: Pen) -> None:
    for name, fields in ALL.items():
        pen.put(name, **fields)  # type: ignore[arg-type]
    pen.put("merger", "Norwick & Harlow call their talks off", version=2, rights="restricted")
    pen.put("merger", "Norwick & Harlow call their talks off", version=3, desk="title")
    pen.put("gone", "Zyxquark buys Wvortex")
    pen.put("gone", version=2, withdrawn=True)


def leave_as_another_release(folder: Path) -> None:
    """Makes what is derived look as if another release had made it: other rows, other tables."""
    with sqlite3.connect(folder / FILE) as connection:
        connection.execute("UPDATE facts SET value = '7' WHERE name = 'derived'")
        connection.execute("UPDATE items SET row = '{}'")
        connection.execute("DROP TABLE labels")
        connection.execute("CREATE TABLE labels_of_old (label TEXT)")
    connection.close()


def test_what_another_release_derived_is_made_again_from_the_records_in_the_file(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path, "news.latest")
    store.open()
    pen = Pen(store)
    write_some_of_all(pen)
    before = shown(pen)
    store.close()
    leave_as_another_release(tmp_path)
    again = HistoryStore(tmp_path, "news.latest")
    assert again.open() == {0: 8}
    while not again.derive(SOURCES):
        pass
    assert shown(Pen(again)) == before
    assert again.wipe_journal()
    assert find_words(tmp_path, ("Zyxquark", "Wvortex")) == set()
    again.close()


def test_rows_that_are_made_again_go_on_where_the_last_run_ended(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path, "news.latest")
    store.open()
    pen = Pen(store)
    store.write([pen.record(f"n{number}") for number in range(DERIVED_AT_ONCE + 5)])
    before = pen.names()
    store.close()
    leave_as_another_release(tmp_path)
    first = HistoryStore(tmp_path, "news.latest")
    first.open()
    assert (first.derive(SOURCES), Pen(first).names()) == (False, before[:DERIVED_AT_ONCE])
    first.close()
    second = HistoryStore(tmp_path, "news.latest")
    second.open()
    assert (second.derive(SOURCES), second.derive(SOURCES), Pen(second).names()) == (False, True, before)
    second.close()


def test_two_gateways_do_not_share_a_folder(pen: Pen, tmp_path: Path) -> None:
    with pytest.raises(WorkFailed, match=r"another gateway keeps its history in .*: give each its own --state"):
        HistoryStore(tmp_path, "news.latest").open()


def test_old_rows_expire_with_their_words(pen: Pen) -> None:
    pen.put("old", "An old tale", appended_ms=1000)
    pen.put("young", "A young tale", appended_ms=2000, time="2021-01-01T00:00:00Z")
    assert pen.store.expire(2) == 1
    assert (pen.names(), pen.names(q="tale")) == (["young"], ["young"])


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"categry": "markets"}, "there is no parameter 'categry': use category, ticker, language, source, company"),
        ({"category": "ipos"}, "there is no category 'ipos': try companies.ipos"),
        ({"about": "yes"}, "about is 'yes': give 1 (what is about the company) or 0 (mentions too)"),
        ({"q": "-only"}, "q is '-only': give at least one word to look for, such as merger -rumor"),
        ({"q": '"open'}, "q has a quotation mark without its partner: close the phrase"),
        ({"q": "x" * 201}, "q has 201 characters: give at most 200"),
        ({"q": "a b c d e f g h i j k l m"}, "q has more than 12 words and phrases: give fewer"),
        ({"from_": "tuesday"}, "from is 'tuesday': give a day, 2026-03-02, or a time, 2026-03-02T10:00:00Z"),
        ({"to": "2026-13-01"}, "to is '2026-13-01': give a day, 2026-03-02, or a time, 2026-03-02T10:00:00Z"),
        ({"before": "x"}, "before is 'x': give the cursor of a page, or a time such as 2026-03-02T10:00:00Z"),
        ({"after": "9" * 30}, f"after is '{'9' * 30}': give the cursor of a page, or a time"),
        ({"limit": "0"}, "limit is '0': give how many rows, 1 or more"),
        ({"ticker": ",".join(map(str, range(51)))}, "a parameter has more than 50 values: give fewer"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_sentence(asked: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError) as refusal:
        parse_query([(name.strip("_"), value) for name, value in asked.items()], SOURCES, 1000)
    assert str(refusal.value).startswith(said)


WORDS = st.lists(
    st.sampled_from(["norwick", "Pumps", "été", "東京", "opens", "S&P", "NOT", "OR", "near", "x*"]), min_size=1
)
TERMS = st.tuples(
    st.sampled_from(["", "-"]), st.booleans(), st.lists(st.text(max_size=5) | WORDS.map(" ".join), max_size=2)
)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(WORDS.map(" ".join), min_size=1, max_size=5), terms=st.lists(TERMS, min_size=1, max_size=4))
def test_the_index_and_a_stream_find_the_same_and_no_text_is_read_as_a_query(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], terms: list[tuple[str, bool, list[str]]]
) -> None:
    asked = " ".join(
        f'{sign}"{" ".join(parts).replace(chr(34), "")}"' if quoted else sign + " ".join(parts)
        for sign, quoted, parts in terms
    )
    try:
        search = parse_search(asked)
    except ValueError:
        return
    store = HistoryStore(tmp_path_factory.mktemp("history"), "news.latest")
    store.open()
    pen = Pen(store)
    records = [pen.record(f"n{number}", text) for number, text in enumerate(texts)]
    store.write(records)
    expected = [
        each.item.row.uri.rpartition(":")[2]
        for each in reversed(records)
        if each.item and search.matches(each.item.words)
    ]
    assert pen.names(q=asked) == expected
    assert pen.names(q=asked, source="PR") == expected
    store.close()
