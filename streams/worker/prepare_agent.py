"""Runs prepare in Faust: reads news.raw, prepares records in a child process, appends the items to the log."""

import asyncio
import time
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import faust
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError
from faust.types import TP, EventT

from streams.kafka.acls import PREPARE_GROUP
from streams.kafka.client import stop_client
from streams.kafka.consumer import split_into_chunks
from streams.kafka.producer import Outbox, start_producer
from streams.model.topics import LOG, RAW
from streams.prepare import batch
from streams.prepare.loading import KnowledgeFiles
from streams.runtime import logging, metrics
from streams.runtime.health import Health
from streams.runtime.tasks import cancel
from streams.worker.accepted import Accepted
from streams.worker.app import fail_worker, init_lag, record_progress
from streams.worker.batch_transport import BatchStream, RecordBatch, make_batch_topic
from streams.worker.process_pool import PreparePool, build_raw_message, make_prepare_pool
from streams.worker.reload import Reloader

log = structlog.get_logger()
RETRY_SECONDS = 0.5
CHUNK_RECORDS = 64
CHUNK_BYTES = 1 << 20


class PrepareStart(NamedTuple):
    """What a process of prepare begins with, and where newer files come from."""

    accepted: Accepted
    accepted_file: Path
    config: str | None
    """The settings file that was given; None: the one that is found."""


def attach(app: faust.App, start: PrepareStart, health: Health) -> None:
    """Adds the agent `prepare` to an app.

    In: record batches of `news.raw`. Out: the log records of each raw record, in order, to `news.internal.items`, at
    least once (the fold drops repeats by raw position). When the process dies between send and commit, the next owner
    of the partition reads the batch again and appends it again. A failed send is retried here, before any later record
    of its partition is sent. A batch is acknowledged when the log has all of it.
    """
    settings = start.accepted.settings
    preparer = _Preparer(app, start, health)
    watching: list[asyncio.Task[None]] = []  # a reference, or the task might be collected

    @app.on_partitions_assigned.connect
    async def on_assigned(_: faust.App, assigned: Collection[TP], **__: object) -> None:
        health.assigned = health.recovered = True
        health.mark_progress()
        log.info("assigned", stage="prepare", partitions=sorted(tp.partition for tp in assigned))
        watching[:] = [asyncio.create_task(init_lag(settings, PREPARE_GROUP, assigned))]

    @app.agent(make_batch_topic(app, settings.topics.full(RAW)), name="prepare")
    async def prepare(stream: BatchStream) -> None:
        # While the broker confirms the items of one partition, the child prepares those of another.
        running: dict[TP, asyncio.Task[None]] = {}
        try:
            async with asyncio.TaskGroup() as tasks:
                async for event in stream.noack().events():
                    partition = event.message.tp
                    if partition in running:
                        await running[partition]
                    running[partition] = tasks.create_task(preparer.prepare_batch(stream, event))
        except* Exception as errors:
            if not app.should_stop:  # at a stop the pool and the producer are closed while batches run
                await fail_worker(app, "prepare cannot go on", errors.exceptions[0])

    @app.task
    async def reload_until_stop() -> None:
        reloading = asyncio.create_task(preparer.reload())
        while not app.should_stop:
            if reloading.done() and (error := reloading.exception()):
                await fail_worker(app, "the files cannot be watched", error)
            await asyncio.sleep(0.2)
        await cancel(reloading)
        await preparer.stop()


class _Preparer:
    """Owns the child process that prepares, and the producer of the log."""

    def __init__(self, app: faust.App, start: PrepareStart, health: Health) -> None:
        self._app, self._settings, self._health = app, start.accepted.settings, health
        self._pool = make_prepare_pool(self._settings, start.accepted.files, health.mark_progress)
        self._reloader = Reloader(start.accepted, start.accepted_file, start.config, self._make_spare, self._swap)
        self._sender: AIOKafkaProducer | None = None
        self._opening = asyncio.Lock()

    def _make_spare(self, files: KnowledgeFiles) -> PreparePool:
        return make_prepare_pool(self._settings, files, self._health.mark_progress, is_spare=True)

    def _swap(self, pool: PreparePool) -> PreparePool:
        before, self._pool = self._pool, pool
        return before

    async def reload(self) -> None:
        """Takes changed rules, sources and tables until cancelled."""
        await self._reloader.run()

    async def prepare_batch(self, stream: BatchStream, event: EventT[RecordBatch]) -> None:
        """Prepares a batch of one partition and appends it to the log, in order. Raises errors that no retry ends."""
        # A slow item delays only its chunk.
        async for chunk in split_into_chunks(event.value, CHUNK_RECORDS, CHUNK_BYTES):
            if self._app.should_stop or event.message.generation_id != self._app.consumer_generation_id:
                return  # the next owner reads the rest; the fold drops what is appended twice
            began = time.perf_counter()
            results = await self._pool.run([build_raw_message(record) for record in chunk], batch.refuse_message)
            await self._append(results)
            record_progress(event.message.tp, chunk[-1].offset, chunk[-1].timestamp)
            self._health.mark_progress()
            metrics.BATCH_RECORDS.labels("prepare").observe(len(chunk))
            metrics.STAGE_SECONDS.labels("prepare").observe(time.perf_counter() - began)
            _record_metrics(results)
        await stream.ack(event)

    async def _append(self, results: list[batch.Prepared]) -> None:
        """Appends to the log and returns when the broker has everything. Raises errors that no retry ends."""
        rows = [(key, value, ()) for result in results for key, value in result.records]
        while True:
            try:
                outbox = Outbox(await self._open_producer())
                await outbox.send(self._settings.topics.full(LOG), rows)
                await outbox.wait_confirmed()
                return
            except KafkaError as error:
                if not (error.retriable or isinstance(error, KafkaTimeoutError) or self._health.broker_was_away):
                    raise
                metrics.RETRIES.labels("append").inc()
                log.warning("append_retried", topic=self._settings.topics.full(LOG), error=str(error))
                await asyncio.sleep(RETRY_SECONDS)

    async def _open_producer(self) -> AIOKafkaProducer:
        async with self._opening:
            if self._sender is None:
                self._sender = await start_producer(self._settings.kafka)
            return self._sender

    async def stop(self) -> None:
        """Stops the child process and closes the producer."""
        self._pool.stop()
        if self._sender is not None:
            await stop_client(self._sender)


def _record_metrics(results: list[batch.Prepared]) -> None:
    for result in results:
        source = metrics.source_label(result.source)
        for wire_format in result.formats:
            metrics.RECEIVED.labels(source, wire_format).inc()
        for delay in result.wire_delays:
            metrics.WIRE_DELAY_SECONDS.labels(source).observe(delay)
        if result.bug:
            log.error("prepare_bug", error=result.bug, position=result.records[0][0].decode(), source=result.source)
        if logging.writes_debug():
            position = result.records[0][0].decode()
            log.debug("prepared", position=position, items=len(result.records), source=result.source)
