"""The commands `newswire desk …`: an editor changes a story by a command in the log.

The log keeps the command, so that a replay obeys it too.
"""

import asyncio
import re
from collections.abc import Callable, Sequence

import click

from streams.cli.main import pass_settings
from streams.cli.options import F, confirm, find_user_name, from_option, to_option, why_option, yes_option
from streams.config.settings import Settings
from streams.decide.parameters import parse_milliseconds
from streams.desk import plan, records
from streams.desk.plan import DeskPlan
from streams.desk.stories import StoryFilter, StorySearch, StoryView, plan_action
from streams.kafka.admin import fetch_partitions
from streams.kafka.consumer import read_to_end, ref_of
from streams.model.errors import WorkFailed
from streams.model.headers import header_text, read_source_id
from streams.model.printable import escape_controls, make_printable
from streams.model.records import CommandAction
from streams.model.topics import LATEST, ROLL_KEY, WITHHELD
from streams.prepare.loading import parse_reference, read_files


def parse_pattern(_context: click.Context, _parameter: click.Parameter, value: str | None) -> re.Pattern[str] | None:
    """Compiles a regular expression of Python, upper and lower case alike. Raises BadParameter."""
    try:
        return None if value is None else re.compile(value, re.IGNORECASE)
    except re.error as error:
        raise click.BadParameter(f"{value!r} is no regular expression: {error}") from None


reason_option = why_option("The reason; it stands in the decision and in the event.")
match_option = click.option(
    "--match", "pattern", metavar="REGEX", callback=parse_pattern, help="Found in headline, text or caption."
)
uri_argument = click.argument("uri", metavar="URI")
named_option = click.option("--by", required=True, help="Who decides this; it stands in the decision.")
by_option = click.option("--by", default="", help="Who decides this; else the user of this machine.")


def several_stories(function: F) -> F:
    """Adds the argument and the options that name or find stories."""
    for decorate in (
        match_option,
        to_option("received"),
        from_option("received"),
        click.option("--source", default="", help="In place of URIs: stories whose newest version is of this source."),
        click.argument("uris", nargs=-1, metavar="[URI…]"),
    ):
        function = decorate(function)
    return function


@click.group()
def command() -> None:
    """Change what readers see of a story: withdraw, release, file, headline, note, companies; take it back."""


@command.command()
@several_stories
@click.option("--final", is_flag=True, help="There is no undo of it.")
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
    final: bool,
    why: str,
    by: str,
    yes: bool,
) -> None:
    """Withdraw stories: from every topic they were in, and for whatever comes of them later.

    The stories are named, or found by --source, --from, --to and --match, all of which must fit. The plan lists them;
    the log gets their uris, at most 1,000 a command. An undo takes the text from the log, as long as the log has it.
    """
    stories = _choose_stories(settings, uris, StoryFilter(source=source.strip(), start=start, end=end, pattern=pattern))
    wanted = [story for story in stories if _print_plan(*plan_action(CommandAction.KILL, story))]
    if not wanted:
        raise WorkFailed(f"there is nothing to kill{'' if uris else ': no live or withheld story fits'}")
    _append(settings, plan.plan_kills(wanted, final=final), len(wanted), why, by or find_user_name(), yes)


@command.command()
@several_stories
@reason_option
@by_option
@yes_option()
@pass_settings
def release(
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
    """Publish stories now that are under embargo.

    The stories are named, or found as by `kill`. There is no undo.
    """
    stories = _choose_stories(settings, uris, StoryFilter(source=source.strip(), start=start, end=end, pattern=pattern))
    plans = [plan.plan_release(story) for story in stories if uris or story.withheld_until]
    wanted = [each for each in plans if _print_plan(each.line, each.acts)]
    if not wanted:
        raise WorkFailed(f"there is nothing to release{'' if uris else ': no withheld story fits'}")
    _append(settings, wanted, len(wanted), why, by or find_user_name(), yes)


def _choose_stories(settings: Settings, uris: Sequence[str], wanted: StoryFilter) -> list[StoryView]:
    if bool(uris) == (wanted != StoryFilter()):
        raise click.UsageError("give URIs, or one or more of --source, --from, --to and --match")
    return asyncio.run(records.read_stories(settings, uris) if uris else _find_stories(settings, wanted))


def _print_plan(line: str, acts: bool) -> bool:
    click.echo(escape_controls(line), err=True)
    return acts


def _append(settings: Settings, plans: Sequence[DeskPlan], count: int, why: str, by: str, yes: bool) -> None:
    """Asks, appends the commands of plans, and says by which ids an undo takes them back."""
    action = plans[0].action
    confirm(f"{action} {count}", yes)
    given = asyncio.run(records.append(settings, plans, by, why))
    click.echo(f"{count} in the log: `newswire why URI` says what came of it")
    if action not in (CommandAction.RELEASE, CommandAction.UNDO) and not any(
        each.detail.get("final") for each in given
    ):
        click.echo(f"to take it back: newswire desk undo {' '.join(each.id for each in reversed(given))}")


async def _find_stories(settings: Settings, wanted: StoryFilter) -> list[StoryView]:
    names = {settings.topics.full(name): name for name in (LATEST, WITHHELD)}
    partitions = await fetch_partitions(settings.kafka, list(names))
    search = StorySearch(wanted)
    async for record in read_to_end(settings.kafka, partitions):
        if record.key is None or record.key == ROLL_KEY:
            continue
        try:
            received = parse_milliseconds(header_text(record.headers, "ce_time"))
            uri, source = record.key.decode(), read_source_id(record.headers)
            search.add(names[record.topic], uri, record.value, source, received)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            said = make_printable(str(error))
            click.echo(f"{ref_of(record)} is no enriched item and is left out: {said}", err=True)
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
@click.argument("wanted", metavar="COPY")
@reason_option
@named_option
@yes_option()
@pass_settings
def split(settings: Settings, wanted: str, why: str, by: str, yes: bool) -> None:
    """Make a story of an item that was suppressed as a copy, or of a story that was joined into another.

    COPY is the uri of the item, or the ce_id of its record in the duplicates. Later copies of it join the new story.
    A version that is another story, and no revision, is named by its ce_id too: URI/VERSION. Its story then shows its
    former text again.
    """
    _act(settings, _plan(lambda: asyncio.run(records.make_split_plans(settings, wanted))), why, by, yes)


@command.command()
@click.argument("into", metavar="A")
@click.argument("uri", metavar="B")
@reason_option
@named_option
@yes_option()
@pass_settings
def join(settings: Settings, into: str, uri: str, why: str, by: str, yes: bool) -> None:
    """Join story B into story A: B leaves its topics, and its later versions and copies are those of A."""
    found = {story.uri: story for story in asyncio.run(records.read_stories(settings, [into, uri]))}
    _act(settings, _plan(lambda: [plan.plan_join(found[uri], found[into])]), why, by, yes)


@command.command()
@click.argument("wanted", metavar="COMMAND…", nargs=-1, required=True)
@reason_option
@named_option
@yes_option()
@pass_settings
def undo(settings: Settings, wanted: Sequence[str], why: str, by: str, yes: bool) -> None:
    """Take commands of the desk back: the story is as if they had not been given.

    COMMAND is the id that was printed when it was given; `newswire why` shows it. What others set later stays. A
    release and a kill with --final have no undo.
    """
    _act(settings, _plan(lambda: asyncio.run(records.make_undo_plans(settings, wanted))), why, by, yes)


def _change(settings: Settings, uri: str, make: Callable[[StoryView], DeskPlan], why: str, by: str, yes: bool) -> None:
    (story,) = asyncio.run(records.read_stories(settings, [uri]))
    _act(settings, _plan(lambda: [make(story)]), why, by, yes)


def _plan(make: Callable[[], list[DeskPlan]]) -> list[DeskPlan]:
    try:
        return make()
    except ValueError as error:
        raise click.UsageError(make_printable(str(error))) from None


def _act(settings: Settings, made: Sequence[DeskPlan], why: str, by: str, yes: bool) -> None:
    for line in (line for each in made for line in each.line.splitlines()):
        click.echo(escape_controls(line), err=True)
    wanted = [each for each in made if each.acts]
    if not wanted:
        raise WorkFailed(f"there is nothing to {made[0].action}")
    _append(settings, wanted, len(wanted), why, by, yes)
