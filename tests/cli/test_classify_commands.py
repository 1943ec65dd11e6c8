"""`classify-report`, `rules` and `train`."""

import json

import pytest

from streams.cli.main import main

RULES = '[[rule]]\nid = "one"\ncategory = "{}"\nany = ["ferr*"]\nexamples = ["Ferries {}"]\n'
EVERYWHERE = RULES.replace("any", 'language = "*"\nany')


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        out, err = capsys.readouterr()
        return stop.value.code, out, err

    return call


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


def test_rules_are_tested_by_their_examples(run, tmp_path):
    (tmp_path / "good.toml").write_text(RULES.format("markets", "sail"))
    assert run("rules", "test", "good.toml")[0] == 0
    (tmp_path / "bad.toml").write_text(RULES.format("markets", "sail").replace("Ferries", "Ships"))
    code, out, err = run("rules", "test", "bad.toml")
    assert (code, out) == (1, "rule 'one' misses its example 'Ships sail'\n")
    assert "1 of 1 examples fail" in err


def test_a_diff_of_rules_lists_the_items_that_would_move(run, tmp_path):
    (tmp_path / "items.jsonl").write_text(
        '{"title": "Fähren: ferries", "language": "de"}\n{"title": "Trains", "language": "de"}'
    )
    (tmp_path / "new.toml").write_text(EVERYWHERE.format("sectors", "sail"))
    (tmp_path / "old.toml").write_text(EVERYWHERE.format("markets", "sail"))
    code, out, err = run("rules", "diff", "old.toml", "new.toml", "items.jsonl")
    assert (code, out) == (0, "items.jsonl\t0\tFähren: ferries\t-markets +sectors\n")
    assert "1 of 2 items would move" in err


def test_training_needs_a_folder_of_labelled_data_and_an_output(run, tmp_path):
    assert run("train", ".")[0] == 2
    code, _, err = run("train", ".", "--report")
    assert code == 1
    assert "has no site_categories_public.json" in err or "newswire-streams[train]" in err


@pytest.mark.parametrize(
    ("setting", "text", "message"),
    [
        ("rules", "[[rule]]", "x.file, line 1: rule without id"),
        ("mapping", "[a]\nb = 1", "x.file, line 2: code 'b'"),
        ("model", "hello", "x.file, line 1: no model file"),
    ],
)
def test_a_bad_file_is_refused_at_start_with_its_name_and_line(run, tmp_path, monkeypatch, setting, text, message):
    (tmp_path / "x.file").write_text(text)
    (tmp_path / "a.json").write_text('{"title": "a"}')
    monkeypatch.setenv(f"NEWSWIRE_PREPARE__{setting.upper()}", "x.file")
    code, out, err = run("process", "a.json")
    assert (code, out) == (2, "")
    assert message in err
