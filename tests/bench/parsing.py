"""Measures the speed of parsing and of prepare by wire format: `python tests/bench/parsing.py [--seconds N]`.

The items are the valid samples of tests/wires and generated items. The figure of an item is the least CPU time of
several runs, because other work of the machine only adds to it. The figure of a format is the median of its items:
for finding the format and parsing, and for all of `prepare` (classification, fingerprint, ninjs).
"""

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.mutations import SAMPLES

from streams.config.loader import load
from streams.generate import stream
from streams.model.records import Item, Raw, RecordRef, StampedRef
from streams.prepare.formats.document import Document
from streams.prepare.formats.registry import FORMATS, find_format
from streams.prepare.loading import load_knowledge
from streams.prepare.raw_records import accept_raw_record
from streams.prepare.stage import prepare

AT = StampedRef(RecordRef("news.raw", 0, 0), 1_772_452_800_000)
GENERATED = 600
GOAL = 500
"""Goal: microseconds to parse the median item of a format."""


class Timed:
    """The times of one format's items."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.parse: list[float] = []
        self.prepare: list[float] = []


def load_items() -> list[Raw]:
    """Loads generated raw records, and the samples without their expected results."""
    generated = stream(5, GENERATED, datetime(2026, 3, 2, 9, tzinfo=UTC), rate=0.5)
    raws = [
        accept_raw_record(AT, tuple((name, value.encode()) for name, value in one.headers.items()), one.body)
        for one in generated
    ]
    return raws + [accept_raw_record(AT, (("source", b"bench"),), path.read_bytes()) for path in SAMPLES]


def fastest_run(call: Callable[[], object], seconds: float) -> float:
    """Returns the CPU microseconds of the fastest of at least three runs, within about so many seconds."""
    best, until = float("inf"), time.perf_counter() + seconds
    runs = 0
    while runs < 3 or time.perf_counter() < until:
        begun = time.process_time()
        call()
        best = min(best, time.process_time() - begun)
        runs += 1
    return best * 1e6


def measure(seconds: float = 0.005) -> dict[str, Timed]:
    """Measures the items that give exactly one item, with so many seconds for each of the two figures."""
    knowledge = load_knowledge(load(environ={}))
    found: dict[str, Timed] = {row.name: Timed() for row in FORMATS}
    for raw in load_items():
        records = prepare(raw, knowledge)
        if not all(isinstance(record, Item) for record in records):
            continue
        times = found[records[0].wire_format]
        times.sizes.append(len(raw.body) // len(records))
        times.parse.append(fastest_run(lambda raw=raw: parse(raw), seconds) / len(records))
        times.prepare.append(fastest_run(lambda raw=raw: prepare(raw, knowledge), seconds) / len(records))
    return found


def parse(raw: Raw) -> object:
    document = Document(raw)
    return find_format(document).parse(document)


def format_table(found: dict[str, Timed]) -> str:
    """Formats the figures as a Markdown table."""
    rows = [
        "| format | items | bytes (median) | parse, µs (median) | all of prepare, µs (median) |",
        "|---|--:|--:|--:|--:|",
    ]
    for name, times in found.items():
        if times.sizes:
            figures = (median(times.sizes), median(times.parse), median(times.prepare))
            rows.append(f"| {name} | {len(times.sizes)} | " + " | ".join(f"{figure:.0f}" for figure in figures) + " |")
    return "\n".join(rows)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=0.005, help="for each time of each item")
    print(format_table(measure(arguments.parse_args().seconds)))
