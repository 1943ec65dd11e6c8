"""The shell of the fold: the log -> one transaction a batch of outcomes, state and offset."""

import asyncio
import time
from pathlib import Path
from typing import Any

import faust
import structlog
from aiokafka import TopicPartition
from faust.types import TP

from streams.config.settings import Settings
from streams.decide.fold import apply
from streams.decide.parameters import DecideParams, parse_milliseconds
from streams.decide.state import State
from streams.decide.state_entries import encode_changes
from streams.kafka.acls import DECIDE_GROUP
from streams.model import codec as records
from streams.model.errors import Reason
from streams.model.headers import source_id
from streams.model.records import CommandAction, Decision, Effect, Outcome
from streams.model.topics import CATEGORIES, DUPLICATES, LATEST, LOG, STATE
from streams.runtime import metrics
from streams.runtime.health import Health
from streams.worker import state_directory
from streams.worker.app import fail_worker, record_progress
from streams.worker.batch_transport import make_batch_topic
from streams.worker.committer import Committer
from streams.worker.embargo_timer import EmbargoTimer

log = structlog.get_logger()
GROUP = DECIDE_GROUP
NOT_NEW = (CommandAction.RELEASE, CommandAction.RECLASSIFY)
"""What these commands publish was counted when it came."""


def attach(app: faust.App, settings: Settings, health: Health, folder: Path) -> None:
    """Adds the agent `decide` to an app; its state is kept in this folder (worker/state_directory.py).

    In: record batches of `news.internal.items` (one partition, one owner). Out: effects to the public topics,
    duplicates, dead letters, withheld and decisions, the state's changelog and the log offset, in one transaction.
    When it dies between send and commit the transaction is aborted and its successor, which fences it by the
    transactional id, folds the batch again from the state as it was. Any error aborts the batch, leaves the state as
    it was and ends the process: a fresh start recovers.
    """
    decider = _Decider(app, settings, health, folder)
    for source, row in settings.source_table.table.items():
        metrics.SOURCE_QUIET_AFTER.labels(metrics.source_label(source)).set(row.quiet_minutes * 60)

    @app.on_partitions_assigned.connect
    async def assigned(_: faust.App, assigned: Any, **__: Any) -> None:
        health.assigned = True
        decider.assigned({TP(tp.topic, tp.partition) for tp in assigned})

    @app.on_partitions_revoked.connect
    async def revoked(*_: Any, **__: Any) -> None:
        decider.revoked()

    @app.agent(make_batch_topic(app, settings.topics.full(LOG)), name="decide")
    async def decide(stream: faust.StreamT[Any]) -> None:
        async for event in stream.noack().events():
            try:
                done = await decider.take(event.message.tp, event.value, event.message.generation_id)
            except Exception as error:
                await fail_worker(app, "decide cannot go on", error)
                return
            if done:
                await stream.ack(event)

    @app.task
    async def run_releases() -> None:
        await decider.release_until_stopped()


class _Decider:
    """Owns the state while this process owns the log partition."""

    def __init__(self, app: faust.App, settings: Settings, health: Health, folder: Path) -> None:
        self._app = app
        self._health = health
        self._folder = folder
        self._opened: State | None = None
        self._committer = Committer(settings, GROUP)
        self._releaser = EmbargoTimer(settings)
        self._lock = asyncio.Lock()
        self._recovered = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._settings = settings
        self._rules = DecideParams.of(settings)

    def assigned(self, partitions: set[TP]) -> None:
        """Recovers in a task: Faust sends no heartbeat while its assignment handler runs."""
        self.revoked()
        log.info("assigned", stage="decide", owner=bool(partitions))
        if partitions:
            self._health.recovered = False
            self._task = asyncio.create_task(self._recover(next(iter(partitions))))
        else:
            self._health.recovered = True  # a spare, warm when it is needed
            self._task = asyncio.create_task(self._follow())

    def revoked(self) -> None:
        """The partition may be another's from now on."""
        self._recovered.clear()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    @property
    def _state(self) -> State:
        assert self._opened is not None
        return self._opened

    async def _open(self) -> State:
        """The state as the folder has it, at the first assignment; its index is built while heartbeats go on."""
        if self._opened is None:
            began = time.perf_counter()
            owner = await state_directory.read_owner(self._settings)
            self._opened = await asyncio.to_thread(state_directory.open_state, self._folder, owner)
            seconds = round(time.perf_counter() - began, 3)
            log.info("state_opened", stories=self._opened.stories, position=self._opened.position, seconds=seconds)
        return self._opened

    async def _follow(self) -> None:
        try:
            async with self._lock:
                await self._committer.follow(await self._open())
        except asyncio.CancelledError:
            raise
        except Exception as error:
            await fail_worker(self._app, "following the state failed", error)

    async def _recover(self, partition: TP) -> None:
        try:
            async with self._lock:
                began = time.perf_counter()
                read = await self._committer.take_over(await self._open())
                committed = await self._committer.committed(TopicPartition(*partition))
                wanted = self._state.progress.next_offset
                if wanted == 0 and committed:
                    raise RuntimeError(
                        f"the state topic is empty but the log is decided up to offset {committed}: stop "
                        f"every worker, then `newswire state rebuild` makes {self._settings.topics.full(STATE)} anew"
                    )
                # The state knows what is applied; the group's offset is for those who watch lag.
                await self._app.consumer.seek(partition, wanted)
                record_progress(partition, wanted - 1, int(time.time() * 1000))
                self._health.recovered = True
                self._health.progressed()
                self._recovered.set()
                seconds = round(time.perf_counter() - began, 3)
                metrics.RECOVERY_SECONDS.set(seconds)
                _set_state_gauges(self._state)
                log.info("recovered", entries=read, stories=self._state.stories, seconds=seconds, offset=wanted)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            await fail_worker(self._app, "recovery failed", error)

    async def take(self, partition: TP, batch: list[Any], generation: int) -> bool:
        """Folds and commits one fetch of the log, but for what the state already has; whether it is now applied."""
        await self._recovered.wait()
        async with self._lock:
            if generation != self._app.consumer_generation_id:
                return False  # read before a rebalance: its owner reads it again
            began = time.perf_counter()
            wanted = self._state.progress.next_offset
            fresh = [record for record in batch if record.offset >= wanted]
            if not fresh:
                return True
            if fresh[0].offset > wanted and await self._committer.first_offset(TopicPartition(*partition)) <= wanted:
                await self._app.consumer.seek(partition, wanted)
                return False
            overlay = self._state.batch()
            decisions: list[Decision] = []
            effects: list[Effect] = []
            for record in fresh:
                decision, sent = apply(overlay, records.decode(record.value), record.offset, self._rules)
                decisions.append(decision)
                effects.extend(sent)
            rows = encode_changes(overlay.changes)
            log_partition, next_offset = TopicPartition(*partition), fresh[-1].offset + 1
            position = await self._committer.commit(effects, self._state, rows, log_partition, next_offset)
            self._state.take(rows, position, overlay.changes)
        record_progress(partition, fresh[-1].offset, fresh[-1].timestamp)
        self._health.progressed()
        metrics.STAGE_SECONDS.labels("decide").observe(time.perf_counter() - began)
        metrics.BATCH_RECORDS.labels("decide").observe(len(fresh))
        _record_metrics(decisions, effects, self._state)
        return True

    async def release_until_stopped(self) -> None:
        """Once a second, while this process is the owner: appends a release for each embargo that has ended."""
        while not self._app.should_stop:
            await asyncio.sleep(1.0)
            if self._recovered.is_set():
                await self._releaser.release(self._state.withheld())
        await self._releaser.stop()
        await self._committer.stop()


def _record_metrics(decisions: list[Decision], effects: list[Effect], state: State) -> None:
    now = time.time()
    for decision in decisions:
        source = metrics.source_label(decision.source or "command")
        if decision.action not in NOT_NEW:
            metrics.ITEMS.labels(decision.fate.value, source).inc()
        if decision.fate in (Outcome.PUBLISHED, Outcome.REVISED) and decision.topics == (LATEST,):
            metrics.UNCLASSIFIED.inc()
        _log_outcome(decision)
        if decision.origin is not None and decision.fate != "repeat":
            metrics.END_TO_END_SECONDS.observe(max(0.0, now - decision.origin.timestamp / 1000))
            metrics.SOURCE_LAST.labels(source).set(parse_milliseconds(decision.received) / 1000)
    for effect in effects:
        if effect.topic in CATEGORIES or effect.topic == LATEST:
            metrics.PUBLISHED.labels(effect.topic).inc()
        elif effect.topic == "dead-letters" and effect.value is not None:
            named = dict(effect.headers)
            metrics.DEAD_LETTERS.labels(named["error-code"].decode(), named["error-stage"].decode()).inc()
        elif effect.topic == DUPLICATES:
            named = dict(effect.headers)
            source = source_id(effect.headers)
            later = max(0, int(named["seconds-later"]))
            metrics.DUPLICATE_DELAY_SECONDS.labels(metrics.source_label(source)).observe(later)
    _set_state_gauges(state)


def _log_outcome(decision: Decision) -> None:
    """What became of an item, where it is to be found by: all of them at DEBUG, refusals at INFO."""
    about = {
        "position": str(decision.origin or ""),
        "log_offset": decision.log_offset,
        "uri": decision.uri,
        "source": decision.source,
    }
    if decision.error_code == Reason.INTERNAL:
        log.error("bug", why=decision.error_message, **about)
    elif decision.error_code:
        log.info("rejected", code=decision.error_code, why=decision.error_message, **about)
    else:
        log.debug("decided", fate=decision.fate.value, version=decision.version, **about)


def _set_state_gauges(state: State) -> None:
    metrics.STATE_ITEMS.set(state.stories)
    metrics.STATE_ENTRIES.set(len(state))
    metrics.STATE_CLOCK.set(state.progress.clock / 1000)
    metrics.WITHHELD.set(len(state.withheld()))
