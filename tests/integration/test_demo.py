"""`newswire demo` as a newcomer starts and stops it, without a terminal."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from support.wait import wait_until

from streams.demo.system import SystemProcess, format_newswire_command
from streams.model.errors import WorkFailed

pytestmark = pytest.mark.kafka
ROW = re.compile(r"^\d\d:\d\d[ap]  \S.*  [A-Z]{2}$")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A demo that has shown a row of the ticker."""
    with (tmp_path / "rows.txt").open("wb") as rows, (tmp_path / "steps.txt").open("wb") as steps:
        process = start_demo(tmp_path, rows, steps)
    try:
        said = (tmp_path / "steps.txt").read_text
        wait_until(lambda: process.poll() is not None or read_rows(tmp_path), said, seconds=120)
        assert process.poll() is None, said()
        yield process
    finally:
        process.kill()
        process.wait()


def start_demo(folder: Path, stdout: object, stderr: object) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "streams", "demo"]
    return subprocess.Popen(command, cwd=folder, stdout=stdout, stderr=stderr)  # type: ignore[call-overload,no-any-return]


def read_rows(folder: Path) -> list[str]:
    return [line for line in (folder / "rows.txt").read_text().splitlines() if ROW.match(line)]


def assert_all_ended(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=60)
    assert [process.cmdline()[:4] for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


def test_ctrl_c_stops_all_of_it_and_a_second_demo_beside_it_is_refused(
    demo: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    wait_until(lambda: len(read_rows(tmp_path)) >= 10, lambda: "few rows", seconds=240)
    second = start_demo(tmp_path, subprocess.PIPE, subprocess.PIPE)
    output, said = second.communicate(timeout=60)
    assert (second.returncode, output) == (1, b"")
    assert b"Traceback" not in said
    assert said.splitlines()[-1] == (
        b"Kafka runs in .newswire/demo/kafka already: stop it where it runs, or start this one in another folder"
    )
    everything = psutil.Process(demo.pid).children(recursive=True)
    assert len(everything) >= 5  # Kafka, the worker with its parts, the gateway
    told = (tmp_path / "steps.txt").read_text()
    for outcome in ("published", "duplicate (same-text)", "duplicate (near)", "revised", "withheld", "withdrawn"):
        assert f"     {outcome}: " in told
    assert "     rejected (malformed): " in told
    os.kill(demo.pid, signal.SIGINT)
    wait_until(lambda: "\nstopping\n" in (tmp_path / "steps.txt").read_text(), lambda: "not stopping", seconds=60)
    os.kill(demo.pid, signal.SIGINT)  # an impatient reader
    assert demo.wait(60) == 0
    assert_all_ended(everything)
    steps = (tmp_path / "steps.txt").read_text()
    assert "Traceback" not in steps
    assert steps.splitlines()[-2:] == ["stopping", "stopped"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [".newswire", "rows.txt", "steps.txt"]


def test_the_command_to_paste_is_there_and_runs() -> None:
    done = subprocess.run(
        [*shlex.split(format_newswire_command()), "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("newswire ")


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("Kafka", "Kafka has ended, and all the others with it: see .newswire/demo/kafka/logs"),
        (" worker --http ", "the worker has ended, and all the others with it: see .newswire/demo/worker.log"),
        (" gateway --port ", "the gateway has ended, and all the others with it: see .newswire/demo/gateway.log"),
    ],
)
def test_when_a_process_dies_the_demo_ends_and_names_it(
    demo: "subprocess.Popen[bytes]", tmp_path: Path, part: str, said: str
) -> None:
    everything = psutil.Process(demo.pid).children(recursive=True)
    if part == "Kafka":
        os.kill(int((tmp_path / ".newswire" / "demo" / "kafka" / "broker.pid").read_text()), signal.SIGKILL)
    else:
        next(process for process in everything if part in " ".join(process.cmdline())).kill()
    assert demo.wait(60) == 1
    assert_all_ended(everything)
    steps = (tmp_path / "steps.txt").read_text()
    assert "Traceback" not in steps
    assert steps.splitlines()[-1] == said


def test_a_process_that_died_while_it_was_started_is_reported_at_once() -> None:
    with pytest.raises(WorkFailed, match=r"^the worker has ended, and all the others with it: see worker\.log$"):
        SystemProcess("the worker", lambda: False, Path("worker.log")).check_alive()


def test_kill_9_of_the_demo_leaves_nothing_running(demo: "subprocess.Popen[bytes]") -> None:
    everything = psutil.Process(demo.pid).children(recursive=True)
    demo.kill()
    demo.wait()
    assert_all_ended(everything)
