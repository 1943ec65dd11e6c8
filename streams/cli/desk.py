"""The commands `newswire desk …`: an editor withdraws or releases a story by a command in the log.

The log keeps the command, so that a replay obeys it too.
"""

import asyncio
import getpass
from collections.abc import Sequence
from datetime import UTC, datetime

import click

from streams.cli.main import pass_settings
from streams.cli.options import confirm, why_option, yes_option
from streams.config.settings import Settings
from streams.kafka import client
from streams.kafka.admin import require_partitions
from streams.kafka.consumer import read_to_end
from streams.kafka.producer import append_commands
from streams.model.errors import WorkFailed
from streams.model.records import Command, CommandAction
from streams.model.timestamps import format_rfc3339
from streams.model.topics import LATEST, WITHHELD
from streams.ops import desk

uris_argument = click.argument("uris", nargs=-1, required=True, metavar="URI…")
reason_option = why_option("The reason; it stands in the decision and in the event.")
by_option = click.option("--by", default="", help="Who decides this; else the user of this machine.")


@click.group()
def command() -> None:
    """Withdraw a story, or release one before its embargo ends."""


@command.command()
@uris_argument
@reason_option
@by_option
@yes_option()
@pass_settings
def kill(settings: Settings, uris: Sequence[str], why: str, by: str, yes: bool) -> None:
    """Withdraw stories: from every topic they were in, and for whatever comes of them later."""
    _append_commands(settings, CommandAction.KILL, uris, why, by, yes)


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
    plans = [(story, *desk.plan_action(action, story)) for story in asyncio.run(_read_stories(settings, uris))]
    for _, line, _ in plans:
        click.echo(line, err=True)
    wanted = [story.uri for story, _, acts in plans if acts]
    if not wanted:
        raise WorkFailed(f"there is nothing to {action}")
    confirm(f"{action} {len(wanted)}", yes)
    at, who = format_rfc3339(datetime.now(UTC)), by or getpass.getuser()
    asyncio.run(append_commands(settings, [Command(action=action, uri=uri, at=at, by=who, why=why) for uri in wanted]))
    click.echo(f"{len(wanted)} in the log: `newswire why URI` says what came of it")


async def _read_stories(settings: Settings, uris: Sequence[str]) -> list[desk.StoryView]:
    names = {settings.topics.full(name): name for name in (LATEST, WITHHELD)}
    async with client.open_admin(settings.kafka) as admin:
        partitions = await require_partitions(admin, list(names))
    rows: dict[str, list[tuple[str, bytes | None]]] = {uri: [] for uri in uris}
    async for record in read_to_end(settings.kafka, partitions):
        uri = (record.key or b"").decode(errors="replace")
        if uri in rows:
            rows[uri].append((names[record.topic], record.value))
    return [desk.read_story(uri, found) for uri, found in rows.items()]
