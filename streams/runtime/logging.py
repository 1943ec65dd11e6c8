"""Log lines on stderr: JSON where nobody watches, readable on a terminal; one event name a fact.

A line about an item has its `position` (topic/partition/offset/index in news.raw) and, once it has one, its `uri`. The
same event passes ten times in half a minute, then a line `repeated` counts what was held back. A running process tells
more on SIGUSR1 and less on SIGUSR2: signals, because nobody but its own user and root can send them.

How often the same thing is said: so many times in an interval, then a count of what was held back (pure).
"""

import logging
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Hashable, MutableMapping
from types import FrameType
from typing import Any

import structlog

from streams.model.printable import neutral

MAX_KEYS = 500


class _Window:
    def __init__(self, began: float) -> None:
        self.began = began
        self.passed = 0
        self.held = 0


class RateBudget:
    """So many of each key in an interval, which begins with the first. It has no clock: times are given, in seconds."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._windows: dict[Hashable, _Window] = {}

    def take(self, key: Hashable, now: float) -> int | None:
        """None: it is held back. Else how many were held back since the last that passed."""
        window, held = self._windows.pop(key, None), 0
        if window is None or self._is_over(window, now):
            held = window.held if window is not None else 0
            window = _Window(now)
        self._windows[key] = window
        if len(self._windows) > MAX_KEYS:
            del self._windows[next(iter(self._windows))]
        if window.passed == self._most:
            window.held += 1
            return None
        window.passed += 1
        return held

    def ended(self, now: float) -> list[tuple[Hashable, int]]:
        """Keys whose interval is over, with how many were held back; they are forgotten."""
        over = [(key, window.held) for key, window in self._windows.items() if self._is_over(window, now)]
        for key, _ in over:
            del self._windows[key]
        return [(key, held) for key, held in over if held]

    def holds(self) -> bool:
        """Whether something is held back that was not told."""
        return any(window.held for window in self._windows.values())

    def _is_over(self, window: _Window, now: float) -> bool:
        return not 0 <= now - window.began < self._seconds


LIBRARIES = ("aiokafka", "faust", "mode")
QUIET_SECONDS = 30.0
MAX_REPEATS = 10
HARMLESS = "GroupCoordinatorNotAvailableError"
"""A new cluster's first group waits for Kafka to make its topic of offsets; the client asks again."""
LEVELS = ("WARNING", "INFO", "DEBUG")
LEVEL_STEPS = {signal.SIGUSR1: 1, signal.SIGUSR2: -1}
SECRET = re.compile(
    r"(?i)(?<=://)[^/\s@]+@|(?<=[?&])([\w-]*(?:token|key|password|secret|sig|signature|auth))=[^&\s'\"]+"
)
"""Of an address: user and password, and what query parameters of such names hold."""
LogEvent = MutableMapping[str, Any]

log = structlog.get_logger()
_NUMBERS = logging.getLevelNamesMapping()
_level = "INFO"


def set_up(level: str) -> None:
    """Once a process. Faust and aiokafka speak from WARNING on: their INFO is a line for each rebalance step."""
    terminal = sys.stderr.isatty()
    shared: list[structlog.typing.Processor] = [
        structlog.processors.format_exc_info,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if terminal else "iso", utc=not terminal),
        redact_secrets,
        *([_neutralize] if terminal else []),
    ]
    render = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(default=str)
    structlog.configure(
        processors=[_drop_below_level, RepeatFilter(), *shared, render],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        # The level changes at run time (`_wanted`), and a logger keeps its class.
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(LogRateLimit())
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=render, foreign_pre_chain=shared))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    _set_level(level)
    for number in LEVEL_STEPS:
        signal.signal(number, _on_level_signal)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, LEVEL_STEPS)  # a parent holds them back until we can take them


def _on_level_signal(number: int, _: FrameType | None) -> None:
    change_level(LEVEL_STEPS[signal.Signals(number)])


def change_level(step: int) -> None:
    """One level more (1) or less (-1). The processes that this one starts from now on begin with it."""
    _set_level(LEVELS[min(max(LEVELS.index(_level) + step, 0), len(LEVELS) - 1)])
    os.environ["NEWSWIRE_LOG__LEVEL"] = _level
    # Whatever the level: who sent the signal sees that it came. Not from here, where a write may be going on.
    threading.Thread(target=log.warning, args=("log_level",), kwargs={"to": _level}, daemon=True).start()


def forward_level_signals(pids: Callable[[], list[int]]) -> None:
    """In a parent: its children change their level with it."""

    def heard(number: int, frame: FrameType | None) -> None:
        _on_level_signal(number, frame)
        for pid in pids():
            os.kill(pid, number)

    for number in LEVEL_STEPS:
        signal.signal(number, heard)


def _set_level(level: str) -> None:
    global _level  # one level a process, as one standard error
    _level = level
    logging.getLogger().setLevel(logging.INFO if level == "DEBUG" else logging.WARNING)


def _drop_below_level(_: Any, method: str, event: LogEvent) -> LogEvent:
    if _NUMBERS.get(method.upper(), logging.ERROR) < _NUMBERS[_level]:
        raise structlog.DropEvent
    return event


def redact_secrets(_: Any, __: str, event: LogEvent) -> LogEvent:
    """Takes passwords and keys out of addresses, whoever wrote them into a message."""
    for name, value in event.items():
        if isinstance(value, str) and ("://" in value or "=" in value):
            event[name] = SECRET.sub(lambda found: f"{found[1]}=…" if found[1] else "…@", value)
    return event


def _neutralize(_: Any, __: str, event: LogEvent) -> LogEvent:
    for name, value in event.items():
        if isinstance(value, str) and name != "exception":
            event[name] = neutral(value)
    return event


class RepeatFilter:
    """Holds back an event that has passed ten times in half a minute; in the end a line says how many there were."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, seconds: float = QUIET_SECONDS) -> None:
        self._clock = clock
        self._seconds = seconds
        self._budget = RateBudget(MAX_REPEATS, seconds)
        self._counting = threading.Lock()
        self._is_waiting = False

    def __call__(self, _: Any, __: str, event: LogEvent) -> LogEvent:
        """The event, or `DropEvent`."""
        with self._counting:
            held = self._budget.take(event["event"], self._clock())
            if held is None and not self._is_waiting:
                self._wait()
        if held is None:
            raise structlog.DropEvent
        return event if not held else {**event, "held_back": held}

    def tell(self) -> None:
        """Says what was held back in the intervals that are over."""
        with self._counting:
            self._is_waiting = False
            ended = self._budget.ended(self._clock())
            if self._budget.holds():
                self._wait()
        for name, held in ended:
            log.warning("repeated", of=name, held_back=held, seconds=self._seconds)

    def _wait(self) -> None:
        self._is_waiting = True
        timer = threading.Timer(self._seconds, self.tell)
        timer.daemon = True
        timer.start()


class LogRateLimit(logging.Filter):
    """Passes the same message of a library once in 30 seconds, then with how many were left out."""

    def __init__(self) -> None:
        super().__init__()
        self._budget = RateBudget(1, QUIET_SECONDS)

    def filter(self, record: logging.LogRecord) -> bool:
        """False for what is left out."""
        if record.name.partition(".")[0] not in LIBRARIES:
            return True
        left_out = self._budget.take((record.name, str(record.msg)), record.created)
        if left_out is None:
            return False
        if HARMLESS in record.getMessage():
            record.levelno, record.levelname = logging.INFO, "INFO"
        if left_out:
            record.msg, record.args = f"{record.getMessage()} ({left_out} more like it were left out)", ()
        return True
