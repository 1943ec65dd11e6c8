"""Tests of the checkpoint file: what it keeps, its lock, damaged and newer files."""

import json
import os

import pytest

from streams.feeders.checkpoint import MAX_SEEN, CheckpointFile, FeedCheckpoint, FileCheckpoint, path_key, remember
from streams.model.errors import WorkFailed


def test_a_saved_checkpoint_is_read_after_a_restart(tmp_path):
    path = str(tmp_path / "state.json")
    first = CheckpointFile(path)
    first.save_feed("wire", FeedCheckpoint(etag='"1"', seen={"a": "d"}, silence_history={"2026-03-02": 5.0}))
    first.save_folder("drop", {"/in/a.xml": FileCheckpoint(1, 2, 3, "e")})
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
    state.save_feed("wire", state.checkpoints.feeds["wire"])
    state.close()
    names = ["url", "configured", "etag", "modified", "seen", "last", "habit"]
    assert list(json.loads(path.read_text())["feeds"]["wire"]) == names


def test_the_memory_keeps_the_last_saved_checkpoints_where_a_save_fails(tmp_path, monkeypatch):
    path = tmp_path / "state.json"
    state = CheckpointFile(str(path))
    state.save_feed("wire", FeedCheckpoint(etag="1"))
    with pytest.raises(UnicodeEncodeError):
        state.save_feed("wire", FeedCheckpoint(etag="\udcff"))
    state.save_feed("other", FeedCheckpoint(etag="2"))  # the fault of one feed costs that one alone
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space left"):
        state.save_folder("drop", {"/in/a.xml": FileCheckpoint(1, 2, 3, "e")})
    state.close()
    assert (set(state.checkpoints.feeds), state.checkpoints.folders) == ({"wire", "other"}, {})
    assert {name: row["etag"] for name, row in json.loads(path.read_text())["feeds"].items()} == {
        "wire": "1",
        "other": "2",
    }


def test_a_path_that_is_not_utf_8_has_a_key_of_its_own():
    odd = os.fsdecode(b"/in/a\xff.xml")
    assert path_key("/in/\u00e4.xml") == "/in/\u00e4.xml"
    assert len({path_key(odd), path_key("/in/a\\xff.xml"), path_key("/in/a\ufffd.xml")}) == 3
    path_key(odd).encode()
