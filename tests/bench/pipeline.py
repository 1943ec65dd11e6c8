"""Measures the whole pipeline on one core: `python tests/bench/pipeline.py [--items 60000] [--rounds 3] [--save]`.

Generated items (25 % duplicates, 5 % revisions) wait in `news.raw`. A worker with all its processes on the last core
publishes them; broker and script have the other cores. The time is measured from the first fifth of the items to the
end. It is valid only if every raw record was decided once and each topic holds the records that the decisions name.
Takes about 2 minutes for 60,000 items a round and delivery; `--quick` one round of 8,000.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import harness, results
from support.wait import wait_until

from streams.generate import GeneratedItem, stream
from streams.kafka.embedded import broker
from streams.model.topics import CATEGORIES, DECISIONS, LATEST, LOG, RAW, STATE

WARM_UP = 0.2
STILL_SECONDS = 6.0
DELIVERIES = ("exactly-once", "at-least-once")
GROUPS = {"raw": (RAW,), "log": (LOG,), "state": (STATE,), "decisions": (DECISIONS,), "items": (LATEST, *CATEGORIES)}


class Figure(NamedTuple):
    """The result of one round."""

    rate: float
    """Items per second."""
    cpu: dict[str, float]
    """CPU microseconds per item, by part."""
    memory: dict[str, float]
    """MB at the end, by part."""
    stored: dict[str, float]
    """Bytes per item on the broker's disk, by group of topics."""
    fates: dict[str, int]
    steps: dict[str, float]
    """CPU microseconds per item, by step; empty where the steps are not timed."""


def measure(
    running: broker.RunningBroker,
    folder: Path,
    delivery: str,
    items: list[GeneratedItem],
    environ: dict[str, str],
    read_steps: Callable[[], dict[str, float]] | None = None,
) -> Figure:
    """Runs a round: fills news.raw, then starts the worker.

    `read_steps` reads the CPU seconds of its steps (in_place.py).
    """
    settings = harness.make_settings(running.address, decide__delivery=delivery)
    harness.send_records(settings, RAW, harness.to_raw_records(items))
    counter = harness.DecisionCounter(settings)
    counter.start()
    module, read_steps = ("bench.in_place", read_steps) if read_steps else ("streams", dict)
    with harness.run_worker(settings, folder, environ=environ, module=module) as worker:
        usage = harness.Usage(worker.process.pid, running)
        wait_until(lambda: counter.count > len(items) * WARM_UP, seconds=300, every=0.02)
        begun, before, first = time.perf_counter(), usage.cpu(), counter.count
        after, memory, last = before, usage.memory(), first
        steps_before = steps_after = read_steps()
        # A raw record may hold several items, so the end is when no more decisions come.
        while last < len(items) or time.perf_counter() - counter.last < STILL_SECONDS:
            assert time.perf_counter() - begun < 1800, f"{last} of {len(items)} items after half an hour"
            if counter.count > last:
                last, after, memory, steps_after = counter.count, usage.cpu(), usage.memory(), read_steps()
            time.sleep(0.2)
    counter.stop()
    fates = harness.check_outcomes(settings, len(items))
    done = counter.count - first
    cpu = {part: (after[part] - before[part]) / done * 1e6 for part in harness.PARTS}
    steps = {name: (spent - steps_before.get(name, 0.0)) / done * 1e6 for name, spent in steps_after.items()}
    held = harness.measure_stored_bytes(running, settings)
    groups = {name: sum(held[topic] for topic in topics) / len(items) for name, topics in GROUPS.items()}
    groups["all"] = held.total() / len(items)
    return Figure(done / (counter.last - begun), cpu, dict(memory), groups, dict(fates), steps)


def build_rows(figures: dict[str, list[Figure]]) -> list[results.Row]:
    """Builds the table: a row for each delivery guarantee."""
    found = []
    for delivery, runs in figures.items():
        row = {"delivery": delivery, "items/s, one core": results.format_spread([run.rate for run in runs])}
        for part in harness.PARTS:
            row[f"{part}, µs"] = results.format_spread([run.cpu[part] for run in runs])
        ours = [sum(run.cpu[part] for part in harness.PARTS[:3]) for run in runs]
        row["ours, µs"] = results.format_spread(ours)
        for part in harness.PARTS[:3]:
            row[f"{part}, MB"] = f"{statistics.median(run.memory[part] for run in runs):.0f}"
        found.append(row)
    return found


def measure_bytes(figures: dict[str, list[Figure]]) -> list[results.Row]:
    """Builds the table of stored bytes per item, by group of topics."""
    [*runs] = [run for each in figures.values() for run in each]
    return [
        {"topics": name, "bytes an item": f"{statistics.median(run.stored[name] for run in runs):,.0f}"}
        for name in runs[0].stored
    ]


def main() -> None:
    options = results.build_parser(__doc__, "one round of 8,000 items")
    options.add_argument("--items", type=int, default=60_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--deliveries", default=",".join(DELIVERIES))
    asked = options.parse_args()
    count, rounds = (8_000, 1) if asked.quick else (asked.items, asked.rounds)
    items = list(stream(1, count, datetime(2026, 3, 2, 9, tzinfo=UTC)))
    figures: dict[str, list[Figure]] = {}
    with harness.run_kafka() as running, tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for number in range(rounds):
            for delivery in asked.deliveries.split(","):
                found = measure(running, Path(folder), delivery, items, {})
                figures.setdefault(delivery, []).append(found)
                print(f"round {number + 1} {delivery}: {found}", file=sys.stderr, flush=True)
    results.print_table("pipeline", build_rows(figures), keep=asked.save)
    results.print_table("bytes", measure_bytes(figures), keep=asked.save)


if __name__ == "__main__":
    main()
