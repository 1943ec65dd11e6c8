"""Measures the CPU time of each step of an item: `python tests/bench/hotpath.py [--save]`.

Generated items go through a running worker, as `pipeline.py` runs it: the time of each step is measured there, and what
the worker spends beside its functions (in_place.py). Then they go through the same functions in one process, without
Kafka, which is the column `alone`, the least of three rounds. The last lines compare the sum with what the system says
of the worker's processes. Takes four minutes.
"""

import pickle
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from types import SimpleNamespace
from typing import ParamSpec, Protocol, TypeVar

from aiokafka.producer.message_accumulator import BatchBuilder

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import harness, in_place, pipeline, results

from streams.config.loader import load
from streams.decide.fold import apply
from streams.decide.parameters import DecideParams
from streams.decide.state import State
from streams.decide.state_entries import encode_changes
from streams.generate import stream
from streams.kafka.producer import BATCH_BYTES, OutgoingRecord
from streams.model import codec
from streams.model.records import Decision, Effect, RecordRef, StampedRef
from streams.prepare import batch, facts, ninjs_document, normalise, stage
from streams.prepare.classify.sectors import SectorFinder
from streams.prepare.facts import events
from streams.prepare.formats.document import Document
from streams.prepare.formats.registry import Format
from streams.prepare.loading import load_knowledge
from streams.prepare.text import fingerprint, references
from streams.runtime.logging import set_up
from streams.worker import decide_agent
from streams.worker.rocksdb_store import DiskStore

P = ParamSpec("P")
T = TypeVar("T")


class Timed(Protocol):
    """Returns a function with its CPU time added to a step."""

    def __call__(self, name: str, call: Callable[P, T], /) -> Callable[P, T]: ...


CHUNK = 64
REST_OF_PREPARE = "the rest of prepare: headers, JSON, evidence"
TO_CHILD = "to the child and back"
ZSTD = 4
PREPARE = {
    "language": ((stage, "detect_language"),),
    "classify: words, rules, codes, model": ((stage, "tokenize_item_with_headline"), (stage, "classify")),
    "sectors, occasions, references, ticker headline": (
        (SectorFinder, "find"),
        (events, "find_events"),
        (references, "read_references"),
        (stage, "build_ticker_headline"),
    ),
    "companies": ((stage, "resolve_companies"),),
    "facts": ((facts, "find_facts"),),
    "parts of the text, times, ids": (
        (normalise, "complete_story"),
        (normalise, "resolve_times"),
        (normalise, "resolve_identity"),
    ),
    "print and hash": ((fingerprint, "fingerprint_text"), (stage, "hash_text")),
    "safe HTML, the ninjs document": ((stage, "sanitise_html"), (ninjs_document, "build_document")),
}
WHY = {
    "find the format": "looks at the first bytes; the winner then parses",
    "parse": "lxml and orjson do most of it; parsed once",
    "language": "only where the wire gives none",
    "classify: words, rules, codes, model": "one pass over the words for all phrases; the same on any machine",
    "sectors, occasions, references, ticker headline": "readers filter and sort by them; a correction is joined by one",
    "companies": "one pass over the text for all names at once, however many the table has",
    "facts": "they keep look-alikes apart",
    "parts of the text, times, ids": "dateline, issuer, boilerplate and a wire's own time zone",
    "print and hash": "near-copies are found by them; the log carries it, so that the fold needs no text",
    "safe HTML, the ninjs document": "hostile HTML is normal; the body passes the fold as bytes",
    REST_OF_PREPARE: "the log record is written once",
    TO_CHILD: "a crash or a hang of a parser costs one item",
    "log record read": "typed and checked, once; the document in it stays bytes",
    "the fold": "candidates of one index compared fact by fact; the one place that must be in order",
    "state": "written once a batch, to the changelog and to RocksDB; read back at a restart",
    "record batches": "eleven headers a record, a record a category (schemas/README.md)",
    "compression": "zstd: a fifth of the bytes on network and disk",
    "metrics": "counted when it is committed",
}


class Clock:
    """Adds up the CPU seconds of each step."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)

    def timed(self, name: str, call: Callable[P, T]) -> Callable[P, T]:
        """Returns the function with its CPU time added to the step `name`."""

        def inner(*arguments: P.args, **named: P.kwargs) -> T:
            began = process_time()
            try:
                return call(*arguments, **named)
            finally:
                self.spent[name] += process_time() - began

        return inner


def generate_records(count: int) -> list[batch.RawMessage]:
    """Generates raw records."""
    return [
        batch.RawMessage(
            StampedRef(RecordRef("news.raw", 0, number), 0),
            tuple((name, value.encode()) for name, value in item.headers.items()),
            item.body,
        )
        for number, item in enumerate(stream(1, count, datetime(2026, 3, 2, 9, tzinfo=UTC)))
    ]


def patch_prepare(timed: Timed) -> list[tuple[object, str, object]]:
    """Replaces the functions of prepare by ones that are timed. Returns what stood there: owner, name, function."""
    kept = [(owner, name, getattr(owner, name)) for steps in PREPARE.values() for owner, name in steps]
    for step, steps in PREPARE.items():
        for owner, name in steps:
            setattr(owner, name, timed(step, getattr(owner, name)))
    find = timed("find the format", stage.find_format)
    kept.append((stage, "find_format", stage.find_format))

    def find_format(document: Document) -> Format | SimpleNamespace:
        found = find(document)
        return SimpleNamespace(name=found.name, parse=timed("parse", found.parse))

    stage.find_format = find_format  # type: ignore[assignment]
    return kept


def time_prepare(raws: list[batch.RawMessage], clock: Clock) -> list[batch.Prepared]:
    """Runs prepare with the time of its steps measured."""
    whole = Clock()
    work = whole.timed("whole", batch.prepare_batch)
    kept = patch_prepare(clock.timed)
    try:
        found = [each for at in range(0, len(raws), CHUNK) for each in work(raws[at : at + CHUNK])]
    finally:
        for module, name, function in kept:
            setattr(module, name, function)
    clock.spent[REST_OF_PREPARE] = whole.spent["whole"] - sum(clock.spent.values())
    return found


def cross_processes(raws: list[batch.RawMessage], results_: list[batch.Prepared]) -> None:
    """Pickles and unpickles what parent and child exchange, in both directions."""
    for rows in (raws, results_):
        for at in range(0, len(rows), CHUNK):
            pickle.loads(pickle.dumps(rows[at : at + CHUNK]))  # type: ignore[misc]


def time_record_batches(topics: dict[str, list[OutgoingRecord]], clock: Clock) -> None:
    """Builds and compresses record batches like the producer."""
    for rows in topics.values():
        began = process_time()
        batch = BatchBuilder(BATCH_BYTES, ZSTD, is_transactional=True, key_serializer=None, value_serializer=None)
        full = []
        for key, value, headers in rows:
            if batch.append(key=key, value=value, timestamp=None, headers=list(headers)) is None:
                full.append(batch)
                batch = BatchBuilder(
                    BATCH_BYTES, ZSTD, is_transactional=True, key_serializer=None, value_serializer=None
                )
                batch.append(key=key, value=value, timestamp=None, headers=list(headers))
        built = process_time()
        clock.spent["record batches"] += built - began
        for each in (*full, batch):
            each.close()
            each._build()
        clock.spent["compression"] += process_time() - built


def time_decide(values: list[bytes], clock: Clock) -> None:
    """Runs decide on batches of 64 with the time of its steps measured."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        state = State(DiskStore(Path(folder) / "store", "bench"))
        _decide_all(values, clock, state)
        state.close()


def _decide_all(values: list[bytes], clock: Clock, state: State) -> None:
    rules, offset = DecideParams.from_settings(load(environ={})), 0
    decode, fold = clock.timed("log record read", codec.decode), clock.timed("the fold", apply)
    encode, apply_rows = clock.timed("state", encode_changes), clock.timed("state", state.apply_rows)
    count = clock.timed("metrics", decide_agent._record_metrics)
    for at in range(0, len(values), CHUNK):
        overlay = state.batch()
        decisions: list[Decision] = []
        effects: list[Effect] = []
        for value in values[at : at + CHUNK]:
            decision, made = fold(overlay, decode(value), offset, rules)
            decisions.append(decision)
            effects.extend(made)
            offset += 1
        topics: dict[str, list[OutgoingRecord]] = {}
        for effect in effects:
            topics.setdefault(effect.topic, []).append((effect.key, effect.value, effect.headers))
        rows = encode(overlay.changes)
        topics["state"] = [(key.encode(), value, ()) for key, value in rows.items()]
        time_record_batches(topics, clock)
        apply_rows(rows, offset, overlay.changes)
        count(decisions, effects)


def measure_round(raws: list[batch.RawMessage]) -> dict[str, float]:
    """Measures one round: step -> CPU microseconds per item."""
    clock = Clock()
    found = time_prepare(raws, clock)
    clock.timed(TO_CHILD, cross_processes)(raws, found)
    rows = [(key, value, ()) for each in found for key, value in each.records]
    for at in range(0, len(rows), CHUNK):
        time_record_batches({"log": rows[at : at + CHUNK]}, clock)
    time_decide([value for _, value, _ in rows], clock)
    return {name: seconds / len(raws) * 1e6 for name, seconds in clock.spent.items()}


def measure_alone(count: int, rounds: int) -> dict[str, float]:
    """Measures the functions in this process: step -> CPU microseconds per item, the least of the rounds."""
    set_up("WARNING")
    batch.initialise_child(load_knowledge(load(environ={})))
    raws = generate_records(count)
    batch.prepare_batch(raws[:200])
    runs = [measure_round(raws) for _ in range(rounds)]
    return {name: min(run[name] for run in runs) for name in WHY}


def measure_in_place(count: int) -> pipeline.Figure:
    """Measures a running worker, with the time of its steps."""
    items = list(stream(1, count, datetime(2026, 3, 2, 9, tzinfo=UTC)))
    with harness.run_kafka() as running, tempfile.TemporaryDirectory(prefix="bench-") as folder:
        figures = Path(folder) / "figures"
        figures.mkdir()
        environ = {in_place.FOLDER: str(figures), "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
        return pipeline.measure(
            running, Path(folder), "exactly-once", items, environ, lambda: dict(in_place.read(figures))
        )


def build_rows(alone: dict[str, float], steps: dict[str, float]) -> list[results.Row]:
    """Builds the table: a row for each step, then a row for what each process spends beside its functions."""
    found: defaultdict[str, float] = defaultdict(float)
    for named, cost in steps.items():
        role, _, step = named.partition(": ")
        found[step if step in WHY else f"{role}: {step}"] += cost
    whole = sum(found.values())
    beside = sorted((name for name in found if name not in WHY), key=lambda name: -found[name])
    costs = [(name, found[name]) for name in (*WHY, *beside)]
    alone = {**alone, "all": sum(alone.values())}
    return [
        {
            "step": name,
            "µs an item": f"{cost:.0f}",
            "share": f"{cost / whole:.0%}",
            "alone": f"{alone[name]:.0f}" if name in alone else "",
            "why it stays": WHY.get(name, ""),
        }
        for name, cost in [*costs, ("all", whole)]
        if round(cost) or name in WHY
    ]


def main() -> None:
    options = results.build_parser(__doc__, "one round of 1,000 items")
    options.add_argument("--items", type=int, default=5_000)
    options.add_argument("--in-place-items", type=int, default=12_000)
    asked = options.parse_args()
    count, rounds, more = (1_000, 1, 3_000) if asked.quick else (asked.items, 3, asked.in_place_items)
    figure = measure_in_place(more)
    results.print_table("hotpath", build_rows(measure_alone(count, rounds), figure.steps), keep=asked.save)
    for part in harness.PARTS[:3]:
        own = sum(cost for name, cost in figure.steps.items() if name.startswith(f"{part}: "))
        print(f"{part}: the steps make {own:.0f} µs an item, the system says {figure.cpu[part]:.0f}")


if __name__ == "__main__":
    main()
