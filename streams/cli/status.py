"""The command `newswire status`: shows processes, lag, what became of items, dead letters and the sources."""

import asyncio
import json
import sys

import click

from streams.cli.main import pass_settings
from streams.cli.options import json_option
from streams.config.settings import Settings
from streams.ops.system_status import HOUR, DeadLetterCount, SystemStatus, watch_status

WATCH_SECONDS = 2.0


@click.command()
@click.option("--watch", is_flag=True, help=f"Again every {WATCH_SECONDS:.0f} s, until Ctrl-C.")
@json_option("One JSON object on stdout; with --watch, one a line.")
@pass_settings
def command(settings: Settings, watch: bool, as_json: bool) -> None:
    """Show processes, lag, what became of the items of the last hour, open dead letters, and the age of each source.

    It says which process does not take changed files and why, and which source is silent for longer than usual.

    Processes are those of the two groups, as Kafka knows them, and the gateway at gateway.http_host and http_port.
    """
    try:
        asyncio.run(_show(settings, watch, as_json))
    except KeyboardInterrupt:
        if not watch:
            raise


async def _show(settings: Settings, watch: bool, as_json: bool) -> None:
    async for status in watch_status(settings):
        if as_json:
            sys.stdout.write(json.dumps(status) + "\n")
        else:
            if watch and sys.stdout.isatty():
                click.clear()
            click.echo(format_status(status) + ("\n" if watch else ""))
        if not watch:
            return
        sys.stdout.flush()
        await asyncio.sleep(WATCH_SECONDS)


def format_status(status: SystemStatus) -> str:
    """Formats the status for a terminal."""
    lines = [
        f"{group:<18} {row['state'].lower()}, {_format_count(row['members'], 'member')}, "
        f"{_format_count(row['lag'], 'record')} behind"
        for group, row in status["groups"].items()
    ]
    lines += [
        line
        for row in status["processes"]
        for line in (
            f"  {row['stage']:<16} {'ready' if row['ready'] else row['problem']}  {row['address']}".rstrip(),
            *([f"  {'':<16} does not take the changed files: {row['refused']}"] if row["refused"] else []),
        )
    ]
    hour = "hour" if status["counted_seconds"] == HOUR else f"{max(1, status['counted_seconds'] // 60)} min"
    for outcome, count in status["outcomes"].items():
        lines.append(
            f"{outcome:<18} {count['last_minute']} in the last minute, {count['last_hour']} in the last {hour}"
        )
    lines.append(f"{'newest decision':<18} {_format_age(status['newest_seconds'])}")
    lines.append(f"{'dead letters':<18} {_format_letters(status['dead_letters'])}")
    for source, seconds in status["sources"].items():
        usual = status["silent"].get(source)
        silent = "" if usual is None else f", silent: usually at most {_format_seconds(usual)}"
        lines.append(f"source {source:<15} newest {_format_age(seconds)}{silent}")
    return "\n".join(lines)


def _format_letters(letters: DeadLetterCount) -> str:
    if letters["open"] is None:
        return "too many bytes to count: `newswire dead-letters list` counts them"
    return f"{letters['open']}{' or more' if letters['at_least'] else ''} open"


def _format_count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _format_age(seconds: float | None) -> str:
    return "never" if seconds is None else f"{_format_seconds(seconds)} ago"


def _format_seconds(seconds: float) -> str:
    whole = max(0, int(seconds))
    if whole < 120:
        return f"{whole} s"
    return f"{whole // 60} min" if whole < 2 * HOUR else f"{whole // HOUR} h"
