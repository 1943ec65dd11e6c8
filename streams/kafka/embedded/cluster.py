"""Starts, finds and stops three nodes of Apache Kafka on this machine: a cluster that may lose one of them.

Each node is a broker (broker.py) in a folder of its own, `node-1` to `node-3`. The file `cluster.json` beside them
keeps the cluster's id and the ports of all nodes.
"""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self, TypeVar

from streams.kafka.embedded import broker, home, ports
from streams.kafka.embedded.broker import BrokerStatus, RunningBroker
from streams.kafka.embedded.home import BrokerError
from streams.kafka.embedded.properties import Node, Proxied
from streams.kafka.file_lock import try_lock

NODES = 3
NUMBERS = range(1, NODES + 1)
_FILE = "cluster.json"
_LOCK_FILE = "cluster.lock"
ResultT = TypeVar("ResultT")


class SavedCluster(NamedTuple):
    """The values that the nodes share, kept from one start to the next. Ports are in the order of the nodes."""

    cluster: str
    ports: tuple[int, ...]
    controller_ports: tuple[int, ...]


class RunningCluster:
    """A cluster whose nodes answered at its start, and a context that stops it."""

    def __init__(
        self, folder: Path, saved: SavedCluster, nodes: dict[int, RunningBroker], proxied: Sequence[Proxied] = ()
    ) -> None:
        self.folder = folder
        self.nodes = nodes
        """The nodes by number, as they were last started."""
        self._saved = saved
        self._proxied = proxied

    @property
    def address(self) -> str:
        """The addresses of all nodes, as the setting `kafka.brokers` takes them."""
        return ",".join(self.nodes[number].address for number in NUMBERS)

    def start_node(self, number: int) -> None:
        """Starts a node again, at the same address. Needs another node that runs, or is being started."""
        node = _make_node(self._saved, number, self._proxied)
        proxied = self._proxied[number - 1] if self._proxied else None
        self.nodes[number].stop()  # it may have ended by itself: then its keeper has to be waited for
        self.nodes[number] = broker.start(node_folder(self.folder, number), proxied=proxied, node=node)

    def stop(self) -> None:
        """Stops all nodes cleanly, by force after 20 seconds; does nothing where they have ended already."""
        _for_each(lambda number: self.nodes[number].stop())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(folder: Path, port: int | None = None, *, proxied: Sequence[Proxied] = ()) -> RunningCluster:
    """Starts the nodes of a folder and returns when all answer. They end when this process ends, in whatever way.

    Without a port the nodes take their last ports, 9092 and those after it, or any that are free. `proxied` has a
    second listener for each node. Raises the errors of `broker.start`.
    """
    return _run(
        folder,
        port,
        proxied,
        lambda each, node: broker.start(each, proxied=proxied[node.number - 1] if proxied else None, node=node),
    )


def up(folder: Path, port: int | None = None) -> RunningCluster:
    """Finds the nodes of a folder, and starts those that do not run in the background. Raises the errors of `start`."""
    return _run(folder, port, (), lambda each, node: broker.up(each, node=node))


def stop(folder: Path) -> bool:
    """Stops all nodes of a folder cleanly, by force after 20 seconds; returns False where none runs."""
    return any(_for_each(lambda number: broker.stop(node_folder(folder, number))))


def status(folder: Path) -> dict[int, BrokerStatus | None]:
    """Returns the status of each node of a folder, by number; None for a node that does not run."""
    return {number: broker.status(node_folder(folder, number)) for number in NUMBERS}


def is_cluster(folder: Path) -> bool:
    """Tells whether a folder holds a cluster, not a broker that is alone."""
    return (folder / _LOCK_FILE).exists()


def node_folder(folder: Path, number: int) -> Path:
    """Returns the folder of a node."""
    return folder / f"node-{number}"


def _run(
    folder: Path, port: int | None, proxied: Sequence[Proxied], run: Callable[[Path, Node], RunningBroker]
) -> RunningCluster:
    folder = folder.absolute()
    _claim(folder)
    with (folder / _LOCK_FILE).open("ab") as lock:
        if not try_lock(lock):
            raise BrokerError(f"the cluster in {folder} is being started: try again later")
        saved = _plan(folder, port, proxied)
        home.write_atomically(folder / _FILE, json.dumps(saved._asdict()))
        before = {number for number, found in status(folder).items() if found}
        try:
            nodes = _for_each(lambda number: run(node_folder(folder, number), _make_node(saved, number, proxied)))
        except BaseException:
            _for_each(lambda number: number in before or broker.stop(node_folder(folder, number)))
            raise
    return RunningCluster(folder, saved, dict(zip(NUMBERS, nodes, strict=True)), proxied)


def _claim(folder: Path) -> None:
    """Prepares a folder for a cluster. Raises `BrokerError` where it holds anything else."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not is_cluster(folder):
            raise BrokerError(f"{folder} holds no cluster of {NODES} nodes: choose an empty or a new folder with --dir")
    except OSError as error:
        raise BrokerError(f"cannot write {folder} ({error.strerror}): correct that or choose another --dir") from error


def _plan(folder: Path, port: int | None, proxied: Sequence[Proxied]) -> SavedCluster:
    """Chooses the ports of all nodes. While a node runs, they stay as they are."""
    before = _read(folder)
    runs = any(status(folder).values())
    if before and runs:
        if port not in (None, before.ports[0]):
            raise BrokerError(
                f"the cluster in {folder} runs from port {before.ports[0]} on: stop it first with `newswire kafka down`"
            )
        return before
    if port is not None:
        chosen = tuple(port + number - 1 for number in NUMBERS)
        for each in chosen:
            ports.require_free(each)
    else:
        chosen = _choose(before.ports if before else tuple(ports.DEFAULT + number - 1 for number in NUMBERS))
    controllers = tuple(each.controller_port for each in proxied) or _choose(before.controller_ports if before else ())
    return SavedCluster(before.cluster if before else broker.make_cluster_id(), chosen, controllers)


def _choose(wishes: tuple[int, ...]) -> tuple[int, ...]:
    """Returns the wished ports where all are free, else other ones."""
    return wishes if wishes and all(map(ports.is_free, wishes)) else ports.find_free(NODES)


def _make_node(saved: SavedCluster, number: int, proxied: Sequence[Proxied]) -> Node:
    voters = tuple(each.controller_advertised for each in proxied) or saved.controller_ports
    return Node(number, saved.cluster, saved.ports[number - 1], saved.controller_ports[number - 1], voters)


def _read(folder: Path) -> SavedCluster | None:
    path = folder / _FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return SavedCluster(content["cluster"], tuple(content["ports"]), tuple(content["controller_ports"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BrokerError(f"{path} cannot be read: delete {folder} to start with no data") from error


def _for_each(work: Callable[[int], ResultT]) -> list[ResultT]:
    """Does some work for all nodes at once. Raises the first error, after all have ended."""
    with ThreadPoolExecutor(NODES) as threads:
        return list(threads.map(work, NUMBERS))
