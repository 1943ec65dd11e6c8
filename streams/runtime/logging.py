"""Writes log lines to stderr: JSON, or readable lines on a terminal; each kind of event has one name.

A line begins with its time, its level and its event. A line about an item has its `position`
(topic/partition/offset/index in news.raw) and, once it has one, its `uri`.

Repeated lines are limited. One event name passes ten times in half a minute; then a line `repeated` gives the number
of those that were suppressed. One message of a library (aiohttp, aiokafka, Faust, mode) passes once in half a minute.

SIGUSR1 makes a running process log more, SIGUSR2 less. Signals are safe for this: only the process's own user and root
can send them.
"""

import logging
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Hashable
from types import FrameType

import structlog
from structlog.typing import EventDict, Processor

from streams.model.printable import make_printable

LIBRARIES = ("aiohttp", "aiokafka", "faust", "mode")
INTERVAL_SECONDS = 30.0
MAX_REPEATS = 10
"""Lines of one event name in an interval."""
MAX_KEYS = 500
"""Keys that a `RateBudget` remembers."""
HARMLESS = "GroupCoordinatorNotAvailableError"
"""A new cluster's first group waits for Kafka to make its topic of offsets; the client asks again."""
CLIENT_ERRORS = "aiohttp.http_exceptions"
"""The module with the errors for requests that are no HTTP: the fault of a client, so no traceback."""
MAX_ERROR = 200
"""Most characters of a client's error in a line."""
FIRST = ("timestamp", "level", "event")
"""What a line begins with."""
LEVELS = ("WARNING", "INFO", "DEBUG")
LEVEL_STEPS = {signal.SIGUSR1: 1, signal.SIGUSR2: -1}
SECRET = re.compile(
    r"(?i)(?<=://)[^/\s@]+@|(?<=[?&])([\w-]*(?:token|key|password|secret|sig|signature|auth))=[^&\s'\"]+"
)
"""Matches, in an address, user and password, and query parameters whose name says that they hold a secret."""

log = structlog.get_logger()
_NUMBERS = logging.getLevelNamesMapping()
_level = "INFO"
_kafka_is_gone = False
_is_leaving = False


class _Interval:
    """Counts the events of one key since `began` (seconds)."""

    def __init__(self, began: float) -> None:
        self.began = began
        self.passed = 0
        self.suppressed = 0


class RateBudget:
    """Admits `most` events of each key in an interval, which begins with the first event of the key.

    It has no clock of its own: the caller gives the time, in seconds.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._intervals: dict[Hashable, _Interval] = {}

    def admit(self, key: Hashable, now: float) -> int | None:
        """Decides about one event. None: suppress it. Else the number suppressed in the interval that just ended."""
        interval, suppressed = self._intervals.pop(key, None), 0
        if interval is None or self._is_over(interval, now):
            suppressed = interval.suppressed if interval is not None else 0
            interval = _Interval(now)
        self._intervals[key] = interval
        if len(self._intervals) > MAX_KEYS:
            del self._intervals[next(iter(self._intervals))]
        if interval.passed == self._most:
            interval.suppressed += 1
            return None
        interval.passed += 1
        return suppressed

    def pop_ended(self, now: float) -> list[tuple[Hashable, int]]:
        """Forgets the intervals that are over; returns the keys that had suppressed events, with their number."""
        over = [(key, interval.suppressed) for key, interval in self._intervals.items() if self._is_over(interval, now)]
        for key, _ in over:
            del self._intervals[key]
        return [(key, suppressed) for key, suppressed in over if suppressed]

    def has_suppressed(self) -> bool:
        """Whether an interval that goes on has suppressed events."""
        return any(interval.suppressed for interval in self._intervals.values())

    def _is_over(self, interval: _Interval, now: float) -> bool:
        return not 0 <= now - interval.began < self._seconds


def set_up(level: str) -> None:
    """Sets up logging, once in a process.

    Faust and aiokafka log from WARNING on: at INFO they write a line for each step of a rebalance.
    """
    terminal = sys.stderr.isatty()
    shared: list[Processor] = [
        structlog.processors.format_exc_info,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if terminal else "iso", utc=not terminal),
        redact_secrets,
        *([_neutralize] if terminal else []),
        put_first,
    ]
    render = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(default=str)
    structlog.configure(
        processors=[_drop_below_level, RepeatFilter(), *shared, render],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),  # a line in one write, as the handler below does
        # The level changes at run time (`_drop_below_level`), and a logger keeps its class.
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(LogRateLimit())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render], foreign_pre_chain=shared
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    _set_level(level)
    for number in LEVEL_STEPS:
        signal.signal(number, _on_level_signal)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, LEVEL_STEPS)  # a parent holds them back until we can take them


def log_leaving(why: str, error: BaseException) -> None:
    """Logs in one line that this process ends for an error that a fresh start ends.

    What Faust and mode say about the same error from now on is left out: three tracebacks that tell no more.
    """
    global _is_leaving
    log.error("worker_leaves", why=why, error=f"{type(error).__name__}: {error}")
    _is_leaving = True


def change_level(step: int) -> None:
    """Logs one level more (1) or less (-1). Processes that this one starts from now on begin with that level."""
    _set_level(LEVELS[min(max(LEVELS.index(_level) + step, 0), len(LEVELS) - 1)])
    os.environ["NEWSWIRE_LOG__LEVEL"] = _level
    # Logged at any level: who sent the signal sees that it came. In a thread: this may run inside another write.
    threading.Thread(target=log.warning, args=("log_level",), kwargs={"to": _level}, daemon=True).start()


def forward_level_signals(pids: Callable[[], list[int]]) -> None:
    """Makes the children of this process change their log level with it; `pids` names those that run."""

    def forward(number: int, frame: FrameType | None) -> None:
        _on_level_signal(number, frame)
        for pid in pids():
            os.kill(pid, number)

    for number in LEVEL_STEPS:
        signal.signal(number, forward)


def _on_level_signal(number: int, _: FrameType | None) -> None:
    change_level(LEVEL_STEPS[signal.Signals(number)])


def _set_level(level: str) -> None:
    global _level  # one level a process, as one standard error
    _level = level
    logging.getLogger().setLevel(logging.INFO if level == "DEBUG" else logging.WARNING)


def writes_debug() -> bool:
    """Tells whether lines of the level DEBUG are written: where there is one for each item, none is built in vain."""
    return _level == "DEBUG"


def _drop_below_level(_: object, method: str, event: EventDict) -> EventDict:
    if _NUMBERS.get(method.upper(), logging.ERROR) < _NUMBERS[_level]:
        raise structlog.DropEvent
    return event


def put_first(_: object, __: str, event: EventDict) -> EventDict:
    """Puts time, level and event first, so that people find them at the same place of each line."""
    return {**{name: event[name] for name in FIRST if name in event}, **event}


def redact_secrets(_: object, __: str, event: EventDict) -> EventDict:
    """Removes passwords and keys from all addresses in an event, whoever wrote them."""
    for name, value in event.items():
        if isinstance(value, str) and ("://" in value or "=" in value):
            event[name] = SECRET.sub(lambda found: f"{found[1]}=…" if found[1] else "…@", value)
    return event


def _neutralize(_: object, __: str, event: EventDict) -> EventDict:
    for name, value in event.items():
        if isinstance(value, str) and name != "exception":
            event[name] = make_printable(value)
    return event


class RepeatFilter:
    """Suppresses an event that has passed ten times in half a minute, and reports how many were suppressed."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, seconds: float = INTERVAL_SECONDS) -> None:
        self._clock = clock
        self._seconds = seconds
        self._budget = RateBudget(MAX_REPEATS, seconds)
        self._lock = threading.Lock()
        self._is_timer_running = False

    def __call__(self, _: object, __: str, event: EventDict) -> EventDict:
        """Returns the event, or raises `DropEvent`."""
        with self._lock:
            suppressed = self._budget.admit(event["event"], self._clock())
            if suppressed is None and not self._is_timer_running:
                self._start_timer()
        if suppressed is None:
            raise structlog.DropEvent
        return event if not suppressed else {**event, "held_back": suppressed}

    def report(self) -> None:
        """Logs how many events were suppressed in the intervals that are over."""
        with self._lock:
            self._is_timer_running = False
            ended = self._budget.pop_ended(self._clock())
            if self._budget.has_suppressed():
                self._start_timer()
        for name, suppressed in ended:
            log.warning("repeated", of=name, held_back=suppressed, seconds=self._seconds)

    def _start_timer(self) -> None:
        self._is_timer_running = True
        timer = threading.Timer(self._seconds, self.report)
        timer.daemon = True
        timer.start()


def note_kafka(*, is_gone: bool) -> None:
    """Notes that Kafka is gone, or back. While it is gone, aiokafka's lines say nothing new: only DEBUG shows them."""
    global _kafka_is_gone  # one Kafka a process, as one standard error
    _kafka_is_gone = is_gone


class LogRateLimit(logging.Filter):
    """Passes the same message of a library once in 30 seconds, then with the number of those left out."""

    def __init__(self) -> None:
        super().__init__()
        self._budget = RateBudget(1, INTERVAL_SECONDS)

    def filter(self, record: logging.LogRecord) -> bool:
        """Returns False for a record that is left out."""
        if record.name.partition(".")[0] not in LIBRARIES:
            return True
        if _is_leaving or (_kafka_is_gone and _level != "DEBUG" and record.name.startswith("aiokafka")):
            return False
        left_out = self._budget.admit((record.name, str(record.msg)), record.created)
        if left_out is None:
            return False
        error = record.exc_info[1] if record.exc_info else None
        if type(error).__module__ == CLIENT_ERRORS:
            record.msg, record.args = f"{record.getMessage()}: {' '.join(str(error).split())[:MAX_ERROR]}", ()
            record.exc_info, record.levelno, record.levelname = None, logging.INFO, "INFO"
        if HARMLESS in record.getMessage():
            record.levelno, record.levelname = logging.INFO, "INFO"
        if left_out:
            record.msg, record.args = f"{record.getMessage()} ({left_out} more like it were left out)", ()
        return True
