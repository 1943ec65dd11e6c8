"""A rolling restart on the real broker: static members come back to their partitions, and nobody else stops."""

from pathlib import Path

import msgspec
import pytest
from support import flow
from support.items import mixed_items
from support.until import until

from streams.config import Settings

pytestmark = pytest.mark.kafka

ASSIGNED = '"event": "assigned"'


def settled(workers: list[flow.Worker], partitions: int) -> None:
    """Until the last assignment of each worker gives it its share."""

    def holds() -> bool:
        shares = [
            lines[-1].count(",") + 1
            for worker in workers
            if (lines := [line.partition('"partitions": ')[2].partition("]")[0] for line in said(worker)])
        ]
        return shares == [partitions // len(workers)] * len(workers)

    until(holds, lambda: [said(worker) for worker in workers], seconds=180)


def said(worker: flow.Worker) -> list[str]:
    return [line for line in worker.said().splitlines() if ASSIGNED in line]


@pytest.mark.parametrize("static", [True, False])
def test_a_restart_stops_no_other_worker_where_both_have_a_state_folder(
    settings: Settings, tmp_path: Path, static: bool
) -> None:
    settings = msgspec.structs.replace(
        settings,
        topics=msgspec.structs.replace(settings.topics, raw_partitions=2),
        worker=msgspec.structs.replace(settings.worker, session_seconds=40),
    )
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    arguments = [("--stage", "prepare", *(("--state", str(folder / "state")) if static else ())) for folder in folders]
    with (
        flow.working(settings, tmp_path, "--stage", "decide"),
        flow.working(settings, folders[0], *arguments[0]) as other,
        flow.working(settings, folders[1], *arguments[1]) as restarted,
    ):
        settled([other, restarted], 2)
        items = list(mixed_items(300, seed=5))
        flow.send(settings, items[:100])
        before = len(said(other))
        assert restarted.stop() == 0
        flow.send(settings, items[100:200])
        began = len(said(restarted))
        restarted.start()
        until(lambda: len(said(restarted)) > began, lambda: restarted.said()[-3000:])
        flow.send(settings, items[200:])
        flow.wait_decided(settings, 300)
        rebalances = len(said(other)) - before
        assert (rebalances == 0) is static
        assert flow.outcomes(settings) == flow.fold_of_log(settings)
