"""The command `newswire gateway`: serves the ticker over HTTP."""

import asyncio
import contextlib
import resource
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from streams.cli.main import config_path, pass_settings
from streams.config.settings import Settings
from streams.model.errors import Unreachable, WorkFailed

if TYPE_CHECKING:
    from aiohttp import web

STOP_SECONDS = 3.0
OTHER_FILES = 1500
"""How many open files are reserved for other things than streams: idle connections, and those to Kafka."""


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Default: gateway.http_port (8080); 0: any that is free.")
@click.option("--host", help="Address to listen at. Default: gateway.http_host (127.0.0.1).")
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the history. Default: a temporary one, filled again from Kafka at each start.",
)
@pass_settings
def command(settings: Settings, port: int | None, host: str | None, state: Path | None) -> None:
    """Serve the page, the widget, the history and the live stream until stopped (SIGTERM or Ctrl-C).

    Prints its address on stdout when it listens; GET /readyz says when the newest items are read.
    """
    import uvloop

    from streams.runtime import logging

    logging.set_up(settings.log.level)
    given = {"http_host": host, "http_port": port}
    chosen = {name: value for name, value in given.items() if value is not None}
    gateway = msgspec.structs.replace(settings.gateway, **chosen)
    _raise_file_limit(gateway.max_clients + OTHER_FILES)
    with contextlib.ExitStack() as stack:
        folder = state or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="newswire-history-")))
        uvloop.run(_serve(msgspec.structs.replace(settings, gateway=gateway), settings, folder))


async def _serve(settings: Settings, loaded: Settings, folder: Path) -> None:
    """Serves until a signal comes. `loaded` are the settings without the options of the command."""
    from aiohttp import web

    from streams.desk.page import DeskPage
    from streams.gateway import consumer
    from streams.gateway.auth import Access
    from streams.gateway.consumer import TickerConsumer
    from streams.gateway.history import HistoryStore
    from streams.gateway.history_consumer import HistoryConsumer
    from streams.gateway.hub import Hub
    from streams.gateway.server import Gateway
    from streams.gateway.webhooks import make_webhooks
    from streams.model.topics import LATEST
    from streams.runtime.connections import ConnectionGuard
    from streams.runtime.health import Health
    from streams.runtime.probes import measure_broker, measure_loop
    from streams.runtime.settings_watch import watch_settings
    from streams.runtime.tasks import cancel

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    hub = Hub()
    access = Access(settings.gateway)
    health = Health()
    reader = TickerConsumer(settings, hub, health)
    with contextlib.suppress(Unreachable):
        await reader.check()  # an error that waiting does not end stops the gateway before it listens
    history = HistoryStore(folder, settings.topics.full(LATEST))
    history.open()
    history_consumer = HistoryConsumer(settings, history)
    app = Gateway(settings, hub, reader, access, history).app()
    if settings.gateway.desk:
        DeskPage(settings).attach(app)
    webhooks = make_webhooks(settings, history)
    runner = web.AppRunner(
        app,
        access_log=None,
        handler_cancellation=True,
        shutdown_timeout=STOP_SECONDS,
    )
    ConnectionGuard(access.is_proxy).attach(runner)
    await runner.setup()
    host, port = settings.gateway.http_host, settings.gateway.http_port
    try:
        await _listen(web.TCPSite(runner, host, port), host, port)
        click.echo(f"http://{host}:{runner.addresses[0][1]}/")
        history_consumer.start()
        reading = asyncio.create_task(reader.run())
        looking = asyncio.create_task(consumer.consume_duplicates(settings, hub))
        waiting = asyncio.create_task(stop.wait())
        measuring = asyncio.create_task(measure_loop())
        topic = settings.topics.full(LATEST)
        sending = [asyncio.create_task(webhook.run()) for webhook in webhooks]
        asking = asyncio.create_task(measure_broker(settings.kafka, health, [topic]))
        watching = asyncio.create_task(watch_settings(config_path(), loaded, "gateway"))
        await asyncio.wait({reading, looking, waiting, *sending}, return_when=asyncio.FIRST_COMPLETED)
        await cancel(reading, looking, waiting, measuring, asking, watching, *sending)
        for task in (reading, looking, *sending):
            with contextlib.suppress(asyncio.CancelledError):
                task.result()
    finally:
        await runner.cleanup()
        history_consumer.stop()
        history.close()


async def _listen(site: "web.TCPSite", host: str, port: int) -> None:
    try:
        await site.start()
    except OSError as error:
        why = error.strerror or str(error)
        raise WorkFailed(f"cannot listen at {host}:{port} ({why}): choose another with --port or --host") from error


def _raise_file_limit(count: int) -> None:
    """Raises the limit of open files: each stream is one, and many systems begin with 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))
