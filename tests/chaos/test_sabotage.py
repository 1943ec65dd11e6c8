"""The chaos suite notices a removed guarantee (sabotage.py): such a run must report lost or doubled records."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from chaos.run import HEAD, Plan, run
from chaos.system import Cluster

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("sabotage") / "kafka") as made:
        yield made


SABOTAGE = {
    ("commit-first", "exactly-once"): ("kill worker", "applied without a decision"),
    ("commit-first", "at-least-once"): ("kill worker", "applied without a decision"),
    ("no-fence", "exactly-once"): ("stop decide", "doubled"),
    ("ack-first", "exactly-once"): ("kill worker", "acknowledged and not in the log"),
}
"""Sabotage and delivery -> the fault that reveals it, and a text in the violation."""


@pytest.mark.parametrize(("sabotage", "delivery"), SABOTAGE)
def test_a_removed_guarantee_is_noticed(cluster: Cluster, tmp_path: Path, sabotage: str, delivery: str) -> None:
    kind, word = SABOTAGE[sabotage, delivery]
    plan = Plan(
        seed=7,
        items=4_000,
        delivery=delivery,
        workers=2 if kind == "stop decide" else 1,
        faults=8,
        kinds=(kind,),
        gap=(3.0, 6.0),  # long enough for a worker to start again
        rate=90.0,
        stall_seconds=60.0,
        sabotage=sabotage,
    )
    report = run(cluster, tmp_path, plan)
    print(f"\n{sabotage}\n{HEAD}\n{report.format_row()}")
    for violation in report.found.violations:
        print(f"      {violation}")
    assert sum(report.found.fates.values()) > plan.items / 2  # everything else still works
    assert [violation for violation in report.found.violations if word in violation]


@pytest.mark.parametrize(("kind", "delivery"), [("kill decide", "exactly-once"), ("stop decide", "exactly-once")])
def test_the_same_faults_find_nothing_without_sabotage(
    cluster: Cluster, tmp_path: Path, kind: str, delivery: str
) -> None:
    plan = Plan(seed=7 + len(kind), items=4_000, delivery=delivery, faults=8, kinds=(kind,), gap=(0.5, 2.5), rate=150.0)
    report = run(cluster, tmp_path, plan)
    print(f"\n{kind}, sound\n{HEAD}\n{report.format_row()}")
    assert report.found.violations == []
