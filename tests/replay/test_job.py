"""Which changes a replay is about."""

from streams.replay.diff import Difference
from streams.replay.job import Filters


def change(**fields: object) -> Difference:
    whole = {
        "kinds": ("moved",),
        "uri": "urn:newswire:testwire:1",
        "version": "1",
        "source": "testwire",
        "headline": "Norwick Pumps opens plant number 7",
        "received": "2026-03-02T10:00:00Z",
        "categories_before": ("companies",),
        "categories_now": ("companies", "sectors"),
        "symbols": ("XNYS:NWK",),
    }
    return Difference(**{**whole, **fields})  # type: ignore[arg-type]


def test_without_a_filter_every_change_passes() -> None:
    assert Filters().passes(change())


def test_a_ticker_passes_with_or_without_its_exchange() -> None:
    assert Filters(tickers=("NWK",)).passes(change())
    assert Filters(tickers=("XNYS:NWK",)).passes(change())
    assert Filters(tickers=("HVD", "NWK")).passes(change())


def test_another_ticker_or_the_same_one_elsewhere_does_not_pass() -> None:
    assert not Filters(tickers=("XNAS:NWK",)).passes(change())
    assert not Filters(tickers=("NW",)).passes(change())
    assert not Filters(tickers=("NWK",)).passes(change(symbols=()))


def test_a_category_passes_where_the_item_was_or_would_be_in_it() -> None:
    assert Filters(categories=("sectors",)).passes(change())
    assert Filters(categories=("companies",)).passes(change())
    assert not Filters(categories=("markets",)).passes(change())


def test_filters_of_several_kinds_must_all_pass() -> None:
    assert Filters(sources=("testwire",), tickers=("NWK",)).passes(change())
    assert not Filters(sources=("otherwire",), tickers=("NWK",)).passes(change())
    assert not Filters(sources=("testwire",), tickers=("NWK",), uris=("urn:newswire:testwire:2",)).passes(change())
