"""A log that was created again ends the worker with a sentence that says what to do, and what it says works."""

import subprocess
import sys
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient
from support import flow
from support.mixed_items import mixed_items
from support.processes import free_ports
from support.wait import wait_until

from streams.config.settings import Settings
from streams.kafka.acls import DECIDE_GROUP
from streams.model.topics import DECISIONS, LOG, STATE

pytestmark = pytest.mark.kafka


def create_again(settings: Settings, name: str) -> None:
    """Deletes a topic and creates it again."""
    admin, topic = AdminClient({"bootstrap.servers": settings.kafka.brokers}), settings.topics.full(name)
    admin.delete_topics([topic])[topic].result()
    wait_until(lambda: topic not in admin.list_topics(timeout=20).topics)
    assert flow.newswire(settings, "topics", "apply").returncode == 0


def test_a_log_that_was_created_again_ends_the_worker_with_a_sentence(settings: Settings, tmp_path: Path) -> None:
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    items = list(mixed_items(60, seed=3))
    state = ("--state", str(tmp_path / "state"))
    log = tmp_path / "worker.log"
    with log.open("ab") as output:
        worker = subprocess.Popen(
            [sys.executable, "-m", "streams", "worker", "--http", str(free_ports(3)), *state],
            env=flow.environment(settings),
            stdout=subprocess.DEVNULL,
            stderr=output,
        )
    try:
        flow.wait_decided(settings, flow.send(settings, items[:40]))
        decided = len(flow.read(settings, DECISIONS))
        create_again(settings, LOG)
        flow.send(settings, items[40:])
        assert worker.wait(240) != 0
    finally:
        worker.kill()
    assert "it was deleted and created again. Stop every worker. Then delete" in log.read_text()

    flow.wait_until_group_is_empty(settings, DECIDE_GROUP)
    create_again(settings, STATE)
    admin = AdminClient({"bootstrap.servers": settings.kafka.brokers})
    admin.delete_consumer_groups([DECIDE_GROUP])[DECIDE_GROUP].result()
    with flow.run_worker(settings, tmp_path, *state):
        wait_until(lambda: len(flow.read(settings, DECISIONS)) >= decided + 20)
