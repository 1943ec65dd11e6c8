"""`newswire export`: raw records of a span to one file that `newswire feed` plays back."""

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import click

from streams.cli.main import pass_settings
from streams.cli.options import parse_last, parse_time, resolve_span
from streams.config.settings import Settings
from streams.feeders.recording import SUFFIX, Manifest, Recorded, write
from streams.kafka.admin import require_partitions
from streams.kafka.client import open_admin
from streams.kafka.consumer import read_in_time_order
from streams.model.errors import WorkFailed
from streams.model.headers import headers_as_text
from streams.model.timestamps import format_milliseconds
from streams.model.topics import RAW
from streams.prepare.raw_records import resolve_received_time

QUEUE_SIZE = 2000


def _parse_recording_path(_context: click.Context, _parameter: click.Parameter, value: Path) -> Path:
    if not value.name.endswith(SUFFIX):
        raise click.UsageError(f"{value} should end in {SUFFIX}, by which `newswire feed` knows it")
    return value


recording_argument = click.argument(
    "file", type=click.Path(dir_okay=False, path_type=Path), callback=_parse_recording_path
)
"""A recording to be written; shared with `dead-letters export`."""


@click.command()
@click.option("--from", "start", metavar="T", callback=parse_time, help="First raw time, RFC 3339 with zone.")
@click.option("--to", "end", metavar="T", callback=parse_time, help="Raw time to stop before; else now.")
@click.option("--last", metavar="6h", callback=parse_last, help="In place of --from: so long back from now.")
@click.option("--source", "sources", multiple=True, help="Only items of this feed id; may be given again.")
@recording_argument
@pass_settings
def command(
    settings: Settings, start: int | None, end: int | None, last: int | None, sources: tuple[str, ...], file: Path
) -> None:
    """Write raw records with their headers and received times to FILE (.jsonl.zst), with a manifest and checksum.

    `newswire feed FILE --speed 10x` plays it back: into another cluster, or for a bug report.
    """
    span = resolve_span(start, end, last, int(time.time() * 1000))
    made = asyncio.run(_export(settings, span, frozenset(sources), file))
    if not made.records:
        file.unlink()
        raise WorkFailed("no raw record lies in the span, and no file was made: look at --from, --to and --source")
    by = ", ".join(f"{count} {source or 'without a source'}" for source, count in made.sources.items())
    click.echo(f"{made.records} records ({by}), SHA-256 {made.sha256}, to {file}")


async def _export(settings: Settings, span: tuple[int, int], sources: frozenset[str], file: Path) -> Manifest:
    topic = settings.topics.full(RAW)
    async with open_admin(settings.kafka) as client:
        partitions = await require_partitions(client, [topic])
    queue: Queue[Recorded | None] = Queue(QUEUE_SIZE)

    def records() -> Iterator[Recorded]:
        while (record := queue.get()) is not None:
            yield record

    def save() -> Manifest:
        """Under another name until it is whole."""
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(handle, "wb") as output:
                made = write(output, topic, format_milliseconds(span[0]), format_milliseconds(span[1]), records())
            Path(name).replace(file)
            return made
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(name).unlink()
            for _ in records():  # whoever fills the queue goes on to its end
                pass
            raise

    saving = asyncio.create_task(asyncio.to_thread(save))
    try:
        async for record in read_in_time_order(settings.kafka, partitions, since_ms=span[0]):
            found = _to_recorded(record)
            if record.timestamp < span[1] and (not sources or found.source in sources):
                await asyncio.to_thread(queue.put, found) if queue.full() else queue.put_nowait(found)
    finally:
        await asyncio.to_thread(queue.put, None)
        made = await saving
    return made


def _to_recorded(record: Any) -> Recorded:
    headers = [(name, value or b"") for name, value in record.headers]
    received = resolve_received_time(headers_as_text(headers).get("received-at", ""), record.timestamp)
    return Recorded(
        record.partition,
        record.offset,
        record.timestamp,
        int(received.timestamp() * 1000),
        record.key or b"",
        headers,
        record.value or b"",
    )
