import gzip
import pickle
from datetime import date

import pytest
from support.invented_companies import DATA, ROWS, TABLE, WORDS

from streams.prepare.companies.mentions import find_mentions
from streams.prepare.companies.reference import Reference, load_packaged
from streams.prepare.companies.reference_file import ReferenceRow, TableError, build_table


def test_the_same_rows_give_the_same_bytes_and_the_version_names_date_and_content():
    assert build_table(ROWS, WORDS, date(2031, 2, 3)) == DATA
    assert TABLE.version.startswith("reference-2031-02-03-")
    assert Reference(build_table(ROWS[:3], WORDS, date(2031, 2, 3)), "x").version != TABLE.version


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"name": " "}, "a row needs a name, of one line and at most 200 characters"),
        ({"name": "A\nB"}, "a row needs a name, of one line and at most 200 characters"),
        (
            {"name": "A", "symbol": "a b", "exchange": "XNAS"},
            "'a b' is no ticker: letters, digits, dots, hyphens, slashes",
        ),
        ({"name": "A", "symbol": "AB"}, "the ticker AB has no exchange: give its MIC, such as XNAS"),
        (
            {"name": "A", "symbol": "AB", "exchange": "Ulm"},
            "'Ulm' is neither a MIC (ISO 10383) that is in use nor an exchange we know",
        ),
        (
            {"name": "A", "isin": "US0378331006"},
            "'US0378331006' is no ISIN: twelve characters, the last one a check digit",
        ),
        ({"name": "A", "symbol": "BRVK", "exchange": "Nasdaq"}, "XNAS:BRVK belongs to 'Brenvik Pumps AB' already"),
    ],
)
def test_a_wrong_row_is_refused_with_its_place(row, why):
    with pytest.raises(TableError) as refused:
        build_table([*ROWS, ReferenceRow(place="new.csv, line 7", **row)], WORDS, date(2031, 2, 3))
    assert str(refused.value) == f"new.csv, line 7: {why}"


def test_a_table_without_companies_is_refused():
    with pytest.raises(TableError, match="no company in it"):
        build_table([], WORDS, date(2031, 2, 3))


@pytest.mark.parametrize(
    "data", [b"", b"name,symbol\n", DATA[:-20], gzip.compress(b"other\t2031-02-03\t1\t1\n", mtime=0)]
)
def test_bytes_that_are_no_table_are_refused_by_the_name_of_the_file(data):
    with pytest.raises(TableError, match=r"mine\.reference"):
        Reference(data, "mine.reference")


def test_a_ticker_finds_its_company_on_any_american_exchange_and_elsewhere_only_on_its_own_exchange():
    assert (
        TABLE.find_by_ticker("BRVK", "XNGS")
        == TABLE.find_by_ticker("BRVK", "XNYS")
        == TABLE.find_by_ticker("BRVK", "")
        == 0
    )
    assert TABLE.find_by_ticker("BRV", "XETR") == 0
    assert TABLE.find_by_ticker("BRV", "") is None
    assert TABLE.find_by_ticker("BRVK", "XLON") is None
    assert TABLE.find_by_isin("US0378331005") == 0


def test_a_pickled_table_finds_the_same_names():
    assert pickle.loads(pickle.dumps(TABLE)).find_names("Soltane") == TABLE.find_names("Soltane")


def test_the_packaged_table_knows_8000_companies_and_microsoft():
    table = load_packaged()
    assert len(table) > 8000
    assert table.find_by_ticker("MSFT", "XNAS") is not None
    assert [table.company(hit.company).listings[0] for hit in table.find_names("Microsoft")] == [("XNAS", "MSFT")]


def test_a_row_has_the_id_of_its_company_and_a_table_of_the_release_before_has_none():
    table = Reference(build_table(ROWS, WORDS, date(2031, 2, 3)), "x")
    assert [table.company(number).id for number in (0, 1)] == ["1", "2"]
    head, *lines = gzip.decompress(DATA).decode().split("\n")
    count = int(head.split("\t")[2])
    old = [lines[0], *(line.rpartition("\t")[0] for line in lines[1 : count + 1]), *lines[count + 1 :]]
    before = gzip.compress("\n".join([head.replace(" 2\t", " 1\t"), *old]).encode(), mtime=0)
    assert Reference(before, "x").company(0).id == ""


def test_a_short_name_of_a_company_that_few_know_counts_only_beside_its_legal_form():
    row = ReferenceRow(place="row 10", name="Quorvane Ltd", symbol="QRV", exchange="XLON", known=False)
    table = Reference(build_table([*ROWS, row], WORDS, date(2031, 2, 3)), "x")

    def find(text: str) -> list[str]:
        return [one.name for one in find_mentions("", text, table)]

    assert find("The owner of Quorvane Ltd said on Monday that it grows.") == ["Quorvane"]
    assert find("The owner of Quorvane said on Monday that it grows.") == []
    assert find("The owner of Quorvane Corp said on Monday that it grows.") == []


@pytest.mark.parametrize(("name", "company"), [
    ("SAP", "SAP SE"), ("Nestle", "Nestl\u00e9 SA"), ("Samsung", "Samsung Electronics Co., Ltd."),
    ("Volkswagen", "Volkswagen Group"), ("Tencent", "Tencent Holding Ltd."), ("ASML", "ASML Holding NV"),
    ("Equinor", "Equinor ASA"),
])  # fmt: skip
def test_the_best_known_companies_are_found_by_their_bare_name(name, company):
    table = load_packaged()
    found = find_mentions("", f"The board of {name} said on Monday that sales rose again.", table)
    assert [table.company(one.known).name.casefold() for one in found] == [company.casefold()]


@pytest.mark.parametrize("text", [
    "Prices of Solana and Cardano rose on Monday.", "Eine Allianz aus drei Parteien regiert.",
    "The Saudi Arabian Oil Minister said on Monday that output rose.", "The oracle of Delphi was old and wise.",
])  # fmt: skip
def test_coins_and_words_are_no_companies(text):
    assert find_mentions("", text, load_packaged()) == []
