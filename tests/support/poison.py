"""Work for a child process that really dies, hangs or uses up its memory."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

REMEMBERED: list[str] = []


def set_up(word: str) -> None:
    REMEMBERED[:] = [word, str(read_niceness())]


def read_niceness() -> int:
    """Reads the priority of the thread that calls."""
    return os.getpriority(os.PRIO_PROCESS, 0)


def work(batch: Sequence[str]) -> list[str]:
    results = []
    for item in batch:
        if item == "die":
            os._exit(9)
        if item.startswith("hang"):
            if notes := item.removeprefix("hang").strip():
                with Path(notes).open("a") as file:
                    file.write("hang\n")
            while True:
                pass
        if item == "sleep":
            time.sleep(600)
        if item == "eat":
            bytearray(4 << 30)
        if item == "niceness":
            results.append(f"set up at {REMEMBERED[1]}, works at {read_niceness()}")
            continue
        results.append(f"{REMEMBERED[0]} {item}")
    return results
