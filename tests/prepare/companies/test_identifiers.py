"""ISIN, RIC and market identifier codes."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.prepare.companies.identifiers import (
    EXCHANGES,
    RIC_SUFFIXES,
    find_mic,
    find_operating_mic,
    has_isin_form,
    is_valid_isin,
    parse_ric,
)


@pytest.mark.parametrize("isin", ["US0378331005", "DE0007164600", "GB0002634946", "AU0000XVGZA3"])
def test_an_isin_with_its_check_digit_is_valid(isin):
    assert is_valid_isin(isin)


@pytest.mark.parametrize("isin", ["US0378331006", "US037833100", "us0378331005", "U50378331005", "", "US03783310055"])
def test_an_isin_of_a_wrong_form_or_check_digit_is_not_valid(isin):
    assert not is_valid_isin(isin)


@given(st.from_regex(r"[A-Z]{2}[A-Z0-9]{9}", fullmatch=True))
def test_exactly_one_check_digit_fits(isin):
    assert sum(is_valid_isin(f"{isin}{digit}") for digit in range(10)) == 1


@pytest.mark.parametrize(
    ("text", "has_form"), [("US0378331006", True), ("us0378331005", False), ("US03783310055", False), ("", False)]
)
def test_the_form_of_an_isin_does_not_depend_on_its_check_digit(text, has_form):
    assert has_isin_form(text) is has_form


@pytest.mark.parametrize(
    ("ric", "exchange", "symbol"),
    [
        ("NWF.N", "XNYS", "NWF"),
        ("NWF.OQ", "XNAS", "NWF"),
        ("BRKb.N", "XNYS", "BRK.B"),
        ("ERICb.ST", "XSTO", "ERIC B"),
        ("7203.T", "XTKS", "7203"),
        ("0700.HK", "XHKG", "0700"),
        ("PETR4.SA", "BVMF", "PETR4"),
    ],
)
def test_the_suffix_of_a_ric_is_the_exchange_of_the_share(ric: str, exchange: str, symbol: str) -> None:
    found = parse_ric(ric)
    assert found is not None
    assert (found.exchange, found.symbol) == (exchange, symbol)
    assert find_mic(found.exchange) == exchange


@pytest.mark.parametrize("ric", [".SPX", "EUR=", "LCOc1", "NWF.ZZZ", "0#NWF.N", "", "TOP/DEALS"])
def test_a_ric_of_anything_but_a_share_on_a_known_exchange_gives_no_listing(ric: str) -> None:
    assert parse_ric(ric) is None


def test_every_suffix_names_an_active_market_of_iso_10383(shared_data: Path) -> None:
    with (shared_data / "reference" / "iso10383_mic.csv").open(encoding="utf-8") as file:
        active = {row["mic"] for row in csv.DictReader(file) if row["status"].lower() != "expired"}
    assert set(RIC_SUFFIXES.values()) - active == set()


@pytest.mark.parametrize(
    ("exchange", "code"),
    [
        ("NYSE", "XNYS"),
        ("Nasdaq", "XNAS"),
        ("nyse american", "XASE"),
        ("XETR", "XETR"),
        ("ARCX", "ARCX"),
        ("Ulm", ""),
        ("XQQQ", ""),
        ("TSX VENTURE", "XTSX"),
    ],
)
def test_an_exchange_as_wires_write_it_has_its_mic(exchange, code):
    assert find_mic(exchange) == code


@given(st.sampled_from(sorted(EXCHANGES)) | st.text(max_size=6))
def test_the_mic_of_a_mic_is_that_mic(exchange):
    assert find_mic(find_mic(exchange)) == find_mic(exchange)


def test_every_exchange_of_our_lists_has_a_mic_in_use_by_iso_10383():
    named = {*EXCHANGES.values(), *RIC_SUFFIXES.values()}
    assert {code for code in named if find_mic(code) != code} == set()


@pytest.mark.parametrize(
    ("segment", "operator"),
    [("ARCX", "XNYS"), ("XASE", "XNYS"), ("OTCB", "OTCM"), ("XNGS", "XNAS"), ("XNAS", "XNAS"), ("", "")],
)
def test_segments_of_one_operator_share_its_mic(segment, operator):
    assert find_operating_mic(segment) == operator
