"""Log lines on stderr: JSON where nobody watches, readable on a terminal; one event name a fact."""

import logging
import sys

import structlog


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
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=render, foreign_pre_chain=shared))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
