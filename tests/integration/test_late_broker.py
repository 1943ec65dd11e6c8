"""A long-running process that starts while Kafka is away waits, alive and not ready, and goes on when Kafka comes."""

import json
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient
from support import flow
from support.processes import free_ports, wait_until_alive, wait_until_ready
from support.wait import wait_until

from streams.config.loader import load
from streams.kafka.embedded import broker
from streams.kafka.embedded.ports import find_free
from streams.model.topics import LATEST

pytestmark = pytest.mark.kafka


def wait_for_events(path: Path, events: dict[str, int]) -> None:
    def holds() -> bool:
        events_so_far = [json.loads(line)["event"] for line in path.read_text().splitlines() if line.startswith("{")]
        return all(events_so_far.count(event) >= count for event, count in events.items())

    wait_until(holds, path.read_text)


def test_worker_gateway_and_feeder_wait_for_a_broker_that_comes_late(tmp_path: Path) -> None:
    with broker.start(tmp_path / "kafka", *find_free(1)) as kafka:
        settings = load(environ={"NEWSWIRE_KAFKA": kafka.address, "NEWSWIRE_WORKER__SESSION_SECONDS": "2"})
        assert flow.newswire(settings, "topics", "apply").returncode == 0
    first = free_ports(5)
    worker_ports, gateway_port, feed_port = [first, first + 1], first + 2, first + 3
    (tmp_path / "in").mkdir()
    (tmp_path / "feeds.toml").write_text(
        f'http_port = {feed_port}\n[folders.testwire]\npath = "{tmp_path / "in"}"\nseconds = 1\n'
    )
    log = tmp_path / "log"
    running = []
    try:
        with log.open("ab") as output:
            for arguments in (
                ["worker", "--http", str(first)],
                ["gateway", "--port", str(gateway_port)],
                ["feed", "--config", str(tmp_path / "feeds.toml")],
            ):
                command = [sys.executable, "-m", "streams", *arguments]
                running.append(
                    subprocess.Popen(command, env=flow.environment(settings), stdout=subprocess.DEVNULL, stderr=output)
                )
        ports = (*worker_ports, gateway_port, feed_port)
        wait_until_alive(*ports)
        wait_for_events(log, {"waiting_for_kafka": 3})
        unready = [flow.http_get(port, "/readyz") for port in ports]
        assert [(status, text[:17]) for status, text in unready] == [(503, "waiting for Kafka")] * 4
        with broker.start(tmp_path / "kafka", port=int(kafka.address.rpartition(":")[2])):
            wait_until_ready(*ports)
            item = json.dumps({"id": "1", "title": "Norwick Pumps opens a new factory in Ostby"})
            (tmp_path / "in" / "item.json").write_text(item)
            flow.wait_decided(settings, 1)
            assert [row.key for row in flow.read(settings, LATEST)] == [b"urn:newswire:testwire:1"]
            # The worker passes the signal for a higher log level on to its children.
            running[0].send_signal(signal.SIGUSR1)
            wait_for_events(log, {"log_level": 3})
            (tmp_path / "in" / "other.json").write_text(item.replace('"1"', '"2"').replace("Ostby", "Halden"))
            wait_for_events(log, {"prepared": 1, "decided": 1})
            for process in running:
                process.terminate()
            assert [process.wait(60) for process in running] == [0, 0, 0]
    finally:
        for process in running:
            with suppress(ProcessLookupError):
                process.kill()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    (decided,) = [line for line in lines if line["event"] == "decided"]
    assert (decided["fate"], decided["uri"]) == ("published", "urn:newswire:testwire:2")
    assert decided["position"].startswith("news.raw/")


def test_worker_and_gateway_are_not_ready_while_kafka_is_away_and_go_on_when_it_is_back(tmp_path: Path) -> None:
    first = free_ports(4)
    ports = (first, first + 1, first + 2)
    log = tmp_path / "log"
    running = []

    def is_unready(port: int) -> bool:
        with suppress(OSError):  # a part that starts again listens a moment later
            return flow.http_get(port, "/readyz")[0] == 503
        return False

    def events(name: str) -> int:
        return sum(f'"event":"{name}"' in line.replace(" ", "") for line in log.read_text().splitlines())

    try:
        with broker.start(tmp_path / "kafka", *find_free(1)) as kafka:
            settings = load(environ={"NEWSWIRE_KAFKA": kafka.address, "NEWSWIRE_WORKER__SESSION_SECONDS": "2"})
            assert flow.newswire(settings, "topics", "apply").returncode == 0
            with log.open("ab") as output:
                for arguments in (
                    ["worker", "--http", str(first), "--state", str(tmp_path / "state")],
                    ["gateway", "--port", str(first + 2)],
                ):
                    command = [sys.executable, "-m", "streams", *arguments]
                    running.append(
                        subprocess.Popen(
                            command, env=flow.environment(settings), stdout=subprocess.DEVNULL, stderr=output
                        )
                    )
            wait_until_ready(*ports)
        wait_until(lambda: all(is_unready(port) for port in ports), log.read_text)
        with broker.start(tmp_path / "kafka", port=int(kafka.address.rpartition(":")[2])):
            wait_until_ready(*ports)
            item = {"id": "1", "title": "Norwick Pumps opens a new factory in Ostby"}
            flow.send(settings, [(json.dumps(item).encode(), {"source": "testwire"})])
            flow.wait_decided(settings, 1)
            # A topic that is deleted is said by the two that need it.
            admin = AdminClient({"bootstrap.servers": settings.kafka.brokers})
            admin.delete_topics([settings.topics.full(LATEST)])[settings.topics.full(LATEST)].result()
            wait_for_events(log, {"topics_gone": 2})
            said = [flow.http_get(port, "/readyz") for port in ports]
            gone = (503, "topic news.latest is gone: call `newswire topics apply`\n")
            assert said == [gone, (200, "ready\n"), gone]
            for process in running:
                process.terminate()
            assert [process.wait(60) for process in running] == [0, 0]
    finally:
        for process in running:
            with suppress(ProcessLookupError):
                process.kill()
    counts = [events(name) for name in ("kafka_gone", "kafka_back", "part_died", "worker_leaves")]
    assert counts == [len(ports), len(ports), 0, 0]


@pytest.mark.parametrize("arguments", [["worker"], ["gateway", "--port", "0"]])
def test_a_process_that_waits_for_kafka_ends_at_once_on_sigterm(tmp_path: Path, arguments: list[str]) -> None:
    settings = load(environ={"NEWSWIRE_KAFKA": "127.0.0.1:1"})
    log = tmp_path / "log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "streams", *arguments],
            env={**flow.environment(settings), "NEWSWIRE_WORKER__HTTP_PORT": str(free_ports(3))},
            stdout=subprocess.DEVNULL,
            stderr=output,
        )
    try:
        wait_for_events(log, {"waiting_for_kafka": 1})
        process.terminate()
        assert process.wait(60) == 0
    finally:
        process.kill()
