"""Runs prepare in child processes, for the worker, for a replay and for `newswire process`.

Neither a slow parse nor a crash of a C library touches the event loop. When a batch kills or hangs the child, its items
run again one by one. An item that crashes alone twice is refused as `crashed`. An item that is too slow alone after its
batch was too slow is refused as `timeout` at once: each further try would delay the good items beside it. The time is
the child's own CPU time, so a good item is not refused because the machine is busy. A child that dies without work
costs no item.
"""

import asyncio
import ctypes
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Generic, TypeVar

import msgspec
import structlog
from pebble import ProcessExpired, ProcessPool

from streams.config.settings import Settings
from streams.kafka.consumer import ConsumedRecord
from streams.model.errors import Reason
from streams.model.records import RecordRef, StampedRef
from streams.prepare import batch
from streams.prepare.loading import KnowledgeFiles
from streams.runtime import metrics
from streams.worker import prepare_child

log = structlog.get_logger()
In = TypeVar("In")
Out = TypeVar("Out")
Out2 = TypeVar("Out2")
PR_SET_PDEATHSIG = 1
LOW_PRIORITY = 10
"""The niceness of the set-up of a spare: beside a busy process it gets a tenth of a core."""
OUT_OF_MEMORY = 77
"""Exit code of a child at its memory limit."""
SECONDS_AN_ITEM = 0.1
"""Time that a batch gets for each of its items, beside the limit of one item."""
PATIENCE = 6
"""A batch gets so many times its CPU time by the clock. Only a parser that waits for something needs more."""
SECONDS_A_MEGABYTE = 2.0
"""Time that a batch gets for its size: a feed of 40,000 items is slow and not hostile."""


class ChildStart(msgspec.Struct):
    """How the next child process of a pool starts. Each child gets it as it is at that moment."""

    memory_mb: int
    setup: Callable[..., None]
    arguments: tuple[object, ...]
    is_spare: bool
    """Its set-up leaves the processor to the child whose place it will take."""


class Pool(Generic[In, Out]):
    """Runs one function over batches in a child process, and starts the child again when it dies."""

    def __init__(
        self,
        work: Callable[[Sequence[In]], list[Out]],
        setup: Callable[..., None],
        setup_arguments: tuple[object, ...],
        *,
        item_seconds: float,
        memory_mb: int,
        size: Callable[[In], int] = lambda _: 0,
        on_progress: Callable[[], None] = lambda: None,
        is_spare: bool = False,
    ) -> None:
        self._work = work
        self._item_seconds = item_seconds
        self._size = size
        self._on_progress = on_progress
        self._start = ChildStart(memory_mb, setup, setup_arguments, is_spare)
        self._is_stopped = False
        self._batches = 0
        self._is_idle = asyncio.Event()
        self._pool = self._make_pool()
        self._running: ProcessPool | None = None

    def _make_pool(self) -> ProcessPool:
        return ProcessPool(
            max_workers=1,
            context=multiprocessing.get_context("spawn"),
            initializer=_start_child,
            initargs=(self._start,),
        )

    @property
    def batches(self) -> int:
        """How many batches run or wait in the child process."""
        return self._batches

    async def run(self, batch: Sequence[In], refuse: Callable[[In, Reason, str], Out]) -> list[Out]:
        """Returns the result of each item, in order; `refuse` makes that of an item that no child survives.

        Calls `on_progress` after each item that runs alone: such a batch takes long, but it is not stuck.
        """
        if not batch:
            return []
        self._batches += 1
        self._is_idle.clear()
        try:
            return await self._run_all(batch, refuse)
        finally:
            self._batches -= 1
            if not self._batches:
                self._is_idle.set()

    async def _run_all(self, batch: Sequence[In], refuse: Callable[[In, Reason, str], Out]) -> list[Out]:
        try:
            return await self._submit(batch)
        except (ProcessExpired, FutureTimeoutError) as error:
            metrics.RETRIES.labels("child").inc()
            failed = error
        if len(batch) == 1:
            return [await self._run_again(batch[0], failed, refuse)]
        results: list[Out] = []
        for item in batch:
            try:
                results += await self._submit([item])
            except (ProcessExpired, FutureTimeoutError) as error:
                metrics.RETRIES.labels("child").inc()
                if isinstance(failed, FutureTimeoutError) and isinstance(error, FutureTimeoutError):
                    results.append(self._refuse_slow(item, refuse))
                else:
                    results.append(await self._run_again(item, error, refuse))
            self._on_progress()
        return results

    async def _run_again(self, item: In, first: BaseException, refuse: Callable[[In, Reason, str], Out]) -> Out:
        """Runs an item that failed alone a second and last time."""
        try:
            return (await self._submit([item]))[0]
        except FutureTimeoutError:
            return self._refuse_slow(item, refuse)
        except ProcessExpired as error:
            code = error.exitcode if error.exitcode is not None else getattr(first, "exitcode", None)
            return refuse(item, Reason.CRASHED, f"preparing it ended the process twice (exit code {code})")

    def _refuse_slow(self, item: In, refuse: Callable[[In, Reason, str], Out]) -> Out:
        limit = f"{self._item_seconds:g} s and more by size"
        return refuse(item, Reason.TIMEOUT, f"not prepared within its time ({limit}), twice")

    async def _submit(self, batch: Sequence[In]) -> list[Out]:
        """Runs a batch in the child. Raises `ProcessExpired` and `TimeoutError` where the batch ends the child.

        Where the child died while it had no work, pebble gives up the whole pool: it gets a new one, and the batch runs
        there.
        """
        for is_last in (False, True):
            pool = self._pool
            try:
                return await self._run_in(pool, batch)
            except RuntimeError as error:
                if self._is_stopped or pool.active:  # it is not the pool that failed
                    raise
                if self._pool is pool:
                    log.warning("child_died", why="it had no work; killed from outside, or out of memory")
                    metrics.RETRIES.labels("child").inc()
                    pool.stop()  # type: ignore[no-untyped-call]
                    self._pool = self._make_pool()
                if is_last:
                    raise ProcessExpired(str(error)) from error  # type: ignore[no-untyped-call]
        raise AssertionError

    async def _run_in(self, pool: ProcessPool, batch: Sequence[In]) -> list[Out]:
        limit = self._item_seconds + sum(map(self._size, batch)) / 1e6 * SECONDS_A_MEGABYTE
        if len(batch) > 1:
            limit += SECONDS_AN_ITEM * len(batch)
        if pool is not self._running:
            # The first question starts the child, and waits until it has read its arguments: seconds on a busy machine.
            await asyncio.to_thread(lambda: pool.active)
            self._running = pool
        future = pool.schedule(_work_within, args=(limit, self._work, batch), timeout=limit * PATIENCE)
        try:
            return list(await asyncio.wrap_future(future))  # type: ignore[arg-type]
        except ProcessExpired as error:
            if error.exitcode == -signal.SIGPROF:
                raise FutureTimeoutError from error
            raise

    async def check(self, function: Callable[[], Out2], seconds: float) -> Out2:
        """Calls a function in the child of a spare, at low priority; the pool is no spare any more when it returns.

        Raises what the function raises, `ProcessExpired`, or `TimeoutError` after `seconds`.
        """
        pool = self._pool
        await asyncio.to_thread(lambda: pool.active)
        result = await asyncio.wrap_future(pool.schedule(_call_at_low_priority, args=(function,), timeout=seconds))
        self._running, self._start.is_spare = pool, False
        return result  # type: ignore[no-any-return]

    async def retire(self) -> None:
        """Stops the child process once the batches that run in it are done."""
        while self._batches:
            await self._is_idle.wait()
        await asyncio.to_thread(self.stop)

    def stop(self) -> None:
        """Stops the child process."""
        self._is_stopped = True
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join(timeout=5)


class PoolGroup(Generic[In, Out]):
    """Spreads batches over child processes, each in a pool of its own: the fault of one delays no other."""

    def __init__(self, pools: Sequence[Pool[In, Out]]) -> None:
        self._pools = pools

    @property
    def most_batches(self) -> int:
        """How many batches keep all children at work: each has one, and finds the next one waiting."""
        return 2 * len(self._pools)

    async def run(self, batch: Sequence[In], refuse: Callable[[In, Reason, str], Out]) -> list[Out]:
        """Runs a batch as `Pool.run`, in the child that has least to do. A child starts with its first batch."""
        return await min(self._pools, key=lambda pool: pool.batches).run(batch, refuse)

    def stop(self) -> None:
        """Stops the child processes."""
        for pool in self._pools:
            pool.stop()


PreparePool = Pool[batch.RawMessage, batch.Prepared]
PreparePools = PoolGroup[batch.RawMessage, batch.Prepared]


def _work_within(seconds: float, work: Callable[[Sequence[In]], list[Out]], batch: Sequence[In]) -> list[Out]:
    """Runs the work in the child, which SIGPROF ends after so much CPU time, also within a C library.

    Crashes where memory runs out: a result made then may be wrong.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        return work(batch)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _start_child(start: ChildStart) -> None:
    """Makes the child die with its parent, ignore the terminal and have a memory limit; then sets it up."""
    if os.uname().sysname == "Linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    for number in (signal.SIGINT, signal.SIGHUP):  # both are for its parent
        signal.signal(number, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (start.memory_mb << 20, start.memory_mb << 20))
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy reserves memory for each thread; none is used
    if start.is_spare:
        _call_at_low_priority(start.setup, *start.arguments)
    else:
        start.setup(*start.arguments)


def _call_at_low_priority(function: Callable[..., Out2], *arguments: object) -> Out2:
    """Calls a function in a thread that leaves the processor to others. Only Linux has priorities of threads.

    A process may give its own priority away, and not take it back: so the thread ends with the call.
    """
    lower = os.nice if os.uname().sysname == "Linux" else int
    with ThreadPoolExecutor(1, initializer=lower, initargs=(LOW_PRIORITY,)) as thread:
        return thread.submit(function, *arguments).result()


def make_prepare_pool(
    settings: Settings,
    files: KnowledgeFiles,
    on_progress: Callable[[], None] = lambda: None,
    *,
    is_spare: bool = False,
) -> PreparePool:
    """Makes a pool whose child prepares raw records with these files, within the time and memory of the settings."""
    return Pool(
        batch.prepare_batch,
        prepare_child.set_up,
        (files,),
        item_seconds=settings.prepare.item_seconds,
        memory_mb=settings.prepare.memory_mb,
        size=lambda record: len(record.value or b""),
        on_progress=on_progress,
        is_spare=is_spare,
    )


def make_prepare_pools(settings: Settings, files: KnowledgeFiles, workers: int) -> PreparePools:
    """Makes pools for a replay or for files: so many child processes prepare raw records."""
    return PoolGroup([make_prepare_pool(settings, files) for _ in range(workers)])


def build_raw_message(record: ConsumedRecord) -> batch.RawMessage:
    """Builds the message to the child from a record of `news.raw`."""
    position = StampedRef(RecordRef(record.topic, record.partition, record.offset), record.timestamp)
    return batch.RawMessage(position, tuple(record.headers), record.value)
