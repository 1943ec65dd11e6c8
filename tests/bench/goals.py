"""Compares the saved results with the goals: the first table of deploy/BENCHMARKS.md."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import results

DELIVERIES = ("exactly-once", "at-least-once")
AGAINST = (("bare aiokafka", 0.85), ("Kafka Streams", 1.5), ("Quix Streams", 2.0), ("idiomatic Faust", 10.0))
"""Another engine, and the ratio of our items per second to those of that engine that is the goal."""
PIPELINE = 1_500
DECISIONS = 10_000


class Goal(NamedTuple):
    """A goal. `met` is True if the measured value is good enough."""

    goal: str
    measured: str
    met: bool
    script: str


def build_rows() -> list[results.Row]:
    """Builds the table: goal, measured, met, command."""
    found = (*_plain_job(), *_pipeline(), *_latency(), *_growth(), *_stated("takeover"), *_stated("startup"))
    return [
        {
            "goal": each.goal,
            "measured": each.measured,
            "met": "yes" if each.met else "no",
            "command": f"`python tests/bench/{each.script}.py`",
        }
        for each in found
    ]


def _plain_job() -> Iterator[Goal]:
    """Compares the engines of the plain job, with the same kind of store (memory or disk)."""
    speed = {(row["delivery"], row["engine"]): _number(row["items/s"]) for row in results.read_rows("plain_job")}
    for delivery in DELIVERIES:
        ours = speed.get((delivery, "ours, on disk"), 0.0)
        for engine, least in AGAINST:
            other = speed.get((delivery, f"{engine}, on disk")) or speed.get((delivery, engine))
            if ours and other:
                goal = f"plain job, {delivery}, state on disk: {least:g} times the items a second of {engine}"
                yield Goal(goal, f"{ours / other:.2f} times", ours / other >= least, "plain_job")


def _pipeline() -> Iterator[Goal]:
    for row in results.read_rows("pipeline"):
        speed = row["items/s, one core"]
        goal = f"whole pipeline on one core, {row['delivery']}: {PIPELINE:,} items a second"
        yield Goal(goal, speed, _number(speed) >= PIPELINE, "pipeline")


def _latency() -> Iterator[Goal]:
    for row in results.read_rows("latency"):
        if limits := row["goal, p50 / p99"]:
            median, tail = (float(each) for each in limits.split("/"))
            met = _number(row["p50, ms"]) <= median and _number(row["p99"]) <= tail
            what = f"raw to readable at {row['items a second']} items a second, {row['delivery']}"
            yield Goal(f"{what}: p50 / p99 {limits} ms", f"{row['p50, ms']} / {row['p99']} ms", met, "latency")


def _growth() -> Iterator[Goal]:
    for row in results.read_rows("growth"):
        what = row["an item against"]
        goal = f"cost of an item, {row['from']} to {row['to']} {what}: {row['goal'].removeprefix('≤ ')} times at most"
        yield Goal(goal, f"{row['largest / smallest']} times", _is_met(row["goal"], row["largest / smallest"]), "axes")
        if what == "stories in the window":
            rate = 1e6 / _number(row["µs"].rpartition("→")[2])
            goal = f"decisions a second with {row['to']} stories: {DECISIONS:,}"
            yield Goal(goal, f"{rate:,.0f}", rate >= DECISIONS, "axes")


def _stated(part: str) -> Iterator[Goal]:
    """Reads the goals that the saved rows themselves contain."""
    for row in results.read_rows(part):
        if row["goal"]:
            measured = row.get("measured") or f"{row['seconds']} s"
            goal = f"start of {row['what']}: {row['goal']} s" if "seconds" in row else f"{row['what']}: {row['goal']}"
            yield Goal(goal, measured, _is_met(row["goal"], measured), part)


def _is_met(goal: str, measured: str) -> bool:
    sign, _, limit = goal.partition(" ")
    return _number(measured) <= _number(limit) if sign == "≤" else _number(measured) >= _number(limit)


def _number(cell: str) -> float:
    return float(re.findall(r"\d[\d,]*\.?\d*", cell)[0].replace(",", ""))
