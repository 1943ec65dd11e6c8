"""The command `newswire demo`: the whole system on this machine, on generated traffic."""

import asyncio
import contextlib
import sys
import time
from typing import TYPE_CHECKING

import click

from streams.cli.main import pass_settings
from streams.config.settings import Settings
from streams.runtime.tasks import cancel

if TYPE_CHECKING:
    from rich.console import Console

    from streams.demo.score import Scoreboard
    from streams.demo.system import RunningSystem, StopOnce

CHECK_SECONDS = 0.5
FRAME_SECONDS = 0.25
SUMMARY_SECONDS = 10.0


@click.command()
@click.option("--hostile", is_flag=True, help="Send broken, hostile and test items too.")
@pass_settings
def command(settings: Settings, hostile: bool) -> None:
    """Start Kafka, a worker and the ticker gateway, play wire traffic, and show what becomes of it.

    It begins with a few items that show one thing each: a copy, a correction, an embargo, a kill, a refusal. Then
    invented news comes at the pace of real wires.

    Ctrl-C stops all of it. Without a terminal it prints plain lines.
    """
    from streams.demo.system import StopOnce, start_system

    stop = StopOnce()
    ended = contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError)
    with ended, start_system(settings, _print_step) as system:
        for name, address in system.addresses.items():
            _print_step(f"{name}: {address}")
        try:
            asyncio.run(_show_traffic(system, stop, hostile=hostile))
        finally:
            _print_step("stopping")
    _print_step("stopped")


def _print_step(sentence: str) -> None:
    click.echo(sentence, err=True)


def _print_told(score: "Scoreboard", console: "Console") -> None:
    for line in () if console.is_terminal else score.take_told():
        _print_step(line)


async def _show_traffic(system: "RunningSystem", stop: "StopOnce", *, hostile: bool) -> None:
    from aiokafka.errors import KafkaError
    from rich.console import Console
    from rich.live import Live

    from streams.demo.play import send_traffic, watch_outcomes
    from streams.demo.score import Scoreboard
    from streams.demo.screen import format_row, format_summary, render_frame

    score, console = Scoreboard(), Console()
    seed = int(time.time())
    feeding = asyncio.create_task(send_traffic(system.settings, seed, score, hostile=hostile))

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
            _print_told(score, console)
            system.check_alive()

    tasks = [
        feeding,
        asyncio.create_task(check_alive()),
        asyncio.create_task(rows()),
        asyncio.create_task(frames() if console.is_terminal else summaries()),
    ]
    stop.task = asyncio.current_task()
    try:
        await asyncio.gather(*tasks)
    except KafkaError:
        system.check_alive()  # its error says more if the broker has gone
        raise
    finally:
        stop.task = None
        await cancel(*tasks)
