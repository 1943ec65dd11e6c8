"""An archive of twenty days brings back every record byte for byte, however often its process was killed."""

import random
import stat
from pathlib import Path

import pytest
from support import archiving
from support.recorded_system import RecordedSystem

from streams.archive.files import list_days, read_day, require_head
from streams.archive.manifest import format_day
from streams.archive.reader import ArchiveReader
from streams.archive.store import FolderStore
from streams.archive.verify import verify_archive
from streams.model import codec
from streams.model.records import Command, Item
from streams.model.topics import CATEGORIES, DEAD_LETTERS, DECISIONS, DUPLICATES, LATEST, WITHHELD

ITEMS, DAYS = 320, 20


@pytest.fixture(scope="module")
def system() -> RecordedSystem:
    """Items of twenty days, with what editors did about some of them."""
    made = RecordedSystem()
    made.send(ITEMS, seed=11, days=DAYS)
    shown = [each.uri for each in made.decisions if each.outcome == "published"]
    made.command("kill", shown[3], detail={"final": True}, why="a court order")
    made.command("kill", detail={"uris": shown[4:6]})
    made.command("refile", shown[6], id="c1", format=3, detail={"add": ["markets"], "drop": []})
    made.command("retitle", shown[7], id="c2", format=3, detail={"title": "Another name", "ticker": "Another name"})
    made.command("join", shown[8], id="c3", format=3, detail={"into": shown[9]})
    made.command("undo", shown[6], id="c4", format=3, detail={"command": "c1", "action": "refile"})
    made.command("no such action", shown[10])
    copy = next(each for each in made.decisions if each.outcome == "duplicate" and "item" in each.evidence)
    item = next(
        row.value
        for row in made.topics["internal.items"]
        if isinstance(record := codec.decode(row.value or b""), Item) and record.origin == copy.origin
    )
    detail = {"of": copy.uri, "item": (item or b"").decode()}
    made.command("split", copy.evidence["item"], id="c5", format=3, detail=detail)
    return made


def test_every_record_comes_back_byte_for_byte(system: RecordedSystem, tmp_path: Path) -> None:
    archiving.archive(system, FolderStore(tmp_path), random.Random(1))
    effects = archiving.replay(system, str(tmp_path))
    for topic in (LATEST, *CATEGORIES, DUPLICATES, WITHHELD, DEAD_LETTERS):
        assert archiving.find_newest(effects, topic) == system.find_newest(topic), topic
    recorded = [row.value for row in system.topics[DECISIONS]]
    assert [each.value for each in effects if each.topic == DECISIONS] == recorded


def test_a_span_is_folded_on_the_state_that_the_records_before_it_left(system: RecordedSystem, tmp_path: Path) -> None:
    archiving.archive(system, FolderStore(tmp_path), random.Random(2))
    middle = system.topics[DECISIONS][ITEMS // 2].timestamp
    effects = archiving.replay(system, str(tmp_path), start_ms=middle)
    recorded = [row.value for row in system.topics[DECISIONS] if row.timestamp >= middle]
    assert [each.value for each in effects if each.topic == DECISIONS] == recorded


@pytest.mark.parametrize("seed", range(2))
def test_kills_at_any_change_of_the_files_lose_and_double_nothing(
    system: RecordedSystem, tmp_path: Path, seed: int
) -> None:
    store, rng, kills = FolderStore(tmp_path), random.Random(seed), 0
    while True:
        try:
            archiving.archive(system, archiving.MortalStore(store, rng.randrange(1, 60)), rng)
            break
        except archiving.Killed:
            kills += 1
        assert kills < 500
    assert kills > 3
    assert verify_archive(store).problems == []
    raw = sorted(system.topics["raw"], key=lambda row: (row.partition, row.offset))
    kept = sorted(archiving.read_all(store, "raw"), key=lambda row: (row.partition, row.offset))
    assert list(archiving.describe(kept)) == list(archiving.describe(raw))
    assert list(archiving.describe(archiving.read_all(store, "decisions"))) == list(
        archiving.describe(system.topics[DECISIONS])
    )
    log = [row for row in system.topics["internal.items"] if isinstance(codec.decode(row.value or b""), Command)]
    assert list(archiving.describe(archiving.read_all(store, "commands"))) == list(archiving.describe(log))


def test_a_day_that_is_over_has_one_file_a_source_and_a_manifest_and_nothing_else_stays(
    system: RecordedSystem, tmp_path: Path
) -> None:
    store = FolderStore(tmp_path)
    archiving.archive(system, store, random.Random(3), step=7)
    head, _ = require_head(store)
    *over, last = sorted({format_day(row.timestamp) for rows in system.topics.values() for row in rows})
    assert (sorted(head.days), list(head.open)) == (over, [last])
    for day in head.days:
        places = [(each.kind, each.source) for each in read_day(store, head, day)]
        assert len(places) == len(set(places))
    listed = {each.path for day in list_days(head) for each in read_day(store, head, day)}
    there = {path for path, _ in store.list() if not path.startswith(".")}
    assert there == {*listed, *head.days.values(), "archive.json"}


def test_nobody_else_may_read_the_files(system: RecordedSystem, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    archiving.archive(system, FolderStore(folder), random.Random(4))
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir()) if path.is_dir()} == {0o700}


def test_an_archive_that_ends_anywhere_has_the_raw_record_of_each_of_its_decisions(
    system: RecordedSystem, tmp_path: Path
) -> None:
    store = FolderStore(tmp_path)
    with pytest.raises(archiving.Killed):
        archiving.archive(system, archiving.MortalStore(store, 150), random.Random(6), step=20)
    reader = ArchiveReader(store)
    decisions = [each.decision for each in reader.read_decisions(0, 1 << 60)]
    assert decisions
    for each in decisions:
        if each.origin is not None:
            assert reader.find_raw(each.origin.record_ref, each.origin.timestamp, each.source) is not None
