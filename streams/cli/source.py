"""The command `newswire source try`: what a new feed would bring, before it is configured."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import click

from streams.cli.feed import UnreadablePaths
from streams.cli.main import pass_settings
from streams.cli.options import parse_source
from streams.cli.process import process_files
from streams.config.settings import Settings
from streams.feeders import files
from streams.feeders.files import RawFile
from streams.feeders.http import FetchError, fetch, open_client
from streams.model.errors import WorkFailed
from streams.model.printable import escape_controls
from streams.ops.source_trial import TriedItem, format_trial


@click.group()
def command() -> None:
    """Try a new feed before it is configured."""


@command.command(name="try")
@click.argument("place", metavar="FILE|URL|FOLDER")
@click.option("--source", default="new-source", show_default=True, callback=parse_source, help="Feed id to try it as.")
@pass_settings
def try_(settings: Settings, place: str, source: str) -> None:
    """Say what a feed would bring: format, language, times, ids, duplicates, sections of 50 items, settings to paste.

    Nothing is sent to Kafka. `--source` of a source that has settings tries the items with these settings.
    """
    is_address = place.startswith(("http://", "https://"))
    unreadable = UnreadablePaths()
    if not is_address and not Path(place).exists():
        raise click.UsageError(f"{place}: there is no such file or folder, and it is no web address")
    found = _fetch(place) if is_address else files.read([place], unreadable.report)
    tried = [TriedItem(item.record, item.decision) for item in process_files(settings, found, source, "wire")]
    if not tried:
        raise WorkFailed(f"{place}: there is no item in it")
    for line in format_trial(tried, source, place if is_address else ""):
        click.echo(escape_controls(line))
    unreadable.raise_if_any()


def _fetch(url: str) -> Iterator[RawFile]:
    """Fetches a feed once, as the feeder does. Raises `WorkFailed`."""

    async def once() -> RawFile:
        async with open_client("") as client:
            result = await fetch(client, url, "", "", configured=url)
        return RawFile(url, 0, result.content_type, result.body or b"", time.time())

    try:
        yield asyncio.run(once())
    except FetchError as error:
        raise WorkFailed(f"{url}: {error}") from error
