"""Injects faults that a seeded random generator chooses. A fault that lasts may overlap with the next ones."""

import contextlib
import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from heapq import heappop, heappush
from typing import NamedTuple

import psutil
from chaos.system import System, Worker, send_signal

SESSION_SECONDS = 2.0
MOST_WORKERS = 3
NODES = "nodes"
"""The target of faults of a cluster's nodes (node_faults.py), which start again in the background."""


class Ending(NamedTuple):
    """The end of a fault that lasts: the seconds until then, and the function that ends it."""

    seconds: float
    end: Callable[[], None]


class Faults:
    """Injects faults into a system and counts them."""

    def __init__(self, system: System, seed: int) -> None:
        self._system = system
        self._rng = random.Random(seed)
        self._endings: list[tuple[float, int, str, Callable[[], None]]] = []
        self.done: Counter[str] = Counter()
        self.problems: list[str] = []

    def inject(self, faults: "Mapping[str, tuple[str, Fault]]", count: int, gap: tuple[float, float]) -> None:
        """Injects `count` faults of a table of faults, with `gap` seconds (least, most) between two.

        Each kind comes once before any comes again. A fault waits until the last one of its target (network, broker,
        processes, workers, nodes) has ended.
        """
        bag: list[str] = []
        for _ in range(count):
            if not bag:
                bag = list(faults)
                self._rng.shuffle(bag)
            kind = bag.pop()
            target, fault = faults[kind]
            self._wait(self._rng.uniform(*gap))
            while self._is_busy(target):
                self._wait(0.1)
            ending = fault(self, self._system, self._rng)
            self.done[kind] += 1
            if ending is not None:
                due = time.monotonic() + ending.seconds
                heappush(self._endings, (due, sum(self.done.values()), target, ending.end))

    def wait_for_end(self) -> None:
        """Waits until all faults that last have ended."""
        while self._endings or self._system.cluster.is_starting():
            self._wait(0.1)

    def _is_busy(self, target: str) -> bool:
        starting = target == NODES and self._system.cluster.is_starting()
        return starting or any(busy == target for _, _, busy, _ in self._endings)

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while True:
            while self._endings and self._endings[0][0] <= time.monotonic():
                heappop(self._endings)[3]()
            self._system.restart_ended()
            left = until - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, 0.1))


Fault = Callable[[Faults, System, random.Random], Ending | None]


def _kill_part(name: str) -> Fault:
    def fault(_: Faults, system: System, rng: random.Random) -> None:
        # In all workers, so that the owner of the log partition is among them.
        for worker in system.workers if name == "decide" else [rng.choice(system.workers)]:
            send_signal(worker.part(name), signal.SIGKILL)

    return fault


def _kill_child(_: Faults, system: System, rng: random.Random) -> None:
    """Kills the child processes in which prepare parses."""
    for part in rng.choice(system.workers).part("prepare"):
        send_signal(part.children(), signal.SIGKILL)


def _kill_worker(_: Faults, system: System, rng: random.Random) -> Ending:
    worker = rng.choice(system.workers)
    worker.kill()  # if the whole worker is stopped, its parts end only when they are continued
    return Ending(rng.uniform(0, 2), worker.start)


def _stop_part(name: str) -> Fault:
    def fault(_: Faults, system: System, rng: random.Random) -> Ending:
        # For decide it is the owner of the log: only the owner has something to write.
        worker = _owner(system) if name == "decide" else rng.choice(system.workers)
        stopped = worker.part(name)
        send_signal(stopped, signal.SIGSTOP)
        return Ending(SESSION_SECONDS + rng.uniform(1, 3), lambda: send_signal(stopped, signal.SIGCONT))

    return fault


def _stop_worker(_: Faults, system: System, rng: random.Random) -> Ending:
    worker = rng.choice(system.workers)
    stopped = worker.tree()
    worker.stopped = True
    send_signal(stopped, signal.SIGSTOP)

    def go_on() -> None:
        send_signal(stopped, signal.SIGCONT)
        worker.stopped = False

    return Ending(SESSION_SECONDS + rng.uniform(1, 3), go_on)


def _spoil_state(_: Faults, system: System, rng: random.Random) -> None:
    """Deletes, truncates or fills the state folder of a worker, and restarts its parts on what is left."""
    worker = rng.choice(system.workers)
    files = sorted(worker.state.glob("*.member"))
    how = rng.choice(("deleted", "half-written", "full"))
    for file in files:
        file.unlink()
        if how == "half-written":
            file.write_bytes(b"\xff12")
        elif how == "full":
            file.symlink_to("/dev/full")
    send_signal(worker.part("prepare"), signal.SIGKILL)
    _spoil_store(worker, how, rng)


FREE_BYTES = 64 << 10


def _spoil_store(worker: Worker, how: str, rng: random.Random) -> None:
    """Damages decide's state on disk: deleted while it runs, truncated after a kill, or without space for writes."""
    if how == "full":  # no file of the process may grow beyond this size; its log still has some space
        most = worker.log_bytes() + FREE_BYTES
        for part in worker.part("decide"):
            with contextlib.suppress(psutil.NoSuchProcess):
                part.rlimit(psutil.RLIMIT_FSIZE, (most, psutil.RLIM_INFINITY))
        return
    if how == "half-written":
        send_signal(worker.part("decide"), signal.SIGKILL)
    for store in sorted(worker.state.glob("decide-*/")):
        if how == "deleted":
            shutil.rmtree(store, ignore_errors=True)
            continue
        for file in sorted(store.iterdir()):
            if rng.random() < 0.5:
                with contextlib.suppress(OSError):
                    os.truncate(file, file.stat().st_size // 2)


def _owner(system: System) -> Worker:
    """Finds the worker that owns the log partition: its decide process uses the most CPU."""

    def used(worker: Worker) -> float:
        return sum(sum(part.cpu_times()[:2]) for part in worker.part("decide"))

    before = {id(worker): used(worker) for worker in system.workers}
    time.sleep(0.2)
    return max(system.workers, key=lambda worker: used(worker) - before[id(worker)])


def _add_or_remove(faults: Faults, system: System, rng: random.Random) -> None:
    if len(system.workers) < 2 or (len(system.workers) < MOST_WORKERS and rng.random() < 0.5):
        system.add_worker()
        return
    able = [worker for worker in system.workers if not worker.stopped]
    status = system.remove_worker(rng.choice(able)) if able else 0
    if status != 0:
        faults.problems.append(f"a worker ended with status {status} after SIGTERM")


def _kill_broker(_: Faults, system: System, rng: random.Random) -> Ending:
    system.cluster.kill()
    return Ending(rng.uniform(0, 2), system.cluster.start)


def _restart_broker(_: Faults, system: System, rng: random.Random) -> Ending:
    system.cluster.stop()
    return Ending(rng.uniform(0, 2), system.cluster.start)


def _cut(_: Faults, system: System, rng: random.Random) -> None:
    system.cluster.proxy.cut()


def _refuse(_: Faults, system: System, rng: random.Random) -> Ending:
    proxy = system.cluster.proxy
    proxy.refuse(True)
    return Ending(rng.uniform(0.5, 5), lambda: proxy.refuse(False))


def _silence(shortest: float, longest: float) -> Fault:
    def fault(_: Faults, system: System, rng: random.Random) -> Ending:
        proxy = system.cluster.proxy
        proxy.silence(True)
        return Ending(rng.uniform(shortest, longest), lambda: proxy.silence(False))

    return fault


def _slow(_: Faults, system: System, rng: random.Random) -> Ending:
    proxy = system.cluster.proxy
    proxy.slow(rng.uniform(0.02, 0.2))
    return Ending(rng.uniform(2, 6), lambda: proxy.slow(0))


FAULTS: dict[str, tuple[str, Fault]] = {
    "kill decide": ("", _kill_part("decide")),
    "kill prepare": ("", _kill_part("prepare")),
    "kill child": ("", _kill_child),
    "kill worker": ("workers", _kill_worker),
    "stop decide": ("processes", _stop_part("decide")),
    "stop prepare": ("processes", _stop_part("prepare")),
    "stop worker": ("processes", _stop_worker),
    "spoil state": ("workers", _spoil_state),
    "add or remove": ("workers", _add_or_remove),
    "kill broker": ("broker", _kill_broker),
    "restart broker": ("broker", _restart_broker),
    "cut": ("network", _cut),
    "refuse": ("network", _refuse),
    "silence": ("network", _silence(0.5, 5)),
    "long silence": ("network", _silence(22, 26)),
    "slow": ("network", _slow),
}
"""Kind of fault -> target and function."""
KILLS = frozenset({"kill decide", "kill prepare", "kill child", "kill worker", "kill broker", "spoil state"})
