"""Measures the latency of the pipeline: `python tests/bench/latency.py [--rates 10,250,1000] [--seconds 25] [--save]`.

Items that were generated before go in at a steady rate, and an independent reader (`read_committed`) reads them from
`news.latest`, the topic with all published items. The latency is the time from the call that sends the raw record to
its arrival at the reader. It is measured for both delivery guarantees, then at 500 items a second for the settings
that buffer. If a rate is above the capacity of the machine, the figures show the backlog. Takes about 11 minutes.
"""

import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import harness, results
from support import flow, topic_reader
from support.live_traffic import LiveTraffic
from support.wait import wait_until

from streams.generate import stream
from streams.kafka.embedded import broker

DELIVERIES = ("at-least-once", "exactly-once")
BROKER_WARM_UP = (500, 40.0)
"""Items per second, and seconds, before the first measurement: a new broker still compiles its own code then."""
FIRST_ITEMS = 20
WARM_UP_SECONDS = 5.0
SPARE_SECONDS = 10.0
SETTLE_SECONDS = 3.0
TRIED_AT = 500
TRIED = ("worker.batch_records=50",)
GOALS = {"at-least-once": "15 / 60", "exactly-once": "60 / 150"}
"""Goals for p50 / p99 at 500 items per second, in ms."""


def measure(
    running: broker.RunningBroker, folder: Path, delivery: str, rate: int, seconds: float, setting: str
) -> list[float]:
    """Measures sorted latencies in milliseconds at a rate. `setting` is empty, or like `worker.batch_records=50`."""
    name, _, value = setting.partition("=")
    environ = {f"NEWSWIRE_{name.upper().replace('.', '__')}": value} if name else {}
    settings = harness.make_settings(running.address, decide__delivery=delivery)
    count = FIRST_ITEMS + int(rate * (WARM_UP_SECONDS + seconds + SPARE_SECONDS))
    items = iter(
        [*stream(1, count, datetime(2026, 3, 2, 9, tzinfo=UTC))]
    )  # generated before the measurement, not during it
    reader, live = topic_reader.ArrivalTimes(settings), LiveTraffic(settings, items, rate)
    reader.start()
    with harness.run_worker(settings, folder, environ=environ, pinned=False):
        flow.send(settings, ((item.body, item.headers) for item in islice(items, FIRST_ITEMS)))
        wait_until(lambda: reader.seen, seconds=120)
        live.start()
        time.sleep(WARM_UP_SECONDS)
        begin = time.perf_counter()
        time.sleep(seconds)
        end = time.perf_counter()
        live.stopping.set()
        live.join()
        wait_until(lambda: time.perf_counter() - reader.last > SETTLE_SECONDS, seconds=120)
    reader.stopping.set()
    reader.join()
    return live.latencies(reader, begin, end)


def build_row(latencies: list[float], **cells: str) -> results.Row:
    """Builds a row of the table."""
    shares = {"p50, ms": 0.5, "p99": 0.99, "p99.9": 0.999}
    percentiles = {name: f"{latencies[int(len(latencies) * share)]:.0f}" for name, share in shares.items()}
    return {**cells, **percentiles, "shown": f"{len(latencies):,}"}


def main() -> None:
    options = results.build_parser(__doc__, "100 a second, exactly once, 10 seconds, no settings")
    options.add_argument("--rates", default="10,100,250,500,1000")
    options.add_argument("--seconds", type=float, default=25.0)
    options.add_argument("--deliveries", default=",".join(DELIVERIES))
    options.add_argument("--settings", default=",".join(TRIED), help="tried at 500 a second; empty for none")
    asked = options.parse_args()
    if asked.quick:
        asked.rates, asked.seconds, asked.deliveries, asked.settings = "100", 10.0, DELIVERIES[1], ""
    rates, tried = [int(rate) for rate in asked.rates.split(",")], list(filter(None, asked.settings.split(",")))
    plain, buffered = [], []
    with harness.run_kafka() as running, tempfile.TemporaryDirectory(prefix="bench-") as folder:
        if not asked.quick:
            measure(running, Path(folder), DELIVERIES[1], *BROKER_WARM_UP, "")
        for delivery in asked.deliveries.split(","):
            for rate, setting in [*((rate, "") for rate in rates), *((TRIED_AT, each) for each in tried)]:
                latencies = measure(running, Path(folder), delivery, rate, asked.seconds, setting)
                goal = GOALS[delivery] if rate == TRIED_AT and not setting else ""
                named = {"setting": setting} if setting else {"items a second": f"{rate:,}", "goal, p50 / p99": goal}
                (buffered if setting else plain).append(build_row(latencies, delivery=delivery, **named))
                print((buffered if setting else plain)[-1], file=sys.stderr, flush=True)
    results.print_table("latency", plain, keep=asked.save)
    if buffered:
        results.print_table("buffering", buffered, keep=asked.save)


if __name__ == "__main__":
    main()
