"""The commands `newswire desk …`: an editor changes a story by a command in the log.

The log keeps the command, so that a replay obeys it too.
"""

import asyncio
import getpass
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import click

from streams.cli.main import pass_settings
from streams.cli.options import confirm, from_option, to_option, why_option, yes_option
from streams.config.settings import Settings
from streams.decide.parameters import parse_milliseconds
from streams.desk import log as desk_log
from streams.desk import plan
from streams.desk import stories as desk
from streams.desk.plan import DeskPlan
from streams.desk.stories import StoryView
from streams.kafka import client
from streams.kafka.admin import require_partitions
from streams.kafka.consumer import read_to_end
from streams.kafka.producer import append_commands
from streams.model.errors import WorkFailed
from streams.model.headers import header_text, read_source_id
from streams.model.printable import make_printable
from streams.model.records import Command, CommandAction
from streams.model.timestamps import format_rfc3339
from streams.model.topics import LATEST, ROLL_KEY, WITHHELD
from streams.prepare.loading import parse_reference, read_files


def parse_pattern(_context: click.Context, _parameter: click.Parameter, value: str | None) -> re.Pattern[str] | None:
    """Compiles a regular expression of Python, upper and lower case alike. Raises BadParameter."""
    try:
        return None if value is None else re.compile(value, re.IGNORECASE)
    except re.error as error:
        raise click.BadParameter(f"{value!r} is no regular expression: {error}") from None


uris_argument = click.argument("uris", nargs=-1, required=True, metavar="URI…")
reason_option = why_option("The reason; it stands in the decision and in the event.")
uri_argument = click.argument("uri", metavar="URI")
named_option = click.option("--by", required=True, help="Who decides this; it stands in the decision.")
by_option = click.option("--by", default="", help="Who decides this; else the user of this machine.")


@click.group()
def command() -> None:
    """Change what readers see of a story: withdraw, release, file, headline, note, companies; take it back."""


@command.command()
@click.argument("uris", nargs=-1, metavar="[URI…]")
@click.option("--source", default="", help="In place of URIs: stories whose newest version is of this source.")
@from_option("received")
@to_option("received")
@click.option("--match", "pattern", metavar="REGEX", callback=parse_pattern, help="Found in headline, text or caption.")
@reason_option
@by_option
@yes_option()
@pass_settings
def kill(
    settings: Settings,
    uris: Sequence[str],
    source: str,
    start: int | None,
    end: int | None,
    pattern: re.Pattern[str] | None,
    why: str,
    by: str,
    yes: bool,
) -> None:
    """Withdraw stories: from every topic they were in, and for whatever comes of them later.

    The stories are named, or found by --source, --from, --to and --match, all of which must fit. The plan lists them;
    the log gets their uris, at most 1,000 a command.
    """
    wanted = desk.StoryFilter(source=source.strip(), start=start, end=end, pattern=pattern)
    if bool(uris) == (wanted != desk.StoryFilter()):
        raise click.UsageError("give URIs, or one or more of --source, --from, --to and --match")
    if uris:
        _append_commands(settings, CommandAction.KILL, uris, why, by, yes)
    else:
        _kill_found(settings, wanted, why, by, yes)


@command.command()
@uris_argument
@reason_option
@by_option
@yes_option()
@pass_settings
def release(settings: Settings, uris: Sequence[str], why: str, by: str, yes: bool) -> None:
    """Publish stories now that are under embargo."""
    _append_commands(settings, CommandAction.RELEASE, uris, why, by, yes)


def _append_commands(settings: Settings, action: str, uris: Sequence[str], why: str, by: str, yes: bool) -> None:
    plans = [(story, *desk.plan_action(action, story)) for story in asyncio.run(desk_log.read_stories(settings, uris))]
    for _, line, _ in plans:
        click.echo(line, err=True)
    wanted = [story.uri for story, _, acts in plans if acts]
    if not wanted:
        raise WorkFailed(f"there is nothing to {action}")
    confirm(f"{action} {len(wanted)}", yes)
    at, who = format_rfc3339(datetime.now(UTC)), by or getpass.getuser()
    asyncio.run(append_commands(settings, [Command(action=action, uri=uri, at=at, by=who, why=why) for uri in wanted]))
    click.echo(f"{len(wanted)} in the log: `newswire why URI` says what came of it")


def _kill_found(settings: Settings, wanted: desk.StoryFilter, why: str, by: str, yes: bool) -> None:
    stories = asyncio.run(_find_stories(settings, wanted))
    if not stories:
        raise WorkFailed("there is nothing to kill: no live or withheld story fits")
    for story in stories:
        click.echo(desk.plan_action(CommandAction.KILL, story)[0], err=True)
    confirm(f"kill {len(stories)}", yes)
    at, who = format_rfc3339(datetime.now(UTC)), by or getpass.getuser()
    kills = desk.build_kills([story.uri for story in stories], at, who, why)
    asyncio.run(append_commands(settings, kills))
    click.echo(f"{len(stories)} in the log: `newswire why URI` says what came of it")


async def _find_stories(settings: Settings, wanted: desk.StoryFilter) -> list[desk.StoryView]:
    names = {settings.topics.full(name): name for name in (LATEST, WITHHELD)}
    async with client.open_admin(settings.kafka) as admin:
        partitions = await require_partitions(admin, list(names))
    search = desk.StorySearch(wanted)
    async for record in read_to_end(settings.kafka, partitions):
        if record.key is None or record.key == ROLL_KEY:
            continue
        try:
            received = parse_milliseconds(header_text(record.headers, "ce_time"))
            uri, source = record.key.decode(), read_source_id(record.headers)
            search.add(names[record.topic], uri, record.value, source, received)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            place = f"{record.topic}/{record.partition}/{record.offset}"
            click.echo(f"{place} is no enriched item and is left out: {make_printable(str(error))}", err=True)
    return search.found()


@command.command()
@uri_argument
@click.option("--add", multiple=True, metavar="CATEGORY", help="File it there too; may be given several times.")
@click.option("--drop", multiple=True, metavar="CATEGORY", help="Take it out there; may be given several times.")
@reason_option
@named_option
@yes_option()
@pass_settings
def refile(settings: Settings, uri: str, add: Sequence[str], drop: Sequence[str], why: str, by: str, yes: bool) -> None:
    """File a story under other categories, now and in each later version.

    A section of companies brings `companies` with it; who drops `companies` drops its sections too.
    """
    _change(settings, uri, lambda story: plan.plan_refile(story, add, drop), why, by, yes)


@command.command()
@uri_argument
@click.argument("title")
@reason_option
@named_option
@yes_option()
@pass_settings
def retitle(settings: Settings, uri: str, title: str, why: str, by: str, yes: bool) -> None:
    """Give a story another headline, now and in each later version."""
    _change(settings, uri, lambda story: plan.plan_retitle(story, title), why, by, yes)


@command.command()
@uri_argument
@click.argument("text")
@reason_option
@named_option
@yes_option()
@pass_settings
def note(settings: Settings, uri: str, text: str, why: str, by: str, yes: bool) -> None:
    """Put a note to editors before those of a story (`edNote`), now and in each later version."""
    _change(settings, uri, lambda story: plan.plan_note(story, text), why, by, yes)


@command.command()
@uri_argument
@click.option("--add", multiple=True, metavar="COMPANY", help="A company of the table: XNAS:FCEL, an ISIN, a name.")
@click.option("--drop", multiple=True, metavar="COMPANY", help="A company of the story: a ticker, an ISIN, a name.")
@reason_option
@named_option
@yes_option()
@pass_settings
def company(
    settings: Settings, uri: str, add: Sequence[str], drop: Sequence[str], why: str, by: str, yes: bool
) -> None:
    """Say that a story is about a company, or is not, now and in each later version."""
    reference = parse_reference(read_files(settings))
    _change(settings, uri, lambda story: plan.plan_company(story, add, drop, reference), why, by, yes)


@command.command()
@click.argument("wanted", metavar="COMMAND")
@reason_option
@named_option
@yes_option()
@pass_settings
def undo(settings: Settings, wanted: str, why: str, by: str, yes: bool) -> None:
    """Take a command of the desk back: the story is as if it had not been given.

    COMMAND is the id that was printed when it was given; `newswire why` shows it. What others set later stays.
    """
    decisions = asyncio.run(desk_log.read_decisions(settings, wanted))
    _act(settings, _plan(lambda: plan.plan_undo(wanted, decisions)), why, by, yes)


def _change(settings: Settings, uri: str, make: Callable[[StoryView], DeskPlan], why: str, by: str, yes: bool) -> None:
    (story,) = asyncio.run(desk_log.read_stories(settings, [uri]))
    _act(settings, _plan(lambda: make(story)), why, by, yes)


def _plan(make: Callable[[], DeskPlan]) -> DeskPlan:
    try:
        return make()
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _act(settings: Settings, made: DeskPlan, why: str, by: str, yes: bool) -> None:
    click.echo(make_printable(made.line), err=True)
    if not made.acts:
        raise WorkFailed(f"there is nothing to {made.action}")
    confirm(made.action, yes)
    (given,) = asyncio.run(desk_log.append(settings, [made], by, why))
    click.echo(
        f"{given.id} in the log: `newswire why {made.uri}` says what came of it,"
        f" `newswire desk undo {given.id}` takes it back"
        if made.action != "undo"
        else f"{given.id} in the log: `newswire why {made.uri}` says what came of it"
    )
