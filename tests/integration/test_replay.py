"""`newswire replay` on the real broker: shows differences, writes shadow topics, and publishes corrections."""

import asyncio
import json
import subprocess
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from support import flow, replay_comparison
from support.builders import build_item
from support.live_traffic import LiveTraffic
from support.mixed_items import mixed_items
from support.wait import wait_until

from streams.config.settings import Settings
from streams.generate import stream
from streams.model.codec import encode
from streams.model.records import Origin
from streams.model.topics import CATEGORIES, LATEST, LOG, RAW
from streams.replay.missing_log import find_missing_log

pytestmark = pytest.mark.kafka

ITEMS = 300
SLOWEST = "0.1"
"""A rate at which a replay waits for 40 minutes after its first chunk, so that no machine is fast enough to end it."""
START = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def fed(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a system whose worker has decided its items and still runs."""
    settings = replay_comparison.with_rules(one_partition(settings), tmp_path, "sectors")
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    with flow.run_worker(settings, tmp_path):
        flow.wait_decided(settings, flow.send(settings, mixed_items(ITEMS, seed=11)))
        yield settings


def one_partition(settings: Settings) -> Settings:
    """Returns the settings with one raw partition: two systems then process the same records in the same order."""
    return msgspec.structs.replace(settings, topics=msgspec.structs.replace(settings.topics, raw_partitions=1))


def run_replay(settings: Settings, *arguments: str, status: int = 0) -> str:
    done = flow.newswire(settings, "replay", *arguments)
    assert done.returncode == status, done.stderr.decode() + done.stdout.decode()
    return (done.stdout + done.stderr).decode() if status else done.stdout.decode()


def test_a_replay_comes_to_its_end_while_live_items_keep_coming(fed: Settings) -> None:
    live = LiveTraffic(fed, stream(12, None, START), 20)
    live.start()
    try:
        assert run_replay(fed, "--last", "1h", "--diff") == "nothing would change\n"
        assert live.is_alive()
    finally:
        live.stopping.set()
        live.join()


def test_an_unchanged_configuration_gives_an_empty_diff(fed: Settings) -> None:
    # And of every format and trouble that the wires have.
    flow.wait_decided(fed, ITEMS + flow.send(fed, [(each.body, each.headers) for each in stream(11, 200, START)]))
    output = run_replay(fed, "--last", "1h")
    assert output.startswith(f"{len(flow.read(fed, 'internal.items'))} records of the log")
    assert "nothing was changed" in output
    found = flow.newswire(fed, "replay", "--last", "1h", "--diff")
    assert found.returncode == 0, found.stderr
    assert found.stdout == b"nothing would change\n"
    assert b"gone" not in found.stderr
    assert b"not compared" not in found.stderr


def test_changed_rules_are_shown_then_applied_and_the_topics_are_as_if_they_had_always_been(
    fed: Settings, tmp_path: Path, prefix: str
) -> None:
    changed = replay_comparison.with_changed_rule(fed, tmp_path)
    *changes, last = map(json.loads, run_replay(changed, "--last", "1h", "--diff", "--json").splitlines())
    assert {kind for change in changes for kind in change["kinds"]} == {"moved"}
    entering = last["summary"]["entering"]
    assert entering["commodities"] > 5
    assert last["summary"]["leaving"]["sectors"] == entering["commodities"]

    refused = run_replay(changed, "--last", "1h", "--apply", status=2)
    assert "--yes" in refused
    output = run_replay(changed, "--last", "1h", "--apply", "--yes")
    assert f"{len(changes)} published again, 0 not" in output

    fresh = msgspec.structs.replace(
        changed, topics=msgspec.structs.replace(changed.topics, prefix=f"test-{uuid.uuid4().hex[:8]}")
    )
    assert flow.newswire(fresh, "topics", "apply").returncode == 0
    (tmp_path / "fresh").mkdir()
    with flow.run_worker(fresh, tmp_path / "fresh"):
        flow.wait_decided(fresh, flow.send(fresh, mixed_items(ITEMS, seed=11)))
    different = replay_comparison.find_differences(changed, fresh)
    assert different == [], "\n".join(different[:20])

    revised = [row for row in flow.read(changed, LATEST) if "replay-job" in dict(row.headers)]
    assert len(revised) == len(changes)
    # Readers of a topic that a story has left are told there.
    left = [row for row in flow.read(changed, "sectors") if "replay-job" in dict(row.headers)]
    assert len(left) == last["summary"]["leaving"]["sectors"]
    assert run_replay(changed, "--last", "1h", "--diff") == "nothing would change\n"
    assert flow.newswire(fed, "audit").returncode == 0


def test_a_filter_shows_and_applies_only_matching_differences(fed: Settings, tmp_path: Path) -> None:
    changed = replay_comparison.with_changed_rule(fed, tmp_path)
    named = {"id": "nwk-1", "title": "Norwick Pumps (NYSE: NWKP) opens plant number 9001 in the north"}
    flow.wait_decided(fed, ITEMS + flow.send(fed, [(json.dumps(named).encode(), {"source": "testwire"})]))
    every = [json.loads(line) for line in run_replay(changed, "--last", "1h", "--diff", "--json").splitlines()[:-1]]

    def shown(*filters: str) -> list[dict[str, object]]:
        lines = run_replay(changed, "--last", "1h", "--diff", "--json", *filters).splitlines()[:-1]
        return [json.loads(line) for line in lines]

    page = tmp_path / "page.html"
    (ticker,) = shown("--source", "testwire", "--ticker", "NWKP", "--html", str(page))
    assert f"<small>{ticker['uri']}" in page.read_text(encoding="utf-8")
    assert (ticker["uri"], ticker["symbols"]) == ("urn:newswire:testwire:nwk-1", ["XNYS:NWKP"])
    assert shown("--uri", every[0]["uri"], "--category", "commodities") == every[:1]
    assert shown("--uri", every[0]["uri"], "--category", "markets") == []
    one = run_replay(changed, "--last", "1h", "--uri", every[0]["uri"], "--apply", "--yes")
    assert "1 published again, 0 not" in one
    assert shown() == every[1:]


def test_shadow_topics_contain_what_the_present_rules_would_have_published(
    fed: Settings, tmp_path: Path, prefix: str
) -> None:
    changed = replay_comparison.with_changed_rule(fed, tmp_path)
    before = flow.read_outcome_topics(fed)
    shadow = msgspec.structs.replace(changed, topics=msgspec.structs.replace(changed.topics, prefix=f"shadow-{prefix}"))
    run_replay(changed, "--last", "1h", "--into", shadow.topics.prefix)
    assert flow.read_outcome_topics(fed) == before
    rows = flow.read_all(shadow, (LATEST, *CATEGORIES))
    assert len(rows["commodities"]) > 5
    assert not rows["sectors"]
    assert all("replay-job" in dict(row.headers) for row in rows[LATEST])
    again = run_replay(changed, "--last", "1h", "--into", shadow.topics.prefix, status=1)
    assert "exists" in again


def test_a_story_that_moves_on_while_the_commands_wait_is_dropped_and_reported(fed: Settings, tmp_path: Path) -> None:
    changed = replay_comparison.with_changed_rule(fed, tmp_path)
    lines = run_replay(changed, "--last", "1h", "--diff", "--json").splitlines()[:-1]
    moving = next(json.loads(line) for line in lines if json.loads(line)["version"] == "1")
    end = flow.newswire(fed, "replay", "list")
    assert end.returncode == 0
    job = end.stdout.split()[0].decode()
    revision = {"id": moving["uri"].rpartition(":")[2], "version": "99999", "title": moving["headline"], "body": "New."}
    headers = {"source": moving["source"], "received-at": "2026-03-02T11:00:00Z"}
    # A span that ends before the revision: its version is no longer the newest.
    asked = json.loads(run_replay(fed, "show", job))
    assert asked["state"] == "done"
    until = flow.now()
    flow.wait_decided(fed, flow.send(fed, [(json.dumps(revision).encode(), headers)]) + ITEMS)
    output = run_replay(changed, "--from", "2020-01-01T00:00:00Z", "--to", until, "--apply", "--yes")
    assert f"dropped  {moving['uri']}  version 1 is not the newest any more" in output
    assert f"{len(lines) - 1} published again, 0 not" in output


def without_job(topics: dict[str, list[flow.RecordContent]]) -> dict[str, list[flow.RecordContent]]:
    return {
        topic: [row._replace(headers=tuple(each for each in row.headers if each[0] != "replay-job")) for row in rows]
        for topic, rows in topics.items()
    }


def start_replay(settings: Settings, *arguments: str) -> "tuple[subprocess.Popen[bytes], str]":
    """Starts a replay; returns its process and the id of its job, which is on record and still running."""
    process = subprocess.Popen(
        [flow.sys.executable, "-m", "streams", "replay", "--last", "1h", *arguments],
        env=flow.environment(settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    running: list[str] = []
    while not running:
        assert process.poll() is None
        running = [line for line in run_replay(settings, "list").splitlines() if "running" in line]
    return process, running[0].split()[0]


def test_a_cancelled_replay_stops_and_publishes_nothing_more(fed: Settings, tmp_path: Path) -> None:
    changed = replay_comparison.with_changed_rule(fed, tmp_path)
    process, job = start_replay(changed, "--apply", "--yes", "--rate", SLOWEST)
    run_replay(changed, "cancel", job)
    _, output = process.communicate()
    assert process.returncode == 1
    assert f"replay {job} was cancelled: by ".encode() in output
    assert "cancelled" in run_replay(changed, "list")
    assert f"replay {job} is cancelled already" in run_replay(changed, "cancel", job, status=1)
    assert "there is no replay r1" in run_replay(changed, "cancel", "r1", status=1)
    assert not [row for row in flow.read(fed, LATEST) if "replay-job" in dict(row.headers)]


def test_kill_9_of_a_replay_into_shadow_topics_and_resume_give_the_same_topics(
    fed: Settings, tmp_path: Path, prefix: str
) -> None:
    changed = replay_comparison.with_changed_rule(fed, tmp_path)
    whole, killed = (
        replay_comparison.with_prefix(changed, f"whole-{prefix}"),
        replay_comparison.with_prefix(changed, f"killed-{prefix}"),
    )
    run_replay(changed, "--last", "1h", "--into", whole.topics.prefix, "--workers", "3")
    process, job = start_replay(changed, "--into", killed.topics.prefix, "--rate", SLOWEST)
    # The job counts the records that are done once its first chunk is committed.
    wait_until(lambda: json.loads(run_replay(changed, "show", job))["done"], seconds=240)
    assert process.poll() is None  # the second chunk waits for its time
    process.kill()
    process.communicate()
    half = len(flow.read(killed, LATEST))
    run_replay(changed, "--resume", job, "--rate", "100000", "--workers", "1")
    assert without_job(flow.read_outcome_topics(killed)) == without_job(flow.read_outcome_topics(whole))
    assert 0 < half < len(flow.read(killed, LATEST))


def test_kill_9_in_the_middle_and_resume_publish_each_story_once(fed: Settings, tmp_path: Path) -> None:
    changed = replay_comparison.with_changed_rule(fed, tmp_path)
    count = len(run_replay(changed, "--last", "1h", "--diff", "--json").splitlines()) - 1
    process, job = start_replay(changed, "--apply", "--yes", "--rate", SLOWEST)
    process.kill()
    process.communicate()
    assert f"{count} published again, 0 not" in run_replay(changed, "--resume", job, "--yes", "--rate", "10000")
    revised = [row.key for row in flow.read(fed, LATEST) if "replay-job" in dict(row.headers)]
    assert len(revised) == len(set(revised)) == count
    assert "done" in run_replay(fed, "list")
    refused = run_replay(fed, "--resume", job, "--yes", status=1)
    assert "changed since" in refused


def test_where_the_log_is_gone_raw_records_stand_in_by_their_received_time(fed: Settings, tmp_path: Path) -> None:
    # A kill by the desk is in the decisions, so a replay without the log obeys it too.
    killed = next(row.key for row in flow.read(fed, LATEST) if row.key).decode()
    assert flow.newswire(fed, "desk", "kill", killed, "--why", "sent in error", "--yes").returncode == 0
    flow.wait_decided(fed, ITEMS)
    changed = replay_comparison.with_changed_rule(fed, tmp_path)
    known = [json.loads(line) for line in run_replay(changed, "--last", "1h", "--diff", "--json").splitlines()]
    end = len(flow.read(fed, "internal.items"))
    for offset in (end // 2, end):
        cut_log(fed, offset)
        output = flow.newswire(fed, "replay", "--last", "1h", "--diff")
        assert output.returncode == 0, output.stderr
        assert output.stdout == b"nothing would change\n"
        assert b"of them the log has no longer" in output.stderr
        found = [json.loads(line) for line in run_replay(changed, "--last", "1h", "--diff", "--json").splitlines()]
        assert [each["uri"] for each in found[:-1]] == [each["uri"] for each in known[:-1]]
        assert found[-1]["summary"] == known[-1]["summary"]
    assert "the log has no longer, by received time" in run_replay(changed, "--last", "1h")
    output = run_replay(changed, "--last", "1h", "--apply", "--yes")
    assert f"{len(known) - 1} published again, 0 not" in output
    assert len([row for row in flow.read(fed, LATEST) if "replay-job" in dict(row.headers)]) == len(known) - 1


def cut_log(settings: Settings, offset: int) -> None:
    """Deletes the log's records before an offset, as its retention would."""
    admin = AdminClient({"bootstrap.servers": settings.kafka.brokers})
    for done in admin.delete_records([TopicPartition(settings.topics.full("internal.items"), 0, offset)]).values():
        done.result()


def test_raw_records_of_a_partition_that_came_late_into_the_log_are_not_missing_from_it(settings: Settings) -> None:
    settings = msgspec.structs.replace(settings, topics=msgspec.structs.replace(settings.topics, raw_partitions=2))
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    raw, log = settings.topics.full(RAW), settings.topics.full(LOG)
    sender = Producer({"bootstrap.servers": settings.kafka.brokers, "linger.ms": 20})
    for partition in (0, 0, 1, 1):
        sender.produce(raw, b"{}", partition=partition)
    assert sender.flush(60) == 0
    time.sleep(0.05)  # the log begins later than all of them
    origin = Origin(topic=raw, partition=0, offset=1, timestamp=1, index=0, count=1)
    early, late = (encode(build_item(at=msgspec.structs.replace(origin, partition=each))) for each in (0, 1))
    for each in (*(early for _ in range(25_000)), late):
        sender.produce(log, each)
        sender.poll(0)
    assert sender.flush(60) == 0
    found = asyncio.run(find_missing_log(settings, 0, int(time.time() * 1000)))
    assert [(each.partition, each.offset) for each in found.records] == [(0, 0), (1, 0)]
