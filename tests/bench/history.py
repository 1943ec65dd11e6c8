"""Measures the gateway's history, for `python tests/bench/gateway.py history`.

It fills a history with invented stories, then asks for pages while another thread writes 50 items a second, as the
gateway does. The time of an answer is that of the event loop, from the question to the rows. The filling is not
measured: it is done in large transactions that do not wait for the disk.
"""

import asyncio
import random
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import orjson

from streams.config.loader import load_packaged_sources
from streams.gateway.filters import parse_ticker_item
from streams.gateway.history import FILE, HistoryRecord, HistoryStore
from streams.gateway.history_query import parse_query
from streams.gateway.history_reads import HistoryPage
from streams.model.sources import Sources
from streams.model.topics import CATEGORIES

SOURCES = Sources(load_packaged_sources())
_STEMS = Path(__file__).parents[1].joinpath("support", "words.txt").read_text(encoding="utf-8").split()
WORDS = _STEMS + [f"{one}{other}" for one in _STEMS for other in _STEMS[:40]]
RATE = 50
COMPANIES = 15_000
BATCH = 5_000
START = 1_772_000_000
BODY = "The company said so in a statement on the day. " * 40
GOAL_MS = 50.0
PAGES = 500
DEEP_SECTION = "companies"


class StoryMaker:
    """Makes invented records of news.latest, a fixed row of them."""

    def __init__(self) -> None:
        self._chance = random.Random(7)
        self._sections = sorted(CATEGORIES)
        self._wires = ("prnewswire", "businesswire", "globenewswire", "reuters")
        self.made = 0

    def _pick(self, count: int) -> int:
        """Picks a number; small ones are much more frequent, as words and companies are."""
        return int(count * self._chance.random() ** 3)

    def make(self) -> HistoryRecord:
        """Makes the next record: one every two seconds of the wires' time."""
        number, self.made = self.made, self.made + 1
        chance = self._chance
        words = " ".join(WORDS[self._pick(len(WORDS))] for _ in range(10))
        summary = " ".join(WORDS[self._pick(len(WORDS))] for _ in range(30))
        company = self._pick(COMPANIES)
        wire = self._wires[number % 4]
        uri = f"urn:newswire:{wire}:{number}"
        seconds = START + 2 * number
        event = {
            "uri": uri,
            "version": "1",
            "versionCreated": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds)),
            "language": "en" if number % 5 else "de",
            "headlines": [{"role": "main", "value": words}, {"role": "ticker", "value": words}],
            "descriptions": [{"role": "summary", "value": summary}],
            "bodies": [{"role": "main", "value": BODY}],
            "subjects": [
                {"rel": "category", "literal": each} for each in {DEEP_SECTION, *chance.sample(self._sections, 2)}
            ],
            "organisations": [
                {
                    "name": f"Company {company} Holdings",
                    "rel": "about",
                    "uri": f"urn:newswire:company:cik-{company}",
                    "symbols": [
                        {"symbol": f"C{company}", "exchange": "XNAS", "symbolType": "urn:newswire:symbol:ticker"}
                    ],
                }
            ],
        }
        headers = [
            ("ce_id", f"{uri}/1".encode()),
            ("ce_type", b"news.item.published"),
            ("ce_source", f"urn:newswire:source:{wire}".encode()),
        ]
        document = orjson.dumps(event)
        return HistoryRecord(
            0, number, 1000 * seconds, parse_ticker_item(document, headers, SOURCES), headers, document
        )


def percentile(values: list[float], share: float) -> float:
    """Returns the value below which so large a share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def _time(act: Callable[[], Awaitable[HistoryPage]]) -> tuple[float, HistoryPage]:
    start = time.perf_counter()
    page = await act()
    return 1000 * (time.perf_counter() - start), page


async def _measure(store: HistoryStore, seconds: float) -> dict[str, list[float]]:
    chance = random.Random(11)

    async def ask(**given: str) -> tuple[float, HistoryPage]:
        query = parse_query(given.items(), SOURCES, 200)
        return await _time(lambda: store.find_page(query))

    cursor = (await ask(category=DEEP_SECTION))[1].older
    for _ in range(PAGES - 2):
        cursor = (await ask(category=DEEP_SECTION, before=str(cursor)))[1].older
    taken: dict[str, list[float]] = {"page": [], "words": [], "company": []}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        two = " ".join(WORDS[int(len(WORDS) * chance.random() ** 3)] for _ in range(2))
        company = f"cik-{int(COMPANIES * chance.random() ** 3)}"
        for name, given in {
            "page": {"category": DEEP_SECTION, "before": str(cursor)},
            "words": {"q": two},
            "company": {"company": company},
        }.items():
            taken[name].append((await ask(**given))[0])
            await asyncio.sleep(0.005)
    return taken


def fill_history(folder: Path, maker: StoryMaker, stories: int) -> None:
    """Writes stories as the gateway does, but in large transactions in memory: a crash here costs nothing."""
    store = HistoryStore(folder, "news.latest")
    store.open()
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -2000000"):
        store._connection.execute(f"PRAGMA {pragma}")
    while maker.made < stories:
        store.write([maker.make() for _ in range(min(BATCH, stories - maker.made))])
        if maker.made % (20 * BATCH) == 0:
            print(f"{maker.made:,} stories written, {time.process_time():.0f} s of CPU", file=sys.stderr, flush=True)
    store.close()


def measure_history(stories: int, seconds: float) -> dict[str, float]:
    """Fills a history, and measures the milliseconds of three questions at p50 and p99 while it is written to."""
    with tempfile.TemporaryDirectory() as folder:
        maker = StoryMaker()
        start = time.process_time()
        fill_history(Path(folder), maker, stories)
        filled = time.process_time() - start
        store = HistoryStore(Path(folder), "news.latest")
        store.open()
        size = (Path(folder) / FILE).stat().st_size
        stop = threading.Event()

        def write() -> None:
            while not stop.wait(10 / RATE):
                store.write([maker.make() for _ in range(10)])

        writer = threading.Thread(target=write)
        writer.start()
        try:
            taken = asyncio.run(_measure(store, seconds))
        finally:
            stop.set()
            writer.join()
            store.close()
    found = {f"{name} {share}": percentile(values, share) for name, values in taken.items() for share in (0.5, 0.99)}
    return {"stories": stories, "filled": filled, "size": size / 2**20, "asked": len(taken["page"]), **found}


def print_history(stories: int, seconds: float) -> None:
    """Measures and prints the table."""
    found = measure_history(stories, seconds)
    print(f"| history of {found['stories']:,.0f} stories, {RATE} items/s | p50 | p99 |\n| --- | --- | --- |")
    names = {
        "page": f"page {PAGES} of a section",
        "words": "search of two words",
        "company": "a company's last 50 rows",
    }
    for key, name in names.items():
        print(f"| {name} | {found[f'{key} 0.5']:.1f} ms | **{found[f'{key} 0.99']:.1f} ms** |")
    print(
        f"\nFilled in {found['filled']:.0f} s of CPU, {found['size']:.0f} MiB;"
        f" {found['asked']:.0f} questions of each kind.\n"
    )
