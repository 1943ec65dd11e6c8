"""Memory of the worker that decides, over many items: `python tests/bench/memory.py [--items 1000000] [--save]`.

Prepared items go through the log at full speed, each some seconds of received time after the one before, so that
`decide.window_hours` and `decide.memory_days` (a day each) hold 20,000 stories and then one expires for each that
comes: the same 30,000 items over and over, each long forgotten when it comes again. The resident memory is read each
time a twentieth of the items is through; the window is full from the second reading on. Outcomes are counted: each item
must be published. Takes about 8 minutes for a million; `--quick` for 40,000.
"""

import statistics
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import filled, line, results
from support import topic_reader

from streams.model import codec
from streams.model.records import Decision
from streams.model.timestamps import format_rfc3339
from streams.model.topics import DECISIONS, LOG

STORIES, DISTINCT = 20_000, 30_000
STEP = timedelta(days=1) / STORIES
AHEAD = 20_000
"""Items in the log before the worker: the harness must not be what is measured, nor the disk fill up at once."""
SMALL = {"NEWSWIRE_DECIDE__WINDOW_HOURS": "24", "NEWSWIRE_DECIDE__MEMORY_DAYS": "1"}


def items(first: int, count: int, known: list[Any]) -> Any:
    """Log records of items by number: id and text of one of the distinct items, a time of their own."""
    for number in range(first, first + count):
        at = format_rfc3339((filled.START + number * STEP).replace(microsecond=0))
        item = known[number % len(known)]
        origin = msgspec.structs.replace(item.origin, offset=number, timestamp=number)
        yield None, codec.encode(msgspec.structs.replace(item, origin=origin, received=at, version_created=at)), None


def measure(count: int, folder: Path, distinct: int) -> list[tuple[int, float]]:
    """Items decided and MB resident, at each twentieth."""
    known = [filled.item(number) for number in range(distinct)]
    decode = msgspec.json.Decoder(Decision).decode
    found: list[tuple[int, float]] = []
    with line.kafka() as running:
        settings = line.make_settings(running.address)
        sent = line.fill(settings, LOG, items(0, min(count, AHEAD), known))
        reader, fates = topic_reader.build_tail_consumer(settings, DECISIONS), Counter[str]()
        with line.working(settings, folder, "--stage", "decide", environ=SMALL) as worker:
            usage, heard = line.Usage(worker.process.pid, running), time.monotonic()
            while fates.total() < count:
                for message in reader.consume(1000, 0.1):
                    if not message.error():
                        fates[decode(message.value()).outcome.value] += 1
                        heard = time.monotonic()
                assert time.monotonic() - heard < 120, f"nothing decided for two minutes after {fates}"
                if sent < count and sent - fates.total() < AHEAD:
                    sent += line.fill(settings, LOG, items(sent, min(AHEAD // 2, count - sent), known))
                if fates.total() >= count / 20 * (len(found) + 1):
                    found.append((fates.total(), usage.memory()["decide"]))
                    print(f"{found[-1][0]} items: {found[-1][1]:.0f} MB", file=sys.stderr, flush=True)
        reader.close()
    assert fates == {"published": count}, fates
    return found


def rows(found: list[tuple[int, float]], stories: int) -> list[dict[str, Any]]:
    """The table, from the first reading with a full window on."""
    full = [memory for done, memory in found if done >= 2 * stories] or [found[-1][1]]
    middle = statistics.median(full)
    return [
        {"what": "items; stories in the window", "measured": f"{found[-1][0]:,}; {stories:,}"},
        {"what": "memory with the window full, MB (median)", "measured": f"{middle:.0f}"},
        {"what": "least and most of it", "measured": f"{min(full) / middle - 1:+.1%} {max(full) / middle - 1:+.1%}"},
        {"what": "last reading against the first", "measured": f"{full[-1] / full[0] - 1:+.1%}"},
    ]


def main() -> None:
    options = results.arguments(__doc__, "60,000 items")
    options.add_argument("--items", type=int, default=1_000_000)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        found = measure(60_000 if asked.quick else asked.items, Path(folder), DISTINCT)
    results.show("memory", rows(found, STORIES), keep=asked.save)
    if asked.save:
        results.save("memory-curve", [{"items": done, "MB": round(memory)} for done, memory in found])


if __name__ == "__main__":
    main()
