"""A file is locked for one open file at a time, and for as long as that is open."""

from pathlib import Path

from streams.kafka.file_lock import try_lock


def test_a_second_lock_on_a_file_is_refused_until_the_first_file_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with path.open("wb") as first:
        assert try_lock(first)
        with path.open("ab") as second:
            assert not try_lock(second)
    with path.open("ab") as third:
        assert try_lock(third)


def test_locking_leaves_what_the_file_holds(tmp_path: Path) -> None:
    path = tmp_path / "member"
    path.write_bytes(b"0123456789ab")
    with path.open("r+b") as file:
        assert try_lock(file)
        assert file.read() == b"0123456789ab"
