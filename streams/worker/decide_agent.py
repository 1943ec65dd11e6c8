"""Runs the fold in Faust: reads the log, and commits the outcomes, state and log offset of a batch together."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path

import faust
import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError, KafkaTimeoutError
from faust.types import TP, Message

from streams.config.settings import Settings
from streams.decide.fold import apply
from streams.decide.parameters import DecideParams
from streams.decide.state import State
from streams.decide.state_entries import encode_changes
from streams.kafka.acls import DECIDE_GROUP
from streams.kafka.consumer import fetch_committed_offsets, fetch_end_offset, fetch_first_offset, position_of
from streams.model import codec
from streams.model.errors import LogReplacedError, Unreachable
from streams.model.records import Decision, Effect
from streams.model.topics import LOG, STATE
from streams.runtime import collector, metrics
from streams.runtime.health import Health
from streams.worker import state_directory
from streams.worker.app import fail_worker, record_progress
from streams.worker.batch_transport import BatchStream, RecordBatch, make_batch_topic
from streams.worker.committer import Committer
from streams.worker.embargo_timer import EmbargoTimer
from streams.worker.gathering import BatchGatherer
from streams.worker.outcome_metrics import record_outcomes, set_state_gauges
from streams.worker.source_watch import SourceWatch
from streams.worker.state_upgrade import upgrade_state

log = structlog.get_logger()
RETRY_SECONDS = 0.5
LOOKS = 4


def attach(app: faust.App, settings: Settings, health: Health, folder: Path) -> None:
    """Adds the agent `decide` to an app; its state is kept in this folder (worker/state_directory.py).

    In: record batches of `news.internal.items` (one partition, one owner). Out: records of the public topics,
    duplicates, dead letters, withheld and decisions, the state's changelog and the log offset, in one transaction.
    When the process dies between send and commit, the transaction is aborted. Its successor fences it by the
    transactional id and folds the batch again, from the state as it was. Any error aborts the batch and leaves the
    state as it was. Where Kafka is away, the process stays and takes the log over again when Kafka is back. Every other
    error ends the process: a fresh start recovers.
    """
    decider = _Decider(app, settings, health, folder)
    for source, row in settings.source_table.table.items():
        if row.most_per_minute:
            metrics.SOURCE_MOST.labels(metrics.source_label(source)).set(row.most_per_minute)

    @app.on_partitions_assigned.connect
    async def on_assigned(_: faust.App, assigned: Collection[TP], **__: object) -> None:
        health.assigned = True
        decider.start_recovery({TP(tp.topic, tp.partition) for tp in assigned})

    @app.on_partitions_revoked.connect
    async def on_revoked(*_: object, **__: object) -> None:
        decider.stop_recovery()

    @app.agent(make_batch_topic(app, settings.topics.full(LOG)), name="decide")
    async def decide(stream: BatchStream) -> None:
        await decider.run(stream)

    @app.task
    async def run_releases() -> None:
        await decider.run_embargo_timer()


class _Decider:
    """Owns the state while this process owns the log partition."""

    def __init__(self, app: faust.App, settings: Settings, health: Health, folder: Path) -> None:
        self._app = app
        self._health = health
        self._folder = folder
        self._opened: State | None = None
        self._committer = Committer(settings, DECIDE_GROUP)
        self._embargo_timer = EmbargoTimer(settings)
        self._source_watch = SourceWatch(settings, folder)
        self._lock = asyncio.Lock()
        self._recovered = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._settings = settings
        self._params = DecideParams.from_settings(settings)

    def start_recovery(self, partitions: set[TP]) -> None:
        """Recovers the state in a task, as Faust sends no heartbeat while its assignment handler runs.

        Without a partition this process is a spare, and keeps its state warm.
        """
        self.stop_recovery()
        log.info("assigned", stage="decide", owner=bool(partitions))
        if partitions:
            self._health.recovered = False
            self._task = self._recover(next(iter(partitions)))
        else:
            self._health.recovered = True
            self._task = asyncio.create_task(self._run_until_done(self._follow, "following the state failed"))

    def stop_recovery(self) -> None:
        """Stops recovering and folding: the partition may have another owner from now on."""
        self._recovered.clear()
        self._source_watch.stop()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def run(self, stream: BatchStream) -> None:
        """Folds the batches of the log, until the stream ends or an error ends the process."""
        gatherer = BatchGatherer(self._settings.worker.batch_records)
        try:
            async with asyncio.TaskGroup() as tasks:
                folding = tasks.create_task(self._fold_gathered(stream, gatherer))
                async for event in stream.noack().events():
                    await gatherer.put(event)
                folding.cancel()
        except* Exception as errors:
            await fail_worker(self._app, "decide cannot go on", errors.exceptions[0])

    async def _fold_gathered(self, stream: BatchStream, gatherer: BatchGatherer) -> None:
        while True:
            events = await gatherer.take()
            message, records = events[0].message, [record for event in events for record in event.value]
            try:
                done = await self.fold_batch(message.tp, records, message.generation_id)
            except Exception as error:
                if not self.will_pass(error):
                    raise
                self.recover_again(message, error)
                await gatherer.clear()
            else:
                for event in events if done else ():
                    await stream.ack(event)

    def will_pass(self, error: BaseException) -> bool:
        """Whether waiting ends an error: Kafka is away, or was just now and ended our transaction meanwhile."""
        if isinstance(error, Unreachable | KafkaTimeoutError):
            return True
        return isinstance(error, KafkaError) and (error.retriable or self._health.broker_was_away)

    def recover_again(self, message: Message, error: Exception) -> None:
        """Takes the log over again after an error that passes: what was not committed is folded again."""
        log.warning("batch_not_committed", error=f"{type(error).__name__}: {error}")
        if message.generation_id == self._app.consumer_generation_id:  # else another may own the log by now
            self.stop_recovery()
            self._health.recovered = False
            self._task = self._recover(message.tp)

    @property
    def _state(self) -> State:
        assert self._opened is not None
        return self._opened

    async def _open(self) -> State:
        """Opens the state in the folder, once; builds its index in a thread, so that heartbeats go on."""
        if self._opened is None:
            began = time.perf_counter()
            owner = await state_directory.read_owner(self._settings)
            self._opened = await asyncio.to_thread(state_directory.open_state, self._folder, owner)
            seconds = round(time.perf_counter() - began, 3)
            log.info("state_opened", stories=self._opened.stories, position=self._opened.position, seconds=seconds)
        return self._opened

    async def _run_until_done(self, work: Callable[[], Awaitable[None]], failed: str) -> None:
        """Does some work, and again while its error passes. Any other error ends the process, which logs `failed`."""
        while True:
            try:
                return await work()
            except Exception as error:
                if not self.will_pass(error):
                    return await fail_worker(self._app, failed, error)
                await asyncio.sleep(RETRY_SECONDS)

    async def _follow(self) -> None:
        async with self._lock:
            await self._committer.follow(await self._open())

    def _recover(self, partition: TP) -> asyncio.Task[None]:
        return asyncio.create_task(self._run_until_done(lambda: self._take_over(partition), "recovery failed"))

    async def _take_over(self, partition: TP) -> None:
        async with self._lock:
            began = time.perf_counter()
            read = await self._committer.take_over(await self._open())
            log_partition = TopicPartition(*partition)
            committed = (await fetch_committed_offsets(self._settings.kafka, DECIDE_GROUP, [log_partition]))[
                log_partition
            ]
            beside = self._folder.with_name(f"{self._folder.name}-upgrade")
            await upgrade_state(self._settings, self._committer, self._state, beside)
            wanted = self._state.progress.next_offset
            await self._require_log(log_partition, wanted)
            if wanted == 0 and committed:
                raise RuntimeError(
                    f"the state topic is empty but the log is decided up to offset {committed}: stop "
                    f"every worker, then `newswire state rebuild` makes {self._settings.topics.full(STATE)} again"
                )
            # The state knows which records are applied; the group's offset only serves tools that watch the lag.
            await self._app.consumer.seek(partition, wanted)
            collector.freeze()
            record_progress(partition, wanted - 1, int(time.time() * 1000))
            self._health.recovered = True
            self._health.mark_progress()
            self._recovered.set()
            self._source_watch.start(wanted)
            seconds = round(time.perf_counter() - began, 3)
            metrics.RECOVERY_SECONDS.set(seconds)
            set_state_gauges(self._state)
            log.info("recovered", entries=read, stories=self._state.stories, seconds=seconds, offset=wanted)

    async def _require_log(self, partition: TopicPartition, wanted: int) -> None:
        """Raises `LogReplacedError` where the log ends before the records that the state has."""
        for _ in range(LOOKS):
            if (end := await fetch_end_offset(self._settings.kafka, partition)) >= wanted:
                return
            await asyncio.sleep(RETRY_SECONDS)  # a new leader may not know its end yet
        raise LogReplacedError(
            f"{partition.topic} ends at offset {end}, but the state has decided it up to offset {wanted}: it was "
            f"deleted and created again. Stop every worker. Then delete {self._settings.topics.full(STATE)} and the "
            f"consumer group {DECIDE_GROUP}, and call `newswire topics apply`: the log is decided from its start, "
            "without what was known before"
        )

    async def fold_batch(self, partition: TP, batch: RecordBatch, generation: int) -> bool:
        """Folds and commits those records of a fetch that the state does not have. Returns whether it has them now."""
        await self._recovered.wait()
        async with self._lock:
            if generation != self._app.consumer_generation_id:
                return False  # read before a rebalance: the owner reads it again
            began = time.perf_counter()
            wanted = self._state.progress.next_offset
            fresh = [record for record in batch if record.offset >= wanted]
            log_partition = TopicPartition(*partition)
            if not fresh:
                await self._require_log(log_partition, wanted)
                return True
            if fresh[0].offset > wanted and await fetch_first_offset(self._settings.kafka, log_partition) <= wanted:
                await self._app.consumer.seek(partition, wanted)
                return False
            write_batch = self._state.batch()
            decisions: list[Decision] = []
            effects: list[Effect] = []
            for record in fresh:
                decision, sent = apply(
                    write_batch, codec.decode_record(record.value, position_of(record)), record.offset, self._params
                )
                decisions.append(decision)
                effects.extend(sent)
            rows = encode_changes(write_batch.changes)
            position = await self._committer.commit(effects, self._state, rows, log_partition, fresh[-1].offset + 1)
            self._state.apply_rows(rows, position, write_batch.changes)
        record_progress(partition, fresh[-1].offset, fresh[-1].timestamp)
        self._health.mark_progress()
        metrics.STAGE_SECONDS.labels("decide").observe(time.perf_counter() - began)
        metrics.BATCH_RECORDS.labels("decide").observe(len(fresh))
        self._source_watch.add(decisions)
        record_outcomes(decisions, effects)
        return True

    async def run_embargo_timer(self) -> None:
        """Ends embargoes and usage rights once a second, while this process owns the log; then closes the producers.

        The gauges of the state are set as often: some of them cost as much as an item.
        """
        while not self._app.should_stop:
            await asyncio.sleep(1.0)
            if self._recovered.is_set():
                set_state_gauges(self._state)
            if self._recovered.is_set() and not self._health.broker_is_gone:
                try:
                    await self._embargo_timer.end_due(self._state)
                except KafkaError as error:  # the next second tries again
                    log.warning("commands_not_sent", error=f"{type(error).__name__}: {error}")
        self._source_watch.stop()
        await self._embargo_timer.stop()
        await self._committer.stop()
