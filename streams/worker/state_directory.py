"""Claims a part of the state folder for a process that decides, and opens the state in it.

`decide-0/` is the store (rocksdb_store.py) of the process that locks `decide-0.lock`; a spare on the same machine takes
`decide-1/`. A store that cannot be used is removed: the changelog has everything.
"""

import os
import shutil
import tempfile
from pathlib import Path

import structlog

from streams.config.settings import Settings
from streams.decide.state import State
from streams.decide.state_store import StoreError
from streams.kafka import client
from streams.kafka.protocol import fetch_topic_identity
from streams.model.errors import WorkFailed
from streams.model.topics import STATE
from streams.runtime import static_membership
from streams.worker.rocksdb_store import DiskStore, damaged_marker

log = structlog.get_logger()


def claim(folder: Path | None) -> Path:
    """Claims a part of the folder for this process, as long as it lives. Raises `StoreError`.

    Without a folder it takes one in the system's folder of temporary files, shared by all workers of this user.
    """
    try:
        if folder is None:
            folder = Path(tempfile.gettempdir()) / f"newswire-{os.getuid()}"
            folder.mkdir(mode=0o700, exist_ok=True)
            if folder.stat().st_uid != os.getuid():
                raise PermissionError(f"{folder} belongs to another user")
        number, _ = static_membership.lock_first_free(folder, "decide", "lock")
    except OSError as error:
        raise StoreError(f"no state folder ({error}): give a folder that can be written with --state") from error
    return folder / f"decide-{number}"


def require_writable(folder: Path | None) -> None:
    """Raises `WorkFailed` where files cannot be written into the state folder; without a folder, in the usual place."""
    try:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        where = folder or tempfile.gettempdir()
        raise WorkFailed(
            f"the state folder {where} cannot be written ({error.strerror}): give another one with --state"
        ) from error


async def read_owner(settings: Settings) -> str:
    """Reads the identity of the changelog topic on this cluster: a state folder must be a cache of this one."""
    async with client.open_admin(settings.kafka) as admin:
        return await fetch_topic_identity(admin, settings.topics.full(STATE))


def open_state(folder: Path, owner: str) -> State:
    """Opens the state in a folder; an empty one where it is damaged, or of another changelog or format."""
    damaged = damaged_marker(folder)
    why = "a process could not use it" if damaged.exists() else ""
    if not why:
        try:
            return _open(folder, owner)
        except (StoreError, ValueError) as error:
            why = str(error)
    # Not inside the handler: while the error lives, so do the objects of the store, and its lock.
    log.warning("state_discarded", folder=str(folder), why=why, then="it is made again from the changelog")
    shutil.rmtree(folder, ignore_errors=True)
    damaged.unlink(missing_ok=True)
    return _open(folder, owner)


def _open(folder: Path, owner: str) -> State:
    store = DiskStore(folder, owner)
    try:
        return State(store)
    except BaseException:
        store.close()
        raise
