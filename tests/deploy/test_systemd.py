"""The systemd units are valid, and start commands that exist."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support.readme import README

from streams.cli.main import COMMANDS

FOLDER = README.parent / "deploy" / "systemd"
UNITS = sorted(path for path in FOLDER.iterdir())


def test_every_unit_starts_a_command_of_ours() -> None:
    calls = [line for path in UNITS for line in path.read_text().splitlines() if line.startswith("ExecStart=")]
    assert len(calls) == 6
    for call in calls:
        found = re.fullmatch(r"ExecStart=/opt/newswire/bin/newswire ([a-z-]+)( .*)?", call)
        assert found is not None
        assert found[1] in COMMANDS


def test_systemd_finds_no_fault_in_the_units(tmp_path: Path) -> None:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not installed")
    for path in UNITS:  # the program that they start lies elsewhere on the machine that runs them
        (tmp_path / path.name).write_text(path.read_text().replace("/opt/newswire/bin/newswire", "/bin/true"))
    names = [str(tmp_path / path.name) for path in UNITS]
    done = subprocess.run(
        [tool, "verify", "--man=no", *names], capture_output=True, text=True, timeout=120, check=False
    )
    about = [line for line in done.stderr.splitlines() if "newswire" in line]
    assert about == []
