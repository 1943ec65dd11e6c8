import csv
from pathlib import Path

import pytest

from streams.prepare.companies.identifiers import RIC_SUFFIXES, find_mic, parse_ric


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
def test_a_share_is_listed_where_its_suffix_says(ric: str, exchange: str, symbol: str) -> None:
    found = parse_ric(ric)
    assert found is not None
    assert (found.exchange, found.symbol) == (exchange, symbol)
    assert find_mic(found.exchange) == exchange


@pytest.mark.parametrize("ric", [".SPX", "EUR=", "LCOc1", "NWF.ZZZ", "0#NWF.N", "", "TOP/DEALS"])
def test_what_is_no_share_on_a_known_exchange_is_no_listing(ric: str) -> None:
    assert parse_ric(ric) is None


def test_every_suffix_names_an_active_market_of_iso_10383(shared_data: Path) -> None:
    with (shared_data / "reference" / "iso10383_mic.csv").open(encoding="utf-8") as file:
        active = {row["mic"] for row in csv.DictReader(file) if row["status"].lower() != "expired"}
    assert set(RIC_SUFFIXES.values()) - active == set()
