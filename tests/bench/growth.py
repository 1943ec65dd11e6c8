"""Measures the cost of a decision and of a story as the window fills: `python tests/bench/growth.py [STORIES…]`.

The state on disk is filled, batch by batch, with the entries of many stories, whose fingerprints are random. Then new
stories and near-copies of the newest and oldest stories are decided like in the worker: expiry, fold, encoding, merge.
The time is CPU time of this process including RocksDB's threads; memory is the growth of the process. At the end the
state is opened again, as after a restart. pytest runs it as a smoke test.
"""

import random
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from time import perf_counter, process_time, sleep
from typing import NamedTuple

import msgspec
from bench.dedupe import BATCH, RULES, _origin, build_story, resident_bytes

from streams.decide.fold import apply
from streams.decide.output_records import build_uri
from streams.decide.parameters import parse_milliseconds
from streams.decide.state import State
from streams.decide.state_entries import (
    Alias,
    Progress,
    SeenVersion,
    StoredFingerprint,
    StoryEntry,
    StoryStatus,
    StoryWire,
    encode_changes,
    fingerprint_key,
    index_keys,
)
from streams.model.records import TextFingerprint
from streams.worker.rocksdb_store import DiskStore

MEASURED = 4_000
COPIES = 10
"""One of so many items is a near-copy."""


class Row(NamedTuple):
    """A row of the table."""

    stories: int
    decision_us: float
    near_copies_found: float
    memory_each: float
    disk_each: float
    opened_seconds: float


@cache
def _fingerprint(number: int) -> TextFingerprint:
    return build_story(number).fingerprint


def build_entries(number: int, rng: random.Random, clock: int) -> dict[str, object]:
    """Builds the entries that a story leaves in the state."""
    noise = rng.randbytes(256)
    mark = _fingerprint(number % 50)
    mark = msgspec.structs.replace(
        mark, minhash=noise, opening=rng.randbytes(96), title=tuple(noise[at : at + 4].hex() for at in range(0, 36, 4))
    )
    uri, key, digest = build_uri("alphawire", f"f-{number}"), f"id alphawire f-{number}", rng.randbytes(32).hex()
    version, received = SeenVersion(key, "2031-03-04T11:59:00Z", "1", digest), "2031-03-04T12:00:00Z"
    return {
        f"story {uri}": StoryEntry(
            expires=clock + RULES.memory,
            uri=uri,
            source="alphawire",
            version=1,
            status=StoryStatus.LIVE,
            current=version,
            seen=(version,),
            topics=("companies", "companies.events"),
            labels=(),
            headline=" ".join(mark.title),
            has_body=True,
            symbols=("XNAS:BRKV",),
            opened=received,
            first_created=received,
            wires=(StoryWire("alphawire", received),),
            fingerprint_number=number,
        ),
        key: Alias(expires=clock + RULES.memory, uris=(uri,)),
        f"text {digest}": Alias(expires=clock + RULES.window, uris=(uri,)),
        fingerprint_key(number): StoredFingerprint(
            expires=clock + RULES.window,
            uri=uri,
            source="alphawire",
            received=clock,
            version=1,
            fingerprint=mark,
            keys=index_keys(mark),
        ),
    }


def fill_state(state: State, first: int, last: int, clock: int) -> None:
    """Fills the state with the stories `first` to `last`."""
    rng = random.Random(first)
    for at in range(first, last, BATCH):
        changes = {"progress": Progress(next_offset=at, clock=clock)}
        for number in range(at, min(last, at + BATCH)):
            changes |= build_entries(number, rng, clock)  # type: ignore[arg-type]
        state.apply_rows(encode_changes(changes), at)


def wait_for_compaction(state: State) -> None:
    """Waits until RocksDB has compacted the filled data, which is not part of the cost of a decision."""
    database = state._store._db  # type: ignore[attr-defined]
    while any(
        database.property_int_value(f"rocksdb.{name}")
        for name in ("num-running-compactions", "num-running-flushes", "compaction-pending")
    ):
        sleep(0.2)


def measure_decisions(state: State, first: int, size: int) -> tuple[float, float]:
    """Measures the CPU microseconds of a decision, and the share of near-copies found."""
    spent, copies, found = 0.0, 0, 0
    for at in range(0, MEASURED, BATCH):
        numbers = [10**9 + size * 10 + at + each for each in range(BATCH)]
        items = [
            build_story(number - COPIES // 2, copy=True) if each % COPIES == COPIES - 1 else build_story(number)
            for each, number in enumerate(numbers)
        ]
        copies += BATCH // COPIES
        records = [msgspec.structs.replace(item, origin=_origin(first + at + each)) for each, item in enumerate(items)]
        began = process_time()
        overlay = state.batch()
        fates = [apply(overlay, item, first + at + each, RULES)[0].outcome.value for each, item in enumerate(records)]
        state.apply_rows(encode_changes(overlay.changes), first + at, overlay.changes)
        spent += process_time() - began
        found += fates.count("duplicate")
    return spent / MEASURED * 1e6, found / copies


def measure(sizes: list[int]) -> Iterator[Row]:
    """Fills one state up to each size and yields a row for each."""
    filled = 0
    clock = parse_milliseconds("2031-03-04T12:00:00Z")
    build_story(1)
    with tempfile.TemporaryDirectory(prefix="growth-") as folder:
        store = Path(folder) / "store"
        before = resident_bytes()
        state = State(DiskStore(store, "bench"))
        for size in sizes:
            fill_state(state, filled, size, clock)
            wait_for_compaction(state)
            cost, found = measure_decisions(state, size, size)
            filled = size + MEASURED
            grown = (resident_bytes() - before) / filled
            on_disk = sum(file.stat().st_size for file in store.iterdir()) / filled
            state.close()
            del state
            began = perf_counter()
            state = State(DiskStore(store, "bench"))
            yield Row(filled, cost, found, grown, on_disk, perf_counter() - began)
        state.close()


def test_growth_is_measured() -> None:
    [row] = measure([BATCH])
    assert row.stories == BATCH + MEASURED
    assert row.near_copies_found == 1.0


if __name__ == "__main__":
    print("| stories in the window | µs of CPU a decision | near-copies found | memory a story | on disk | opened |")
    print("| --- | --- | --- | --- | --- | --- |")
    for row in measure(sorted(map(int, sys.argv[1:] or ("10000", "100000", "1000000")))):
        print(
            f"| {row.stories:,} | {row.decision_us:,.0f} | {row.near_copies_found:.1%} "
            f"| {row.memory_each:,.0f} | {row.disk_each:,.0f} | {row.opened_seconds:.1f} s |",
            flush=True,
        )
