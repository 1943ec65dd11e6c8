"""The shell of the map: news.raw -> child process -> the log."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import faust
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from faust.types import TP

from streams.config.settings import Settings
from streams.kafka.acls import PREPARE_GROUP
from streams.kafka.producer import Outbox, make_producer
from streams.model.topics import LOG, RAW
from streams.prepare import batch
from streams.prepare.stage import Knowledge
from streams.runtime import metrics
from streams.runtime.health import Health
from streams.worker.app import fail_worker, init_lag, record_progress
from streams.worker.batch_transport import make_batch_topic
from streams.worker.process_pool import build_batch_record, make_prepare_pool

log = structlog.get_logger()
RETRY_SECONDS = 0.5
CHUNK_RECORDS = 64
CHUNK_BYTES = 1 << 20


def attach(app: faust.App, settings: Settings, knowledge: Knowledge, health: Health) -> None:
    """Adds the agent `prepare` to an app.

    In: record batches of `news.raw`. Out: for each raw record, in order, its log records to `news.internal.items`
    (at least once: the fold drops repeats by raw position). When it dies between send and commit, the next owner of
    the partition reads the batch again and appends it again. A failed send is retried here, before anything behind
    it in its partition is sent; nothing is acknowledged until the log has it.
    """
    preparer = _Preparer(app, settings, knowledge, health)
    watching: list[asyncio.Task[None]] = []  # a reference, or the task might be collected

    @app.on_partitions_assigned.connect
    async def assigned(_: faust.App, assigned: Any, **__: Any) -> None:
        health.assigned = health.recovered = True
        health.progressed()
        log.info("assigned", stage="prepare", partitions=sorted(tp.partition for tp in assigned))
        watching[:] = [asyncio.create_task(init_lag(settings, PREPARE_GROUP, assigned))]

    @app.agent(make_batch_topic(app, settings.topics.full(RAW)), name="prepare")
    async def prepare(stream: faust.StreamT[Any]) -> None:
        # While the broker confirms what came from one partition, the child prepares what came from another.
        running: dict[TP, asyncio.Task[None]] = {}
        try:
            async with asyncio.TaskGroup() as tasks:
                async for event in stream.noack().events():
                    partition = event.message.tp
                    if partition in running:
                        await running[partition]
                    running[partition] = tasks.create_task(preparer.take(stream, event))
        except* Exception as errors:
            if not app.should_stop:  # then the pool and the producer have been closed under it
                await fail_worker(app, "prepare cannot go on", errors.exceptions[0])

    @app.task
    async def stop_with_app() -> None:
        while not app.should_stop:
            await asyncio.sleep(0.2)
        await preparer.stop()


class _Preparer:
    """The child, and the producer of the log."""

    def __init__(self, app: faust.App, settings: Settings, knowledge: Knowledge, health: Health) -> None:
        self._app, self._settings, self._health = app, settings, health
        self._pool = make_prepare_pool(settings, knowledge, health.progressed)
        self._sender: AIOKafkaProducer | None = None
        self._opening = asyncio.Lock()

    async def take(self, stream: faust.StreamT[Any], event: Any) -> None:
        """Records of one partition, in order, into the log. Raises what no retry mends."""
        for chunk in _split_into_chunks(event.value):
            if self._app.should_stop or event.message.generation_id != self._app.consumer_generation_id:
                return  # its next owner reads the rest; what is appended twice, the fold drops
            began = time.perf_counter()
            results = await self._pool.run([build_batch_record(record) for record in chunk], batch.refuse_message)
            await self._append(results)
            record_progress(event.message.tp, chunk[-1].offset, chunk[-1].timestamp)
            self._health.progressed()
            metrics.BATCH_RECORDS.labels("prepare").observe(len(chunk))
            metrics.STAGE_SECONDS.labels("prepare").observe(time.perf_counter() - began)
            _record_metrics(results)
        await stream.ack(event)

    async def _append(self, results: list[batch.Prepared]) -> None:
        """Appends to the log and returns when the broker has it all. Raises what no retry mends."""
        rows = [(key, value, ()) for result in results for key, value in result.records]
        while True:
            try:
                outbox = Outbox(await self._opened())
                await outbox.send(self._settings.topics.full(LOG), rows)
                await outbox.confirmed()
                return
            except KafkaError as error:
                if not error.retriable:
                    raise
                metrics.RETRIES.labels("append").inc()
                log.warning("append_retried", topic=self._settings.topics.full(LOG), error=str(error))
                await asyncio.sleep(RETRY_SECONDS)

    async def _opened(self) -> AIOKafkaProducer:
        async with self._opening:
            if self._sender is None:
                opened = make_producer(self._settings.kafka)
                try:
                    await opened.start()
                except KafkaError:
                    await opened.stop()
                    raise
                self._sender = opened
            return self._sender

    async def stop(self) -> None:
        """Ends the child and closes the producer."""
        self._pool.stop()
        if self._sender is not None:
            await self._sender.stop()


def _split_into_chunks(records: list[Any]) -> Iterator[list[Any]]:
    """Pieces that are appended as soon as they are done, so that a slow item holds up its neighbours and no more."""
    chunk: list[Any] = []
    size = 0
    for record in records:
        chunk.append(record)
        size += len(record.value or b"")
        if len(chunk) >= CHUNK_RECORDS or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _record_metrics(results: list[batch.Prepared]) -> None:
    for result in results:
        source = metrics.source_label(result.source)
        for wire_format in result.formats:
            metrics.RECEIVED.labels(source, wire_format).inc()
        if result.bug:
            log.error("prepare_bug", error=result.bug, position=result.records[0][0].decode(), source=result.source)
        log.debug("prepared", position=result.records[0][0].decode(), items=len(result.records), source=result.source)
