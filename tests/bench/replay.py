"""Measures a replay with one child and with one a core: `python tests/bench/replay.py [--items 50000] [--save]`.

A worker decides generated items. Then `newswire replay --diff` reads all of them, with each number of children in turn,
`--rounds` times; it must find no change. `--against FOLDER` also measures the replay of another checkout, which has a
`.venv` of its own. The CPU of the parent (it reads, folds and compares) and of its children (they prepare) says where
the fold becomes the limit: with so many children as keep the parent at work all the time.

With `--live 20` the worker gets so many items a second beside each replay, and the table has their latency. Takes about
10 minutes for 50,000 items and two rounds on 2 quiet cores, `--quick` (one round of 4,000) about 2.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import psutil

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import harness, results
from support import flow, topic_reader
from support.live_traffic import LiveTraffic

from streams.config.settings import Settings
from streams.generate import GeneratedItem, stream
from streams.kafka.embedded import broker
from streams.model.topics import RAW

LOOK_SECONDS = 0.2
QUIET_SECONDS = 60.0
"""How long live items are timed without a replay."""
OTHER = "the other checkout"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Variant(NamedTuple):
    """One way to replay."""

    name: str
    folder: Path
    """The checkout."""
    arguments: tuple[str, ...]


class Figure(NamedTuple):
    """The result of one replay."""

    rate: float
    """Records per second, from the start of the command to its end."""
    parent: float
    """CPU microseconds a record."""
    children: float
    memory: float
    """MB of all processes at their most."""
    latencies: list[float]
    """Milliseconds of each live item, sorted."""


def replay(settings: Settings, variant: Variant, until: str) -> tuple[float, float, float, float]:
    """Runs a replay. Returns its seconds, the CPU seconds of parent and children, and MB."""
    python = variant.folder / ".venv" / "bin" / "python"
    span = ("--from", "2020-01-01T00:00:00Z", "--to", until, "--diff")
    with tempfile.TemporaryFile() as output:  # another checkout may print a line for each item
        began = time.perf_counter()
        process = subprocess.Popen(
            [python, "-m", "streams", "replay", *span, *variant.arguments],
            cwd=variant.folder,
            env=flow.environment(settings),
            stdout=output,
            stderr=subprocess.DEVNULL,
        )
        root = psutil.Process(process.pid)
        cpu: dict[int, float] = {}
        memory = 0.0
        while process.poll() is None:
            held = 0
            try:
                for each in (root, *root.children(recursive=True)):
                    times = each.cpu_times()
                    cpu[each.pid] = times.user + times.system
                    held += each.memory_info().rss
            except psutil.Error:
                continue  # one has just ended
            memory = max(memory, held / 1e6)
            time.sleep(LOOK_SECONDS)
        took = time.perf_counter() - began
        output.seek(0)
        said = output.read(500)
        assert process.returncode == 0, variant.name
        assert said == b"nothing would change\n" or variant.name == OTHER, said
    parent = cpu.pop(process.pid)
    return took, parent, sum(cpu.values()), memory


@contextmanager
def run_live(
    settings: Settings, items: Iterator[GeneratedItem], rate: float
) -> Iterator[tuple[LiveTraffic, topic_reader.ArrivalTimes]]:
    """Sends live items to the worker during a `with` block."""
    reader, live = topic_reader.ArrivalTimes(settings), LiveTraffic(settings, items, rate)
    reader.start()
    live.start()
    yield live, reader
    for thread in (live, reader):
        thread.stopping.set()
        thread.join()


def measure(
    settings: Settings, variant: Variant, until: str, count: int, live_items: Iterator[GeneratedItem], rate: float
) -> Figure:
    """Measures one replay, with live items beside it where `rate` is not 0."""
    latencies: list[float] = []
    if not rate:
        took, parent, children, memory = replay(settings, variant, until)
    else:
        with run_live(settings, live_items, rate) as (live, reader):
            begin = time.perf_counter()
            took, parent, children, memory = replay(settings, variant, until)
            latencies = live.latencies(reader, begin, time.perf_counter() - 1)
    return Figure(count / took, parent / count * 1e6, children / count * 1e6, memory, latencies)


def measure_quiet(settings: Settings, items: Iterator[GeneratedItem], rate: float) -> list[float]:
    """Measures live items without a replay."""
    with run_live(settings, items, rate) as (live, reader):
        time.sleep(QUIET_SECONDS)
        now = time.perf_counter()
        return live.latencies(reader, now - QUIET_SECONDS / 2, now - 1)


def build_rows(figures: dict[str, list[Figure]], quiet: list[float]) -> Iterator[results.Row]:
    """Builds the table: a row for each variant, compared with the first."""
    first = statistics.median(run.rate for run in next(iter(figures.values())))
    for name, runs in figures.items():
        parent, children = ([getattr(run, part) for run in runs] for part in ("parent", "children"))
        row = {
            "replay": name,
            "records/s": results.format_spread([run.rate for run in runs]),
            "times": f"{statistics.median(run.rate for run in runs) / first:.2f}",
            "parent, µs": results.format_spread(parent),
            "children, µs": results.format_spread(children),
            "the fold is the limit from": f"{statistics.median(children) / statistics.median(parent):.1f} children",
            "MB": f"{max(run.memory for run in runs):.0f}",
        }
        if quiet:
            row["live p50 / p99, ms"] = format_latencies([each for run in runs for each in run.latencies])
        yield row
    if quiet:
        yield dict.fromkeys(row, "") | {"replay": "none", "live p50 / p99, ms": format_latencies(quiet)}


def format_latencies(latencies: list[float]) -> str:
    """Formats the median and the 99th percentile."""
    found = sorted(latencies)
    return f"{found[len(found) // 2]:.0f} / {found[int(len(found) * 0.99)]:.0f}"


def list_variants(against: Path | None, children: list[int]) -> list[Variant]:
    """Lists what is measured; the first is what the others are compared with."""
    here = Path(__file__).resolve().parents[2]
    ours = [
        Variant("1 child" if count == 1 else f"{count} children", here, ("--workers", str(count))) for count in children
    ]
    return [Variant(OTHER, against, ()), *ours] if against else ours


def main() -> None:
    options = results.build_parser(__doc__, "one round of 4,000 items")
    options.add_argument("--items", type=int, default=50_000)
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--children", default=f"1,{len(harness.CORES)}", help="numbers of child processes")
    options.add_argument("--against", type=Path, help="another checkout")
    options.add_argument("--live", type=float, default=0.0, help="live items a second beside each replay")
    asked = options.parse_args()
    count, rounds = (4_000, 1) if asked.quick else (asked.items, asked.rounds)
    variants = list_variants(asked.against, sorted({int(each) for each in asked.children.split(",")}))
    figures: dict[str, list[Figure]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as name, broker.start(Path(name) / "kafka") as running:
        settings = harness.make_settings(running.address)
        harness.send_records(settings, RAW, harness.to_raw_records(stream(1, count, START)))
        workers = str(len(harness.CORES))
        with harness.run_worker(settings, Path(name), "--workers", workers, pinned=False):
            flow.wait_decided(settings, count, seconds=300 + count / 10)
            until, live_items = flow.now(), stream(2, None, START)
            print("decided", file=sys.stderr, flush=True)
            quiet = measure_quiet(settings, live_items, asked.live) if asked.live else []
            for number in range(rounds):
                for variant in variants:
                    found = measure(settings, variant, until, count, live_items, asked.live)
                    figures.setdefault(variant.name, []).append(found)
                    shown = found._replace(latencies=[])
                    print(f"round {number + 1} {variant.name}: {shown}", file=sys.stderr, flush=True)
    results.print_table("replay", list(build_rows(figures, quiet)), keep=asked.save)


if __name__ == "__main__":
    main()
