"""Says which release, commit and stored formats a program has."""

import subprocess
from importlib import metadata, resources
from pathlib import Path

from streams.decide.state_entries import READABLE_STATE_FORMATS, STATE_FORMAT
from streams.model.records import LOG_FORMAT, READABLE_FORMATS


def format_version() -> str:
    """Returns one line: the release, the commit, and the formats of log and state that it writes and reads."""
    return (
        f"newswire {metadata.version('newswire-streams')}, commit {find_commit() or 'unknown'}; "
        f"log format {LOG_FORMAT} (reads {_join(READABLE_FORMATS)}), "
        f"state format {STATE_FORMAT} (reads {_join(READABLE_STATE_FORMATS)})"
    )


def find_commit() -> str | None:
    """Returns the commit from the package, or of the checkout that it runs in; None when there is neither."""
    package = resources.files("streams")
    stated = package / "commit.txt"
    if stated.is_file():
        return stated.read_text("ascii").strip()[:12]
    root = Path(str(package)).parent
    if not (root / ".git").exists():
        return None
    try:
        done = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"],  # noqa: S607 - whichever git is on the PATH
            cwd=root,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None


def _join(formats: tuple[int, ...]) -> str:
    *first, last = map(str, formats)
    return f"{', '.join(first)} and {last}" if first else last
