"""Runs child processes for `newswire worker`: starts each, restarts one that dies, stops all on a signal.

A child that ends with `CANNOT_GO_ON` is not restarted: then all are stopped.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from types import FrameType

import structlog

from streams.model.errors import WorkFailed
from streams.runtime import logging

log = structlog.get_logger()
STOP_SECONDS = 10.0
FIRST_DELAY, LONGEST_DELAY = 0.5, 15.0
HEALTHY_SECONDS = 30.0
CANNOT_GO_ON = 78
"""The exit status of a child that no restart would help (EX_CONFIG of sysexits.h): it says itself why."""


class ChildProcess:
    """Starts one child process, and starts it again when it has died."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        self.command = command
        self.delay = FIRST_DELAY
        self.started = 0.0
        self.not_before = 0.0
        self.process: subprocess.Popen[bytes] | None = None
        self.gave_up = False

    def start(self) -> None:
        """Starts the process. It ends with this one, which closes the pipe on its standard input."""
        # These signals would kill a child that does not handle them yet: blocked until the child unblocks them.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {*logging.LEVEL_STEPS, signal.SIGHUP})
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE)  # noqa: S603 - our own command
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self.started = time.monotonic()

    def restart_if_dead(self) -> None:
        """Starts the process again where it has died, after a delay that doubles while it keeps dying."""
        if self.process is not None and self.process.poll() is not None:
            if self.process.returncode == CANNOT_GO_ON:
                self.gave_up = True
                return
            lived = time.monotonic() - self.started
            self.delay = FIRST_DELAY if lived > HEALTHY_SECONDS else min(self.delay * 2, LONGEST_DELAY)
            log.warning("part_died", part=self.name, code=self.process.returncode, restart_in=self.delay)
            self.not_before = time.monotonic() + self.delay
            self.process = None
        if self.process is None and time.monotonic() >= self.not_before:
            self.start()


def supervise(children: list[ChildProcess]) -> int:
    """Keeps the processes running until SIGTERM or SIGINT, then stops them. Returns the exit code, 0.

    SIGHUP goes to the processes, which look at their files then. It stops them where it says that the terminal is gone.
    Raises `WorkFailed` when a child cannot go on, after it has stopped the others.
    """
    stopping: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        stopping.append(number)

    def list_pids() -> list[int]:
        return [child.process.pid for child in children if child.process is not None]

    def reload(number: int, _: FrameType | None) -> None:
        if had_terminal and not _has_terminal():
            stopping.append(number)
        else:
            for pid in list_pids():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)

    had_terminal = _has_terminal()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    signal.signal(signal.SIGHUP, reload)
    logging.forward_level_signals(list_pids)
    while not stopping:
        for child in children:
            child.restart_if_dead()
        if lost := [child.name for child in children if child.gave_up]:
            _stop(children)
            raise WorkFailed(
                f"{lost[0]} cannot go on, and a restart would not help: its line `worker_leaves` above says why and "
                "what to do"
            )
        time.sleep(0.1)
    _stop(children)
    return 0


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _stop(children: list[ChildProcess]) -> None:
    running = [child.process for child in children if child.process is not None]
    for process in running:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("killed", pid=process.pid, why=f"did not stop within {STOP_SECONDS:.0f} s")
            process.kill()
            process.wait()


def build_command(*arguments: str) -> list[str]:
    """Builds the command line that runs a command of this program in a process of its own."""
    return [sys.executable, "-m", "streams", *arguments]


def end_with_parent() -> None:
    """Ends this child process when its parent has ended: the pipe on standard input closes then."""
    import threading

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 1):
                pass
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()
