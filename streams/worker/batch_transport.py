"""Faust on record batches: one fetch of one partition becomes one event whose value is the list of its records.

Assignment, flow control, rebalance and acknowledgement stay Faust's. What is overridden, and why (all in
faust-streaming 0.15.3, which pyproject.toml pins; `check_versions` refuses another):

- `Topic._compile_decode` (private): the value is already what the agent wants, nothing to deserialise.
- `Consumer.getmany` (public): yields one message for a list of records, not one for each; nothing that was fetched
  across a rebalance, and nothing is dropped for being below `_read_offset` (private).
- `Consumer.perform_seek` (public): forgets what was delivered and not yet acknowledged.
- `Consumer._new_offset`, `_add_gap` (private): Faust commits by consecutive offsets; ours are the last of a batch,
  so the offset to commit is behind the last batch of an unbroken row of acknowledged ones.
- `Consumer.on_buffer_full` (public): does nothing; when every partition is full stock Faust sleeps a second.
  The bounded queue of the stream slows the intake instead.
- `Consumer._new_consumer_thread` and `ConsumerThread._create_worker_consumer` (private): the driver hard-codes a
  fetch wait of 1,500 ms, so that one idle partition delays the others.
- `ConsumerThread.shutdown_timeout` (public): 60 s by default, and a thread that crashed while its connection was cut
  never says that it has ended: the process hung that long, with nobody in its place.
"""

from collections import defaultdict, deque
from collections.abc import AsyncIterator
from importlib.metadata import version
from typing import Any

import faust
from faust.events import Event
from faust.topics import Topic
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from faust.types.tuples import ConsumerMessage

FETCH_WAIT_MS = 50
QUEUED_BATCHES = 1
STOP_SECONDS = 5.0
TESTED = {"faust-streaming": ("0.15.3",), "aiokafka": ("0.14",)}


def check_versions() -> None:
    """Raises RuntimeError where an engine is installed that the overrides above were not tested with."""
    for name, tested in TESTED.items():
        found = version(name)
        if not found.startswith(tested):
            raise RuntimeError(f"{name} {found} is installed; tested with {', '.join(tested)}: install one of these")


class BatchTopic(Topic):
    """A topic whose events carry the records of one fetch of one partition."""

    def _compile_decode(self) -> Any:
        async def decode(message: Any, *, propagate: bool = False) -> Event:
            del propagate
            return Event(self.app, None, message.value, message.headers, message)

        self.decode = decode  # type: ignore[method-assign]
        return decode


class BatchThread(driver.AIOKafkaConsumerThread):
    """The consumer's thread, with a short fetch wait."""

    shutdown_timeout = STOP_SECONDS

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        return consumer


class BatchConsumer(driver.Consumer):
    """A consumer all of whose topics are read in batches."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._outstanding: defaultdict[TP, deque[int]] = defaultdict(deque)

    def _new_consumer_thread(self) -> BatchThread:
        return BatchThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        """One message for each partition that has records.

        What was fetched across a rebalance is not given out but put back: it may stand behind records that its owner
        has yet to read.
        """
        generation = self.app.consumer_generation_id
        records, active = await self._wait_next_records(timeout)
        if records is None or self.should_stop:
            return
        waiting = {partition: fetched for partition, fetched in records.items() if fetched}
        for partition, fetched in list(waiting.items()):
            if not self.flow_active or self.app.consumer_generation_id != generation:
                break
            if active is not None and partition not in active:
                continue
            del waiting[partition]
            # Faust drops what is below the last offset it delivered, and notes that offset only when the stream took
            # the batch: behind a rebalance that rewound, that loses records (seen by the chaos suite).
            self._read_offset[partition] = None
            last = fetched[-1]
            self._outstanding[partition].append(last.offset)
            yield (
                partition,
                ConsumerMessage(
                    partition.topic,
                    partition.partition,
                    last.offset,
                    last.timestamp / 1000,
                    last.timestamp_type,
                    None,
                    None,
                    fetched,  # type: ignore[arg-type]
                    None,
                    0,
                    0,
                    partition,
                    generation_id=generation,
                ),
            )

        await self._put_back(waiting)

    async def _put_back(self, records: dict[TP, list[Any]]) -> None:
        """What was fetched and not given out is fetched again. Never moves forward.

        Not `seek_to_committed`: without a committed offset yet, that of aiokafka does nothing.
        """
        for partition, fetched in records.items():
            if partition in self.assignment():
                position = await self.position(partition)
                if position is not None and position > fetched[0].offset:
                    await self.seek(partition, fetched[0].offset)

    async def perform_seek(self) -> None:
        """Reading goes on from the committed offsets; what was delivered behind them comes again."""
        self._outstanding.clear()
        await super().perform_seek()

    def on_buffer_full(self, tp: TP) -> None:
        """Nothing: the bounded queue slows the intake."""

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Nothing: `_new_offset` needs no gaps."""

    def _new_offset(self, tp: TP) -> int | None:
        outstanding, acknowledged = self._outstanding[tp], self._acked_index[tp]
        last: int | None = None
        while outstanding and outstanding[0] in acknowledged:
            last = outstanding.popleft()
            acknowledged.discard(last)
        if last is None:
            return None
        done = last
        self._acked[tp][:] = [offset for offset in self._acked[tp] if offset > done]
        return done + 1

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Forgets what was delivered and not yet acknowledged: its next owner reads it again."""
        for partition in revoked:
            self._outstanding.pop(partition, None)
        await super().on_partitions_revoked(revoked)


class BatchTransport(driver.Transport):
    """Faust's aiokafka transport with the consumer above."""

    Consumer = BatchConsumer


def use_batch_transport(app: faust.App) -> None:
    """Makes an app read all its topics in batches."""
    check_versions()
    app.transport = BatchTransport(app.conf.broker_consumer, app)


def make_batch_topic(app: faust.App, name: str) -> BatchTopic:
    """A topic to give to an agent."""
    return BatchTopic(app, topics=[name], value_type=bytes, value_serializer="raw", maxsize=QUEUED_BATCHES)
