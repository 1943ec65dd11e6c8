"""`newswire demo`: what `make demo` runs."""

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
    from streams.demo.system import System

LOOK_SECONDS = 0.5
FRAME_SECONDS = 0.25
SUMMARY_SECONDS = 10.0


@click.command()
@pass_settings
def command(settings: Settings) -> None:
    """Start Kafka, a worker and the ticker gateway, play generated wire traffic, and show what becomes of it.

    Ctrl-C stops all of it. Without a terminal it prints plain lines.
    """
    from streams.demo.system import running

    # A supervisor's SIGTERM ends the demo as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt), running(settings, _tell) as system:
        for name, address in system.addresses.items():
            _tell(f"{name}: {address}")
        try:
            asyncio.run(_show(system))
        finally:
            _tell("stopping")
    _tell("stopped")


def _tell(sentence: str) -> None:
    click.echo(sentence, err=True)


async def _show(system: "System") -> None:
    from aiokafka.errors import KafkaError
    from rich.console import Console
    from rich.live import Live

    from streams.demo.play import feed, watch
    from streams.demo.score import Score
    from streams.demo.screen import plain, summary, view

    score, console = Score(), Console()
    seed = int(time.time())
    feeding = asyncio.create_task(feed(system.settings, seed))

    async def frames() -> None:
        with Live(console=console, screen=True, auto_refresh=False) as live:
            while True:
                live.update(view(score, system.addresses, console.height), refresh=True)
                await asyncio.sleep(FRAME_SECONDS)

    async def summaries() -> None:
        while True:
            await asyncio.sleep(SUMMARY_SECONDS)
            print(summary(score), flush=True)

    async def rows() -> None:
        async for shown in watch(system.settings, score):
            if not console.is_terminal:
                sys.stdout.write(plain(shown) + "\n")
                sys.stdout.flush()

    async def deaths() -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            system.look()

    tasks = [
        feeding,
        asyncio.create_task(deaths()),
        asyncio.create_task(rows()),
        asyncio.create_task(frames() if console.is_terminal else summaries()),
    ]
    try:
        await asyncio.gather(*tasks)
    except KafkaError:
        system.look()  # which says more, where the broker has gone
        raise
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
