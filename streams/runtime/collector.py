"""Keeps Python's collector of cycles from stopping a process for long.

What a process has loaded stays for as long as it runs. So it is frozen once, and the collector looks only at what came
later. Structs that cannot be part of a cycle are left out altogether (`gc=False` in model/ and decide/).
"""

import gc
import time

YOUNG_OBJECTS = 5_000
"""So many new objects start a collection. A batch makes thousands, nearly all of which end with it, without a cycle."""
OLDER_AFTER = (20, 50)
"""After so many collections of a generation, the next older one is collected too."""


def freeze() -> None:
    """Frees what is garbage, and sets the rest aside for good. Call it when a process has what it needs."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, *OLDER_AFTER)


class PauseClock:
    """Notes the pauses of the collector, in CPU time: a busy machine makes none longer.

    The collector may run at any allocation, so this takes no lock, as a metric would.
    """

    def __init__(self) -> None:
        self._began = 0.0
        self._pauses: list[float] = []

    def start(self) -> None:
        """Begins to note pauses."""
        gc.callbacks.append(self._note)

    def stop(self) -> None:
        """Notes no more."""
        gc.callbacks.remove(self._note)

    def take(self) -> list[float]:
        """Returns the seconds of each pause since the last call."""
        taken, self._pauses = self._pauses, []
        return taken

    def _note(self, phase: str, _: dict[str, int]) -> None:
        if phase == "start":
            self._began = time.thread_time()
        else:
            self._pauses.append(time.thread_time() - self._began)
