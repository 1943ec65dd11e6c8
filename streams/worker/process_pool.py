"""Prepare's work in child processes: neither a slow parse nor a crash of a C library touches the event loop.

The items of a batch that kills or hangs its child are done each alone; what fails alone twice is refused as `crashed`
or `timeout`, and the worker goes on.

Raw records through prepare in a child process, for the worker and for a replay alike.
"""

import asyncio
import ctypes
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from streams.config.settings import Settings
from streams.model.errors import Reason
from streams.model.records import RecordRef, StampedRef
from streams.prepare import batch
from streams.prepare.stage import Knowledge
from streams.runtime import metrics

In = TypeVar("In")
Out = TypeVar("Out")
PR_SET_PDEATHSIG = 1
OUT_OF_MEMORY = 77
"""Exit code of a child at its memory limit."""
SECONDS_AN_ITEM = 0.1
"""A batch may take so long for each of its items beyond the limit of one."""
SECONDS_A_MEGABYTE = 2.0
"""And so long for its size: a feed of 40,000 items is slow and not hostile."""


class Pool:
    """Runs one function over batches in a child process, restarted when it dies."""

    def __init__(
        self,
        work: Callable[[Sequence[Any]], list[Any]],
        setup: Callable[..., None],
        setup_arguments: tuple[Any, ...],
        *,
        item_seconds: float,
        memory_mb: int,
        size: Callable[[Any], int] = lambda _: 0,
        progressed: Callable[[], None] = lambda: None,
    ) -> None:
        self._work = work
        self._item_seconds = item_seconds
        self._size = size
        self._progressed = progressed
        self._pool = ProcessPool(
            max_workers=1,
            context=multiprocessing.get_context("spawn"),
            initializer=_start_child,
            initargs=(memory_mb, setup, setup_arguments),
        )

    async def run(self, batch: Sequence[In], refuse: Callable[[In, Reason, str], Out]) -> list[Out]:
        """The result of each item of the batch, in order; `refuse` makes the result of one that no child survives.

        `progressed` is told of each item that is done alone: a batch of many such items takes long and is not stuck.
        """
        if not batch:
            return []
        try:
            return await self._submit(batch)
        except (ProcessExpired, FutureTimeoutError) as error:
            metrics.RETRIES.labels("child").inc()
            if len(batch) > 1:
                results: list[Out] = []
                for item in batch:
                    results += await self.run([item], refuse)
                    self._progressed()
                return results
            first = error
        try:
            return await self._submit(batch)
        except FutureTimeoutError:
            return [
                refuse(
                    batch[0],
                    Reason.TIMEOUT,
                    f"not prepared within its time ({self._item_seconds:g} s and more by size), twice",
                )
            ]
        except ProcessExpired as error:
            code = error.exitcode if error.exitcode is not None else getattr(first, "exitcode", None)
            return [refuse(batch[0], Reason.CRASHED, f"preparing it ended the process twice (exit code {code})")]

    async def _submit(self, batch: Sequence[In]) -> list[Any]:
        limit = self._item_seconds + sum(map(self._size, batch)) / 1e6 * SECONDS_A_MEGABYTE
        if len(batch) > 1:
            limit += SECONDS_AN_ITEM * len(batch)
        future = self._pool.schedule(_exit_on_memory_error, args=(self._work, batch), timeout=limit)
        return list(await asyncio.wrap_future(future))  # type: ignore[arg-type]

    def stop(self) -> None:
        """Ends the child."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join(timeout=5)


def _exit_on_memory_error(work: Callable[[Sequence[Any]], list[Any]], batch: Sequence[Any]) -> list[Any]:
    """In the child: memory run out is a crash, for what was half done may be half true."""
    try:
        return work(batch)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _start_child(memory_mb: int, setup: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """In the child: dies with its parent, ignores the terminal's Ctrl-C, has a memory limit."""
    if os.uname().sysname == "Linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy reserves memory for each thread; none is used
    setup(*arguments)


def make_prepare_pool(settings: Settings, knowledge: Knowledge, progressed: Callable[[], None] = lambda: None) -> Pool:
    """A child that prepares, within the time and memory of the settings."""
    return Pool(
        batch.prepare_batch,
        batch.initialise_child,
        (knowledge,),
        item_seconds=settings.prepare.item_seconds,
        memory_mb=settings.prepare.memory_mb,
        size=lambda record: len(record.value or b""),
        progressed=progressed,
    )


def build_batch_record(record: Any) -> batch.RawMessage:
    """aiokafka's record of `news.raw` as it crosses to the child."""
    position = StampedRef(RecordRef(record.topic, record.partition, record.offset), record.timestamp)
    return batch.RawMessage(position, tuple(record.headers), record.value)
