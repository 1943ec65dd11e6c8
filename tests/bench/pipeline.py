"""The whole pipeline on one core: `python tests/bench/pipeline.py [--items 60000] [--rounds 3] [--save]`.

Generated traffic (25 % duplicates, 5 % revisions) waits in `news.raw`; a worker, all its processes on the last core,
brings it to the topics while broker and harness have the others. The clock runs from a fifth of the items to the end; a
time counts only where every raw record has been decided once and each topic holds what the decisions say.
Takes about 2 minutes for 60,000 items a round and delivery; `--quick` one round of 8,000.
"""

import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import line, results
from support.wait import wait_until

from streams.generate import stream
from streams.kafka.embedded import broker
from streams.model.topics import CATEGORIES, DECISIONS, LATEST, LOG, RAW, STATE

WARM_UP = 0.2
STILL_SECONDS = 6.0
DELIVERIES = ("exactly-once", "at-least-once")
GROUPS = {"raw": (RAW,), "log": (LOG,), "state": (STATE,), "decisions": (DECISIONS,), "items": (LATEST, *CATEGORIES)}


class Figure(NamedTuple):
    """One round."""

    rate: float
    """Items a second."""
    cpu: dict[str, float]
    """Microseconds an item, by part."""
    memory: dict[str, float]
    """MB by part, at the end."""
    stored: dict[str, float]
    """Bytes an item on the broker's disk, by group of topics."""
    fates: dict[str, int]


def measure(running: broker.RunningBroker, folder: Path, delivery: str, items: list[Any], environ: dict[str, str]) -> Figure:
    """A round: fills news.raw, then starts the worker."""
    settings = line.make_settings(running.address, decide__delivery=delivery)
    line.fill(settings, RAW, line.raws(items))
    decided = line.Decided(settings)
    decided.start()
    with line.working(settings, folder, environ=environ) as worker:
        usage = line.Usage(worker.process.pid, running)
        wait_until(lambda: decided.count > len(items) * WARM_UP, seconds=300, every=0.02)
        begun, before, first = time.perf_counter(), usage.cpu(), decided.count
        after, memory, last = before, usage.memory(), first
        # A raw record may hold several items: the end is where nothing more comes.
        while last < len(items) or time.perf_counter() - decided.last < STILL_SECONDS:
            assert time.perf_counter() - begun < 1800, f"{last} of {len(items)} items after half an hour"
            if decided.count > last:
                last, after, memory = decided.count, usage.cpu(), usage.memory()
            time.sleep(0.2)
    decided.stop()
    fates = line.check(settings, len(items))
    done = decided.count - first
    cpu = {part: (after[part] - before[part]) / done * 1e6 for part in line.PARTS}
    held = line.stored(running, settings)
    groups = {name: sum(held[topic] for topic in topics) / len(items) for name, topics in GROUPS.items()}
    groups["all"] = held.total() / len(items)
    return Figure(done / (decided.last - begun), cpu, dict(memory), groups, dict(fates))


def rows(figures: dict[str, list[Figure]]) -> list[dict[str, Any]]:
    """The table: a row a delivery."""
    found = []
    for delivery, runs in figures.items():
        row: dict[str, Any] = {"delivery": delivery, "items/s, one core": results.spread([run.rate for run in runs])}
        for part in line.PARTS:
            row[f"{part}, µs"] = results.spread([run.cpu[part] for run in runs])
        ours = [sum(run.cpu[part] for part in line.PARTS[:3]) for run in runs]
        row["ours, µs"] = results.spread(ours)
        for part in line.PARTS[:3]:
            row[f"{part}, MB"] = f"{statistics.median(run.memory[part] for run in runs):.0f}"
        found.append(row)
    return found


def network(figures: dict[str, list[Figure]]) -> list[dict[str, Any]]:
    """Bytes an item as stored, by group of topics."""
    [*runs] = [run for each in figures.values() for run in each]
    return [
        {"topics": name, "bytes an item": f"{statistics.median(run.stored[name] for run in runs):,.0f}"}
        for name in runs[0].stored
    ]


def main() -> None:
    options = results.arguments(__doc__, "one round of 8,000 items")
    options.add_argument("--items", type=int, default=60_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--deliveries", default=",".join(DELIVERIES))
    asked = options.parse_args()
    count, rounds = (8_000, 1) if asked.quick else (asked.items, asked.rounds)
    items = list(stream(1, count, datetime(2026, 3, 2, 9, tzinfo=UTC)))
    figures: dict[str, list[Figure]] = {}
    with line.kafka() as running, tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for number in range(rounds):
            for delivery in asked.deliveries.split(","):
                found = measure(running, Path(folder), delivery, items, {})
                figures.setdefault(delivery, []).append(found)
                print(f"round {number + 1} {delivery}: {found}", file=sys.stderr, flush=True)
    results.show("pipeline", rows(figures), keep=asked.save)
    results.show("bytes", network(figures), keep=asked.save)


if __name__ == "__main__":
    main()
