"""Starts, finds and stops a real Apache Kafka that keeps its data in a folder."""

import base64
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from streams.kafka.embedded import home, ports, probe, process
from streams.kafka.embedded.home import AlreadyRunsError, BrokerError, SavedBroker
from streams.kafka.embedded.properties import (
    DATA,
    HOST,
    Node,
    Proxied,
    Secured,
    format_log4j_properties,
    format_server_properties,
)
from streams.kafka.file_lock import try_lock

__all__ = ["BrokerError", "BrokerStatus", "Proxied", "RunningBroker", "Secured", "start", "status", "stop", "up"]

_START_SECONDS = 120.0
_STOP_SECONDS = 20.0
_KILL_SECONDS = 10.0
_ATTEMPTS = 3
_LOOK_SECONDS = 0.5


class BrokerStatus(NamedTuple):
    """The status of a running broker; `address` is `host:port`, `data_bytes` the size of its data on disk."""

    address: str
    pid: int
    uptime_seconds: float
    data_bytes: int


class RunningBroker:
    """A broker that answers, and a context that stops it. `address` is `host:port`, `pid` the process id of Java."""

    def __init__(self, folder: Path, address: str, pid: int, child: "subprocess.Popen[bytes] | None" = None) -> None:
        self.folder = folder
        self.address = address
        self.pid = pid
        self._child = child

    def stop(self) -> None:
        """Stops the broker cleanly, by force after 20 seconds; does nothing where it has ended already."""
        stop(self.folder)
        self._reap()

    def kill(self) -> None:
        """Ends the broker as a crash would (SIGKILL) and waits until it is gone; its data stay."""
        _end(self.folder, signal.SIGKILL, _KILL_SECONDS)
        self._reap()

    def _reap(self) -> None:
        if self._child is not None:
            self._child.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(
    folder: Path,
    port: int | None = None,
    *,
    bound_to_parent: bool = True,
    proxied: Proxied | None = None,
    secured: Secured | None = None,
    node: Node | None = None,
) -> RunningBroker:
    """Starts the broker of a folder and returns when it answers.

    Without a port it takes the first free one of: the folder's last port, 9092, any. `bound_to_parent`: the broker
    ends when this process ends, in whatever way; otherwise it runs on. `proxied` opens a second listener for a proxy
    (the chaos suite has one), `secured` a second listener with TLS, SASL and access control. `node` makes it a node of
    a cluster (cluster.py), which answers only when another node runs too.
    Raises BrokerError (AlreadyRunsError where a broker runs in the folder) and jars.JarsError.
    """
    folder = folder.absolute()
    home.claim_folder(folder)
    for _ in range(_ATTEMPTS):
        saved, child = _begin(folder, port, bound_to_parent, proxied, secured, node)
        try:
            if _comes_up(folder, saved):
                return RunningBroker(folder, _address(saved), _pid(folder), child)
        except BaseException:
            _end(folder, signal.SIGKILL, _KILL_SECONDS)
            raise
        finally:
            if child is not None and not home.is_locked(folder):
                child.wait()
        if not process.port_was_taken(folder):
            break
    raise BrokerError(process.explain_end(folder))


def _begin(
    folder: Path, port: int | None, bound: bool, proxied: Proxied | None, secured: Secured | None, node: Node | None
) -> "tuple[SavedBroker, subprocess.Popen[bytes] | None]":
    with home.open_lock(folder) as lock:
        # With patience: a process that only looks whether the folder is locked holds the lock for a moment.
        if not _wait_for(lambda: try_lock(lock), _LOOK_SECONDS):
            raise AlreadyRunsError(f"a broker runs in {folder} already: stop it with `newswire kafka down`")
        home.forget_pid(folder)
        node, alone = node or _plan_node(folder, port), node is None
        saved = _write_configuration(folder, node, proxied, secured)
        process.format_data(folder, saved.cluster)
        # From here on the new process holds the lock.
        return saved, process.spawn_broker(folder, lock, os.getpid() if bound else 0, alone=alone)


def up(folder: Path, port: int | None = None, *, node: Node | None = None) -> RunningBroker:
    """Finds the broker of a folder, or starts it in the background. Raises the errors of `start`."""
    folder = folder.absolute()
    with suppress(AlreadyRunsError):
        return start(folder, port, bound_to_parent=False, node=node)
    saved = _wait_for(lambda: _answering(folder) or not home.is_locked(folder)) and home.read_saved(folder)
    if not saved or not home.is_locked(folder):
        raise BrokerError(f"the broker in {folder} does not answer: see {folder / 'logs'}")
    if port not in (None, saved.port):
        raise BrokerError(f"the broker in {folder} runs on port {saved.port}: stop it first with `newswire kafka down`")
    return RunningBroker(folder, _address(saved), _pid(folder))


def stop(folder: Path) -> bool:
    """Stops the broker of a folder cleanly, by force after 20 seconds; returns False where none runs."""
    return _end(folder, signal.SIGTERM, _STOP_SECONDS)


def status(folder: Path) -> BrokerStatus | None:
    """Returns the status of the broker that runs in a folder, or None."""
    saved, pid = home.read_saved(folder), home.read_pid(folder)
    if saved is None or pid is None or not home.is_locked(folder):
        return None
    uptime = time.time() - (folder / home.PID_FILE).stat().st_mtime
    return BrokerStatus(_address(saved), pid, uptime, home.measure_bytes(folder / DATA))


def _plan_node(folder: Path, port: int | None) -> Node:
    """Chooses the ports of a broker that is alone."""
    if port is not None:
        ports.require_free(port)
    before = home.read_saved(folder)
    wishes = [before.port if before else ports.DEFAULT, ports.DEFAULT]
    free, controller = ports.find_free(2)
    chosen = port or next(filter(ports.is_free, wishes), free)
    return Node(1, before.cluster if before else make_cluster_id(), chosen, controller, (controller,))


def _write_configuration(folder: Path, node: Node, proxied: Proxied | None, secured: Secured | None) -> SavedBroker:
    home.write_atomically(folder / "server.properties", format_server_properties(node, proxied, secured))
    home.write_atomically(folder / "log4j2.properties", format_log4j_properties())
    saved = SavedBroker(node.cluster, node.port)
    home.save(folder, saved)
    return saved


def make_cluster_id() -> str:
    """Makes a cluster id: 16 random bytes in base64, without a leading `-`, which Kafka's tools take for an option."""
    return ("A" + base64.urlsafe_b64encode(secrets.token_bytes(16)).decode()[1:]).rstrip("=")


def _comes_up(folder: Path, saved: SavedBroker) -> bool:
    """Waits until the broker answers (True) or has ended (False)."""
    if not _wait_for(lambda: _answers(saved) or not home.is_locked(folder)):
        raise BrokerError(f"Kafka does not answer after {_START_SECONDS:.0f} seconds: is the machine busy?")
    return home.is_locked(folder)


def _answers(saved: SavedBroker) -> bool:
    # The id tells our broker from another Kafka that took the port.
    return probe.fetch_cluster_id(HOST, saved.port) == saved.cluster


def _answering(folder: Path) -> bool:
    saved = home.read_saved(folder)
    return saved is not None and _answers(saved)


def _wait_for(condition: Callable[[], bool], seconds: float = _START_SECONDS) -> bool:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _end(folder: Path, number: signal.Signals, seconds: float) -> bool:
    if not home.is_locked(folder):
        return False
    if not _wait_for(lambda: home.read_pid(folder) is not None or not home.is_locked(folder), seconds):
        raise BrokerError(f"the broker in {folder} is still being started: try again later")
    for signal_, patience in ((number, seconds), (signal.SIGKILL, _KILL_SECONDS)):
        with suppress(ProcessLookupError):
            if home.is_locked(folder):
                os.kill(_pid(folder), signal_)
        if _wait_for(lambda: not home.is_locked(folder), patience):
            return True
    raise BrokerError(f"the broker in {folder} does not end: look at its process {_pid(folder)}")


def _pid(folder: Path) -> int:
    pid = home.read_pid(folder)
    assert pid is not None, "a broker that answers has written its process id"
    return pid


def _address(saved: SavedBroker) -> str:
    return f"{HOST}:{saved.port}"
