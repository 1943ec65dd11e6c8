"""Measures where a running worker spends its CPU time; `hotpath.py` calls it.

`python -m bench.in_place` stands in for `python -m streams` in all processes of a worker. It times the functions of
each step on the main thread, without the steps that they call and without the collector of cycles. What the main thread
spends beside them is the event loop, with Faust and Kafka's protocol. Other threads are measured whole. So the figures
of a process add up to its CPU time, as `pipeline.py` measures it. The timing costs some 10 µs an item.
"""

import gc
import json
import os
import sys
import threading
import time
import types
from collections import defaultdict
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
FOLDER = "NEWSWIRE_BENCH_FOLDER"
WRITE_SECONDS = 0.25
COLLECTOR = "collector of cycles"
LOOP = "event loop: Faust, asyncio, Kafka's protocol"
THREADS = "other threads: fetches, heartbeats, pickling"
NATIVE = "threads of libraries"
CHILD, PARENT, DECIDE = "prepare, child", "prepare, parent", "decide"
Figures = dict[str, float]
"""Step -> CPU seconds so far, of one process."""


class StepClock:
    """Adds up the CPU seconds of steps on the main thread; a step is without the steps that it calls."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self._within: list[float] = []
        """For each step that runs, the seconds of the steps that it called."""
        self._main = threading.get_ident()
        self._collecting = 0.0

    def timed(self, name: str, call: Callable[P, T]) -> Callable[P, T]:
        """Returns the function with its CPU time added to the step `name`."""

        def inner(*arguments: P.args, **named: P.kwargs) -> T:
            began = time.thread_time()
            self._within.append(0.0)
            try:
                return call(*arguments, **named)
            finally:
                self._end(name, time.thread_time() - began)

        return inner

    def timed_coroutine(
        self, name: str, call: Callable[P, Coroutine[Any, Any, T]]
    ) -> Callable[P, Coroutine[Any, Any, T]]:
        """Returns the coroutine function with the CPU time of its steps added to `name`; what it waits for is not."""

        @types.coroutine
        def drive(coroutine: Coroutine[Any, Any, T]) -> Generator[Any, Any, T]:
            resume: Callable[[], Any] = partial(coroutine.send, None)
            while True:
                try:
                    waiting = self.timed(name, resume)()
                except StopIteration as end:
                    return end.value  # type: ignore[no-any-return]
                try:
                    resume = partial(coroutine.send, (yield waiting))
                except BaseException as error:  # goes to the coroutine, which may handle it
                    resume = partial(coroutine.throw, error)

        async def inner(*arguments: P.args, **named: P.kwargs) -> T:
            return await drive(call(*arguments, **named))

        return inner

    def _end(self, name: str, took: float) -> None:
        self.spent[name] += took - self._within.pop()
        if self._within:
            self._within[-1] += took

    def time_collector(self) -> None:
        """Times the collector from now on."""
        gc.callbacks.append(self._note)

    def _note(self, phase: str, _: dict[str, int]) -> None:
        if threading.get_ident() != self._main:
            return
        if phase == "start":
            self._within.append(0.0)
            self._collecting = time.thread_time()
        else:
            self._end(COLLECTOR, time.thread_time() - self._collecting)


def start(role: str, clock: StepClock, rest: str = LOOP) -> None:
    """Times the collector, and writes the figures of this process to a file in the background.

    `rest` names what the main thread spends beside the steps.
    """
    clock.time_collector()
    main = threading.main_thread()
    target = Path(os.environ[FOLDER]) / f"{role} {os.getpid()}.json"

    def measure() -> Figures:
        spent = dict(clock.spent)
        own = threading.get_ident()
        on_main = _thread_seconds(main)
        others = sum(_thread_seconds(each) for each in threading.enumerate() if each.ident != own and each is not main)
        whole = time.process_time() - time.thread_time()
        named = {rest: on_main - sum(spent.values()), THREADS: others, NATIVE: whole - on_main - others}
        return {**spent, **{name: spent.get(name, 0.0) + max(0.0, seconds) for name, seconds in named.items()}}

    def write() -> None:
        new = target.with_suffix(".new")
        while True:
            new.write_text(json.dumps(measure()))
            new.replace(target)
            time.sleep(WRITE_SECONDS)

    threading.Thread(target=write, daemon=True).start()


def _thread_seconds(thread: threading.Thread) -> float:
    return time.clock_gettime(time.pthread_getcpuclockid(thread.ident)) if thread.ident and thread.is_alive() else 0.0


def read(folder: Path) -> Figures:
    """Reads the figures of all processes: `role: step` -> CPU seconds so far."""
    found: defaultdict[str, float] = defaultdict(float)
    for path in folder.glob("*.json"):
        for step, seconds in json.loads(path.read_text()).items():
            found[f"{path.stem.rpartition(' ')[0]}: {step}"] += seconds
    return found


def time_sending(clock: StepClock) -> None:
    """Times the producer of a process."""
    from aiokafka.producer.message_accumulator import BatchBuilder

    from streams.kafka.producer import Outbox

    Outbox.send = clock.timed_coroutine("record batches", Outbox.send)  # type: ignore[method-assign]
    BatchBuilder._build = clock.timed("compression", BatchBuilder._build)


def time_decide() -> None:
    """Times the steps of decide in this process."""
    from streams.decide.state import State
    from streams.model import codec
    from streams.worker import decide_agent

    clock = StepClock()
    codec.decode_record = clock.timed("log record read", codec.decode_record)
    decide_agent.apply = clock.timed("the fold", decide_agent.apply)
    decide_agent.encode_changes = clock.timed("state", decide_agent.encode_changes)
    State.apply_rows = clock.timed("state", State.apply_rows)  # type: ignore[method-assign]
    decide_agent._record_metrics = clock.timed("metrics", decide_agent._record_metrics)
    time_sending(clock)
    start(DECIDE, clock)


def time_parent() -> None:
    """Times the steps of a process that prepares, without its child."""
    from streams.worker import prepare_agent

    clock = StepClock()
    prepare_agent._record_metrics = clock.timed("metrics", prepare_agent._record_metrics)
    time_sending(clock)
    start(PARENT, clock)


def time_child() -> None:
    """Times the steps of prepare in this process."""
    from bench import hotpath

    from streams.prepare import batch

    clock = StepClock()
    hotpath.patch_prepare(clock.timed)
    batch.prepare_batch = clock.timed(hotpath.REST_OF_PREPARE, batch.prepare_batch)
    start(CHILD, clock, rest=hotpath.TO_CHILD)


def main() -> None:
    """Runs a command of the program, with its child processes timed too."""
    from streams.cli.main import main as run
    from streams.runtime import supervisor

    def build_command(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "bench.in_place", *arguments]

    supervisor.build_command = build_command
    if "--part" in sys.argv:
        (time_decide if sys.argv[sys.argv.index("--part") + 1] == "decide" else time_parent)()
    run()


if __name__ == "__main__":
    main()
elif __name__ == "__mp_main__":  # the child of prepare: multiprocessing imports the main module of its parent
    time_child()
