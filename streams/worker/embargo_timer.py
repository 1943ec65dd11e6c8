"""Ends embargoes and usage rights: the only clock in the pipeline appends commands to the log, and the fold obeys."""

from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
from aiokafka import AIOKafkaProducer

from streams.config.settings import Settings
from streams.decide.commands import EMBARGO_TIMER
from streams.decide.state import State
from streams.kafka.client import stop_client
from streams.kafka.producer import Outbox, encode_commands, start_producer
from streams.model.command_details import RightsEnd
from streams.model.records import Command, CommandAction
from streams.model.timestamps import format_rfc3339
from streams.model.topics import LOG


class Due(NamedTuple):
    """What has ended: the command about it, the story, and the time of the end."""

    action: CommandAction
    uri: str
    end: str


def list_due(state: State, now: datetime) -> list[Due]:
    """Lists the embargoes and the usage rights that have ended."""
    releases = [
        Due(CommandAction.RELEASE, story.uri, story.release_at)
        for story in state.withheld()
        if datetime.fromisoformat(story.release_at) <= now
    ]
    expired = [
        Due(CommandAction.EXPIRE, story.uri, story.rights_end) for story in state.find_ended_rights(format_rfc3339(now))
    ]
    return releases + expired


def build_command(due: Due, at: str) -> Command:
    """Builds the command that ends an embargo, or withdraws a story whose usage rights have ended."""
    if due.action is CommandAction.RELEASE:
        return Command(action=due.action, uri=due.uri, at=at, by=EMBARGO_TIMER, why="embargo ended")
    detail = msgspec.to_builtins(RightsEnd(due.end))
    return Command(action=due.action, uri=due.uri, at=at, by=EMBARGO_TIMER, why="usage rights ended", detail=detail)


class EmbargoTimer:
    """Appends one command for each embargo and each right that has ended. A restart may repeat one, without harm."""

    def __init__(self, settings: Settings) -> None:
        self._kafka = settings.kafka
        self._log = settings.topics.full(LOG)
        self._sender: AIOKafkaProducer | None = None
        self._done: set[Due] = set()

    async def end_due(self, state: State) -> None:
        """Appends a release for each embargo, and a withdrawal for each right, that has ended by the wall clock.

        Raises KafkaError.
        """
        now = datetime.now(UTC)
        due = list_due(state, now)
        fresh = [each for each in due if each not in self._done]
        self._done &= set(due)
        if not fresh:
            return
        if self._sender is None:
            self._sender = await start_producer(self._kafka)
        outbox = Outbox(self._sender)
        await outbox.send(self._log, encode_commands([build_command(each, format_rfc3339(now)) for each in fresh]))
        await outbox.wait_confirmed()
        self._done |= set(fresh)

    async def stop(self) -> None:
        """Closes the producer."""
        if self._sender is not None:
            await stop_client(self._sender)
