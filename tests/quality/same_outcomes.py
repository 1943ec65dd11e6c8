"""Prints one hash of the log and one of the fold's outcomes, to show that a change of code changes no byte of them.

    python tests/quality/same_outcomes.py [--log FILE] [--batch N]

The public half of Reuters in the order of its dates, then 6,000 generated items, are prepared and decided with the
state on disk, as a worker does it. Each hash is a SHA-256: of all log records; of all decisions and output records with
their headers; of the state's entries. Call it before and after a change and compare. `--log` keeps the log in a file,
and reads it where the file is there: then only the fold is compared. The last line says what the fold cost.
"""

import argparse
import hashlib
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

import msgspec

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from quality.dedupe import KNOWLEDGE, RULES, reuters

from streams.decide.fold import apply
from streams.decide.state import State
from streams.decide.state_entries import encode_changes
from streams.generate import stream
from streams.model import codec
from streams.model.records import LogRecord, RecordRef, StampedRef
from streams.prepare.batch import RawMessage, prepare_message
from streams.worker.rocksdb_store import DiskStore

GENERATED = 6_000
BATCH = 250


def raw_messages() -> Iterator[tuple[dict[str, str], bytes]]:
    """Yields headers and body of each raw record."""
    for _, row in sorted(reuters().items(), key=lambda pair: (pair[1]["date"], pair[0])):
        fields = {name: row[name] for name in ("date", "title", "body")} | {"id": str(row["id"])}
        headers = {"source": "reuters", "received-at": row["date"], "content-type": "application/json"}
        yield headers, json.dumps(fields).encode()
    for item in stream(23, GENERATED, datetime(2026, 3, 2, 9, 0, tzinfo=UTC), rate=0.5):
        yield dict(item.headers), item.body


def prepare_log() -> list[bytes]:
    """Prepares all raw records and returns the values of the log."""
    values: list[bytes] = []
    for offset, (headers, body) in enumerate(raw_messages()):
        position = StampedRef(RecordRef("news.raw", 0, offset), 2_000_000_000_000)
        named = tuple((name, value.encode()) for name, value in headers.items())
        values += [value for _, value in prepare_message(RawMessage(position, named, body), KNOWLEDGE).records]
    return values


def read_log(file: Path | None) -> list[bytes]:
    """Reads the log from a file; prepares it, and keeps it there, where there is none."""
    if file is not None and file.exists():
        return msgspec.msgpack.decode(file.read_bytes(), type=list[bytes])
    values = prepare_log()
    if file is not None:
        file.write_bytes(msgspec.msgpack.encode(values))
    return values


def fold(records: list[LogRecord], batch: int, folder: Path) -> tuple[str, str, Counter[str], float]:
    """Folds the log. Returns the hash of the outcomes, that of the state, the outcomes counted, and CPU seconds."""
    state, outcomes, counts, spent = State(DiskStore(folder, "same")), hashlib.sha256(), Counter[str](), 0.0
    encode = msgspec.msgpack.encode
    for first in range(0, len(records), batch):
        began = process_time()
        changes = state.batch()
        decided = [
            apply(changes, record, first + at, RULES) for at, record in enumerate(records[first : first + batch])
        ]
        state.apply_rows(encode_changes(changes.changes), first + batch, changes.changes)
        spent += process_time() - began
        for decision, effects in decided:
            counts[decision.outcome.value] += 1
            outcomes.update(encode(effects))
    entries = digest(encode((key, entry)) for key, entry in sorted(state.entries().items()))
    state.close()
    return outcomes.hexdigest(), entries, counts, spent


def digest(parts: Iterable[bytes]) -> str:
    """Returns the SHA-256 of byte strings, one after another."""
    found = hashlib.sha256()
    for part in parts:
        found.update(part)
    return found.hexdigest()


def main() -> None:
    """Prints the hashes and the cost."""
    options = argparse.ArgumentParser()
    options.add_argument("--log", type=Path)
    options.add_argument("--batch", type=int, default=BATCH)
    asked = options.parse_args()
    values = read_log(asked.log)
    records = [codec.decode(value) for value in values]
    with tempfile.TemporaryDirectory(prefix="same-") as folder:
        outcomes, entries, counts, spent = fold(records, asked.batch, Path(folder) / "state")
    print(f"log       {digest(values)}  {len(values)} records")
    print(f"outcomes  {outcomes}  {dict(sorted(counts.items()))}")
    print(f"state     {entries}")
    print(f"fold      {spent / len(records) * 1e6:.0f} µs of CPU a record", file=sys.stderr)


if __name__ == "__main__":
    main()
