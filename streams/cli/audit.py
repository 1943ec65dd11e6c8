"""The command `newswire audit`: proves on the topics that each raw item has exactly one outcome, or a story gone."""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import click
import msgspec
from aiokafka import TopicPartition

from streams.cli.main import pass_settings
from streams.cli.options import from_option, json_option, last_option, resolve_span, to_option
from streams.config.settings import Settings
from streams.kafka.acls import DECIDE_GROUP, PREPARE_GROUP
from streams.kafka.admin import find_existing_topics, list_declared_topics, require_partitions
from streams.kafka.client import open_admin
from streams.kafka.consumer import (
    ConsumedRecord,
    fetch_committed_offsets,
    fetch_end_offsets,
    read_range,
    read_to_end,
    ref_of,
)
from streams.model.codec import decode
from streams.model.errors import WorkFailed
from streams.model.headers import header_text, headers_as_text
from streams.model.printable import make_printable
from streams.model.records import Command, Item, ItemRef, JsonObject, LogRecord, RecordRef
from streams.model.timestamps import format_milliseconds
from streams.model.topics import CATEGORIES, DAY_MS, DEAD_LETTERS, DECISIONS, LATEST, LOG, OUTCOMES, RAW
from streams.ops.audit import AuditReport, AuditSpan, SentRecord, Waiting, audit, parse_decision, parse_sent_record
from streams.ops.gone import TopicRemains, WordSearch, find_last_time, read_topic_times

Read = TypeVar("Read")
NOT_DECIDED = 3
"""The exit status where nothing is wrong and items are on their way (schemas/README.md, section 5)."""


@click.command()
@from_option("raw", default="; else the oldest")
@to_option("raw")
@last_option
@click.option(
    "--gone",
    metavar="URI",
    multiple=True,
    help="Instead: where words of this story are left, and when the last goes. Several stories: give it again, or"
    " `-` for uris on stdin, one a line.",
)
@json_option("One JSON object on stdout.")
@pass_settings
def command(
    settings: Settings, start: int | None, end: int | None, last: int | None, gone: tuple[str, ...], as_json: bool
) -> None:
    """Prove on the topics that each raw item has exactly one fate and no record is doubled.

    Reads the raw topic, the decisions and every topic of outcomes. Exit status 1: something is lost or doubled. 3: all
    is well so far, and some items are not decided yet. With --gone, reads every topic from its start.
    """
    now = int(time.time() * 1000)
    if gone:
        if (start, end, last) != (None, None, None):
            raise click.UsageError("--gone reads every topic from its start: give no --from, --to and --last")
        _report_gone(settings, _read_uris(gone), now, as_json)
        return
    first = 0 if start is None and last is None else start
    span = AuditSpan(*resolve_span(first, end, last, now), now - DAY_MS)
    report = asyncio.run(_audit(settings, span))
    if as_json:
        sys.stdout.write(json.dumps(msgspec.to_builtins(report)) + "\n")
    else:
        fates = ", ".join(f"{count} {fate}" for fate, count in report.fates.items()) or "none"
        click.echo(f"{report.raw} raw records, {report.items} items: {fates}")
        click.echo(f"{report.records} records in the topics of outcomes, {report.repeats} repeats dropped")
        if report.passed_over:
            click.echo(f"{report.passed_over} records that are not ours, passed over")
        if report.not_decided:
            click.echo(f"{report.not_decided} not decided yet")
        for problem in report.problems:
            click.echo(problem)
    if not report.raw:
        raise WorkFailed("no raw record lies in the span: nothing was proved; look at --from, --to and topics.prefix")
    if not report.ok:
        raise WorkFailed("the audit found what should not be: see above")
    if report.not_decided:
        items = "1 item is" if report.not_decided == 1 else f"{report.not_decided} items are"
        click.echo(f"{items} not decided yet, the others are well: run it again in a moment, or give --to", err=True)
        click.get_current_context().exit(NOT_DECIDED)
    click.echo("each item has exactly one fate, and no record is doubled", err=True)


async def _audit(settings: Settings, span: AuditSpan) -> AuditReport:
    full, short = settings.topics.full, {settings.topics.full(name): name for name in OUTCOMES}
    async with open_admin(settings.kafka) as client:
        raw = await require_partitions(client, [full(RAW)])
        decisions = await require_partitions(client, [full(DECISIONS)])
        outcomes = await require_partitions(client, short)
        log = await require_partitions(client, [full(LOG)])
    raws: list[RecordRef] = [
        ref_of(record)
        async for record in read_to_end(settings.kafka, raw, since_ms=span.start)
        if span.contains(record.timestamp)
    ]
    waiting = await _find_waiting(settings, raw, log)
    reader = _Reader()
    decided = [
        decision
        async for record in read_to_end(settings.kafka, decisions, since_ms=span.start)
        if (decision := reader.read(record, lambda each: parse_decision(each.value))) is not None
    ]
    sent = [
        found
        async for record in read_to_end(settings.kafka, outcomes, since_ms=span.start)
        if (record.value is not None or _is_tombstone_of_item(record, short[record.topic]))
        and (found := reader.read(record, lambda each: _to_sent(each, short[each.topic]))) is not None
    ]
    ends = {(part.topic, part.partition): end for part, end in (await fetch_end_offsets(settings.kafka, raw)).items()}
    report = audit(raws, decided, sent, span, ends, full(LOG), waiting)
    report.passed_over = reader.passed_over
    return report


async def _find_waiting(settings: Settings, raw: list[TopicPartition], log: list[TopicPartition]) -> Waiting:
    """Finds what is not decided yet. An item that is neither raw nor in the rest of the log has its decision by now."""
    prepared = await fetch_committed_offsets(settings.kafka, PREPARE_GROUP, raw)
    logged = set()
    for partition, first in (await fetch_committed_offsets(settings.kafka, DECIDE_GROUP, log)).items():
        end = (await fetch_end_offsets(settings.kafka, log))[partition]
        async for record in read_range(settings.kafka, partition, first, end):
            with contextlib.suppress(ValueError):  # a command, or junk
                logged.add(ItemRef.parse((record.key or b"").decode()))
    return Waiting({(part.topic, part.partition): offset for part, offset in prepared.items()}, frozenset(logged))


def _read_uris(given: Sequence[str]) -> list[str]:
    """Returns the uris of the options; in place of `-`, those on stdin."""
    found = [uri for each in given for uri in (sys.stdin.read().split() if each == "-" else (each,))]
    if not found:
        raise click.UsageError("stdin has no uri: give one a line")
    return found


def _report_gone(settings: Settings, uris: Sequence[str], now: int, as_json: bool) -> None:
    remains = asyncio.run(_search_words(settings, uris))
    if as_json:
        sys.stdout.write(json.dumps(msgspec.to_builtins(remains)) + "\n")
    else:
        for each in remains:
            click.echo(f"{each.topic}: {_count_records(each.records)}, {_say_when(each)}")
        if not remains:
            click.echo(f"no topic holds a word of {'it' if len(uris) == 1 else 'them'}")
        elif last := find_last_time(remains):
            click.echo(f"the last word is gone by {format_milliseconds(last)}")
    if late := [each.topic for each in remains if each.gone_by is not None and each.gone_by < now]:
        raise WorkFailed(
            f"words should be gone by now from {', '.join(late)}: call `newswire topics roll` once a day,"
            " and look at the log cleaner of Kafka"
        )


def _count_records(count: int) -> str:
    return f"{count} record" if count == 1 else f"{count} records"


def _say_when(remains: TopicRemains) -> str:
    if remains.gone_by is None:
        return "kept until a newer record has the key"
    return f"gone by {format_milliseconds(remains.gone_by)}"


async def _search_words(settings: Settings, uris: Sequence[str]) -> list[TopicRemains]:
    """Reads every topic from its start: decisions and log first, as they tell what the stories' records are."""
    declared = list_declared_topics(settings.topics)
    order = sorted(declared, key=lambda name: {DECISIONS: 0, LOG: 1}.get(declared[name].name, 2))
    async with open_admin(settings.kafka) as client:
        partitions = {name: await require_partitions(client, [name]) for name in order}
        found = await find_existing_topics(client, declared)
    search, reader, logged = WordSearch(uris), _Reader(), set[int]()
    async for record in read_to_end(settings.kafka, partitions[settings.topics.full(DECISIONS)]):
        decision = reader.read(record, lambda each: parse_decision(each.value))
        if decision is not None:
            search.add_decision(decision)
    async for record in read_to_end(settings.kafka, partitions[settings.topics.full(LOG)]):
        if record.offset not in search.log_offsets:
            continue
        entry = reader.read(record, _read_log_record)
        if entry is None or not isinstance(entry[0], Command):
            logged.add(record.offset)
        if entry is not None and entry[1] is not None:
            search.add_document(entry[1])
    for name in order:
        topic = declared[name].name
        async for record in read_to_end(settings.kafka, partitions[name]):
            own = (record.offset in logged) if topic == LOG else _is_own(search, topic, record)
            search.look(topic, record.key, record.value, record.timestamp, own=own)
    if unknown := search.unknown:
        more = f" and {len(unknown) - 1} others" if len(unknown) > 1 else ""
        raise WorkFailed(
            f"no topic knows a story {unknown[0]}{more}: give keys of records of {settings.topics.full(LATEST)}"
        )
    times = {declared[name].name: read_topic_times(topic.config) for name, topic in found.items()}
    return [
        msgspec.structs.replace(each, topic=settings.topics.full(each.topic)) for each in search.list_remains(times)
    ]


def _read_log_record(record: ConsumedRecord) -> tuple[LogRecord, JsonObject | None]:
    """Reads a record of the log, and the document of an item. Raises ValueError where it is not ours."""
    entry = decode(record.value or b"")
    return entry, msgspec.json.decode(entry.event, type=JsonObject) if isinstance(entry, Item) else None


def _is_own(search: WordSearch, topic: str, record: ConsumedRecord) -> bool:
    """Tells by its position whether a raw record or a dead letter is an item of the story."""
    if topic == RAW:
        return ref_of(record) in search.origins
    if topic != DEAD_LETTERS:
        return False
    named = headers_as_text(record.headers)
    partition, offset = named.get("origin-partition", ""), named.get("origin-offset", "")
    known = all(each.isascii() and each.isdecimal() for each in (partition, offset))
    return known and RecordRef(named.get("origin-topic", ""), int(partition), int(offset)) in search.origins


def _is_tombstone_of_item(record: ConsumedRecord, topic: str) -> bool:
    """Tells whether a record without a value says that a story left a category."""
    return topic in CATEGORIES and header_text(record.headers, "ce_type").startswith("news.item.")


def _to_sent(record: ConsumedRecord, topic: str) -> SentRecord:
    return parse_sent_record(topic, record.headers, is_tombstone=record.value is None)


class _Reader:
    """Reads records, and passes over those that are not ours with one line each."""

    def __init__(self) -> None:
        self.passed_over = 0

    def read(self, record: ConsumedRecord, parse: Callable[[ConsumedRecord], Read]) -> Read | None:
        try:
            return parse(record)
        except (ValueError, msgspec.DecodeError) as error:
            self.passed_over += 1
            click.echo(
                f"{ref_of(record)} is no record of ours and is passed over: {make_printable(str(error))}", err=True
            )
            return None
