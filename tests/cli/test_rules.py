"""Tests `newswire rules`."""

import asyncio
import json

import pytest
from support.ticker import LatestWriter

from streams.kafka import admin

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
    code, _, err = run("rules", "diff", "old.toml", "new.toml", "items.jsonl", "--html", "page.html")
    assert (code, err) == (0, "1 of 2 items would move\npage.html: open it in a browser\n")
    assert "<td><del>markets</del></td><td><ins>sectors</ins></td>" in (tmp_path / "page.html").read_text()
    code, _, err = run("rules", "diff", "old.toml", "new.toml", "items.jsonl", "--html", "gone/page.html")
    assert (code, err.splitlines()[-1]) == (1, "cannot write gone/page.html: No such file or directory")


@pytest.mark.kafka
def test_a_misfiled_story_becomes_a_case_that_a_report_counts(settings, run_on_kafka, tmp_path):
    asyncio.run(admin.create_topics(settings))
    writer = LatestWriter(settings)
    for version in (1, 2):
        uri = writer.put(
            "a%2Fb", f"Fähre {version}", version=version, language="de", categories=("companies", "markets")
        )
    status, out, err = run_on_kafka("rules", "case", "prnewswire:a/b", "--right", "companies,sectors")
    assert (status, json.loads(out), err) == (
        0,
        {
            "id": uri,
            "title": "Fähre 2",
            "body": "Norwick Pumps said so.\n\nIt did not say more.",
            "language": "de",
            "release": False,
            "yes": ["companies", "sectors"],
            "got": ["companies", "markets"],
        },
        "",
    )
    (tmp_path / "cases.jsonl").write_text(out)
    report = run_on_kafka("classify-report", str(tmp_path / "cases.jsonl"))[1]
    assert "- sectors (missed): urn:newswire:prnewswire:a%2Fb: Fähre 2" in report
    assert json.loads(run_on_kafka("rules", "case", uri, "--right", "none")[1])["yes"] == []
    assert run_on_kafka("rules", "case", uri, "--right", "sport")[0] == 2
    status, out, err = run_on_kafka("rules", "case", "urn:newswire:prnewswire:none", "--right", "none")
    assert (status, out, "has no text of urn:newswire:prnewswire:none: look with" in err) == (1, "", True)
