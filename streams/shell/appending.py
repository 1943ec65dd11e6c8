"""Appends commands to the log, where the fold obeys them in their order."""

from collections.abc import Iterable, Sequence

from streams import log
from streams.config import Settings
from streams.model import Command
from streams.shell.client import client_options, started
from streams.shell.sending import Outbox, Record, producer
from streams.topics import LOG


def rows(commands: Iterable[Command]) -> list[Record]:
    """The log records of commands."""
    return [(each.uri.encode(), log.encode(each), ()) for each in commands]


async def append(settings: Settings, commands: Sequence[Command]) -> None:
    """Returns when the broker has them all. Raises `WorkFailed`."""
    async with started(producer(client_options(settings.kafka)), settings.kafka) as sender:
        outbox = Outbox(sender)
        await outbox.send(settings.topics.full(LOG), rows(commands))
        await outbox.confirmed()
