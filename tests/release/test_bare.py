"""`make test-bare`, as far as it runs without a Debian."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("parts", [(), ("PARTS=unit",), ("PARTS=unit demo",)])
def test_without_its_tools_it_says_which_are_missing(tmp_path: Path, parts: tuple[str, ...]) -> None:
    make = shutil.which("make")
    assert make
    (tmp_path / "python3").symlink_to(sys.executable)
    environ = {**os.environ, "PATH": str(tmp_path)}
    done = subprocess.run([make, "test-bare", *parts], cwd=ROOT, env=environ, capture_output=True, text=True)
    assert done.stderr.splitlines()[0] == (
        "this needs root, debootstrap, unshare and setpriv; missing: debootstrap unshare setpriv"
    )
