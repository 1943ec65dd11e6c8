"""The collector of cycles looks only at what came after the start, and its pauses are counted."""

import asyncio
import gc
import importlib
import pkgutil
import subprocess
import sys

import msgspec
from prometheus_client import REGISTRY

import streams.decide
import streams.model
from streams.runtime import probes
from streams.runtime.collector import PauseClock

FREEZE = """
import gc
from streams.runtime import collector
held = [[number] for number in range(100_000)]
collector.freeze()
print(gc.get_threshold(), gc.get_freeze_count() >= 100_000, len(gc.get_objects()) < 1_000)
"""


def test_what_a_process_has_loaded_is_set_aside() -> None:
    done = subprocess.run([sys.executable, "-c", FREEZE], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "(5000, 20, 50) True True\n"


def test_the_collector_does_not_look_at_immutable_structs() -> None:
    modules = [
        importlib.import_module(found.name)
        for package in (streams.model, streams.decide)
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
    ]
    structs = {
        each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, msgspec.Struct) and each.__struct_config__.frozen
    }
    own = {each for each in structs if each.__module__.startswith(("streams.model.", "streams.decide."))}
    assert len(own) > 20
    # The tables of sources and of topics are made once; a struct with a dict of its own must be looked at.
    assert {each.__name__ for each in own if each.__struct_config__.gc} == {"Source", "Topic"}


def test_each_pause_is_noted_once() -> None:
    clock = PauseClock()
    clock.start()
    try:
        clock.take()
        gc.collect()
        gc.collect()
        pauses = clock.take()
        assert len(pauses) >= 2
        assert min(pauses) > 0
        assert len(clock.take()) < 2
    finally:
        clock.stop()
    gc.collect()
    assert clock.take() == []


def test_a_running_process_counts_its_pauses() -> None:
    def count() -> float:
        return REGISTRY.get_sample_value("newswire_collector_pause_seconds_count") or 0.0

    async def run() -> None:
        before = count()
        measuring = asyncio.create_task(probes.measure_collector())
        await asyncio.sleep(0)
        gc.collect()
        while count() == before:
            await asyncio.sleep(0.05)
        measuring.cancel()
        await asyncio.gather(measuring, return_exceptions=True)

    callbacks = len(gc.callbacks)
    asyncio.run(run())
    assert len(gc.callbacks) == callbacks
