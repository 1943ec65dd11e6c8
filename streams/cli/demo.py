"""The command `newswire demo`: the whole system on this machine, on generated traffic."""

import asyncio
import contextlib
import signal
import sys
import time
from typing import TYPE_CHECKING

import click

from streams.cli.main import pass_settings
from streams.config.settings import Settings

if TYPE_CHECKING:
    from streams.demo.system import RunningSystem

CHECK_SECONDS = 0.5
FRAME_SECONDS = 0.25
SUMMARY_SECONDS = 10.0


@click.command()
@pass_settings
def command(settings: Settings) -> None:
    """Start Kafka, a worker and the ticker gateway, play generated wire traffic, and show what becomes of it.

    Ctrl-C stops all of it. Without a terminal it prints plain lines.
    """
    from streams.demo.system import start_system

    # A supervisor's SIGTERM ends the demo as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt), start_system(settings, _print_step) as system:
        for name, address in system.addresses.items():
            _print_step(f"{name}: {address}")
        try:
            asyncio.run(_show_traffic(system))
        finally:
            _print_step("stopping")
    _print_step("stopped")


def _print_step(sentence: str) -> None:
    click.echo(sentence, err=True)


async def _show_traffic(system: "RunningSystem") -> None:
    from aiokafka.errors import KafkaError
    from rich.console import Console
    from rich.live import Live

    from streams.demo.play import send_traffic, watch_outcomes
    from streams.demo.score import Scoreboard
    from streams.demo.screen import format_row, format_summary, render_frame

    score, console = Scoreboard(), Console()
    seed = int(time.time())
    feeding = asyncio.create_task(send_traffic(system.settings, seed))

    async def frames() -> None:
        with Live(console=console, screen=True, auto_refresh=False) as live:
            while True:
                live.update(render_frame(score, system.addresses, console.height), refresh=True)
                await asyncio.sleep(FRAME_SECONDS)

    async def summaries() -> None:
        while True:
            await asyncio.sleep(SUMMARY_SECONDS)
            print(format_summary(score), flush=True)

    async def rows() -> None:
        async for row in watch_outcomes(system.settings, score):
            if not console.is_terminal:
                sys.stdout.write(format_row(row) + "\n")
                sys.stdout.flush()

    async def check_alive() -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            system.check_alive()

    tasks = [
        feeding,
        asyncio.create_task(check_alive()),
        asyncio.create_task(rows()),
        asyncio.create_task(frames() if console.is_terminal else summaries()),
    ]
    try:
        await asyncio.gather(*tasks)
    except KafkaError:
        system.check_alive()  # its error says more if the broker has gone
        raise
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
