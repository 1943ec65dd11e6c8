"""`newswire gateway`: the ticker over HTTP."""

import asyncio
import contextlib
import signal

import click
import msgspec

from streams.cli import pass_settings
from streams.config import Settings
from streams.errors import WorkFailed

STOP_SECONDS = 3.0


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Default: gateway.http_port (8080); 0: any that is free.")
@click.option("--host", help="Address to listen at. Default: gateway.http_host (127.0.0.1).")
@pass_settings
def command(settings: Settings, port: int | None, host: str | None) -> None:
    """Serve the page, the widget and the live stream until stopped (SIGTERM or Ctrl-C).

    Prints its address on stdout when it listens; GET /readyz says when the newest items are read.
    """
    import uvloop

    from streams.shell import logging

    logging.set_up()
    given = {"http_host": host, "http_port": port}
    chosen = {name: value for name, value in given.items() if value is not None}
    gateway = msgspec.structs.replace(settings.gateway, **chosen)
    uvloop.run(_serve(msgspec.structs.replace(settings, gateway=gateway)))


async def _serve(settings: Settings) -> None:
    from aiohttp import web

    from streams.gateway.hub import Hub
    from streams.gateway.reader import Reader
    from streams.gateway.server import Gateway

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    hub = Hub()
    reader = Reader(settings, hub)
    await reader.check()
    runner = web.AppRunner(
        Gateway(settings, hub, reader).app(),
        access_log=None,
        handler_cancellation=True,
        shutdown_timeout=STOP_SECONDS,
    )
    await runner.setup()
    host, port = settings.gateway.http_host, settings.gateway.http_port
    try:
        await web.TCPSite(runner, host, port).start()
        click.echo(f"http://{host}:{runner.addresses[0][1]}/")
        reading = asyncio.create_task(reader.run())
        waiting = asyncio.create_task(stop.wait())
        await asyncio.wait({reading, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading
    except OSError as error:
        why = error.strerror or str(error)
        raise WorkFailed(f"cannot listen at {host}:{port} ({why}): choose another with --port or --host") from error
    finally:
        await runner.cleanup()
