"""Starts and stops the parts of the demo: Kafka, topics, worker, gateway, each bound to the life of this process."""

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
from collections.abc import Callable, Iterator
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
READY_SECONDS = 60.0
STOP_SECONDS = 12.0


class DemoProcess(msgspec.Struct, frozen=True):
    """A part that runs: its name, whether it lives, and where it tells what happened."""

    name: str
    is_alive: Callable[[], bool]
    log: Path

    def look(self) -> None:
        """Raises `WorkFailed` where it has died."""
        if not self.is_alive():
            raise WorkFailed(f"{self.name} has ended, and the demo with it: see {self.log}")


class RunningSystem(msgspec.Struct, frozen=True):
    """What runs, and where."""

    settings: Settings
    addresses: dict[str, str]
    parts: tuple[DemoProcess, ...]

    def look(self) -> None:
        """Raises `WorkFailed` where a part has died."""
        for part in self.parts:
            part.look()


@contextmanager
def start_system(settings: Settings, tell: Callable[[str], None]) -> Iterator[RunningSystem]:
    """The whole system for the time of a block; `tell` gets a sentence for each step. Raises `WorkFailed`."""
    with ExitStack() as stack:
        tell("starting Apache Kafka" if jars.are_there() else "fetching (43 MB) and starting Apache Kafka")
        folder = FOLDER / "kafka"
        FOLDER.mkdir(parents=True, exist_ok=True)
        try:
            kafka = stack.enter_context(broker.start(folder))
        except home.AlreadyRunsError as error:
            raise WorkFailed(
                "a demo runs here already: stop it with Ctrl-C where it runs, or start this one in another folder"
            ) from error
        settings = msgspec.structs.replace(
            settings, kafka=msgspec.structs.replace(settings.kafka, brokers=kafka.address)
        )
        tell("creating the topics")
        asyncio.run(create_topics(settings))
        environment = {**os.environ, "NEWSWIRE_KAFKA": kafka.address}
        worker_port, gateway_port = _find_free_ports(settings.worker.http_port, 3), _find_free_ports(8080, 1)
        tell("starting the worker and the gateway")
        worker = stack.enter_context(_start_process("worker", ["--http", str(worker_port)], environment))
        gateway = stack.enter_context(_start_process("gateway", ["--port", str(gateway_port)], environment))
        parts = (DemoProcess("Kafka", lambda: home.is_locked(folder), folder / "logs"), worker, gateway)
        for port, part in ((worker_port, worker), (worker_port + 1, worker), (gateway_port, gateway)):
            _wait_ready(port, part)
        yield RunningSystem(
            settings,
            {
                "ticker page": f"http://127.0.0.1:{gateway_port}/",
                "Kafka": kafka.address,
                "in a terminal": f"NEWSWIRE_KAFKA={kafka.address} {format_newswire_command()} tail companies",
                "metrics": f"http://127.0.0.1:{worker_port}/metrics",
                "logs": str(FOLDER),
            },
            parts,
        )


def format_newswire_command() -> str:
    """The command `newswire` of this installation, as it can be pasted into a shell in this folder."""
    script = Path(sys.executable).with_name("newswire")
    if not script.exists():
        return f"{shlex.quote(sys.executable)} -m streams"
    return shlex.quote(min(os.path.relpath(script), str(script), key=len))


@contextmanager
def _start_process(name: str, arguments: list[str], environment: dict[str, str]) -> Iterator[DemoProcess]:
    log = FOLDER / f"{name}.log"
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
        yield DemoProcess(f"the {name}", lambda: process.poll() is None, log)
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
    """The first port from which on `count` ports are free."""
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
    except OSError:  # nobody there yet, or 503
        return False


def _wait_ready(port: int, part: DemoProcess) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if _is_ready(port):
            return
        part.look()
        time.sleep(0.1)
    raise WorkFailed(f"{part.name} is not ready after {READY_SECONDS:.0f} s: see {part.log}")
