"""Recovery and takeover with a large state: `python tests/bench/takeover.py [--stories 1000000] [--rounds 3] [--save]`.

The changelog of so many stories is written as the fold writes it, and a log of as many records that it has behind it.
A worker recovers from it (cold), a spare follows; then items come at 20 a second, the owner is killed with -9, and the
clock runs until the first decision on an item sent after the kill can be read. In each round the spare of the last one
is the owner, and a new spare is warmed. Takes about 9 minutes for a million stories; `--stories 20000` for a look.
"""

import re
import statistics
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import orjson
from confluent_kafka import Producer

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import filled, line, results
from support import flow, topic_reader
from support.running import free_ports
from support.wait import wait_until

from streams.config.settings import Settings
from streams.decide.parameters import DecideParams
from streams.decide.state_entries import encode_changes
from streams.model import codec
from streams.model.records import Command, Decision
from streams.model.topics import DECISIONS, LOG, STATE

SESSION_SECONDS = 8.0
RATE = 20


def fill(settings: Settings, stories: int) -> int:
    """Writes changelog and log; returns how many entries the changelog has."""
    old = codec.encode(Command(action="none", uri="urn:newswire:bench:0", at="2031-03-04T12:00:00Z", by="bench"))
    line.fill(settings, LOG, ((None, old, None) for _ in range(stories)))

    def entries() -> Any:
        for batch in filled.changes(stories, DecideParams.of(settings)):
            for key, value in encode_changes(batch).items():
                yield key.encode(), value, None

    return line.fill(settings, STATE, entries())


class Feed(threading.Thread):
    """Appends new items to the log at a steady rate; item numbers go on from the stories."""

    def __init__(self, settings: Settings, first: int) -> None:
        super().__init__(daemon=True)
        self.next = first
        self._topic = settings.topics.full(LOG)
        self._producer = Producer({"bootstrap.servers": settings.kafka.brokers, "linger.ms": 0, "log_level": 0})
        self._halted = threading.Event()

    def run(self) -> None:
        while not self._halted.wait(1 / RATE):
            value = codec.encode(filled.item(self.next, received=datetime.now(UTC)))
            self._producer.produce(self._topic, value)
            self._producer.poll(0)
            self.next += 1
        self._producer.flush(10)

    def stop(self) -> None:
        self._halted.set()
        if self.is_alive():
            self.join()


def warm(worker: line.Worker, port: int, entries: int) -> None:
    """Until a spare has read the changelog."""

    def is_warm() -> bool:
        assert worker.process.poll() is None, worker.read_log()[-2000:]
        try:
            text = flow.http_get(port, "/metrics")[1]
        except OSError:
            return False
        found = {name: float(value) for name, value in re.findall(r"^(newswire_recovery_\w+) (\S+)$", text, re.M)}
        read, left = found["newswire_recovery_read_entries"], found["newswire_recovery_remaining_records"]
        return read >= entries and left < RATE  # the marker of the last transaction is always left

    wait_until(is_warm, seconds=900)


def recovered(worker: line.Worker) -> dict[str, Any]:
    """What the worker says of its recovery."""
    found: list[dict[str, Any]] = []

    def told() -> bool:
        assert worker.process.poll() is None, worker.read_log()[-2000:]
        found[:] = [orjson.loads(row) for row in worker.read_log().splitlines() if '"event": "recovered"' in row]
        return bool(found)

    wait_until(told, seconds=900)
    return found[0]


def first_after(reader: Any, sent_from: int) -> float:
    """When the first decision on an item from this number on could be read."""
    decode = msgspec.json.Decoder(Decision).decode
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        for message in reader.consume(500, 0.02):
            if message.error():
                continue
            decision = decode(message.value())
            if decision.origin is not None and decision.origin.offset >= sent_from:
                return time.perf_counter()
    raise AssertionError("nothing was decided within two minutes of the kill")


def measure(stories: int, rounds: int, folder: Path) -> list[dict[str, Any]]:
    """The table: recovery, memory, takeovers."""
    with line.kafka() as running:
        settings = line.make_settings(running.address, worker__session_seconds=str(SESSION_SECONDS))
        began = time.perf_counter()
        entries = fill(settings, stories)
        print(f"{entries} entries written in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)

        def worker(number: int) -> tuple[line.Worker, int]:
            port = free_ports(4)
            arguments = ("--stage", "decide", "--http", str(port))
            return line.Worker(settings, folder / f"{number}.log", *arguments, pinned=False), port

        workers = [worker(0)]
        feed = Feed(settings, stories)
        try:
            cold = recovered(workers[0][0])
            assert cold["stories"] == stories, cold
            usage = line.Usage(workers[0][0].process.pid, running)
            memory = usage.memory()["decide"]
            reader = topic_reader.build_tail_consumer(settings, DECISIONS)
            feed.start()
            taken = []
            for number in range(1, rounds + 1):
                workers.append(worker(number))
                warm(*workers[number], cold["entries"])
                time.sleep(3)
                killed, first = time.perf_counter(), feed.next + 1
                workers[number - 1][0].kill()
                taken.append(first_after(reader, first) - killed)
                print(f"round {number}: {taken[-1]:.2f} s", file=sys.stderr, flush=True)
            reader.close()
        finally:
            feed.stop()
            for each, _ in workers:
                if each.process.poll() is None:
                    each.kill()
    beyond = [each - SESSION_SECONDS for each in taken]
    rate = cold["entries"] / cold["seconds"]
    return [
        {"what": "stories; entries of the changelog", "measured": f"{stories:,}; {cold['entries']:,}", "goal": ""},
        {"what": "cold recovery, entries a second", "measured": f"{rate:,.0f}", "goal": "≥ 100,000"},
        {"what": "cold recovery, s", "measured": f"{cold['seconds']:.1f}", "goal": ""},
        {"what": "memory of the worker that decides, MB", "measured": f"{memory:,.0f}", "goal": "≤ 1,000"},
        {
            "what": f"takeover by a spare after kill -9, s beyond the session timeout of {SESSION_SECONDS:.0f} s",
            "measured": f"{statistics.median(beyond):.1f} ({min(beyond):.1f}-{max(beyond):.1f})",
            "goal": "≤ 15",
        },
    ]


def main() -> None:
    options = results.arguments(__doc__, "20,000 stories, one round")
    options.add_argument("--stories", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=3)
    asked = options.parse_args()
    stories, rounds = (20_000, 1) if asked.quick else (asked.stories, asked.rounds)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        results.show("takeover", measure(stories, rounds, Path(folder)), keep=asked.save)


if __name__ == "__main__":
    main()
