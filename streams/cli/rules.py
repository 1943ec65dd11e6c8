"""The commands `newswire rules …`: test classification rules, and compare two rule files on real items."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from streams.cli.feed import UnreadablePaths
from streams.cli.main import pass_settings
from streams.cli.options import paths_argument, source_option
from streams.cli.process import process_files
from streams.config.settings import Settings
from streams.feeders import files
from streams.model.errors import WorkFailed
from streams.model.records import Item
from streams.prepare.classify import rules
from streams.prepare.loading import load_rules

_FILE = click.Path(exists=True)


@click.group()
def command() -> None:
    """Test classification rules, and show what a change of them would move."""


@command.command()
@click.argument("file", required=False, type=_FILE)
@pass_settings
def test(settings: Settings, file: str | None) -> None:
    """Whether each rule of FILE applies to its examples and to none of its counter-examples.

    FILE may be a folder of rule files. Without FILE: the rules of the settings.
    """
    chosen = _with_rules(settings, file) if file else settings
    read = load_rules(chosen)
    failures = rules.check_examples(read)
    for failure in failures:
        click.echo(failure)
    tested = sum(len(rule.examples) + len(rule.counter_examples) for rule in read.rules)
    for language in (*read.languages, rules.ANY_LANGUAGE):
        own = [rule for rule in read.rules if rule.language == language]
        if own:
            count = sum(len(rule.examples) + len(rule.counter_examples) for rule in own)
            click.echo(f"{language}: {len(own)} rules, {count} examples", err=True)
    click.echo(f"{len(read.rules)} rules, {tested} examples, {len(failures)} fail ({read.version})", err=True)
    if failures:
        raise WorkFailed(f"{len(failures)} of {tested} examples fail: mend the rule or the example")


@command.command()
@click.argument("old", type=_FILE)
@click.argument("new", type=_FILE)
@paths_argument
@source_option
@pass_settings
def diff(settings: Settings, old: str, new: str, paths: Sequence[str], source: str) -> None:
    """Which items of the files PATH… the rules NEW would file otherwise than OLD.

    One line an item that would move: where it is, its headline, and each category that it would lose (-) or win (+).
    """
    unreadable = UnreadablePaths()
    found = list(files.read(paths, unreadable.report))
    before, after = (
        [
            (item.place, item.record)
            for item in process_files(_with_rules(settings, each), iter(found), source, "wire")
            if isinstance(item.record, Item)
        ]
        for each in (old, new)
    )
    moved = 0
    for (place, was), (_, now) in zip(before, after, strict=True):
        lost, won = ({label.category for label in each.labels} for each in (was, now))
        changes = [*(f"-{name}" for name in sorted(lost - won)), *(f"+{name}" for name in sorted(won - lost))]
        if changes:
            moved += 1
            sys.stdout.write(f"{place[0]}\t{place[1]}\t{now.headline}\t{' '.join(changes)}\n")
    click.echo(f"{moved} of {len(after)} items would move", err=True)
    unreadable.raise_if_any()


def _with_rules(settings: Settings, file: str) -> Settings:
    prepare = msgspec.structs.replace(settings.prepare, rules=str(Path(file)))
    return msgspec.structs.replace(settings, prepare=prepare)
