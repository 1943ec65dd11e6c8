"""Results of chaos runs that were made in parts are summed up."""

from pathlib import Path

import msgspec
from chaos.results import Result, read_results, sum_up


def make_result(brokers: int, delivery: str, violations: list[str]) -> Result:
    return Result(
        brokers=brokers,
        delivery=delivery,
        seed=1,
        items=3_000,
        faults=24,
        kills=9,
        lost=len(violations),
        repeated=0,
        seconds=300,
        commit="0a1b2c3",
        violations=violations,
    )


def test_runs_are_summed_up_by_brokers_and_delivery(tmp_path: Path) -> None:
    file = tmp_path / "chaos.jsonl"
    results = [
        make_result(3, "exactly-once", []),
        make_result(1, "exactly-once", []),
        make_result(3, "exactly-once", ["latest: 1 lost: b'urn:newswire:acme:1'"]),
    ]
    file.write_bytes(b"".join(msgspec.json.encode(result) + b"\n" for result in results))

    assert read_results(file) == results
    assert sum_up(results) == {
        (1, "exactly-once"): (1, 1, 3_000, 24, 9, 0, 0),
        (3, "exactly-once"): (2, 1, 6_000, 48, 18, 1, 0),
    }
