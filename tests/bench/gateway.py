"""Measures the latency and the capacity of the gateway: `python tests/bench/gateway.py [PART …]` prints Markdown.

1. The time from a record that is readable in news.latest to its row in a real Chromium, at 200 items a second. A record
   counts as readable when the broker has acknowledged it. All processes run on this machine, so they share its clock.
2. One gateway with 1,000 open streams at 50 items a second: each must be complete and in order. Memory and CPU are
   those of the gateway's process.
3. The history of 1,000,000 stories (history.py).

`--against CHECKOUT` measures instead what a row that is sent to a stream costs the gateway of another checkout and of
this one, at 10 items a second. They run in turn on one broker, and the figure is the CPU of the process, so that a busy
machine counts little.
"""

import argparse
import asyncio
import math
import shutil
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import psutil
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
from bench.history import measure_history, percentile, print_history
from confluent_kafka import Producer
from support import flow
from support.ticker import GatewayProcess, build_latest_record, run_ticker_gateway

from streams.config.loader import load
from streams.config.settings import Settings
from streams.kafka.embedded import broker
from streams.model.topics import LATEST

pytestmark = pytest.mark.system
HERE = Path(__file__).parents[2]
STORIES = 1_000_000
STREAMS = 1_000
STREAM_RATE = 50
COMPARED_RATE = 10
"""So few that each row is sent alone on a busy machine too."""
BROWSER_RATE = 200
WATCH = """
() => {
  window.seen = {};
  const list = document.querySelector("#rows").shadowRoot.querySelector("ol");
  const look = () => {
    const now = Date.now();
    for (const row of list.querySelectorAll(".row")) window.seen[row.dataset.uri] ??= now;
  };
  new MutationObserver(look).observe(list, { childList: true, subtree: true });
}
"""


@contextmanager
def run_gateway_on_kafka(**environ: str) -> Iterator[tuple[Settings, GatewayProcess]]:
    """Runs a broker and a gateway during a `with` block."""
    with tempfile.TemporaryDirectory() as folder, broker.start(Path(folder)) as kafka:
        prefix = f"bench-{uuid.uuid4().hex[:8]}"
        settings = load(environ={"NEWSWIRE_KAFKA": kafka.address, "NEWSWIRE_TOPICS__PREFIX": prefix})
        assert flow.newswire(settings, "topics", "apply").returncode == 0
        with run_ticker_gateway(settings, **environ) as served:
            yield settings, served


class PacedSender:
    """Sends items at a rate and records when the broker acknowledged each."""

    def __init__(self, settings: Settings) -> None:
        self._topic = settings.topics.full(LATEST)
        self._producer = Producer({"bootstrap.servers": settings.kafka.brokers, "linger.ms": 0, "log_level": 0})
        self.acknowledged: dict[str, float] = {}

    def send(self, count: int, rate: int) -> None:
        """Sends items and returns when all are acknowledged."""
        start = time.time()
        for number in range(count):
            now = time.time()
            when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
            uri, value, headers = build_latest_record(f"n{number}", when=when)

            def acknowledge(_error: object, _message: object, uri: str = uri) -> None:
                self.acknowledged[uri] = time.time()

            self._producer.produce(self._topic, value, uri.encode(), headers=headers, on_delivery=acknowledge)
            while (left := start + (number + 1) / rate - time.time()) > 0:
                self._producer.poll(min(left, 0.002))
            self._producer.poll(0)
        assert self._producer.flush(30) == 0


def measure_row_latency(seconds: float) -> dict[str, float]:
    """Measures the milliseconds from the broker's acknowledgement to the row in the browser."""
    from playwright.sync_api import sync_playwright

    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with run_gateway_on_kafka() as (settings, served), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{served.port}/")
        page.wait_for_function("() => document.querySelector('#status').dataset.state === 'live'")
        # So long a list that on a busy machine no row is pushed out before the browser has drawn it.
        page.evaluate("() => document.querySelector('#rows').setAttribute('limit', '120')")
        page.wait_for_timeout(1000)
        page.evaluate(WATCH)
        paced = PacedSender(settings)
        count = int(seconds * BROWSER_RATE)
        paced.send(count, BROWSER_RATE)
        last = f"urn:newswire:prnewswire:n{count - 1}"
        page.wait_for_function("last => last in window.seen", arg=last, timeout=30_000)
        seen = page.evaluate("window.seen")
        browser.close()
    waits = [max(0.0, seen[uri] - 1000 * at) if uri in seen else math.inf for uri, at in paced.acknowledged.items()]
    return {"items": count, "p50": percentile(waits, 0.5), "p99": percentile(waits, 0.99), "max": max(waits)}


async def _listen(session: aiohttp.ClientSession, address: str, count: int, ready: asyncio.Semaphore) -> list[str]:
    heard: list[str] = []
    async with session.get(address) as answer:
        ready.release()
        async for line in answer.content:
            if line.startswith(b'data: {"id"'):
                heard.append(line.split(b'"uri":"', 1)[1].split(b'"', 1)[0].decode())
                if len(heard) >= count:
                    break
    return heard


async def _measure_gateway(
    settings: Settings, served: GatewayProcess, count: int, rate: int, streams: int
) -> dict[str, float]:
    wanted = [f"urn:newswire:prnewswire:n{number}" for number in range(count)]
    process = psutil.Process(served.process.pid)
    before = process.memory_info().rss
    ready = asyncio.Semaphore(0)
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=None, sock_read=120)
    # As browsers do: compressed. This script does not read what it need not: it would slow the gateway down.
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        address = f"http://127.0.0.1:{served.port}/stream?limit=1"
        tasks = [asyncio.create_task(_listen(session, address, count, ready)) for _ in range(streams)]
        for _ in range(streams):
            await ready.acquire()
        start, cpu = time.time(), process.cpu_times()
        await asyncio.to_thread(PacedSender(settings).send, count, rate)
        after = time.time()
        heard = await asyncio.wait_for(asyncio.gather(*tasks), 120)
        late, used = time.time() - after, process.cpu_times()
    seconds = used.user + used.system - cpu.user - cpu.system
    return {
        "streams": streams,
        "items": count,
        "complete": sum(each == wanted for each in heard),
        "late": late,
        "memory": process.memory_info().rss / 2**20,
        "a_stream": (process.memory_info().rss - before) / 2**10 / streams,
        "cpu": 100 * seconds / (after - start),
        "a_row": 1e6 * seconds / count / streams,
    }


def measure_streams(seconds: float, streams: int = STREAMS) -> dict[str, float]:
    """Measures how many streams were complete and in order, and the memory and CPU of the gateway's process."""
    with run_gateway_on_kafka() as (settings, served):
        return asyncio.run(_measure_gateway(settings, served, int(seconds * STREAM_RATE), STREAM_RATE, streams))


def compare_streams(checkout: Path, seconds: float, rounds: int, streams: int = STREAMS) -> list[tuple[float, float]]:
    """Measures the microseconds of a row in a gateway of another checkout and of this one, in turn."""
    found: list[list[float]] = []
    with tempfile.TemporaryDirectory() as folder, broker.start(Path(folder)) as kafka:
        for number in range(rounds):
            pair = {}
            for where in (checkout, HERE) if number % 2 == 0 else (HERE, checkout):
                environ = {"NEWSWIRE_KAFKA": kafka.address, "NEWSWIRE_TOPICS__PREFIX": f"bench-{uuid.uuid4().hex[:8]}"}
                settings = load(environ=environ)
                assert flow.newswire(settings, "topics", "apply").returncode == 0
                with run_ticker_gateway(settings, checkout=where) as served:
                    count = int(seconds * COMPARED_RATE)
                    held = asyncio.run(_measure_gateway(settings, served, count, COMPARED_RATE, streams))
                assert held["complete"] == streams, held
                pair[where] = held["a_row"]
            found.append([pair[checkout], pair[HERE]])
            print(f"round {number + 1}: {pair[checkout]:.2f} us, {pair[HERE]:.2f} us", file=sys.stderr, flush=True)
    return [(before, after) for before, after in found]


def test_a_row_is_in_the_browser_soon_after_it_is_readable() -> None:
    assert measure_row_latency(3)["items"] == 3 * BROWSER_RATE


def test_every_stream_is_complete_and_in_order() -> None:
    found = measure_streams(3)
    assert found["complete"] == STREAMS


def test_a_small_history_answers() -> None:
    assert measure_history(20_000, 2)["asked"] > 0


def print_rows(seconds: float) -> None:
    """Measures and prints the latency of a row."""
    rows = measure_row_latency(seconds)
    print(f"| from readable to the row in Chromium, {BROWSER_RATE} items/s | |\n| --- | --- |")
    print(f"| items | {rows['items']:.0f} |")
    print(f"| p50, p99, max | {rows['p50']:.0f} ms, **{rows['p99']:.0f} ms**, {rows['max']:.0f} ms |\n")


def print_streams(seconds: float) -> None:
    """Measures and prints what open streams cost."""
    held = measure_streams(seconds)
    print(f"| one gateway, {held['streams']:.0f} streams, {STREAM_RATE} items/s | |\n| --- | --- |")
    print(f"| complete and in order | {held['complete']:.0f} of {held['streams']:.0f} |")
    print(f"| the last one after the last item | {held['late']:.2f} s |")
    print(f"| memory of the gateway; a stream | {held['memory']:.0f} MiB; {held['a_stream']:.0f} KiB |")
    print(f"| CPU of the gateway, a second of traffic | {held['cpu']:.0f} % of a core |\n")


def print_comparison(checkout: Path, seconds: float, rounds: int) -> None:
    """Measures and prints what a row costs in two checkouts."""
    pairs = compare_streams(checkout.resolve(), seconds, rounds)
    print(f"| CPU of a row of a stream, {STREAMS} streams, {COMPARED_RATE} items/s | |\n| --- | --- |")
    print(f"| {checkout.name} | {statistics.median(before for before, _ in pairs):.2f} us |")
    print(f"| this checkout | {statistics.median(after for _, after in pairs):.2f} us |")
    ratios = [after / before for before, after in pairs]
    print(f"| ratio of each pair | {', '.join(f'{each:.3f}' for each in ratios)} |")
    print(f"| median ratio | **{statistics.median(ratios):.3f}** |")


PARTS = ("rows", "streams", "history")


def main() -> None:
    """Measures what is asked for and prints the tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all where none is given")
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--stories", type=int, default=STORIES, help="of the history")
    options.add_argument("--against", type=Path, metavar="CHECKOUT")
    options.add_argument("--rounds", type=int, default=6, help="pairs that --against measures")
    asked = options.parse_args()
    if strange := set(asked.parts).difference(PARTS):
        options.error(f"there is no part {strange.pop()!r}: give {', '.join(PARTS)}")
    if asked.against:
        print_comparison(asked.against, asked.seconds, asked.rounds)
        return
    parts = asked.parts or PARTS
    if "rows" in parts:
        print_rows(asked.seconds)
    if "streams" in parts:
        print_streams(asked.seconds)
    if "history" in parts:
        print_history(asked.stories, asked.seconds)


if __name__ == "__main__":
    main()
