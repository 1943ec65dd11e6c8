"""The command `newswire state rebuild`: rebuilds the state of the fold from the log, while no worker decides."""

import asyncio
import sys
import tempfile
from pathlib import Path

import click

from streams.cli.main import pass_settings
from streams.cli.options import confirm, yes_option
from streams.config.settings import Settings
from streams.decide.state_entries import DESK_STATE_FORMAT, READABLE_STATE_FORMATS
from streams.model.topics import LOG, STATE
from streams.worker import state_rebuild


@click.group()
def command() -> None:
    """Make the fold's state again."""


@command.command()
@click.option(
    "--format",
    "state_format",
    type=click.Choice([str(each) for each in READABLE_STATE_FORMATS]),
    default=str(DESK_STATE_FORMAT),
    show_default=True,
    help="For going back to a release that reads no newer format than this. All of the log must be decided.",
)
@yes_option()
@pass_settings
def rebuild(settings: Settings, state_format: str, yes: bool) -> None:
    """Make the state again from the log, up to where it is decided, and write what differs to its changelog.

    For a changelog that was lost or damaged. Nothing is published: workers go on from there. Stop all that decide
    first. Decisions of the past under other settings are not remembered as they were, but as they would be made now.
    """
    span = asyncio.run(state_rebuild.read_rebuild_range(settings, int(state_format)))
    log, state = settings.topics.full(LOG), settings.topics.full(STATE)
    click.echo(f"fold {log} from offset {span.first} to {span.end}, write what differs to {state}", err=True)
    if span.first:
        click.echo(f"what came before offset {span.first} is no longer in {log}, nor will it be in the state", err=True)
    confirm("rebuild the state", yes)

    def print_progress(done: int, total: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{done} of {total}", nl=False, err=True)

    with tempfile.TemporaryDirectory(prefix="newswire-rebuild-") as folder:
        done = asyncio.run(state_rebuild.rebuild(settings, span, Path(folder), print_progress, int(state_format)))
    click.echo(
        f"{done.stories} stories, {done.entries} entries: {done.written} written, {done.removed} removed",
    )
