"""The store on disk holds what the one in memory holds, survives any end, and is rebuilt where it cannot be used."""

import random
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams.decide.state import Batch, State
from streams.decide.state_entries import Alias, Progress, encode_changes
from streams.decide.state_store import ExpiryBucket, MemoryStore, Store, StoreError, StoreMeta, WriteSet
from streams.worker import state_directory
from streams.worker.rocksdb_store import DiskStore, damaged_marker

OWNER = "cluster/topic"
HOUR = 3_600_000
NO_BOUND = 1 << 30


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "decide-0"


def build_alias(expires: int, *uris: str) -> Alias:
    return Alias(expires=expires, uris=uris or ("u:1",))


def write_one_entry(folder: Path, position: int = 7) -> None:
    """Writes a store with one entry, and closes it."""
    store = DiskStore(folder, OWNER)
    State(store).apply_rows(encode_changes({"id a": build_alias(1 << 40)}), position)
    store.close()


def read_back(folder: Path, owner: str = OWNER) -> tuple[int, object]:
    """Opens the state as the worker does; returns its position and the entry."""
    state = state_directory.open_state(folder, owner)
    found = state.position, state.get("id a")
    state.close()
    return found


ROWS = st.dictionaries(
    st.one_of(
        st.integers(0, 200).map(lambda number: f"near {number}"),
        st.sampled_from(
            ["story u", "id a", "id ä b", "ends 2031-03-04 u", "ends 2031-03-05 u", "progress", "raw news.raw 0"]
        ),
    ),
    st.none() | st.binary(max_size=5),
    max_size=6,
)
EXPIRING = st.dictionaries(st.integers(0, 4), st.lists(st.sampled_from(["a", "b", "c"]), min_size=1))
CHANGES = st.lists(st.tuples(ROWS, EXPIRING), max_size=8)


@settings(max_examples=40)
@given(CHANGES, st.integers(0, 8))
@example(changes=[({}, {0: ["a"]}), ({}, {0: ["a"]}), ({}, {})], reopened_after=0)
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
                done = [bucket.id for bucket in store.expiring(2, NO_BOUND)] if number % 3 == 2 else []
                store.write(WriteSet(rows=rows, expiring=expiring, finished=done, meta=StoreMeta(position=number)))
        assert dict(disk.rows()) == dict(memory.rows())
        assert list(disk.fingerprints()) == list(memory.fingerprints())
        assert disk.meta() == memory.meta()
        assert all(disk.get(key) == memory.get(key) for key, _ in memory.rows())
        assert disk.get("id none") is None
        for first, last in (("id ", "id ~"), ("ends ", "ends 2031-03-05"), ("a", "near"), ("~", "~~")):
            assert list(disk.keys_between(first, last)) == list(memory.keys_between(first, last))
        assert [due_keys(disk, before) for before in range(6)] == [due_keys(memory, before) for before in range(6)]
        disk.close()


def due_keys(store: Store, before: int) -> set[str]:
    """Returns all keys in the buckets of hours before this one."""
    return keys_of(store.expiring(before, NO_BOUND))


def keys_of(buckets: list[ExpiryBucket]) -> set[str]:
    return {key for bucket in buckets for key in bucket.keys}


@settings(max_examples=40)
@given(st.lists(EXPIRING, max_size=8), st.integers(0, 5), st.integers(1, 5))
@example(changes=[{0: ["a"]}, {0: ["a"]}, {}], before=2, most=1)
def test_due_keys_come_a_part_at_a_time_in_order_of_hours_until_all_of_them_came(
    changes: list[dict[int, list[str]]], before: int, most: int
) -> None:
    with TemporaryDirectory() as temporary:
        disk = DiskStore(Path(temporary) / "store", OWNER)
        for store in (disk, MemoryStore()):
            waiting: set[str] = set()
            for expiring in changes:
                named = {hour: [f"{hour} {key}" for key in keys] for hour, keys in expiring.items()}
                finished = [bucket.id for bucket in take_due_part(store, before, most, waiting)]
                store.write(WriteSet(rows={}, expiring=named, finished=finished, meta=StoreMeta()))
                waiting.update(key for keys in named.values() for key in keys)
            while part := take_due_part(store, before, most, waiting):
                finished = [bucket.id for bucket in part]
                store.write(WriteSet(rows={}, expiring={}, finished=finished, meta=StoreMeta()))
            assert all(parse_hour(key) >= before for key in waiting)
            assert due_keys(store, 5) == waiting
        disk.close()


def take_due_part(store: Store, before: int, most: int, waiting: set[str]) -> list[ExpiryBucket]:
    """Reads a part of the due buckets and removes its keys from `waiting`.

    Checks that no key of an earlier hour is left waiting, and that no more buckets came than `most` asks for. A key
    may come again that came before: on disk, a key that was written twice for one hour is there twice.
    """
    part = store.expiring(before, most)
    hours = [parse_hour(key) for bucket in part for key in bucket.keys]
    assert hours == sorted(hours)
    assert sum(len(bucket.keys) for bucket in part[:-1]) < most
    waiting -= keys_of(part)
    assert not hours or hours[-1] < before
    assert not hours or all(parse_hour(key) >= hours[-1] for key in waiting)
    return part


def parse_hour(key: str) -> int:
    return int(key.split()[0])


def test_expiry_buckets_of_the_earliest_hours_come_first_and_go_when_they_are_done(folder: Path) -> None:
    store = DiskStore(folder, OWNER)
    store.write(WriteSet(rows={}, expiring={9: ["late"], 3: ["early"], 4: ["next"]}, finished=[], meta=StoreMeta()))
    assert [list(bucket.keys) for bucket in store.expiring(9, 100)] == [["early"], ["next"]]
    [first] = store.expiring(9, 1)
    store.write(WriteSet(rows={}, expiring={3: ["again"]}, finished=[first.id], meta=StoreMeta()))
    assert [list(bucket.keys) for bucket in store.expiring(10, 100)] == [["again"], ["next"], ["late"]]


def test_a_state_goes_on_from_the_position_of_its_store(folder: Path) -> None:
    write_one_entry(folder, position=7)
    assert read_back(folder) == (7, build_alias(1 << 40))


@pytest.mark.parametrize("owner", ["cluster/made-anew", "other-cluster/topic", ""])
def test_the_state_of_another_changelog_is_discarded(folder: Path, owner: str) -> None:
    write_one_entry(folder)
    assert read_back(folder, owner) == (0, None)


def test_a_state_of_another_format_is_discarded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_one_entry(folder)
    monkeypatch.setattr("streams.worker.rocksdb_store.FORMAT", "2.1")
    assert read_back(folder) == (0, None)


def test_a_state_that_does_not_know_its_changelog_is_always_discarded(folder: Path) -> None:
    store = DiskStore(folder, "")
    State(store).apply_rows(encode_changes({"id a": build_alias(1 << 40)}), 7)
    store.close()
    assert read_back(folder, "") == (0, None)


@pytest.fixture
def large(folder: Path) -> Path:
    """A store with files of every kind: tables, and a write-ahead log of the rest."""
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
def test_a_damaged_store_is_discarded(large: Path, pattern: str, how: str) -> None:
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
def test_a_torn_write_ahead_log_leaves_all_writes_up_to_some_moment(large: Path, share: float) -> None:
    for file in large.glob("*.log"):
        content = file.read_bytes()
        file.write_bytes(content[: int(len(content) * share)])
    store = DiskStore(large, OWNER)
    numbers = [number for number, _ in store.fingerprints()]
    assert numbers == list(range(200 * store.meta().position))
    store.close()


def test_a_folder_deleted_while_in_use_is_an_error_and_the_next_process_begins_empty(folder: Path) -> None:
    store = DiskStore(folder, OWNER)
    state = State(store)
    state.apply_rows(encode_changes({"id a": build_alias(1 << 40)}), 7)
    shutil.rmtree(folder)
    with pytest.raises(StoreError, match=rf"the state in {folder} cannot be used"):
        state.apply_rows(encode_changes({"id b": build_alias(1 << 40)}), 8)
    store.close()
    assert read_back(folder) == (0, None)


def test_a_full_disk_is_an_error_and_the_next_process_begins_empty(folder: Path) -> None:
    write_one_entry(folder)
    state = state_directory.open_state(folder, OWNER)
    here = psutil.Process()
    before = here.rlimit(psutil.RLIMIT_FSIZE)
    here.rlimit(psutil.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(StoreError, match="cannot be used"):
            state.apply_rows(encode_changes({"id b": build_alias(1 << 40, "u" * 200_000)}), 8)
    finally:
        here.rlimit(psutil.RLIMIT_FSIZE, before)
    state.close()
    assert damaged_marker(folder).exists()
    assert read_back(folder) == (0, None)
    assert not damaged_marker(folder).exists()


def test_a_state_with_an_unreadable_entry_is_discarded(folder: Path) -> None:
    store = DiskStore(folder, OWNER)
    State(store)
    store.write(WriteSet(rows={"near 4": b"\xff"}, expiring={}, finished=[], meta=StoreMeta(position=5)))
    store.close()
    assert read_back(folder) == (0, None)


def test_two_processes_never_claim_the_same_part_of_a_folder(tmp_path: Path) -> None:
    assert [state_directory.claim(tmp_path) for _ in range(2)] == [tmp_path / "decide-0", tmp_path / "decide-1"]


def test_an_unwritable_folder_is_an_error_that_names_the_option(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="give a folder that can be written with --state"):
        state_directory.claim(tmp_path / "file")


def test_expired_entries_go_in_parts_until_all_are_gone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.decide.state.MOST_REMOVED", 2)
    store = DiskStore(folder, OWNER)
    state = State(store)
    for number in range(7):
        state.merge({f"id {number}": build_alias(HOUR + number)})
    state.merge({"id 6": build_alias(9 * HOUR), "progress": Progress(clock=5 * HOUR)})
    parts = []
    while gone := state.remove_expired():
        parts.append(sorted(gone))
        overlay = Batch(state)
        overlay.changes.update(gone)
        state.merge(overlay.changes)
    assert parts == [["id 0", "id 1"], ["id 2", "id 3"], ["id 4", "id 5"]]
    assert state.entries().keys() == {"id 6", "progress"}
    store.close()


def test_what_was_loaded_outlives_a_killed_process_and_so_does_what_is_written_after_it(folder: Path) -> None:
    state = State(DiskStore(folder, OWNER))
    state.apply_rows(encode_changes({"id a": build_alias(1 << 40)}), 1)
    with state.loading():
        state.apply_rows(encode_changes({"id b": build_alias(1 << 40)}), 2)
    state.apply_rows(encode_changes({"id c": build_alias(1 << 40)}), 3)
    copy = folder.with_name("copy")
    shutil.copytree(folder, copy)  # what a killed process leaves
    state.close()
    (copy / "LOCK").unlink()
    found = State(DiskStore(copy, OWNER))
    assert (found.position, sorted(key for key, _ in found.rows())) == (3, ["id a", "id b", "id c"])
    found.close()
