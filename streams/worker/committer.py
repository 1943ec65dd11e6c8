"""Commits the batches of the fold, and takes the state over from a predecessor.

A takeover first calls InitProducerId, which fences the predecessor and ends its open transaction. Then it commits a
barrier record to the changelog, and reads the changelog (`read_committed`) up to that barrier. So it knows where the
changelog ends, whatever markers of aborted transactions stand there.
"""

import time
import uuid
from collections.abc import Mapping

from aiokafka import AIOKafkaProducer, TopicPartition

from streams.config.settings import Settings
from streams.decide.state import State
from streams.kafka.client import stop_client
from streams.kafka.producer import OutgoingRecord, make_producer, send_in_transaction
from streams.model.records import Effect
from streams.model.topics import LOG, STATE
from streams.runtime import metrics
from streams.worker.changelog import BARRIER, Changelog

STOP_SECONDS = 2.0


class Committer:
    """Owns the only transactional producer of the fold, and reads the changelog of the state.

    With exactly-once delivery, outcomes and state are in one transaction. With at-least-once delivery, a second
    producer sends the outcomes before the transaction of the state commits: a crash between the two, or a predecessor
    that still runs, repeats outcomes with the same ce_id. The state is in a transaction of its owner in both: half a
    state would make an item a duplicate of itself.
    """

    def __init__(self, settings: Settings, group: str) -> None:
        self._kafka = settings.kafka
        self._topics = settings.topics
        self._group = group
        self._exactly_once = settings.decide.delivery == "exactly-once"
        self._sender: AIOKafkaProducer | None = None
        self._outcome_sender: AIOKafkaProducer | None = None
        self._state_topic = settings.topics.full(STATE)
        self._changelog = Changelog(settings)

    async def fence(self) -> None:
        """Fences every predecessor: from now on only this process can commit."""
        await self.stop()
        self._sender = make_producer(self._kafka, transactional_id=f"{self._group}.{self._topics.full(LOG)}.0")
        await self._sender.start()
        if not self._exactly_once:
            self._outcome_sender = make_producer(self._kafka)
            await self._outcome_sender.start()

    async def take_over(self, state: State) -> int:
        """Fences the predecessor and brings `state` up to date; returns the number of changelog records read."""
        await self.fence()
        barrier = uuid.uuid4().bytes
        await self._send([(BARRIER, barrier, ())])
        return await self._changelog.read(state, barrier)

    async def write(self, rows: Mapping[bytes, bytes | None]) -> int:
        """Commits rows of the state, by the key in the changelog, in one transaction and without a batch.

        Returns the changelog offset after them; -1 where the broker gave none.
        """
        return await self._send([(key, value, ()) for key, value in rows.items()])

    async def commit(
        self, effects: list[Effect], state: State, rows: dict[str, bytes | None], log: TopicPartition, next_offset: int
    ) -> int:
        """Commits the outcomes, the rows of the state and the log offset of a batch together.

        Returns the changelog offset that `state` stands at when it has these rows. Raises `KafkaError`; then nothing
        of the batch is visible, except for outcomes with at-least-once delivery.
        """
        outcomes: dict[str, list[OutgoingRecord]] = {}
        for effect in effects:
            outcomes.setdefault(self._topics.full(effect.topic), []).append((effect.key, effect.value, effect.headers))
        changelog: list[OutgoingRecord] = [(key.encode(), value, ()) for key, value in rows.items()]
        began = time.perf_counter()
        try:
            end = await self._send(changelog, outcomes, {log: next_offset})
        except BaseException:
            metrics.TRANSACTIONS.labels("aborted").inc()
            raise
        metrics.TRANSACTIONS.labels("committed").inc()
        metrics.COMMIT_SECONDS.observe(time.perf_counter() - began)
        return state.position if end < 0 else end

    async def _send(
        self,
        changelog: list[OutgoingRecord],
        outcomes: dict[str, list[OutgoingRecord]] | None = None,
        offsets: dict[TopicPartition, int] | None = None,
    ) -> int:
        assert self._sender is not None
        records = {self._state_topic: changelog}
        ends = await send_in_transaction(
            self._sender, records, offsets or {}, self._group, outcomes, self._outcome_sender
        )
        return ends[self._state_topic]

    async def follow(self, state: State) -> None:
        """Keeps the state of a spare up to date until cancelled, so that a takeover reads only the newest changes."""
        await self._changelog.read(state, None)

    async def stop(self) -> None:
        """Closes the producers; the broker aborts an open transaction."""
        senders, self._sender, self._outcome_sender = (self._sender, self._outcome_sender), None, None
        for sender in senders:
            if sender is not None:
                await stop_client(sender, STOP_SECONDS)
