"""The command that tests on a fresh Debian, as far as it runs without one."""

import subprocess
import sys
from pathlib import Path

import pytest

BARE = Path(__file__).parent / "bare.py"


@pytest.mark.parametrize("parts", [[], ["demo"], ["unit", "test"]])
def test_without_its_tools_it_says_which_are_missing(parts: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, str(BARE), *parts], env={"PATH": ""}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == ("this needs root, debootstrap, unshare and setpriv; missing: debootstrap unshare setpriv\n")
