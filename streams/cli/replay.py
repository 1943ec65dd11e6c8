"""`newswire replay`: the recorded past with today's rules and tables: what would change, and bringing it in line."""

import asyncio
import getpass
import json
import os
import time
import uuid
from datetime import UTC, datetime
from typing import Any, Literal

import click
import msgspec

from streams.cli.main import pass_settings
from streams.cli.options import last_option, must_say_yes, settle, time_option
from streams.cli.replay_run import carry_out
from streams.config.settings import Settings
from streams.model.errors import WorkFailed
from streams.model.timestamps import rfc3339
from streams.model.topics import CATEGORIES
from streams.prepare.loading import load_knowledge
from streams.replay import jobs_topic as records
from streams.replay import runner
from streams.replay.job import Filters, Job
from streams.replay.report import duration, job_line
from streams.replay.runner import Extent

NICE = 10
"""Its priority at the most: the live line goes first on this machine, too."""


@click.group(invoke_without_command=True)
@click.option("--from", "start", metavar="T", callback=time_option, help="First log time, RFC 3339 with zone.")
@click.option("--to", "end", metavar="T", callback=time_option, help="Log time to stop before; else now.")
@click.option("--last", metavar="6h", callback=last_option, help="In place of --from: so long back from now.")
@click.option("--source", "sources", multiple=True, help="Only items of this feed id. Filters may be given again.")
@click.option("--category", "categories", multiple=True, help="Only what is, or would be, in this category.")
@click.option("--ticker", "tickers", multiple=True, help="Only what names, or would name, it: FCEL or XNAS:FCEL.")
@click.option("--uri", "uris", multiple=True, help="Only this story.")
@click.option("--dry-run", "dry", is_flag=True, help="Say what it would read and how long that takes (the default).")
@click.option("--diff", is_flag=True, help="Show what would change against what was published.")
@click.option("--into", metavar="PREFIX", help="Write all outcomes to new topics PREFIX.latest and so on.")
@click.option("--apply", "apply_", is_flag=True, help="Publish a revision of each story that is filed otherwise now.")
@click.option("--rate", type=click.FloatRange(min=0.1), default=None, help="At most so many log records a second.")
@click.option("--resume", "resumed", metavar="JOB", help="Go on with a replay that was stopped, whatever stopped it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a change, the summary last.")
@click.option("--yes", is_flag=True, help="With --apply: act without asking.")
@click.pass_context
def command(context: click.Context, /, **options: Any) -> None:
    """Run the recorded past through today's rules and tables.

    It reads the log of the span, prepares its raw records anew, and decides with a state of its own, warmed from what
    was recorded before the span. Nothing is published but with --into and --apply.
    """
    if context.invoked_subcommand is None:
        _replay(**options)
    elif any(value for value in options.values()):
        raise click.UsageError(f"`replay {context.invoked_subcommand}` takes no options of a replay")


@command.command("list")
@pass_settings
def list_(settings: Settings) -> None:
    """Replays on record, one a line."""
    for job in asyncio.run(records.jobs(settings)).values():
        click.echo(job_line(job))


@command.command()
@click.argument("id_", metavar="JOB")
@pass_settings
def show(settings: Settings, id_: str) -> None:
    """All that is on record of a replay, as JSON."""
    click.echo(json.dumps(msgspec.to_builtins(_job(settings, id_)), indent=2))


@command.command()
@click.argument("id_", metavar="JOB")
@pass_settings
def cancel(settings: Settings, id_: str) -> None:
    """Stop a running replay within seconds. What it has published stays."""
    job = _job(settings, id_)
    if job.state != "running":
        raise WorkFailed(f"replay {id_} is {job.state} already")
    note = f"by {getpass.getuser()}"
    asyncio.run(records.save(settings, msgspec.structs.replace(job, state="cancelled", note=note)))


def _job(settings: Settings, id_: str) -> Job:
    found = asyncio.run(records.jobs(settings)).get(id_)
    if found is None:
        raise WorkFailed(f"there is no replay {id_}: `newswire replay list` shows them all")
    return found


@pass_settings
def _replay(
    settings: Settings,
    /,
    start: int | None,
    end: int | None,
    last: int | None,
    dry: bool,
    diff: bool,
    into: str | None,
    apply_: bool,
    rate: float | None,
    resumed: str | None,
    as_json: bool,
    yes: bool,
    **filters: tuple[str, ...],
) -> None:
    if dry + diff + apply_ + (into is not None) > 1:
        raise click.UsageError("give one of --dry-run, --diff, --into and --apply")
    if into is not None and into == settings.topics.prefix:
        raise click.UsageError(f"--into {into} names the live topics: give another prefix")
    for each in filters["categories"]:
        if each not in CATEGORIES:
            raise click.UsageError(f"--category {each}: there is no such category")
    knowledge = load_knowledge(settings)
    os.nice(max(0, NICE - os.nice(0)))
    if resumed is not None:
        if start or end or last or diff or apply_ or into or any(filters.values()):
            raise click.UsageError("--resume goes on with a replay as it was called: give only --rate, --json or --yes")
        job = _job(settings, resumed)
        if job.knowledge != knowledge.versions:
            raise WorkFailed(f"the rules or tables have changed since replay {resumed} began: start another")
        job = msgspec.structs.replace(job, state="running", note="", rate=rate or job.rate)
        span = asyncio.run(runner.again(settings, job))
    else:
        now = int(time.time() * 1000)
        times = settle(start, end, last, now)
        span = asyncio.run(runner.extent(settings, *times))
        mode: Literal["diff", "into", "apply"] = "apply" if apply_ else "into" if into else "diff"
        at = datetime.now(UTC)
        job = Job(
            id=f"r{at:%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}",
            mode=mode,
            into=into or "",
            by=getpass.getuser(),
            started=rfc3339(at),
            heard=rfc3339(at),
            first=span.first,
            end=span.end,
            since_ms=times[0],
            until_ms=times[1],
            unlogged=span.in_span(times[0]),
            filters=Filters(**filters),
            knowledge=knowledge.versions,
            rate=rate or 0.0,
        )
    if not (diff or apply_ or into or resumed):
        _estimate(settings, knowledge, job, span)
        return
    if job.mode == "apply":
        must_say_yes(yes)  # before the long work
    asyncio.run(carry_out(settings, knowledge, job, span, as_json=as_json, yes=yes, again=resumed is not None))


def _estimate(settings: Settings, knowledge: Any, job: Job, span: Extent) -> None:
    seconds, met = asyncio.run(runner.estimate(settings, knowledge, job, span))
    total, warming = span.end - span.first, span.first - span.warm_from
    click.echo(f"{total} records of the log, offsets {span.first} to {span.end - 1}")
    if job.unlogged:
        click.echo(f"{job.unlogged} raw records before them that the log has no longer, by received time")
    click.echo(f"{warming} records before them to warm the state, from offset {span.warm_from}")
    share = round(100 * met.anew / max(1, met.records))
    click.echo(f"{share} raw records to prepare anew for 100 of the log; of {met.records}, {met.raw_gone} are gone")
    click.echo(f"about {duration(seconds)}, by a sample; nothing was changed: --diff shows what would")
