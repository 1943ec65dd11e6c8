"""Plays a bad night on the real system: `make drills` runs it after the drills, `python tests/system/night.py` alone.

A wire brings a good item a second through a feed, and somebody sends a hostile headline of 99 kB a second. Meanwhile:
junk in the log, junk in the state's changelog, a bad zip in a watched folder, an ETag that is no text, Kafka away for
80 seconds twice, 500 idle connections. Readers of the gateway must go on getting the good items, each alert that should
fire must fire in a real Prometheus, nothing may be lost, and the runbooks must say what was done.
"""

import contextlib
import http.server
import itertools
import json
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar, NamedTuple

import pytest
from confluent_kafka import Producer

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import flow
from support.processes import free_ports, wait_until_alive, wait_until_ready
from support.prometheus import Prometheus, run_prometheus
from support.readme import README
from support.wait import wait_until

from streams.config.loader import load
from streams.config.settings import Settings
from streams.kafka.embedded import broker
from streams.model.topics import LATEST, LOG, RAW, STATE

RUNBOOKS = " ".join((README.parent / "deploy" / "RUNBOOKS.md").read_text(encoding="utf-8").split())
AWAY_SECONDS = 80
WORK_SECONDS = 5.0
IDLE = 500
HEADLINE = 99_000
GOOD, HOSTILE = "nightwire", "hostile"
HOSTILE_PIECES = (
    "(NASDAQ: ",
    "- ",
    "&amp;",
    "<b>",
    "\u200b",
    "KILL: ",
    "(Reuters) ",
    "A",
    "$1 ",
    "/PRNewswire/ ",
    "\u202e(",
)
NUMBER = re.compile(r"number (\d+)")
MUST_FIRE = {"NewswireBrokerDown", "NewswireNobodyWorks", "NewswireManyRefused", "NewswireConnectionsCut"}
MUST_NOT_FIRE = {"NewswireBug", "NewswireMemory", "NewswireFeederFailing", "NewswireFilesRunOut"}


class Wire(http.server.BaseHTTPRequestHandler):
    """Serves the feed: the newest good items, with an ETag that is no text."""

    brought: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        items = "".join(
            f"<item><guid>{number}</guid><title>{title}</title></item>"
            for number, title in list(enumerate(self.brought))[-600:][::-1]
        )
        body = f"<rss version='2.0'><channel><title>Night wire</title>{items}</channel></rss>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("ETag", '"\xff\xfe\x80"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class Night(NamedTuple):
    """The running system."""

    folder: Path
    settings: Settings
    watched: Prometheus
    first: int
    worker: list[flow.Worker]
    """The worker that runs now."""
    fired: dict[str, float]
    """Alert -> when it fired first, in seconds of this process."""

    def say(self, text: str) -> None:
        """Prints a line with the time."""
        print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)

    def check_runbook(self, words: str) -> None:
        """Checks that the runbooks tell what is done, in these words."""
        assert words in RUNBOOKS, f"the runbooks do not say {words!r}"

    def wait_next(self, what: str, before: int) -> float:
        """Waits until the gateway shows a good item newer than `before`. Returns the seconds."""
        began = time.monotonic()
        wait_until(lambda: self.read_newest() > before, lambda: f"{what}: nothing after {before} is shown", seconds=120)
        return time.monotonic() - began

    def read_newest(self) -> int:
        """Reads the number of the newest good item that the gateway shows; -1 where it shows none."""
        with contextlib.suppress(OSError):
            status, text = flow.http_get(self.first + 2, f"/latest?source={GOOD}&limit=1")
            if status == 200 and (found := NUMBER.search(text)):
                return int(found[1])
        return -1

    def wait_published(self, what: str) -> float:
        """Waits until the gateway shows an item that the wire brings from now on. Returns the seconds."""
        began, after = time.monotonic(), len(Wire.brought)
        wait_until(lambda: self.read_newest() >= after, lambda: f"{what}: item {after} is not shown", seconds=120)
        seconds = time.monotonic() - began
        self.say(f"{what}: an item brought after it is shown {seconds:.1f} s later")
        return seconds

    def read_events(self, name: str) -> list[dict[str, object]]:
        """Reads the lines of one event from the logs of all processes."""
        lines = (line for log in self.folder.glob("*.log") for line in log.read_text(errors="replace").splitlines())
        rows = (json.loads(line) for line in lines if f'"{name}"' in line and line.startswith("{"))
        return [row for row in rows if row["event"] == name]


def produce(settings: Settings, topic: str, rows: list[tuple[bytes | None, bytes]]) -> None:
    """Writes records as they are, past our own program."""
    producer = Producer({"bootstrap.servers": settings.kafka.brokers})
    for key, value in rows:
        producer.produce(settings.topics.full(topic), value, key)
    assert producer.flush(60) == 0


def bring_good_items(stop: threading.Event) -> None:
    """Adds a good item to the feed each second."""
    for number in itertools.count():
        town = f"town {number * 7919}"
        Wire.brought.append(f"Company {number:x}-{number * 104729} opens a factory number {number} in {town}")
        if stop.wait(1):
            return


def send_hostile_items(settings: Settings, stop: threading.Event, sent: list[int]) -> None:
    """Sends a hostile headline each second; librdkafka keeps those of an outage and sends them later."""
    chance = random.Random(7)
    producer = Producer({"bootstrap.servers": settings.kafka.brokers, "log_level": 0})
    while not stop.wait(1):
        piece = chance.choice(HOSTILE_PIECES) + chance.choice(HOSTILE_PIECES)
        headline = (piece * (HEADLINE // len(piece.encode()) + 1)).encode()[:HEADLINE].decode("utf-8", "ignore")
        item = json.dumps({"id": f"h{sent[0]}", "title": headline, "body": headline[::-1]}).encode()
        producer.produce(settings.topics.full(RAW), item, HOSTILE.encode(), headers=[("source", HOSTILE.encode())])
        producer.poll(0)
        sent[0] += 1
    assert producer.flush(120) == 0


def watch_alerts(night: Night, stop: threading.Event) -> None:
    """Notes each alert when it fires first."""
    while not stop.wait(0.5):
        with contextlib.suppress(OSError):
            for name, _ in night.watched.list_firing():
                if name not in night.fired:
                    night.fired[name] = time.monotonic()
                    night.say(f"alert {name}")


def put_junk_into_the_log(night: Night) -> None:
    produce(night.settings, LOG, [(b"junk", bytes([0xFF, number]) + b" no record") for number in range(40)])
    night.wait_published("40 junk records in the log")
    night.check_runbook("Bytes in the log that are no record")
    listed = flow.newswire(night.settings, "dead-letters", "list", "--code", "malformed").stdout.decode()
    assert night.settings.topics.full(LOG) in listed, listed


def put_junk_into_the_state(night: Night) -> None:
    produce(night.settings, STATE, [(b"\xff\xfe junk", b"junk"), (b"\x80", b"more")])
    night.worker[0].kill_part("decide")
    night.wait_published("junk in the state's changelog, and decide killed")
    wait_until(lambda: night.read_events("no_state_entry"))
    night.check_runbook("stop every worker that decides, then `newswire state rebuild`")


def put_bad_files_into_the_folder(night: Night) -> None:
    folder = night.folder / "in"
    (folder / "a\x1b[2J.zip").write_bytes(b"PK\x03\x04" + bytes(range(256)) * 4)
    (folder / "b.zip").write_bytes(b"no zip at all")
    (folder / "c.xml").symlink_to("/etc/passwd")
    (folder / "d.json").write_text(json.dumps({"id": "d", "title": "Norwick Pumps opens a plant behind a bad zip"}))
    wait_until(lambda: len(night.read_events("file_not_read")) >= 3, lambda: night.read_events("file_not_read"))
    assert not [row for row in night.read_events("file_not_read") if not str(row["file"]).isprintable()]
    night.check_runbook("A file that cannot be read")
    wait_until(lambda: any(b"behind a bad zip" in (row.value or b"") for row in flow.read(night.settings, LATEST)))
    night.wait_published("bad zips and a link to outside in a watched folder")


def hold_idle_connections(night: Night) -> None:
    held = [socket.create_connection(("127.0.0.1", night.first + 2), timeout=30) for _ in range(IDLE)]
    night.wait_published(f"{IDLE} idle connections")

    def count_cut() -> float:
        return sum(night.watched.read_values('newswire_http_connections_cut_total{why!="idle"}'))

    wait_until(lambda: count_cut() >= IDLE, lambda: f"{count_cut()} of {IDLE} are cut")
    for each in held:
        each.close()
    (line, *_) = night.read_events("connections_cut")
    night.say(f"all are cut; the log says {line['why']} by {line['by']}")
    night.check_runbook("Shut out the address at the proxy or the firewall")


def send_kafka_away(night: Night, kafka: broker.RunningBroker, start: Callable[[], broker.RunningBroker]) -> None:
    newest = night.read_newest()
    kafka.kill()
    parts = {"decide": night.first, "prepare": night.first + 1, "gateway": night.first + 2}
    before = len(night.read_events("kafka_gone")), len(night.read_events("kafka_back"))
    time.sleep(AWAY_SECONDS)
    wait_until_alive(*parts.values())
    unready = {name: flow.http_get(port, "/readyz") for name, port in parts.items()}
    assert {status for status, _ in unready.values()} == {503}, unready
    night.check_runbook("Bring Kafka back. Workers and gateways need no restart")
    start()
    seconds = night.wait_next("Kafka is back", newest)
    met = "met" if seconds <= WORK_SECONDS else "not met"
    night.say(f"Kafka away for {AWAY_SECONDS} s: the next item is shown {seconds:.1f} s after its return ({met})")
    night.wait_published("what had waited")
    wait_until_ready(*parts.values())
    gone, back = (len(night.read_events(name)) for name in ("kafka_gone", "kafka_back"))
    night.say(f"said kafka_gone {gone - before[0]} times and kafka_back {back - before[1]} times, by four processes")


def rebuild_the_state(night: Night) -> None:
    assert night.worker[0].stop() == 0
    done = flow.newswire(night.settings, "state", "rebuild", "--yes")
    assert done.returncode == 0, done.stderr
    start_worker(night)
    wait_until_ready(night.first, night.first + 1)
    night.wait_published("the state rebuilt, the worker started again")


def start_worker(night: Night) -> None:
    night.worker[:] = [
        flow.Worker(
            night.settings, night.folder / "worker.log", "--http", str(night.first), "--state", str(night.folder / "s")
        )
    ]


@contextlib.contextmanager
def run_process(night: Night, name: str, *arguments: str) -> Iterator[None]:
    """Runs a command of ours with its log in the folder."""
    with (night.folder / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "streams", *arguments],
            env=flow.environment(night.settings),
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(60) == 0, f"{name} did not stop"


def play(folder: Path) -> None:
    """Plays the night. Raises AssertionError where something does not hold."""
    with contextlib.ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv(f"NEWSWIRE_SOURCES__{GOOD.upper()}__QUIET_MINUTES", "60")
        first = free_ports(7)
        port = first + 6  # not Kafka's own, which another broker may take while ours is away
        kafka = stack.enter_context(broker.start(folder / "kafka", port))
        settings = load(environ={"NEWSWIRE_KAFKA": kafka.address})
        assert flow.newswire(settings, "topics", "apply").returncode == 0
        jobs = {"worker": [first, first + 1], "gateway": [first + 2], "feeder": [first + 3]}
        watched = stack.enter_context(run_prometheus(folder, first + 4, jobs, increase="2m"))
        night = Night(folder, settings, watched, first, [], {})
        stop, hostile = threading.Event(), [0]
        server = http.server.ThreadingHTTPServer(("127.0.0.1", first + 5), Wire)
        stack.callback(server.shutdown)
        (folder / "in").mkdir()
        (folder / "feeders.toml").write_text(
            f'http_port = {first + 3}\n[feeds.{GOOD}]\nurl = "http://127.0.0.1:{first + 5}/rss"\nseconds = 1\n'
            f'[folders.folderwire]\npath = "{folder / "in"}"\nseconds = 1\n'
        )
        threading.Thread(target=server.serve_forever, daemon=True).start()
        start_worker(night)
        stack.callback(lambda: night.worker[0].kill())
        stack.enter_context(run_process(night, "gateway", "gateway", "--port", str(first + 2)))
        stack.enter_context(run_process(night, "feeder", "feed", "--config", str(folder / "feeders.toml")))
        threads = [
            threading.Thread(target=bring_good_items, args=(stop,), daemon=True),
            threading.Thread(target=send_hostile_items, args=(settings, stop, hostile), daemon=True),
            threading.Thread(target=watch_alerts, args=(night, stop), daemon=True),
        ]
        wait_until_ready(*range(first, first + 4))
        night.fired.clear()  # what fired before the system was up
        for thread in threads:
            thread.start()
        began = time.monotonic()
        night.wait_published("the evening")

        def start_kafka() -> broker.RunningBroker:
            nonlocal kafka
            kafka = stack.enter_context(broker.start(folder / "kafka", port))
            return kafka

        put_junk_into_the_log(night)
        put_bad_files_into_the_folder(night)
        send_kafka_away(night, kafka, start_kafka)
        put_junk_into_the_state(night)
        hold_idle_connections(night)
        send_kafka_away(night, kafka, start_kafka)
        rebuild_the_state(night)

        stop.set()
        for thread in threads:
            thread.join(120)
        last = len(Wire.brought) - 1
        wait_until(lambda: night.read_newest() == last, lambda: f"{night.read_newest()} of {last}", seconds=120)
        night.say(f"{last + 1} good and {hostile[0]} hostile items in {time.monotonic() - began:.0f} s")
        check_the_morning(night, last + 1)


def check_the_morning(night: Night, good: int) -> None:
    """Checks what the night left: alerts, outcomes, audit."""
    night.say(f"alerts that fired: {', '.join(sorted(night.fired))}")
    assert MUST_FIRE - night.fired.keys() == set()
    assert MUST_NOT_FIRE & night.fired.keys() == set()

    def audit() -> subprocess.CompletedProcess[bytes]:
        return flow.newswire(night.settings, "audit")

    wait_until(lambda: audit().returncode == 0, lambda: audit().stdout.decode(), seconds=120, every=2)
    published = {
        decision["uri"]
        for decision in flow.read_decisions(night.settings)
        if decision["source"] == GOOD and decision["fate"] == "published"
    }
    assert len(published) == good, f"{len(published)} of {good} good items are published"
    night.say(f"all {good} good items are published, each once; {audit().stdout.decode().splitlines()[0]}; audit holds")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        try:
            play(Path(made))
        except BaseException:
            for path in Path(made).glob("*.log"):
                if path.name != "prometheus.log":
                    print(f"--- {path.name}", *path.read_text(errors="replace").splitlines()[-25:], sep="\n")
            raise
