"""Real wire items, where they lie beside the checkout, go through the pipeline on the real broker."""

import json
from pathlib import Path

import pytest
from integration.test_pipeline import with_partitions
from support import flow
from support.ninjs_schema import errors

from streams.config.settings import Settings
from streams.model.topics import DEAD_LETTERS, LATEST

pytestmark = pytest.mark.kafka


def test_real_items_through_kafka_give_the_bytes_that_process_gives(
    settings: Settings, tmp_path: Path, shared_data: Path
) -> None:
    settings = with_partitions(settings, 1)
    arguments = [str(shared_data / "wire"), str(shared_data / "site"), "--source", "wires", "--received-at", "wire"]
    lines = [json.loads(line) for line in flow.newswire(settings, "process", *arguments).stdout.splitlines()]
    assert {line["error"]["code"] for line in lines if line["error"]} <= {
        "unknown-format",
        "malformed",
        "missing-field",
        "empty",
        "test-item",
    }
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    assert flow.newswire(settings, "feed", *arguments).returncode == 0
    with flow.run_worker(settings, tmp_path):
        flow.wait_decided(settings, len({(line["input"]) for line in lines}))
        assert flow.newswire(settings, "audit").returncode == 0
    topics = flow.read_outcome_topics(settings)  # when the worker has stopped: it releases ended embargoes meanwhile
    expected: dict[str, list[object]] = {}
    for line in lines:
        for topic in line["topics"]:
            expected.setdefault(topic.removeprefix(f"{settings.topics.prefix}."), []).append(line["event"])
    assert len(topics[DEAD_LETTERS]) == len(expected.pop(DEAD_LETTERS))
    raw = settings.topics.full("raw").encode()
    for topic, events in expected.items():  # `process` never releases an embargo; the worker does when it has ended
        ours = [row for row in topics[topic] if row.value and dict(row.headers)["origin-topic"] == raw]
        assert [json.loads(row.value or b"") for row in ours] == events, topic
    assert topics == flow.fold_log(settings)
    for row in topics[LATEST]:
        assert errors(json.loads(row.value or b"")) == []


def test_real_items_over_three_partitions_equal_the_fold_of_the_log(
    settings: Settings, tmp_path: Path, shared_data: Path
) -> None:
    settings = with_partitions(settings, 3)
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    folders = sorted(path for path in (shared_data / "wire").iterdir() if path.is_dir())
    with flow.run_worker(settings, tmp_path, "--workers", "3"):
        records = 0
        for number, folder in enumerate(folders):
            source = f"wire{number}"
            records += len({path for path in folder.rglob("*") if path.is_file()})
            assert flow.newswire(settings, "feed", str(folder), "--source", source).returncode == 0
        flow.wait_decided(settings, records)
        assert flow.read_outcome_topics(settings) == flow.fold_log(settings)
        assert flow.newswire(settings, "audit").returncode == 0
