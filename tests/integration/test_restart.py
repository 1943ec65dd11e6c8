"""A rolling restart on the real broker: a static member returns to its partitions, and no other worker stops."""

from pathlib import Path

import msgspec
import pytest
from support import flow
from support.mixed_items import mixed_items
from support.wait import wait_until

from streams.config.settings import Settings

pytestmark = pytest.mark.kafka

ASSIGNED = '"event": "assigned"'


def wait_assigned(workers: list[flow.Worker], partitions: int) -> None:
    """Waits until the last assignment of each worker gives it its share."""

    def holds() -> bool:
        shares = [
            lines[-1].count(",") + 1
            for worker in workers
            if (lines := [line.partition('"partitions": ')[2].partition("]")[0] for line in assigned_lines(worker)])
        ]
        return shares == [partitions // len(workers)] * len(workers)

    wait_until(holds, lambda: [assigned_lines(worker) for worker in workers], seconds=180)


def assigned_lines(worker: flow.Worker) -> list[str]:
    return [line for line in worker.read_log().splitlines() if ASSIGNED in line]


@pytest.mark.parametrize("static", [True, False])
def test_a_restart_stops_no_other_worker_if_both_have_a_state_folder(
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
        flow.run_worker(settings, tmp_path, "--stage", "decide"),
        flow.run_worker(settings, folders[0], *arguments[0]) as other,
        flow.run_worker(settings, folders[1], *arguments[1]) as restarted,
    ):
        wait_assigned([other, restarted], 2)
        items = list(mixed_items(300, seed=5))
        flow.send(settings, items[:100])
        before = len(assigned_lines(other))
        assert restarted.stop() == 0
        flow.send(settings, items[100:200])
        began = len(assigned_lines(restarted))
        restarted.start()
        wait_until(lambda: len(assigned_lines(restarted)) > began, lambda: restarted.read_log()[-3000:])
        flow.send(settings, items[200:])
        flow.wait_decided(settings, 300)
        rebalances = len(assigned_lines(other)) - before
        assert (rebalances == 0) is static
        assert flow.read_outcome_topics(settings) == flow.fold_log(settings)
