"""Gives a worker the id of a static member (KIP-345), so that it keeps its partitions over a restart.

The worker must come back within the session timeout. Its id stands in a file of the state folder, which the process
locks for as long as it lives. So two processes never use one id: they would take the membership from each other every
second, without being fenced.
"""

import os
import platform
import re
import uuid
from pathlib import Path
from typing import IO

import structlog

from streams.kafka.file_lock import try_lock

log = structlog.get_logger()
_held: list[IO[bytes]] = []
"""Locked files, open for the life of the process: closing a file ends its lock."""
MAX_MEMBERS = 1000
_ID = re.compile(rb"[0-9a-f]{12}")


def claim_or_none(folder: Path | None, group: str) -> str | None:
    """Claims an id as `claim` does. Returns None without a folder or with an unusable one: a worker needs no id."""
    if folder is None:
        return None
    try:
        return claim(folder, group)
    except OSError as error:
        log.warning("no_static_membership", folder=str(folder), error=str(error))
        return None


def claim(folder: Path, group: str) -> str:
    """Claims the first member id of `group` in this folder that no living process holds; makes one where none is free.

    The id names the machine too, so that a copied folder does not copy the member. Raises OSError where the folder
    cannot be written.
    """
    _, file = lock_first_free(folder, group, "member")
    known = file.read(12)
    if not _ID.fullmatch(known):  # new, or half-written
        known = uuid.uuid4().hex[:12].encode()
        file.seek(0)
        file.write(known)
    return f"{group}-{platform.node() or 'local'}-{known.decode()}"


def lock_first_free(folder: Path, name: str, suffix: str) -> tuple[int, IO[bytes]]:
    """Locks the first of the files `NAME-0.SUFFIX`, `NAME-1.SUFFIX`… that no living process holds, until this one ends.

    Returns its number and the open file. Raises OSError where the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(MAX_MEMBERS):
        file = os.fdopen(
            os.open(folder / f"{name}-{number}.{suffix}", os.O_RDWR | os.O_CREAT, 0o644), "r+b", buffering=0
        )
        if not try_lock(file):
            file.close()
            continue
        _held.append(file)
        return number, file
    raise OSError(
        f"{folder} holds {MAX_MEMBERS} members of {name}, all of them alive: give each worker a folder of its own"
    )
