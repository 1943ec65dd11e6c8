"""Ends embargoes: the only clock in the pipeline appends release commands to the log, and the fold applies them."""

from datetime import UTC, datetime

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from streams.config.settings import Settings
from streams.decide.commands import EMBARGO_TIMER
from streams.decide.state_entries import StoryEntry
from streams.kafka.producer import Outbox, encode_commands, make_producer
from streams.model.records import Command, CommandAction
from streams.model.timestamps import format_rfc3339
from streams.model.topics import LOG


class EmbargoTimer:
    """Appends one release command for each embargo that has ended. A restart may repeat one, which does no harm."""

    def __init__(self, settings: Settings) -> None:
        self._kafka = settings.kafka
        self._log = settings.topics.full(LOG)
        self._sender: AIOKafkaProducer | None = None
        self._done: set[tuple[str, str]] = set()

    async def release_due(self, withheld: list[StoryEntry]) -> None:
        """Appends a release for each withheld story whose embargo has ended by the wall clock. Raises KafkaError."""
        now = datetime.now(UTC)
        due = [story for story in withheld if datetime.fromisoformat(story.release_at) <= now]
        fresh = [story for story in due if (story.uri, story.release_at) not in self._done]
        self._done &= {(story.uri, story.release_at) for story in due}
        if not fresh:
            return
        if self._sender is None:
            opened = make_producer(self._kafka)
            try:
                await opened.start()
            except KafkaError:
                await opened.stop()
                raise
            self._sender = opened
        at = format_rfc3339(now)
        outbox = Outbox(self._sender)
        releases = [
            Command(action=CommandAction.RELEASE, uri=story.uri, at=at, by=EMBARGO_TIMER, why="embargo ended")
            for story in fresh
        ]
        await outbox.send(self._log, encode_commands(releases))
        await outbox.wait_confirmed()
        self._done |= {(story.uri, story.release_at) for story in fresh}

    async def stop(self) -> None:
        """Closes the producer."""
        if self._sender is not None:
            await self._sender.stop()
