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
