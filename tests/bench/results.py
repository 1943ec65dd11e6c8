"""Reads and saves the results of the benchmarks in `deploy/charts/results.json`, the source of tables and charts.

A script with `--save` replaces its own part: its rows, with the time, the machine and the versions.
"""

import argparse
import json
import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TypedDict

Row = dict[str, str]
"""A row of a table: column -> cell."""


class Part(TypedDict):
    """The saved results of one script."""

    when: str
    machine: str
    versions: str
    rows: list[Row]


FILE = Path(__file__).resolve().parents[2] / "deploy" / "charts" / "results.json"
LOAD = os.getloadavg()[0]
VERSIONS = ("aiokafka", "faust-streaming", "msgspec", "orjson")


def build_parser(script: str | None, quick: str) -> argparse.ArgumentParser:
    """Builds the argument parser of a script, with `--quick` and `--save`. `script` is the script's docstring."""
    options = argparse.ArgumentParser(description=script)
    options.add_argument("--quick", action="store_true", help=quick)
    options.add_argument("--save", action="store_true", help="keep the figures for the README")
    return options


def read_results() -> dict[str, Part]:
    """Reads all saved results: name of the part -> results."""
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}


def read_rows(part: str) -> list[Row]:
    """Reads the rows of a part; an empty list if it was not measured."""
    found = read_results().get(part)
    return [] if found is None else found["rows"]


def save(part: str, measured: Sequence[Row]) -> None:
    """Saves the rows of a part in place of the earlier ones."""
    found = {
        "when": f"{datetime.now(UTC):%Y-%m-%d %H:%MZ}",
        "machine": describe_machine(),
        "versions": describe_versions(),
    }
    whole = {**read_results(), part: {**found, "rows": list(measured)}}
    text = json.dumps(dict(sorted(whole.items())), indent=1, ensure_ascii=False)
    FILE.write_text(text + "\n", encoding="utf-8")


def describe_machine() -> str:
    """Describes the machine: cores, memory, system, architecture, and its load at the start."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    shown = f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}"
    return f"{shown}, load {LOAD:.0f} before it began"


def describe_versions() -> str:
    """Lists the versions of Python and of the libraries that the results depend on."""
    return ", ".join((f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in VERSIONS)))


def format_table(found: Iterable[Row]) -> str:
    """Formats rows with the same columns as a Markdown table."""
    lines = list(found)
    if not lines:
        return "Not measured yet.\n"
    head = list(lines[0])
    body = [[str(row[name]) for name in head] for row in lines]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in (head, ["---"] * len(head), *body))


def format_results(part: str) -> str:
    """Formats a part as a table, with its time, machine and versions."""
    found = read_results().get(part)
    if found is None:
        return "Not measured yet.\n"
    return f"{format_table(found['rows'])}\n({found['when']}; {found['machine']}; {found['versions']})\n"


def print_table(part: str, measured: Sequence[Row], *, keep: bool) -> None:
    """Prints the table, and saves it if `keep` is set."""
    print(format_table(measured), flush=True)
    if keep:
        save(part, measured)


def format_spread(values: Sequence[float], form: str = ",.0f") -> str:
    """Formats the median with least and most: `12 (11-14)`; a single value alone."""
    middle = format(statistics.median(values), form)
    return f"{middle} ({min(values):{form}}-{max(values):{form}})" if len(values) > 1 else middle
