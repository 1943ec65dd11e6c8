"""The commands `newswire replay …`: run the recorded past through today's rules, show what would change, apply it."""

import asyncio
import json
import os
import sys
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import click
import msgspec

from streams.cli.main import pass_settings
from streams.cli.options import (
    confirm,
    count_cores,
    find_user_name,
    from_option,
    html_option,
    json_option,
    last_option,
    require_yes,
    resolve_span,
    sources_option,
    to_option,
    workers_option,
    write_page,
    yes_option,
)
from streams.config.settings import Settings
from streams.kafka.acls import DECIDE_GROUP, PREPARE_GROUP
from streams.model.errors import WorkFailed
from streams.model.records import Decision, Outcome
from streams.model.timestamps import format_rfc3339
from streams.model.topics import CATEGORIES
from streams.ops.diff_page import build_diff_page
from streams.prepare.loading import KnowledgeFiles, parse_knowledge, read_files
from streams.replay import jobs_topic, runner, shadow_topics
from streams.replay.diff import Difference, count_differences
from streams.replay.job import Filters, Job
from streams.replay.report import build_rows, format_difference, format_duration, format_job, format_summary
from streams.replay.runner import Cancelled, LogRange, ReplayResult, ReplayRun

NICE = 10
"""The process lowers its priority to this, so that the live pipeline on this machine goes first."""
SHOW_SECONDS = 0.5
"""How often the progress is printed."""


class ReplayOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of `newswire replay` without a subcommand."""

    start: int | None
    end: int | None
    last: int | None
    archive: str | None
    sources: tuple[str, ...]
    categories: tuple[str, ...]
    tickers: tuple[str, ...]
    uris: tuple[str, ...]
    dry: bool
    diff: bool
    into: str | None
    apply_: bool
    rate: float | None
    workers: int | None
    resumed: str | None
    as_json: bool
    page: Path | None
    yes: bool

    @property
    def filters(self) -> Filters:
        """The filters of the replay; empty fields let everything pass."""
        return Filters(sources=self.sources, categories=self.categories, tickers=self.tickers, uris=self.uris)

    @property
    def mode(self) -> Literal["diff", "into", "apply"]:
        """What is done with the changes that are found."""
        return "apply" if self.apply_ else "into" if self.into else "diff"


@click.group(invoke_without_command=True)
@from_option("log")
@to_option("log")
@last_option
@click.option("--archive", metavar="DIR|s3://…", help="Read an archive (`newswire archive`) in place of the topics.")
@sources_option("Only items of this feed id. Filters may be given again.")
@click.option("--category", "categories", multiple=True, help="Only what is, or would be, in this category.")
@click.option("--ticker", "tickers", multiple=True, help="Only what names, or would name, it: FCEL or XNAS:FCEL.")
@click.option("--uri", "uris", multiple=True, help="Only this story.")
@click.option("--dry-run", "dry", is_flag=True, help="Say what it would read and how long that takes (the default).")
@click.option("--diff", is_flag=True, help="Show what would change against what was published.")
@click.option("--into", metavar="PREFIX", help="Write all outcomes to new topics PREFIX.latest and so on.")
@click.option("--apply", "apply_", is_flag=True, help="Publish a revision of each story that is filed otherwise now.")
@click.option("--rate", type=click.FloatRange(min=0.1), default=None, help="At most so many log records a second.")
@workers_option
@click.option("--resume", "resumed", metavar="JOB", help="Go on with a replay that was stopped, whatever stopped it.")
@json_option("One JSON object a change, the summary last.")
@html_option
@yes_option("With --apply: act without asking.")
@click.pass_context
def command(context: click.Context, /, **options: object) -> None:
    """Run the recorded past through today's rules and tables.

    It reads the log of the span, prepares its raw records again, and decides with a state of its own, warmed from what
    was recorded before the span. Nothing is published but with --into and --apply.
    """
    if context.invoked_subcommand is None:
        _run_replay(msgspec.convert(options, ReplayOptions))
    elif any(value for value in options.values()):
        raise click.UsageError(f"`replay {context.invoked_subcommand}` takes no options of a replay")


@command.command("list")
@pass_settings
def list_(settings: Settings) -> None:
    """Replays on record, one a line."""
    for job in asyncio.run(jobs_topic.read_jobs(settings)).values():
        click.echo(format_job(job))


@command.command()
@click.argument("id_", metavar="JOB")
@pass_settings
def show(settings: Settings, id_: str) -> None:
    """All that is on record of a replay, as JSON."""
    click.echo(json.dumps(msgspec.to_builtins(_read_job(settings, id_)), indent=2))


@command.command()
@click.argument("id_", metavar="JOB")
@pass_settings
def cancel(settings: Settings, id_: str) -> None:
    """Stop a running replay within seconds. What it has published stays."""
    job = _read_job(settings, id_)
    if job.state != "running":
        raise WorkFailed(f"replay {id_} is {job.state} already")
    note = f"by {find_user_name()}"
    asyncio.run(jobs_topic.save_job(settings, msgspec.structs.replace(job, state="cancelled", note=note)))


def _read_job(settings: Settings, id_: str) -> Job:
    found = asyncio.run(jobs_topic.read_jobs(settings)).get(id_)
    if found is None:
        raise WorkFailed(f"there is no replay {id_}: `newswire replay list` shows them all")
    return found


@pass_settings
def _run_replay(settings: Settings, options: ReplayOptions) -> None:
    _check_options(settings, options)
    files = read_files(settings)
    versions = parse_knowledge(files).versions
    os.nice(max(0, NICE - os.nice(0)))
    if options.resumed is not None:
        job = _read_job(settings, options.resumed)
        if job.knowledge != versions:
            raise WorkFailed(f"the rules or tables have changed since replay {options.resumed} began: start another")
        job = msgspec.structs.replace(job, state="running", note="", rate=options.rate or job.rate)
        span = asyncio.run(runner.resume_log_range(settings, job))
    else:
        times = resolve_span(options.start, options.end, options.last, int(time.time() * 1000))
        archive = options.archive or ""
        if archive and "://" not in archive:
            archive = str(Path(archive).resolve())  # `--resume` may be called elsewhere
        span = asyncio.run(runner.find_log_range(settings, *times, archive))
        job = _build_job(options, versions, times, archive, span)
    if not (options.diff or options.apply_ or options.into or options.resumed):
        _print_estimate(settings, files, options.workers or count_cores(), job, span)
        return
    if job.mode == "apply":
        require_yes(options.yes)  # before the long work
    asyncio.run(_run_job(settings, files, job, span, options))


def _check_options(settings: Settings, options: ReplayOptions) -> None:
    """Raises UsageError if options contradict each other or name nothing that exists."""
    if options.dry + options.diff + options.apply_ + (options.into is not None) > 1:
        raise click.UsageError("give one of --dry-run, --diff, --into and --apply")
    if options.page and not (options.diff or options.apply_ or options.into or options.resumed):
        raise click.UsageError("--html shows changes: give --diff with it")
    if options.into is not None and options.into == settings.topics.prefix:
        raise click.UsageError(f"--into {options.into} names the live topics: give another prefix")
    for each in options.categories:
        if each not in CATEGORIES:
            raise click.UsageError(f"--category {each}: there is no such category")
    if options.resumed is not None and (
        options.start
        or options.end
        or options.last
        or options.archive
        or options.diff
        or options.apply_
        or options.into
        or options.filters != Filters()
    ):
        raise click.UsageError(
            "--resume goes on with a replay as it was called: give only --rate, --workers, --json or --yes"
        )


def _build_job(
    options: ReplayOptions, versions: dict[str, str], times: tuple[int, int], archive: str, span: LogRange
) -> Job:
    at = datetime.now(UTC)
    return Job(
        id=f"r{at:%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}",
        mode=options.mode,
        into=options.into or "",
        archive=archive,
        by=find_user_name(),
        started=format_rfc3339(at),
        heard=format_rfc3339(at),
        first=span.first,
        end=span.end,
        since_ms=times[0],
        until_ms=times[1],
        unlogged=span.count_missing(times[0]),
        filters=options.filters,
        knowledge=versions,
        rate=options.rate or 0.0,
    )


def _print_estimate(settings: Settings, files: KnowledgeFiles, workers: int, job: Job, span: LogRange) -> None:
    seconds, met = asyncio.run(runner.estimate(settings, files, workers, job, span))
    total, warming = span.end - span.first, span.first - span.warm_from
    click.echo(f"{total} records of the log, offsets {span.first} to {span.end - 1}")
    if job.unlogged:
        click.echo(f"{job.unlogged} raw records before them that the log has no longer, by received time")
    click.echo(f"{warming} records before them to warm the state, from offset {span.warm_from}")
    share = round(100 * met.reprepared / max(1, met.records))
    click.echo(f"{share} raw records to prepare again for 100 of the log; of {met.records}, {met.raw_missing} are gone")
    click.echo(f"about {format_duration(seconds)}, by a sample; nothing was changed: --diff shows what would")


async def _run_job(settings: Settings, files: KnowledgeFiles, job: Job, span: LogRange, options: ReplayOptions) -> None:
    """Runs a job to its end, prints the changes, and publishes them where its mode is `apply`.

    A resumed job goes on with its shadow topics. An error leaves the job's record as `stopped`, with the reason.
    """
    run = ReplayRun(settings, job, (PREPARE_GROUP, DECIDE_GROUP), _make_progress())
    if job.mode == "into":
        await shadow_topics.create_shadow_topics(settings, job.into, again=options.resumed is not None)
    await run.save()
    click.echo(f"replay {job.id}: {job.total} records", err=True)
    if job.unlogged:
        click.echo(f"{job.unlogged} of them the log has no longer: raw records, by received time", err=True)
    try:
        found = await run.find(files, options.workers or count_cores(), span)
        _print_changes(found, as_json=options.as_json)
        if options.page:
            _write_page(options.page, found, job)
        if job.mode == "apply":
            await _publish_changes(run, found, yes=options.yes)
        await run.save(state="done")
    except Cancelled:
        raise
    except BaseException as error:
        note = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        await run.save(state="stopped", note=note)
        click.echo(f"go on with `newswire replay --resume {job.id}`", err=True)
        raise


def _print_changes(found: ReplayResult, *, as_json: bool) -> None:
    changes = _list_changes(found)
    for change in changes:
        if as_json:
            sys.stdout.write(json.dumps(msgspec.to_builtins(change), ensure_ascii=False) + "\n")
            continue
        for line in format_difference(change):
            click.echo(line)
    if as_json:
        sys.stdout.write(json.dumps({"summary": count_differences(changes), "compared": found.stats.records}) + "\n")
    else:
        for line in format_summary(changes):
            click.echo(line)
    if found.stats.raw_missing:
        click.echo(f"{found.stats.raw_missing} raw records are gone: their items stay as they are recorded", err=True)
    if found.stats.undecided:
        click.echo(f"{found.stats.undecided} records of the span have no decision (yet): not compared", err=True)


def _write_page(path: Path, found: ReplayResult, job: Job) -> None:
    changes = _list_changes(found)
    rows = (row for change in changes for row in build_rows(change))
    write_page(path, build_diff_page(f"Replay {job.id}", format_summary(changes), rows))


def _list_changes(found: ReplayResult) -> list[Difference]:
    return [*found.shown_only, *(each.difference for each in (*found.reclassified, *found.moved_on))]


async def _publish_changes(run: ReplayRun, found: ReplayResult, *, yes: bool) -> None:
    for each in found.moved_on:
        click.echo(f"dropped  {each.difference.uri}  version {each.difference.version} is not the newest any more")
    if found.shown_only:
        click.echo(
            f"{len(found.shown_only)} other changes of fate are shown only: a replay files, it does not decide again"
        )
    if not found.reclassified:
        click.echo("nothing to publish")
        return
    click.echo(f"publish a revision of {len(found.reclassified)} stories, headers `replay-job: {run.job.id}`", err=True)
    confirm("do it", yes)
    decided = await run.apply(found)
    done = sum(
        _was_published(decided.get((each.difference.uri, each.difference.version))) for each in found.reclassified
    )
    for each in found.reclassified:
        decision = decided.get((each.difference.uri, each.difference.version))
        if decision is None:
            click.echo(f"waits    {each.difference.uri}  not decided yet: is a worker running?")
        elif not _was_published(decision):
            click.echo(f"dropped  {each.difference.uri}  {decision.evidence.get('note')}")
    await run.save(sent=run.job.sent + done)
    click.echo(f"{done} published again, {len(found.reclassified) - done} not")


def _was_published(decision: Decision | None) -> bool:
    return decision is not None and (
        decision.outcome is not Outcome.NONE or decision.evidence.get("note") == "done before"
    )


def _make_progress() -> runner.OnProgress:
    """Returns a function that prints the progress and the time left on a terminal."""
    if not sys.stderr.isatty():
        return lambda _what, _done, _total: None
    began = shown = time.monotonic()
    counted = ""

    def show(what: str, done: int, total: int) -> None:
        nonlocal shown, began, counted
        now = time.monotonic()
        if not done or what != counted:
            began, counted = now, what
        if now - shown >= SHOW_SECONDS or done >= total:
            shown = now
            left = f", {format_duration((now - began) / done * (total - done))} left" if done else ", warming the state"
            click.echo(f"{done} of {total} {what}{left}\033[K\r", err=True, nl=False)

    return show
