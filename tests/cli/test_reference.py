"""Tests `newswire reference`."""

import pytest

from streams.cli.main import main

HEAD = "cik,ticker,exchange,name\n"


@pytest.fixture
def call(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSWIRE_PREPARE__REFERENCE", "mine.reference")

    def run(*arguments):
        with pytest.raises(SystemExit) as stop:
            main(["reference", *arguments])
        out, err = capsys.readouterr()
        return stop.value.code, out.strip(), err.strip()

    return run


def test_a_csv_file_becomes_the_table_that_is_used(call, tmp_path):
    (tmp_path / "a.csv").write_text(
        HEAD + "1,BRVK,Nasdaq,Brenvik Pumps AB\n1,BRV,XETR,Brenvik Pumps AB\n2,KTL,NYSE,Kettle\n"
    )
    code, out, _ = call("load", "a.csv", "--date", "2031-02-03")
    assert code == 0
    assert out.startswith("reference-2031-02-03-")
    assert out.endswith(": 2 companies, mine.reference")
    assert call("show")[:2] == (0, out)


def test_a_wrong_row_is_refused_with_its_line_and_the_old_table_stays(call, tmp_path):
    (tmp_path / "a.csv").write_text(HEAD + "1,BRVK,Nasdaq,Brenvik Pumps AB\n")
    _, loaded, _ = call("load", "a.csv")
    (tmp_path / "b.csv").write_text(HEAD + "1,BRVK,Nasdaq,Brenvik Pumps AB\n2,KTL,Ulm,Kettle\n")
    code, out, err = call("load", "b.csv")
    assert (code, out) == (1, "")
    assert err == (
        "b.csv, line 3: 'Ulm' is neither a MIC (ISO 10383) that is in use nor an exchange we know; nothing was changed"
    )
    assert call("show")[1] == loaded


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "a.csv, line 1: a column `name` is needed"),
        (b"name,colour\nA,red\n", "a.csv, line 1: no column 'colour'"),
        (b"name,isin\nA\n", "a.csv, line 2: 1 cells, and the first line names 2 columns"),
        (b"name\n\xff\n", "a.csv is no CSV file in UTF-8"),
        (b"name\n\n", "the table has no company in it"),
    ],
)
def test_a_file_that_is_no_table_is_refused(call, tmp_path, content, message):
    (tmp_path / "a.csv").write_bytes(content)
    code, _, err = call("load", "a.csv")
    assert code == 1
    assert message in err


def test_loading_without_a_configured_file_is_a_wrong_call(call, tmp_path, monkeypatch):
    monkeypatch.delenv("NEWSWIRE_PREPARE__REFERENCE")
    (tmp_path / "a.csv").write_text("name\nBrenvik\n")
    code, _, err = call("load", "a.csv")
    assert code == 2
    assert 'reference = "companies.reference"' in err


def test_an_invalid_table_is_reported_with_the_setting_that_names_it(call, tmp_path):
    (tmp_path / "mine.reference").write_text("name\n")
    code, _, err = call("show")
    assert code != 0
    assert "prepare.reference: mine.reference is no table made by `newswire reference load`" in err
