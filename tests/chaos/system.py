"""The system under test of the chaos suite: a broker, workers that reach it through a faulty proxy, and a feeder."""

import contextlib
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from chaos.proxy import HOST, Proxy
from confluent_kafka import KafkaError, KafkaException, Message, Producer
from support import flow
from support.wait import wait_until

from streams.config.loader import load
from streams.config.settings import Settings
from streams.generate import Truth, stream
from streams.kafka.embedded import broker, ports
from streams.model.topics import RAW

if TYPE_CHECKING:
    from chaos.nodes import ThreeNodes

SABOTAGE = Path(__file__).with_name("sabotage.py")
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""Received time of the first item. It is in the past, so that every embargo has ended by the wall clock."""
HTTP_PORT = 18066
STOP_SECONDS = 40.0
READY_SECONDS = 300.0


def load_settings(brokers: str, prefix: str, partitions: int, delivery: str, *, replication: int = 1) -> Settings:
    """Loads the settings of a run."""
    return load(
        environ={
            "NEWSWIRE_KAFKA": brokers,
            "NEWSWIRE_TOPICS__PREFIX": prefix,
            "NEWSWIRE_TOPICS__RAW_PARTITIONS": str(partitions),
            "NEWSWIRE_TOPICS__REPLICATION": str(replication),
            "NEWSWIRE_DECIDE__DELIVERY": delivery,
            "NEWSWIRE_WORKER__SESSION_SECONDS": "2",
        }
    )


class Cluster:
    """A broker with two addresses: `direct` for feeder and readers, and through the proxy for workers."""

    brokers = 1
    failed: Sequence[str] = ()

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.proxy = Proxy()
        (self._port,) = ports.find_free(1)

    def __enter__(self) -> "Cluster":
        self.proxy.__enter__()
        (self.proxy.to_port,) = ports.find_free(1)
        try:
            self.start()
        except BaseException:
            self.proxy.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._running.stop()
        self.proxy.__exit__()

    def start(self) -> None:
        """Starts the broker, always at the same addresses."""
        self._running = broker.start(
            self._folder, self._port, proxied=broker.Proxied(self.proxy.to_port, self.proxy.port)
        )

    def kill(self) -> None:
        """Kills the broker with SIGKILL. Its data stay."""
        self._running.kill()

    def stop(self) -> None:
        """Stops the broker cleanly. Its data stay."""
        self._running.stop()

    def is_starting(self) -> bool:
        """Whether the broker is being started in the background: never."""
        return False

    @property
    def direct(self) -> str:
        return self._running.address

    @property
    def proxied(self) -> str:
        return f"{HOST}:{self.proxy.port}"

    def settings(self, prefix: str, partitions: int, delivery: str, *, proxied: bool = False) -> Settings:
        return load_settings(self.proxied if proxied else self.direct, prefix, partitions, delivery)


class Worker:
    """A `newswire worker` with access to all of its processes."""

    def __init__(self, settings: Settings, log: Path, sabotage: str) -> None:
        self._log = log
        self._environment = flow.environment(settings)
        begin = [str(SABOTAGE), sabotage] if sabotage else ["-m", "streams"]
        self.state = log.with_suffix(".state")
        self._command = [sys.executable, *begin, "worker", "--http", str(HTTP_PORT), "--state", str(self.state)]
        self._seen: set[psutil.Process] = set()
        self.stopped = False
        """Whether all of its processes are stopped by SIGSTOP."""
        self.down = False
        """Whether it was killed and must not be restarted yet."""
        self.start()

    def start(self) -> None:
        self.down = False
        with self._log.open("ab") as output:
            self.process = subprocess.Popen(self._command, env=self._environment, stdout=output, stderr=output)

    def log_bytes(self) -> int:
        """Returns the size of its log."""
        return self._log.stat().st_size

    def tree(self) -> list[psutil.Process]:
        """Returns the parent process, its parts, and their children."""
        with contextlib.suppress(psutil.NoSuchProcess):
            parent = psutil.Process(self.process.pid)
            found = [parent, *parent.children(recursive=True)]
            self._seen |= set(found)
            return found
        return []

    def part(self, name: str) -> list[psutil.Process]:
        """Returns the process of a part (`decide`, `prepare`), or an empty list if it does not run."""
        with contextlib.suppress(psutil.NoSuchProcess):
            parent = psutil.Process(self.process.pid)
            return [child for child in parent.children() if _is_part(child, name)]
        return []

    def kill(self) -> None:
        """Kills the parent with SIGKILL. Parts that are not stopped end with it."""
        self.tree()
        self.down = True
        self.process.kill()
        self.process.wait()

    def terminate(self) -> int:
        """Sends SIGTERM and returns the exit status; 0 if it had ended before, or had not started its parts yet."""
        if self.process.poll() is not None:
            return 0
        begun = len(self.tree()) > 1
        self.process.terminate()
        status = self.process.wait(STOP_SECONDS)
        return status if begun or status != -signal.SIGTERM else 0

    def kill_all(self) -> None:
        """Kills all of its processes, also stopped ones."""
        for process in (*self.tree(), *self._seen):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()


def _is_part(process: psutil.Process, name: str) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
        command = process.cmdline()
        return "--part" in command and command[command.index("--part") + 1] == name
    return False


def send_signal(processes: list[psutil.Process], number: signal.Signals) -> None:
    """Sends a signal to the processes that still exist."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)


class Feeder(threading.Thread):
    """A thread that sends generated items to news.raw in bursts. It keeps the truth and the offset of each item."""

    def __init__(self, settings: Settings, seed: int, count: int, rate: float) -> None:
        super().__init__(daemon=True)
        self.count = count
        self.truths: list[Truth] = []
        self.numbers: dict[tuple[int, int], int] = {}
        """(partition, offset) -> number of the item in the stream."""
        self.failed: list[str] = []
        self._halt = threading.Event()
        self._items = stream(seed, count, START)
        self._rng = random.Random(seed)
        self._rate = rate
        self._topic = settings.topics.full(RAW)
        self._producer = Producer(
            {
                "bootstrap.servers": settings.kafka.brokers,
                "message.max.bytes": 9 << 20,
                "enable.idempotence": True,
                "delivery.timeout.ms": 280_000,
                "topic.metadata.refresh.interval.ms": 10_000,  # by default, it asks every 5 minutes
                "logger": _build_silent_logger(),
            }
        )

    def run(self) -> None:
        left = self.count
        while left and not self._halt.is_set():
            burst = min(left, self._rng.randint(1, max(2, int(self._rate))))
            for _ in range(burst):
                self._send()
            left -= burst
            until = time.monotonic() + burst / self._rate
            while time.monotonic() < until and not self._halt.is_set():
                self._producer.poll(0.05)
        while self._producer.flush(0.5) and not self._halt.is_set():
            pass

    def _send(self) -> None:
        item = next(self._items)
        number = item.truth.number
        self.truths.append(item.truth)

        def delivered(error: object, message: Message) -> None:
            if error is not None:
                self.failed.append(f"item {number} was not taken by the broker: {error}")
                return
            self.numbers[message.partition() or 0, message.offset() or 0] = number

        while not self._halt.is_set():
            try:
                self._producer.produce(
                    self._topic,
                    item.body,
                    item.headers.get("source", "").encode(),
                    headers=list(item.headers.items()),
                    on_delivery=delivered,
                )
            except KafkaException as error:  # a broker that has just started again does not know its topics yet
                if error.args[0].code() != KafkaError._UNKNOWN_TOPIC:
                    raise
                self._producer.poll(0.2)
            else:
                return

    def halt(self) -> None:
        self._halt.set()
        self.join(10)


def _build_silent_logger() -> object:
    """Builds a logger for librdkafka, which otherwise reports every broker failure on stderr."""
    import logging

    logger = logging.getLogger("chaos.librdkafka")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    return logger


class System:
    """All processes of one run."""

    def __init__(
        self,
        cluster: "Cluster | ThreeNodes",
        folder: Path,
        prefix: str,
        partitions: int,
        delivery: str,
        sabotage: str,
    ) -> None:
        self.cluster = cluster
        self.settings = cluster.settings(prefix, partitions, delivery)
        self._for_workers = cluster.settings(prefix, partitions, delivery, proxied=True)
        self._folder = folder
        self._sabotage = sabotage
        self._started = 0
        self.restarts = 0
        self.workers: list[Worker] = []
        self._gone: list[Worker] = []

    def restart_ended(self) -> None:
        """Restarts workers that ended, like a service manager; for example one that found no broker at its start."""
        for worker in self.workers:
            if not worker.down and worker.process.poll() is not None:
                self.restarts += 1
                worker.start()

    def add_worker(self) -> None:
        self._started += 1
        log = self._folder / f"worker-{self._started}.log"
        self.workers.append(Worker(self._for_workers, log, self._sabotage))

    def remove_worker(self, worker: Worker) -> int:
        """Stops one worker for good with SIGTERM. Returns its exit status."""
        self.workers.remove(worker)
        self._gone.append(worker)
        return worker.terminate()

    @contextlib.contextmanager
    def running(self, workers: int) -> Iterator[None]:
        """Creates the topics and runs workers during a `with` block. At the end it kills all of their processes."""
        applied = flow.newswire(self.settings, "topics", "apply")
        assert applied.returncode == 0, applied.stderr
        try:
            for _ in range(workers):
                self.add_worker()
            assigned = '"event": "assigned"'
            wait_until(lambda: self.read_logs().count(assigned) >= 2 * workers, self.read_logs, seconds=READY_SECONDS)
            yield
        finally:
            for worker in (*self.workers, *self._gone):
                worker.kill_all()

    def read_logs(self) -> str:
        """Returns the logs of all workers."""
        return "".join(path.read_text(errors="replace") for path in sorted(self._folder.glob("worker-*.log")))
