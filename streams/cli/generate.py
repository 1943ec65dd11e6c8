"""The command `newswire generate`: writes invented news with its truth to stdout, a folder or the raw topic."""

import asyncio
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import click
import orjson
from msgspec import to_builtins

from streams.cli.main import pass_settings
from streams.config.settings import Settings
from streams.feeders.raw_records import RawRecord, SendProgress, parse_received_at, send_all
from streams.generate import GeneratedItem, stream
from streams.generate.timeline import MAX_RATE, RATE
from streams.kafka.admin import fetch_partitions
from streams.kafka.producer import open_raw_producer
from streams.model.errors import WorkFailed
from streams.model.topics import RAW

PROGRESS_SECONDS = 0.25
TRUTH_FILE = "truth.jsonl"
ITEMS_FOLDER = "items"
_EXTENSIONS = {
    "application/json": "json",
    "text/plain": "txt",
    "message/rfc822": "eml",
    "application/rss+xml": "rss",
    "image/png": "png",
    "application/octet-stream": "bin",
}


def _parse_start(_context: click.Context, _parameter: click.Parameter, value: str) -> datetime:
    try:
        start = parse_received_at(value)
    except ValueError as error:
        raise click.BadParameter(str(error).replace("neither now, mtime, wire nor a time", "no time")) from error
    if not isinstance(start, datetime):
        raise click.BadParameter(f"{value!r} is no time with its zone such as 2026-01-05T14:00:00Z")
    return start


def _parse_rate(_context: click.Context, _parameter: click.Parameter, value: str | None) -> float | None:
    try:
        rate = None if value is None else float(value.removesuffix("/s"))
    except ValueError:
        rate = 0.0
    if rate is not None and not 0 < rate <= MAX_RATE:
        raise click.BadParameter(f"{value!r} is no rate such as 5/s or 0.5/s, up to {MAX_RATE:.0f}/s")
    return rate


@click.command()
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, another stream.")
@click.option("--count", type=click.IntRange(min=1), default=1000, show_default=True, help="How many items.")
@click.option(
    "--start",
    metavar="T",
    default="2026-01-05T14:00:00Z",
    show_default=True,
    callback=_parse_start,
    help="Received time of the first item, RFC 3339 with zone.",
)
@click.option(
    "--rate",
    metavar="N/s",
    callback=_parse_rate,
    help=f"Items a second of received time ({RATE:.0f}/s); with --to-kafka they are also sent at this pace, "
    "else as fast as Kafka takes them.",
)
@click.option(
    "--out",
    metavar="DIR|-",
    default="-",
    show_default=True,
    help=f"-: a JSON line an item; DIR: a new folder with {ITEMS_FOLDER}/ and {TRUTH_FILE}.",
)
@click.option("--to-kafka", is_flag=True, help="Send the items to the raw topic, with their headers.")
@click.option(
    "--truth", metavar="FILE", type=click.Path(dir_okay=False), help="With --to-kafka: the truth, JSON lines."
)
@pass_settings
def command(
    settings: Settings,
    seed: int,
    count: int,
    start: datetime,
    rate: float | None,
    out: str,
    to_kafka: bool,
    truth: str | None,
) -> None:
    """Invented news in the form of the real wires, each item with its truth, for tests and demos.

    The same seed, start and rate give the same bytes; fewer items are the beginning of more.
    """
    if to_kafka and out != "-":
        raise click.UsageError("--out and --to-kafka are two places; give one of them")
    if truth and not to_kafka:
        raise click.UsageError("--truth goes with --to-kafka; elsewhere the truth stands beside each item")
    items = _with_progress(stream(seed, count, start, rate or RATE))
    if to_kafka:
        with ExitStack() as opened:
            file = opened.enter_context(Path(truth).open("wb")) if truth else None
            asyncio.run(_send_to_kafka(settings, _build_records(items, file), rate))
    elif out == "-":
        for item in items:
            sys.stdout.buffer.write(orjson.dumps(build_row(item)) + b"\n")
    else:
        _write_folder(items, Path(out))


def build_row(item: GeneratedItem) -> dict[str, object]:
    """Builds the JSON object of an item: `headers`, `truth`, and `body` (text) or `body_base64` (if not UTF-8)."""
    try:
        body = {"body": item.body.decode()}
    except UnicodeDecodeError:
        body = {"body_base64": b64encode(item.body).decode()}
    return {"headers": item.headers, **body, "truth": _build_truth(item)}


def _build_truth(item: GeneratedItem) -> dict[str, object]:
    truth: dict[str, object] = to_builtins(item.truth)
    return truth


def _write_folder(items: Iterator[GeneratedItem], folder: Path) -> None:
    """Writes `items/0000000.json` and so on, and a line for each in truth.jsonl: file, headers, truth."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WorkFailed(f"{folder} is there already and not empty; name a new folder")
    (folder / ITEMS_FOLDER).mkdir(parents=True, exist_ok=True)
    with (folder / TRUTH_FILE).open("wb") as truths:
        for item in items:
            media = item.headers.get("content-type", "").partition(";")[0]
            name = f"{ITEMS_FOLDER}/{item.truth.number:07}.{_EXTENSIONS.get(media, 'xml')}"
            (folder / name).write_bytes(item.body)
            truths.write(orjson.dumps({"file": name, "headers": item.headers, "truth": _build_truth(item)}) + b"\n")


def _build_records(items: Iterator[GeneratedItem], truths: BinaryIO | None) -> Iterator[RawRecord]:
    for item in items:
        if truths:
            truths.write(orjson.dumps({"headers": item.headers, "truth": _build_truth(item)}) + b"\n")
        headers = [(name, value.encode()) for name, value in item.headers.items()]
        yield RawRecord(item.headers.get("source", "").encode(), item.body, headers)


async def _send_to_kafka(settings: Settings, records: Iterator[RawRecord], rate: float | None) -> None:
    topic = settings.topics.full(RAW)
    await fetch_partitions(settings.kafka, [topic])
    sent = SendProgress()
    try:
        async with open_raw_producer(settings.kafka) as sender:
            await send_all(sender, topic, records, rate=rate, sent=sent, progress=lambda _sent: None)
    finally:
        click.echo(f"sent {sent.records} items to {topic} at {settings.kafka.brokers}", err=True)


def _with_progress(items: Iterator[GeneratedItem]) -> Iterator[GeneratedItem]:
    """Yields the items, and prints their number so far on a terminal."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        yield from items
        return
    shown = 0.0
    for item in items:
        if time.monotonic() - shown >= PROGRESS_SECONDS:
            shown = time.monotonic()
            click.echo(f"{item.truth.number} items\033[K\r", err=True, nl=False)
        yield item
    click.echo("\033[K\r", err=True, nl=False)
