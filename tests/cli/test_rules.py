"""Tests `newswire rules`."""

import pytest

RULES = '[[rule]]\nid = "one"\ncategory = "{}"\nany = ["ferr*"]\nexamples = ["Ferries {}"]\n'
EVERYWHERE = RULES.replace("any", 'language = "*"\nany')


@pytest.fixture
def run(run_newswire, tmp_path, monkeypatch):
    """Runs `newswire` in the folder of this test."""
    monkeypatch.chdir(tmp_path)
    return run_newswire


def test_rules_are_tested_by_their_examples(run, tmp_path):
    (tmp_path / "good.toml").write_text(RULES.format("markets", "sail"))
    assert run("rules", "test", "good.toml")[0] == 0
    (tmp_path / "bad.toml").write_text(RULES.format("markets", "sail").replace("Ferries", "Ships"))
    code, out, err = run("rules", "test", "bad.toml")
    assert (code, out) == (1, "rule 'one' (en) misses its example 'Ships sail'\n")
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
