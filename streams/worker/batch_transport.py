"""Makes Faust read record batches: one fetch of one partition becomes one event whose value is the list of its records.

Assignment, flow control, rebalance and acknowledgement stay Faust's. These parts are overridden (all in
faust-streaming 0.15.3, which pyproject.toml pins; `check_versions` refuses another version):

- `Topic._compile_decode` (private): the value is already what the agent wants; there is nothing to deserialise.
- `Consumer.getmany` (public): yields one message for a list of records, not one for each. It yields nothing that was
  fetched across a rebalance, and drops nothing for being below `_read_offset` (private).
- `Consumer.perform_seek` (public): forgets the batches that were delivered and not yet acknowledged.
- `Consumer._new_offset`, `_add_gap` (private): Faust commits by consecutive offsets. Our messages have the last offset
  of a batch. So the offset to commit is the one after the last batch of an unbroken series of acknowledged batches.
- `Consumer.on_buffer_full` (public): does nothing; stock Faust sleeps a second when every partition is full.
  The bounded queue of the stream slows the intake instead.
- `Consumer._new_consumer_thread` and `ConsumerThread._create_worker_consumer` (private): the driver hard-codes a
  fetch wait of 1,500 ms, so that one idle partition delays the others.
- `ConsumerThread.shutdown_timeout` (public): 60 s by default. A thread that crashed while its connection was cut never
  reports its end: the process hung for those 60 s, and no other took its place.
"""

from collections import defaultdict, deque
from collections.abc import AsyncIterator
from importlib.metadata import version

import faust
from aiokafka import AIOKafkaConsumer
from faust.events import Event
from faust.serializers.schemas import DecodeFunction
from faust.topics import Topic
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, Message, StreamT
from faust.types.tuples import ConsumerMessage

from streams.kafka.consumer import ConsumedRecord

FETCH_WAIT_MS = 50
QUEUED_BATCHES = 1
STOP_SECONDS = 5.0
RecordBatch = list[ConsumedRecord]
"""The value of an event: the records of one fetch of one partition, in order."""
BatchStream = StreamT[RecordBatch]
"""The stream of an agent that reads batches."""
TESTED = {"faust-streaming": ("0.15.3",), "aiokafka": ("0.14",)}


def check_versions() -> None:
    """Raises RuntimeError where a version of Faust or aiokafka is installed that the overrides were not tested with."""
    for name, tested in TESTED.items():
        found = version(name)
        if not found.startswith(tested):
            raise RuntimeError(f"{name} {found} is installed; tested with {', '.join(tested)}: install one of these")


class BatchTopic(Topic):
    """A topic whose events carry a `RecordBatch`."""

    def _compile_decode(self) -> DecodeFunction:  # type: ignore[override]
        async def decode(message: Message, *, propagate: bool = False) -> Event:
            del propagate
            return Event(self.app, None, message.value, message.headers, message)

        self.decode = decode  # type: ignore[method-assign]
        return decode


class BatchThread(driver.AIOKafkaConsumerThread):
    """The thread of the consumer, with a short fetch wait."""

    shutdown_timeout = STOP_SECONDS

    def _create_worker_consumer(self, transport: driver.Transport) -> AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        return consumer


class BatchConsumer(driver.Consumer):
    """A consumer that reads all its topics in batches."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self._outstanding: defaultdict[TP, deque[int]] = defaultdict(deque)

    def _new_consumer_thread(self) -> BatchThread:
        return BatchThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        """Yields one message for each partition that has records.

        Records that were fetched across a rebalance are not yielded but fetched again later: they may stand behind
        records that the partition's owner has yet to read.
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
            # Faust drops records below the last offset that it delivered, and notes that offset only when the stream
            # has taken the batch: after a rebalance that rewound, that loses records (seen by the chaos suite).
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

        await self._rewind(waiting)

    async def _rewind(self, records: dict[TP, RecordBatch]) -> None:
        """Moves the position back to records that were fetched and not yielded. Never moves it forward.

        Not `seek_to_committed`: aiokafka's does nothing where no offset was committed yet.
        """
        for partition, fetched in records.items():
            if partition in self.assignment():
                position = await self.position(partition)
                if position is not None and position > fetched[0].offset:
                    await self.seek(partition, fetched[0].offset)

    async def perform_seek(self) -> None:
        """Reads on from the committed offsets; batches that were delivered after them come again."""
        self._outstanding.clear()
        await super().perform_seek()

    def on_buffer_full(self, tp: TP) -> None:
        """Does nothing: the bounded queue slows the intake."""

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Does nothing: `_new_offset` needs no gaps."""

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
        """Forgets batches that were delivered and not yet acknowledged: the next owner reads them again."""
        for partition in revoked:
            self._outstanding.pop(partition, None)
        await super().on_partitions_revoked(revoked)


class BatchTransport(driver.Transport):
    """Faust's aiokafka transport with `BatchConsumer`."""

    Consumer = BatchConsumer


def use_batch_transport(app: faust.App) -> None:
    """Makes an app read all its topics in batches. Raises RuntimeError for an untested engine."""
    check_versions()
    app.transport = BatchTransport(app.conf.broker_consumer, app)


def make_batch_topic(app: faust.App, name: str) -> BatchTopic:
    """Makes a topic for an agent that reads batches."""
    return BatchTopic(app, topics=[name], value_type=bytes, value_serializer="raw", maxsize=QUEUED_BATCHES)
