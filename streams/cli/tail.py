"""The command `newswire tail`: prints the ticker in a terminal."""

import asyncio
import os
import select
import sys
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from zoneinfo import ZoneInfo, available_timezones

import click
import msgspec

from streams.cli.main import pass_settings
from streams.cli.options import json_option, sources_option
from streams.config.settings import Settings
from streams.gateway import filters
from streams.gateway import ticker_row as rows
from streams.kafka.admin import fetch_partitions
from streams.kafka.consumer import ConsumedRecord, follow, open_live_consumer, read_newest, ref_of, sort_by_time
from streams.model.printable import make_printable
from streams.model.topics import CATEGORIES, LATEST

NEW_YORK = "America/New_York"
POLL_MS = 1000
MAX_REMEMBERED = 10_000
"""How many printed items are remembered, because one item is in several categories, and how many stories taken."""
_ALL = filters.Filter()


def _parse_zone(_context: click.Context, _parameter: click.Parameter, value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ValueError, KeyError, OSError):
        names = available_timezones()
        near = [name for name in names if name.casefold().endswith(f"/{value.casefold()}")]
        near = near or get_close_matches(value, names, n=5) or [NEW_YORK, "Europe/Berlin", "UTC"]
        raise click.BadParameter(f"{value!r} is no IANA time zone such as {', '.join(sorted(near))}") from None


@click.command()
@click.argument("categories", nargs=-1, metavar="[CATEGORY]…", type=click.Choice([LATEST, *CATEGORIES]))
@click.option("--ticker", metavar="T", default="", help="Only items that name it: FCEL or XNAS:FCEL.")
@click.option("--language", "languages", metavar="L", multiple=True, help="Only items in it: en takes en-GB too.")
@sources_option("Only items of a wire: its id or code, PR.", metavar="S")
@click.option(
    "--tz",
    "zone",
    metavar="Z",
    default=NEW_YORK,
    show_default=True,
    callback=_parse_zone,
    help="Zone of the times.",
)
@json_option("One JSON row a line, as the gateway sends them.")
@click.option(
    "-n", "count", type=click.IntRange(0, 1000), default=10, show_default=True, help="How many to begin with."
)
@pass_settings
def command(
    settings: Settings,
    categories: Sequence[str],
    ticker: str,
    languages: Sequence[str],
    sources: Sequence[str],
    zone: ZoneInfo,
    as_json: bool,
    count: int,
) -> None:
    """The newest items of categories (latest by default), then each new one, until Ctrl-C."""
    coloured = not as_json and sys.stdout.isatty() and "NO_COLOR" not in os.environ
    if not as_json and sys.stdout.isatty():
        click.echo(f"times are of {zone.key}; Ctrl-C ends it", err=True)
    filter_ = filters.build_filter(
        settings.source_table, tickers=[ticker] if ticker else [], languages=languages, sources=sources
    )
    printer = TickerPrinter(settings, tuple(categories) or (LATEST,), filter_, zone, as_json, coloured)
    try:
        asyncio.run(_tail(settings, printer, count))
    except KeyboardInterrupt:
        return


class TickerPrinter:
    """Formats records as lines of the ticker: each item once, and only those that the filter takes."""

    def __init__(
        self,
        settings: Settings,
        categories: tuple[str, ...],
        filter_: filters.Filter,
        zone: ZoneInfo,
        as_json: bool,
        coloured: bool = False,
    ) -> None:
        self.topics = [settings.topics.full(category) for category in dict.fromkeys(categories)]
        self._sources = settings.source_table
        self._categories = categories
        self._filter = filter_
        self._zone = zone
        self._as_json = as_json
        self._coloured = coloured
        self._seen: dict[str, None] = {}
        self._wanted: dict[str, None] = {}

    def wants(self, record: ConsumedRecord) -> bool:
        """Returns whether a record may become a line. What is no record of ours counts: `format_record` reports it."""
        try:
            item = self._parse(record)
        except ValueError:
            return True
        if item is None or item.row.status == "withdrawn":
            return item is not None and (self._filter == _ALL or item.row.uri in self._wanted)
        if not self._filter.matches(item):
            return False
        _remember(self._wanted, item.row.uri)
        return True

    def format_record(self, record: ConsumedRecord) -> str | None:
        """Formats a record; returns None for one that prints nothing.

        That is a record which is not ours (reported), one that the filter does not take, one that was printed before,
        and the tombstone of a story that moved to other categories. A withdrawal is printed where its story was taken.
        """
        if not self.wants(record):
            return None
        try:
            item = self._parse(record)
        except ValueError as error:
            where = ref_of(record)
            click.echo(f"{where} is no enriched item and is left out: {make_printable(str(error))}", err=True)
            return None
        assert item is not None
        row = item.row
        if row.id in self._seen:
            return None
        _remember(self._seen, row.id)
        if self._as_json:
            return msgspec.json.encode(row).decode()
        if row.status != "withdrawn" and not self._belongs(row):
            time = rows.format_ticker_time(row.time, self._zone)
            return f"{time}  no longer in {', '.join(self._categories)}: {row.uri}"
        return _format_coloured(row, self._zone) if self._coloured else rows.format_ticker_line(row, self._zone)

    def _parse(self, record: ConsumedRecord) -> filters.TickerItem | None:
        """Parses a record; None for a tombstone that is no withdrawal. Raises ValueError where it is not ours."""
        if record.value is not None:
            return filters.parse_ticker_item(record.value, record.headers, self._sources)
        tombstone = rows.parse_tombstone(record.key, record.headers, self._sources)
        return filters.build_withdrawn_item(tombstone) if tombstone and tombstone.is_withdrawn else None

    def _belongs(self, row: rows.TickerRow) -> bool:
        return LATEST in self._categories or any(
            named == wanted or named.startswith(f"{wanted}.") for named in row.categories for wanted in self._categories
        )


def _remember(known: dict[str, None], name: str) -> None:
    known[name] = None
    if len(known) > MAX_REMEMBERED:
        del known[next(iter(known))]


async def _tail(settings: Settings, printer: TickerPrinter, count: int) -> None:
    partitions = await fetch_partitions(settings.kafka, printer.topics)
    async with open_live_consumer(settings.kafka) as consumer:
        backlog = await read_newest(consumer, partitions, count, printer.wants)
        lines = _format_lines(printer, backlog)
        _print(lines[len(lines) - count :] if len(lines) > count else lines)
        incoming = follow(consumer, poll_ms=POLL_MS)
        while _is_reader_alive():
            _print(_format_lines(printer, sort_by_time(await anext(incoming))))


def _format_coloured(row: rows.TickerRow, zone: ZoneInfo) -> str:
    """Formats a row in colours that let the headline stand out from time and source."""
    line = rows.format_ticker_line(row, zone)
    if row.status == "withdrawn":
        return click.style(line, fg="red")
    time, headline, source = line[:6], line[6 : len(line) - len(row.source)], row.source
    for mark in (" (corrected)", " (updated)"):
        headline = headline.replace(f"{mark}  ", click.style(mark, fg="yellow") + "  ")
    return click.style(time, fg="cyan") + headline + click.style(source, dim=True)


def _format_lines(printer: TickerPrinter, records: Iterable[ConsumedRecord]) -> list[str]:
    return [line for line in map(printer.format_record, records) if line is not None]


def _is_reader_alive() -> bool:
    """Returns False once the reader of a pipe has gone; a quiet ticker would not notice it for hours."""
    pipe = select.poll()
    pipe.register(sys.stdout.fileno(), 0)
    return not any(event & select.POLLERR for _, event in pipe.poll(0))


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
