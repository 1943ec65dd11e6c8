"""The command `newswire check`: finds what is wrong with settings, broker, rights, topics, sources, clock and folders.

Each check returns lines that say how a thing is and, where it is bad, how to correct it.
"""

import asyncio
import errno
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import click
import msgspec
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

from streams.cli.main import config_path
from streams.cli.options import KAFKA_FOLDER
from streams.config.errors import ConfigError
from streams.config.loader import load
from streams.config.settings import PrepareSettings, Settings
from streams.kafka import client, protocol
from streams.kafka.acls import DECIDE_GROUP, RIGHTS, ROLES, Right, Role
from streams.kafka.admin import Plan, find_existing_topics, list_declared_topics, plan_changes, require_partitions
from streams.kafka.consumer import open_live_consumer, read_newest
from streams.model.errors import WorkFailed
from streams.model.headers import header_text
from streams.model.printable import escape_controls
from streams.model.topics import RAW

MAX_SOURCE_LENGTH = 60
"""How many characters of a source's name are printed."""
RECENT = 200
"""How many of the newest records of each raw partition are read."""
MAX_CLOCK_SECONDS = 5.0
"""How far this machine's clock may be behind the broker's."""
MIN_FREE_MIB = 200
MIN_RELEASES = {65: "3.0"}
"""API key of a request that only newer brokers support -> the Kafka release that added it.

An idempotent producer needs no right on the cluster from release 3.0 on.
"""
TRANSACTION_COORDINATOR = 1
"""Kafka's code for the coordinator of a transactional id."""


class CheckResult(NamedTuple):
    """One line of output: what was checked, how it is, and how to correct it."""

    level: Literal["ok", "note", "warning", "error"]
    """`error`: the system cannot work so. `warning`: items are refused or late. `note`: to be known, no more."""
    what: str
    text: str


@click.command()
@click.option(
    "--part", "parts", multiple=True, type=click.Choice(list(ROLES)), help="Whose rights; default: a worker's."
)
@click.option("--state", type=click.Path(path_type=Path), help="The state folder that the worker is given.")
def command(parts: tuple[Role, ...], state: Path | None) -> None:
    """Say what is wrong with configuration, broker, topics and sources, and how to correct it.

    A line is ok, a note, a warning or an error. Only errors make the exit status 1.
    """
    errors = 0
    for result in _run_checks(config_path(), parts or ("prepare", "decide"), state):
        click.echo(escape_controls(f"{result.level:<7} {result.what}: {result.text}"))
        errors += result.level == "error"
    if errors:
        raise WorkFailed(f"{errors} {'error' if errors == 1 else 'errors'}: correct what the lines say")


def _run_checks(path: str | None, roles: Sequence[Role], state: Path | None) -> Iterable[CheckResult]:
    try:
        settings = load(path)
        client.build_client_options(settings.kafka)
    except ConfigError as error:
        yield CheckResult("error", "configuration", str(error))
        return
    yield CheckResult(
        "ok", "configuration", f"{len(settings.source_table.table)} sources, prefix {settings.topics.prefix}"
    )
    yield check_classification(settings)
    yield check_reference(settings)
    yield from check_history(settings)
    yield from asyncio.run(_check_kafka(settings, roles))
    yield from check_folders(state)


def check_classification(settings: Settings) -> CheckResult:
    """Checks that rules, mapping, model and sectors can be loaded."""
    from streams.prepare.classify.linear_model import ModelError
    from streams.prepare.classify.rules import RulesError
    from streams.prepare.classify.sectors import SectorsError
    from streams.prepare.classify.wire_codes import MappingError
    from streams.prepare.loading import parse_classifiers, parse_sectors, read_files

    try:
        files = read_files(_keep_files(settings, "rules", "mapping", "model", "sectors"))
        versions = [*parse_classifiers(files).versions.values(), parse_sectors(files).version]
    except (ConfigError, RulesError, MappingError, ModelError, SectorsError) as error:
        return CheckResult("error", "classification", str(error))
    return CheckResult("ok", "classification", ", ".join(versions))


def check_reference(settings: Settings) -> CheckResult:
    """Checks that the table of companies can be loaded."""
    from streams.prepare.loading import parse_reference, read_files

    try:
        table = parse_reference(read_files(_keep_files(settings, "reference")))
    except ConfigError as error:
        return CheckResult("error", "companies", str(error))
    return CheckResult("ok", "companies", f"version {table.version}, {len(table)} of them")


def _keep_files(settings: Settings, *names: str) -> Settings:
    """Returns settings that name only these files of prepare: what is wrong with another is said elsewhere."""
    kept = PrepareSettings(**{name: getattr(settings.prepare, name) for name in names})
    return msgspec.structs.replace(settings, prepare=kept)


def check_history(settings: Settings) -> list[CheckResult]:
    """Says where a gateway has what is older than the topics."""
    days, kept = settings.gateway.history_days, settings.topics.retention_days
    if days <= kept:
        return []
    text = (
        f"gateways keep {days} days and Kafka {kept}: what is older is in the folder of `newswire gateway --state`"
        " alone; a folder that is lost is filled with what Kafka has"
    )
    return [CheckResult("note", "history", text)]


def check_topics(plan: Plan, count: int) -> list[CheckResult]:
    """Reports the difference between the declared topics and the cluster's. `count` is how many are declared."""
    found = [CheckResult("error", "topics", problem) for problem in plan.problems]
    if plan.changes:
        names = sorted({change.topic for change in plan.changes})
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        found.append(CheckResult("error", "topics", f"not as declared: {shown}; run `newswire topics apply`"))
    return found or [CheckResult("ok", "topics", f"{count} are as declared")]


def check_sources(fed: Counter[str], settings: Settings) -> list[CheckResult]:
    """Reports the sources of recent raw records that are not in the table. `fed` counts the records by source."""
    total = sum(fed.values())
    found = []
    for source, count in sorted(fed.items()):
        if not source:
            text = f"{count} of the last {total} raw records name no source, so they are refused: correct their feeder"
            found.append(CheckResult("error" if count == total else "warning", "sources", text))
        elif source not in settings.source_table.table:
            text = (
                f"{_quote_source(source)}, of {count} of the last {total} raw records, is not in the table and gets"
                f" defaults: add [sources.{_format_toml_key(source)}] to newswire.toml, or feed it under a name that is"
                " there"
            )
            found.append(CheckResult("note", "sources", text))
    text = f"all of the last {total} raw records are of sources in the table" if total else "no raw record yet"
    return found or [CheckResult("ok", "sources", text)]


def _quote_source(source: str) -> str:
    """Returns a source's name that is safe to print: one line, no control characters, not long."""
    return repr(_shorten(source))


def _format_toml_key(source: str) -> str:
    if len(source) > MAX_SOURCE_LENGTH:
        return "<its name>"
    # A basic string of TOML escapes what cannot be printed.
    return '"' + "".join(_escape_toml(each) for each in source) + '"'


def _escape_toml(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def _shorten(source: str) -> str:
    return source if len(source) <= MAX_SOURCE_LENGTH else f"{source[:MAX_SOURCE_LENGTH]}…"


async def _check_kafka(settings: Settings, roles: Sequence[Role]) -> list[CheckResult]:
    found: list[CheckResult] = []
    try:
        async with client.open_admin(settings.kafka) as admin:
            found.append(await check_broker(admin, settings.kafka.brokers))
            found += await check_rights(admin, settings, roles)
            found += await _check_topics_and_sources(admin, settings)
    except WorkFailed as error:
        found.append(CheckResult("error", "broker", str(error)))
    return found


async def _check_topics_and_sources(admin: AIOKafkaAdminClient, settings: Settings) -> list[CheckResult]:
    """Checks the topics, the recent sources and the clock, as far as this user has the right to read them."""
    found: list[CheckResult] = []
    wanted = list_declared_topics(settings.topics)
    raw = settings.topics.full(RAW)
    try:
        there = await find_existing_topics(admin, wanted)
        found += check_topics(plan_changes(wanted, there), len(wanted))
        partitions = await require_partitions(admin, [raw]) if raw in there else []
        if partitions:
            async with open_live_consumer(settings.kafka) as consumer:
                records = await read_newest(consumer, partitions, RECENT)
            fed = Counter(header_text(record.headers, "source").strip() for record in records)
            found += check_sources(fed, settings)
            found.append(check_clock(max((record.timestamp for record in records), default=None), time.time()))
    except (WorkFailed, TopicAuthorizationFailedError) as error:
        why = " ".join(str(error).split())
        text = f"not compared, as this user may not look ({why}): ask as `watch`"
        found.append(CheckResult("warning", "topics", text))
    return found


async def check_broker(admin: AIOKafkaAdminClient, brokers: str) -> CheckResult:
    """Checks that the broker answers and is new enough."""
    await admin.describe_cluster()
    known = {key for connection in admin._client._conns.values() for key in connection._versions}
    for key, release in MIN_RELEASES.items():
        if key not in known:
            return CheckResult("error", "broker", f"Kafka at {brokers} is older than {release}: upgrade it")
    return CheckResult("ok", "broker", f"Kafka at {brokers} answers, and is of {max(MIN_RELEASES.values())} or newer")


async def check_rights(admin: AIOKafkaAdminClient, settings: Settings, roles: Sequence[Role]) -> list[CheckResult]:
    """Checks for each role that the present user has the rights it needs."""
    return [
        _summarise_rights(role, [await _find_missing(admin, settings, right) for right in RIGHTS[role]])
        for role in roles
    ]


def _summarise_rights(role: Role, missing: Iterable[list[str]]) -> CheckResult:
    lacking = [each for row in missing for each in row]
    if not lacking:
        return CheckResult("ok", "rights", f"this user may do what {role} does")
    shown = ", ".join(lacking[:4]) + (f" and {len(lacking) - 4} more" if len(lacking) > 4 else "")
    return CheckResult("error", "rights", f"for {role} this user lacks {shown}: give them as in deploy/acls.sh")


async def _find_missing(admin: AIOKafkaAdminClient, settings: Settings, right: Right) -> list[str]:
    if right.kind == "transactional-id":
        try:
            await protocol.find_coordinator(admin, f"{DECIDE_GROUP}.check", TRANSACTION_COORDINATOR)
        except TransactionalIdAuthorizationFailed:
            return [f"Write on transactional id {DECIDE_GROUP}.…"]
        return []
    if right.kind == "group":
        try:
            allowed = await protocol.fetch_group_operations(admin, right.names)
        except GroupAuthorizationFailedError:
            allowed = {}
        return _list_missing(right, right.names, allowed)
    names = [settings.topics.full(name) for name in right.names]
    allowed = await protocol.fetch_topic_operations(admin, names)
    # A topic that does not exist yet has no rights to check; the line `topics` reports it.
    return _list_missing(right, [name for name in names if name in allowed], allowed)


def _list_missing(right: Right, names: Iterable[str], allowed: dict[str, frozenset[str]]) -> list[str]:
    return [
        f"{operation} on {right.kind} {name}"
        for name in names
        for operation in right.operations
        # Kafka reports the operation Create of a topic only if it is granted on the cluster.
        if operation not in allowed.get(name, frozenset()) and operation != "Create"
    ]


def check_clock(newest_ms: int | None, now: float) -> CheckResult:
    """Compares this machine's clock with the broker's, as far as the time of the newest record shows it."""
    if newest_ms is None:
        return CheckResult("ok", "clock", "no record to compare it with yet")
    ahead = newest_ms / 1000 - now
    if ahead > MAX_CLOCK_SECONDS:
        return CheckResult(
            "warning", "clock", f"{ahead:.0f} s behind the broker's: let NTP set both, or embargoes end late"
        )
    return CheckResult("ok", "clock", "not behind the broker's")


def check_folder(folder: Path, what: str) -> CheckResult:
    """Checks that a folder can be written and has free space."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return CheckResult("error", what, f"nothing is free at {folder}: make room, {MIN_FREE_MIB} MiB at least")
        return CheckResult(
            "error", what, f"{folder} cannot be written ({error.strerror}): make it writable for {_describe_user()}"
        )
    free = shutil.disk_usage(folder).free >> 20
    if free < MIN_FREE_MIB:
        return CheckResult("error", what, f"{free} MiB are free at {folder}: make room, {MIN_FREE_MIB} MiB at least")
    return CheckResult("ok", what, f"{free} MiB are free at {folder}")


def _describe_user() -> str:
    return f"user {os.getuid()}"


def check_folders(state: Path | None) -> list[CheckResult]:
    """Checks the folders that a worker writes, and that of a Kafka that `newswire kafka up` has started here."""
    found = [check_folder(Path(tempfile.gettempdir()), "disk")]
    if KAFKA_FOLDER.is_dir():
        found.append(check_folder(KAFKA_FOLDER, "Kafka's disk"))
    return [*found, check_folder(state, "state folder")] if state is not None else found
