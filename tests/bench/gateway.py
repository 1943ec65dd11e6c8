"""Measures the latency and the capacity of the gateway: `python tests/bench/gateway.py [SECONDS]` prints Markdown.

1. The time from a record that is readable in news.latest to its row in a real Chromium, at 200 items a second. A record
   counts as readable when the broker has acknowledged it. All processes run on this machine, so they share its clock.
2. One gateway with 1,000 open streams at 50 items a second: each must be complete and in order. Memory and CPU are
   those of the gateway's process.
"""

import asyncio
import math
import shutil
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
from confluent_kafka import Producer
from support import flow
from support.ticker import GatewayProcess, build_latest_record, run_ticker_gateway

from streams.config.loader import load
from streams.config.settings import Settings
from streams.kafka.embedded import broker
from streams.model.topics import LATEST

pytestmark = pytest.mark.system
STREAMS = 1_000
STREAM_RATE = 50
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


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


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


def measure_streams(seconds: float, streams: int = STREAMS) -> dict[str, float]:
    """Measures how many streams were complete and in order, and the memory and CPU of the gateway's process."""
    count = int(seconds * STREAM_RATE)
    wanted = [f"urn:newswire:prnewswire:n{number}" for number in range(count)]

    async def listen(session: aiohttp.ClientSession, address: str, ready: asyncio.Semaphore) -> list[str]:
        heard: list[str] = []
        async with session.get(address) as answer:
            ready.release()
            async for line in answer.content:
                if line.startswith(b'data: {"id"'):
                    heard.append(line.split(b'"uri":"', 1)[1].split(b'"', 1)[0].decode())
                    if len(heard) >= count:
                        break
        return heard

    async def run(settings: Settings, served: GatewayProcess) -> dict[str, float]:
        process = psutil.Process(served.process.pid)
        before = process.memory_info().rss
        ready = asyncio.Semaphore(0)
        connector = aiohttp.TCPConnector(limit=0)
        timeout = aiohttp.ClientTimeout(total=None, sock_read=120)
        # As browsers do: compressed. This script does not read what it need not: it would slow the gateway down.
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            address = f"http://127.0.0.1:{served.port}/stream?limit=1"
            tasks = [asyncio.create_task(listen(session, address, ready)) for _ in range(streams)]
            for _ in range(streams):
                await ready.acquire()
            start, cpu = time.time(), process.cpu_times()
            await asyncio.to_thread(PacedSender(settings).send, count, STREAM_RATE)
            after = time.time()
            heard = await asyncio.wait_for(asyncio.gather(*tasks), 120)
            late, used = time.time() - after, process.cpu_times()
        return {
            "streams": streams,
            "items": count,
            "complete": sum(each == wanted for each in heard),
            "late": late,
            "memory": process.memory_info().rss / 2**20,
            "a_stream": (process.memory_info().rss - before) / 2**10 / streams,
            "cpu": 100 * (used.user + used.system - cpu.user - cpu.system) / (after - start),
        }

    with run_gateway_on_kafka() as (settings, served):
        return asyncio.run(run(settings, served))


def test_a_row_is_in_the_browser_soon_after_it_is_readable() -> None:
    assert measure_row_latency(3)["items"] == 3 * BROWSER_RATE


def test_every_stream_is_complete_and_in_order() -> None:
    found = measure_streams(3)
    assert found["complete"] == STREAMS


def main(seconds: float) -> None:
    """Measures both and prints the tables."""
    rows = measure_row_latency(seconds)
    print(f"| from readable to the row in Chromium, {BROWSER_RATE} items/s | |\n| --- | --- |")
    print(f"| items | {rows['items']:.0f} |")
    print(f"| p50, p99, max | {rows['p50']:.0f} ms, **{rows['p99']:.0f} ms**, {rows['max']:.0f} ms |\n")
    held = measure_streams(seconds)
    print(f"| one gateway, {held['streams']:.0f} streams, {STREAM_RATE} items/s | |\n| --- | --- |")
    print(f"| complete and in order | {held['complete']:.0f} of {held['streams']:.0f} |")
    print(f"| the last one after the last item | {held['late']:.2f} s |")
    print(f"| memory of the gateway; a stream | {held['memory']:.0f} MiB; {held['a_stream']:.0f} KiB |")
    print(f"| CPU of the gateway, a second of traffic | {held['cpu']:.0f} % of a core |")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 20)
