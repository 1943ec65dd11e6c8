"""The command `newswire audit`: proves on the topics that each raw item has exactly one outcome."""

import asyncio
import json
import sys
import time

import click
import msgspec

from streams.cli.main import pass_settings
from streams.cli.options import from_option, json_option, to_option
from streams.config.settings import Settings
from streams.kafka.admin import require_partitions
from streams.kafka.client import open_admin
from streams.kafka.consumer import ConsumedRecord, fetch_end_offsets, read_to_end, record_value
from streams.model.errors import WorkFailed
from streams.model.headers import headers_as_text
from streams.model.records import Decision, ItemRef, RecordRef
from streams.model.topics import DAY_MS, DECISIONS, OUTCOMES, RAW
from streams.ops.audit import AuditReport, AuditSpan, SentRecord, audit


@click.command()
@from_option("raw", default="; else the oldest")
@to_option("raw")
@json_option("One JSON object on stdout.")
@pass_settings
def command(settings: Settings, start: int | None, end: int | None, as_json: bool) -> None:
    """Prove on the topics that each raw item has exactly one fate and no record is doubled.

    Reads the raw topic, the decisions and every topic of outcomes. Items received in the last seconds may still be
    on their way: stop feeding, or give --to.
    """
    now = int(time.time() * 1000)
    span = AuditSpan(start or 0, end or now, now - DAY_MS)
    if span.start >= span.end:
        raise click.UsageError("--from is not before --to (or now): give the earlier time first")
    report = asyncio.run(_audit(settings, span))
    if as_json:
        sys.stdout.write(json.dumps(msgspec.to_builtins(report)) + "\n")
    else:
        fates = ", ".join(f"{count} {fate}" for fate, count in report.fates.items()) or "none"
        click.echo(f"{report.raw} raw records, {report.items} items: {fates}")
        click.echo(f"{report.records} records in the topics of outcomes, {report.repeats} repeats dropped")
        for problem in report.problems:
            click.echo(problem)
    if not report.raw:
        raise WorkFailed("no raw record lies in the span: nothing was proved; look at --from, --to and topics.prefix")
    if not report.ok:
        raise WorkFailed("the audit found what should not be: see above")
    click.echo("each item has exactly one fate, and no record is doubled", err=True)


async def _audit(settings: Settings, span: AuditSpan) -> AuditReport:
    full, short = settings.topics.full, {settings.topics.full(name): name for name in OUTCOMES}
    async with open_admin(settings.kafka) as client:
        raw = await require_partitions(client, [full(RAW)])
        decisions = await require_partitions(client, [full(DECISIONS)])
        outcomes = await require_partitions(client, short)
    raws: list[RecordRef] = [
        RecordRef(record.topic, record.partition, record.offset)
        async for record in read_to_end(settings.kafka, raw, since_ms=span.start)
        if span.contains(record.timestamp)
    ]
    decode = msgspec.json.Decoder(Decision).decode
    decided = [
        decode(record_value(record)) async for record in read_to_end(settings.kafka, decisions, since_ms=span.start)
    ]
    sent = [
        _to_sent(record, short[record.topic])
        async for record in read_to_end(settings.kafka, outcomes, since_ms=span.start)
        if record.value is not None
    ]
    ends = {(part.topic, part.partition): end for part, end in (await fetch_end_offsets(settings.kafka, raw)).items()}
    return audit(raws, decided, sent, span, ends)


def _to_sent(record: ConsumedRecord, topic: str) -> SentRecord:
    named = headers_as_text(record.headers, "strict")
    origin = RecordRef(named["origin-topic"], int(named["origin-partition"]), int(named["origin-offset"]))
    return SentRecord(topic, named["ce_id"], ItemRef(origin, int(named["origin-index"])))
