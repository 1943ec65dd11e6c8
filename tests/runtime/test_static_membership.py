import subprocess
import sys
from pathlib import Path

import pytest

from streams.runtime.static_membership import claim, claim_or_none

CLAIM = """
import sys
from pathlib import Path
from streams.runtime.static_membership import claim
print(claim(Path(sys.argv[1]), "group"))
"""


def claimed_elsewhere(folder: Path) -> str:
    """What a process of its own gets, and gives back by ending."""
    return subprocess.run([sys.executable, "-c", CLAIM, str(folder)], capture_output=True, text=True, check=True).stdout


def test_a_process_that_comes_back_gets_its_id_again(tmp_path: Path) -> None:
    first = claimed_elsewhere(tmp_path / "made")
    assert first.startswith("group-")
    assert claimed_elsewhere(tmp_path / "made") == first


def test_two_living_processes_never_have_one_id(tmp_path: Path) -> None:
    ids = [claim(tmp_path, "group"), claim(tmp_path, "group"), claimed_elsewhere(tmp_path).strip()]
    assert len(set(ids)) == 3


def test_groups_and_folders_have_ids_of_their_own(tmp_path: Path) -> None:
    ids = [claim(tmp_path / "a", "one"), claim(tmp_path / "a", "two"), claim(tmp_path / "b", "one")]
    assert len(set(ids)) == 3
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["one-0.member", "two-0.member"]


@pytest.mark.parametrize("left", [b"", b"ab12", b"\xff\xfe\x00half written", b"0" * 4096])
def test_a_half_written_file_is_an_id_lost_and_nothing_more(tmp_path: Path, left: bytes) -> None:
    (tmp_path / "group-0.member").write_bytes(left)
    assert claimed_elsewhere(tmp_path) == claimed_elsewhere(tmp_path)


NO_ROOM = """
import resource, sys
from pathlib import Path
from streams.runtime.static_membership import claim_or_none
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
print(claim_or_none(Path(sys.argv[1]), "group"))
"""


def test_a_worker_that_cannot_write_goes_on_without_an_id(tmp_path: Path) -> None:
    said = subprocess.run([sys.executable, "-c", NO_ROOM, str(tmp_path)], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines()[-1] == "None"
    assert claim_or_none(Path("/proc/no-such-folder"), "group") is None
    assert claim_or_none(None, "group") is None
