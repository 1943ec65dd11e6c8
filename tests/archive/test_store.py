"""Two processes never mix their work in one archive, and a bucket keeps what a folder keeps."""

import random
from pathlib import Path

import obstore.store
import pytest
from support import archiving
from support.recorded_system import RecordedSystem

from streams.archive.files import require_head
from streams.archive.follow import purge_now
from streams.archive.places import open_store
from streams.archive.s3 import BucketStore
from streams.archive.store import ArchiveStore, Conflict, FolderStore
from streams.archive.verify import verify_archive
from streams.model.errors import WorkFailed
from streams.model.topics import DECISIONS, RAW


@pytest.fixture(scope="module")
def system() -> RecordedSystem:
    made = RecordedSystem()
    made.send(40, seed=13, days=2)
    made.command("kill", made.decisions[0].uri, detail={"final": True})
    return made


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ArchiveStore:
    if request.param == "bucket":
        return BucketStore(obstore.store.MemoryStore(), "s3://bucket/news")
    return FolderStore(tmp_path / "archive")


def test_a_store_gives_back_what_it_was_given(store: ArchiveStore) -> None:
    store.write("2026-03-02/raw/a%2Fb.1.jsonl.zst", b"one")
    store.write("2026-03-02/raw/a%2Fb.1.jsonl.zst", b"two")
    assert store.read("2026-03-02/raw/a%2Fb.1.jsonl.zst") == b"two"
    assert [path for path, _ in store.list()] == ["2026-03-02/raw/a%2Fb.1.jsonl.zst"]
    store.delete("2026-03-02/raw/a%2Fb.1.jsonl.zst")
    store.delete("2026-03-02/raw/a%2Fb.1.jsonl.zst")
    with pytest.raises(FileNotFoundError):
        store.read("2026-03-02/raw/a%2Fb.1.jsonl.zst")
    assert store.read_version("archive.json") is None


def test_the_head_is_replaced_only_by_who_has_read_its_last_version(store: ArchiveStore) -> None:
    first = store.swap("archive.json", "", b"1")
    with pytest.raises(Conflict, match="another process has changed the archive"):
        store.swap("archive.json", "", b"other")
    second = store.swap("archive.json", first, b"2")
    with pytest.raises(Conflict):
        store.swap("archive.json", first, b"3")
    assert store.read_version("archive.json") == (b"2", second)


def test_two_processes_that_follow_lose_and_double_nothing(system: RecordedSystem, store: ArchiveStore) -> None:
    slow = archiving.open_writer(store)
    archiving.archive(system, store, random.Random(1))
    with pytest.raises(Conflict):
        slow.flush(next={"news.raw/0": 7})
    assert verify_archive(store).problems == []
    assert len(archiving.read_all(store, "raw")) == len(system.topics[RAW])
    assert len(archiving.read_all(store, "decisions")) == len(system.topics[DECISIONS])


def test_a_story_is_purged_beside_a_process_that_follows(system: RecordedSystem, store: ArchiveStore) -> None:
    archiving.archive(system, store, random.Random(2))
    follower = archiving.open_writer(store)
    uri = system.decisions[0].uri
    assert purge_now(store, frozenset([uri]), 5, system.prepare).raw == 1
    head, _ = require_head(store)
    assert head.withdrawn[uri].purged
    with pytest.raises(Conflict):
        follower.flush()
    assert purge_now(store, frozenset([uri]), 6, system.prepare).raw == 0


def test_a_place_that_cannot_be_opened_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(WorkFailed, match="holds no archive"):
        require_head(open_store(str(tmp_path)))
    with pytest.raises(WorkFailed, match="nowhere://"):
        open_store("nowhere://bucket")


def test_a_damaged_file_is_named(system: RecordedSystem, store: ArchiveStore) -> None:
    archiving.archive(system, store, random.Random(3))
    paths = [path for path, _ in store.list() if "/raw/" in path]
    store.write(paths[0], store.read(paths[0])[:-1])
    store.delete(paths[1])
    assert verify_archive(store).problems == [
        f"{paths[0]}: {store.name}/{paths[0]} is not as its manifest says: the archive is damaged",
        f"{paths[1]}: {store.name}/{paths[1]} is missing: the archive is damaged",
    ]
