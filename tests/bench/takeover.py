"""Measures recovery and takeover: `python tests/bench/takeover.py [--stories 1000000] [--rounds 3] [--save]`.

A changelog with so many stories is written like the fold writes it, and a log with as many decided records. A worker
recovers from it (cold start), and a spare worker follows. Then items come at 20 a second and the owner is killed with
SIGKILL. The takeover time ends when the first decision on an item sent after the kill is readable. In the next round
the spare is the owner, and a new spare warms up. Takes about 9 minutes for a million stories; `--stories 20000` is
quick.
"""

import re
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from confluent_kafka import Consumer, Producer

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import harness, log_items, results
from support import flow, topic_reader
from support.processes import free_ports
from support.wait import wait_until

from streams.config.settings import Settings
from streams.decide.parameters import DecideParams
from streams.decide.state_entries import encode_changes
from streams.model import codec
from streams.model.records import Command, Decision
from streams.model.topics import DECISIONS, LOG, STATE

SESSION_SECONDS = 8.0
RATE = 20


class Recovered(msgspec.Struct, frozen=True):
    """The fields of the worker's log line `recovered` that are used here."""

    stories: int
    entries: int
    seconds: float


def fill_topics(settings: Settings, stories: int) -> int:
    """Writes changelog and log. Returns the number of entries in the changelog."""
    old = codec.encode(Command(action="none", uri="urn:newswire:bench:0", at="2031-03-04T12:00:00Z", by="bench"))
    harness.send_records(settings, LOG, ((None, old, None) for _ in range(stories)))

    def entries() -> Iterator[harness.OutgoingRecord]:
        for batch in log_items.fold_stories(stories, DecideParams.from_settings(settings)):
            for key, value in encode_changes(batch).items():
                yield key.encode(), value, None

    return harness.send_records(settings, STATE, entries())


class Feed(threading.Thread):
    """A thread that appends new items to the log at a steady rate. Item numbers continue those of the stories."""

    def __init__(self, settings: Settings, first: int) -> None:
        super().__init__(daemon=True)
        self.next = first
        self._topic = settings.topics.full(LOG)
        self._producer = Producer({"bootstrap.servers": settings.kafka.brokers, "linger.ms": 0, "log_level": 0})
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.wait(1 / RATE):
            value = codec.encode(log_items.build_item(self.next, received=datetime.now(UTC)))
            self._producer.produce(self._topic, value)
            self._producer.poll(0)
            self.next += 1
        self._producer.flush(10)

    def stop(self) -> None:
        self._stopping.set()
        if self.is_alive():
            self.join()


def wait_until_warm(worker: harness.Worker, port: int, entries: int) -> None:
    """Waits until a spare has read the changelog."""

    def is_warm() -> bool:
        assert worker.process.poll() is None, worker.read_log()[-2000:]
        try:
            text = flow.http_get(port, "/metrics")[1]
        except OSError:
            return False
        found = {name: float(value) for name, value in re.findall(r"^(newswire_recovery_\w+) (\S+)$", text, re.M)}
        read, left = found["newswire_recovery_read_entries"], found["newswire_recovery_remaining_records"]
        return read >= entries and left < RATE  # the marker of the last transaction always remains

    wait_until(is_warm, seconds=900)


def read_recovery(worker: harness.Worker) -> Recovered:
    """Waits for the worker's log line about its recovery and returns it."""
    found: list[Recovered] = []

    def has_recovered() -> bool:
        assert worker.process.poll() is None, worker.read_log()[-2000:]
        found[:] = [
            msgspec.json.decode(row, type=Recovered)
            for row in worker.read_log().splitlines()
            if '"event": "recovered"' in row
        ]
        return bool(found)

    wait_until(has_recovered, seconds=900)
    return found[0]


def wait_for_first_decision(reader: Consumer, sent_from: int) -> float:
    """Waits for the first decision on an item with this number or a later one. Returns the time of its arrival."""
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


def measure(stories: int, rounds: int, folder: Path) -> list[results.Row]:
    """Measures and builds the table: recovery, memory, takeovers."""
    with harness.run_kafka() as running:
        settings = harness.make_settings(running.address, worker__session_seconds=str(SESSION_SECONDS))
        began = time.perf_counter()
        entries = fill_topics(settings, stories)
        print(f"{entries} entries written in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)

        def worker(number: int) -> tuple[harness.Worker, int]:
            port = free_ports(4)
            arguments = ("--stage", "decide", "--http", str(port))
            return harness.Worker(settings, folder / f"{number}.log", *arguments, pinned=False), port

        workers = [worker(0)]
        feed = Feed(settings, stories)
        try:
            cold = read_recovery(workers[0][0])
            assert cold.stories == stories, cold
            usage = harness.Usage(workers[0][0].process.pid, running)
            memory = usage.memory()["decide"]
            reader = topic_reader.build_tail_consumer(settings, DECISIONS)
            feed.start()
            taken = []
            for number in range(1, rounds + 1):
                workers.append(worker(number))
                wait_until_warm(*workers[number], cold.entries)
                time.sleep(3)
                killed, first = time.perf_counter(), feed.next + 1
                workers[number - 1][0].kill()
                taken.append(wait_for_first_decision(reader, first) - killed)
                print(f"round {number}: {taken[-1]:.2f} s", file=sys.stderr, flush=True)
            reader.close()
        finally:
            feed.stop()
            for each, _ in workers:
                if each.process.poll() is None:
                    each.kill()
    beyond = [each - SESSION_SECONDS for each in taken]
    rate = cold.entries / cold.seconds
    return [
        {"what": "stories; entries of the changelog", "measured": f"{stories:,}; {cold.entries:,}", "goal": ""},
        {"what": "cold recovery, entries a second", "measured": f"{rate:,.0f}", "goal": "≥ 100,000"},
        {"what": "cold recovery, s", "measured": f"{cold.seconds:.1f}", "goal": ""},
        {"what": "memory of the worker that decides, MB", "measured": f"{memory:,.0f}", "goal": "≤ 1,000"},
        {
            "what": f"takeover by a spare after kill -9, s beyond the session timeout of {SESSION_SECONDS:.0f} s",
            "measured": f"{statistics.median(beyond):.1f} ({min(beyond):.1f}-{max(beyond):.1f})",
            "goal": "≤ 15",
        },
    ]


def main() -> None:
    options = results.build_parser(__doc__, "20,000 stories, one round")
    options.add_argument("--stories", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=3)
    asked = options.parse_args()
    stories, rounds = (20_000, 1) if asked.quick else (asked.stories, asked.rounds)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        results.print_table("takeover", measure(stories, rounds, Path(folder)), keep=asked.save)


if __name__ == "__main__":
    main()
