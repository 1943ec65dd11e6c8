"""Tests `newswire classify-report`."""

import json

import pytest


@pytest.fixture
def run(run_newswire, tmp_path, monkeypatch):
    """Runs `newswire` in the folder of this test."""
    monkeypatch.chdir(tmp_path)
    return run_newswire


def test_a_report_counts_the_labels_and_lists_the_errors(run, tmp_path):
    items = [
        {
            "id": "1",
            "text": "Northwind Foods declares $0.81 dividend",
            "yes": ["companies", "companies.corporate-actions"],
        },
        {"id": "2", "text": "Lovely weather in the mountains", "yes": ["sectors"], "maybe": ["companies"]},
    ]
    (tmp_path / "items.json").write_text(json.dumps(items))
    code, out, _ = run("classify-report", "items.json")
    assert code == 0
    assert "| `companies.corporate-actions` | 1 | 1 | 1.00 | 1.00 | 1.000 |" in out
    assert "| `sectors` | 1 | 0 | 0.00 | 0.00 | 0.000 |" in out
    assert "Unclassified: 1 of 2" in out
    assert "- sectors (missed): 2: Lovely weather in the mountains" in out


def test_a_report_has_a_row_for_each_kind_of_copy_and_for_who_decided(run, tmp_path):
    items = [
        {"id": "1", "text": "Northwind Foods declares $0.81 dividend", "yes": ["companies.corporate-actions"]},
        {"id": "2", "title": "Lovely weather", "body": "The sun shone on the mountains all day.", "yes": []},
        {
            "id": "3",
            "title": "Northwind Foods declares $0.81 dividend",
            "body": "The board of the dairy met.",
            "release": True,
            "yes": ["companies", "companies.corporate-actions"],
        },
    ]
    (tmp_path / "items.json").write_text(json.dumps(items))
    code, out, _ = run("classify-report", "items.json", "--errors", "0")
    assert code == 0
    assert "| release | 2 | 2 | 1.00 | 1.00 | 1.000 | 0 | 0 |" in out
    assert "| title | 1 | 2 | 0.50 | 1.00 | 0.667 | 0 | 0 |" in out
    assert "| story | 0 | 0 | 0.00 | 0.00 | 0.000 | 1 | 0 |" in out
    assert "| release, rule | 2 | 2 | 1.00 | 1.00 | 1.000 |" in out


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("{}", 2, "is no list of"),
        ('[{"id": "1", "text": "a", "yes": ["sport"]}]', 1, "names sport: no category"),
    ],
)
def test_a_file_that_is_not_labelled_items_is_refused(run, tmp_path, text, code, message):
    (tmp_path / "items.json").write_text(text)
    found = run("classify-report", "items.json")
    assert found[0] == code
    assert message in found[2]
