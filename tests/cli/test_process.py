"""Tests `newswire process`: its lines are as documented, and the exit status says what happened."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.ninjs_schema import errors

from streams.cli import process
from streams.cli.main import main

WIRES = Path(__file__).resolve().parents[1] / "wires"
PAGES = sorted((WIRES / "release").glob("site-page*.txt"))
KEYS = ["input", "index", "outcome", "topics", "event", "duplicate_of", "similarity", "error"]
FERRIES = {
    "id": "N1",
    "version": "1",
    "date": "2026-03-02T09:30:00Z",
    "title": "Norwick Ferries signs a supply agreement with Halvard Marine",
    "body": "Norwick Ferries signed an agreement with Halvard Marine for forty engines on Monday.",
}
PUMPS = {
    "id": "N2",
    "date": "2026-03-02T09:31:00Z",
    "title": "Tessaly Pumps opens a plant at Okoro",
    "body": "Tessaly Pumps opened a plant at Okoro with ninety workers on Monday, its third in the region.",
}


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("NEWSWIRE_"):
            monkeypatch.delenv(name)


@pytest.fixture
def call(capsys):
    def run(*arguments):
        with pytest.raises(SystemExit) as stop:
            main(["process", *arguments])
        out, err = capsys.readouterr()
        return stop.value.code, [json.loads(line) for line in out.splitlines()], err

    return run


def write_items(name, *items):
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(item) for item in items), encoding="utf-8")
    return name


def test_a_published_item_is_one_line_with_the_documented_keys_in_their_order(call):
    status, [line], err = call(write_items("a.json", FERRIES), "--source", "norwire")
    assert (status, err) == (0, "")
    assert list(line) == KEYS
    event = line.pop("event")
    assert line == {
        "input": "a.json",
        "index": 0,
        "outcome": "published",
        "topics": ["news.latest", "news.companies", "news.companies.new-contracts"],
        "duplicate_of": None,
        "similarity": None,
        "error": None,
    }
    assert (event["uri"], event["version"], event["pubStatus"]) == ("urn:newswire:norwire:N1", "1", "usable")
    assert errors(event) == []


def test_the_topics_have_the_configured_prefix(call, monkeypatch):
    monkeypatch.setenv("NEWSWIRE_TOPICS__PREFIX", "desk")
    assert call(write_items("a.json", FERRIES))[1][0]["topics"][0] == "desk.latest"


def test_each_line_of_a_jsonl_file_is_an_item_counted_over_empty_lines(call):
    Path("a.jsonl").write_text(f"{json.dumps(FERRIES)}\n\n  \nnonsense\x01\n{json.dumps(PUMPS)}\n", encoding="utf-8")
    status, lines, _ = call("a.jsonl")
    assert [(line["input"], line["index"], line["outcome"]) for line in lines] == [
        ("a.jsonl", 0, "published"),
        ("a.jsonl", 1, "rejected"),
        ("a.jsonl", 2, "published"),
    ]
    assert status == 0


def test_several_items_in_one_line_are_counted_one_by_one(call):
    lines = call(write_items("a.jsonl", [FERRIES, {"title": 4.5}], PUMPS))[1]
    assert [(line["index"], line["outcome"]) for line in lines] == [(0, "published"), (1, "rejected"), (2, "published")]


def test_the_items_of_a_feed_are_counted_in_its_order(call):
    _, lines, _ = call(str(WIRES / "rss" / "two-items.xml"))
    assert [line["index"] for line in lines] == [0, 1]
    assert {line["input"] for line in lines} == {str(WIRES / "rss" / "two-items.xml")}


def test_a_file_given_twice_is_counted_from_zero_each_time(call):
    assert [(line["index"], line["outcome"]) for line in call(write_items("a.json", FERRIES), "a.json")[1]] == [
        (0, "published"),
        (0, "duplicate"),
    ]


def test_a_file_refused_as_a_whole_is_one_line_with_its_error(call):
    Path("bad.xml").write_bytes(b"<?xml version='1.0'?><newsItem><a>")
    status, [line], err = call("bad.xml")
    assert (status, err) == (0, "")
    error = line.pop("error")
    assert line == {
        "input": "bad.xml",
        "index": 0,
        "outcome": "rejected",
        "topics": ["news.dead-letters"],
        "event": None,
        "duplicate_of": None,
        "similarity": None,
    }
    assert list(error) == ["code", "message"]
    assert error["code"] == "malformed"
    assert error["message"]


def test_the_same_text_in_another_file_is_a_duplicate_with_its_own_event(call):
    write_items("a.json", FERRIES)
    write_items("b.json", {**FERRIES, "id": "N9"})
    first, second = call("a.json", "b.json", "--source", "norwire")[1]
    assert (second["outcome"], second["topics"], second["similarity"]) == ("duplicate", ["news.duplicates"], 1.0)
    assert second["duplicate_of"] == first["event"]["uri"] == "urn:newswire:norwire:N1"
    assert {"role": "provider-guid", "value": "N9"} in second["event"]["altIds"]
    assert errors(second["event"]) == []


def test_a_new_version_is_revised_and_a_kill_withdrawn(call):
    write_items("1.json", FERRIES)
    write_items("2.json", {**FERRIES, "version": "2", "body": f"{FERRIES['body']} It is worth 9 million."})
    write_items("3.json", {"id": "N1", "version": "3", "status": "killed"})
    lines = call("1.json", "2.json", "3.json")[1]
    assert [(line["outcome"], line["event"]["version"]) for line in lines] == [
        ("published", "1"),
        ("revised", "2"),
        ("withdrawn", "3"),
    ]
    assert "bodies" not in lines[2]["event"]
    assert lines[2]["topics"] == ["news.latest"]
    assert [errors(line["event"]) for line in lines] == [[], [], []]


def test_an_embargo_is_never_released_here(call):
    text = (WIRES / "newsml-g2" / "embargoed-until.xml").read_text(encoding="utf-8")
    Path("a.xml").write_text(text, encoding="utf-8")
    _, [line], _ = call("a.xml", "--received-at", "2000-01-01T00:00:00Z")
    assert (line["outcome"], line["topics"], line["event"]["pubStatus"]) == ("withheld", ["news.withheld"], "withheld")
    assert errors(line["event"]) == []


def test_a_refused_item_under_embargo_gets_the_whole_message_here(call):
    text = (WIRES / "newsml-g2" / "embargo-unreadable.xml").read_text(encoding="utf-8")
    Path("a.xml").write_text(text, encoding="utf-8")
    _, [line], _ = call("a.xml")
    assert line["error"]["message"] == "the newsItem: embargoed is no time: 'soon'; the item may be under embargo"


def test_folders_are_read_sorted_by_path(call):
    write_items("in/b/1.json", PUMPS)
    write_items("in/a.json", FERRIES)
    write_items("in/.hidden.json", FERRIES)
    assert [line["input"] for line in call("in")[1]] == ["in/a.json", "in/b/1.json"]


def received_times(call, *arguments):
    return [line["explain"]["received"] for line in call(*arguments, "--explain")[1]]


def test_the_received_time_is_the_wires_else_that_of_the_item_before(call):
    undated = {name: text for name, text in PUMPS.items() if name != "date"}
    write_items("a.jsonl", FERRIES, undated, {**PUMPS, "id": "N3"})
    assert received_times(call, "a.jsonl") == ["2026-03-02T09:30:00Z", "2026-03-02T09:30:00Z", "2026-03-02T09:31:00Z"]


def test_the_received_time_may_be_given(call):
    write_items("a.json", FERRIES)
    assert received_times(call, "a.json", "--received-at", "2026-03-02T07:00:00-05:00") == ["2026-03-02T12:00:00Z"]
    os.utime("a.json", (1_772_452_800, 1_772_452_800))
    assert received_times(call, "a.json", "--received-at", "mtime") == ["2026-03-02T12:00:00Z"]


def test_explain_adds_one_key_with_the_rule_behind_each_category(call):
    _, [line], _ = call(write_items("a.json", FERRIES), "--explain")
    assert list(line) == [*KEYS, "explain"]
    assert [row["category"] for row in line["explain"]["categories"]] == [
        topic.removeprefix("news.") for topic in line["topics"][1:]
    ]
    assert all(row["creator"] for row in line["explain"]["categories"])


def test_a_wrong_call_is_status_2_and_one_sentence(call):
    assert call()[0] == 2
    status, lines, err = call("gone.json")
    assert (status, lines, err.count("\n")) == (2, [], 1)
    assert "gone.json" in err
    assert call(write_items("a.json", FERRIES), "--received-at", "tomorrow")[0] == 2


def test_an_unreadable_file_is_reported_and_the_rest_is_processed(call):
    Path("broken.zip").write_bytes(b"PK\x03\x04 no archive")
    status, lines, err = call("broken.zip", write_items("a.json", FERRIES))
    assert (status, [line["input"] for line in lines]) == (1, ["a.json"])
    assert err.startswith("cannot read broken.zip: ")
    assert "Traceback" not in err


def test_stdin_is_one_item():
    done = subprocess.run(
        [sys.executable, "-m", "streams", "process", "-", "--source", "norwire"],
        input=json.dumps(FERRIES).encode(),
        capture_output=True,
        check=True,
    )
    [line] = [json.loads(line) for line in done.stdout.splitlines()]
    assert (line["input"], line["index"], line["outcome"], done.stderr) == ("-", 0, "published", b"")
    assert line["event"]["uri"] == "urn:newswire:norwire:N1"


def test_the_output_is_utf8_whatever_the_locale():
    done = subprocess.run(
        [sys.executable, "-m", "streams", "process", "-"],
        input=json.dumps({**FERRIES, "title": "Fähre fährt \U0001f6a2"}).encode(),
        capture_output=True,
        check=True,
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    )
    [line] = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    assert line["event"]["headlines"][0]["value"] == "Fähre fährt \U0001f6a2"


def test_the_same_files_give_the_same_bytes_in_any_process():
    def output(seed):
        time = ["--received-at", "2026-03-02T12:00:00Z", "--explain"]
        return subprocess.run(
            [sys.executable, "-m", "streams", "process", str(WIRES), *time],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout

    first = output("1")
    assert first.count(b"\n") > 100
    assert output("2") == first


def main_texts(line):
    event = line["event"]
    [distributor] = [row for row in event["infoSources"] if row["role"] == "distributor"]
    return {
        "distributor": distributor["literal"],
        "issuer": [row["name"] for row in event["infoSources"] if row["role"] == "issuer"],
        "located": event["located"],
        "versionCreated": event["versionCreated"],
        "pictures": [
            [text["role"] for text in row["descriptions"] if text["value"]] for row in event.get("associations", [])
        ],
    }


def test_a_page_of_the_site_gives_what_the_page_shows(call):
    _, [line], _ = call(str(WIRES / "release" / "site-page.txt"))
    assert main_texts(line) == {
        "distributor": "PR",
        "issuer": ["Foreign Affairs Office of Wuxi"],
        "located": "WUXI",
        "versionCreated": "2021-12-10T12:41:00Z",
        "pictures": [["caption"]],
    }
    categories = ["companies", "companies.events", "companies.press-releases"]
    assert line["topics"] == ["news.latest", *(f"news.{name}" for name in categories)]
    assert [row["literal"] for row in line["event"]["subjects"] if row["rel"] == "category"] == categories
    assert line["event"]["organisations"] == [{"name": "Foreign Affairs Office of Wuxi", "rel": "about"}]


@pytest.mark.parametrize("path", PAGES, ids=[path.stem for path in PAGES])
def test_every_page_of_the_site_is_a_release_of_pr_newswire_without_the_ticker_around_it(call, path):
    _, [line], _ = call(str(path))
    assert errors(line["event"]) == []
    assert main_texts(line)["distributor"] == "PR"
    assert {"news.companies", "news.companies.press-releases"} < set(line["topics"])
    named = {row["name"] for row in line["event"].get("organisations", [])}
    assert named <= {row["name"] for row in line["event"]["infoSources"]}
    assert "NORDLICHT" not in json.dumps(line["event"])


def test_the_real_page_of_the_site_gives_what_the_page_shows(call, shared_data):
    _, [line], err = call(str(shared_data / "site"))
    assert err == ""
    assert errors(line["event"]) == []
    assert main_texts(line) == {
        "distributor": "PR",
        "issuer": ["Foreign Affairs Office of Wuxi"],
        "located": "WUXI",
        "versionCreated": "2021-12-10T12:41:00Z",
        "pictures": [["caption"]],
    }
    assert line["topics"] == [
        "news.latest",
        "news.companies",
        "news.companies.events",
        "news.companies.press-releases",
    ]
    assert not [symbol for row in line["event"].get("organisations", []) for symbol in row.get("symbols", [])]


def test_real_wires_meet_no_bug_and_every_event_is_ninjs(call, shared_data):
    status, lines, err = call(str(shared_data / "wire"))
    assert (status, err) == (0, "")
    assert len(lines) > 300
    assert [line for line in lines if (line["error"] or {}).get("code") == "internal"] == []
    wrong = [(line["input"], found) for line in lines if line["event"] and (found := errors(line["event"]))]
    assert wrong == []
    for line in lines:
        assert (line["event"] is None) == (line["outcome"] == "rejected")
        assert (line["duplicate_of"] is not None) == (line["outcome"] == "duplicate")
        assert line["topics"][1:] == sorted(set(line["topics"][1:]))


def test_explain_marks_each_fact_in_the_text(call):
    body = "Norwick Ferries said on 3 May 2026 that it lost $5 million."
    _, [line], _ = call(write_items("a.json", FERRIES | {"title": "Norwick Ferries sails", "body": body}), "--explain")
    assert line["explain"]["marked"] == {
        "headline": "Norwick Ferries sails",
        "text": "Norwick Ferries said on [[3 May 2026|date 2026-05-03]] that it [[lost|direction down]] "
        "[[$5 million|amount USD 5000000]].",
    }


@pytest.mark.parametrize(
    ("setting", "text", "message"),
    [
        ("rules", "[[rule]]", "x.file, line 1: rule without id"),
        ("mapping", "[a]\nb = 1", "x.file, line 2: code 'b'"),
        ("model", "hello", "x.file, line 1: no model file"),
    ],
)
def test_a_bad_file_is_refused_at_start_with_its_name_and_line(call, tmp_path, monkeypatch, setting, text, message):
    (tmp_path / "x.file").write_text(text)
    (tmp_path / "a.json").write_text('{"title": "a"}')
    monkeypatch.setenv(f"NEWSWIRE_PREPARE__{setting.upper()}", "x.file")
    status, lines, err = call("a.json")
    assert (status, lines) == (2, [])
    assert message in err


BOUGHT = {
    "id": "N3",
    "date": "2026-03-02T09:32:00Z",
    "title": "Tessaly Pumps (NYSE: TSLP) to pay \x1b[31m$5 million for Okoro Valves",
    "body": "Tessaly Pumps will acquire Okoro Valves for $5 million in cash, it said on Monday.",
}


def run_on_terminal(monkeypatch, capsys, *arguments):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    with pytest.raises(SystemExit) as stop:
        main(["process", *arguments])
    assert stop.value.code == 0
    return capsys.readouterr().out


def test_on_a_terminal_the_explanation_is_text_without_control_characters(monkeypatch, capsys):
    out = run_on_terminal(monkeypatch, capsys, write_items("a.json", BOUGHT), "--source", "norwire", "--explain")
    lines = out.splitlines()
    assert lines[0] == "a.json 0: Tessaly Pumps to pay [31m$5 million for Okoro Valves"
    assert lines[1] == ("    2026-03-02T09:32:00Z published as version 1 (norwire as plain-json at news.raw/0/0/0)")
    assert "        because no story has its id or its text" in lines
    assert any(line.startswith("        companies (80) by rule:ticker@") for line in lines)
    assert "        company: Tessaly Pumps (XNYS:TSLP)" in lines
    assert "        fact: amount USD 5000000, from '$5 million'" in lines


def test_on_a_terminal_a_refused_item_is_one_line_with_its_reason(monkeypatch, capsys):
    Path("bad.xml").write_bytes(b"<?xml version='1.0'?><newsItem><a>")
    out = run_on_terminal(monkeypatch, capsys, "bad.xml", "--explain")
    assert out.splitlines()[0] == "bad.xml 0: (no headline)"
    assert "rejected as malformed: " in out.splitlines()[1]


@pytest.mark.parametrize("arguments", [["--explain", "--json"], []])
def test_on_a_terminal_too_lines_are_json_where_asked_for_and_without_an_explanation(monkeypatch, capsys, arguments):
    out = run_on_terminal(monkeypatch, capsys, write_items("a.json", FERRIES), *arguments)
    assert json.loads(out)["outcome"] == "published"


def test_the_lines_are_the_same_with_any_number_of_workers(call, monkeypatch):
    monkeypatch.setattr(process, "FEW_RECORDS", 5)
    monkeypatch.setattr(process, "CHUNK_RECORDS", 7)
    folders = [str(WIRES / name) for name in ("anpa-1312", "rss", "json-feed")]
    arguments = (*folders, "--explain", "--json", "--received-at", "2026-03-02T09:00:00Z", "--workers")
    one, two = call(*arguments, "1"), call(*arguments, "2")
    assert len({line["input"] for line in one[1]}) > 5 + 4 * 7
    assert two == one
