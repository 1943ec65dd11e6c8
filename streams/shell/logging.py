"""Log lines on stderr: JSON where nobody watches, readable on a terminal; one event name a fact."""

import logging
import sys

import structlog

LIBRARIES = ("aiokafka", "faust", "mode")
QUIET_SECONDS = 30.0
MOST_MESSAGES = 500
HARMLESS = "GroupCoordinatorNotAvailableError"
"""A new cluster's first group waits for Kafka to make its topic of offsets; the client asks again."""


def set_up() -> None:
    """Once a process. Faust and aiokafka speak from WARNING on: their INFO is a line for each rebalance step."""
    terminal = sys.stderr.isatty()
    shared: list[structlog.typing.Processor] = [
        structlog.processors.format_exc_info,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if terminal else "iso", utc=not terminal),
    ]
    render = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(default=str)
    structlog.configure(
        processors=[*shared, render],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Seldom())
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=render, foreign_pre_chain=shared))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


class Seldom(logging.Filter):
    """Passes the same message of a library once in 30 seconds, then with how many were left out."""

    def __init__(self) -> None:
        super().__init__()
        self._passed: dict[tuple[str, str], tuple[float, int]] = {}
        """Logger and unformatted message -> when it passed (seconds since 1970), and how many were left out since."""

    def filter(self, record: logging.LogRecord) -> bool:
        """False for what is left out."""
        if record.name.partition(".")[0] not in LIBRARIES:
            return True
        key = (record.name, str(record.msg))
        last, left_out = self._passed.pop(key, (float("-inf"), 0))
        if 0 <= record.created - last < QUIET_SECONDS:
            self._passed[key] = (last, left_out + 1)
            return False
        self._passed[key] = (record.created, 0)
        if len(self._passed) > MOST_MESSAGES:
            del self._passed[next(iter(self._passed))]
        if HARMLESS in record.getMessage():
            record.levelno, record.levelname = logging.INFO, "INFO"
        if left_out:
            record.msg, record.args = f"{record.getMessage()} ({left_out} more like it were left out)", ()
        return True
