"""`newswire replay` on the real broker: what would change, shadow topics, and bringing the past in line."""

import json
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from support import flow, replayed
from support.items import mixed_items

from streams.config import Settings
from streams.topics import CATEGORIES, LATEST

pytestmark = pytest.mark.kafka

ITEMS = 300


@pytest.fixture
def fed(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """A worker that has decided its items, and still runs."""
    settings = replayed.with_rules(one_partition(settings), tmp_path, "sectors")
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    with flow.working(settings, tmp_path):
        flow.wait_decided(settings, flow.send(settings, mixed_items(ITEMS, seed=11)))
        yield settings


def one_partition(settings: Settings) -> Settings:
    """So that two systems fed the same have the same order."""
    return msgspec.structs.replace(settings, topics=msgspec.structs.replace(settings.topics, raw_partitions=1))


def replay(settings: Settings, *arguments: str, status: int = 0) -> str:
    done = flow.newswire(settings, "replay", *arguments)
    assert done.returncode == status, done.stderr.decode() + done.stdout.decode()
    return (done.stdout + done.stderr).decode() if status else done.stdout.decode()


def test_an_unchanged_configuration_gives_an_empty_diff(fed: Settings) -> None:
    told = replay(fed, "--last", "1h")
    assert told.startswith(f"{len(flow.read(fed, 'internal.items'))} records of the log")
    assert "nothing was changed" in told
    found = flow.newswire(fed, "replay", "--last", "1h", "--diff")
    assert found.returncode == 0, found.stderr
    assert found.stdout == b"nothing would change\n"
    assert b"gone" not in found.stderr
    assert b"not compared" not in found.stderr


def test_changed_rules_are_shown_then_applied_and_the_topics_are_as_if_they_had_always_been(
    fed: Settings, tmp_path: Path, prefix: str
) -> None:
    changed = replayed.other_rules(fed, tmp_path)
    *changes, last = map(json.loads, replay(changed, "--last", "1h", "--diff", "--json").splitlines())
    assert {kind for change in changes for kind in change["kinds"]} == {"moved"}
    entering = last["summary"]["entering"]
    assert entering["commodities"] > 5
    assert last["summary"]["leaving"]["sectors"] == entering["commodities"]

    refused = replay(changed, "--last", "1h", "--apply", status=2)
    assert "--yes" in refused
    told = replay(changed, "--last", "1h", "--apply", "--yes")
    assert f"{len(changes)} published anew, 0 not" in told

    fresh = msgspec.structs.replace(
        changed, topics=msgspec.structs.replace(changed.topics, prefix=f"test-{uuid.uuid4().hex[:8]}")
    )
    assert flow.newswire(fresh, "topics", "apply").returncode == 0
    (tmp_path / "fresh").mkdir()
    with flow.working(fresh, tmp_path / "fresh"):
        flow.wait_decided(fresh, flow.send(fresh, mixed_items(ITEMS, seed=11)))
    different = replayed.differing(changed, fresh)
    assert different == [], "\n".join(different[:20])

    revised = [row for row in flow.read(changed, LATEST) if "replay-job" in dict(row.headers)]
    assert len(revised) == len(changes)
    # Who reads a topic that a story has left hears of it there.
    left = [row for row in flow.read(changed, "sectors") if "replay-job" in dict(row.headers)]
    assert len(left) == last["summary"]["leaving"]["sectors"]
    assert replay(changed, "--last", "1h", "--diff") == "nothing would change\n"
    assert flow.newswire(fed, "audit").returncode == 0


def test_a_filter_shows_and_applies_only_what_fits_it(fed: Settings, tmp_path: Path) -> None:
    changed = replayed.other_rules(fed, tmp_path)
    every = [json.loads(line) for line in replay(changed, "--last", "1h", "--diff", "--json").splitlines()[:-1]]

    def shown(*filters: str) -> list[dict[str, object]]:
        lines = replay(changed, "--last", "1h", "--diff", "--json", *filters).splitlines()[:-1]
        return [json.loads(line) for line in lines]

    assert shown("--source", "testwire") == [each for each in every if each["source"] == "testwire"]
    assert shown("--category", "commodities") == every
    assert shown("--uri", every[0]["uri"]) == every[:1]
    assert shown("--uri", every[0]["uri"], "--category", "markets") == []
    one = replay(changed, "--last", "1h", "--uri", every[0]["uri"], "--apply", "--yes")
    assert "1 published anew, 0 not" in one
    assert shown() == every[1:]


def test_shadow_topics_hold_what_the_rules_of_today_would_have_published(
    fed: Settings, tmp_path: Path, prefix: str
) -> None:
    changed = replayed.other_rules(fed, tmp_path)
    before = flow.outcomes(fed)
    shadow = msgspec.structs.replace(changed, topics=msgspec.structs.replace(changed.topics, prefix=f"shadow-{prefix}"))
    replay(changed, "--last", "1h", "--into", shadow.topics.prefix)
    assert flow.outcomes(fed) == before
    rows = flow.read_all(shadow, (LATEST, *CATEGORIES))
    assert len(rows["commodities"]) > 5
    assert not rows["sectors"]
    assert all("replay-job" in dict(row.headers) for row in rows[LATEST])
    again = replay(changed, "--last", "1h", "--into", shadow.topics.prefix, status=1)
    assert "exists" in again


def test_a_story_that_moves_on_while_the_commands_wait_is_dropped_and_told(fed: Settings, tmp_path: Path) -> None:
    changed = replayed.other_rules(fed, tmp_path)
    lines = replay(changed, "--last", "1h", "--diff", "--json").splitlines()[:-1]
    moving = next(json.loads(line) for line in lines if json.loads(line)["version"] == "1")
    end = flow.newswire(fed, "replay", "list")
    assert end.returncode == 0
    job = end.stdout.split()[0].decode()
    revision = {"id": moving["uri"].rpartition(":")[2], "version": "99999", "title": moving["headline"], "body": "New."}
    headers = {"source": moving["source"], "received-at": "2026-03-02T11:00:00Z"}
    # A span that ends before the revision: its version is no longer the newest.
    asked = json.loads(replay(fed, "show", job))
    assert asked["state"] == "done"
    until = flow.now()
    flow.wait_decided(fed, flow.send(fed, [(json.dumps(revision).encode(), headers)]) + ITEMS)
    told = replay(changed, "--from", "2020-01-01T00:00:00Z", "--to", until, "--apply", "--yes")
    assert f"dropped  {moving['uri']}  version 1 is not the newest any more" in told
    assert f"{len(lines) - 1} published anew, 0 not" in told


def test_kill_9_in_the_middle_and_resume_publish_each_story_once(fed: Settings, tmp_path: Path) -> None:
    changed = replayed.other_rules(fed, tmp_path)
    count = len(replay(changed, "--last", "1h", "--diff", "--json").splitlines()) - 1
    process = subprocess.Popen(
        [flow.sys.executable, "-m", "streams", "replay", "--last", "1h", "--apply", "--yes", "--rate", "40"],
        env=flow.environment(changed),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = flow.time.monotonic() + 60
    while not (running := [line for line in replay(fed, "list").splitlines() if "running" in line]):
        assert process.poll() is None
        assert flow.time.monotonic() < deadline
    process.kill()
    process.wait()
    job = running[0].split()[0]
    assert f"{count} published anew, 0 not" in replay(changed, "--resume", job, "--yes", "--rate", "10000")
    revised = [row.key for row in flow.read(fed, LATEST) if "replay-job" in dict(row.headers)]
    assert len(revised) == len(set(revised)) == count
    assert "done" in replay(fed, "list")
    refused = replay(fed, "--resume", job, "--yes", status=1)
    assert "changed since" in refused
