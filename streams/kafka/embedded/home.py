"""Reads and writes the folder of an embedded broker, and tells whether its broker lives.

It holds `broker.lock` (locked by the broker process while it lives, so nothing goes stale), `broker.pid`,
`broker.json` (cluster id and port, kept for later starts), the configuration, `data/` and `logs/`.
"""

import json
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

from streams.kafka.file_lock import try_lock
from streams.model.errors import WorkFailed

PID_FILE = "broker.pid"
_LOCK_FILE = "broker.lock"
_SAVED_FILE = "broker.json"


class BrokerError(WorkFailed):
    """The broker cannot be started, found or stopped. The text is one sentence for the user."""


class AlreadyRunsError(BrokerError):
    """Another broker runs in the folder."""


class SavedBroker(NamedTuple):
    """The values that a folder keeps from one start to the next: the cluster's id and the port."""

    cluster: str
    port: int


def claim_folder(folder: Path) -> None:
    """Prepares a folder for a broker. Raises `BrokerError` where it holds other files."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / _LOCK_FILE).exists():
            raise BrokerError(f"{folder} holds other files: choose an empty or a new folder with --dir")
        (folder / _LOCK_FILE).touch()
        (folder / "logs").mkdir(exist_ok=True)
    except OSError as error:
        raise _not_writable(folder, error) from error


def open_lock(folder: Path) -> IO[bytes]:
    """Opens the lock file; a lock lasts until every process that inherited the open file has closed it."""
    try:
        return (folder / _LOCK_FILE).open("ab")
    except OSError as error:
        raise _not_writable(folder, error) from error


def is_locked(folder: Path) -> bool:
    """Tells whether a broker lives in the folder, or is being started."""
    if not (folder / _LOCK_FILE).exists():
        return False
    with open_lock(folder) as file:
        return not try_lock(file)


def read_pid(folder: Path) -> int | None:
    """Reads the broker's process id, valid while the folder is locked; None before the broker has begun."""
    try:
        return int((folder / PID_FILE).read_text(encoding="ascii"))
    except FileNotFoundError:
        return None


def forget_pid(folder: Path) -> None:
    """Removes the process id of the last broker, which may be another program's by now."""
    with suppress(FileNotFoundError):
        (folder / PID_FILE).unlink()


def read_saved(folder: Path) -> SavedBroker | None:
    """Reads what the folder keeps; None for a new folder."""
    path = folder / _SAVED_FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return SavedBroker(str(content["cluster"]), int(content["port"]))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BrokerError(f"{path} cannot be read: delete {folder} to start with no data") from error


def save(folder: Path, content: SavedBroker) -> None:
    """Writes what the folder keeps."""
    write_atomically(folder / _SAVED_FILE, json.dumps(content._asdict()))


def write_atomically(path: Path, text: str) -> None:
    """Writes a file of the folder atomically."""
    temporary = path.with_name(path.name + ".new")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise _not_writable(path, error) from error


def measure_bytes(folder: Path) -> int:
    """Measures a folder on disk: blocks, not lengths, because Kafka's index files are sparse."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            total += path.lstat().st_blocks * 512
    return total


def _not_writable(path: Path, error: OSError) -> BrokerError:
    return BrokerError(f"cannot write {path} ({error.strerror}): correct that or choose another --dir")
