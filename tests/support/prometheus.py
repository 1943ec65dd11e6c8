"""Runs a real Prometheus, with the rules of deploy/, that scrapes the processes of a test."""

import json
import re
import shutil
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from support import flow
from support.grafana import GRAFANA
from support.readme import README
from support.wait import wait_until


class Prometheus:
    """A running Prometheus that scrapes every second."""

    def __init__(self, port: int) -> None:
        self.port = port

    def query_api(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/{path}", timeout=10) as answer:
            return json.load(answer)["data"]

    def is_up(self) -> bool:
        with suppress(OSError):
            self.query_api("alerts")
            return True
        return False

    def read_values(self, query: str) -> list[float]:
        """Reads the value of each series of a query, now."""
        found = self.query_api(f"query?{urllib.parse.urlencode({'query': query})}")["result"]
        return [float(row["value"][1]) for row in found]

    def read_panel(self, title: str) -> list[float]:
        """Reads the values that a panel of the dashboard shows now."""
        (queries,) = [panel[3] for row in GRAFANA["ROWS"].values() for panel in row if panel[0] == title]
        return [value for query in queries.values() for value in self.read_values(query)]

    def list_firing(self) -> set[tuple[str, str]]:
        """Lists the alerts that fire, each with its source or stage."""
        found = [each for each in self.query_api("alerts")["alerts"] if each["state"] == "firing"]
        return {
            (row["labels"]["alertname"], row["labels"].get("source") or row["labels"].get("stage", "")) for row in found
        }

    def wait_firing(self, alert: tuple[str, str], seconds: float = 120) -> None:
        """Waits until an alert fires."""
        self._wait(alert, True, seconds)

    def wait_resolved(self, alert: tuple[str, str], seconds: float = 240) -> None:
        """Waits until an alert fires no more."""
        self._wait(alert, False, seconds)

    def _wait(self, alert: tuple[str, str], fires: bool, seconds: float) -> None:
        wait_until(
            lambda: (alert in self.list_firing()) is fires,
            lambda: f"{alert}: {'does not fire' if fires else 'goes on'}; these do: {self.list_firing()}",
            seconds=seconds,
            every=0.5,
        )


@contextmanager
def run_prometheus(
    folder: Path, port: int, jobs: Mapping[str, list[int]], *, increase: str = ""
) -> Iterator[Prometheus]:
    """Scrapes the ports of each job. Each `for:` of a rule is one second here; `increase` is the window of counts."""
    binary = shutil.which("prometheus")
    if binary is None:
        pytest.skip("prometheus is not installed")
    rules = (README.parent / "deploy/prometheus/rules.yml").read_text(encoding="utf-8")
    rules = re.sub(r"\bfor: \w+", "for: 1s", rules)
    if increase:
        rules = re.sub(r"(increase\([^]]*\[)\w+\]", rf"\g<1>{increase}]", rules)
    (folder / "rules.yml").write_text(rules)
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": ["rules.yml"],
        "scrape_configs": [
            {"job_name": f"newswire-{job}", "static_configs": [{"targets": [f"127.0.0.1:{one}" for one in ports]}]}
            for job, ports in jobs.items()
        ],
    }
    (folder / "prometheus.yml").write_text(json.dumps(config))
    command = [binary, f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}"]
    with (
        (folder / "prometheus.log").open("wb") as log,
        subprocess.Popen([*command, f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log) as process,
    ):
        try:
            wait_until(Prometheus(port).is_up, (folder / "prometheus.log").read_text)
            yield Prometheus(port)
        finally:
            process.terminate()


def assert_metrics_lint(metrics: str) -> None:
    """Checks that the metrics of a process have names and types as Prometheus wants them."""
    promtool = shutil.which("promtool")
    assert promtool is not None, "it comes with prometheus"
    done = subprocess.run(
        [promtool, "check", "metrics"], input=metrics, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def list_prepare_children(worker: flow.Worker) -> list[psutil.Process]:
    """Lists the child processes that prepare."""
    return [
        each
        for each in psutil.Process(worker.process.pid).children(recursive=True)
        if "spawn_main" in " ".join(each.cmdline())
    ]
