"""Becomes the broker process. process.py runs this file as a script; it uses the standard library only.

`launch.py PID_FILE PARENT COMMAND...` makes a process that writes its id into PID_FILE, then becomes COMMAND.
With a PARENT other than 0 it stays beside COMMAND as its keeper, and ends it when the process PARENT is gone,
however that died: os.getppid() changes when a process ends. (Linux's parent death signal would also fire when
only the thread that started us ends; between keeper and COMMAND, where there is but one thread, it is right,
and covers a kill -9 of the keeper.)
COMMAND inherits the locked file, which is stdin: the folder is locked exactly as long as the broker lives.
"""

import ctypes
import os
import signal
import sys
import time

_POLL_SECONDS = 0.2
_STOP_SECONDS = 10.0
_PR_SET_PDEATHSIG = 1


def _become(pid_file: str, command: list[str]) -> None:
    temporary = f"{pid_file}.new"
    with open(temporary, "w", encoding="ascii") as file:  # noqa: PTH123 (no pathlib: start in a few ms)
        file.write(f"{os.getpid()}\n")
    os.replace(temporary, pid_file)  # noqa: PTH105
    os.execv(command[0], command)  # noqa: S606


def _die_with_parent(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above
        os._exit(1)


def _keep(child: int, parent: int) -> int:
    """Waits for the child to end, or ends it when the parent is gone; returns the child's exit status."""
    stopping_since: float | None = None
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(name, lambda number, _: os.kill(child, number))
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if stopping_since is None and os.getppid() != parent:
            stopping_since = time.monotonic()
            os.kill(child, signal.SIGTERM)
        elif stopping_since is not None and time.monotonic() - stopping_since > _STOP_SECONDS:
            os.kill(child, signal.SIGKILL)
        time.sleep(_POLL_SECONDS)


def main(pid_file: str, parent: int, command: list[str]) -> None:
    """Leaves the command running (parent 0), or stays beside it as its keeper."""
    if not parent:
        if os.fork():
            os._exit(0)  # the broker is nobody's child: whoever started it has nothing to wait for
        _become(pid_file, command)
    keeper = os.getpid()
    child = os.fork()
    if not child:
        _die_with_parent(keeper)
        _become(pid_file, command)
    os.close(0)  # the lock is the broker's alone
    sys.exit(abs(_keep(child, parent)))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
