"""The real line under measurement: a broker and workers on cores of their own, CPU by process, outcomes counted.

The harness and the broker have all cores but the last one, the worker has the last (where there are two or more).
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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import psutil
from confluent_kafka import Producer

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import flow, topic_reader
from support.produce import produce

from streams.config.loader import load
from streams.config.settings import Settings
from streams.kafka.embedded import broker
from streams.model.records import Decision
from streams.model.topics import CATEGORIES, DEAD_LETTERS, DECISIONS, DUPLICATES, LATEST, RAW, WITHHELD

CORES = sorted(os.sched_getaffinity(0))
PR_SET_PDEATHSIG = 1
PARTS = ("prepare, child", "prepare, parent", "decide", "broker")
Stamped = tuple[bytes, dict[str, str]]


@contextmanager
def kafka() -> Iterator[broker.RunningBroker]:
    """A broker of its own in a temporary folder, beside the harness on all cores but the last."""
    if len(CORES) > 1:
        os.sched_setaffinity(0, CORES[:-1])
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, broker.start(Path(folder) / "kafka") as running:
        yield running


def make_settings(address: str, **more: str) -> Settings:
    """Settings with topics of their own, which are made; more settings as `worker__batch_records="100"`."""
    environ = {f"NEWSWIRE_{name.upper()}": value for name, value in more.items()}
    environ |= {"NEWSWIRE_KAFKA": address, "NEWSWIRE_TOPICS__PREFIX": f"bench-{uuid.uuid4().hex[:8]}"}
    settings = load(environ=environ)
    made = flow.newswire(settings, "topics", "apply")
    assert made.returncode == 0, made.stderr.decode()
    return settings


def fill(settings: Settings, topic: str, records: Any) -> int:
    """Key, value and headers of each record to a topic (name without prefix)."""
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


def raws(items: Any) -> Iterator[tuple[bytes, bytes, list[tuple[str, str]]]]:
    """Generated items as `fill` takes them, keyed by source as a feeder does."""
    for item in items:
        yield item.headers.get("source", "").encode(), item.body, list(item.headers.items())


def _end_with_parent() -> None:
    """A worker whose harness was killed would compete with the next one."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Worker:
    """`newswire worker` on the last core, with settings beyond those of the tests' environment."""

    def __init__(
        self,
        settings: Settings,
        log: Path,
        *arguments: str,
        environ: dict[str, str] | None = None,
        pinned: bool = True,
    ) -> None:
        command = [sys.executable, "-m", "streams", "worker", *arguments]
        if not pinned and shutil.which("taskset"):
            command = ["taskset", "-c", ",".join(map(str, CORES)), *command]
        elif len(CORES) > 1 and shutil.which("taskset"):
            command = ["taskset", "-c", str(CORES[-1]), *command]
        self._log = log
        scratch = log.with_suffix(".state")  # the state folder is below it: no other worker of this machine's is read
        scratch.mkdir(exist_ok=True)
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                env={**flow.environment(settings), "TMPDIR": str(scratch), **(environ or {})},
                stdout=output,
                stderr=output,
                preexec_fn=_end_with_parent,
            )

    def said(self) -> str:
        return self._log.read_text(errors="replace")

    def kill(self) -> None:
        """kill -9 of the whole worker: its parts die with it."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


@contextmanager
def working(
    settings: Settings, folder: Path, *arguments: str, environ: dict[str, str] | None = None, pinned: bool = True
) -> Iterator[Worker]:
    """A worker for the time of a block."""
    log = folder / f"worker-{uuid.uuid4().hex[:6]}.log"
    worker = Worker(settings, log, *arguments, environ=environ, pinned=pinned)
    try:
        yield worker
    except BaseException:
        print(worker.read_log()[-4000:], file=sys.stderr)
        raise
    finally:
        if worker.process.poll() is None:
            worker.stop()


def part_of(process: psutil.Process) -> str:
    """Which part of the line a process is."""
    command = " ".join(process.cmdline())
    if "spawn_main" in command:
        return PARTS[0]
    if "--part prepare" in command:
        return PARTS[1]
    return PARTS[2] if "--part decide" in command else "supervisor"


class Usage:
    """CPU seconds and memory by part, of a worker and its broker."""

    def __init__(self, worker: int, running: broker.RunningBroker) -> None:
        self._root, self._broker = psutil.Process(worker), psutil.Process(running.pid)

    def processes(self) -> list[tuple[str, psutil.Process]]:
        found = [("broker", self._broker)]
        for process in (self._root, *self._root.children(recursive=True)):
            try:
                found.append((part_of(process), process))
            except psutil.Error:
                continue
        return found

    def cpu(self) -> Counter[str]:
        used: Counter[str] = Counter()
        for part, process in self.processes():
            try:
                times = process.cpu_times()
            except psutil.Error:
                continue
            used[part] += times.user + times.system
        return used

    def memory(self) -> Counter[str]:
        """Megabytes resident."""
        held: Counter[str] = Counter()
        for part, process in self.processes():
            try:
                held[part] += process.memory_info().rss / 1e6
            except psutil.Error:
                continue
        return held


class Decided(threading.Thread):
    """Counts the committed records of `news.decisions` as they come."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(daemon=True)
        self.count = 0
        self.last = time.perf_counter()
        self._halted = threading.Event()
        self._consumer = topic_reader.build_tail_consumer(settings, DECISIONS)

    def run(self) -> None:
        while not self._halted.is_set():
            found = [message for message in self._consumer.consume(2000, 0.02) if not message.error()]
            if found:
                self.count += len(found)
                self.last = time.perf_counter()
        self._consumer.close()

    def stop(self) -> None:
        self._halted.set()
        self.join()


def check(settings: Settings, raw_records: int) -> Counter[str]:
    """Fates by name, after proof that the outcomes are whole: each raw record decided once, each decision's records
    in the topics it names and no others. Raises AssertionError.
    """
    decode = msgspec.json.Decoder(Decision).decode
    fates: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    places: dict[tuple[int, int], set[int]] = {}
    counts: dict[tuple[int, int], int] = {}
    for row in flow.read(settings, DECISIONS):
        decision = decode(row.value or b"")
        fates[decision.outcome.value] += 1
        wanted.update(decision.topics)
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
        assert found == wanted[topic], f"{topic} holds {found} records, decided were {wanted[topic]}"
    return fates


def stored(running: broker.RunningBroker, settings: Settings) -> Counter[str]:
    """Bytes on the broker's disk by topic without prefix, compressed as they were sent."""
    held: Counter[str] = Counter()
    prefix = f"{settings.topics.prefix}."
    for folder in (running.folder / "data").glob(f"{prefix}*"):
        name = folder.name.removeprefix(prefix).rpartition("-")[0]
        held[name] += sum(path.stat().st_size for path in folder.glob("*.log"))
    return held


__all__ = ["RAW", "Decided", "Usage", "Worker", "check", "fill", "kafka", "make_settings", "raws", "stored", "working"]
