"""`newswire archive` on the real broker: kills lose and double nothing, and what Kafka lost comes back."""

import json
import random
import time
from pathlib import Path

import pytest
from support import archive, flow
from support.mixed_items import mixed_items
from support.wait import wait_until

from streams.config.settings import Settings

pytestmark = pytest.mark.kafka
ITEMS, PARTS = 120, 2


def test_a_killed_archive_brings_back_what_kafka_lost_byte_for_byte_and_withdrawn_stories_stay_withdrawn(
    settings: Settings, tmp_path: Path, prefix: str
) -> None:
    rng, folder = random.Random(5), tmp_path / "archive"
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    with (
        flow.run_worker(settings, tmp_path),
        archive.FollowedArchive(settings, folder, tmp_path / "archive.log") as follower,
    ):
        sent = 0
        items = list(mixed_items(ITEMS, seed=11))
        for part in range(PARTS):
            sent += flow.send(settings, items[part * ITEMS // PARTS : (part + 1) * ITEMS // PARTS])
            time.sleep(rng.uniform(0.5, 2.5))
            follower.kill()
            follower.start()
        flow.wait_decided(settings, sent)
        for final, uri in zip((("--final",), ()), archive.list_live(settings), strict=False):
            done = flow.newswire(settings, "desk", "kill", uri, "--why", "a test", *final, "--yes")
            assert done.returncode == 0, done.stderr
        flow.wait_decided(settings, sent)
        wait_until(lambda: (folder / "archive.json").exists())
        follower.kill()
        archive.write_rest(settings, folder)
    before = archive.Snapshot(settings, flow.OUTCOME_TOPICS[:-1])
    assert f"{sent} raw, 2 commands, {len(before.decisions)} decisions" in archive.verify(settings, folder)
    withdrawn = json.loads((folder / "archive.json").read_bytes())["withdrawn"]
    purged = {uri for uri, each in withdrawn.items() if each.get("purged")}
    assert purged
    archive.delete_topics(settings)
    rebuilt = archive.restore(settings, folder, f"rebuild-{prefix}", kills=1, rng=rng)
    archive.assert_same(before, archive.Snapshot(rebuilt, flow.OUTCOME_TOPICS[:-1]), purged)
