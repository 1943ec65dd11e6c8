"""Builds ticker items and views without a broker."""

from collections.abc import Iterable

import orjson
from hypothesis import strategies as st

from streams.config.loader import load_packaged_sources
from streams.gateway.filters import Filter, TickerItem, parse_ticker_item
from streams.gateway.ticker_view import TickerView, ViewChange
from streams.model.sources import Sources

SOURCES = Sources(load_packaged_sources())


EVERYTHING = Filter()


def build_item(
    uri: str,
    *,
    version: int = 1,
    time: str = "2026-03-02T10:00:00Z",
    categories: Iterable[str] = ("markets",),
    symbol: str = "",
    language: str = "en",
    source: str = "prnewswire",
    withdrawn: bool = False,
    headline: str = "Norwick Pumps opens a plant",
) -> TickerItem:
    event = {
        "uri": uri,
        "version": str(version),
        "versionCreated": time,
        "language": language,
        "headlines": [{"role": "ticker", "value": headline}],
        "subjects": [{"rel": "category", "literal": category} for category in categories],
        "organisations": [
            {"symbols": [{"symbol": symbol, "exchange": "XNAS", "symbolType": "urn:newswire:symbol:ticker"}]}
        ]
        if symbol
        else [],
    }
    kind = "withdrawn" if withdrawn else "published" if version == 1 else "revised"
    headers = [
        ("ce_id", f"{uri}/{version}".encode()),
        ("ce_type", f"news.item.{kind}".encode()),
        ("ce_source", f"urn:newswire:source:{source}".encode()),
    ]
    return parse_ticker_item(orjson.dumps(event), headers, SOURCES)


def build_view(*items: TickerItem, rows: int = 100, history: int = 1000) -> tuple[TickerView, list[ViewChange | None]]:
    view = TickerView(rows, history, {0: 0})
    return view, [view.apply(0, offset, each, b"{}") for offset, each in enumerate(items)]


def uris_of(view: TickerView, filter_: Filter = EVERYTHING, limit: int = 1000) -> list[str]:
    return [entry.item.row.uri for entry in view.newest(filter_, limit)]


def in_category(*categories: str) -> Filter:
    return Filter(categories=frozenset(categories))


STEPS = st.lists(
    st.builds(
        dict,
        uri=st.sampled_from("abcdefgh"),
        version=st.integers(1, 5),
        time=st.sampled_from([f"2026-03-02T10:00:0{second}Z" for second in range(4)]),
        categories=st.lists(st.sampled_from(["markets", "companies", "companies.ipos", "sectors"]), unique=True),
        withdrawn=st.booleans(),
    ),
    max_size=40,
)
