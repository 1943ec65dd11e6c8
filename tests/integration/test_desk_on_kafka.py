"""What an editor does reaches the log, works live, and stands in every fold of that log."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support import flow, replay_comparison
from support.wait import wait_until

from streams.config.settings import Settings
from streams.model.codec import decode
from streams.model.records import Item
from streams.model.topics import LATEST, LOG

pytestmark = pytest.mark.kafka
URI = "urn:newswire:testwire:1"


def test_a_killed_story_is_withdrawn_live_and_in_the_fold_of_the_log(settings: Settings, tmp_path: Path) -> None:
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    kill = ("desk", "kill", URI, "--why", "sent in error", "--by", "night desk")
    with flow.run_worker(settings, tmp_path):
        item = b'{"id": "1", "title": "Norwick Pumps opens a new factory"}'
        flow.wait_decided(settings, flow.send(settings, [(item, {"source": "testwire"})]))
        asked = flow.newswire(settings, *kill)
        assert (asked.returncode, b"--yes" in asked.stderr) == (2, True)
        assert f"kill  {URI} (version 1): Norwick Pumps opens a new factory".encode() in asked.stderr
        done = flow.newswire(settings, *kill, "--yes")
        assert done.returncode == 0, done.stderr
        wait_until(lambda: len(flow.read(settings, LATEST)) >= 2)
        event = json.loads(flow.read(settings, LATEST)[-1].value or b"")
        assert (event["uri"], event["version"], event["pubStatus"]) == (URI, "2", "canceled")
        again = flow.newswire(settings, *kill, "--yes")
        assert (again.returncode, b"withdrawn already" in again.stderr) == (1, True)
        assert flow.read_outcome_topics(settings) == flow.fold_log(settings)
        explained = flow.newswire(settings, "why", URI)
        assert b"command kill by night desk" in explained.stdout
        assert b"note: sent in error" in explained.stdout


def test_stories_are_found_killed_by_one_command_and_proved_by_the_audit(settings: Settings, tmp_path: Path) -> None:
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    heads = ("Norwick Pumps opens a new factory", "Dole Pumps names a chief", "Tarn Foods sells its dairy arm")
    with flow.run_worker(settings, tmp_path):
        rows = [
            (json.dumps({"id": str(number), "title": head}).encode(), {"source": "testwire"})
            for number, head in enumerate(heads)
        ]
        flow.wait_decided(settings, flow.send(settings, rows))
        kill = ("desk", "kill", "--source", "testwire", "--match", r"\bpumps\b", "--why", "a court order")
        asked = flow.newswire(settings, *kill)
        assert (asked.returncode, b"--yes" in asked.stderr) == (2, True)
        assert [line.split()[1][-1:] for line in asked.stderr.splitlines()[:2]] == [b"0", b"1"]
        done = flow.newswire(settings, *kill, "--yes")
        assert (done.returncode, done.stdout[:13]) == (0, b"2 in the log:"), done.stderr
        wait_until(lambda: len(flow.read(settings, LATEST)) >= 5)
    gone = [json.loads(row.value or b"") for row in flow.read(settings, LATEST)[-2:]]
    assert [(event["uri"][-1], event["version"], event["pubStatus"]) for event in gone] == [
        ("0", "2", "canceled"),
        ("1", "2", "canceled"),
    ]
    assert flow.read_outcome_topics(settings) == flow.fold_log(settings)
    audited = flow.newswire(settings, "audit")
    assert audited.returncode == 0, audited.stdout
    remains = flow.newswire(settings, "audit", "--gone", gone[1]["uri"], "--json")
    assert remains.returncode == 0, remains.stderr
    topics = {
        row["topic"].removeprefix(f"{settings.topics.prefix}."): row["records"] for row in json.loads(remains.stdout)
    }
    assert {name: topics.get(name) for name in ("raw", "internal.items", "latest")} == dict.fromkeys(
        ("raw", "internal.items", "latest"), 1
    )
    said = flow.newswire(settings, "audit", "--gone", gone[1]["uri"]).stdout.decode().splitlines()
    assert said[0].startswith(f"{settings.topics.prefix}.")
    explained = flow.newswire(settings, "why", gone[1]["uri"])
    assert b"withdrawn, version 2  (command kill by " in explained.stdout
    again = flow.newswire(settings, *kill, "--yes")
    assert (again.returncode, b"no live or withheld story fits" in again.stderr) == (1, True)


def give(settings: Settings, *arguments: str) -> str:
    """Gives a command of the desk and returns its id."""
    done = flow.newswire(settings, "desk", *arguments, "--why", "filed wrongly", "--by", "ada", "--yes")
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1].decode()


def wait_version(settings: Settings, version: int) -> dict[str, Any]:
    def newest() -> dict[str, Any]:
        return json.loads(flow.read(settings, LATEST)[-1].value or b"{}")

    wait_until(lambda: newest()["version"] == str(version))
    return newest()


def test_what_a_person_set_stands_live_in_replays_and_after_changed_rules(settings: Settings, tmp_path: Path) -> None:
    one = msgspec.structs.replace(settings.topics, raw_partitions=1)
    settings = replay_comparison.with_rules(msgspec.structs.replace(settings, topics=one), tmp_path, "sectors")
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    with flow.run_worker(settings, tmp_path):
        item = b'{"id": "1", "title": "Norwick Pumps opens plant number 9001 in the north", "body": "It opens today."}'
        flow.wait_decided(settings, flow.send(settings, [(item, {"source": "testwire"})]))
        assert filed(wait_version(settings, 1)) == ["sectors"]
        plan = flow.newswire(settings, "desk", "refile", URI, "--add", "markets", "--why", "w", "--by", "ada")
        assert (plan.returncode, b"(version 1): sectors -> sectors, markets: Norwick" in plan.stderr) == (2, True)
        refiled = give(settings, "refile", URI, "--add", "markets", "--drop", "sectors")
        assert filed(wait_version(settings, 2)) == ["markets"]
        give(settings, "retitle", URI, "Norwick opens a plant")
        give(settings, "note", URI, "Take care")
        give(settings, "company", URI, "--add", "XNAS:AAPL")
        event = wait_version(settings, 5)
        assert ([row["value"] for row in event["headlines"]], event["edNote"]) == (
            ["Norwick opens a plant"] * 2,
            "Take care",
        )
        assert [row["symbols"][0]["symbol"] for row in event["organisations"]] == ["AAPL"]
        explained = flow.newswire(settings, "why", URI).stdout.decode()
        assert f"command refile by ada)\n    added: markets\n    dropped: sectors\n    command: {refiled}" in explained
        assert "    note: filed wrongly" in explained

        shown = flow.newswire(settings, "replay", "--last", "1h", "--diff")
        assert (shown.returncode, shown.stdout) == (0, b"nothing would change\n"), shown.stderr
        changed = replay_comparison.with_changed_rule(settings, tmp_path)
        applied = flow.newswire(changed, "replay", "--last", "1h", "--apply", "--yes")
        assert applied.returncode == 0, applied.stderr
        later = b'{"id": "1", "version": 2, "title": "Norwick Pumps opens plant 9002", "body": "It opened."}'
        flow.wait_decided(settings, 1 + flow.send(settings, [(later, {"source": "testwire"})]))
        newest = json.loads(flow.read(settings, LATEST)[-1].value or b"")
        assert (newest["headlines"][0]["value"], newest["bodies"][0]["value"]) == (
            "Norwick opens a plant",
            "It opened.",
        )
        assert "markets" in filed(newest)
        assert "sectors" not in filed(newest)
        give(settings, "undo", refiled)
        wait_until(lambda: filed(json.loads(flow.read(settings, LATEST)[-1].value or b"")) == filed_by_rules(settings))
        again = flow.newswire(settings, "desk", "undo", refiled, "--why", "w", "--by", "ada", "--yes")
        assert (again.returncode, b"it was undone before" in again.stderr) == (1, True)
        assert flow.read_outcome_topics(settings) == flow.fold_log(settings)
        audited = flow.newswire(settings, "audit")
        assert audited.returncode == 0, audited.stdout


def filed(event: dict[str, Any]) -> list[str]:
    return [row["literal"] for row in event.get("subjects", ()) if row["rel"] == "category"]


def filed_by_rules(settings: Settings) -> list[str]:
    """The categories of the newest item of the log."""
    items = [record for row in flow.read(settings, LOG) if isinstance(record := decode(row.value or b""), Item)]
    return [label.category for label in items[-1].labels]


def test_a_copy_is_split_two_stories_are_joined_and_each_is_taken_back(settings: Settings, tmp_path: Path) -> None:
    one = msgspec.structs.replace(settings.topics, raw_partitions=1)
    settings = msgspec.structs.replace(settings, topics=one)
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    text = "Norwick Pumps said on Tuesday that it opens a plant in the north of the county with sixty people in May."
    rows = [
        ({"id": "1", "title": "Norwick Pumps opens a plant in the north", "body": text}, "testwire"),
        ({"id": "2", "title": "Norwick Pumps opens a plant in the north", "body": f"{text} It said so."}, "betawire"),
        (
            {"id": "3", "title": "Tarn Foods sells its dairy arm to Dole", "body": "Tarn Foods sells it today."},
            "gammawire",
        ),
    ]
    copy, other = "urn:newswire:betawire:2", "urn:newswire:gammawire:3"
    with flow.run_worker(settings, tmp_path):
        flow.wait_decided(
            settings, flow.send(settings, [(json.dumps(row).encode(), {"source": source}) for row, source in rows])
        )
        assert live(settings) == {URI, other}
        split = give(settings, "split", copy)
        wait_until(lambda: live(settings) == {URI, other, copy})
        joined = give(settings, "join", URI, other)
        wait_until(lambda: live(settings) == {URI, copy})
        killed = give(settings, "kill", URI, copy)
        wait_until(lambda: live(settings) == set())
        assert flow.newswire(settings, "replay", "--last", "1h", "--diff").stdout == b"nothing would change\n"
        give(settings, "undo", killed)
        wait_until(lambda: live(settings) == {URI, copy})
        give(settings, "undo", split)
        wait_until(lambda: live(settings) == {URI})
        told = flow.newswire(settings, "desk", "undo", joined, "--why", "w", "--by", "ada", "--yes")
        assert told.returncode == 0, told.stderr  # its text went with the kill: the fold says so
        wait_until(lambda: b"its text went with the story" in flow.newswire(settings, "why", other).stdout)
        check_wrong_version(settings, len(rows))
        explained = flow.newswire(settings, "why", other).stdout.decode()
        assert f"withdrawn, version 2  (command join by ada)\n    joined into {URI}" in explained
        again = flow.newswire(settings, "desk", "kill", URI, "--final", "--why", "w", "--by", "ada", "--yes")
        assert (again.returncode, b"take it back" in again.stdout) == (0, False)
        assert flow.newswire(settings, "replay", "--last", "1h", "--diff").stdout == b"nothing would change\n"
        assert flow.read_outcome_topics(settings) == flow.fold_log(settings)
        audited = flow.newswire(settings, "audit")
        assert audited.returncode == 0, audited.stdout


def check_wrong_version(settings: Settings, sent: int) -> None:
    """Another story comes under the id of the first: it is parted, and taken back by the ids that were printed."""
    before = newest_of(settings, URI)
    wrong = {"id": "1", "version": 2, "title": "Holm Steel shuts a furnace", "body": "Holm Steel shuts it in June."}
    flow.wait_decided(settings, sent + flow.send(settings, [(json.dumps(wrong).encode(), {"source": "testwire"})]))
    version = int(before["version"]) + 1
    assert newest_of(settings, URI)["bodies"][0]["value"] == "Holm Steel shuts it in June."
    parted = flow.newswire(
        settings, "desk", "split", f"{URI}/{version}", "--why", "two stories", "--by", "ada", "--yes"
    )
    assert parted.returncode == 0, parted.stderr
    split, restore = (line.split() for line in parted.stderr.decode().splitlines()[:2])
    assert (split[0], restore[:2]) == ("split", ["restore", f"{URI}:"])
    wait_until(lambda: newest_of(settings, URI)["version"] == str(version + 1))
    assert newest_of(settings, URI)["bodies"] == before["bodies"]
    assert newest_of(settings, split[1])["headlines"][0]["value"] == "Holm Steel shuts a furnace"
    assert b"command restore by ada" in flow.newswire(settings, "why", URI).stdout
    assert flow.newswire(settings, "replay", "--last", "1h", "--diff").stdout == b"nothing would change\n"
    commands = parted.stdout.decode().rpartition("newswire desk undo ")[2].split()
    undone = flow.newswire(settings, "desk", "undo", *commands, "--why", "w", "--by", "ada", "--yes")
    assert undone.returncode == 0, undone.stderr
    wait_until(lambda: split[1] not in live(settings) and newest_of(settings, URI)["version"] == str(version + 2))
    assert newest_of(settings, URI)["bodies"][0]["value"] == "Holm Steel shuts it in June."


def newest_of(settings: Settings, uri: str) -> dict[str, Any]:
    """The newest record of a story."""
    rows = [row.value for row in flow.read(settings, LATEST) if row.key == uri.encode()]
    return json.loads(rows[-1] or b"{}")


def live(settings: Settings) -> set[str]:
    """The stories that a reader of the newest records sees."""
    newest = {(row.key or b"").decode(): json.loads(row.value or b"{}") for row in flow.read(settings, LATEST)}
    return {uri for uri, event in newest.items() if event.get("pubStatus") == "usable"}
