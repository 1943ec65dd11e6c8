"""Runs failure drills on the real system: `make drills` runs all, `python tests/system/drills.py NAME…` some.

A drill causes a failure, waits for its alert in a real Prometheus, checks the panel of the dashboard, and repairs the
system as deploy/RUNBOOKS.md says. It prints how long alert and repair took. Here the `for:` of each rule is a second,
and rates over several minutes are taken over one minute, so that an alert also ends soon.
"""

import contextlib
import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import flow
from support.processes import free_ports, run_gateway, wait_until_ready
from support.prometheus import Prometheus, list_prepare_children, run_prometheus
from support.readme import README
from support.wait import wait_until

from streams.config.loader import load
from streams.config.settings import Settings
from streams.kafka.embedded import broker

RUNBOOKS = (README.parent / "deploy" / "RUNBOOKS.md").read_text(encoding="utf-8")
PAGES = {page.partition("\n")[0]: page for page in RUNBOOKS.split("\n## ")[1:]}
DISK_MB = 160
WIRE = "prnewswire"


class System:
    """Broker, worker, gateway and Prometheus, with the actions of an operator."""

    def __init__(self, folder: Path, disk: Path, watched: Prometheus, settings: Settings, first: int) -> None:
        self.folder, self.disk, self.watched, self.settings, self.first = folder, disk, watched, settings, first
        self.sent = 0
        self.page = ""
        self.kafka: broker.RunningBroker
        self.worker: flow.Worker
        self.affected: list[psutil.Process] = []
        """Processes that a drill stopped or slowed."""
        self.is_disk_small = False
        """The broker has a small disk of its own, which a drill may fill."""
        self.stack = contextlib.ExitStack()

    def start_kafka(self) -> None:
        """Starts the broker, always at the same port."""
        port = int(self.settings.kafka.brokers.rpartition(":")[2])
        self.kafka = self.stack.enter_context(broker.start(self.disk / "kafka", port))

    def send(self, count: int = 1, source: str = WIRE, *, broken: bool = False) -> None:
        """Sends items, each a story of its own."""
        records = []
        for _ in range(count):
            self.sent += 1
            title = f"Company {self.sent:x}-{self.sent * 7919} opens a factory number {self.sent} in town {self.sent}"
            item = json.dumps({"id": str(self.sent), "title": title}).encode()
            records.append((item[:-4] if broken else item, {"source": source}))
        flow.send(self.settings, records)

    def run_step(self, step: str, *arguments: str) -> str:
        """Runs a command that the runbook's page names. Returns its output."""
        assert f"`newswire {step}" in self.page, f"the page does not say `newswire {step}`: {self.page}"
        done = flow.newswire(self.settings, *step.split(), *arguments)
        return (done.stdout + done.stderr).decode()

    def check_page(self, words: str) -> None:
        """Checks that the runbook's page tells the next action in these words."""
        assert words in " ".join(self.page.split()), f"the page does not say {words!r}: {self.page}"

    def wait_until_decided(self) -> None:
        """Waits until all sent items are decided."""
        flow.wait_decided(self.settings, self.sent, seconds=240)


class Drill(NamedTuple):
    """A drill: `cause` causes the failure, then the panel shows more than `over`, and `repair` follows the page."""

    alert: tuple[str, str]
    panel: str
    over: float
    cause: Callable[[System], None]
    repair: Callable[[System], None]


def stop_kafka(system: System) -> None:
    system.kafka.kill()


def bring_kafka_back(system: System) -> None:
    assert "error   broker: no Kafka at" in system.run_step("check")
    system.check_page("Bring Kafka back. Workers and gateways need no restart")
    system.start_kafka()


def send_malformed_items(system: System) -> None:
    system.send(30, "badwire", broken=True)


def discard_malformed_items(system: System) -> None:
    assert "badwire" in system.run_step("dead-letters list", "--source", "badwire")
    said = system.run_step("dead-letters discard", "--source", "badwire", "--why", "their test feed", "--yes")
    assert "30" in said, said


def stop_feeding(system: System) -> None:
    system.send()
    system.wait_until_decided()


def resume_feeding(system: System) -> None:
    wait_until(lambda: f"source {WIRE}" in (said := system.run_step("status")) and "usually at most 6 s" in said)
    system.check_page("Repair the feeder")
    system.send()


def slow_prepare(system: System) -> None:
    """Gives the prepare process a twentieth of the CPU time, and sends more items than it can then handle."""
    system.affected = list_prepare_children(system.worker)

    def throttle() -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            while True:
                for number, seconds in ((signal.SIGSTOP, 1.9), (signal.SIGCONT, 0.1)):
                    for process in system.affected:
                        process.send_signal(number)
                    time.sleep(seconds)

    threading.Thread(target=throttle, daemon=True).start()
    system.send(4000)


def add_workers(system: System) -> None:
    assert "records behind" in system.run_step("status")
    system.check_page("prepare: start more workers")
    more = flow.Worker(
        system.settings, system.folder / "more.log", "--stage", "prepare", "--http", str(system.first + 5)
    )
    system.stack.callback(more.kill)
    system.check_page("One that is slower than the others: `kill -9`")
    find_parent(system.affected).kill()


def find_parent(children: list[psutil.Process]) -> psutil.Process:
    """Returns the prepare process, which is the parent of these children."""
    (parent,) = {child.ppid() for child in children}
    return psutil.Process(parent)


def stop_prepare(system: System) -> None:
    system.affected = list_prepare_children(system.worker)
    for process in system.affected:
        process.send_signal(signal.SIGSTOP)
    system.send()


def kill_stuck_prepare(system: System) -> None:
    system.check_page("One process: `kill -9` it, its parent starts another")
    find_parent(system.affected).kill()


def fill_the_disk(system: System) -> None:
    with contextlib.suppress(OSError), (system.disk / "ballast").open("wb") as ballast:
        while True:
            ballast.write(bytes(1 << 16))
            ballast.flush()
    with contextlib.suppress(AssertionError):
        for _ in range(20):
            system.send(200)


def free_the_disk(system: System) -> None:
    system.check_page("Disk full: add space")
    (system.disk / "ballast").unlink()
    system.check_page("a broker that stopped for it is started again")
    with contextlib.suppress(broker.AlreadyRunsError):
        system.start_kafka()


DRILLS = {
    "broker-down": Drill(("NewswireBrokerDown", ""), "Since Kafka answered", 30, stop_kafka, bring_kafka_back),
    "poisoned-feed": Drill(
        ("NewswireManyRefused", ""), "Refused (15 min)", 0.05, send_malformed_items, discard_malformed_items
    ),
    "quiet-feed": Drill(("NewswireFeedQuiet", WIRE), "Newest item of each source", 6, stop_feeding, resume_feeding),
    "stuck-worker": Drill(("NewswireWorkerStuck", "prepare"), "Without progress", 45, stop_prepare, kill_stuck_prepare),
    "slow-consumer": Drill(("NewswireLagging", ""), "Behind", 60, slow_prepare, add_workers),
    "disk-full": Drill(("NewswireBrokerDown", ""), "Since Kafka answered", 30, fill_the_disk, free_the_disk),
}


@contextlib.contextmanager
def run_system(folder: Path) -> Iterator[System]:
    """Runs the whole system, on a small disk of its own if this user may mount one."""
    disk = folder / "disk"
    disk.mkdir()
    with contextlib.ExitStack() as stack:
        if is_mounted := mount_disk(disk):
            stack.callback(subprocess.run, ["umount", "--lazy", str(disk)], check=False)
        first = free_ports(7)
        worker_ports, gateway_port = [first, first + 1], first + 2
        kafka = stack.enter_context(broker.start(disk / "kafka"))
        settings = load(environ={"NEWSWIRE_KAFKA": kafka.address, "NEWSWIRE_WORKER__SESSION_SECONDS": "4"})
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv(f"NEWSWIRE_SOURCES__{WIRE.upper()}__QUIET_MINUTES", "0.1")
        patch.setenv("NEWSWIRE_PREPARE__ITEM_SECONDS", "600")
        assert flow.newswire(settings, "topics", "apply").returncode == 0
        stack.enter_context(run_gateway(settings, gateway_port))
        jobs = {"worker": [*worker_ports, first + 5], "gateway": [gateway_port]}
        watched = stack.enter_context(run_prometheus(folder, first + 3, jobs, increase="1m"))
        system = System(folder, disk, watched, settings, first)
        stack.callback(system.stack.close)
        system.kafka = kafka
        system.worker = flow.Worker(settings, folder / "worker.log", "--http", str(first))
        stack.callback(system.worker.kill)
        wait_until_ready(*worker_ports, gateway_port)
        system.send()
        system.wait_until_decided()
        system.is_disk_small = is_mounted
        yield system


def mount_disk(disk: Path) -> bool:
    """Mounts a small disk. Returns whether this user may do that."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(disk)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def run_drill(system: System, name: str) -> tuple[float, float]:
    """Runs a drill. Returns the seconds until the alert fired, and from the start of the repair until it ended."""
    drill = DRILLS[name]
    system.page = PAGES[drill.alert[0]]
    began = time.monotonic()
    drill.cause(system)
    system.watched.wait_firing(drill.alert, 300)
    fired = time.monotonic()
    shown = system.watched.read_panel(drill.panel)
    assert max(shown, default=0) > drill.over, f"panel {drill.panel} shows {shown}"
    drill.repair(system)
    if drill.alert[0] != "NewswireFeedQuiet":  # the feed is quiet again after six seconds
        system.watched.wait_resolved(drill.alert, 400)
    ended = time.monotonic()
    wait_until_ready(system.first, system.first + 1)
    wait_for_clean_audit(system)
    return fired - began, ended - fired


def wait_for_clean_audit(system: System) -> None:
    """Waits until `newswire audit` finds all items decided, none lost and none doubled."""

    def done() -> subprocess.CompletedProcess[bytes]:
        return flow.newswire(system.settings, "audit")

    wait_until(lambda: done().returncode == 0, lambda: done().stdout.decode(), seconds=300, every=2)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made, run_system(Path(made)) as ready:
        for asked in sys.argv[1:] or DRILLS:
            if DRILLS[asked].cause is fill_the_disk and not ready.is_disk_small:
                print(f"{asked}: left out: only root may mount the small disk that it fills", flush=True)
                continue
            to_fire, to_end = run_drill(ready, asked)
            print(
                f"{asked}: {DRILLS[asked].alert[0]} after {to_fire:.0f} s, over {to_end:.0f} s later; audit holds",
                flush=True,
            )
