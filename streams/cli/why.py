"""The command `newswire why`: shows the decisions about a story with their evidence."""

import asyncio
import json
import sys

import click
import msgspec

from streams.cli.main import pass_settings
from streams.cli.options import json_option
from streams.config.settings import Settings
from streams.desk.records import read_decisions
from streams.kafka.admin import fetch_partitions
from streams.kafka.consumer import fetch_originals, read_to_end
from streams.model.errors import WorkFailed
from streams.model.printable import make_printable
from streams.model.records import Decision
from streams.model.topics import DEAD_LETTERS, DUPLICATES, LATEST, WITHHELD
from streams.ops.explain import explain, find_story, is_about, search_terms, select_story
from streams.ops.story_finder import PREFIX, SearchedDocument, StoryFinder, list_spellings

SEARCHED = (WITHHELD, DUPLICATES, LATEST)
"""The topics with items. An item under embargo may be looked for, but its headline is not shown."""
MOST = 20
"""How many stories are listed where several fit."""


@click.command()
@click.argument("wanted", nargs=-1, required=True, metavar="URI|ID|URL|WORDS…")
@json_option("One decision a line, as it is in the topic.")
@pass_settings
def command(settings: Settings, wanted: tuple[str, ...], as_json: bool) -> None:
    """Say what was decided about a story and each of its versions and duplicates, and from which evidence.

    Give a story's uri (in any spelling, with or without `urn:newswire:`), the uri of an item that was suppressed, a raw
    position such as news.raw/0/17/0 (the ce_id of a duplicate or dead letter), the provider's id, the web address of an
    item, or words of its headline.
    """
    given = " ".join(wanted)
    names = list_spellings(given)
    found = asyncio.run(_read_decisions(settings, *names))
    if not found and not given.startswith(PREFIX) and (uri := _find_uri(settings, given)):
        names = (uri,)
        found = asyncio.run(_read_decisions(settings, uri))
    if not found:
        full = settings.topics.full
        raise WorkFailed(
            f"nothing was decided about {given}: give the key of a record of {full(LATEST)}, the ce_id of one of"
            f" {full(DUPLICATES)} or {full(DEAD_LETTERS)}, a provider's id, an address, or words of a headline"
        )
    name = next(each for each in names if any(is_about(decision, each) for decision in found))
    story = find_story(found, name)
    if story != name:
        found = asyncio.run(_read_decisions(settings, story, name))
    if as_json:
        for decision in found:
            sys.stdout.write(json.dumps(msgspec.to_builtins(decision), ensure_ascii=False) + "\n")
        return
    if story != given:
        click.echo(f"story {story}")
    raws = asyncio.run(fetch_originals(settings, (decision.origin.record_ref for decision in found if decision.origin)))
    for decision in found:
        raw = raws.get(decision.origin.record_ref) if decision.origin else None
        for line in explain(decision, raw.origin if raw else "", settings.topics.full):
            click.echo(line)


def _find_uri(settings: Settings, given: str) -> str:
    """Finds the uri of the one story that fits; empty where none does. Raises `WorkFailed` where several do."""
    found = asyncio.run(_search(settings, given))
    if len(found) <= 1:
        return next(iter(found), "")
    for uri, headline in list(reversed(found.items()))[:MOST]:
        click.echo(f"{uri}  {make_printable(headline)}")
    more = f", the newest {MOST} are above" if len(found) > MOST else ""
    raise WorkFailed(f"{len(found)} stories fit {given!r}{more}: give the uri of one")


async def _search(settings: Settings, given: str) -> dict[str, str]:
    """Looks for a story in the topics of items; returns uri and headline of those that fit best, the newest last."""
    full = settings.topics.full
    partitions = await fetch_partitions(settings.kafka, map(full, SEARCHED))
    search, decode = StoryFinder(given), msgspec.json.Decoder(SearchedDocument).decode
    for name in SEARCHED:
        async for record in read_to_end(settings.kafka, [each for each in partitions if each.topic == full(name)]):
            if record.value is None:
                continue
            try:
                document = decode(record.value)
            except msgspec.DecodeError:
                continue  # it is not ours
            search.look(document)
            if name == WITHHELD and document.uri in search.found:
                search.found[document.uri] = "(under embargo)"
    return search.found


async def _read_decisions(settings: Settings, *wanted: str) -> list[Decision]:
    """Reads the decisions about any of the wanted ids in their order."""
    found = []
    for decision in await read_decisions(settings, {mark for each in wanted for mark in search_terms(each)}):
        parts = [select_story(decision, each) for each in wanted]
        found += [part for part, each in zip(parts, wanted, strict=True) if is_about(part, each)][:1]
    return found
