"""What an editor does reaches the log, works live, and stands in every fold of that log."""

import json
from pathlib import Path

import pytest
from support import flow
from support.wait import wait_until

from streams.config.settings import Settings
from streams.model.topics import LATEST

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
