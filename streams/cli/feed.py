"""The command `newswire feed`: sends files, folders, archives, recordings or stdin to the raw topic."""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain

import click

from streams.cli.main import pass_settings
from streams.cli.options import received_at_option, source_option
from streams.config.settings import Settings
from streams.feeders import files, recording
from streams.feeders.files import RawFile
from streams.feeders.raw_records import (
    RawRecord,
    ReceivedAt,
    SendProgress,
    assign_received_times,
    build_file_headers,
    send_all,
)
from streams.kafka.admin import fetch_partitions
from streams.kafka.producer import open_raw_producer
from streams.model.errors import WorkFailed
from streams.model.printable import escape_controls
from streams.model.records import Raw, RecordRef, StampedRef
from streams.model.topics import RAW

PROGRESS_SECONDS = 0.25
_UNITS = ("B", "kB", "MB", "GB", "TB")


class UnreadablePaths:
    """Reports each path that cannot be read on stderr, and counts them."""

    def __init__(self) -> None:
        self.count = 0

    def report(self, path: str, why: str) -> None:
        """Prints one path and the reason."""
        self.count += 1
        click.echo(escape_controls(f"cannot read {path}: {why}"), err=True)

    def raise_if_any(self, consequence: str = "") -> None:
        """Raises `WorkFailed` if a path could not be read; `consequence` continues its sentence."""
        if self.count:
            raise WorkFailed(f"{self.count} of the paths could not be read{consequence}: see above")


def _parse_positive(text: str) -> float | None:
    """Parses a number above 0 and below a million; returns None for anything else."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 < number < 1e6 else None


def _parse_rate(_context: click.Context, _parameter: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    rate = _parse_positive(value.removesuffix("/s"))
    if rate is None:
        raise click.BadParameter(f"{value!r} is no rate such as 5/s or 0.5/s")
    return rate


def _parse_speed(_context: click.Context, _parameter: click.Parameter, value: str | None) -> float | None:
    if value is None or value == "max":
        return None
    speed = _parse_positive(value.removesuffix("x"))
    if speed is None:
        raise click.BadParameter(f"{value!r} is no speed such as 1x, 10x or max")
    return speed


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH…]", type=click.Path(exists=True, allow_dash=True))
@click.option("--config", metavar="FILE", help="Feeds to poll and folders to watch, for good; see the README.")
@source_option
@click.option("--rate", metavar="N/s", callback=_parse_rate, help="Items a second; else as fast as Kafka takes them.")
@received_at_option(
    "now", "Received time: now, the file's time, the item's own, or one time (RFC 3339 with zone) for all."
)
@click.option(
    "--speed",
    metavar="10x|max",
    callback=_parse_speed,
    help="Of a recording: so many times its own pace; else at once.",
)
@pass_settings
def command(
    settings: Settings,
    paths: Sequence[str],
    config: str | None,
    source: str,
    rate: float | None,
    received_at: ReceivedAt,
    speed: float | None,
) -> None:
    """Send files, folders, .jsonl files (one item a line), tar and zip archives, or stdin (-, one item).

    Folders are read recursively, sorted by path, without hidden files. A recording (.jsonl.zst, see `export`) keeps
    its own sources, headers and received times. With --config: poll feeds and watch folders until stopped.
    """
    if (config is None) is (not paths):
        raise click.UsageError("give what to send (PATH…), or --config FILE with feeds and folders, and not both")
    if config is not None:
        _run_feeds(settings, config)
    elif any(path.endswith(recording.SUFFIX) for path in paths):
        _send_recordings(settings, paths, rate, speed)
    elif speed is not None:
        raise click.UsageError("--speed is of recordings (.jsonl.zst): give --rate for other files")
    else:
        _send_files(settings, paths, source, rate, received_at)


def _run_feeds(settings: Settings, config: str) -> None:
    given = click.get_current_context()
    for name in ("source", "rate", "received_at", "speed"):
        if given.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--{name.replace('_', '-')} is of PATH…; with --config each feed has its own")
    from streams.feeders.service import run_feeds

    run_feeds(settings, config)


def _send_recordings(settings: Settings, paths: Sequence[str], rate: float | None, speed: float | None) -> None:
    if not all(path.endswith(recording.SUFFIX) for path in paths):
        raise click.UsageError("recordings keep their own sources and times: feed them apart from other files")
    for path in paths:
        recording.verify(path)
    records = chain.from_iterable(recording.play(recording.read(path), speed) for path in paths)
    asyncio.run(_send_records(settings, records, rate))


def _send_files(
    settings: Settings, paths: Sequence[str], source: str, rate: float | None, received_at: ReceivedAt
) -> None:
    wire_time = make_wire_time_reader(settings, source) if received_at == "wire" else _read_no_time
    # Read here and not in the loop below, where an interrupt would wait for the end of the input.
    stdin = list(files.read(["-"])) if "-" in paths else []
    unreadable = UnreadablePaths()

    def items() -> Iterator[RawFile]:
        for path in paths:
            yield from stdin if path == "-" else files.read([path], unreadable.report)

    found = items()
    first = next(found, None)
    if first is None:
        unreadable.raise_if_any(" and nothing was sent")
        raise WorkFailed(f"nothing to send: no files in {', '.join(paths)}")
    timed = assign_received_times(
        chain([first], found), received_at, lambda: datetime.now(UTC).replace(microsecond=0), wire_time
    )
    records = (RawRecord(source.encode(), file.body, build_file_headers(file, source, time)) for file, time in timed)
    asyncio.run(_send_records(settings, records, rate))
    unreadable.raise_if_any(" and were not sent")


async def _send_records(settings: Settings, records: Iterator[RawRecord], rate: float | None) -> None:
    topic = settings.topics.full(RAW)
    await fetch_partitions(settings.kafka, [topic])
    sent, begin = SendProgress(), time.monotonic()
    try:
        async with open_raw_producer(settings.kafka) as sender:
            await send_all(sender, topic, records, rate=rate, sent=sent, progress=_make_progress())
    finally:
        seconds = time.monotonic() - begin
        click.echo(
            f"sent {sent.records} {'item' if sent.records == 1 else 'items'}, {format_bytes(sent.size)}"
            f" in {seconds:.1f} s to {topic} at {settings.kafka.brokers}",
            err=True,
        )


def format_bytes(size: int) -> str:
    """Formats a number of bytes for people, such as `456 kB`."""
    value = float(size)
    for unit in _UNITS:
        if value < 999.5 or unit == _UNITS[-1]:
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" or value >= 10 else f"{value:.1f} {unit}"


def _make_progress() -> Callable[[SendProgress], None]:
    if not sys.stderr.isatty():
        return lambda _sent: None
    shown = 0.0

    def show(sent: SendProgress) -> None:
        nonlocal shown
        if time.monotonic() - shown >= PROGRESS_SECONDS:
            shown = time.monotonic()
            click.echo(f"{sent.records} items, {format_bytes(sent.size)}\033[K\r", err=True, nl=False)

    return show


def _read_no_time(_file: RawFile, _fallback: datetime) -> datetime | None:
    return None


def make_wire_time_reader(settings: Settings, source: str) -> Callable[[RawFile, datetime], datetime | None]:
    """Returns a function that reads the time that an item itself states, or None.

    That function gets the item and a time to fall back on.
    """
    from streams.prepare.loading import load_knowledge
    from streams.prepare.stage import read_wire_time

    knowledge = load_knowledge(settings)
    position = StampedRef(RecordRef(settings.topics.full(RAW), 0, 0), 0)

    def read_time(file: RawFile, fallback: datetime) -> datetime | None:
        raw = Raw(
            source=source,
            received=fallback,
            body=file.body,
            content_type=file.content_type,
            origin=file.path,
            too_large=str(file.too_large or ""),
            position=position,
        )
        return read_wire_time(raw, knowledge)

    return read_time
