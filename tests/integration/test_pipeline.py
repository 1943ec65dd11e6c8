"""The pipeline on the real broker: the outcome topics hold what a fold of the recorded log gives."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from support import flow
from support.mixed_items import mixed_items
from support.ninjs_schema import errors
from support.wait import wait_until

from streams.config.settings import Settings
from streams.model.topics import DEAD_LETTERS, LATEST, LOG, WITHHELD

pytestmark = pytest.mark.kafka


def with_partitions(settings: Settings, partitions: int) -> Settings:
    topics = msgspec.structs.replace(settings.topics, raw_partitions=partitions)
    return msgspec.structs.replace(settings, topics=topics)


def test_files_through_kafka_give_the_same_bytes_as_process(settings: Settings, tmp_path: Path) -> None:
    settings = with_partitions(settings, 1)
    folder = tmp_path / "items"
    for number, (value, _) in enumerate(mixed_items(40, seed=1)):
        folder.mkdir(exist_ok=True)
        (folder / f"{number:03}.json").write_bytes(value)
    arguments = [str(folder), "--source", "testwire", "--received-at", "2026-03-02T10:00:00Z"]
    lines = flow.newswire(settings, "process", *arguments)
    assert lines.returncode == 0, lines.stderr
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    assert flow.newswire(settings, "feed", *arguments).returncode == 0
    with flow.run_worker(settings, tmp_path):
        flow.wait_decided(settings, 40)
        topics = flow.read_outcome_topics(settings)
    expected: dict[str, list[object]] = {}
    for line in map(json.loads, lines.stdout.splitlines()):
        for topic in line["topics"]:
            expected.setdefault(topic.partition(".")[2], []).append(line["event"])
    for topic, events in expected.items():
        if topic != DEAD_LETTERS:
            items = [row.value for row in topics[topic] if row.value is not None]  # `process` names no tombstones
            assert list(map(json.loads, items)) == events, topic
    assert topics == flow.fold_log(settings)


def test_three_workers_on_three_partitions_equal_the_fold_of_the_recorded_log(
    settings: Settings, tmp_path: Path
) -> None:
    settings = with_partitions(settings, 3)
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    with flow.run_worker(settings, tmp_path, "--workers", "3"):
        count = flow.send(settings, mixed_items(600, seed=2))
        flow.wait_decided(settings, count)
        assert flow.read_outcome_topics(settings) == flow.fold_log(settings)
        audit = flow.newswire(settings, "audit")
        assert audit.returncode == 0, audit.stdout + audit.stderr
    for row in flow.read(settings, LATEST):
        assert errors(json.loads(row.value or b"")) == []


@pytest.mark.parametrize("delivery", ["exactly-once", "at-least-once"])
def test_kill_9_at_random_points_loses_nothing_and_repeats_nothing(
    settings: Settings, tmp_path: Path, delivery: str
) -> None:
    settings = with_partitions(settings, 2)
    decide = msgspec.structs.replace(settings.decide, delivery=delivery)
    settings = msgspec.structs.replace(settings, decide=decide)
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    dice = random.Random(3)
    items = list(mixed_items(1500, seed=3))
    with flow.run_worker(settings, tmp_path) as worker:
        flow.wait_decided(settings, flow.send(settings, items[:100]))
        for kill in range(4):
            flow.send(settings, items[100 + kill * 350 : 450 + kill * 350])
            dice.random()
            flow.time.sleep(dice.random() * 0.6)
            if kill % 2:
                worker.kill()
                worker.start()
            else:
                worker.kill_part(dice.choice(["decide", "prepare"]))
        flow.wait_decided(settings, 1500)
        topics, expected = flow.read_outcome_topics(settings), flow.fold_log(settings)
        if delivery == "exactly-once":
            assert topics == expected
            assert flow.newswire(settings, "audit").returncode == 0
        else:  # repeats are equal; without them the topic is as the fold gives it
            for topic, rows in topics.items():
                assert list(dict.fromkeys(rows)) == expected[topic], topic


def test_a_log_that_refuses_records_stops_prepare_and_later_all_come_in_order(
    settings: Settings, tmp_path: Path
) -> None:
    settings = with_partitions(settings, 2)
    items = list(mixed_items(200, seed=4))
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    flow.set_topic(settings, LOG, "max.message.bytes", "100")
    with flow.run_worker(settings, tmp_path) as worker:
        for partition in (0, 1):
            flow.send(settings, items[partition * 50 :][:50], partition=partition)
        wait_until(lambda: "prepare cannot go on" in worker.read_log(), lambda: worker.read_log()[-3000:])
        assert flow.read(settings, LOG) == []
        assert flow.newswire(settings, "topics", "apply").returncode == 0
        for partition in (0, 1):
            flow.send(settings, items[100 + partition * 50 :][:50], partition=partition)
        flow.wait_decided(settings, 200)
        origins = [decision["origin"] for decision in flow.read_decisions(settings)]
        assert flow.read_outcome_topics(settings) == flow.fold_log(settings)
    for partition in (0, 1):
        assert [origin["offset"] for origin in origins if origin["partition"] == partition] == list(range(100))


def test_an_item_is_withheld_until_its_embargo_ends_and_withdrawn_when_its_rights_end(
    settings: Settings, tmp_path: Path
) -> None:
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    with flow.run_worker(settings, tmp_path):
        broken = [(b'{"title": "unclosed', {"source": "testwire"})]
        flow.wait_decided(settings, flow.send(settings, broken))  # the worker runs: the embargo may be short
        ends = datetime.now(UTC) + timedelta(seconds=8)
        expires = ends + timedelta(seconds=1)
        item = {
            "uri": "urn:example:embargoed-1",
            "type": "text",
            "versionCreated": "2026-03-02T10:00:00Z",
            "embargoedUntil": ends.isoformat(),
            "expires": expires.isoformat(),
            "headlines": [{"role": "main", "value": "Norwick Pumps reports first quarter results under embargo"}],
            "bodies": [{"role": "main", "value": "Norwick Pumps said on Monday that revenue rose to 12 million."}],
        }
        flow.wait_decided(settings, 1 + flow.send(settings, [(json.dumps(item).encode(), {"source": "testwire"})]))
        withheld, *_ = flow.read(settings, WITHHELD)
        assert json.loads(withheld.value or b"")["pubStatus"] == "withheld"
        wait_until(lambda: flow.read(settings, LATEST))
        assert datetime.now(UTC) >= ends
        wait_until(lambda: len(flow.read(settings, LATEST)) == 2)
        assert datetime.now(UTC) >= expires
        row, gone = flow.read(settings, LATEST)
        event = json.loads(row.value or b"")
        assert (event["uri"], event["version"], event["pubStatus"]) == (
            "urn:newswire:testwire:urn%3Aexample%3Aembargoed-1",
            "1",
            "usable",
        )
        assert dict(row.headers)["origin-topic"].decode() == settings.topics.full("internal.items")
        assert [row.value for row in flow.read(settings, WITHHELD)][-1] is None
        withdrawn = json.loads(gone.value or b"")
        assert (withdrawn["version"], withdrawn["pubStatus"], "bodies" in withdrawn) == ("2", "canceled", False)
        assert flow.read_outcome_topics(settings) == flow.fold_log(settings)
        explained = flow.newswire(settings, "why", event["uri"]).stdout
        assert b"withdrawn, version 2  (command expire by releaser)\n    note: usage rights ended" in explained


def test_a_dead_letter_holds_the_original_bytes_and_the_worker_goes_on(settings: Settings, tmp_path: Path) -> None:
    hostile = [
        (b"", {"source": "testwire"}, "empty"),
        (b'{"title": "unclosed', {"source": "testwire"}, "malformed"),
        (b"\x00\x01\x02", {"source": "testwire"}, "encoding"),
        (b'{"weather": "fair"}', {"source": "testwire"}, "unknown-format"),
        (b'{"title": "No source"}', {}, "missing-source"),
        (b"[" * 100_000, {"source": "testwire"}, "too-deep"),
        (b"x" * (8 * 1024 * 1024 + 1), {"source": "testwire"}, "too-large"),
    ]
    good = (b'{"id": "1", "title": "Norwick Pumps opens a new factory"}', {"source": "testwire"})
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    with flow.run_worker(settings, tmp_path):
        count = flow.send(settings, [*((value, headers) for value, headers, _ in hostile), good], partition=0)
        flow.wait_decided(settings, count)
        letters = flow.read(settings, DEAD_LETTERS)
        assert len(flow.read(settings, LATEST)) == 1
    codes = [dict(row.headers)["error-code"].decode() for row in letters]
    assert codes == [code for _, _, code in hostile]
    assert all(row.value == value for row, (value, _, _) in zip(letters, hostile, strict=True))


def test_the_worker_serves_its_health_and_counts_what_it_committed(settings: Settings, tmp_path: Path) -> None:
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    with flow.run_worker(settings, tmp_path, "--http", "17066"):
        flow.wait_decided(settings, flow.send(settings, mixed_items(20, seed=5)))

        def answers() -> list[tuple[int, str]]:
            return [flow.http_get(port, "/readyz") for port in (17066, 17067)]

        wait_until(lambda: answers() == [(200, "ready\n")] * 2, answers)
        assert flow.http_get(17066, "/healthz") == (200, "alive\n")
        metrics = flow.http_get(17066, "/metrics")[1] + flow.http_get(17067, "/metrics")[1]
        decided = flow.read_decisions(settings)
    counted = {
        outcome: sum(
            float(line.rpartition(" ")[2])
            for line in metrics.splitlines()
            if line.startswith("newswire_items_total{") and f'outcome="{outcome}"' in line
        )
        for outcome in {str(decision["fate"]) for decision in decided}
    }
    assert counted == {fate: sum(decision["fate"] == fate for decision in decided) for fate in counted}
