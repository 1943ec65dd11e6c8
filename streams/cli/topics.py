"""The commands `newswire topics …`: compare the declared topics with the cluster, make them so, roll quiet ones."""

import asyncio
import time

import click

from streams.cli.main import pass_settings
from streams.cli.options import parse_last
from streams.config.settings import Settings
from streams.kafka import client
from streams.kafka.admin import Plan, create_topics, find_existing_topics, list_declared_topics, plan_changes
from streams.kafka.rolling import roll_quiet_partitions
from streams.model.errors import WorkFailed


@click.group()
def command() -> None:
    """Declared topics against the cluster: shows, then makes, the difference. Never deletes."""


@command.command()
@pass_settings
def plan(settings: Settings) -> None:
    """Show what `apply` would do."""
    _print_plan(asyncio.run(make_plan(settings)), settings)


@command.command("apply")
@pass_settings
def apply_(settings: Settings) -> None:
    """Make the difference: create topics, add partitions, change settings."""
    made = asyncio.run(create_topics(settings))
    _print_plan(made, settings)
    if count := len(made.changes):
        click.echo(f"{count} {'change' if count == 1 else 'changes'} made", err=True)


@command.command()
@click.option(
    "--quiet",
    metavar="23h",
    default="23h",
    show_default=True,
    callback=parse_last,
    help="Roll where no record came for so long: a little less than the day between two calls.",
)
@pass_settings
def roll(settings: Settings, quiet: int) -> None:
    """Let Kafka compact quiet topics: for a timer that calls it once a day.

    Kafka closes a segment only when a record comes, and never compacts an open one. So a topic of items without a
    record for a day gets a tombstone under the key `newswire:roll`, which readers pass over.
    """
    rolled = asyncio.run(roll_quiet_partitions(settings, int(time.time() * 1000) - quiet))
    for each in rolled:
        click.echo(f"rolled   {each.topic}/{each.partition}")
    if not rolled:
        click.echo("nothing to do: each topic of items is empty or had a record lately")


async def make_plan(settings: Settings) -> Plan:
    """Returns the difference between the declared topics and the cluster's."""
    topics = list_declared_topics(settings.topics)
    async with client.open_admin(settings.kafka) as admin:
        return plan_changes(topics, await find_existing_topics(admin, topics))


def _print_plan(found: Plan, settings: Settings) -> None:
    for change in found.changes:
        click.echo(str(change))
    for problem in found.problems:
        click.echo(f"problem  {problem}")
    if found.problems:
        raise WorkFailed("not all topics can be made as declared: see the lines that begin with `problem`")
    if not found.changes:
        click.echo(f"nothing to do: {len(list_declared_topics(settings.topics))} topics are as declared")
