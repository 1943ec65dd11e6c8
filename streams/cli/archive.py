"""The commands `newswire archive …`: follow the topics into an archive, verify it, take killed stories out of it."""

import asyncio
import os
import signal
import time

import click

from streams.archive.files import explain_store_errors, require_head
from streams.archive.places import open_store
from streams.archive.store import ArchiveStore
from streams.cli.main import pass_settings
from streams.cli.options import confirm, require_yes, yes_option
from streams.config.settings import Settings
from streams.model.errors import WorkFailed
from streams.model.topics import DECISIONS, LATEST, LOG, RAW
from streams.runtime.tasks import cancel

FOLLOW = "follow"
PRIVATE = 0o077
"""No file that this process makes is for anybody else: what waits for the end of an embargo is in the archive too."""


class ArchiveGroup(click.Group):
    """Takes `newswire archive DIR` as `newswire archive follow DIR`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Returns the command that is meant."""
        named = args and args[0] in self.commands
        return super().resolve_command(ctx, args if named else [FOLLOW, *args])


place_argument = click.argument("place", metavar="DIR|s3://BUCKET/PREFIX")


@click.group(cls=ArchiveGroup)
def command() -> None:
    """Keep raw records, commands of the desk and decisions in daily files, for longer than Kafka keeps them.

    `newswire archive DIR` is `newswire archive follow DIR`. `newswire replay --archive DIR` reads the files.
    """


@command.command(FOLLOW)
@place_argument
@click.option("--once", is_flag=True, help="Stop when all is written that the topics have now: for a timer.")
@click.option("--http", "port", type=click.IntRange(1, 65535), help="Default: archive.http_port (6266).")
@pass_settings
def follow(settings: Settings, place: str, once: bool, port: int | None) -> None:
    """Add what comes to the archive until stopped (SIGTERM or Ctrl-C). Goes on where it ended, however it ended.

    A story that its wire withdrew, or that `desk kill --final` withdrew, leaves the archive within minutes. Any other
    killed story leaves it after topics.raw_retention_days, when it can no longer be brought back.
    """
    from streams.runtime import logging

    logging.set_up(settings.log.level)
    os.umask(PRIVATE)
    with explain_store_errors(place):
        asyncio.run(_follow(settings, open_store(place), once, port or settings.archive.http_port))


async def _follow(settings: Settings, store: ArchiveStore, once: bool, port: int) -> None:
    from streams.archive.follow import TopicFollower
    from streams.kafka.admin import fetch_partitions
    from streams.runtime.health import Health, listen, serve
    from streams.runtime.probes import measure_broker
    from streams.runtime.startup import wait_for_kafka

    topics = [settings.topics.full(name) for name in (RAW, LOG, DECISIONS, LATEST)]

    async def topics_exist() -> None:
        await fetch_partitions(settings.kafka, topics)

    stop, health = asyncio.Event(), Health()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if once:
        await TopicFollower(settings, store, health).run(stop.is_set, once=True)
        return
    server = await serve(health, listen(settings.archive.http_host, port))
    waiting = asyncio.ensure_future(wait_for_kafka(topics_exist, health))
    stopping = asyncio.ensure_future(stop.wait())
    asking = asyncio.ensure_future(measure_broker(settings.kafka, health, topics))
    try:
        await asyncio.wait({waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not stop.is_set():
            await waiting
            await TopicFollower(settings, store, health).run(stop.is_set, once=False)
    finally:
        await cancel(waiting, stopping, asking)
        await server.cleanup()


@command.command()
@place_argument
def verify(place: str) -> None:
    """Read every file of the archive, compare it with its manifest, and say what the archive holds."""
    from streams.archive.verify import verify_archive

    store = open_store(place)
    with explain_store_errors(place):
        found = verify_archive(store)
    for line in found.lines:
        click.echo(line)
    if found.problems:
        for problem in found.problems:
            click.echo(f"problem  {problem}")
        raise WorkFailed("the archive is not whole: see the lines that begin with `problem`")


@command.command()
@click.argument("uris", metavar="URI…", nargs=-1, required=True)
@click.option("--archive", "place", required=True, metavar="DIR|s3://…", help="The archive.")
@yes_option()
@pass_settings
def purge(settings: Settings, uris: tuple[str, ...], place: str, yes: bool) -> None:
    """Take killed stories out of the archive now: their raw bytes, and every word of them in decisions and commands.

    The place of each record in the order of the log stays, so that a replay withdraws them again. A kill can then no
    longer be undone from the archive. An archive that is being followed may stay so.
    """
    from streams.archive.follow import purge_now
    from streams.archive.purge import find_live, make_prepare

    require_yes(yes)
    os.umask(PRIVATE)
    store = open_store(place)
    with explain_store_errors(place):
        head, _ = require_head(store)
        if live := find_live(store, head, uris):
            raise WorkFailed(
                f"{live[0]} is not withdrawn, as far as the archive knows: withdraw it with `newswire desk kill`, and"
                " wait until the archive has that"
            )
        confirm(f"take {len(uris)} {'story' if len(uris) == 1 else 'stories'} out of {place} for ever", yes)
        done = purge_now(store, frozenset(uris), int(time.time() * 1000), make_prepare(settings))
    click.echo(f"{done.raw} raw records emptied, {done.files} files written again")
