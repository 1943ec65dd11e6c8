"""Starts and stops Kafka, worker and gateway for `demo` and `up`. All of them end with this process."""

import asyncio
import contextlib
import ctypes
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from streams.config.settings import Settings
from streams.kafka.admin import create_topics
from streams.kafka.embedded import broker, home, jars
from streams.model.errors import WorkFailed
from streams.runtime.supervisor import build_command
from streams.worker.process_pool import PR_SET_PDEATHSIG

FOLDER = Path(".newswire") / "demo"
READY_SECONDS = 300.0
STOP_SECONDS = 12.0


class SystemProcess(msgspec.Struct, frozen=True):
    """A running process: its name, a test whether it is alive, and its log."""

    name: str
    is_alive: Callable[[], bool]
    log: Path

    def check_alive(self) -> None:
        """Raises `WorkFailed` if the process has died."""
        if not self.is_alive():
            raise WorkFailed(f"{self.name} has ended, and all the others with it: see {self.log}")


class RunningSystem(msgspec.Struct, frozen=True):
    """A running system: its settings, addresses to look at, and processes."""

    settings: Settings
    addresses: dict[str, str]
    """What it is -> an address, a command or a folder."""
    processes: tuple[SystemProcess, ...]

    def check_alive(self) -> None:
        """Raises `WorkFailed` if a process has died."""
        for process in self.processes:
            process.check_alive()


class StopOnce:
    """Ends `demo` or `up` at the first Ctrl-C. A second one must not break off what ends its processes.

    A supervisor's SIGTERM does the same. While `task` runs, it is cancelled: an exception that is raised in the middle
    of the event loop leaves tasks behind, and they print a traceback.
    """

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)

    def _stop(self, *_: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        if self.task is None:
            raise KeyboardInterrupt
        self.task.get_loop().call_soon_threadsafe(self.task.cancel)


@contextmanager
def start_system(
    settings: Settings, on_step: Callable[[str], None], base: Path = FOLDER, worker_options: Sequence[str] = ()
) -> Iterator[RunningSystem]:
    """Runs the whole system for the duration of a `with` block. Raises `WorkFailed`.

    `on_step` gets a sentence for each step. Data and logs are kept in the folder `base`.
    """
    with ExitStack() as stack:
        on_step("starting Apache Kafka" if jars.are_cached() else "fetching (43 MB) and starting Apache Kafka")
        folder = base / "kafka"
        base.mkdir(parents=True, exist_ok=True)
        try:
            kafka = stack.enter_context(broker.start(folder))
        except home.AlreadyRunsError as error:
            raise WorkFailed(
                f"Kafka runs in {folder} already: stop it where it runs, or start this one in another folder"
            ) from error
        settings = msgspec.structs.replace(
            settings, kafka=msgspec.structs.replace(settings.kafka, brokers=kafka.address)
        )
        on_step("creating the topics")
        asyncio.run(create_topics(settings))
        environment = {**os.environ, "NEWSWIRE_KAFKA": kafka.address}
        worker_port, gateway_port = (
            _find_free_ports(settings.worker.http_port, 3),
            _find_free_ports(settings.gateway.http_port or 8080, 1),
        )
        on_step("starting the worker and the gateway")
        worker = stack.enter_context(
            _start_process(base, "worker", ["--http", str(worker_port), *worker_options], environment)
        )
        gateway = stack.enter_context(_start_process(base, "gateway", ["--port", str(gateway_port)], environment))
        processes = (SystemProcess("Kafka", lambda: home.is_locked(folder), folder / "logs"), worker, gateway)
        for port, process in ((worker_port, worker), (worker_port + 1, worker), (gateway_port, gateway)):
            _wait_ready(port, process)
        yield RunningSystem(
            settings,
            {
                "ticker page": f"http://127.0.0.1:{gateway_port}/",
                "Kafka": kafka.address,
                "in a terminal": f"NEWSWIRE_KAFKA={kafka.address} {format_newswire_command()} tail companies",
                "metrics": f"http://127.0.0.1:{worker_port}/metrics",
                "logs": str(base),
            },
            processes,
        )


def format_newswire_command() -> str:
    """Returns the command `newswire` of this installation in a form that can be pasted into a shell in this folder."""
    script = Path(sys.executable).with_name("newswire")
    if not script.exists():
        return f"{shlex.quote(sys.executable)} -m streams"
    return shlex.quote(min(os.path.relpath(script), str(script), key=len))


@contextmanager
def _start_process(base: Path, name: str, arguments: list[str], environment: dict[str, str]) -> Iterator[SystemProcess]:
    log = base / f"{name}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command
            build_command(name, *arguments),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
    try:
        yield SystemProcess(f"the {name}", lambda: process.poll() is None, log)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _die_with_parent() -> None:
    if os.uname().sysname == "Linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _find_free_ports(port: int, count: int) -> int:
    """Returns the first port from `port` on that begins `count` free ports in a row."""
    for first in range(port, port + 200):
        if all(_is_free(first + index) for index in range(count)):
            return first
    raise WorkFailed(f"no free ports from {port} on: stop what listens there")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:  # nothing listens yet, or the answer is 503
        return False


def _wait_ready(port: int, process: SystemProcess) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if _is_ready(port):
            return
        process.check_alive()
        time.sleep(0.1)
    raise WorkFailed(f"{process.name} is not ready after {READY_SECONDS:.0f} s: see {process.log}")
