"""The state on disk: the same as in memory, whole after any end, and made anew where it cannot be used."""

import random
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams.decide.entries import Alias, Progress, encoded
from streams.decide.state import Overlay, State
from streams.decide.store import Change, MemoryStore, Note, Reminder, Store, StoreError
from streams.shell import statefolder
from streams.shell.diskstore import DiskStore, damaged_mark

OWNER = "cluster/topic"
HOUR = 3_600_000
NO_BOUND = 1 << 30


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "decide-0"


def alias(expires: int, *uris: str) -> Alias:
    return Alias(expires=expires, uris=uris or ("u:1",))


def filled(folder: Path, position: int = 7) -> None:
    """A store with one entry, closed."""
    store = DiskStore(folder, OWNER)
    State(store).take(encoded({"id a": alias(1 << 40)}), position)
    store.close()


def read(folder: Path, owner: str = OWNER) -> tuple[int, object]:
    """Position and the entry of a state that is opened as the worker does, then closed."""
    state = statefolder.opened(folder, owner)
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
REMINDERS = st.dictionaries(st.integers(0, 4), st.lists(st.sampled_from(["a", "b", "c"]), min_size=1))
CHANGES = st.lists(st.tuples(ROWS, REMINDERS), max_size=8)


@settings(max_examples=40)
@given(CHANGES, st.integers(0, 8))
@example(changes=[({}, {0: ["a"]}), ({}, {0: ["a"]}), ({}, {})], reopened_after=0)
def test_a_store_on_disk_holds_what_one_in_memory_holds_whenever_it_is_closed_and_opened(
    changes: list[tuple[dict[str, bytes | None], dict[int, list[str]]]], reopened_after: int
) -> None:
    with TemporaryDirectory() as temporary:
        disk: Store = DiskStore(Path(temporary) / "store", OWNER)
        memory = MemoryStore()
        for number, (rows, reminders) in enumerate(changes):
            if number == reopened_after:
                disk.close()
                disk = DiskStore(Path(temporary) / "store", OWNER)
            for store in (disk, memory):
                done = [reminder.mark for reminder in store.due(2, NO_BOUND)] if number % 3 == 2 else []
                store.write(Change(rows=rows, reminders=reminders, done=done, note=Note(position=number)))
        assert dict(disk.rows()) == dict(memory.rows())
        assert list(disk.prints()) == list(memory.prints())
        assert disk.note() == memory.note()
        assert all(disk.get(key) == memory.get(key) for key, _ in memory.rows())
        assert disk.get("id none") is None
        assert [due_keys(disk, before) for before in range(6)] == [due_keys(memory, before) for before in range(6)]
        disk.close()


def due_keys(store: Store, before: int) -> set[str]:
    return keys_of(store.due(before, NO_BOUND))


def keys_of(reminders: list[Reminder]) -> set[str]:
    return {key for reminder in reminders for key in reminder.keys}


@settings(max_examples=40)
@given(st.lists(REMINDERS, max_size=8), st.integers(0, 5), st.integers(1, 5))
@example(changes=[{0: ["a"]}, {0: ["a"]}, {}], before=2, most=1)
def test_what_is_due_comes_a_part_at_a_time_in_order_of_hours_until_all_of_it_came(
    changes: list[dict[int, list[str]]], before: int, most: int
) -> None:
    with TemporaryDirectory() as temporary:
        disk = DiskStore(Path(temporary) / "store", OWNER)
        for store in (disk, MemoryStore()):
            waiting: set[str] = set()
            for reminders in changes:
                named = {hour: [f"{hour} {key}" for key in keys] for hour, keys in reminders.items()}
                part = taken(store, before, most, waiting)
                store.write(Change(rows={}, reminders=named, done=[each.mark for each in part], note=Note()))
                waiting.update(key for keys in named.values() for key in keys)
            while part := taken(store, before, most, waiting):
                store.write(Change(rows={}, reminders={}, done=[each.mark for each in part], note=Note()))
            assert all(hour_of(key) >= before for key in waiting)
            assert due_keys(store, 5) == waiting
        disk.close()


def taken(store: Store, before: int, most: int, waiting: set[str]) -> list[Reminder]:
    """A part of what is due, no longer waiting: nothing of an earlier hour waits on, and no more came than was asked.

    A key may come again that came before: on disk, a key that was written twice for one hour is there twice.
    """
    part = store.due(before, most)
    hours = [hour_of(key) for reminder in part for key in reminder.keys]
    assert hours == sorted(hours)
    assert sum(len(reminder.keys) for reminder in part[:-1]) < most
    waiting -= keys_of(part)
    assert not hours or hours[-1] < before
    assert not hours or all(hour_of(key) >= hours[-1] for key in waiting)
    return part


def hour_of(key: str) -> int:
    return int(key.split()[0])


def test_reminders_of_the_earliest_hours_come_first_and_go_when_they_are_done(folder: Path) -> None:
    store = DiskStore(folder, OWNER)
    store.write(Change(rows={}, reminders={9: ["late"], 3: ["early"], 4: ["next"]}, done=[], note=Note()))
    assert [list(reminder.keys) for reminder in store.due(9, 100)] == [["early"], ["next"]]
    [first] = store.due(9, 1)
    store.write(Change(rows={}, reminders={3: ["again"]}, done=[first.mark], note=Note()))
    assert [list(reminder.keys) for reminder in store.due(10, 100)] == [["again"], ["next"], ["late"]]


def test_a_state_goes_on_where_its_store_was(folder: Path) -> None:
    filled(folder, position=7)
    assert read(folder) == (7, alias(1 << 40))


@pytest.mark.parametrize("owner", ["cluster/made-anew", "other-cluster/topic", ""])
def test_the_state_of_another_changelog_is_not_taken(folder: Path, owner: str) -> None:
    filled(folder)
    assert read(folder, owner) == (0, None)


def test_a_state_of_another_format_is_made_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(folder)
    monkeypatch.setattr("streams.shell.diskstore.FORMAT", "2.1")
    assert read(folder) == (0, None)


def test_a_state_that_does_not_know_its_changelog_is_never_taken(folder: Path) -> None:
    store = DiskStore(folder, "")
    State(store).take(encoded({"id a": alias(1 << 40)}), 7)
    store.close()
    assert read(folder, "") == (0, None)


@pytest.fixture
def large(folder: Path) -> Path:
    """A store with files of every kind: tables, and a log of what is not in them yet."""
    store, dice = DiskStore(folder, OWNER), random.Random(1)
    for number in range(30):
        rows = {f"near {200 * number + each}": dice.randbytes(4000) for each in range(200)}
        note = Note(position=number + 1)
        store.write(Change(rows=rows, reminders={}, done=[], note=note))
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
    state = statefolder.opened(large, OWNER)
    assert state.position == 0
    state.close()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_log_that_was_torn_leaves_all_that_was_written_up_to_some_moment(large: Path, share: float) -> None:
    for file in large.glob("*.log"):
        content = file.read_bytes()
        file.write_bytes(content[: int(len(content) * share)])
    store = DiskStore(large, OWNER)
    numbers = [number for number, _ in store.prints()]
    assert numbers == list(range(200 * store.note().position))
    store.close()


def test_a_folder_deleted_while_in_use_is_told_and_the_next_process_begins_anew(folder: Path) -> None:
    store = DiskStore(folder, OWNER)
    state = State(store)
    state.take(encoded({"id a": alias(1 << 40)}), 7)
    shutil.rmtree(folder)
    with pytest.raises(StoreError, match=rf"the state in {folder} cannot be used"):
        state.take(encoded({"id b": alias(1 << 40)}), 8)
    store.close()
    assert read(folder) == (0, None)


def test_a_full_disk_is_told_and_the_next_process_begins_anew(folder: Path) -> None:
    filled(folder)
    state = statefolder.opened(folder, OWNER)
    here = psutil.Process()
    before = here.rlimit(psutil.RLIMIT_FSIZE)
    here.rlimit(psutil.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(StoreError, match="cannot be used"):
            state.take(encoded({"id b": alias(1 << 40, "u" * 200_000)}), 8)
    finally:
        here.rlimit(psutil.RLIMIT_FSIZE, before)
    state.close()
    assert damaged_mark(folder).exists()
    assert read(folder) == (0, None)
    assert not damaged_mark(folder).exists()


def test_an_entry_that_cannot_be_read_makes_the_state_anew(folder: Path) -> None:
    store = DiskStore(folder, OWNER)
    State(store)
    store.write(Change(rows={"near 4": b"\xff"}, reminders={}, done=[], note=Note(position=5)))
    store.close()
    assert read(folder) == (0, None)


def test_two_processes_never_have_one_part_of_a_folder(tmp_path: Path) -> None:
    assert [statefolder.claim(tmp_path) for _ in range(2)] == [tmp_path / "decide-0", tmp_path / "decide-1"]


def test_a_folder_that_cannot_be_written_is_told_with_the_option(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="give a folder that can be written with --state"):
        statefolder.claim(tmp_path / "file")


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
    while gone := state.expired():
        parts.append(sorted(gone))
        overlay = Overlay(state)
        overlay.changes.update(gone)
        state.merge(overlay.changes)
    assert parts == [["id 0", "id 1"], ["id 2", "id 3"], ["id 4", "id 5"]]
    assert state.entries().keys() == {"id 6", "progress"}
    store.close()
