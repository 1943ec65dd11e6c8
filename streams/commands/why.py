"""`newswire why`: what was decided about a story and each of its versions and duplicates, and why."""

import asyncio
import json
import sys

import click
import msgspec

from streams.cli import pass_settings
from streams.config import Settings
from streams.errors import WorkFailed
from streams.kafka.admin import require
from streams.model import Decision
from streams.shell.client import admin
from streams.shell.reading import read_to_end
from streams.topics import DEAD_LETTERS, DECISIONS, DUPLICATES, LATEST
from streams.why import concerns, story_of, told


@click.command()
@click.argument("uri")
@click.option("--json", "as_json", is_flag=True, help="One decision a line, as it is in the topic.")
@pass_settings
def command(settings: Settings, uri: str, as_json: bool) -> None:
    """Say what was decided about a story and each of its versions and duplicates, and from which evidence.

    URI is a story's uri, the uri of an item that was suppressed, or a raw position such as news.raw/0/17/0 (the ce_id
    of a duplicate or dead letter).
    """
    decisions = asyncio.run(_decisions(settings))
    story = story_of(decisions, uri)
    found = [decision for decision in decisions if concerns(decision, story) or concerns(decision, uri)]
    if not found:
        full = settings.topics.full
        raise WorkFailed(
            f"nothing was decided about {uri}: give the key of a record of {full(LATEST)} or a category's topic,"
            f" or the ce_id of one of {full(DUPLICATES)} or {full(DEAD_LETTERS)}"
        )
    if not as_json and story != uri:
        click.echo(f"story {story}")
    for decision in found:
        if as_json:
            sys.stdout.write(json.dumps(msgspec.to_builtins(decision), ensure_ascii=False) + "\n")
        else:
            for line in told(decision):
                click.echo(line)


async def _decisions(settings: Settings) -> list[Decision]:
    async with admin(settings.kafka) as client:
        partitions = await require(client, [settings.topics.full(DECISIONS)])
    decode = msgspec.json.Decoder(Decision).decode
    return [decode(record.value) async for record in read_to_end(settings.kafka, partitions)]
