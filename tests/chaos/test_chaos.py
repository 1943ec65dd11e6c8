"""The short chaos suite: both delivery guarantees on one broker. `make chaos` runs the long suite."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from chaos.run import HEAD, Plan, run
from chaos.system import Cluster

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]
KINDS = {
    "exactly-once": ("kill decide", "stop decide", "kill broker", "spoil state", "kill child", "add or remove"),
    "at-least-once": ("kill worker", "kill decide", "stop prepare", "cut", "slow"),
}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A broker for this module alone, because the faults kill it."""
    with Cluster(tmp_path_factory.mktemp("chaos") / "kafka") as made:
        yield made


@pytest.mark.parametrize("delivery", KINDS)
def test_under_faults_the_topics_are_what_truth_and_the_fold_of_the_log_say(
    cluster: Cluster, tmp_path: Path, delivery: str
) -> None:
    kinds = KINDS[delivery]
    plan = Plan(
        seed=1,
        items=1_200,
        delivery=delivery,
        partitions=1 if delivery == "exactly-once" else 3,
        faults=len(kinds),
        kinds=kinds,
        gap=(0.5, 2.0),
        rate=120.0,
        stall_seconds=120.0,
    )
    report = run(cluster, tmp_path, plan)
    print(
        f"\n{HEAD}\n{report.format_row()}\n{report.faults}\n{report.commands}",
        *report.found.violations,
        sep="\n",
        flush=True,
    )
    assert not report.found.violations, "\n".join(report.found.violations)
    assert sum(report.found.fates.values()) == plan.items
    assert report.kills > 0
    assert sum(report.commands.values()) > 3
