"""Measures the cost of finding facts in an item of 3,000 characters: `python tests/bench/facts.py` prints Markdown.

Text and names are invented. Times are for one core, each item in its best round of forty. pytest runs it as a smoke
test.
"""

import random
import re
import sys
from datetime import date
from time import perf_counter, process_time

from streams.model.records import Story
from streams.prepare import facts
from streams.prepare.companies.reference import Reference, load_packaged
from streams.prepare.companies.reference_file import ReferenceRow, build_table
from streams.prepare.companies.resolve import resolve_companies

ITEMS = 50
CHARACTERS = 3000
_SYLLABLES = re.findall("..", "brvisotanowiperomaquihadetoraelmokaruvistagoli")
_LAST = ("Pumps", "Energy", "Optics", "Foods", "Marine", "Systems", "Bank", "Holdings", "Group", "Mining", "Networks")
_FIGURES = (
    "said that revenue for the third quarter of 2031 rose 4.5 percent to $12.5 million, or $0.31 per share, from a year"
    " earlier, as demand for its products grew in most markets and prices held. The board expects the full year to end"
    " within the range that it gave in March. A conference call will be held on November 4, 2031."
)
_PROSE = (
    "said that demand for its products grew in most of its markets, that prices held, and that customers had come back"
    " to the older plants after a slow spring. The company makes parts for the builders of ships and the growers of"
    " fruit, and has been at work in the valley since its founders came there with a cart, two horses and a plan."
)


def invent_name(rng: random.Random) -> str:
    """Invents a company name of two or three words."""
    first = "".join(rng.choices(_SYLLABLES, k=rng.choice((2, 3, 3)))).capitalize()
    second = "".join(rng.choices(_SYLLABLES, k=2)).capitalize() if rng.random() < 0.4 else ""
    return " ".join(filter(None, (first, second, rng.choice(_LAST))))


def build_reference(count: int, rng: random.Random) -> Reference:
    """Builds a reference table of invented companies."""
    names: dict[str, None] = {}
    while len(names) < count:
        names[invent_name(rng)] = None
    rows = (
        ReferenceRow(place=str(at), id=str(at), name=f"{each} Inc", symbol=f"X{at}", exchange="XNAS")
        for at, each in enumerate(names)
    )
    return Reference(build_table(rows, frozenset(["the", "and"]), date(2031, 1, 1)), "bench")


def build_stories(known: Reference, rng: random.Random) -> list[Story]:
    """Builds items that name companies of the table, unknown companies, and tickers."""
    found = []
    for _ in range(ITEMS):
        ours = known.company(rng.randrange(len(known))).name
        text = f"{ours} (Nasdaq: ABCD) {_FIGURES}\n\n"
        while len(text) < CHARACTERS:
            other = known.company(rng.randrange(len(known))).name if rng.random() < 0.5 else invent_name(rng)
            text += f"Analysts of {other} said so too. {ours} {_PROSE}\n\n"
        found.append(Story(headline=f"{ours} Reports Third Quarter Results", text=text[:CHARACTERS]))
    return found


def measure_microseconds(work, items: list[Story], rounds: int) -> float:  # type: ignore[no-untyped-def]
    """Measures the microseconds of an item, each in its best round, because a busy machine slows single rounds."""
    best = [float("inf")] * len(items)
    for _ in range(rounds):
        for at, item in enumerate(items):
            began = perf_counter()
            work(item)
            best[at] = min(best[at], perf_counter() - began)
    return sum(best) / len(items) * 1e6


def format_rows(sizes: tuple[int, ...], rounds: int) -> list[str]:
    """Formats the table, with a row for each size of the reference table."""
    rows = [
        "| names in the table | loads in s | companies, µs | facts, µs | both, µs |",
        "| --- | --- | --- | --- | --- |",
    ]
    for size in sizes:
        rng = random.Random(7)
        known = build_reference(size, rng) if size else load_packaged()
        began = process_time()
        again = Reference(*known.__reduce__()[1])
        loads = process_time() - began
        items = build_stories(known, rng)
        one = measure_microseconds(lambda item, again=again: resolve_companies(item, again), items, rounds)
        other = measure_microseconds(lambda item: facts.find_facts(item.headline, item.text, "en"), items, rounds)
        shown = f"{size:,}" if size else f"packaged ({len(known):,} companies)"
        rows.append(f"| {shown} | {loads:.2f} | {one:.0f} | {other:.0f} | {one + other:.0f} |")
    return rows


def test_the_bench_prints_a_row_for_each_table() -> None:
    assert len(format_rows((200, 300), rounds=1)) == 4


if __name__ == "__main__":
    print("\n".join(format_rows((0, 10_000, 500_000), rounds=40)))
    sys.exit(0)
