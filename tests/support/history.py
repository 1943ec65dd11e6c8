"""Writes items to a history, and reads it, without a broker."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from support.ticker_items import SOURCES

from streams.gateway.filters import parse_ticker_item
from streams.gateway.history import HistoryRecord, HistoryStore
from streams.gateway.history_query import parse_query


class Pen:
    """Writes items to a store as `HistoryConsumer` does."""

    def __init__(self, store: HistoryStore) -> None:
        self.store = store
        self.offset = -1

    def record(self, name: str, headline: str = "Norwick Pumps opens a plant", **fields: Any) -> HistoryRecord:
        self.offset += 1
        version = fields.get("version", 1)
        withdrawn = fields.get("withdrawn", False)
        event: dict[str, Any] = {
            "uri": f"urn:newswire:prnewswire:{name}",
            "version": str(version),
            "versionCreated": fields.get("time", f"2026-03-02T10:{self.offset // 60:02}:{self.offset % 60:02}Z"),
            "language": fields.get("language", "en"),
        }
        if withdrawn:
            event["pubStatus"] = "canceled"
        else:
            event["headlines"] = [{"role": "main", "value": headline}]
            event["subjects"] = [
                *({"rel": "category", "literal": each} for each in fields.get("categories", ["companies"])),
                *({"rel": "sector", "literal": each, "name": "Mining"} for each in fields.get("sectors", [])),
            ]
            event["organisations"] = fields.get("organisations", [])
            event["bodies"] = [{"role": "main", "value": fields.get("body", "It said so.")}]
            event["infoSources"] = [{"role": "distributor", "name": "PR Newswire", "literal": "PR"}]
            event |= fields.get("event", {})
        kind = "withdrawn" if withdrawn else "revised" if version > 1 else "published"
        headers = {
            "ce_id": f"{event['uri']}/{version}",
            "ce_type": f"news.item.{kind}",
            "ce_source": "urn:newswire:source:prnewswire",
            "rights": fields.get("rights", "full"),
        }
        document = orjson.dumps(event)
        if "desk" in fields:
            headers["desk-action"] = fields["desk"]
        sent = [(key, value.encode()) for key, value in headers.items()]
        item = parse_ticker_item(document, sent, SOURCES)
        return HistoryRecord(0, self.offset, fields.get("appended_ms", 1_772_445_600_000), item, sent, document)

    def put(self, name: str, headline: str = "Norwick Pumps opens a plant", **fields: Any) -> None:
        self.store.write([self.record(name, headline, **fields)])

    def read(self, act: Callable[[HistoryStore], Awaitable[Any]]) -> Any:
        return asyncio.run(_await(act(self.store)))

    def names(self, **asked: str) -> list[str]:
        query = parse_query([(name.strip("_"), value) for name, value in asked.items()], SOURCES, 1000)
        page = self.read(lambda store: store.find_page(query))
        return [orjson.loads(row.data)["uri"].rpartition(":")[2] for row in page.rows]

    def page(self, **asked: str) -> Any:
        query = parse_query([(name.strip("_"), value) for name, value in asked.items()], SOURCES, 1000)
        return self.read(lambda store: store.find_page(query))


async def _await(act: Awaitable[Any]) -> Any:
    return await act


def company(name: str, id_: str, rel: str = "about", symbol: str = "") -> dict[str, Any]:
    ticker = {"symbol": symbol, "exchange": "XNAS", "symbolType": "urn:newswire:symbol:ticker"}
    symbols = {"symbols": [ticker]} if symbol else {}
    return {"name": name, "rel": rel, "uri": f"urn:newswire:company:{id_}", **symbols}
