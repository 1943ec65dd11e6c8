"""The releaser, the one clock that ends an embargo: it appends a command to the log, which the fold obeys."""

from datetime import UTC, datetime

from aiokafka import AIOKafkaProducer

from streams.config.settings import Settings
from streams.decide.state_entries import StoryEntry
from streams.kafka.client import client_options
from streams.kafka.producer import Outbox, encode_commands, make_producer
from streams.model.records import Command, CommandAction
from streams.model.timestamps import rfc3339
from streams.model.topics import LOG


class EmbargoTimer:
    """Appends one release for each embargo that has ended. After a restart one may be appended again: no harm."""

    def __init__(self, settings: Settings) -> None:
        self._options = client_options(settings.kafka)
        self._log = settings.topics.full(LOG)
        self._sender: AIOKafkaProducer | None = None
        self._done: set[tuple[str, str]] = set()

    async def release(self, withheld: list[StoryEntry]) -> None:
        """Looks at the stories that wait, by the wall clock."""
        now = datetime.now(UTC)
        due = [story for story in withheld if datetime.fromisoformat(story.release_at) <= now]
        fresh = [story for story in due if (story.uri, story.release_at) not in self._done]
        self._done &= {(story.uri, story.release_at) for story in due}
        if not fresh:
            return
        if self._sender is None:
            self._sender = make_producer(self._options)
            await self._sender.start()
        at = rfc3339(now)
        outbox = Outbox(self._sender)
        releases = [
            Command(action=CommandAction.RELEASE, uri=story.uri, at=at, by="releaser", why="embargo ended")
            for story in fresh
        ]
        await outbox.send(self._log, encode_commands(releases))
        await outbox.confirmed()
        self._done |= {(story.uri, story.release_at) for story in fresh}

    async def stop(self) -> None:
        """Closes the producer."""
        if self._sender is not None:
            await self._sender.stop()
