"""Writes the commit into a wheel or a source archive that is built from a checkout. hatchling runs this file."""

import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CommitHook(BuildHookInterface[Any]):
    """Adds `streams/commit.txt`, which `newswire --version` reads.

    An source archive has the file already. An editable install has none: there the command asks git.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds the file when `version` is `standard` and the folder is a git checkout."""
        if version == "editable" or not (Path(self.root) / ".git").exists():
            return
        commit = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607 - whichever git the builder has
            cwd=self.root,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as file:
            file.write(commit)
        build_data["force_include"][file.name] = "streams/commit.txt"
