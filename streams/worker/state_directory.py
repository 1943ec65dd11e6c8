"""The state folder of a process that decides: which part of it is ours, and the state that is in it.

`decide-0/` is the store (diskstore.py) of the process that holds `decide-0.lock`; a spare on the same machine takes
`decide-1`. A store that cannot be used is removed: the changelog has it all.
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
from streams.model.topics import STATE
from streams.runtime import static_membership
from streams.worker.rocksdb_store import DiskStore, damaged_mark

log = structlog.get_logger()


def claim(folder: Path | None) -> Path:
    """A part of the folder for this process alone, as long as it lives. Raises `StoreError`.

    Without a folder, one below the system's folder of temporary files, for all workers of this user.
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


async def read_owner(settings: Settings) -> str:
    """What the state in a folder must be a cache of: the changelog of this cluster, as it was last made."""
    async with client.open_admin(settings.kafka) as admin:
        return await fetch_topic_identity(admin, settings.topics.full(STATE))


def open_state(folder: Path, owner: str) -> State:
    """The state in a folder; an empty one where it is damaged, or of another changelog or format."""
    damaged = damaged_mark(folder)
    why = "a process could not use it" if damaged.exists() else ""
    if not why:
        try:
            return _open(folder, owner)
        except (StoreError, ValueError) as error:
            why = str(error)
    # Out of the handler: while the error lives, so does what was read of the store, and its lock.
    log.warning("state_discarded", folder=str(folder), why=why, then="it is made anew from the changelog")
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
