"""The commands `newswire rules …`: test classification rules, compare two rule files, and label a misfiled story."""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from streams.cli.feed import UnreadablePaths
from streams.cli.main import pass_settings
from streams.cli.options import html_option, paths_argument, source_option, write_page
from streams.cli.process import process_files
from streams.config.settings import Settings
from streams.feeders import files
from streams.kafka.admin import fetch_partitions
from streams.kafka.consumer import read_to_end
from streams.model.errors import WorkFailed
from streams.model.records import Item, JsonObject
from streams.model.topics import CATEGORIES, LATEST
from streams.ops.diff_page import DiffRow, build_diff_page
from streams.ops.story_finder import list_spellings
from streams.prepare.classify import rules
from streams.prepare.loading import parse_rules, read_files

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
    read = parse_rules(read_files(chosen))
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
        raise WorkFailed(f"{len(failures)} of {tested} examples fail: correct the rule or the example")


@command.command()
@click.argument("old", type=_FILE)
@click.argument("new", type=_FILE)
@paths_argument
@source_option
@html_option
@pass_settings
def diff(settings: Settings, old: str, new: str, paths: Sequence[str], source: str, page: Path | None) -> None:
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
    rows: list[DiffRow] = []
    for (place, was), (_, now) in zip(before, after, strict=True):
        lost, won = ({label.category for label in each.labels} for each in (was, now))
        changes = [*(f"-{name}" for name in sorted(lost - won)), *(f"+{name}" for name in sorted(won - lost))]
        if changes:
            where = f"{place[0]} {place[1]}"
            rows.append(DiffRow(where, now.headline, "moved", sorted(lost - won), sorted(won - lost)))
            sys.stdout.write(f"{place[0]}\t{place[1]}\t{now.headline}\t{' '.join(changes)}\n")
    summary = f"{len(rows)} of {len(after)} items would move"
    click.echo(summary, err=True)
    if page:
        write_page(page, build_diff_page(f"Rules: {old} -> {new}", [summary], rows))
    unreadable.raise_if_any()


@command.command()
@click.argument("uri")
@click.option("--right", required=True, metavar="CATEGORY,…", help="The categories that are right; `none`: no section.")
@pass_settings
def case(settings: Settings, uri: str, right: str) -> None:
    """Print the story URI with its right categories, as a case for `newswire classify-report`.

    One JSON line: collect them with `>> cases.jsonl`. It holds the text of the story.
    """
    wanted = [] if right == "none" else right.split(",")
    if unknown := [each for each in wanted if each not in CATEGORIES]:
        raise click.UsageError(f"--right: no category {unknown[0]!r}; one of: {', '.join(sorted(CATEGORIES))}")
    value = asyncio.run(_read_newest(settings, list_spellings(uri)))
    event: JsonObject = json.loads(value) if value else {}
    if not event.get("headlines"):
        raise WorkFailed(f"{settings.topics.full(LATEST)} has no text of {uri}: look with `newswire why {uri}`")
    sys.stdout.write(json.dumps(_build_case(event, wanted), ensure_ascii=False) + "\n")


async def _read_newest(settings: Settings, uris: Sequence[str]) -> bytes | None:
    """Reads the newest record of a story in `latest`; None where there is none."""
    partitions = await fetch_partitions(settings.kafka, [settings.topics.full(LATEST)])
    keys, value = {uri.encode() for uri in uris}, None
    async for record in read_to_end(settings.kafka, partitions):
        if record.key in keys:
            value = record.value
    return value


def _build_case(event: JsonObject, right: Sequence[str]) -> JsonObject:
    got = [row["literal"] for row in event.get("subjects", ()) if row.get("rel") == "category"]
    return {
        "id": event["uri"],
        "title": _read_main(event, "headlines"),
        "body": _read_main(event, "bodies"),
        "language": event.get("language", "und"),
        "release": rules.BY_DISTRIBUTOR in got,
        "yes": list(right),
        "got": got,
    }


def _read_main(event: JsonObject, name: str) -> str:
    return next((row["value"] for row in event.get(name, ()) if row.get("role") == "main"), "")


def _with_rules(settings: Settings, file: str) -> Settings:
    prepare = msgspec.structs.replace(settings.prepare, rules=str(Path(file)))
    return msgspec.structs.replace(settings, prepare=prepare)
