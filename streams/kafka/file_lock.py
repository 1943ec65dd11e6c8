"""Locks a file for one process (flock): the broker's folder, a static member's id, a feeder's checkpoints.

The kernel releases the lock when every process that has the open file closes it or ends, so no lock is ever stale.
The module stands in kafka/ because that is the lowest room with I/O that all three users may import.
The library filelock (15,000 lines) does not fit: it opens the file itself and hides it, while a member's file also
holds its id, and it refuses a lock that a child process inherits, as the embedded broker does.
"""

import fcntl
from typing import IO


def try_lock(file: IO[bytes]) -> bool:
    """Locks an open file; returns False where another process has it locked."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait_lock(file: IO[bytes]) -> None:
    """Locks an open file; waits where another process has it locked."""
    fcntl.flock(file, fcntl.LOCK_EX)
