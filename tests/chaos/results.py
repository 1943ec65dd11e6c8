"""Keeps the results of chaos runs, one line of JSON a run, and sums them up: `python tests/chaos/results.py [FILE]`."""

import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from chaos.run import Report

FILE = Path(".newswire") / "chaos.jsonl"
HEAD = (
    f"{'brokers':>7}  {'delivery':<13} {'runs':>5} {'held':>5} {'items':>8} {'faults':>7} {'kills':>6}  lost  repeated"
)


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the file."""

    brokers: int
    delivery: str
    seed: int
    items: int
    faults: int
    kills: int
    lost: int
    repeated: int
    seconds: int
    commit: str
    """The code that ran; with a `+` where it had changes."""
    violations: list[str]


class Sum(NamedTuple):
    """The sum of the runs with so many brokers and one delivery."""

    runs: int = 0
    held: int = 0
    items: int = 0
    faults: int = 0
    kills: int = 0
    lost: int = 0
    repeated: int = 0

    def add(self, result: Result) -> "Sum":
        """Returns the sum with one more run."""
        more = (1, not result.violations, result.items, result.faults, result.kills, result.lost, result.repeated)
        return Sum(*(one + other for one, other in zip(self, more, strict=True)))


def append_result(file: Path, report: "Report") -> None:
    """Appends the result of a run to the file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    result = Result(
        brokers=report.plan.brokers,
        delivery=report.plan.delivery,
        seed=report.plan.seed,
        items=report.plan.items,
        faults=sum(report.faults.values()),
        kills=report.kills,
        lost=report.found.lost,
        repeated=report.found.repeats,
        seconds=round(report.seconds),
        commit=_describe_commit(),
        violations=report.found.violations,
    )
    with file.open("ab") as output:
        output.write(msgspec.json.encode(result) + b"\n")


def sum_up(results: list[Result]) -> dict[tuple[int, str], Sum]:
    """Sums results up by brokers and delivery."""
    sums: defaultdict[tuple[int, str], Sum] = defaultdict(Sum)
    for result in results:
        key = result.brokers, result.delivery
        sums[key] = sums[key].add(result)
    return dict(sorted(sums.items()))


def read_results(file: Path) -> list[Result]:
    """Reads all results of a file."""
    return [msgspec.json.decode(line, type=Result) for line in file.read_bytes().splitlines()]


def _describe_commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--exclude=*", "--dirty=+"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def main() -> int:
    results = read_results(Path(sys.argv[1]) if len(sys.argv) > 1 else FILE)
    print(HEAD)
    for (brokers, delivery), one in sum_up(results).items():
        print(
            f"{brokers:>7}  {delivery:<13} {one.runs:>5} {one.held:>5} {one.items:>8} {one.faults:>7} {one.kills:>6} "
            f"{one.lost:>5} {one.repeated:>9}"
        )
    print(f"code: {', '.join(sorted({result.commit for result in results}))}")
    for result in results:
        for violation in result.violations:
            print(f"seed {result.seed}, {result.brokers} brokers, {result.delivery}: {violation}")
    return 1 if any(result.violations for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
