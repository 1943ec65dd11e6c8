"""The fold's writes: takes over the state from its changelog, and commits a batch (design, "Must hold").

Taking over: InitProducerId first, which fences the predecessor and ends its open transaction; then a barrier record
is committed to the changelog and the changelog is read `read_committed` up to that barrier. So its end is known,
whatever markers of aborted transactions stand there.
"""

import time
import uuid
from collections.abc import Mapping

from aiokafka import AIOKafkaProducer, TopicPartition

from streams.config.settings import Settings
from streams.decide.state import State
from streams.kafka.consumer import fetch_committed_offsets, fetch_first_offset
from streams.kafka.producer import OutgoingRecord, make_producer, send_in_transaction
from streams.model.records import Effect
from streams.model.topics import LOG, STATE
from streams.runtime import metrics
from streams.worker.changelog import BARRIER, Changelog


class Committer:
    """The one transactional producer of the fold, and the reader of its changelog.

    At least once, the outcomes are sent by a producer beside it, before the transaction of the state commits: a crash
    between them, or a predecessor that does not know yet that it is one, repeats outcomes with the same ce_id. The
    state is of one owner, whole or not there, in both: else an item would become a duplicate of itself.
    """

    def __init__(self, settings: Settings, group: str) -> None:
        self._kafka = settings.kafka
        self._topics = settings.topics
        self._group = group
        self._exactly_once = settings.decide.delivery == "exactly-once"
        self._sender: AIOKafkaProducer | None = None
        self._beside: AIOKafkaProducer | None = None
        self._state_topic = settings.topics.full(STATE)
        self._changelog = Changelog(settings)

    async def fence(self) -> None:
        """From now on no predecessor can commit anything, and this process can."""
        await self.stop()
        self._sender = make_producer(self._kafka, transactional_id=f"{self._group}.{self._topics.full(LOG)}.0")
        await self._sender.start()
        if not self._exactly_once:
            self._beside = make_producer(self._kafka)
            await self._beside.start()

    async def take_over(self, state: State) -> int:
        """Fences the predecessor and brings `state` up to date; returns the number of changelog records read."""
        await self.fence()
        barrier = uuid.uuid4().bytes
        await self._send([(BARRIER, barrier, ())])
        return await self._changelog.read(state, barrier)

    async def write(self, rows: Mapping[str, bytes | None]) -> None:
        """Rows of the state without a batch, together."""
        await self._send([(key.encode(), value, ()) for key, value in rows.items()])

    async def commit(
        self, effects: list[Effect], state: State, rows: dict[str, bytes | None], log: TopicPartition, next_offset: int
    ) -> int:
        """Outcomes, rows of the state and log offset of a batch, together.

        Returns the changelog offset up to which `state` with these rows is what the changelog says. Raises
        `KafkaError` with nothing of it visible; at least once, outcomes may be.
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
        ends = await send_in_transaction(self._sender, records, offsets or {}, self._group, outcomes, self._beside)
        return ends[self._state_topic]

    async def follow(self, state: State) -> None:
        """Keeps the state of a spare warm, until cancelled: then a takeover has only the newest changes to read."""
        await self._changelog.read(state, None)

    async def committed(self, partition: TopicPartition) -> int:
        """The group's offset of the log; 0 where it has none."""
        return (await fetch_committed_offsets(self._kafka, self._group, [partition]))[partition]

    async def first_offset(self, partition: TopicPartition) -> int:
        """The oldest offset the log still has."""
        return await fetch_first_offset(self._kafka, partition)

    async def stop(self) -> None:
        """Closes the producers; an open transaction is aborted by the broker."""
        closing, self._sender, self._beside = (self._sender, self._beside), None, None
        for sender in closing:
            if sender is not None:
                await sender.stop()
