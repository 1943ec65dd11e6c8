"""Appends commands to the log, where the fold obeys them in their order."""

from collections.abc import Sequence

from streams import log
from streams.config import Settings
from streams.model import Command
from streams.shell.client import client_options, started
from streams.shell.sending import Outbox, producer
from streams.topics import LOG


async def append(settings: Settings, commands: Sequence[Command]) -> None:
    """Returns when the broker has them all. Raises `WorkFailed`."""
    async with started(producer(client_options(settings.kafka)), settings.kafka) as sender:
        outbox = Outbox(sender)
        await outbox.send(settings.topics.full(LOG), [(each.uri.encode(), log.encode(each), ()) for each in commands])
        await outbox.confirmed()
