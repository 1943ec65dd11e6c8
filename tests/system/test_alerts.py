"""Three alerts on the real system with a real Prometheus: a quiet feed, a stuck worker, a broker that is gone.

The rules are those of deploy/, but for their `for:`, which is a second here.
"""

import json
import re
import shutil
import signal
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from support import flow
from support.grafana import GRAFANA
from support.readme import README
from support.running import free_ports, gateway, until_ready

from streams.config import load
from streams.kafka import broker

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]


class Prometheus:
    """Scrapes every second."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/{path}", timeout=10) as answer:
            return json.load(answer)["data"]

    def firing(self) -> set[tuple[str, str]]:
        """Names of the alerts that fire, with their source or stage."""
        found = [each for each in self.ask("alerts")["alerts"] if each["state"] == "firing"]
        return {
            (row["labels"]["alertname"], row["labels"].get("source") or row["labels"].get("stage", "")) for row in found
        }

    def until(self, alert: tuple[str, str], seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        while alert not in (firing := self.firing()):
            assert time.monotonic() < deadline, f"{alert} does not fire; these do: {firing}"
            time.sleep(0.5)


@contextmanager
def prometheus(folder: Path, port: int, workers: list[int], gateway_port: int) -> Iterator[Prometheus]:
    binary = shutil.which("prometheus")
    if binary is None:
        pytest.skip("prometheus is not installed")
    rules = (README.parent / "deploy/prometheus/rules.yml").read_text(encoding="utf-8")
    (folder / "rules.yml").write_text(re.sub(r"\bfor: \w+", "for: 1s", rules))
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": ["rules.yml"],
        "scrape_configs": [
            {"job_name": f"newswire-{job}", "static_configs": [{"targets": [f"127.0.0.1:{one}" for one in ports]}]}
            for job, ports in (("worker", workers), ("gateway", [gateway_port]))
        ],
    }
    (folder / "prometheus.yml").write_text(json.dumps(config))
    command = [binary, f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}"]
    with (
        (folder / "prometheus.log").open("wb") as log,
        subprocess.Popen([*command, f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log) as process,
    ):
        try:
            deadline = time.monotonic() + 60
            while True:
                try:
                    Prometheus(port).ask("alerts")
                    break
                except OSError:
                    assert time.monotonic() < deadline, (folder / "prometheus.log").read_text()
                    time.sleep(0.3)
            yield Prometheus(port)
        finally:
            process.terminate()


def children_that_prepare(worker: flow.Worker) -> list[psutil.Process]:
    return [
        each
        for each in psutil.Process(worker.process.pid).children(recursive=True)
        if "spawn_main" in " ".join(each.cmdline())
    ]


def test_a_quiet_feed_a_stuck_worker_and_a_broker_that_is_gone_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSWIRE_SOURCES__PRNEWSWIRE__QUIET_MINUTES", "0.1")
    monkeypatch.setenv("NEWSWIRE_PREPARE__ITEM_SECONDS", "600")
    first = free_ports(4)
    worker_ports, gateway_port = [first, first + 1], first + 2
    with broker.start(tmp_path / "kafka") as kafka:
        settings = load(environ={"NEWSWIRE_KAFKA": kafka.address, "NEWSWIRE_WORKER__SESSION_SECONDS": "2"})
        assert flow.newswire(settings, "topics", "apply").returncode == 0
        worker = flow.Worker(settings, tmp_path / "worker.log", "--http", str(first))
        try:
            with (
                gateway(settings, gateway_port),
                prometheus(tmp_path, first + 3, worker_ports, gateway_port) as watched,
            ):
                item = b'{"id": "1", "title": "Norwick Pumps opens a new factory"}'
                flow.wait_decided(settings, flow.send(settings, [(item, {"source": "prnewswire"})]))
                until_ready(*worker_ports, gateway_port)
                watched.until(("NewswireFeedQuiet", "prnewswire"))
                for query in GRAFANA["queries"]():
                    watched.ask(f"query?{urllib.parse.urlencode({'query': query})}")
                assert not {alert for alert, _ in watched.firing()} & {"NewswireBrokerDown", "NewswireWorkerStuck"}

                for child in (stopped := children_that_prepare(worker)):
                    child.send_signal(signal.SIGSTOP)
                assert stopped
                flow.send(settings, [(item.replace(b'"1"', b'"2"'), {"source": "prnewswire"})])
                watched.until(("NewswireWorkerStuck", "prepare"))
                for child in stopped:
                    child.send_signal(signal.SIGCONT)
                flow.wait_decided(settings, 2)

                kafka.kill()
                watched.until(("NewswireBrokerDown", ""))
        finally:
            worker.kill()
