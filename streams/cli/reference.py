"""The commands `newswire reference …`: show or replace the table of companies, by which prepare finds companies."""

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path

import click
import msgspec

from streams.cli.main import pass_settings
from streams.config.settings import Settings
from streams.model.errors import WorkFailed
from streams.model.printable import escape_controls
from streams.prepare.companies.reference import Reference
from streams.prepare.companies.reference_file import ReferenceRow, TableError, build_table
from streams.prepare.loading import parse_reference, read_files

COLUMNS = ("id", "name", "symbol", "exchange", "isin", "aliases")
COLUMN_ALIASES = {"cik": "id", "lei": "id", "ticker": "symbol", "mic": "exchange", "alias": "aliases"}
"""Other names of columns, so that the SEC's own file (cik, ticker, exchange, name) can be loaded unchanged."""


@click.group()
def command() -> None:
    """The table of companies: which one is used, and loading another."""


@command.command()
@pass_settings
def show(settings: Settings) -> None:
    """Print version, date and size of the table that is used."""
    table = parse_reference(read_files(settings))
    click.echo(escape_controls(f"{table.version}: {len(table)} companies, {settings.prepare.reference or 'packaged'}"))


@command.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(exists=True, dir_okay=False))
@click.option("--date", "when", type=click.DateTime(["%Y-%m-%d"]), help="As of when; else the newest file's date.")
@pass_settings
def load(settings: Settings, files: tuple[str, ...], when: datetime | None) -> None:
    """Check CSV files of companies and put them in the place of the table, the file `prepare.reference`.

    Columns: name, and any of id (or cik, lei: rows with one id are one company), symbol (or ticker), exchange (a MIC or
    a usual name), isin, aliases (separated by |). A wrong row is refused with its line, and the old table stays.
    Running workers take it within a few seconds.
    """
    target = settings.prepare.reference
    if not target:
        raise click.UsageError('name the file that holds the table: [prepare] reference = "companies.reference"')
    day = when.date() if when else _find_newest_date(files)
    try:
        data = build_table((row for path in files for row in _read_rows(path)), _load_words(), day)
        table = Reference(data, target)
    except TableError as error:
        raise WorkFailed(f"{error}; nothing was changed") from error
    beside = Path(f"{target}.new")
    try:
        beside.write_bytes(data)
        beside.replace(target)
    except OSError as error:
        raise WorkFailed(f"cannot write {target}: {error.strerror}") from error
    click.echo(escape_controls(f"{table.version}: {len(table)} companies, {target}"))
    click.echo("Running workers take it within a few seconds.", err=True)


def _find_newest_date(files: tuple[str, ...]) -> date:
    return datetime.fromtimestamp(max(Path(path).stat().st_mtime for path in files), UTC).date()


def _load_words() -> frozenset[str]:
    packed = resources.files("streams.prepare.companies").joinpath("words.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().split())


def _read_rows(path: str) -> Iterator[ReferenceRow]:
    """Yields the rows of a CSV file in UTF-8, whose first line names the columns. Raises `TableError`."""
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            head = [COLUMN_ALIASES.get(name.strip().casefold(), name.strip().casefold()) for name in next(reader, [])]
            _check_columns(path, head)
            for cells in reader:
                place = f"{path}, line {reader.line_num}"
                if not any(cells):
                    continue
                if len(cells) != len(head):
                    raise TableError(f"{place}: {len(cells)} cells, and the first line names {len(head)} columns")
                given = {name: cell.strip() for name, cell in zip(head, cells, strict=True)}
                aliases = tuple(each.strip() for each in given.pop("aliases", "").split("|") if each.strip())
                yield msgspec.convert({"place": place, "aliases": aliases, **given}, ReferenceRow)
    except (UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"{path} is no CSV file in UTF-8: {error}") from error
    except OSError as error:
        raise TableError(f"cannot read {path}: {error.strerror}") from error


def _check_columns(path: str, head: list[str]) -> None:
    wrong = [name for name in head if name not in COLUMNS]
    if wrong or "name" not in head or len(set(head)) < len(head):
        what = f"no column {wrong[0]!r}" if wrong else "a column `name` is needed, and none twice"
        raise TableError(f"{path}, line 1: {what}; the columns are {', '.join(COLUMNS)}")
