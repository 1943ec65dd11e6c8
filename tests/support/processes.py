"""Runs processes of the program on free ports, and waits until they answer."""

import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from support import flow
from support.wait import wait_until

from streams.config.settings import Settings


def free_ports(count: int) -> int:
    """Finds the first of `count` free ports in a row, at random: another run of tests may look for some right now."""
    for first in random.sample(range(21066, 30000, 10), 800):
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise AssertionError("no free ports")


@contextmanager
def run_gateway(settings: Settings, port: int) -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-m", "streams", "gateway", "--port", str(port)],
        env=flow.environment(settings),
        stdout=subprocess.DEVNULL,
    ) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)


def wait_until_ready(*ports: int) -> None:
    _wait_for_ok("/readyz", ports)


def wait_until_alive(*ports: int) -> None:
    _wait_for_ok("/healthz", ports)


def _wait_for_ok(path: str, ports: tuple[int, ...]) -> None:
    def holds() -> bool:
        with suppress(OSError):
            return all(flow.http_get(port, path)[0] == 200 for port in ports)
        return False

    wait_until(holds, lambda: f"{path} is not 200 at all of {ports}", seconds=240)
