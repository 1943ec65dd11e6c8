"""`newswire check`: what is wrong with configuration, rules, broker, topics and sources; how to mend it."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click
from aiokafka.errors import TopicAuthorizationFailedError

from streams.cli import check_probes
from streams.cli.check_probes import Verdict
from streams.cli.main import config_path
from streams.config.errors import ConfigError
from streams.config.loader import load
from streams.config.settings import Settings
from streams.kafka import client
from streams.kafka.acls import PARTS, Part
from streams.kafka.admin import Plan, declared, difference, look, require
from streams.kafka.consumer import newest, newest_reader
from streams.model.errors import WorkFailed
from streams.model.headers import header_text
from streams.model.topics import RAW

LONGEST = 60
"""Characters of a source's name that are printed."""
RECENT = 200
"""How many of the newest records of each raw partition are looked at."""


@click.command()
@click.option(
    "--part", "parts", multiple=True, type=click.Choice(list(PARTS)), help="Whose rights; default: a worker's."
)
@click.option("--state", type=click.Path(path_type=Path), help="The state folder that the worker is given.")
def command(parts: tuple[Part, ...], state: Path | None) -> None:
    """Say what is wrong with configuration, broker, topics and sources, and how to mend it."""
    bad = 0
    for verdict in _verdicts(config_path(), parts or ("prepare", "decide"), state):
        click.echo(f"{verdict.level:<5} {verdict.what}: {verdict.text}")
        bad += verdict.level == "bad"
    if bad:
        raise WorkFailed(f"{bad} {'thing is' if bad == 1 else 'things are'} bad: mend what the lines say")


def _verdicts(path: str | None, parts: Sequence[Part], state: Path | None) -> Iterable[Verdict]:
    try:
        settings = load(path)
        client.client_options(settings.kafka)
    except ConfigError as error:
        yield Verdict("bad", "configuration", str(error))
        return
    yield Verdict("ok", "configuration", f"{len(settings.source_table.table)} sources, prefix {settings.topics.prefix}")
    yield classification(settings)
    yield reference(settings)
    yield from asyncio.run(_kafka(settings, parts))
    yield from check_probes.places(state)


def classification(settings: Settings) -> Verdict:
    """Whether rules, mapping, model and sectors load."""
    from streams.prepare.classify.linear_model import ModelError
    from streams.prepare.classify.rules import RulesError
    from streams.prepare.classify.sectors import SectorsError
    from streams.prepare.classify.wire_codes import MappingError
    from streams.prepare.loading import load_judges, load_sectors

    try:
        versions = [*load_judges(settings).versions.values(), load_sectors(settings).version]
    except (ConfigError, RulesError, MappingError, ModelError, SectorsError) as error:
        return Verdict("bad", "classification", str(error))
    return Verdict("ok", "classification", ", ".join(versions))


def reference(settings: Settings) -> Verdict:
    """Whether the table of companies loads."""
    from streams.prepare.loading import load_reference

    try:
        table = load_reference(settings)
    except ConfigError as error:
        return Verdict("bad", "companies", str(error))
    return Verdict("ok", "companies", f"version {table.version}, {len(table)} of them")


def topics(plan: Plan, count: int) -> list[Verdict]:
    """The topics' difference as verdicts."""
    found = [Verdict("bad", "topics", problem) for problem in plan.problems]
    if plan.changes:
        names = sorted({change.topic for change in plan.changes})
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        found.append(Verdict("bad", "topics", f"not as declared: {shown}; run `newswire topics apply`"))
    return found or [Verdict("ok", "topics", f"{count} are as declared")]


def sources(fed: Counter[str], settings: Settings) -> list[Verdict]:
    """Sources of recent raw records that are not in the table; `fed` counts records by source."""
    looked = sum(fed.values())
    found = []
    for source, count in sorted(fed.items()):
        if not source:
            text = f"{count} of the last {looked} raw records name no source, so they are refused: mend their feeder"
            found.append(Verdict("bad", "sources", text))
        elif source not in settings.source_table.table:
            text = (
                f"{_named(source)}, of {count} of the last {looked} raw records, is not in the table and gets defaults:"
                f" add [sources.{_toml_key(source)}] to newswire.toml, or feed it under a name that is there"
            )
            found.append(Verdict("warn", "sources", text))
    told = f"all of the last {looked} raw records are of sources in the table" if looked else "no raw record yet"
    return found or [Verdict("ok", "sources", told)]


def _named(source: str) -> str:
    """A source's name safe to print: one line, no control characters, not long."""
    return repr(_short(source))


def _toml_key(source: str) -> str:
    if len(source) > LONGEST:
        return "<its name>"
    # A basic string of TOML: what cannot be printed is escaped.
    return '"' + "".join(_toml_character(each) for each in source) + '"'


def _toml_character(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def _short(source: str) -> str:
    return source if len(source) <= LONGEST else f"{source[:LONGEST]}…"


async def _kafka(settings: Settings, parts: Sequence[Part]) -> list[Verdict]:
    found: list[Verdict] = []
    try:
        async with client.admin(settings.kafka) as admin:
            found.append(await check_probes.broker(admin, settings.kafka.brokers))
            found += await check_probes.rights(admin, settings, parts)
            found += await _topics(admin, settings)
    except WorkFailed as error:
        found.append(Verdict("bad", "broker", str(error)))
    return found


async def _topics(admin: Any, settings: Settings) -> list[Verdict]:
    """Topics, recent sources and the clock, as far as this user may look."""
    found: list[Verdict] = []
    wanted = declared(settings.topics)
    raw = settings.topics.full(RAW)
    try:
        there = await look(admin, wanted)
        found += topics(difference(wanted, there), len(wanted))
        partitions = await require(admin, [raw]) if raw in there else []
        if partitions:
            async with client.started(newest_reader(settings.kafka), settings.kafka) as consumer:
                records = await newest(consumer, partitions, RECENT)
            found += sources(Counter(map(_source, records)), settings)
            found.append(check_probes.clock(max((row.timestamp for row in records), default=None), time.time()))
    except (WorkFailed, TopicAuthorizationFailedError) as error:
        why = " ".join(str(error).split())
        found.append(Verdict("warn", "topics", f"not compared, as this user may not look ({why}): ask as `watch`"))
    return found


def _source(record: object) -> str:
    return header_text(getattr(record, "headers", ()), "source").strip()
