"""The command `newswire up`: Kafka, topics, worker and gateway on one machine."""

import contextlib
import os
import time
from pathlib import Path

import click

from streams.cli.main import config_path, pass_settings
from streams.config.settings import Settings

CHECK_SECONDS = 0.5


@click.command()
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".newswire") / "up",
    show_default=True,
    metavar="D",
    help="Folder of its data and logs.",
)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that prepare.")
@pass_settings
def command(settings: Settings, folder: Path, workers: int) -> None:
    """Run Kafka, a worker and the gateway on this machine until stopped (SIGTERM or Ctrl-C).

    For a single machine: it starts the embedded Kafka, creates the topics, and keeps all data in its folder. What was
    decided is there again at the next start. Each process writes its log to a file there. A feeder runs beside it:
    `newswire feed --config`, with the address of Kafka that is printed.
    """
    from streams.demo.system import StopOnce, start_system

    if path := config_path():
        os.environ["NEWSWIRE_CONFIG"] = str(Path(path).resolve())  # for the processes
    StopOnce()
    options = ["--workers", str(workers), "--state", str(folder / "state")]
    with contextlib.suppress(KeyboardInterrupt), start_system(settings, _print_step, folder, options) as system:
        for name, address in system.addresses.items():
            _print_step(f"{name}: {address}")
        try:
            while True:
                system.check_alive()
                time.sleep(CHECK_SECONDS)
        finally:
            _print_step("stopping")
    _print_step("stopped")


def _print_step(sentence: str) -> None:
    click.echo(sentence, err=True)
