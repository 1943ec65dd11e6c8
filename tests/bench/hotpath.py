"""Measures the CPU time of each step of an item: `python tests/bench/hotpath.py [--save]`.

Generated items go through the functions of the pipeline in one process, without Kafka. The figures are CPU time per
item, the least of three rounds. The difference to `pipeline.py` is the cost of Kafka's protocol and Faust. Takes two
minutes.
"""

import pickle
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import ParamSpec, TypeVar

import msgspec
from aiokafka.producer.message_accumulator import BatchBuilder

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import results

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
from streams.prepare.classify import sectors
from streams.prepare.classify.phrases import PhraseFinder
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
CHUNK = 64
ZSTD = 4
PREPARE = {
    "language": ((stage, "detect_language"),),
    "words and phrases": ((stage, "tokenize_item_with_headline"), (sectors, "tokenize"), (PhraseFinder, "find")),
    "classify: rules, codes, model": ((stage, "classify"),),
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
    "words and phrases": "one pass over the words for all phrases, however many the rules have",
    "classify: rules, codes, model": "the same on any machine; the model only where it was measured to be right",
    "sectors, occasions, references, ticker headline": "readers filter and sort by them; a correction is joined by one",
    "companies": "one pass over the text for all names at once, however many the table has",
    "facts": "they keep look-alikes apart",
    "parts of the text, times, ids": "dateline, issuer, boilerplate and a wire's own time zone",
    "print and hash": "near-copies are found by them; the log carries it, so that the fold needs no text",
    "safe HTML, the ninjs document": "hostile HTML is normal; the body passes the fold as bytes",
    "the rest of prepare: headers, JSON, evidence": "the log record is written once",
    "to the child and back": "a crash or a hang of a parser costs one item",
    "log record read": "typed and checked, once; the document in it stays bytes",
    "the fold": "candidates of one index compared fact by fact; the one place that must be in order",
    "state": "written once a batch, to the changelog and to RocksDB; read back at a restart",
    "record batches": "eleven headers a record, a record a category (schemas/README.md)",
    "compression": "zstd: a fifth of the bytes on network and disk",
    "metrics": "counted when it is committed",
}


class Clock:
    """Adds up the CPU seconds of each step, without those of a step inside it."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self._inside = 0.0

    def timed(self, name: str, call: Callable[P, T]) -> Callable[P, T]:
        """Returns the function with its CPU time added to the step `name`."""

        def inner(*arguments: P.args, **named: P.kwargs) -> T:
            before, self._inside = self._inside, 0.0
            began = process_time()
            try:
                return call(*arguments, **named)
            finally:
                spent = process_time() - began
                self.spent[name] += spent - self._inside
                self._inside = before + spent

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


def _time_format(find: Callable[[Document], Format], clock: Clock) -> Callable[[Document], Format]:
    """Returns `find_format` with its time measured, and that of the `parse` of the format that it finds."""
    find = clock.timed("find the format", find)

    def inner(document: Document) -> Format:
        found = find(document)
        return msgspec.structs.replace(found, parse=clock.timed("parse", found.parse))

    return inner


def time_prepare(raws: list[batch.RawMessage], clock: Clock) -> list[batch.Prepared]:
    """Runs prepare with the time of its steps measured."""
    kept = [(module, name, getattr(module, name)) for steps in PREPARE.values() for module, name in steps]
    whole = Clock()
    for step, steps in PREPARE.items():
        for module, name in steps:
            setattr(module, name, clock.timed(step, getattr(module, name)))
    work = whole.timed("whole", batch.prepare_batch)
    kept.append((stage, "find_format", stage.find_format))
    stage.find_format = _time_format(stage.find_format, clock)  # type: ignore[assignment]
    try:
        found = [each for at in range(0, len(raws), CHUNK) for each in work(raws[at : at + CHUNK])]
    finally:
        for module, name, function in kept:
            setattr(module, name, function)
    clock.spent["the rest of prepare: headers, JSON, evidence"] = whole.spent["whole"] - sum(clock.spent.values())
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
        count(decisions, effects, state)


def measure_round(raws: list[batch.RawMessage]) -> dict[str, float]:
    """Measures one round: step -> CPU microseconds per item."""
    clock = Clock()
    found = time_prepare(raws, clock)
    clock.timed("to the child and back", cross_processes)(raws, found)
    rows = [(key, value, ()) for each in found for key, value in each.records]
    for at in range(0, len(rows), CHUNK):
        time_record_batches({"log": rows[at : at + CHUNK]}, clock)
    time_decide([value for _, value, _ in rows], clock)
    return {name: seconds / len(raws) * 1e6 for name, seconds in clock.spent.items()}


def measure(count: int, rounds: int) -> list[results.Row]:
    """Builds the table: a row for each step, with the least of the rounds."""
    set_up("WARNING")
    batch.initialise_child(load_knowledge(load(environ={})))
    raws = generate_records(count)
    batch.prepare_batch(raws[:200])
    runs = [measure_round(raws) for _ in range(rounds)]
    least = {name: min(run[name] for run in runs) for name in WHY}
    whole = sum(least.values())
    rows = [
        {"step": name, "µs an item": f"{cost:.0f}", "share": f"{cost / whole:.0%}", "why it stays": WHY[name]}
        for name, cost in least.items()
    ]
    return [*rows, {"step": "all", "µs an item": f"{whole:.0f}", "share": "", "why it stays": ""}]


def main() -> None:
    options = results.build_parser(__doc__, "one round of 1,000 items")
    options.add_argument("--items", type=int, default=5_000)
    asked = options.parse_args()
    count, rounds = (1_000, 1) if asked.quick else (asked.items, 3)
    results.print_table("hotpath", measure(count, rounds), keep=asked.save)


if __name__ == "__main__":
    main()
