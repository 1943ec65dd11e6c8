"""`newswire demo` as a newcomer starts and stops it, without a terminal."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.kafka
ROW = re.compile(r"^\d\d:\d\d[ap]  \S.*  [A-Z]{2}$")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A demo that has shown ten rows of the ticker."""
    with (tmp_path / "rows.txt").open("wb") as rows, (tmp_path / "steps.txt").open("wb") as steps:
        process = start(tmp_path, rows, steps)
    try:
        deadline = time.monotonic() + 120
        while len(shown(tmp_path)) < 10:
            assert process.poll() is None, (tmp_path / "steps.txt").read_text()
            assert time.monotonic() < deadline, (tmp_path / "steps.txt").read_text()
            time.sleep(0.3)
        yield process
    finally:
        process.kill()
        process.wait()


def start(folder: Path, stdout: object, stderr: object) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "streams", "demo"]
    return subprocess.Popen(command, cwd=folder, stdout=stdout, stderr=stderr)  # type: ignore[call-overload,no-any-return]


def shown(folder: Path) -> list[str]:
    return [line for line in (folder / "rows.txt").read_text().splitlines() if ROW.match(line)]


def end_of_all(processes: list[psutil.Process], seconds: float) -> None:
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    assert [process.cmdline()[:4] for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


def test_ctrl_c_stops_all_of_it_and_a_second_demo_beside_it_is_refused(
    demo: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    second = start(tmp_path, subprocess.PIPE, subprocess.PIPE)
    output, said = second.communicate(timeout=60)
    assert (second.returncode, output) == (1, b"")
    assert b"Traceback" not in said
    assert b"runs" in said.splitlines()[-1]
    everything = psutil.Process(demo.pid).children(recursive=True)
    assert len(everything) >= 5  # Kafka, the worker with its parts, the gateway
    os.kill(demo.pid, signal.SIGINT)
    assert demo.wait(30) == 0
    end_of_all(everything, 5)
    assert "Traceback" not in (tmp_path / "steps.txt").read_text()


def test_kill_9_of_the_demo_leaves_nothing_running(demo: "subprocess.Popen[bytes]") -> None:
    everything = psutil.Process(demo.pid).children(recursive=True)
    demo.kill()
    demo.wait()
    end_of_all(everything, 30)
