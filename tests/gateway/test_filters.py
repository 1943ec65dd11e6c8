"""Filters of the ticker: category, ticker, language and source."""

import orjson
import pytest
from support.ticker_items import SOURCES, build_item, build_view, in_category, uris_of

from streams.gateway.filters import build_filter, parse_ticker_item


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"tickers": ["acme"]}, ["a"]),
        ({"tickers": ["XNAS:ACME"]}, ["a"]),
        ({"tickers": ["XNYS:ACME"]}, []),
        ({"languages": ["EN"]}, ["b", "a"]),
        ({"languages": ["en-GB"]}, ["b"]),
        ({"languages": ["de", "en-gb"]}, ["c", "b"]),
        ({"sources": ["re"]}, ["c"]),
        ({"sources": ["reuters"]}, ["c"]),
        ({"categories": ["markets", "commodities"]}, ["b", "a"]),
        ({"categories": ["latest", "markets"]}, ["c", "b", "a"]),
        ({"categories": ["markets"], "languages": ["en-GB"]}, []),
    ],
)
def test_all_filters_given_must_hold(asked: dict[str, object], found: list[str]) -> None:
    view, _ = build_view(
        build_item("a", symbol="ACME"),
        build_item("b", language="en-GB", categories=["commodities"]),
        build_item("c", language="de", source="reuters", categories=["sectors"]),
    )
    assert uris_of(view, build_filter(SOURCES, **asked)) == found  # type: ignore[arg-type]


def test_a_category_that_does_not_exist_is_refused_with_one_that_does() -> None:
    with pytest.raises(ValueError, match=r"there is no category 'comodities': try commodities"):
        build_filter(SOURCES, categories=["comodities"])


def test_a_replayed_item_is_marked_and_never_new() -> None:
    event = b'{"uri": "u", "version": "1", "versionCreated": "2026-03-02T10:00:00Z"}'
    headers = [("ce_id", b"u/1"), ("ce_type", b"news.item.published")]
    plain = parse_ticker_item(event, headers, SOURCES)
    replayed = parse_ticker_item(event, [*headers, ("replay-job", b"r-1")], SOURCES)
    assert (plain.row.status, b"replayed" in plain.data) == ("new", False)
    assert (replayed.row.status, orjson.loads(replayed.data)["replayed"]) == ("new", True)


@pytest.mark.parametrize(
    ("source", "headers", "is_open"),
    [
        ("prnewswire", {}, True),
        ("reuters", {}, False),
        ("prnewswire", {"rights": "restricted"}, False),
        ("reuters", {"rights": "full"}, True),
        ("prnewswire", {"rights": "anything"}, False),
        ("prnewswire", {"rights": ""}, False),
        ("nobody", {}, False),
    ],
)
def test_the_header_rights_opens_a_text_and_only_without_it_the_table_of_sources(
    source: str, headers: dict[str, str], is_open: bool
) -> None:
    named = {"ce_id": "u/1", "ce_source": f"urn:newswire:source:{source}", **headers}
    item = parse_ticker_item(b'{"uri": "u"}', [(key, value.encode()) for key, value in named.items()], SOURCES)
    assert item.is_open is is_open


def test_a_sub_section_is_part_of_its_section() -> None:
    view, _ = build_view(build_item("a", categories=["companies.ipos"]))
    assert (uris_of(view, in_category("companies")), uris_of(view, in_category("companies.rumors"))) == (
        ["a"],
        [],
    )
