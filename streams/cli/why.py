"""`newswire why`: what was decided about a story and each of its versions and duplicates, and why."""

import asyncio
import json
import sys

import click
import msgspec

from streams.cli.main import pass_settings
from streams.config.settings import Settings
from streams.kafka.admin import require
from streams.kafka.client import admin
from streams.kafka.consumer import originals, read_to_end
from streams.model.errors import WorkFailed
from streams.model.records import Decision
from streams.model.topics import DEAD_LETTERS, DECISIONS, DUPLICATES, LATEST
from streams.ops.explain import concerns, marks_of, story_of, told


@click.command()
@click.argument("uri")
@click.option("--json", "as_json", is_flag=True, help="One decision a line, as it is in the topic.")
@pass_settings
def command(settings: Settings, uri: str, as_json: bool) -> None:
    """Say what was decided about a story and each of its versions and duplicates, and from which evidence.

    URI is a story's uri, the uri of an item that was suppressed, or a raw position such as news.raw/0/17/0 (the ce_id
    of a duplicate or dead letter).
    """
    found = asyncio.run(_read_decisions(settings, uri))
    story = story_of(found, uri)
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
    raws = asyncio.run(originals(settings, (decision.origin.raw for decision in found if decision.origin)))
    for decision in found:
        raw = raws.get(decision.origin.raw) if decision.origin else None
        for line in told(decision, raw.origin if raw else ""):
            click.echo(line)


async def _read_decisions(settings: Settings, *wanted: str) -> list[Decision]:
    """The decisions about any of these, in their order. Only a record that names one is decoded."""
    async with admin(settings.kafka) as client:
        partitions = await require(client, [settings.topics.full(DECISIONS)])
    decode = msgspec.json.Decoder(Decision).decode
    marks = [mark for each in wanted for mark in marks_of(each)]
    found = []
    async for record in read_to_end(settings.kafka, partitions):
        if record.key in marks or any(mark in record.value for mark in marks):
            decision = decode(record.value)
            if any(concerns(decision, each) for each in wanted):
                found.append(decision)
    return found
