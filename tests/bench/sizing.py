"""Computes the resources for a load from the saved results: the tables of deploy/SIZING.md.

Each figure is the measured cost multiplied by the rate. Cores are planned at 70 %.
"""

import math
import re
import sys
from pathlib import Path
from typing import NamedTuple

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import results

RATES = (100, 1_000, 10_000)
PLANNED = 0.7
"""Planned share of a core. The rest is for bursts and rebalances."""
MEAN = 0.1
"""Mean rate of a day as a share of the peak rate: wires send most items when markets open and close."""
NEW = 0.7
"""Share of the items that open a story."""
WINDOW_DAYS, MEMORY_DAYS, LOG_DAYS = 3, 32, 32
REPLICAS = 3


class Costs(NamedTuple):
    """The cost of one item: CPU microseconds by part, bytes on the broker's disk; and bytes of memory per story."""

    child: float
    parent: float
    decide: float
    broker: float
    stored: float
    state: float
    story: float


def _number(cell: str) -> float:
    return float(re.findall(r"\d[\d,]*\.?\d*", cell)[0].replace(",", ""))


def read_costs() -> Costs | None:
    """Reads the costs from the results of pipeline.py and takeover.py; None if these were not measured."""
    steps = [row for row in results.read_rows("pipeline") if row["delivery"] == "exactly-once"]
    stored = {row["topics"]: _number(row["bytes an item"]) for row in results.read_rows("bytes")}
    held = {row["what"].partition(",")[0]: row["measured"] for row in results.read_rows("takeover")}
    if not steps or not stored or "memory of the worker that decides" not in held:
        return None
    parts = [_number(steps[0][f"{part}, µs"]) for part in ("prepare, child", "prepare, parent", "decide", "broker")]
    stories = _number(held["stories; entries of the changelog"])
    memory = _number(held["memory of the worker that decides"]) * 1e6
    return Costs(*parts, stored["all"], stored["state"], memory / stories)


def one() -> list[results.Row]:
    """Builds the table of the load that one process of each kind can handle."""
    found = read_costs()
    if found is None:
        return []
    carried = {
        "one core that prepares": f"{PLANNED * 1e6 / (found.child + found.parent):,.0f}",
        "one deployment: one log partition, one core that decides": f"{PLANNED * 1e6 / found.decide:,.0f}",
        "one core of the broker": f"{PLANNED * 1e6 / found.broker:,.0f}",
        "one GB of memory of the worker that decides": f"{1e9 / found.story:,.0f} stories",
        f"one TB of the broker's disk, {LOG_DAYS} days": f"{1e12 / found.stored / LOG_DAYS / 86_400:,.0f} on average",
    }
    return [{"what": what, "carries, items a second": rate} for what, rate in carried.items()]


def needed() -> list[results.Row]:
    """Builds the table of the needed resources, with a column for each rate."""
    found = read_costs()
    if found is None:
        return []
    columns = {rate: _needed(rate, found) for rate in RATES}
    return [
        {"at a peak of": what, **{f"{rate:,} items/s": columns[rate][what] for rate in RATES}}
        for what in columns[RATES[0]]
    ]


def _needed(rate: int, found: Costs) -> dict[str, str]:
    prepare = max(1, math.ceil(rate * (found.child + found.parent) / 1e6 / PLANNED))
    deployments = max(1, math.ceil(rate * found.decide / 1e6 / PLANNED))
    broker = rate * found.broker / 1e6 / PLANNED
    mean = rate * MEAN
    window, known = (mean * NEW * days * 86_400 for days in (WINDOW_DAYS, MEMORY_DAYS))
    limits = {"CPU of the fold": deployments > 1, "cores that prepare": prepare > 4}
    return {
        "processes that prepare = partitions of news.raw, at least": f"{prepare:,}",
        "deployments (log partitions, each with its own worker that decides)": f"{deployments:,}",
        "cores of the brokers": f"{broker:.1f}",
        "brokers": f"{max(3, math.ceil(broker / 8)):,}",
        f"stories in the window of {WINDOW_DAYS} days; known for {MEMORY_DAYS}": f"{window:,.0f}; {known:,.0f}",
        "memory of each worker that decides, at the size measured a story": _bytes(window * found.story / deployments),
        "changelog of the state, compacted": _bytes(known * found.state / NEW),
        "to the brokers at peak, compressed": f"{_bytes(rate * found.stored)}/s",
        f"broker disks, {LOG_DAYS} days, {REPLICAS} replicas": _bytes(
            mean * found.stored * LOG_DAYS * 86_400 * REPLICAS
        ),
        "first limit": next((name for name, met in limits.items() if met), "none: one machine does it"),
    }


def _bytes(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:,.1f} TB"


if __name__ == "__main__":
    print(results.format_table(one()))
    print(results.format_table(needed()))
