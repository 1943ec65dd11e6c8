"""Drills: each breaks the real system, waits for its alert in a real Prometheus, looks at the dashboard, and mends it
as deploy/RUNBOOKS.md says. `make drills` runs them all,
`python tests/system/drills.py NAME…` some, and says how long each took.

Every `for:` of the rules is a second here, and what counts over minutes counts over one, so that an alert also ends.
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
from support.readme import README
from support.running import free_ports, run_gateway, wait_until_ready
from support.wait import wait_until
from support.watched import Prometheus, children_that_prepare, prometheus

from streams.config.loader import load
from streams.config.settings import Settings
from streams.kafka.embedded import broker

RUNBOOKS = (README.parent / "deploy" / "RUNBOOKS.md").read_text(encoding="utf-8")
PAGES = {page.partition("\n")[0]: page for page in RUNBOOKS.split("\n## ")[1:]}
DISK_MB = 160
WIRE = "prnewswire"


class System:
    """Broker, worker, gateway and Prometheus, and what an operator does to them."""

    def __init__(self, folder: Path, disk: Path, watched: Prometheus, settings: Settings, first: int) -> None:
        self.folder, self.disk, self.watched, self.settings, self.first = folder, disk, watched, settings, first
        self.sent = 0
        self.page = ""
        self.kafka: broker.RunningBroker
        self.worker: flow.Worker
        self.hurt: list[psutil.Process] = []
        """Processes that were stopped or slowed."""
        self.stack = contextlib.ExitStack()

    def start_kafka(self) -> None:
        """Again at the same port."""
        port = int(self.settings.kafka.brokers.rpartition(":")[2])
        self.kafka = self.stack.enter_context(broker.start(self.disk / "kafka", port))

    def send(self, count: int = 1, source: str = WIRE, *, broken: bool = False) -> None:
        """Items, each a story of its own."""
        records = []
        for _ in range(count):
            self.sent += 1
            title = f"Company {self.sent:x}-{self.sent * 7919} opens a factory number {self.sent} in town {self.sent}"
            item = json.dumps({"id": str(self.sent), "title": title}).encode()
            records.append((item[:-4] if broken else item, {"source": source}))
        flow.send(self.settings, records)

    def follow(self, step: str, *arguments: str) -> str:
        """Runs a command that the runbook's page names; what it prints."""
        assert f"`newswire {step}" in self.page, f"the page does not say `newswire {step}`: {self.page}"
        done = flow.newswire(self.settings, *step.split(), *arguments)
        return (done.stdout + done.stderr).decode()

    def says(self, words: str) -> None:
        """The page must tell what is done now."""
        assert words in " ".join(self.page.split()), f"the page does not say {words!r}: {self.page}"

    def until_decided(self) -> None:
        """Everything that was sent has its fate."""
        flow.wait_decided(self.settings, self.sent, seconds=240)


class Drill(NamedTuple):
    """`harm` breaks it, `mend` follows the page; the panel shows more than `over` in between."""

    alert: tuple[str, str]
    panel: str
    over: float
    harm: Callable[[System], None]
    mend: Callable[[System], None]


def stop_kafka(system: System) -> None:
    system.kafka.kill()


def bring_kafka_back(system: System) -> None:
    assert "bad   broker: no Kafka at" in system.follow("check")
    system.says("Bring Kafka back. Workers and gateways need no restart")
    system.start_kafka()


def poison(system: System) -> None:
    system.send(30, "badwire", broken=True)


def put_the_poison_away(system: System) -> None:
    assert "badwire" in system.follow("dead-letters list", "--source", "badwire")
    said = system.follow("dead-letters discard", "--source", "badwire", "--why", "their test feed", "--yes")
    assert "30" in said, said


def be_quiet(system: System) -> None:
    system.send()
    system.until_decided()


def mend_the_feeder(system: System) -> None:
    assert WIRE in system.follow("status")
    system.says("Mend the feeder")
    system.send()


def slow_down(system: System) -> None:
    """The process that prepares gets a twentieth of the time, and far more than it can do."""
    system.hurt = children_that_prepare(system.worker)

    def throttle() -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            while True:
                for number, seconds in ((signal.SIGSTOP, 1.9), (signal.SIGCONT, 0.1)):
                    for process in system.hurt:
                        process.send_signal(number)
                    time.sleep(seconds)

    threading.Thread(target=throttle, daemon=True).start()
    system.send(4000)


def add_workers(system: System) -> None:
    assert "records behind" in system.follow("status")
    system.says("prepare: start more workers")
    more = flow.Worker(
        system.settings, system.folder / "more.log", "--stage", "prepare", "--http", str(system.first + 5)
    )
    system.stack.callback(more.kill)
    system.says("One that is slower than the others: `kill -9`")
    parent_of(system.hurt).kill()


def parent_of(children: list[psutil.Process]) -> psutil.Process:
    """The process that prepares."""
    (parent,) = {child.ppid() for child in children}
    return psutil.Process(parent)


def stick(system: System) -> None:
    system.hurt = children_that_prepare(system.worker)
    for process in system.hurt:
        process.send_signal(signal.SIGSTOP)
    system.send()


def kill_the_stuck(system: System) -> None:
    system.says("One process: `kill -9` it, its parent starts another")
    parent_of(system.hurt).kill()


def fill_the_disk(system: System) -> None:
    with contextlib.suppress(OSError), (system.disk / "ballast").open("wb") as ballast:
        while True:
            ballast.write(bytes(1 << 16))
            ballast.flush()
    with contextlib.suppress(AssertionError):
        for _ in range(20):
            system.send(200)


def give_the_disk_room(system: System) -> None:
    system.says("Disk full: add space")
    (system.disk / "ballast").unlink()
    system.says("a broker that stopped for it is started again")
    with contextlib.suppress(broker.AlreadyRunsError):
        system.start_kafka()


DRILLS = {
    "broker-down": Drill(("NewswireBrokerDown", ""), "Since Kafka answered", 30, stop_kafka, bring_kafka_back),
    "poisoned-feed": Drill(("NewswireManyRefused", ""), "Refused (15 min)", 0.05, poison, put_the_poison_away),
    "quiet-feed": Drill(("NewswireFeedQuiet", WIRE), "Newest item of each source", 6, be_quiet, mend_the_feeder),
    "stuck-worker": Drill(("NewswireWorkerStuck", "prepare"), "Without progress", 45, stick, kill_the_stuck),
    "slow-consumer": Drill(("NewswireLagging", ""), "Behind", 60, slow_down, add_workers),
    "disk-full": Drill(("NewswireBrokerDown", ""), "Since Kafka answered", 30, fill_the_disk, give_the_disk_room),
}


@contextlib.contextmanager
def system_under(folder: Path) -> Iterator[System]:
    """Everything, on a disk of its own where this user may mount one."""
    disk = folder / "disk"
    disk.mkdir()
    with contextlib.ExitStack() as stack:
        if mounted(disk):
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
        watched = stack.enter_context(prometheus(folder, first + 3, jobs, increase="1m"))
        system = System(folder, disk, watched, settings, first)
        stack.callback(system.stack.close)
        system.kafka = kafka
        system.worker = flow.Worker(settings, folder / "worker.log", "--http", str(first))
        stack.callback(system.worker.kill)
        wait_until_ready(*worker_ports, gateway_port)
        system.send()
        system.until_decided()
        yield system


def mounted(disk: Path) -> bool:
    """A small disk, where this user may have one."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(disk)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def run(system: System, name: str) -> tuple[float, float]:
    """One drill: seconds until the alert fired, and until it was over after the mend began."""
    drill = DRILLS[name]
    system.page = PAGES[drill.alert[0]]
    began = time.monotonic()
    drill.harm(system)
    system.watched.until(drill.alert, 300)
    fired = time.monotonic()
    shown = system.watched.panel(drill.panel)
    assert max(shown, default=0) > drill.over, f"panel {drill.panel} shows {shown}"
    drill.mend(system)
    if drill.alert[0] != "NewswireFeedQuiet":  # it is quiet again in six seconds
        system.watched.until_over(drill.alert, 400)
    over = time.monotonic()
    wait_until_ready(system.first, system.first + 1)
    audit(system)
    return fired - began, over - fired


def audit(system: System) -> None:
    """Nothing was lost and nothing doubled, once all has its fate."""

    def done() -> subprocess.CompletedProcess[bytes]:
        return flow.newswire(system.settings, "audit")

    wait_until(lambda: done().returncode == 0, lambda: done().stdout.decode(), seconds=300, every=2)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made, system_under(Path(made)) as ready:
        for asked in sys.argv[1:] or DRILLS:
            to_fire, to_end = run(ready, asked)
            print(
                f"{asked}: {DRILLS[asked].alert[0]} after {to_fire:.0f} s, over {to_end:.0f} s later; audit holds",
                flush=True,
            )
