"""The short chaos suite on a cluster of three nodes. `make chaos` runs the long one."""

from pathlib import Path

import pytest
from chaos.nodes import ThreeNodes
from chaos.run import HEAD, Plan, run
from confluent_kafka.admin import AdminClient

from streams.kafka.acls import DECIDE_GROUP

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(900)]
KINDS = ("kill transaction coordinator", "leader of nobody", "kill decide", "full disk")


def test_a_cluster_that_loses_nodes_loses_no_item_and_repeats_none(tmp_path: Path) -> None:
    plan = Plan(seed=1, items=300, brokers=3, partitions=1, faults=len(KINDS), kinds=KINDS, gap=(0.5, 1.0), rate=20.0)
    with ThreeNodes(tmp_path / "kafka") as nodes:
        report = run(nodes, tmp_path, plan)
        admin = AdminClient({"bootstrap.servers": nodes.direct})
        coordinator = admin.describe_consumer_groups([DECIDE_GROUP])[DECIDE_GROUP].result().coordinator.id
        found = nodes.find_group_coordinator()
    print(f"\n{HEAD}\n{report.format_row()}\n{report.faults}", *report.found.violations, sep="\n", flush=True)
    assert not report.found.violations, "\n".join(report.found.violations)
    assert (report.found.lost, report.found.repeats) == (0, 0)
    assert sum(report.found.fates.values()) == plan.items
    assert set(report.faults) == set(KINDS)
    assert found == coordinator
