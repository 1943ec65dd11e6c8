"""Runs a Faust app as the main program of a process, on uvloop."""

import sys

import faust
import mode.loop

from streams.runtime import collector, logging


def use_uvloop() -> None:
    """Makes uvloop the event loop of this process. Call it before anything creates a loop."""
    mode.loop.use("uvloop")


_exit_status = 0


def set_exit_status(status: int) -> None:
    """Sets the exit status of this process, for when its app has ended."""
    global _exit_status
    _exit_status = status


def run_app(app: faust.App) -> None:
    """Runs an app until a signal stops it or it fails, and ends the process."""
    worker = app.Worker(loglevel="INFO", override_logging=False, redirect_stdouts=False, quiet=True)
    worker.spinner = None  # it writes to the terminal, and sets the root logger to DEBUG above INFO
    _keep_log_signals(worker)
    collector.freeze()
    try:
        worker.execute_from_commandline()
    finally:
        if _exit_status:
            sys.exit(_exit_status)


def _keep_log_signals(worker: faust.Worker) -> None:
    """Keeps SIGUSR1 and SIGUSR2 for the log level: on SIGUSR2 Faust's worker would wait in a debugger."""
    install = worker.install_signal_handlers

    def install_all() -> None:
        install()
        for number, step in logging.LEVEL_STEPS.items():
            worker.loop.add_signal_handler(number, logging.change_level, step)

    worker.install_signal_handlers = install_all  # type: ignore[method-assign]
