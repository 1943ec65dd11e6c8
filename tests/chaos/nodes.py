"""Three nodes of Kafka under test. Workers, and the nodes among themselves, reach each node through a faulty proxy."""

import contextlib
import json
import os
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

import psutil
from chaos.proxy import CLIENT, CLIENTS, HOST, Proxy
from chaos.system import load_settings
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from support.processes import free_ports

from streams.config.settings import Settings
from streams.kafka.acls import DECIDE_GROUP
from streams.kafka.embedded import cluster, home, ports
from streams.kafka.embedded.cluster import NUMBERS, RunningCluster, node_folder
from streams.kafka.embedded.properties import DATA, Proxied
from streams.model.topics import LOG

DISK = "512m"
DISK_NODE = 3
"""The node whose disk fills up."""
LOOK_SECONDS = 5.0
DYING_SECONDS = 2.0
"""How long a node may need to end, after its disk was full."""


class Proxies:
    """The proxies of all nodes, as one: the faults of the network between the workers and the cluster."""

    def __init__(self, proxies: Sequence[Proxy]) -> None:
        self._proxies = proxies

    @property
    def connections(self) -> int:
        return sum(proxy.connections for proxy in self._proxies)

    def cut(self) -> None:
        for proxy in self._proxies:
            proxy.cut()

    def refuse(self, refusing: bool) -> None:
        for proxy in self._proxies:
            proxy.refuse(refusing)

    def silence(self, silent: bool) -> None:
        for proxy in self._proxies:
            proxy.silence(silent)

    def slow(self, seconds: float) -> None:
        for proxy in self._proxies:
            proxy.slow(seconds)


class ThreeNodes:
    """A cluster with two addresses: `direct` for feeder and readers, and through the proxies for workers."""

    brokers = cluster.NODES

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._for_clients = {number: Proxy(self._find_source) for number in NUMBERS}
        self._for_controllers = {number: Proxy(self._find_source) for number in NUMBERS}
        self.proxy = Proxies(list(self._for_clients.values()))
        self._running: RunningCluster | None = None
        self._starting: list[threading.Thread] = []
        self._stack = ExitStack()
        self.failed: list[str] = []
        """Nodes that did not start again."""
        self.disk_is_real = False
        """Whether the disk of one node is a file system of its own, not a limit on the size of its files."""

    def __enter__(self) -> "ThreeNodes":
        with ExitStack() as stack:
            for proxy in (*self._for_clients.values(), *self._for_controllers.values()):
                stack.enter_context(proxy)
                (proxy.to_port,) = ports.find_free(1)
            self.disk_is_real = self._mount(stack)
            self._running = stack.enter_context(
                cluster.start(
                    self._folder,
                    free_ports(len(NUMBERS)),
                    proxied=[
                        Proxied(
                            self._for_clients[number].to_port,
                            self._for_clients[number].port,
                            self._for_controllers[number].to_port,
                            self._for_controllers[number].port,
                        )
                        for number in NUMBERS
                    ],
                )
            )
            stack.callback(self.wait_until_started)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _mount(self, stack: ExitStack) -> bool:
        """Gives one node a small file system in memory, where root may do so."""
        disk = node_folder(self._folder, DISK_NODE) / DATA
        disk.mkdir(parents=True)
        for lock in (self._folder / "cluster.lock", disk.parent / "broker.lock"):
            lock.touch()  # else the folders would count as somebody else's
        mounted = _run("mount", "-t", "tmpfs", "-o", f"size={DISK}", "newswire-chaos", disk)
        if mounted:
            stack.callback(_run, "umount", "--lazy", disk)
        return mounted

    @property
    def nodes(self) -> RunningCluster:
        assert self._running is not None
        return self._running

    @property
    def direct(self) -> str:
        return self.nodes.address

    @property
    def proxied(self) -> str:
        return ",".join(f"{HOST}:{proxy.port}" for proxy in self._for_clients.values())

    def settings(self, prefix: str, partitions: int, delivery: str, *, proxied: bool = False) -> Settings:
        return load_settings(
            self.proxied if proxied else self.direct, prefix, partitions, delivery, replication=cluster.NODES
        )

    # --- nodes

    def kill(self, number: int) -> None:
        """Kills a node with SIGKILL. Its data stay."""
        self.nodes.nodes[number].kill()

    def start_in_background(self, numbers: Iterable[int]) -> None:
        """Begins to start nodes again."""
        for number in numbers:
            self._begin(lambda number=number: self.nodes.start_node(number))

    def roll_in_background(self, numbers: Sequence[int]) -> None:
        """Begins to stop nodes cleanly and to start them again, one after the other."""

        def roll() -> None:
            for number in numbers:
                self.nodes.nodes[number].stop()
                self.nodes.start_node(number)

        self._begin(roll)

    def _begin(self, work: Callable[[], None]) -> None:
        def run() -> None:
            try:
                work()
            except Exception as error:  # a thread has nobody to raise it to
                self.failed.append(f"a node does not start again: {error}")

        thread = threading.Thread(target=run, daemon=True)
        self._starting.append(thread)
        thread.start()

    def is_starting(self) -> bool:
        """Whether nodes are being started in the background."""
        self._starting = [thread for thread in self._starting if thread.is_alive()]
        return bool(self._starting)

    def wait_until_started(self) -> None:
        """Waits until no node is being started."""
        for thread in self._starting:
            thread.join()

    def freeze(self, number: int, *, frozen: bool) -> None:
        """Stops a node with SIGSTOP, or lets it go on."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.nodes.nodes[number].pid, signal.SIGSTOP if frozen else signal.SIGCONT)

    # --- network

    def _find_source(self, from_port: int, to_port: int) -> int:
        """Finds the node that opened a connection between two ports; `CLIENT` where none did."""
        inode = _find_inode(from_port, to_port)
        pids = {number: home.read_pid(node_folder(self._folder, number)) for number in NUMBERS}
        return next((number for number, pid in pids.items() if pid and inode and _has_socket(pid, inode)), CLIENT)

    def isolate(self, number: int, *, isolated: bool, also: Collection[int] = CLIENTS) -> None:
        """Cuts a node off from the other nodes, or ends that; `also` from clients. Its connections fall silent."""
        others = {each for each in NUMBERS if each != number}
        for proxies in (self._for_clients, self._for_controllers):
            proxies[number].silence(isolated, others | set(also))
            for other in others:
                proxies[other].silence(isolated, {number})

    # --- disk

    def fill_disk(self) -> None:
        """Leaves no space on the disk of one node."""
        disk = node_folder(self.nodes.folder, DISK_NODE) / DATA
        if self.disk_is_real:
            for _ in range(100):  # it is refused where the node has just written more
                usage = os.statvfs(disk)
                used = (usage.f_blocks - usage.f_bfree) * usage.f_frsize
                if _run("mount", "-o", f"remount,size={used}", disk):
                    return
            raise AssertionError("the file system cannot be made smaller")
        self._limit_files(max((path.stat().st_size for path in disk.rglob("*.log")), default=1))

    def empty_disk(self) -> None:
        """Gives the disk its space back."""
        if self.disk_is_real:
            disk = node_folder(self.nodes.folder, DISK_NODE) / DATA
            assert _run("mount", "-o", f"remount,size={DISK}", disk), "the file system cannot be made larger"
        else:
            self._limit_files(resource.RLIM_INFINITY)

        def start_if_ended() -> None:
            time.sleep(DYING_SECONDS)
            if cluster.status(self.nodes.folder)[DISK_NODE] is None:
                self.nodes.start_node(DISK_NODE)

        self._begin(start_if_ended)

    def _limit_files(self, size: int) -> None:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self.nodes.nodes[DISK_NODE].pid)
            process.rlimit(psutil.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    # --- who does what

    def find_leader(self, topic: str, partition: int = 0) -> int | None:
        """Finds the node that leads a partition; None where nobody knows."""
        try:
            topics = AdminClient({"bootstrap.servers": self.direct, "log_level": 0}).list_topics(timeout=LOOK_SECONDS)
            leader = topics.topics[topic].partitions[partition].leader
        except (KafkaException, KeyError):
            return None
        return leader if leader in NUMBERS else None

    def find_group_coordinator(self) -> int | None:
        """Finds the coordinator of the group that decides."""
        return self._find_coordinator("__consumer_offsets", DECIDE_GROUP)

    def find_transaction_coordinator(self, settings: Settings) -> int | None:
        """Finds the coordinator of the transactions of decide."""
        return self._find_coordinator("__transaction_state", f"{DECIDE_GROUP}.{settings.topics.full(LOG)}.0")

    def _find_coordinator(self, topic: str, key: str) -> int | None:
        return self.find_leader(topic, _hash(key) % INTERNAL_PARTITIONS)

    def find_controller(self) -> int | None:
        """Finds the active controller: the leader that the newest vote of the quorum names."""
        votes = []
        for number in NUMBERS:
            path = node_folder(self.nodes.folder, number) / DATA / "__cluster_metadata-0" / "quorum-state"
            with contextlib.suppress(OSError, ValueError):
                vote = json.loads(path.read_text())
                votes.append((vote["leaderEpoch"], vote["leaderId"]))
        _, leader = max(votes, default=(0, -1))
        return leader if leader in NUMBERS else None


INTERNAL_PARTITIONS = 4


def _hash(key: str) -> int:
    """Computes Java's hash of a text, which tells the partition of its coordinator."""
    value = 0
    for character in key:
        value = (31 * value + ord(character)) & 0xFFFFFFFF
    return value & 0x7FFFFFFF


def _find_inode(from_port: int, to_port: int) -> str:
    """Finds the inode of the socket of this machine that connects two ports; empty where none does.

    Not with psutil, which looks at all sockets of a process in half a second on a busy machine.
    """
    for table in ("tcp6", "tcp"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            columns = line.split()
            if columns[1].endswith(f":{from_port:04X}") and columns[2].endswith(f":{to_port:04X}"):
                return columns[9]
    return ""


def _has_socket(pid: int, inode: str) -> bool:
    """Tells whether a process has a socket open."""
    with contextlib.suppress(OSError), os.scandir(f"/proc/{pid}/fd") as files:
        for file in files:
            with contextlib.suppress(OSError):
                if os.readlink(file.path) == f"socket:[{inode}]":  # noqa: PTH115 - of hundreds of files
                    return True
    return False


def _run(*command: str | Path) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=30).returncode == 0
    except OSError:
        return False
