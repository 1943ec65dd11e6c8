"""Compares engines on a plain job: `python tests/bench/plain_job.py [--items 250000] [--save] [ENGINE ...]`.

Every engine does the same work on the same broker, one after the other in each round, on the last core; broker and
script have the other cores. A time is valid only if all outputs are complete and right. By default an engine processes
five rounds of 250,000 items, of which a fifth is warm-up; slow engines process fewer.
Takes about 17 minutes; `--quick` one round of 40,000.
"""

import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import NamedTuple

import orjson
import psutil
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import results
from support.produce import produce

from streams.kafka.embedded import broker

HERE = Path(__file__).parent / "plain"
JAVA = HERE / "kstreams"
SECTIONS = ("markets", "politics", "tech", "sports", "science", "health", "world", "culture")
ON_DISK = ", on disk"
ENGINES = (
    "bare aiokafka",
    "ours",
    "Kafka Streams",
    "idiomatic Faust",
    *(name + ON_DISK for name in ("ours", "Kafka Streams", "Quix Streams")),
)
"""Each engine keeps its keys in memory or in RocksDB on disk, with a changelog in Kafka."""
DELIVERIES = ("at-least-once", "exactly-once")
SLOW = {"idiomatic Faust": 20, "Quix Streams, on disk": 4}
"""Engines that process only a share of the items (divisor): their cost per item is the same, and a round is shorter."""
WARM_UP = 0.2
"""Share of the outputs before the measurement starts, so that a Java virtual machine is warm."""


STILL_SECONDS = 2.0


class Mark(NamedTuple):
    """The progress of an engine at one moment: outputs, CPU seconds, time."""

    count: int
    cpu: float
    time: float


class Figure(NamedTuple):
    """The result of one run of one engine."""

    cpu_us: float
    """CPU microseconds per item."""
    rate: float
    """Items per second."""
    memory_mb: float


def generate_items(count: int, seed: int = 7) -> list[tuple[bytes, bytes]]:
    """Generates keys and values of items of about 1.5 KB; one in ten is a copy of an earlier one."""
    dice = random.Random(seed)
    words = ["".join(dice.choices("etaoinshrdlu", k=dice.randint(2, 9))) for _ in range(20_000)]
    bodies = [" ".join(dice.choices(words, k=190)) for _ in range(5_000)]
    made: list[tuple[bytes, bytes]] = []
    for number in range(count):
        if number > 100 and dice.random() < 0.1:
            made.append(made[dice.randrange(max(0, number - 20_000), number)])
            continue
        body, guid = bodies[dice.randrange(len(bodies))], f"wire-{dice.randrange(200)}/2026/{number:09}"
        item = {
            "guid": guid,
            "source": guid[:8],
            "url": f"https://example.test/{guid}",
            "category": SECTIONS[dice.randrange(8)],
            "lang": "en",
            "published_at": 1_790_000_000_000 + number * 40,
            "title": body[:70],
            "body": body,
            "tags": words[number % 1000 : number % 1000 + 4],
        }
        made.append((guid.encode(), orjson.dumps(item)))
    return made


def fill_topic(address: str, topic: str, rows: list[tuple[bytes, bytes]]) -> None:
    """Creates an input topic with one partition and fills it."""
    _create(address, [topic])
    producer = Producer({"bootstrap.servers": address, "linger.ms": 20, "compression.type": "zstd", "log_level": 0})
    for key, value in rows:
        produce(producer, topic, value, key)
    assert producer.flush(120) == 0


def _create(address: str, topics: list[str], **config: str) -> None:
    admin = AdminClient({"bootstrap.servers": address})
    for future in admin.create_topics([NewTopic(topic, 1, 1, config=config) for topic in topics]).values():
        future.result()


def measure(address: str, engine: str, delivery: str, source: str, rows: list[tuple[bytes, bytes]]) -> Figure:
    """Runs an engine on an input until all its outputs exist."""
    unique = len({key for key, _ in rows})
    run = f"bench-{uuid.uuid4().hex[:8]}"
    outputs = [f"{run}.{section}" for section in SECTIONS]
    _create(address, [*outputs, f"{run}.changelog"])
    with tempfile.TemporaryFile("w+b") as said:
        process = psutil.Popen(
            _pinned(_command(engine, address, run, source, delivery)),
            env={**os.environ, "NEWSWIRE_KAFKA": address},
            cwd=HERE,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            warm, end, memory = _watch(address, outputs, unique, process)
        except AssertionError:
            said.seek(0)
            print(said.read()[-3000:].decode(errors="replace"), file=sys.stderr)
            raise
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            shutil.rmtree(Path(tempfile.gettempdir()) / run, ignore_errors=True)
    keys = _keys(address, outputs)
    assert len(set(keys)) == unique, f"{engine}: {len(set(keys))} keys of {unique}"
    assert delivery == "at-least-once" or len(keys) == unique, f"{engine}: {len(keys) - unique} repeated"
    admin = AdminClient({"bootstrap.servers": address})
    made = [topic for topic in admin.list_topics(timeout=10).topics if run in topic]
    for future in admin.delete_topics(made).values():
        future.result()
    share = (end.count - warm.count) / end.count * len(rows)
    return Figure((end.cpu - warm.cpu) / share * 1e6, share / (end.time - warm.time), memory)


def _command(engine: str, address: str, run: str, source: str, delivery: str) -> list[str]:
    name = engine.removesuffix(ON_DISK)
    arguments = [run, source, delivery, "disk" if engine != name else "memory"]
    if name == "Kafka Streams":
        path = f"{JAVA}/target/classes:{JAVA}/target/dependency/*"
        return ["java", "-Xmx1500m", "-cp", path, "bench.Plain", address, *arguments]
    script = {"bare aiokafka": "bare", "ours": "ours", "Quix Streams": "quix", "idiomatic Faust": "idiomatic"}[name]
    python = HERE.parent / ".quix" / "bin" / "python" if script == "quix" else Path(sys.executable)
    return [str(python), f"{script}.py", *arguments]


def _pinned(command: list[str]) -> list[str]:
    core = (os.cpu_count() or 1) - 1
    return ["taskset", "-c", str(core), *command] if core and shutil.which("taskset") else command


def _watch(address: str, outputs: list[str], unique: int, process: psutil.Popen) -> tuple[Mark, Mark, float]:
    """The marks after the warm-up and at the end, and the memory at the end in MB.

    End offsets count transaction markers too, so the end is where they have stood still for two seconds.
    """
    counter = Consumer({"bootstrap.servers": address, "group.id": "bench"})
    deadline, warm = time.monotonic() + 900, None
    reached = Mark(0, 0.0, 0.0)
    while reached.count < unique or time.monotonic() - reached.time < STILL_SECONDS:
        assert process.poll() is None, "the engine ended"
        assert time.monotonic() < deadline, "not done in 15 minutes"
        time.sleep(0.25)
        try:
            count = sum(counter.get_watermark_offsets(TopicPartition(topic, 0), timeout=10)[1] for topic in outputs)
        except KafkaException:  # a leader is being elected for a new topic
            continue
        used = process.cpu_times()
        if count > reached.count:
            reached = Mark(count, used.user + used.system, time.monotonic())
        if warm is None and count >= unique * WARM_UP:
            warm = reached
    counter.close()
    return warm or reached, reached, process.memory_info().rss / 1e6


def _keys(address: str, topics: list[str]) -> list[bytes]:
    reader = Consumer(
        {
            "bootstrap.servers": address,
            "group.id": "bench",
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "enable.auto.commit": False,
        }
    )
    reader.assign([TopicPartition(topic, 0, OFFSET_BEGINNING) for topic in topics])
    keys: list[bytes] = []
    ended = 0
    while ended < len(topics):
        for message in reader.consume(10_000, 1.0):
            if message.error():
                ended += 1
            else:
                keys.append(message.key())
    reader.close()
    return keys


def find_obstacle(engine: str) -> str:
    """Installs and builds what an engine needs. Returns the reason if it cannot run here, else an empty text."""
    if engine.startswith("Kafka Streams"):
        if not (shutil.which("mvn") and shutil.which("java")):
            return "needs Maven and a JDK (deploy/debian-packages.sh)"
        command = ["mvn", "-q", "-B", "package", "dependency:copy-dependencies"]
        built = subprocess.run(command, cwd=JAVA, capture_output=True, text=True, check=False)
        return "" if built.returncode == 0 else f"Maven could not build it: {built.stdout[-300:]}"
    if engine.startswith("Quix Streams"):
        place = HERE.parent / ".quix"
        if not (place / "ready").is_file():
            subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
            command = [str(place / "bin" / "python"), "-m", "pip", "install", "-q", "quixstreams", "orjson"]
            if subprocess.run(command, check=False).returncode:
                return "quixstreams could not be installed"
            (place / "ready").touch()
    return ""


def main() -> None:
    options = results.build_parser(__doc__, "one round of 40,000 items")
    options.add_argument("engines", nargs="*", default=ENGINES)
    options.add_argument("--items", type=int, default=250_000)
    options.add_argument("--rounds", type=int, default=5)
    asked = options.parse_args()
    if asked.quick:
        asked.items, asked.rounds = 40_000, 1
    cores = sorted(os.sched_getaffinity(0))
    figures: dict[tuple[str, str], list[Figure]] = {}
    out = {engine: why for engine in asked.engines if (why := find_obstacle(engine))}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        if len(cores) > 1:
            os.sched_setaffinity(0, cores[:-1])  # the broker inherits it
        with broker.start(Path(folder) / "kafka") as running:
            rows = generate_items(asked.items)
            shares = {
                share: rows[: len(rows) // share] for share in {1, *(SLOW.get(name, 1) for name in asked.engines)}
            }
            for share, part in shares.items():
                fill_topic(running.address, f"input-{share}", part)
            for number in range(asked.rounds):
                for engine in asked.engines:
                    for delivery in DELIVERIES if engine != "idiomatic Faust" else DELIVERIES[:1]:
                        if engine in out:
                            continue
                        share = SLOW.get(engine, 1)
                        figure = measure(running.address, engine, delivery, f"input-{share}", shares[share])
                        figures.setdefault((engine, delivery), []).append(figure)
                        print(f"round {number + 1} {engine} {delivery}: {figure}", file=sys.stderr, flush=True)
    results.print_table("plain_job", build_rows(figures), keep=asked.save)
    for engine, why in out.items():
        print(f"\nLeft out: {engine}: {why}.")


def build_rows(figures: dict[tuple[str, str], list[Figure]]) -> list[results.Row]:
    """Builds the table: medians with spread, and CPU per item relative to bare aiokafka and Kafka Streams."""

    def cpu(engine: str, delivery: str) -> float:
        found = figures.get((engine, delivery))
        return statistics.median(figure.cpu_us for figure in found) if found else 0.0

    def against(other: str, engine: str, delivery: str) -> str:
        base = cpu(other, delivery)
        return f"{cpu(engine, delivery) / base:.2f}x" if base else "-"

    return [
        {
            "engine": engine,
            "delivery": delivery,
            "items/s": results.format_spread([run.rate for run in runs]),
            "CPU an item, µs": results.format_spread([run.cpu_us for run in runs], ".1f"),
            "CPU against bare": against("bare aiokafka", engine, delivery),
            "against Kafka Streams": against("Kafka Streams" + ON_DISK * engine.endswith(ON_DISK), engine, delivery),
            "MB": f"{statistics.median(run.memory_mb for run in runs):.0f}",
        }
        for (engine, delivery), runs in sorted(figures.items(), key=lambda row: (row[0][1], ENGINES.index(row[0][0])))
    ]


if __name__ == "__main__":
    main()
