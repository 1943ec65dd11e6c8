"""The commands `newswire dead-letters …`: list, show, retry, discard and export refused items."""

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from streams.cli.feed import format_bytes
from streams.cli.main import pass_settings
from streams.cli.options import confirm, find_user_name, json_option, recording_argument, why_option, yes_option
from streams.config.settings import Settings
from streams.feeders.recording import Recorded, write
from streams.kafka.admin import fetch_partitions
from streams.kafka.consumer import fetch_originals, read_to_end
from streams.kafka.producer import append_commands
from streams.model.errors import WorkFailed
from streams.model.printable import escape_controls
from streams.model.records import Command, CommandAction
from streams.model.timestamps import format_rfc3339
from streams.model.topics import DEAD_LETTERS, RAW
from streams.ops import dead_letter_retry
from streams.ops.dead_letters import (
    MAX_ATTEMPTS,
    DeadLetter,
    count_dead_letters,
    format_dead_letter,
    read_dead_letters,
    select_dead_letters,
)

ids_argument = click.argument("ids", nargs=-1, metavar="ID…")
every_option = click.option("--every", is_flag=True, help="All that are open.")
all_option = click.option("--all", "every", is_flag=True, help="Those that were retried or discarded too.")
code_option = click.option("--code", default="", help="Only this error code, such as malformed.")
source_option = click.option("--source", default="", help="Only of this feed id.")


@click.group()
def command() -> None:
    """Look at refused items, send them through again, or put them away with a reason."""


@command.command("list")
@code_option
@source_option
@all_option
@json_option("One JSON object a line, without the bytes.")
@pass_settings
def list_(settings: Settings, code: str, source: str, every: bool, as_json: bool) -> None:
    """One line a letter, and how many there are by code and source."""
    found = select_dead_letters(asyncio.run(_read_dead_letters(settings)), code=code, source=source, every=every)
    for letter in found:
        if as_json:
            row = {name: value for name, value in msgspec.structs.asdict(letter).items() if name != "body"}
            sys.stdout.write(json.dumps({**row, "bytes": len(letter.body)}) + "\n")
        else:
            size = format_bytes(len(letter.body))
            source = escape_controls(letter.source)
            click.echo(f"{letter.id}  {letter.received}  {source}  {letter.code}  {size}  {letter.state}")
    if not as_json:
        for each, feed, count in count_dead_letters(found):
            click.echo(f"{count:>7}  {each}  {escape_controls(feed)}")
        click.echo(f"{len(found):>7}  in all" if found else "no dead letters" + ("" if every else " that are open"))


@command.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@pass_settings
def show(settings: Settings, ids: tuple[str, ...]) -> None:
    """Headers, reason, the file or address it came from, text and hex of letters."""
    found = _find_by_id(asyncio.run(_read_dead_letters(settings)), ids, every=True)
    raws = asyncio.run(fetch_originals(settings, (letter.record_ref for letter in found)))
    for letter in found:
        original = raws.get(letter.record_ref)
        for line in format_dead_letter(letter, original.origin if original else None):
            click.echo(escape_controls(line))


@command.command()
@ids_argument
@code_option
@source_option
@every_option
@click.option("--with", "mended", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Bytes instead.")
@click.option("--as-source", default="", help="Feed id instead, such as of a record that had none.")
@click.option("--as-type", default="", help="Content type instead.")
@yes_option()
@pass_settings
def retry(
    settings: Settings,
    ids: tuple[str, ...],
    code: str,
    source: str,
    every: bool,
    mended: Path | None,
    as_source: str,
    as_type: str,
    yes: bool,
) -> None:
    """Send letters through the pipeline again, and say what became of each.

    What made them fail must be corrected first: a setting, a release of ours, or the bytes (--with FILE). Each raw
    record is retried once, with all its items: those that had passed are dropped as repeats of the same version. It
    keeps its received time, and goes through at most five times.
    """
    found = _select(settings, ids, code, source, every)
    tired = [letter for letter in found if letter.attempts >= MAX_ATTEMPTS]
    found = [letter for letter in found if letter.attempts < MAX_ATTEMPTS]
    for letter in tired:
        click.echo(
            f"left alone  {letter.id}: it failed {letter.attempts} times, and needs another correction", err=True
        )
    if not found:
        raise WorkFailed("no letter is left to retry")
    if mended is not None and len({letter.record_ref for letter in found}) > 1:
        raise click.UsageError("--with gives the bytes of one record: name one letter")
    for letter in found:
        click.echo(f"retry  {letter.id}  {letter.code}: {escape_controls(letter.message)}", err=True)
    confirm(f"retry {len(found)}", yes)
    change = dead_letter_retry.RetryOverrides(mended.read_bytes() if mended else None, as_source, as_type)
    for letter, fates in asyncio.run(dead_letter_retry.retry_dead_letters(settings, found, change, find_user_name())):
        click.echo(f"{letter.id}  {'; '.join(fates) or 'not decided yet: ask `newswire why` later'}")


@command.command()
@ids_argument
@code_option
@source_option
@every_option
@why_option("The reason, kept with it.")
@yes_option()
@pass_settings
def discard(settings: Settings, ids: tuple[str, ...], code: str, source: str, every: bool, why: str, yes: bool) -> None:
    """Put letters away with a reason; who, why and when stay on record, and so do their bytes."""
    found = _select(settings, ids, code, source, every)
    for letter in found:
        click.echo(f"discard  {letter.id}  {letter.code}: {escape_controls(letter.message)}", err=True)
    confirm(f"discard {len(found)}", yes)
    at, who = format_rfc3339(datetime.now(UTC)), find_user_name()
    commands = [Command(action=CommandAction.DISCARDED, uri=letter.id, at=at, by=who, why=why) for letter in found]
    asyncio.run(append_commands(settings, commands))
    click.echo(f"{len(found)} discarded")


@command.command()
@recording_argument
@code_option
@source_option
@all_option
@pass_settings
def export(settings: Settings, file: Path, code: str, source: str, every: bool) -> None:
    """Write letters as raw records to FILE (.jsonl.zst), for `newswire feed` elsewhere or a bug report."""
    found = select_dead_letters(asyncio.run(_read_dead_letters(settings)), code=code, source=source, every=every)
    if not found:
        raise WorkFailed("no letter fits, and no file was made")
    with file.open("wb") as output:
        made = write(output, settings.topics.full(RAW), "", "", map(_to_recorded, found))
    click.echo(escape_controls(f"{made.records} letters, SHA-256 {made.sha256}, to {file}"))


async def _read_dead_letters(settings: Settings) -> list[DeadLetter]:
    partitions = await fetch_partitions(settings.kafka, [settings.topics.full(DEAD_LETTERS)])
    rows = [
        (record.key or b"", record.value, record.headers) async for record in read_to_end(settings.kafka, partitions)
    ]
    return list(read_dead_letters(rows).values())


def _select(settings: Settings, ids: tuple[str, ...], code: str, source: str, every: bool) -> list[DeadLetter]:
    if not (ids or code or source or every):
        raise click.UsageError("name letters, or give --code, --source or --every")
    found = asyncio.run(_read_dead_letters(settings))
    kept = select_dead_letters(_find_by_id(found, ids) if ids else found, code=code, source=source)
    if not kept:
        raise WorkFailed("no open letter fits: `newswire dead-letters list --all` shows them all")
    return kept


def _find_by_id(found: list[DeadLetter], ids: tuple[str, ...], *, every: bool = False) -> list[DeadLetter]:
    known = {letter.id: letter for letter in found}
    for each in ids:
        if each not in known:
            raise WorkFailed(f"there is no dead letter {each}: `newswire dead-letters list --all` shows them all")
        if not every and known[each].state != "open":
            raise WorkFailed(f"{each} was {known[each].state} by {known[each].by} already")
    return [known[each] for each in ids]


def _to_recorded(letter: DeadLetter) -> Recorded:
    _, partition, offset = letter.record_ref
    received = int(datetime.fromisoformat(letter.received).timestamp() * 1000)
    named = (("source", letter.source), ("content-type", letter.content_type), ("received-at", letter.received))
    headers = [(name, value.encode()) for name, value in named if value]
    return Recorded(partition, offset, received, received, letter.source.encode(), headers, letter.body)
