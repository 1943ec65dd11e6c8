"""The state on disk: the same as in memory, whole after any end, and made anew where it cannot be used."""

import random
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.decide.state import Batch, State
from streams.decide.state_entries import Alias, Progress, encode_changes
from streams.decide.state_store import MemoryStore, Store, StoreError, StoreMeta, WriteSet
from streams.worker import state_directory
from streams.worker.rocksdb_store import DiskStore, damaged_mark

OWNER = "cluster/topic"
HOUR = 3_600_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "decide-0"


def alias(expires: int, *uris: str) -> Alias:
    return Alias(expires=expires, uris=uris or ("u:1",))


def filled(folder: Path, position: int = 7) -> None:
    """A store with one entry, closed."""
    store = DiskStore(folder, OWNER)
    State(store).apply_rows(encode_changes({"id a": alias(1 << 40)}), position)
    store.close()


def read(folder: Path, owner: str = OWNER) -> tuple[int, object]:
    """Position and the entry of a state that is opened as the worker does, then closed."""
    state = state_directory.open_state(folder, owner)
    found = state.position, state.get("id a")
    state.close()
    return found


ROWS = st.dictionaries(
    st.one_of(
        st.integers(0, 200).map(lambda number: f"near {number}"),
        st.sampled_from(["story u", "id a", "id ä b", "progress", "text 00", "raw news.raw 0"]),
    ),
    st.none() | st.binary(max_size=5),
    max_size=6,
)
CHANGES = st.lists(
    st.tuples(ROWS, st.dictionaries(st.integers(0, 4), st.lists(st.sampled_from(["a", "b", "c"]), min_size=1))),
    max_size=8,
)


@settings(max_examples=40)
@given(CHANGES, st.integers(0, 8))
def test_a_store_on_disk_holds_what_one_in_memory_holds_whenever_it_is_closed_and_opened(
    changes: list[tuple[dict[str, bytes | None], dict[int, list[str]]]], reopened_after: int
) -> None:
    with TemporaryDirectory() as temporary:
        disk: Store = DiskStore(Path(temporary) / "store", OWNER)
        memory = MemoryStore()
        for number, (rows, expiring) in enumerate(changes):
            if number == reopened_after:
                disk.close()
                disk = DiskStore(Path(temporary) / "store", OWNER)
            for store in (disk, memory):
                done = [bucket.id for bucket in store.expiring(2, 1)] if number % 3 == 2 else []
                store.write(WriteSet(rows=rows, expiring=expiring, finished=done, meta=StoreMeta(position=number)))
        assert dict(disk.rows()) == dict(memory.rows())
        assert list(disk.fingerprints()) == list(memory.fingerprints())
        assert disk.meta() == memory.meta()
        assert all(disk.get(key) == memory.get(key) for key, _ in memory.rows())
        assert disk.get("id none") is None
        assert due_keys(disk) == due_keys(memory)
        disk.close()


def due_keys(store: Store) -> set[str]:
    return {key for bucket in store.expiring(1 << 30, 1 << 30) for key in bucket.keys}


def test_expiry_buckets_of_the_earliest_hours_come_first_and_go_when_they_are_done(folder: Path) -> None:
    store = DiskStore(folder, OWNER)
    store.write(WriteSet(rows={}, expiring={9: ["late"], 3: ["early"], 4: ["next"]}, finished=[], meta=StoreMeta()))
    assert [list(bucket.keys) for bucket in store.expiring(9, 100)] == [["early"], ["next"]]
    [first] = store.expiring(9, 1)
    store.write(WriteSet(rows={}, expiring={3: ["again"]}, finished=[first.id], meta=StoreMeta()))
    assert [list(bucket.keys) for bucket in store.expiring(10, 100)] == [["again"], ["next"], ["late"]]


def test_a_state_goes_on_where_its_store_was(folder: Path) -> None:
    filled(folder, position=7)
    assert read(folder) == (7, alias(1 << 40))


@pytest.mark.parametrize("owner", ["cluster/made-anew", "other-cluster/topic", ""])
def test_the_state_of_another_changelog_is_not_taken(folder: Path, owner: str) -> None:
    filled(folder)
    assert read(folder, owner) == (0, None)


def test_a_state_of_another_format_is_made_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(folder)
    monkeypatch.setattr("streams.worker.rocksdb_store.FORMAT", "2.1")
    assert read(folder) == (0, None)


def test_a_state_that_does_not_know_its_changelog_is_never_taken(folder: Path) -> None:
    store = DiskStore(folder, "")
    State(store).apply_rows(encode_changes({"id a": alias(1 << 40)}), 7)
    store.close()
    assert read(folder, "") == (0, None)


@pytest.fixture
def large(folder: Path) -> Path:
    """A store with files of every kind: tables, and a log of what is not in them yet."""
    store, dice = DiskStore(folder, OWNER), random.Random(1)
    for number in range(30):
        rows = {f"near {200 * number + each}": dice.randbytes(4000) for each in range(200)}
        note = StoreMeta(position=number + 1)
        store.write(WriteSet(rows=rows, expiring={}, finished=[], meta=note))
    store.close()
    assert list(folder.glob("*.sst"))
    return folder


@pytest.mark.parametrize("pattern", ["*.sst", "MANIFEST-*", "CURRENT"])
@pytest.mark.parametrize("how", ["half", "noise", "gone"])
def test_a_damaged_store_is_made_anew_or_whole_up_to_some_moment(large: Path, pattern: str, how: str) -> None:
    for file in large.glob(pattern):
        content = file.read_bytes()
        if how == "gone":
            file.unlink()
        else:
            file.write_bytes(content[: len(content) // 2] if how == "half" else bytes(len(content)))
    state = state_directory.open_state(large, OWNER)
    assert state.position == 0
    state.close()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_log_that_was_torn_leaves_all_that_was_written_up_to_some_moment(large: Path, share: float) -> None:
    for file in large.glob("*.log"):
        content = file.read_bytes()
        file.write_bytes(content[: int(len(content) * share)])
    store = DiskStore(large, OWNER)
    numbers = [number for number, _ in store.fingerprints()]
    assert numbers == list(range(200 * store.meta().position))
    store.close()


def test_a_folder_deleted_while_in_use_is_told_and_the_next_process_begins_anew(folder: Path) -> None:
    store = DiskStore(folder, OWNER)
    state = State(store)
    state.apply_rows(encode_changes({"id a": alias(1 << 40)}), 7)
    shutil.rmtree(folder)
    with pytest.raises(StoreError, match=rf"the state in {folder} cannot be used"):
        state.apply_rows(encode_changes({"id b": alias(1 << 40)}), 8)
    store.close()
    assert read(folder) == (0, None)


def test_a_full_disk_is_told_and_the_next_process_begins_anew(folder: Path) -> None:
    filled(folder)
    state = state_directory.open_state(folder, OWNER)
    here = psutil.Process()
    before = here.rlimit(psutil.RLIMIT_FSIZE)
    here.rlimit(psutil.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(StoreError, match="cannot be used"):
            state.apply_rows(encode_changes({"id b": alias(1 << 40, "u" * 200_000)}), 8)
    finally:
        here.rlimit(psutil.RLIMIT_FSIZE, before)
    state.close()
    assert damaged_mark(folder).exists()
    assert read(folder) == (0, None)
    assert not damaged_mark(folder).exists()


def test_an_entry_that_cannot_be_read_makes_the_state_anew(folder: Path) -> None:
    store = DiskStore(folder, OWNER)
    State(store)
    store.write(WriteSet(rows={"near 4": b"\xff"}, expiring={}, finished=[], meta=StoreMeta(position=5)))
    store.close()
    assert read(folder) == (0, None)


def test_two_processes_never_have_one_part_of_a_folder(tmp_path: Path) -> None:
    assert [state_directory.claim(tmp_path) for _ in range(2)] == [tmp_path / "decide-0", tmp_path / "decide-1"]


def test_a_folder_that_cannot_be_written_is_told_with_the_option(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="give a folder that can be written with --state"):
        state_directory.claim(tmp_path / "file")


def test_what_expired_goes_a_part_at_a_time_and_comes_up_again_until_all_is_gone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.decide.state.MOST_REMOVED", 2)
    store = DiskStore(folder, OWNER)
    state = State(store)
    for number in range(7):
        state.merge({f"id {number}": alias(HOUR + number)})
    state.merge({"id 6": alias(9 * HOUR), "progress": Progress(clock=5 * HOUR)})
    parts = []
    while gone := state.remove_expired():
        parts.append(sorted(gone))
        overlay = Batch(state)
        overlay.changes.update(gone)
        state.merge(overlay.changes)
    assert parts == [["id 0", "id 1"], ["id 2", "id 3"], ["id 4", "id 5"]]
    assert state.entries().keys() == {"id 6", "progress"}
    store.close()
