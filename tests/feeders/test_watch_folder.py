"""Tests of finding new and changed files in a watched folder."""

import os
from pathlib import Path

from streams.feeders.watch_folder import find_changes, scan


def poll(folder, known, before):
    now = scan(str(folder))
    changed = list(find_changes(known, before, now, lambda *_: None))
    known.update({one.path: one.checkpoint for one in changed})
    return [Path(one.path).name for one in changed if one.is_new], now


def test_a_file_is_read_once_it_stays_as_it_is(tmp_path):
    (tmp_path / "a.xml").write_text("half")
    known = {}
    read, before = poll(tmp_path, known, {})
    assert read == []
    (tmp_path / "a.xml").write_text("half and half")
    read, before = poll(tmp_path, known, before)
    assert read == []
    read, before = poll(tmp_path, known, before)
    assert read == ["a.xml"]
    read, before = poll(tmp_path, known, before)
    assert read == []


def test_hidden_and_unfinished_names_are_left_until_they_are_renamed(tmp_path):
    for name in (".a.xml.swp", "b.xml.tmp", "c.xml.part"):
        (tmp_path / name).write_text(name)
    known = {}
    _, before = poll(tmp_path, known, {})
    read, before = poll(tmp_path, known, before)
    assert read == []
    (tmp_path / "b.xml.tmp").rename(tmp_path / "b.xml")
    _, before = poll(tmp_path, known, before)
    read, before = poll(tmp_path, known, before)
    assert read == ["b.xml"]


def test_a_file_that_was_moved_or_touched_is_not_read_again_and_one_that_was_rewritten_is(tmp_path):
    (tmp_path / "a.xml").write_text("one")
    known = {}
    _, before = poll(tmp_path, known, {})
    _, before = poll(tmp_path, known, before)
    (tmp_path / "done").mkdir()
    (tmp_path / "a.xml").rename(tmp_path / "done" / "a.xml")
    _, before = poll(tmp_path, known, before)
    read, before = poll(tmp_path, known, before)
    assert read == []
    os.utime(tmp_path / "done" / "a.xml", (1, 1))
    _, before = poll(tmp_path, known, before)
    read, before = poll(tmp_path, known, before)
    assert read == []
    (tmp_path / "done" / "a.xml").write_text("two")
    _, before = poll(tmp_path, known, before)
    read, before = poll(tmp_path, known, before)
    assert read == ["a.xml"]


def test_a_link_to_outside_of_the_folder_is_refused_and_one_inside_is_read(tmp_path):
    folder, outside = tmp_path / "in", tmp_path / "secret"
    folder.mkdir()
    outside.mkdir()
    (outside / "key.xml").write_text("secret")
    (folder / "a.xml").write_text("open")
    (folder / "b.xml").symlink_to("a.xml")
    (folder / "c.xml").symlink_to(outside / "key.xml")
    (folder / "d.xml").symlink_to("../secret/key.xml")
    (folder / "e.xml").symlink_to("c.xml")
    (folder / "f").symlink_to(outside)
    (folder / "g.xml").symlink_to("g.xml")
    refused = []
    assert [Path(path).name for path in scan(str(folder), refused.append)] == ["a.xml", "b.xml"]
    assert sorted(Path(path).name for path in refused) == ["c.xml", "d.xml", "e.xml"]
    (tmp_path / "way").symlink_to(folder)
    assert [Path(path).name for path in scan(str(tmp_path / "way"))] == ["a.xml", "b.xml"]
