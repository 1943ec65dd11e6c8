"""Figures of the benchmarks, kept in `deploy/charts/results.json`: README's tables and the charts are made from it.

A script that is called with `--save` replaces its own part: its rows, when, on what machine, with which versions.
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
from typing import Any

FILE = Path(__file__).resolve().parents[2] / "deploy" / "charts" / "results.json"
LOAD = os.getloadavg()[0]
VERSIONS = ("aiokafka", "faust-streaming", "msgspec", "orjson")


def arguments(script: str | None, quick: str) -> argparse.ArgumentParser:
    """The command line that every script has: `--quick` and `--save`; `script` is its docstring."""
    options = argparse.ArgumentParser(description=script)
    options.add_argument("--quick", action="store_true", help=quick)
    options.add_argument("--save", action="store_true", help="keep the figures for the README")
    return options


def results() -> dict[str, Any]:
    """All parts that were saved: name -> {when, machine, versions, rows}."""
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}


def rows(part: str) -> list[dict[str, Any]]:
    """The rows of a part; none where it was not measured."""
    found: list[dict[str, Any]] = results().get(part, {}).get("rows", [])
    return found


def save(part: str, measured: Sequence[dict[str, Any]]) -> None:
    """Replaces a part."""
    found = {"when": f"{datetime.now(UTC):%Y-%m-%d %H:%MZ}", "machine": machine(), "versions": versions()}
    whole = {**results(), part: {**found, "rows": list(measured)}}
    text = json.dumps(dict(sorted(whole.items())), indent=1, ensure_ascii=False)
    FILE.write_text(text + "\n", encoding="utf-8")


def machine() -> str:
    """Cores, memory, architecture, and how busy it was; no names."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    shown = f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}"
    return f"{shown}, load {LOAD:.0f} before it began"


def versions() -> str:
    """Of what the figures depend on."""
    return ", ".join((f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in VERSIONS)))


def table(found: Iterable[dict[str, Any]]) -> str:
    """Rows of one form as a Markdown table."""
    lines = list(found)
    if not lines:
        return "Not measured yet.\n"
    head = list(lines[0])
    body = [[str(row[name]) for name in head] for row in lines]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in (head, ["---"] * len(head), *body))


def format_results(part: str) -> str:
    """The table of a part with when and where it was measured, for the README."""
    found = results().get(part)
    if found is None:
        return "Not measured yet.\n"
    return f"{table(found['rows'])}\n({found['when']}; {found['machine']}; {found['versions']})\n"


def show(part: str, measured: Sequence[dict[str, Any]], *, keep: bool) -> None:
    """Prints the table, and saves it where asked."""
    print(table(measured), flush=True)
    if keep:
        save(part, measured)


def spread(values: Sequence[float], form: str = ",.0f") -> str:
    """The median with the least and the most: `12 (11-14)`; one value alone."""
    middle = format(statistics.median(values), form)
    return f"{middle} ({min(values):{form}}-{max(values):{form}})" if len(values) > 1 else middle
