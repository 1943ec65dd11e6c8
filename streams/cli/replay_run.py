"""A replay at work as its operator sees it: what it found, what was published, how far it is."""

import json
import sys
import time
from typing import Any

import click
import msgspec

from streams.cli.options import agree
from streams.config.settings import Settings
from streams.kafka.acls import DECIDE_GROUP, PREPARE_GROUP
from streams.model.records import Fate
from streams.replay import runner, shadow_topics
from streams.replay.diff import summary
from streams.replay.job import Job
from streams.replay.report import change_lines, duration, summary_lines
from streams.replay.runner import Cancelled, Extent, Found, Run

SHOW_SECONDS = 0.5


async def carry_out(
    settings: Settings, knowledge: Any, job: Job, span: Extent, *, as_json: bool, yes: bool, again: bool
) -> None:
    """Runs a job to its end: what it finds goes to standard output, and, where it applies, to the live fold.

    `again`: it goes on with its shadow topics. What stops it leaves the job's record as `stopped`, with the reason.
    """
    run = Run(settings, job, (PREPARE_GROUP, DECIDE_GROUP), _progress())
    if job.mode == "into":
        await shadow_topics.make_topics(settings, job.into, again=again)
    await run.keep()
    click.echo(f"replay {job.id}: {job.total} records", err=True)
    if job.unlogged:
        click.echo(f"{job.unlogged} of them the log has no longer: raw records, by received time", err=True)
    try:
        found = await run.find(knowledge, span)
        _tell(found, as_json=as_json)
        if job.mode == "apply":
            await _apply(run, found, yes=yes)
        await run.keep(state="done")
    except Cancelled:
        raise
    except BaseException as error:
        note = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        await run.keep(state="stopped", note=note)
        click.echo(f"go on with `newswire replay --resume {job.id}`", err=True)
        raise


def _tell(found: Found, *, as_json: bool) -> None:
    changes = [*found.shown, *(each.change for each in (*found.refiled, *found.moved_on))]
    for change in changes:
        if as_json:
            sys.stdout.write(json.dumps(msgspec.to_builtins(change), ensure_ascii=False) + "\n")
            continue
        for line in change_lines(change):
            click.echo(line)
    if as_json:
        sys.stdout.write(json.dumps({"summary": summary(changes), "compared": found.counts.records}) + "\n")
    else:
        for line in summary_lines(changes):
            click.echo(line)
    if found.counts.raw_gone:
        click.echo(f"{found.counts.raw_gone} raw records are gone: their items stay as they are recorded", err=True)
    if found.counts.undecided:
        click.echo(f"{found.counts.undecided} records of the span have no decision (yet): not compared", err=True)


async def _apply(run: Run, found: Found, *, yes: bool) -> None:
    for each in found.moved_on:
        click.echo(f"dropped  {each.change.uri}  version {each.change.version} is not the newest any more")
    if found.shown:
        click.echo(f"{len(found.shown)} other changes of fate are shown only: a replay files, it does not decide anew")
    if not found.refiled:
        click.echo("nothing to publish")
        return
    click.echo(f"publish a revision of {len(found.refiled)} stories, headers `replay-job: {run.job.id}`", err=True)
    agree("do it", yes)
    decided = await run.apply(found)
    done = sum(_was_done(decided.get((each.change.uri, each.change.version))) for each in found.refiled)
    for each in found.refiled:
        decision = decided.get((each.change.uri, each.change.version))
        if decision is None:
            click.echo(f"waits    {each.change.uri}  not decided yet: is a worker running?")
        elif not _was_done(decision):
            click.echo(f"dropped  {each.change.uri}  {decision.evidence.get('note')}")
    await run.keep(sent=run.job.sent + done)
    click.echo(f"{done} published anew, {len(found.refiled) - done} not")


def _was_done(decision: Any) -> bool:
    return decision is not None and (decision.fate is not Fate.NONE or decision.evidence.get("note") == "done before")


def _progress() -> runner.Progress:
    """On a terminal: how far, and the time left."""
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
            left = f", {duration((now - began) / done * (total - done))} left" if done else ", warming the state"
            click.echo(f"{done} of {total} {what}{left}\033[K\r", err=True, nl=False)

    return show
