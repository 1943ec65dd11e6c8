"""The command `newswire why`: shows the decisions about a story with their evidence."""

import asyncio
import json
import sys

import click
import msgspec

from streams.cli.main import pass_settings
from streams.cli.options import json_option
from streams.config.settings import Settings
from streams.kafka.admin import require_partitions
from streams.kafka.client import open_admin
from streams.kafka.consumer import fetch_originals, read_to_end, record_value
from streams.model.errors import WorkFailed
from streams.model.records import Decision
from streams.model.topics import DEAD_LETTERS, DECISIONS, DUPLICATES, LATEST
from streams.ops.explain import explain, find_story, is_about, search_terms, select_story


@click.command()
@click.argument("uri")
@json_option("One decision a line, as it is in the topic.")
@pass_settings
def command(settings: Settings, uri: str, as_json: bool) -> None:
    """Say what was decided about a story and each of its versions and duplicates, and from which evidence.

    URI is a story's uri, the uri of an item that was suppressed, or a raw position such as news.raw/0/17/0 (the ce_id
    of a duplicate or dead letter).
    """
    found = asyncio.run(_read_decisions(settings, uri))
    story = find_story(found, uri)
    if story != uri:
        found = asyncio.run(_read_decisions(settings, story, uri))
    if not found:
        full = settings.topics.full
        raise WorkFailed(
            f"nothing was decided about {uri}: give the key of a record of {full(LATEST)} or a category's topic,"
            f" or the ce_id of one of {full(DUPLICATES)} or {full(DEAD_LETTERS)}"
        )
    if not as_json and story != uri:
        click.echo(f"story {story}")
    if as_json:
        for decision in found:
            sys.stdout.write(json.dumps(msgspec.to_builtins(decision), ensure_ascii=False) + "\n")
        return
    raws = asyncio.run(fetch_originals(settings, (decision.origin.record_ref for decision in found if decision.origin)))
    for decision in found:
        raw = raws.get(decision.origin.record_ref) if decision.origin else None
        for line in explain(decision, raw.origin if raw else "", settings.topics.full):
            click.echo(line)


async def _read_decisions(settings: Settings, *wanted: str) -> list[Decision]:
    """Reads the decisions about any of the wanted ids in their order; decodes only the records that contain one."""
    async with open_admin(settings.kafka) as client:
        partitions = await require_partitions(client, [settings.topics.full(DECISIONS)])
    decode = msgspec.json.Decoder(Decision).decode
    marks = [mark for each in wanted for mark in search_terms(each)]
    found = []
    async for record in read_to_end(settings.kafka, partitions):
        value = record_value(record)
        if record.key in marks or any(mark in value for mark in marks):
            decision = decode(value)
            parts = [select_story(decision, each) for each in wanted]
            found += [part for part, each in zip(parts, wanted, strict=True) if is_about(part, each)][:1]
    return found
