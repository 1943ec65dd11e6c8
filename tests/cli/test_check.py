"""Tests `newswire check`."""

import asyncio
import tomllib
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.cli import check
from streams.cli.main import main
from streams.cli.options import KAFKA_FOLDER
from streams.config.loader import load
from streams.config.settings import Settings
from streams.kafka import admin
from streams.kafka.admin import Create, Plan


@pytest.fixture
def run_check(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)

    def call():
        with pytest.raises(SystemExit) as stop:
            main(["check"])
        out, err = capsys.readouterr()
        return stop.value.code, [line.partition(":")[0] for line in out.splitlines()], out, err

    return call


def test_topics_that_are_as_declared_are_ok():
    assert check.check_topics(Plan(), 27) == [check.CheckResult("ok", "topics", "27 are as declared")]


def test_missing_topics_are_named_with_the_command_that_creates_them():
    plan = Plan(tuple(Create(f"news.{name}", 1, {}) for name in "dbca"))
    assert check.check_topics(plan, 27) == [
        check.CheckResult(
            "error", "topics", "not as declared: news.a, news.b, news.c and 1 more; run `newswire topics apply`"
        )
    ]


def test_a_problem_that_apply_cannot_mend_is_printed_as_it_is():
    assert check.check_topics(Plan((), ("set this",)), 27) == [check.CheckResult("error", "topics", "set this")]


def test_a_source_that_is_not_in_the_table_is_a_note_and_records_without_a_source_are_a_warning():
    results = check.check_sources(Counter({"prnewswire": 7, "acme-wire": 2, "": 1}), load(environ={}))
    assert [(each.level, each.text) for each in results] == [
        ("warning", "1 of the last 10 raw records name no source, so they are refused: correct their feeder"),
        (
            "note",
            "'acme-wire', of 2 of the last 10 raw records, is not in the table and gets defaults:"
            ' add [sources."acme-wire"] to newswire.toml, or feed it under a name that is there',
        ),
    ]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).filter(lambda name: name.strip()))
@example('a"b\\c]\n\x1b[2J\u202e\U0001f600')
def test_the_suggested_table_for_a_source_is_valid_toml_and_the_line_is_printable(name):
    [result] = check.check_sources(Counter({name: 1}), Settings(sources={}))
    if result.level == "note":
        assert result.text.isprintable()
        table = result.text.partition(": add ")[2].removesuffix(
            " to newswire.toml, or feed it under a name that is there"
        )
        assert tomllib.loads(table) == {"sources": {name: {}}}


def test_raw_records_that_all_name_no_source_are_an_error():
    [result] = check.check_sources(Counter({"": 3}), Settings(sources={}))
    assert (result.level, result.text) == (
        "error",
        "3 of the last 3 raw records name no source, so they are refused: correct their feeder",
    )


def test_warnings_and_notes_leave_the_exit_status_at_0(run_check, monkeypatch):
    lines = [check.CheckResult("note", "sources", "a"), check.CheckResult("warning", "clock", "b")]
    monkeypatch.setattr(check, "_run_checks", lambda *_: lines)
    assert run_check() == (0, ["note    sources", "warning clock"], "note    sources: a\nwarning clock: b\n", "")


def test_a_long_source_is_cut():
    [result] = check.check_sources(Counter({"x" * 1000: 1}), load(environ={}))
    assert result.text == (
        f"'{'x' * 60}…', of 1 of the last 1 raw records, is not in the table and gets defaults:"
        " add [sources.<its name>] to newswire.toml, or feed it under a name that is there"
    )


def test_sources_in_the_table_are_ok():
    assert check.check_sources(Counter({"prnewswire": 7}), load(environ={}))[0].level == "ok"


def test_a_wrong_setting_is_one_line(run_check, monkeypatch):
    monkeypatch.setenv("NEWSWIRE_DECIDE__WINDOW_HOURS", "0")
    status, lines, out, err = run_check()
    assert (status, lines) == (1, ["error   configuration"])
    assert "decide.window_hours is '0', from NEWSWIRE_DECIDE__WINDOW_HOURS: give a whole number from 1 to 720" in out
    assert err == "1 error: correct what the lines say\n"


def test_wrong_rules_and_an_absent_broker_are_both_reported(run_check, monkeypatch):
    monkeypatch.setenv("NEWSWIRE_PREPARE__RULES", "gone.toml")
    monkeypatch.setenv("NEWSWIRE_KAFKA", "127.0.0.1:1")
    status, lines, out, err = run_check()
    assert (status, lines) == (
        1,
        ["ok      configuration", "error   classification", "ok      companies", "error   broker", "ok      disk"],
    )
    assert "gone.toml" in out
    assert "no Kafka at 127.0.0.1:1: start one with `newswire kafka up` or set NEWSWIRE_KAFKA" in out
    assert err == "2 errors: correct what the lines say\n"


@pytest.mark.kafka
def test_every_part_of_a_deployment_is_checked(run_check, settings, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("NEWSWIRE_KAFKA", settings.kafka.brokers)
    monkeypatch.setenv("NEWSWIRE_TOPICS__PREFIX", settings.topics.prefix)
    status, lines, _, _ = run_check()
    assert (status, lines[3:]) == (
        1,
        ["ok      broker", "ok      rights", "ok      rights", "error   topics", "ok      disk"],
    )
    asyncio.run(admin.create_topics(settings))
    (tmp_path / "item.txt").write_text("text", encoding="utf-8")
    for source in ("prnewswire", "acme-wire"):
        with pytest.raises(SystemExit):
            main(["feed", "item.txt", "--source", source])
    capsys.readouterr()
    status, lines, out, err = run_check()
    assert (status, err) == (0, "")
    assert [line.split()[0] for line in lines] == ["ok"] * 7 + ["note", "ok", "ok"]
    parts = "configuration classification companies broker rights rights topics sources clock disk"
    assert [line.split()[1] for line in lines] == parts.split()
    assert "'acme-wire', of 1 of the last 2 raw records, is not in the table" in out


def test_a_clock_behind_the_brokers_is_a_warning() -> None:
    assert check.check_clock(1_010_000, 1000.0) == (
        "warning",
        "clock",
        "10 s behind the broker's: let NTP set both, or embargoes end late",
    )
    assert check.check_clock(990_000, 1000.0).level == "ok"


def test_a_state_folder_that_cannot_be_created_is_an_error(tmp_path) -> None:
    (tmp_path / "file").touch()
    found = check.check_folder(tmp_path / "file" / "state", "state folder")
    assert (found.level, found.what) == ("error", "state folder")
    assert "cannot be written (Not a directory): make it writable" in found.text


def test_the_disk_of_a_kafka_that_was_started_here_is_checked_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert [each.what for each in check.check_folders(None)] == ["disk"]
    KAFKA_FOLDER.mkdir(parents=True)
    assert [each.what for each in check.check_folders(None)] == ["disk", "Kafka's disk"]
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=0))
    full = check.check_folders(None)[1]
    assert full == ("error", "Kafka's disk", "0 MiB are free at .newswire/kafka: make room, 200 MiB at least")


def test_a_history_that_is_longer_than_the_topics_is_a_note():
    assert check.check_history(load(environ={})) == []
    settings = load(environ={"NEWSWIRE_GATEWAY__HISTORY_DAYS": "365"})
    said = (
        "gateways keep 365 days and Kafka 30: what is older is in the folder of `newswire gateway --state` alone; a"
        " folder that is lost is filled with what Kafka has"
    )
    assert check.check_history(settings) == [("note", "history", said)]
