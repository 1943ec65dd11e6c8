"""The command `newswire export`: writes the raw records of a span to a recording for `newswire feed`."""

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import click

from streams.cli.main import pass_settings
from streams.cli.options import from_option, last_option, recording_argument, resolve_span, sources_option, to_option
from streams.config.settings import Settings
from streams.feeders.recording import Manifest, Recorded, write
from streams.kafka.admin import fetch_partitions
from streams.kafka.consumer import ConsumedRecord, read_in_time_order
from streams.model.errors import WorkFailed
from streams.model.headers import headers_as_text
from streams.model.printable import escape_controls
from streams.model.timestamps import format_milliseconds
from streams.model.topics import RAW
from streams.prepare.raw_records import resolve_received_time

QUEUE_SIZE = 2000
"""How many records may wait to be written."""


@click.command()
@from_option("raw")
@to_option("raw")
@last_option
@sources_option("Only items of this feed id; may be given again.")
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
    click.echo(escape_controls(f"{made.records} records ({by}), SHA-256 {made.sha256}, to {file}"))


async def _export(settings: Settings, span: tuple[int, int], sources: frozenset[str], file: Path) -> Manifest:
    topic = settings.topics.full(RAW)
    partitions = await fetch_partitions(settings.kafka, [topic])
    queue: Queue[Recorded | None] = Queue(QUEUE_SIZE)

    def records() -> Iterator[Recorded]:
        while (record := queue.get()) is not None:
            yield record

    def save() -> Manifest:
        """Writes the file under a temporary name until it is complete."""
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(handle, "wb") as output:
                made = write(output, topic, format_milliseconds(span[0]), format_milliseconds(span[1]), records())
            Path(name).replace(file)
            return made
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(name).unlink()
            for _ in records():  # the reader of Kafka would block on a full queue
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


def _to_recorded(record: ConsumedRecord) -> Recorded:
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
