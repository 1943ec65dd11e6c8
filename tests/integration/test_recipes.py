"""The recipes of streams/replay/README.md, run by bash as they stand, on a broker that is killed and started again."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from chaos.system import Cluster
from support import flow, readme, replay_comparison
from support.mixed_items import mixed_items

from streams.config.settings import Settings
from streams.model.topics import CATEGORIES, LATEST

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(900)]
ITEMS = 150
RECEIVED = "2026-03-02T11:00:00Z"
GARBAGE = [b'{"id": "A2", "title": "Tessaly Foods', b'{"id": "A3"', b"{{"]
SENT_IN_ERROR = b'{"id": "A1", "version": "1", "title": "Tessaly Foods to close its only mill in the south"}'


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with Cluster(tmp_path / "kafka") as made:
        yield made


def recipe(title: str) -> str:
    """The commands of a recipe."""
    text = readme.REPLAY.read_text(encoding="utf-8")
    (found,) = re.findall(rf"^\*\*{re.escape(title)}\*\*.*?^```sh\n(.*?)^```", text, re.M | re.S)
    return str(found)


def run(settings: Settings, title: str) -> str:
    """Runs a recipe from its first command to its last; what it printed."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", recipe(title)],
        env={**flow.environment(settings), "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_each_recipe_does_what_it_promises(cluster: Cluster, tmp_path: Path) -> None:
    wrong = replay_comparison.with_rules(cluster.settings("news", 4, "exactly-once"), tmp_path, "sectors")
    mended = replay_comparison.with_changed_rule(wrong, tmp_path)
    assert flow.newswire(wrong, "topics", "apply").returncode == 0
    with flow.run_worker(wrong, tmp_path):
        fed = flow.send(wrong, mixed_items(ITEMS, seed=31))
        bad = {"source": "badwire", "received-at": RECEIVED, "origin": "inbox/7.json"}
        fed += flow.send(wrong, [(each, bad) for each in (*GARBAGE, SENT_IN_ERROR)])
        flow.wait_decided(wrong, fed)

    (tmp_path / "mended").mkdir()
    with flow.run_worker(mended, tmp_path / "mended"):
        told = run(mended, "A rule was wrong for two days.")
        published = re.search(r"^(\d+) published again, 0 not$", told, re.M)
        assert published, told
        assert int(published[1]) > 5
        assert not re.search(r"^bad ", told, re.M)
        moved = {row.key for row in flow.read(mended, "commodities") if "replay-job" in dict(row.headers)}
        assert len(moved) == int(published[1])

        cluster.kill()
        cluster.start()
        later = {"source": "testwire", "received-at": "2026-03-02T12:00:00Z"}
        fed += flow.send(mended, [(b'{"id": "later", "title": "Halvard Marine names a ship"}', later)])
        flow.wait_decided(mended, fed)
        assert f"{fed} raw records, " in run(mended, "The broker was down.")

        run(mended, "A downstream store must be rebuilt.")
        rebuilt = replay_comparison.with_prefix(mended, "rebuild")
        assert replay_comparison.find_differences(rebuilt, mended) == []
        assert sum(map(len, flow.read_all(rebuilt, (LATEST, *CATEGORIES)).values())) > ITEMS / 2

        told = run(mended, "A source sent garbage for an hour.")
        assert told.count("rejected malformed") == len(GARBAGE)  # for nobody has mended it
        assert f"{len(GARBAGE)} discarded" in told
        flow.wait_decided(mended, fed + len(GARBAGE))
        assert "no dead letters" in flow.newswire(mended, "dead-letters", "list", "--source", "badwire").stdout.decode()

        told = run(mended, "An item must disappear now.")
        last = [row for row in flow.read(mended, LATEST) if row.key == b"urn:newswire:badwire:A1"][-1]
        assert json.loads(last.value or b"")["pubStatus"] == "canceled"
        assert "note: sent in error" in told
