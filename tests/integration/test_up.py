"""`newswire up` runs the whole system on one machine, keeps its data, and stops all of it on SIGTERM and Ctrl-C."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from support import flow
from support.processes import free_ports
from support.wait import wait_until

from streams.config.loader import load

pytestmark = pytest.mark.kafka


def send_sigterm(process: subprocess.Popen[bytes]) -> None:
    process.terminate()


def press_ctrl_c(process: subprocess.Popen[bytes]) -> None:
    """Does what a terminal does: all processes that it started get the signal."""
    os.killpg(process.pid, signal.SIGINT)


@contextmanager
def run_up(folder: Path, stop: Callable[[subprocess.Popen[bytes]], None]) -> Iterator[dict[str, str]]:
    """Runs the command during a `with` block; yields the addresses that it prints. It must stop with status 0."""
    steps = folder / "steps.txt"
    with steps.open("w") as said:
        call = [sys.executable, "-m", "streams", "up", "--dir", "all"]
        process = subprocess.Popen(call, cwd=folder, stdout=said, stderr=said, start_new_session=True)
    try:
        wait_until(lambda: process.poll() is not None or "logs: all" in steps.read_text(), steps.read_text, seconds=180)
        assert process.poll() is None, steps.read_text()
        everything = psutil.Process(process.pid).children(recursive=True)
        yield dict(re.findall(r"(?m)^([A-Za-z ]+): (.+)$", steps.read_text()))
        stop(process)
        assert process.wait(120) == 0
    finally:
        process.kill()
        process.wait()
    assert steps.read_text().splitlines()[-2:] == ["stopping", "stopped"]
    _, alive = psutil.wait_procs(everything, timeout=60)
    assert [each.cmdline()[:4] for each in alive if each.status() != psutil.STATUS_ZOMBIE] == []


def test_all_of_it_starts_with_one_command_and_has_its_data_again_at_the_next_start(tmp_path: Path) -> None:
    port = free_ports(4)  # the folder keeps the port that it was given
    http = port + 1
    kafka = [sys.executable, "-m", "streams", "kafka"]
    for call in (["up", "--port", str(port)], ["down"]):
        subprocess.run([*kafka, *call, "--dir", "all/kafka"], cwd=tmp_path, check=True, timeout=180)
    (tmp_path / "newswire.toml").write_text(f"[gateway]\nhttp_port = {http}\n[worker]\nhttp_port = {http + 1}\n")
    item = (b'{"id": "1", "title": "Norwick Pumps opens a new factory"}', {"source": "testwire"})
    with run_up(tmp_path, send_sigterm) as addresses:
        settings = load(environ={"NEWSWIRE_KAFKA": addresses["Kafka"]})
        assert flow.newswire(settings, "topics", "plan").stdout.startswith(b"nothing to do: ")
        flow.wait_decided(settings, flow.send(settings, [item]))
    with run_up(tmp_path, press_ctrl_c) as again:
        page = int(again["ticker page"].rstrip("/").rpartition(":")[2])
        wait_until(lambda: "Norwick Pumps" in flow.http_get(page, "/latest")[1])
        assert flow.newswire(settings, "audit").returncode == 0
    assert {path.name for path in (tmp_path / "all").iterdir()} >= {"kafka", "state", "worker.log", "gateway.log"}
