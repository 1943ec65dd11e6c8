"""Runs the real pipeline for a measurement: broker and worker on separate cores, CPU by process, outcomes checked.

With two or more cores the worker has the last one, and the broker and the benchmark script have the others.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import psutil
from confluent_kafka import Producer

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import flow, topic_reader
from support.produce import produce

from streams.config.loader import load
from streams.config.settings import Settings
from streams.generate import GeneratedItem
from streams.kafka.embedded import broker
from streams.model.records import Decision
from streams.model.topics import CATEGORIES, DEAD_LETTERS, DECISIONS, DUPLICATES, LATEST, WITHHELD

CORES = sorted(os.sched_getaffinity(0))
PR_SET_PDEATHSIG = 1
PARTS = ("prepare, child", "prepare, parent", "decide", "broker")
OutgoingRecord = tuple[bytes | None, bytes | None, list[tuple[str, str]] | None]
"""Key, value, headers."""


@contextmanager
def run_kafka() -> Iterator[broker.RunningBroker]:
    """Runs a broker in a temporary folder, on all cores but the last, like the script itself."""
    if len(CORES) > 1:
        os.sched_setaffinity(0, CORES[:-1])
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, broker.start(Path(folder) / "kafka") as running:
        yield running


def make_settings(address: str, **more: str) -> Settings:
    """Makes settings with a new topic prefix and creates the topics. `more` is like `worker__batch_records="100"`."""
    environ = {f"NEWSWIRE_{name.upper()}": value for name, value in more.items()}
    environ |= {"NEWSWIRE_KAFKA": address, "NEWSWIRE_TOPICS__PREFIX": f"bench-{uuid.uuid4().hex[:8]}"}
    settings = load(environ=environ)
    applied = flow.newswire(settings, "topics", "apply")
    assert applied.returncode == 0, applied.stderr.decode()
    return settings


def send_records(settings: Settings, topic: str, records: Iterable[OutgoingRecord]) -> int:
    """Sends records to a topic (name without prefix). Returns their number."""
    options = {
        "bootstrap.servers": settings.kafka.brokers,
        "message.max.bytes": 17 << 20,
        "linger.ms": 20,
        "log_level": 0,
    }
    producer = Producer({**options, "compression.type": "zstd", "enable.idempotence": True})
    count = 0
    for key, value, headers in records:
        produce(producer, settings.topics.full(topic), value, key, headers=headers)
        count += 1
    assert producer.flush(120) == 0
    return count


def to_raw_records(items: Iterable[GeneratedItem]) -> Iterator[OutgoingRecord]:
    """Converts generated items to raw records, keyed by source like those of a feeder."""
    for item in items:
        yield item.headers.get("source", "").encode(), item.body, list(item.headers.items())


def _end_with_parent() -> None:
    """Makes the worker end with the script: a worker that is left over would compete with the next one."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Worker:
    """A `newswire worker` on the last core, or on all cores if not `pinned`. `environ` adds settings.

    `module` is the main module of its processes.
    """

    def __init__(
        self,
        settings: Settings,
        log: Path,
        *arguments: str,
        environ: dict[str, str] | None = None,
        pinned: bool = True,
        module: str = "streams",
    ) -> None:
        command = [sys.executable, "-m", module, "worker", *arguments]
        if not pinned and shutil.which("taskset"):
            command = ["taskset", "-c", ",".join(map(str, CORES)), *command]
        elif len(CORES) > 1 and shutil.which("taskset"):
            command = ["taskset", "-c", str(CORES[-1]), *command]
        self._log = log
        scratch = log.with_suffix(".state")  # it holds the state folder, so that no state of another worker is read
        scratch.mkdir(exist_ok=True)
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                env={**flow.environment(settings), "TMPDIR": str(scratch), **(environ or {})},
                stdout=output,
                stderr=output,
                preexec_fn=_end_with_parent,
            )

    def read_log(self) -> str:
        return self._log.read_text(errors="replace")

    def kill(self) -> None:
        """Kills the worker with SIGKILL. Its parts end with it."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


@contextmanager
def run_worker(
    settings: Settings,
    folder: Path,
    *arguments: str,
    environ: dict[str, str] | None = None,
    pinned: bool = True,
    module: str = "streams",
) -> Iterator[Worker]:
    """Runs a worker during a `with` block."""
    log = folder / f"worker-{uuid.uuid4().hex[:6]}.log"
    worker = Worker(settings, log, *arguments, environ=environ, pinned=pinned, module=module)
    try:
        yield worker
    except BaseException:
        print(worker.read_log()[-4000:], file=sys.stderr)
        raise
    finally:
        if worker.process.poll() is None:
            worker.stop()


def part_name(process: psutil.Process) -> str:
    """Returns the name of the part that a process runs, one of `PARTS` or `supervisor`."""
    command = " ".join(process.cmdline())
    if "spawn_main" in command:
        return PARTS[0]
    if "--part prepare" in command:
        return PARTS[1]
    return PARTS[2] if "--part decide" in command else "supervisor"


class Usage:
    """Measures CPU seconds and memory of a worker and its broker, by part."""

    def __init__(self, worker: int, running: broker.RunningBroker) -> None:
        self._root, self._broker = psutil.Process(worker), psutil.Process(running.pid)

    def processes(self) -> list[tuple[str, psutil.Process]]:
        found = [("broker", self._broker)]
        for process in (self._root, *self._root.children(recursive=True)):
            try:
                found.append((part_name(process), process))
            except psutil.Error:
                continue
        return found

    def cpu(self) -> Counter[str]:
        """Returns the CPU seconds used so far, by part."""
        used: Counter[str] = Counter()
        for part, process in self.processes():
            try:
                times = process.cpu_times()
            except psutil.Error:
                continue
            used[part] += times.user + times.system
        return used

    def memory(self) -> Counter[str]:
        """Returns the resident memory by part, in MB."""
        held: Counter[str] = Counter()
        for part, process in self.processes():
            try:
                held[part] += process.memory_info().rss / 1e6
            except psutil.Error:
                continue
        return held


class DecisionCounter(threading.Thread):
    """A thread that counts the committed records of `news.decisions`."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(daemon=True)
        self.count = 0
        self.last = time.perf_counter()
        self._stopping = threading.Event()
        self._consumer = topic_reader.build_tail_consumer(settings, DECISIONS)

    def run(self) -> None:
        while not self._stopping.is_set():
            found = [message for message in self._consumer.consume(2000, 0.02) if not message.error()]
            if found:
                self.count += len(found)
                self.last = time.perf_counter()
        self._consumer.close()

    def stop(self) -> None:
        self._stopping.set()
        self.join()


def check_outcomes(settings: Settings, raw_records: int) -> Counter[str]:
    """Counts the outcomes by name, and checks that they are complete. Raises AssertionError.

    Each raw record must be decided once, and the topics must hold exactly the records that the decisions name.
    """
    decode = msgspec.json.Decoder(Decision).decode
    outcomes: Counter[str] = Counter()
    expected: Counter[str] = Counter()
    places: dict[tuple[int, int], set[int]] = {}
    counts: dict[tuple[int, int], int] = {}
    for row in flow.read(settings, DECISIONS):
        decision = decode(row.value or b"")
        outcomes[decision.outcome.value] += 1
        expected.update(decision.topics)
        if decision.origin is not None and decision.outcome != "repeat":
            at = decision.origin
            place = (at.partition, at.offset)
            assert at.index not in places.setdefault(place, set()), f"{place}/{at.index} was decided twice"
            places[place].add(at.index)
            counts[place] = at.count
    done = sum(len(found) == counts[place] for place, found in places.items())
    assert done == raw_records, f"{done} of {raw_records} raw records were decided"
    for topic in (LATEST, *CATEGORIES, DUPLICATES, DEAD_LETTERS, WITHHELD):
        found = sum(1 for row in flow.read(settings, topic) if row.value is not None)
        assert found == expected[topic], f"{topic} holds {found} records, decided were {expected[topic]}"
    return outcomes


def measure_stored_bytes(running: broker.RunningBroker, settings: Settings) -> Counter[str]:
    """Measures the compressed bytes on the broker's disk: topic without prefix -> bytes."""
    held: Counter[str] = Counter()
    prefix = f"{settings.topics.prefix}."
    for folder in (running.folder / "data").glob(f"{prefix}*"):
        name = folder.name.removeprefix(prefix).rpartition("-")[0]
        held[name] += sum(path.stat().st_size for path in folder.glob("*.log"))
    return held
