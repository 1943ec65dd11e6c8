"""The commands `newswire topics plan` and `apply`: compare the declared topics with the cluster, and make them so."""

import asyncio

import click

from streams.cli.main import pass_settings
from streams.config.settings import Settings
from streams.kafka import client
from streams.kafka.admin import Plan, create_topics, find_existing_topics, list_declared_topics, plan_changes
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
