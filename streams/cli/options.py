"""Defines the options and arguments that several commands share, and asks before published data changes."""

import getpass
import os
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TypeVar

import click

from streams.feeders.raw_records import UNKNOWN_SOURCE, ReceivedAt, parse_received_at
from streams.feeders.recording import SUFFIX
from streams.model.errors import WorkFailed

F = TypeVar("F", bound=Callable[..., object] | click.Command)


class Decorator(Protocol):
    """Adds an option or argument to a command."""

    def __call__(self, function: F, /) -> F:
        """Returns the command with the option added."""


KAFKA_FOLDER = Path(".newswire") / "kafka"
"""The folder of `newswire kafka up` where none is given."""
TIME_EXAMPLE = "2026-03-02T09:00:00Z or 2026-03-02T10:00:00+01:00"
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_LAST = re.compile(r"(\d{1,6})([smhd])")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)?")


def find_user_name() -> str:
    """Finds the name of the user who runs the command, for the records of what people did.

    In a container the user may have a number and no name: `user 10001`.
    """
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # Python before 3.13; later ones
        return f"user {os.getuid()}"


def parse_time(_context: click.Context, _parameter: click.Parameter, value: str | None) -> int | None:
    """Parses an RFC 3339 time with its zone to milliseconds since 1970. Raises BadParameter."""
    if value is None:
        return None
    found = _RFC3339.fullmatch(value)
    if found and not found[1]:
        raise click.BadParameter(
            f"{value!r} has no zone, and a time without one is never guessed: such as {TIME_EXAMPLE}"
        )
    try:
        if not found:
            raise ValueError
        return int(datetime.fromisoformat(value.upper()).astimezone(UTC).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise click.BadParameter(f"{value!r} is no time such as {TIME_EXAMPLE}") from None


def parse_last(_context: click.Context, _parameter: click.Parameter, value: str | None) -> int | None:
    """Parses a duration such as `90m`, `6h` or `2d` to milliseconds. Raises BadParameter."""
    if value is None:
        return None
    found = _LAST.fullmatch(value)
    if not found or not int(found[1]):
        raise click.BadParameter(f"{value!r} is no time back from now such as 90m, 6h or 2d")
    return int(found[1]) * _UNITS[found[2]] * 1000


def parse_source(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """Checks a feed id and strips its spaces. Raises BadParameter."""
    if not value.strip() or not value.isprintable():
        raise click.BadParameter(f"{value!r} is no feed id such as prnewswire")
    return value.strip()


def parse_received_at_option(_context: click.Context, _parameter: click.Parameter, value: str) -> ReceivedAt:
    """Parses the value of `--received-at`. Raises BadParameter."""
    try:
        return parse_received_at(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def parse_recording_path(_context: click.Context, _parameter: click.Parameter, value: Path) -> Path:
    """Checks that the name of a file to write ends as a recording's does. Raises UsageError."""
    if not value.name.endswith(SUFFIX):
        raise click.UsageError(f"{value} should end in {SUFFIX}, by which `newswire feed` knows it")
    return value


def from_option(timestamp: str, default: str = "") -> Decorator:
    """`--from T`, the first time of a span. `timestamp` is the kind of time, such as `raw`."""
    text = f"First {timestamp} time, RFC 3339 with zone{default}."
    return click.option("--from", "start", metavar="T", callback=parse_time, help=text)


def to_option(timestamp: str) -> Decorator:
    """`--to T`, the time before which a span ends. `timestamp` is the kind of time, such as `raw`."""
    text = f"{timestamp.capitalize()} time to stop before; else now."
    return click.option("--to", "end", metavar="T", callback=parse_time, help=text)


last_option = click.option(
    "--last", metavar="6h", callback=parse_last, help="In place of --from: so long back from now."
)
source_option = click.option(
    "--source", default=UNKNOWN_SOURCE, show_default=True, callback=parse_source, help="Feed id of the items."
)
paths_argument = click.argument(
    "paths", nargs=-1, required=True, metavar="PATH…", type=click.Path(exists=True, allow_dash=True)
)
recording_argument = click.argument(
    "file", type=click.Path(dir_okay=False, path_type=Path), callback=parse_recording_path
)


workers_option = click.option(
    "--workers",
    metavar="N",
    type=click.IntRange(1, 64),
    help="Child processes that prepare; else as many as there are cores.",
)


def count_cores() -> int:
    """Counts the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def sources_option(text: str, metavar: str | None = None) -> Decorator:
    """`--source S`, a filter that may be given several times."""
    return click.option("--source", "sources", metavar=metavar, multiple=True, help=text)


def received_at_option(default: str, text: str) -> Decorator:
    """`--received-at`, the received time of the items that are read."""
    return click.option(
        "--received-at",
        metavar="now|mtime|wire|TIME",
        default=default,
        show_default=True,
        callback=parse_received_at_option,
        help=text,
    )


def json_option(text: str) -> Decorator:
    """`--json`, output for programs."""
    return click.option("--json", "as_json", is_flag=True, help=text)


html_option = click.option(
    "--html",
    "page",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the changes as one HTML page too, to send to an editor.",
)


def write_page(path: Path, page: str) -> None:
    """Writes a page for people. Raises `WorkFailed`."""
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise WorkFailed(f"cannot write {path}: {error.strerror}") from error
    click.echo(f"{path}: open it in a browser", err=True)


def why_option(text: str) -> Decorator:
    """`--why TEXT`, the reason that is kept with a decision."""
    return click.option("--why", required=True, help=text)


def yes_option(text: str = "Act without asking.") -> Decorator:
    """`--yes`, for scripts: see `confirm`."""
    return click.option("--yes", is_flag=True, help=text)


def resolve_span(start: int | None, end: int | None, last: int | None, now: int) -> tuple[int, int]:
    """Returns the first and the end time (exclusive) of the span in milliseconds. Raises UsageError.

    The options are either --last, or --from and perhaps --to.
    """
    if last is not None and (start is not None or end is not None):
        raise click.UsageError("give --last, or --from and --to")
    if last is not None:
        return now - last, now
    if start is None:
        raise click.UsageError(f"give --last such as 6h, or --from such as {TIME_EXAMPLE}")
    if start >= (now if end is None else end):
        raise click.UsageError("--from is not before --to (or now): give the earlier time first")
    return start, now if end is None else end


def require_yes(yes: bool) -> None:
    """Raises UsageError if --yes is missing and no terminal is there to ask (schemas/README.md, section 5)."""
    if not yes and not sys.stdin.isatty():
        raise click.UsageError("this changes what was decided: look at the plan and give --yes")


def confirm(action: str, yes: bool) -> None:
    """Asks on the terminal whether to do `action`, unless --yes was given.

    Raises UsageError if there is no terminal and no --yes, and Abort after a no.
    """
    require_yes(yes)
    if not yes:
        click.confirm(f"{action}?", abort=True, err=True)
