"""A state that is rebuilt from the log equals the lost one, and the pipeline goes on."""

from pathlib import Path

import msgspec
import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from support import flow
from support.mixed_items import mixed_items
from support.wait import wait_until

from streams.config.settings import Settings
from streams.decide.state_entries import PROGRESS, Entry, Progress, StoryEntry, decode_entry
from streams.kafka.acls import DECIDE_GROUP
from streams.model.topics import DEAD_LETTERS, LATEST, LOG, STATE
from streams.worker.changelog import BARRIER

pytestmark = pytest.mark.kafka


def read_compacted(settings: Settings) -> dict[bytes, bytes]:
    """Reads the changelog as compaction leaves it."""
    found: dict[bytes, bytes] = {}
    for row in flow.read(settings, STATE):
        if row.value is None:
            found.pop(row.key or b"", None)
        elif row.key != BARRIER:
            found[row.key or b""] = row.value
    return found


def decode_all(rows: dict[bytes, bytes]) -> dict[bytes, Entry]:
    return {key: decode_entry(value) for key, value in rows.items()}


def read_format(entries: dict[bytes, Entry]) -> int:
    progress = entries[PROGRESS.encode()]
    assert isinstance(progress, Progress)
    return progress.format


def find_live_story(settings: Settings) -> str:
    """Finds a story that readers see."""
    newest = {row.key: row for row in flow.read(settings, LATEST)}
    kinds = {key: dict(row.headers)["ce_type"] for key, row in newest.items()}
    return next((key or b"").decode() for key, kind in kinds.items() if kind == b"news.item.published")


def test_a_lost_state_is_rebuilt_from_the_log_and_the_pipeline_goes_on(settings: Settings, tmp_path: Path) -> None:
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    items = list(mixed_items(120, seed=3))
    state = ("--state", str(tmp_path / "state"))
    with flow.run_worker(settings, tmp_path, *state):
        flow.wait_decided(settings, flow.send(settings, items[:80]))
        uri = find_live_story(settings)
        note = ("desk", "note", uri, "Take care", "--why", "a test", "--by", "ada", "--yes")
        assert flow.newswire(settings, *note).returncode == 0
        wait_until(lambda: any(row["fate"] == "revised" and not row["origin"] for row in flow.read_decisions(settings)))
        refused = flow.newswire(settings, "state", "rebuild", "--yes")
        assert (refused.returncode, b"stop every worker that decides first" in refused.stderr) == (1, True)
    flow.wait_until_group_is_empty(settings, DECIDE_GROUP)
    before = read_compacted(settings)
    plan = flow.newswire(settings, "state", "rebuild")
    assert (plan.returncode, b"give --yes" in plan.stderr) == (2, True)
    refused = flow.newswire(settings, "state", "rebuild", "--format", "2", "--yes")
    assert (refused.returncode, b"entries that a release of format 2 refuses" in refused.stderr) == (1, True)
    same = flow.newswire(settings, "state", "rebuild", "--yes")
    assert (same.returncode, b"0 written, 0 removed" in same.stdout) == (0, True), same.stderr
    assert read_compacted(settings) == before

    producer = Producer({"bootstrap.servers": settings.kafka.brokers})
    producer.produce(settings.topics.full(STATE), key=b"near \xff", value=b"junk")
    producer.flush(20)
    mended = flow.newswire(settings, "state", "rebuild", "--yes")
    assert (mended.returncode, b"0 written, 1 removed" in mended.stdout) == (0, True), mended.stderr
    assert read_compacted(settings) == before

    admin = AdminClient({"bootstrap.servers": settings.kafka.brokers})
    admin.delete_topics([settings.topics.full(STATE)])[settings.topics.full(STATE)].result()
    wait_until(lambda: settings.topics.full(STATE) not in admin.list_topics(timeout=20).topics)
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    assert read_compacted(settings) == {}
    older = flow.newswire(settings, "state", "rebuild", "--format", "2", "--yes")
    assert older.returncode == 0, older.stderr
    entries, kept = decode_all(read_compacted(settings)), decode_all(before)
    assert (read_format(entries), read_format(kept)) == (2, 3)
    differing = {key for key in kept if key != PROGRESS.encode() and entries[key] != kept[key]}
    (story,) = [kept[key] for key in differing]
    assert isinstance(story, StoryEntry)
    assert [entries[key] for key in differing] == [msgspec.structs.replace(story, pinned=())]
    done = flow.newswire(settings, "state", "rebuild", "--yes")
    assert done.returncode == 0, done.stderr
    assert read_compacted(settings) == before

    with flow.run_worker(settings, tmp_path, *state):
        flow.send(settings, items[80:])
        flow.wait_decided(settings, 120)
        assert flow.read_outcome_topics(settings) == flow.fold_log(settings)

        producer.produce(settings.topics.full(LOG), value=b"no log record \xff")
        producer.flush(20)
        wait_until(lambda: any(row.value == b"no log record \xff" for row in flow.read(settings, DEAD_LETTERS)))
    (junk,) = [row for row in flow.read(settings, DEAD_LETTERS) if row.value == b"no log record \xff"]
    headers = dict(junk.headers)
    assert (headers["error-code"], headers["error-stage"]) == (b"malformed", b"decide")
    assert headers["origin-topic"] == settings.topics.full(LOG).encode()
    assert flow.newswire(settings, "audit").returncode == 0
