"""Sends what saved searches find to their webhooks, each item once and in the order of its story.

Each search is a consumer group: of several gateways one sends, and a restart goes on where the last one ended. The
committed offset is that of the next record; its metadata lists the records that were read and are not taken yet. Only a
process that is killed between the answer of a target and the commit sends a message again, with the same id.

A text is not sent once its story is withdrawn. A target is reached at public addresses only, and by https, unless the
settings of the search allow more; redirects are not followed.
"""

import asyncio
import time
from collections.abc import Coroutine, Iterable
from pathlib import Path

import aiohttp
import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition, errors
from aiokafka.structs import OffsetAndMetadata

from streams.config.errors import ConfigError
from streams.config.settings import SavedSearch, Settings
from streams.feeders.public_addresses import open_public_socket
from streams.gateway import metrics
from streams.gateway.filters import parse_ticker_item
from streams.gateway.history import HistoryStore
from streams.gateway.saved_searches import parse_filter
from streams.gateway.webhook_messages import (
    MAX_WAITING,
    DeliveryQueue,
    SentStories,
    WebhookMessage,
    format_waiting,
    parse_secrets,
    parse_waiting,
    sign_message,
)
from streams.kafka import client
from streams.kafka.acls import WEBHOOK_GROUP
from streams.kafka.consumer import ConsumedRecord, fetch_one, make_group_consumer, open_live_consumer, poll
from streams.model.errors import WorkFailed
from streams.model.records import RecordRef
from streams.model.topics import LATEST

log = structlog.get_logger()
TIMEOUT = aiohttp.ClientTimeout(total=15, connect=10)
POLL_MS = 500
COMMIT_SECONDS = 5.0
"""How often the position is committed while nothing is sent."""
RETRY_SECONDS = 5.0
MAX_RETRY_AFTER = 3600.0


class Webhook:
    """Sends the items of one saved search to its target, until cancelled. Raises `ConfigError` for wrong settings."""

    def __init__(self, name: str, search: SavedSearch, settings: Settings, history: HistoryStore) -> None:
        self.name = name
        self._url = search.webhook
        self._is_private = search.private
        self._settings = settings
        self._history = history
        self._topic = settings.topics.full(LATEST)
        self._wanted = parse_filter(name, search, settings.source_table)
        self._secrets = _load_secrets(name, search)
        self._group = f"{WEBHOOK_GROUP}.{settings.topics.prefix}.{name}"
        self._queue = DeliveryQueue()
        self._sent = SentStories(self._wanted)
        self._committed: dict[TopicPartition, tuple[int, str]] = {}
        self._next_commit = 0.0
        if not self._url.startswith("https://") and not (search.insecure and self._url.startswith("http://")):
            what = "give an https address, or allow plain http with insecure = true"
            raise ConfigError(f"searches.{name}.webhook is {self._url!r}: {what}")

    async def run(self) -> None:
        """Sends until cancelled, and begins again after an error of Kafka."""
        while True:
            try:
                while not self._history.is_complete:  # it knows what is withdrawn
                    await asyncio.sleep(0.2)
                await self._run()
            except (WorkFailed, errors.KafkaError) as error:
                log.warning("webhook_begins_again", search=self.name, error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(RETRY_SECONDS)

    async def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """Goes on where the group ended: at its offset, with the records before it that are not taken yet."""
        self._queue, self._sent, self._committed = DeliveryQueue(), SentStories(self._wanted), {}
        async with client.open_admin(self._settings.kafka) as admin:
            known = await admin.list_consumer_group_offsets(self._group)
        waiting: list[RecordRef] = []
        for each in partitions:
            if (held := known.get(each)) is not None and held.offset >= 0:
                self._committed[each] = (held.offset, held.metadata)
                waiting += [RecordRef(each.topic, each.partition, offset) for offset in parse_waiting(held.metadata)]
        if waiting:
            async with open_live_consumer(self._settings.kafka) as consumer:
                for ref in waiting:
                    if (record := await fetch_one(consumer, ref)) is not None:
                        self._add(record)

    async def commit(self, consumer: AIOKafkaConsumer) -> None:
        """Commits the position of each partition, with the records that wait."""
        ends = {}
        for each in consumer.assignment():
            state = (await consumer.position(each), format_waiting(self._queue.list_offsets(each.partition)))
            if self._committed.get(each) != state:
                ends[each] = OffsetAndMetadata(*state)
                self._committed[each] = state
        if ends:
            await consumer.commit(ends)
        self._next_commit = time.monotonic() + COMMIT_SECONDS

    async def _run(self) -> None:
        consumer = make_group_consumer(self._settings.kafka, self._group)
        listener = _Rebalance(self, consumer)
        connector = aiohttp.TCPConnector(limit=1, socket_factory=None if self._is_private else open_public_socket)
        async with aiohttp.ClientSession(connector=connector, timeout=TIMEOUT) as session:
            consumer.subscribe([self._topic], listener=listener)
            async with client.connect(consumer, self._settings.kafka):
                try:
                    while True:
                        await self._step(consumer, session)
                finally:
                    await self.commit(consumer)

    async def _step(self, consumer: AIOKafkaConsumer, session: aiohttp.ClientSession) -> None:
        """Reads what there is room for, sends one message, and commits."""
        queue = self._queue
        pause = min(POLL_MS, int(1000 * min(60.0, queue.wait(time.monotonic()))))
        if (room := MAX_WAITING - len(queue)) > 0:
            for record in await poll(consumer, timeout_ms=pause, max_records=room):
                self._add(record)
        else:
            await asyncio.sleep(pause / 1000)
        message = queue.pick(time.monotonic())
        if message is not None:
            await _finish(self._try(session, queue, message))
        self._measure()
        if message is not None or time.monotonic() >= self._next_commit:
            await self.commit(consumer)

    def _add(self, record: ConsumedRecord) -> None:
        if record.value is None:
            return
        try:
            item = parse_ticker_item(record.value, record.headers, self._settings.source_table)
        except ValueError:
            return  # the ticker reports it
        message = self._sent.build_message(record.partition, record.offset, item, record.value)
        if message is not None:
            self._queue.add(message)

    async def _try(self, session: aiohttp.ClientSession, queue: DeliveryQueue, message: WebhookMessage) -> None:
        if not message.is_removal and await self._history.is_withdrawn(message.story):
            queue.remove(message)  # the withdrawal itself follows
            return
        problem, pause = await self._send(session, message)
        if not problem:
            queue.succeed(message)
            metrics.WEBHOOK_MESSAGES.labels(self.name, "taken").inc()
        elif queue.fail(message, time.monotonic(), pause):
            metrics.WEBHOOK_MESSAGES.labels(self.name, "given-up").inc()
            log.error("webhook_gave_up", search=self.name, id=message.id, why=problem)
        else:
            metrics.WEBHOOK_MESSAGES.labels(self.name, "failed").inc()
            log.warning("webhook_failed", search=self.name, id=message.id, attempt=message.attempts, why=problem)

    async def _send(self, session: aiohttp.ClientSession, message: WebhookMessage) -> tuple[str, float]:
        """Sends a message. Returns what went wrong, empty where nothing did, and the pause that the target asks for."""
        headers = sign_message(self._secrets, message.id, int(time.time()), message.body)
        try:
            async with session.post(self._url, data=message.body, headers=headers, allow_redirects=False) as answer:
                if 200 <= answer.status < 300:
                    return "", 0.0
                after = answer.headers.get("Retry-After", "")
                pause = float(after) if after.isascii() and after.isdecimal() and len(after) < 9 else 0.0
                return f"HTTP {answer.status}", min(pause, MAX_RETRY_AFTER)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return f"{type(error).__name__}: {error}", 0.0

    def _measure(self) -> None:
        metrics.WEBHOOK_WAITING.labels(self.name).set(len(self._queue))
        oldest = self._queue.oldest_attempt()
        metrics.WEBHOOK_LATE_SECONDS.labels(self.name).set(0.0 if oldest is None else time.monotonic() - oldest)


class _Rebalance(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    def __init__(self, webhook: Webhook, consumer: AIOKafkaConsumer) -> None:
        self._webhook = webhook
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        if revoked:
            await self._webhook.commit(self._consumer)

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        await self._webhook.resume(assigned)


async def _finish(work: Coroutine[None, None, None]) -> None:
    """Awaits work that a cancellation does not break off: what the target took must be noted."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


def make_webhooks(settings: Settings, history: HistoryStore) -> list[Webhook]:
    """Makes the webhooks of the saved searches that have one. Raises `ConfigError`."""
    return [Webhook(name, search, settings, history) for name, search in settings.searches.items() if search.webhook]


def _load_secrets(name: str, search: SavedSearch) -> tuple[bytes, ...]:
    if not search.secret_file:
        raise ConfigError(f"searches.{name}.webhook needs a secret: give its file in searches.{name}.secret_file")
    try:
        return parse_secrets(Path(search.secret_file).read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"searches.{name}.secret_file cannot be used: {error}") from None
