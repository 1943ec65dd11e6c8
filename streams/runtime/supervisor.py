"""`newswire worker`: a parent that starts one process a part, restarts what dies, and stops all on a signal."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from types import FrameType

import structlog

from streams.runtime import logging

log = structlog.get_logger()
STOP_SECONDS = 10.0
FIRST_DELAY, LONGEST_DELAY = 0.5, 15.0
HEALTHY_SECONDS = 30.0


class ChildProcess:
    """One child process: how it is started, and when it may be started again."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        self.command = command
        self.delay = FIRST_DELAY
        self.started = 0.0
        self.not_before = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it; it ends when the pipe on its standard input closes, that is with this process."""
        # A signal that comes before it listens would end it: it waits until it does.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, logging.LEVEL_STEPS)
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE)  # noqa: S603 - our own command
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self.started = time.monotonic()

    def look(self) -> None:
        """Restarts it where it has died, after a delay that doubles while it keeps dying."""
        if self.process is not None and self.process.poll() is not None:
            lived = time.monotonic() - self.started
            self.delay = FIRST_DELAY if lived > HEALTHY_SECONDS else min(self.delay * 2, LONGEST_DELAY)
            log.warning("part_died", part=self.name, code=self.process.returncode, restart_in=self.delay)
            self.not_before = time.monotonic() + self.delay
            self.process = None
        if self.process is None and time.monotonic() >= self.not_before:
            self.start()


def supervise(parts: list[ChildProcess]) -> int:
    """Runs until SIGTERM or SIGINT; 0 after a clean stop."""
    stopping: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        stopping.append(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    logging.forward_level_signals(lambda: [part.process.pid for part in parts if part.process is not None])
    while not stopping:
        for part in parts:
            part.look()
        time.sleep(0.1)
    return _stop(parts)


def _stop(parts: list[ChildProcess]) -> int:
    running = [part.process for part in parts if part.process is not None]
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
    return 0


def build_command(*arguments: str) -> list[str]:
    """A command of ours in a process of its own."""
    return [sys.executable, "-m", "streams", *arguments]


def end_with_parent() -> None:
    """In a part: ends this process when the parent's end of the pipe on standard input closes."""
    import threading

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 1):
                pass
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()
