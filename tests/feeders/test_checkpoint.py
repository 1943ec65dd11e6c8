"""Tests of the checkpoint file: what it keeps, its lock, damaged and newer files."""

import json

import pytest

from streams.feeders.checkpoint import MAX_SEEN, CheckpointFile, FeedCheckpoint, FileCheckpoint, remember
from streams.model.errors import WorkFailed


def test_a_saved_checkpoint_is_read_after_a_restart(tmp_path):
    path = str(tmp_path / "state.json")
    first = CheckpointFile(path)
    first.checkpoints.feeds["wire"] = FeedCheckpoint(etag='"1"', seen={"a": "d"}, silence_history={"2026-03-02": 5.0})
    first.checkpoints.folders["drop"] = {"/in/a.xml": FileCheckpoint(1, 2, 3, "e")}
    first.save()
    first.close()
    second = CheckpointFile(path)
    assert second.checkpoints == first.checkpoints
    second.close()


def test_a_second_feeder_on_the_same_file_is_refused(tmp_path):
    path = str(tmp_path / "state.json")
    first = CheckpointFile(path)
    with pytest.raises(WorkFailed, match="another `newswire feed` uses"):
        CheckpointFile(path)
    first.close()


def test_a_damaged_file_is_refused(tmp_path):
    path = tmp_path / "state.json"
    path.write_text('{"format": 1, "feeds": {"wi')
    with pytest.raises(WorkFailed, match="cannot read the positions"):
        CheckpointFile(str(path))


def test_a_file_of_a_later_version_is_refused(tmp_path):
    path = tmp_path / "state.json"
    path.write_text(json.dumps({"format": 2}))
    with pytest.raises(WorkFailed, match="has format 2"):
        CheckpointFile(str(path))


def test_entries_seen_longest_ago_are_forgotten_first():
    seen = {f"old-{number}": "d" for number in range(MAX_SEEN)}
    found = remember(seen, [("old-0", "e"), ("new", "f")])
    assert len(found) == MAX_SEEN
    assert found["old-0"] == "e"
    assert found["new"] == "f"
    assert "old-1" not in found


def test_the_file_keeps_the_field_names_of_earlier_versions(tmp_path):
    path = tmp_path / "state.json"
    path.write_text('{"format": 1, "feeds": {"wire": {"url": "", "habit": {"2026-03-02": 5.0}, "last": 7.0}}}')
    state = CheckpointFile(str(path))
    assert state.checkpoints.feeds["wire"] == FeedCheckpoint(last=7.0, silence_history={"2026-03-02": 5.0})
    state.save()
    state.close()
    names = ["url", "configured", "etag", "modified", "seen", "last", "habit"]
    assert list(json.loads(path.read_text())["feeds"]["wire"]) == names
