"""What is normal for a source is learnt from the decisions, and known again after a restart and without the state."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support import flow
from support.wait import wait_until

from streams.config.settings import Settings

pytestmark = pytest.mark.kafka
HTTP = 17_500
HOURS = 17 * 24


def hourly_items(now: datetime) -> Iterator[tuple[bytes, dict[str, str]]]:
    """Yields one item for each hour of the last 17 days."""
    for number in range(HOURS):
        received = now - timedelta(hours=HOURS - 1 - number)
        item = {"id": f"n-{number}", "title": f"Tessaly opens mill {number * 7919}", "body": f"Mill {number * 31}."}
        yield json.dumps(item).encode(), {"source": "testwire", "received-at": received.isoformat(timespec="seconds")}


def read_gauges() -> dict[str, float]:
    lines = flow.http_get(HTTP, "/metrics")[1].splitlines()
    return {
        name: float(line.rpartition(" ")[2])
        for line in lines
        for name in ("last_item_timestamp", "quiet_after")
        if line.startswith(f'newswire_source_{name}_seconds{{source="testwire"')
    }


def test_the_allowed_silence_is_learnt_and_survives_a_restart_and_the_loss_of_the_state_folder(
    settings: Settings, tmp_path: Path
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    state = tmp_path / "state"
    arguments = ("--state", str(state), "--http", str(HTTP))
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    with flow.run_worker(settings, tmp_path, *arguments):
        flow.wait_decided(settings, flow.send(settings, hourly_items(now)))
        wait_until(lambda: read_gauges().get("last_item_timestamp") == now.timestamp(), read_gauges)
        learnt = read_gauges()
    assert 3600 < learnt["quiet_after"] < 24 * 3600
    assert (state / "decide-0-sources").exists()
    for is_lost in (False, True):
        if is_lost:
            shutil.rmtree(state)
        with flow.run_worker(settings, tmp_path, *arguments) as worker:
            wait_until(lambda: "sources_read" in worker.read_log(), worker.read_log)
            wait_until(lambda: read_gauges() == learnt, read_gauges)
