"""A span of time on the command line: `--from T --to T`, or `--last 6h`.

Asks before what is published changes (contract, section 5): acts with `--yes`, or after a yes on a terminal.
"""

import re
import sys
from datetime import UTC, datetime

import click

TIME_EXAMPLE = "2026-03-02T09:00:00Z or 2026-03-02T10:00:00+01:00"
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_LAST = re.compile(r"(\d{1,6})([smhd])")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)?")


def parse_time(_context: click.Context, _parameter: click.Parameter, value: str | None) -> int | None:
    """A time with its zone, in milliseconds since 1970."""
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
    """`90m`, `6h`, `2d` in milliseconds."""
    if value is None:
        return None
    found = _LAST.fullmatch(value)
    if not found or not int(found[1]):
        raise click.BadParameter(f"{value!r} is no time back from now such as 90m, 6h or 2d")
    return int(found[1]) * _UNITS[found[2]] * 1000


def resolve_span(start: int | None, end: int | None, last: int | None, now: int) -> tuple[int, int]:
    """First and end (exclusive) of the span, ms. Raises UsageError where the options do not make one."""
    if last is not None and (start is not None or end is not None):
        raise click.UsageError("give --last, or --from and --to")
    if last is not None:
        return now - last, now
    if start is None:
        raise click.UsageError(f"give --last such as 6h, or --from such as {TIME_EXAMPLE}")
    if start >= (now if end is None else end):
        raise click.UsageError("--from is not before --to (or now): give the earlier time first")
    return start, now if end is None else end


yes_option = click.option("--yes", is_flag=True, help="Act without asking.")


def require_yes(yes: bool) -> None:
    """Refuses where nobody could be asked. Raises UsageError."""
    if not yes and not sys.stdin.isatty():
        raise click.UsageError("this changes what was decided: look at the plan and give --yes")


def confirm(what: str, yes: bool) -> None:
    """Returns where `what` is wanted. Raises UsageError in a pipe without --yes, Abort after a no."""
    require_yes(yes)
    if not yes:
        click.confirm(f"{what}?", abort=True, err=True)
