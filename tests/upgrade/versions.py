"""The released versions that this code must be able to follow, from versions.toml."""

import subprocess
import tomllib
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
VERSIONS: dict[str, dict[str, str]] = tomllib.loads((HERE / "versions.toml").read_text(encoding="utf-8"))
FORMAT_1 = "0.9.0"
"""The release whose log and state have format 1."""
NEWEST = list(VERSIONS)[-1]


def require_commit(version: str) -> str:
    """Returns the commit of a version; skips the test where this clone does not have it."""
    commit = VERSIONS[version]["commit"]
    if subprocess.run(["git", "-C", ROOT, "cat-file", "-e", commit], capture_output=True, check=False).returncode:
        pytest.skip(f"this clone does not have the commit of {version}: {commit}")
    return commit
