"""The state made anew from the log: the line goes on as if nothing had happened to its changelog."""

from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient
from support import flow
from support.items import mixed_items
from support.until import until

from streams.config import Settings
from streams.rights import DECIDE_GROUP
from streams.shell.changelog import BARRIER
from streams.topics import STATE

pytestmark = pytest.mark.kafka


def held(settings: Settings) -> dict[bytes, bytes]:
    """The changelog, compacted."""
    found: dict[bytes, bytes] = {}
    for row in flow.read(settings, STATE):
        if row.value is None:
            found.pop(row.key or b"", None)
        elif row.key != BARRIER:
            found[row.key or b""] = row.value
    return found


def test_a_state_that_was_lost_is_made_anew_from_the_log_and_the_line_goes_on(
    settings: Settings, tmp_path: Path
) -> None:
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    items = list(mixed_items(120, seed=3))
    state = ("--state", str(tmp_path / "state"))
    with flow.working(settings, tmp_path, *state):
        flow.wait_decided(settings, flow.send(settings, items[:80]))
        refused = flow.newswire(settings, "state", "rebuild", "--yes")
        assert (refused.returncode, b"stop every worker that decides first" in refused.stderr) == (1, True)
    flow.until_gone(settings, DECIDE_GROUP)
    before = held(settings)
    plan = flow.newswire(settings, "state", "rebuild")
    assert (plan.returncode, b"give --yes" in plan.stderr) == (2, True)
    same = flow.newswire(settings, "state", "rebuild", "--yes")
    assert (same.returncode, b"0 written, 0 removed" in same.stdout) == (0, True), same.stderr
    assert held(settings) == before

    admin = AdminClient({"bootstrap.servers": settings.kafka.brokers})
    admin.delete_topics([settings.topics.full(STATE)])[settings.topics.full(STATE)].result()
    until(lambda: settings.topics.full(STATE) not in admin.list_topics(timeout=20).topics)
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    assert held(settings) == {}
    done = flow.newswire(settings, "state", "rebuild", "--yes")
    assert done.returncode == 0, done.stderr
    assert held(settings) == before

    with flow.working(settings, tmp_path, *state):
        flow.send(settings, items[80:])
        flow.wait_decided(settings, 120)
    assert flow.outcomes(settings) == flow.fold_of_log(settings)
    assert flow.newswire(settings, "audit").returncode == 0
