"""The faults, drawn from a seeded random. Those that last overlap with the next ones."""

import contextlib
import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

import psutil
from chaos.system import System, Worker, send_signal

SESSION_SECONDS = 2.0
MOST_WORKERS = 3


class Ending(NamedTuple):
    """How a fault that lasts ends: after so many seconds, by a call."""

    seconds: float
    end: Callable[[], None]


class Faults:
    """Strikes a system; counts what it did."""

    def __init__(self, system: System, seed: int) -> None:
        self._system = system
        self._dice = random.Random(seed)
        self._endings: list[tuple[float, int, str, Callable[[], None]]] = []
        self.done: Counter[str] = Counter()
        self.problems: list[str] = []

    def strike(self, kinds: Sequence[str], count: int, gap: tuple[float, float]) -> None:
        """`count` faults of these kinds, each kind once before any comes again, `gap` seconds from one to the next.

        A fault waits until the last one of its target (network, broker, processes) has ended.
        """
        bag: list[str] = []
        for _ in range(count):
            if not bag:
                bag = list(kinds)
                self._dice.shuffle(bag)
            kind = bag.pop()
            target, fault = FAULTS[kind]
            self._wait(self._dice.uniform(*gap))
            while any(busy == target for _, _, busy, _ in self._endings):
                self._wait(0.1)
            ending = fault(self, self._system, self._dice)
            self.done[kind] += 1
            if ending is not None:
                due = time.monotonic() + ending.seconds
                heappush(self._endings, (due, sum(self.done.values()), target, ending.end))

    def calm(self) -> None:
        """Lets all that lasts come to its end."""
        while self._endings:
            self._wait(0.1)

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while True:
            while self._endings and self._endings[0][0] <= time.monotonic():
                heappop(self._endings)[3]()
            self._system.revive()
            left = until - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, 0.1))


Fault = Callable[[Faults, System, random.Random], Ending | None]


def _kill_part(name: str) -> Fault:
    def fault(_: Faults, system: System, dice: random.Random) -> None:
        # Of all workers, so that the one that owns the log partition is among them.
        for worker in system.workers if name == "decide" else [dice.choice(system.workers)]:
            send_signal(worker.part(name), signal.SIGKILL)

    return fault


def _kill_child(_: Faults, system: System, dice: random.Random) -> None:
    """The process in which prepare parses."""
    for part in dice.choice(system.workers).part("prepare"):
        send_signal(part.children(), signal.SIGKILL)


def _kill_worker(_: Faults, system: System, dice: random.Random) -> Ending:
    worker = dice.choice(system.workers)
    worker.kill()  # where all of it is stopped, its parts end only when they are continued
    return Ending(dice.uniform(0, 2), worker.start)


def _stop_part(name: str) -> Fault:
    def fault(_: Faults, system: System, dice: random.Random) -> Ending:
        # Of decide, the one that owns the log: it alone has something to write.
        worker = _owner(system) if name == "decide" else dice.choice(system.workers)
        stopped = worker.part(name)
        send_signal(stopped, signal.SIGSTOP)
        return Ending(SESSION_SECONDS + dice.uniform(1, 3), lambda: send_signal(stopped, signal.SIGCONT))

    return fault


def _stop_worker(_: Faults, system: System, dice: random.Random) -> Ending:
    worker = dice.choice(system.workers)
    stopped = worker.tree()
    worker.stopped = True
    send_signal(stopped, signal.SIGSTOP)

    def go_on() -> None:
        send_signal(stopped, signal.SIGCONT)
        worker.stopped = False

    return Ending(SESSION_SECONDS + dice.uniform(1, 3), go_on)


def _spoil_state(_: Faults, system: System, dice: random.Random) -> None:
    """The state folder of a worker is deleted, half-written or full, and its parts begin again with what is left."""
    worker = dice.choice(system.workers)
    files = sorted(worker.state.glob("*.member"))
    how = dice.choice(("deleted", "half-written", "full"))
    for file in files:
        file.unlink()
        if how == "half-written":
            file.write_bytes(b"\xff12")
        elif how == "full":
            file.symlink_to("/dev/full")
    send_signal(worker.part("prepare"), signal.SIGKILL)
    _spoil_store(worker, how, dice)


FREE_BYTES = 64 << 10


def _spoil_store(worker: Worker, how: str, dice: random.Random) -> None:
    """The fold's state on disk: gone under it, torn while it was killed, or with no room left."""
    if how == "full":  # no file of the process may grow past this: what it logs has room to say so
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
            if dice.random() < 0.5:
                with contextlib.suppress(OSError):
                    os.truncate(file, file.stat().st_size // 2)


def _owner(system: System) -> Worker:
    """The worker whose decide has used the most CPU of late: the owner folds, the others wait."""

    def used(worker: Worker) -> float:
        return sum(sum(part.cpu_times()[:2]) for part in worker.part("decide"))

    before = {id(worker): used(worker) for worker in system.workers}
    time.sleep(0.2)
    return max(system.workers, key=lambda worker: used(worker) - before[id(worker)])


def _add_or_remove(faults: Faults, system: System, dice: random.Random) -> None:
    if len(system.workers) < 2 or (len(system.workers) < MOST_WORKERS and dice.random() < 0.5):
        system.add_worker()
        return
    able = [worker for worker in system.workers if not worker.stopped]
    status = system.remove_worker(dice.choice(able)) if able else 0
    if status != 0:
        faults.problems.append(f"a worker ended with status {status} after SIGTERM")


def _kill_broker(_: Faults, system: System, dice: random.Random) -> Ending:
    system.cluster.kill()
    return Ending(dice.uniform(0, 2), system.cluster.start)


def _restart_broker(_: Faults, system: System, dice: random.Random) -> Ending:
    system.cluster.stop()
    return Ending(dice.uniform(0, 2), system.cluster.start)


def _cut(_: Faults, system: System, dice: random.Random) -> None:
    system.cluster.proxy.cut()


def _refuse(_: Faults, system: System, dice: random.Random) -> Ending:
    proxy = system.cluster.proxy
    proxy.refuse(True)
    return Ending(dice.uniform(0.5, 5), lambda: proxy.refuse(False))


def _silence(shortest: float, longest: float) -> Fault:
    def fault(_: Faults, system: System, dice: random.Random) -> Ending:
        proxy = system.cluster.proxy
        proxy.silence(True)
        return Ending(dice.uniform(shortest, longest), lambda: proxy.silence(False))

    return fault


def _slow(_: Faults, system: System, dice: random.Random) -> Ending:
    proxy = system.cluster.proxy
    proxy.slow(dice.uniform(0.02, 0.2))
    return Ending(dice.uniform(2, 6), lambda: proxy.slow(0))


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
"""Kind -> target and fault."""
KILLS = ("kill decide", "kill prepare", "kill child", "kill worker", "kill broker", "spoil state")
