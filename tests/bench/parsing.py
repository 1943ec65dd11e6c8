"""Speed by wire format: `python tests/bench/parsing.py [--seconds N]`, also part of `make bench`.

Items: our samples that are read, and generated traffic. For each item the least CPU time of several runs is taken
(what else the machine does only adds), of these the median of each format: to find the format and `parse`, and all of
`prepare` (classified, fingerprinted, written as ninjs).
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
"""Microseconds that the median item of a format may take to parse."""


class Timed:
    """The times of one format's items."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.parse: list[float] = []
        self.prepare: list[float] = []


def items() -> list[Raw]:
    """Generated raw records, and our samples without their side files."""
    made = stream(5, GENERATED, datetime(2026, 3, 2, 9, tzinfo=UTC), rate=0.5)
    raws = [
        accept_raw_record(AT, tuple((name, value.encode()) for name, value in one.headers.items()), one.body)
        for one in made
    ]
    return raws + [accept_raw_record(AT, (("source", b"bench"),), path.read_bytes()) for path in SAMPLES]


def least(call: Callable[[], object], seconds: float) -> float:
    """Microseconds of CPU of the fastest of at least three runs within so many seconds."""
    best, until = float("inf"), time.perf_counter() + seconds
    runs = 0
    while runs < 3 or time.perf_counter() < until:
        begun = time.process_time()
        call()
        best = min(best, time.process_time() - begun)
        runs += 1
    return best * 1e6


def measure(seconds: float = 0.005) -> dict[str, Timed]:
    """Each item that gives an item and nothing else, so many seconds for each of its two times."""
    knowledge = load_knowledge(load(environ={}))
    found: dict[str, Timed] = {row.name: Timed() for row in FORMATS}
    for raw in items():
        records = prepare(raw, knowledge)
        if not all(isinstance(record, Item) for record in records):
            continue
        times = found[records[0].wire_format]
        times.sizes.append(len(raw.body) // len(records))
        times.parse.append(least(lambda raw=raw: parse(raw), seconds) / len(records))
        times.prepare.append(least(lambda raw=raw: prepare(raw, knowledge), seconds) / len(records))
    return found


def parse(raw: Raw) -> object:
    document = Document(raw)
    return find_format(document).parse(document)


def table(found: dict[str, Timed]) -> str:
    """The figures as a Markdown table."""
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
    print(table(measure(arguments.parse_args().seconds)))
