"""Measures the memory of the decide process over many items: `python tests/bench/memory.py [--items 1000000] [--save]`.

Prepared items go through the log at full speed. Their received times are some seconds apart, so that three days
(`decide.window_hours` and `decide.memory_days`) hold 20,000 stories; after that one story expires for each new one.
The items are 30,000 different ones that repeat; an item has always expired when it comes again. The resident memory is
read after each twentieth of the items; from the second reading on the window is full. Each item must be published.
Takes about 8 minutes for a million items; `--quick` uses 60,000.
"""

import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import harness, log_items, results
from support import topic_reader

from streams.model import codec
from streams.model.records import Decision, Item
from streams.model.timestamps import format_rfc3339
from streams.model.topics import DECISIONS, LOG

STORIES, DISTINCT = 20_000, 30_000
STEP = timedelta(days=3) / STORIES
AHEAD = 20_000
"""Items in the log ahead of the worker: enough to keep it busy, and not so many that they fill the disk."""
SMALL = {
    "NEWSWIRE_DECIDE__WINDOW_HOURS": "72",
    "NEWSWIRE_DECIDE__MEMORY_DAYS": "3",
    "NEWSWIRE_TOPICS__RETENTION_DAYS": "1",
}


def build_records(first: int, count: int, known: list[Item]) -> Iterator[harness.OutgoingRecord]:
    """Builds log records by number: each repeats one of the known items, with a received time of its own."""
    for number in range(first, first + count):
        at = format_rfc3339((log_items.START + number * STEP).replace(microsecond=0))
        item = known[number % len(known)]
        origin = msgspec.structs.replace(item.origin, offset=number, timestamp=number)
        yield None, codec.encode(msgspec.structs.replace(item, origin=origin, received=at, version_created=at)), None


def measure(count: int, folder: Path, distinct: int) -> list[tuple[int, float]]:
    """Measures the resident memory after each twentieth of the items: items decided, MB."""
    known = [log_items.build_item(number) for number in range(distinct)]
    decode = msgspec.json.Decoder(Decision).decode
    found: list[tuple[int, float]] = []
    with harness.run_kafka() as running:
        settings = harness.make_settings(running.address)
        sent = harness.send_records(settings, LOG, build_records(0, min(count, AHEAD), known))
        reader, outcomes = topic_reader.build_tail_consumer(settings, DECISIONS), Counter[str]()
        with harness.run_worker(settings, folder, "--stage", "decide", environ=SMALL) as worker:
            usage, newest = harness.Usage(worker.process.pid, running), time.monotonic()
            while outcomes.total() < count:
                for message in reader.consume(1000, 0.1):
                    if not message.error():
                        outcomes[decode(message.value()).outcome.value] += 1
                        newest = time.monotonic()
                assert time.monotonic() - newest < 120, f"nothing decided for two minutes after {outcomes}"
                if sent < count and sent - outcomes.total() < AHEAD:
                    sent += harness.send_records(
                        settings, LOG, build_records(sent, min(AHEAD // 2, count - sent), known)
                    )
                if outcomes.total() >= count / 20 * (len(found) + 1):
                    found.append((outcomes.total(), usage.memory()["decide"]))
                    print(f"{found[-1][0]} items: {found[-1][1]:.0f} MB", file=sys.stderr, flush=True)
        reader.close()
    assert outcomes == {"published": count}, outcomes
    return found


def build_rows(found: list[tuple[int, float]], stories: int) -> list[results.Row]:
    """Builds the table from the readings with a full window."""
    full = [memory for done, memory in found if done >= 2 * stories] or [found[-1][1]]
    middle = statistics.median(full)
    return [
        {"what": "items; stories in the window", "measured": f"{found[-1][0]:,}; {stories:,}"},
        {"what": "memory with the window full, MB (median)", "measured": f"{middle:.0f}"},
        {"what": "least and most of it", "measured": f"{min(full) / middle - 1:+.1%} {max(full) / middle - 1:+.1%}"},
        {"what": "last reading against the first", "measured": f"{full[-1] / full[0] - 1:+.1%}"},
    ]


def main() -> None:
    options = results.build_parser(__doc__, "60,000 items")
    options.add_argument("--items", type=int, default=1_000_000)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        found = measure(60_000 if asked.quick else asked.items, Path(folder), DISTINCT)
    results.print_table("memory", build_rows(found, STORIES), keep=asked.save)
    if asked.save:
        results.save("memory-curve", [{"items": done, "MB": round(memory)} for done, memory in found])


if __name__ == "__main__":
    main()
