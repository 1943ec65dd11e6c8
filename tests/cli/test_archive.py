"""`newswire archive` as it is called: what it says of an archive, and what it refuses."""

import random
from pathlib import Path

import pytest
from support import archiving
from support.recorded_system import RecordedSystem

from streams.archive.store import FolderStore
from streams.cli.main import main


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RecordedSystem]:
    system, folder = RecordedSystem(), tmp_path_factory.mktemp("archive")
    system.send(30, seed=14, days=2)
    system.command("kill", system.decisions[0].uri, id="k1")
    archiving.archive(system, FolderStore(folder), random.Random(1))
    return folder, system


def call(*arguments: str, status: int = 0) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["archive", *arguments])
    assert stop.value.code == status


def test_verify_says_what_each_day_holds(
    place: tuple[Path, RecordedSystem], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = place
    call("verify", str(folder))
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("2026-03-02  ")
    assert said[-1] == "withdrawn stories: 0 purged, 2 to purge"


def test_purge_takes_out_a_killed_story_and_refuses_a_live_one(
    place: tuple[Path, RecordedSystem], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, system = place
    killed, live = (
        system.decisions[0].uri,
        next(each.uri for each in system.decisions[1:] if each.outcome == "published"),
    )
    call("purge", killed, "--archive", str(folder), status=2)
    assert "--yes" in capsys.readouterr().err
    call("purge", live, "--archive", str(folder), "--yes", status=1)
    assert f"{live} is not withdrawn, as far as the archive knows" in capsys.readouterr().err
    call("purge", killed, "--archive", str(folder), "--yes")
    assert capsys.readouterr().out.startswith("1 raw records emptied")


def test_a_folder_without_an_archive_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call("verify", str(tmp_path / "none"), status=1)
    assert "holds no archive" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_replay_tells_of_an_archive_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["replay", "--archive", str(tmp_path), "--last", "2d"])
    assert stop.value.code == 1
    assert "holds no archive" in capsys.readouterr().err


def test_a_replay_of_an_archive_says_how_much_it_would_read_without_a_broker(
    place: tuple[Path, RecordedSystem], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.nice", lambda _: 0)
    folder, system = place
    with pytest.raises(SystemExit) as stop:
        main(["replay", "--archive", str(folder), "--from", "2026-03-01T00:00:00Z"])
    said = capsys.readouterr().out
    assert stop.value.code == 0, said
    count = len(system.decisions)
    assert said.startswith(f"{count} records of the log, offsets 0 to {count - 1}\n0 records before them")
