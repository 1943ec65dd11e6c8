"""Asks before what is published changes (contract, section 5): acts with `--yes`, or after a yes on a terminal."""

import sys

import click

yes_option = click.option("--yes", is_flag=True, help="Act without asking.")


def must_say_yes(yes: bool) -> None:
    """Refuses where nobody could be asked. Raises UsageError."""
    if not yes and not sys.stdin.isatty():
        raise click.UsageError("this changes what was decided: look at the plan and give --yes")


def agree(what: str, yes: bool) -> None:
    """Returns where `what` is wanted. Raises UsageError in a pipe without --yes, Abort after a no."""
    must_say_yes(yes)
    if not yes:
        click.confirm(f"{what}?", abort=True, err=True)
