"""Clients that are cut at random and resume at any of three gateways, one restarted, miss and repeat nothing."""

import asyncio
import json
import random
import uuid
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from confluent_kafka.admin import AdminClient, NewPartitions
from support import flow
from support.ticker import GatewayProcess, LatestWriter, build_latest_record

from streams.config.loader import load
from streams.config.settings import Settings
from streams.gateway.filters import Filter, TickerItem, build_filter, parse_ticker_item
from streams.model.topics import LATEST

pytestmark = pytest.mark.kafka
CATEGORIES = ("companies", "companies.ipos", "markets", "sectors")
QUERIES: tuple[dict[str, str], ...] = (
    {},
    {"category": "companies"},
    {"category": "companies.ipos,sectors"},
    {"language": "de"},
    {"source": "RE", "category": "markets"},
    {"ticker": "XNAS:NRWK"},
)


def generate_traffic(count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields stories that appear, change their categories and are withdrawn; seeded."""
    dice = random.Random(10)
    versions: dict[str, int] = {}
    for number in range(count):
        known = list(versions)
        name = dice.choice(known[-50:]) if known and dice.random() < 0.25 else f"n{number}"
        versions[name] = version = versions.get(name, 0) + 1
        yield (
            name,
            {
                "version": version,
                "kind": "withdrawn" if version > 1 and dice.random() < 0.2 else "",
                "categories": tuple(dice.sample(CATEGORIES, dice.randint(0, 2))),
                "symbol": "NRWK" if dice.random() < 0.2 else "",
                "language": dice.choice(("en", "de", "de-AT")),
                "source": "reuters" if int(name[1:]) % 3 == 0 else "prnewswire",
            },
        )


class ResumingClient:
    """Keeps the rows and events that it receives, and resumes after each cut."""

    def __init__(self, query: dict[str, str]) -> None:
        self.query = query
        self.rows: dict[str, str] = {}
        self.heard: list[str] = []
        self.resets = 0
        self.id = ""

    async def listen(
        self, session: aiohttp.ClientSession, gateways: list[GatewayProcess], done: str, seed: str
    ) -> None:
        dice = random.Random(seed)
        while done not in self.heard:
            served = dice.choice(gateways)
            address = f"http://127.0.0.1:{served.port}/stream"
            headers = {"Last-Event-ID": self.id} if self.id else {}
            try:
                async with session.get(address, params=self.query, headers=headers) as answer:
                    if answer.status == 200:
                        await self._read(answer, dice.randint(1, 60_000), done)
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)

    async def _read(self, answer: aiohttp.ClientResponse, allowed: int, done: str) -> None:
        fields: dict[str, str] = {}
        async for raw in answer.content:
            line = raw.decode().rstrip("\n")
            allowed -= len(raw)
            name, _, value = line.partition(": ")
            if line:
                fields[name] = value
                continue
            self.id = fields.get("id", self.id)
            if "event" in fields:
                self._take(fields["event"], json.loads(fields["data"]))
            fields = {}
            if (allowed < 0 and self.id) or done in self.heard:
                return

    def _take(self, event: str, data: dict[str, Any]) -> None:
        if event == "reset":
            self.resets += 1
            self.rows.clear()
            return
        if event == "state":  # of the gateway, not of a story
            return
        self.heard.append(data["id"])
        if event == "item":
            self.rows[data["uri"]] = data["id"]
        else:
            self.rows.pop(data["uri"], None)


def build_query_filter(query: dict[str, str], settings: Settings) -> Filter:
    listed = {
        name: query.get(name, "").split(",") if query.get(name) else [] for name in ("category", "language", "source")
    }
    return build_filter(
        settings.source_table,
        categories=listed["category"],
        tickers=[query["ticker"]] if query.get("ticker") else [],
        languages=listed["language"],
        sources=listed["source"],
    )


def build_expected_rows(client: ResumingClient, newest: dict[str, TickerItem], settings: Settings) -> dict[str, str]:
    """Builds the rows that a client must end with: uri -> id of the row."""
    filter_ = build_query_filter(client.query, settings)
    return {
        uri: each.row.id for uri, each in newest.items() if each.row.status != "withdrawn" and filter_.matches(each)
    }


async def wait_until_all_heard(
    clients: list[ResumingClient], newest: dict[str, TickerItem], settings: Settings
) -> None:
    while any(client.rows != build_expected_rows(client, newest, settings) for client in clients):
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(("count", "partitions"), [(10_000, 1), (2_000, 3)])
def test_each_client_ends_with_exactly_the_items_of_its_filter(kafka: str, count: int, partitions: int) -> None:
    settings = load(environ={"NEWSWIRE_KAFKA": kafka, "NEWSWIRE_TOPICS__PREFIX": f"test-{uuid.uuid4().hex[:8]}"})
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    if partitions > 1:
        admin = AdminClient({"bootstrap.servers": kafka})
        for made in admin.create_partitions([NewPartitions(settings.topics.full(LATEST), partitions)]).values():
            made.result()
    gateways = [GatewayProcess(settings) for _ in range(3)]
    press = LatestWriter(settings)
    clients = [ResumingClient(query) for query in QUERIES]
    newest: dict[str, TickerItem] = {}

    async def run() -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(sock_read=30)) as session:
            last = "urn:newswire:reuters:last/1"
            listening = [
                asyncio.create_task(client.listen(session, gateways, last, f"{count}-{number}"))
                for number, client in enumerate(clients)
            ]
            while not all(client.id for client in clients):
                await asyncio.sleep(0.05)
            restart = None
            for number, (name, fields) in enumerate(generate_traffic(count)):
                uri, value, headers = build_latest_record(name, **fields)
                newest[uri] = parse_ticker_item(value, headers, settings.source_table)
                press.put(name, flush=False, **fields)
                if number % 100 == 0:
                    await asyncio.sleep(0.02)
                if number == count // 2:
                    restart = asyncio.create_task(asyncio.to_thread(restarted))
            assert restart is not None
            await restart
            press.flush()
            if partitions > 1:  # the last item is the last of its own partition only
                await wait_until_all_heard(clients, newest, settings)
            everywhere = {"categories": ("companies", "companies.ipos", "markets", "sectors"), "symbol": "NRWK"}
            press.put("last", source="reuters", language="de", **everywhere)
            uri, value, headers = build_latest_record("last", source="reuters", language="de", **everywhere)  # type: ignore[arg-type]
            newest[uri] = parse_ticker_item(value, headers, settings.source_table)
            await asyncio.wait_for(asyncio.gather(*listening), 120)

    def restarted() -> None:
        port = gateways[1].port
        assert gateways[1].stop() == 0
        gateways[1] = GatewayProcess(settings, port)

    try:
        asyncio.run(run())
    finally:
        for served in gateways:
            served.stop()
    for client in clients:
        assert client.rows == build_expected_rows(client, newest, settings), client.query
        assert (len(client.heard), client.resets) == (len(set(client.heard)), 1), client.query
