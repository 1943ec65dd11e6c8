import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.prepare.companies.identifiers import EXCHANGES
from streams.prepare.companies.tickers import find_tickers


def find_listings(text: str) -> list[str]:
    return [f"{row.exchange}:{row.symbol}" for row in find_tickers(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Brenner Bank (NYSE: ABC) said", ["XNYS:ABC"]),
        ("(Nasdaq: FCEL)", ["XNAS:FCEL"]),
        ("(NASDAQ:FCEL)", ["XNAS:FCEL"]),
        ("(TSX-V: AXL)", ["XTSX:AXL"]),
        ("(TSXV: AXL)", ["XTSX:AXL"]),
        ("(TSX Venture: AXL)", ["XTSX:AXL"]),
        ("(LSE: VOD.L)", ["XLON:VOD"]),
        ("(NYSE: BRK.B)", ["XNYS:BRK.B"]),
        ("(HKEX: 0700)", ["XHKG:0700"]),
        ("(NYSE American: ABC)", ["XASE:ABC"]),
        ("(Euronext Paris: ABC)", ["XPAR:ABC"]),
        ("(NYSE: ABC; TSX: ABC)", ["XNYS:ABC", "XTSE:ABC"]),
        ("(NYSE: ABC, TSX: ABD, FSE: 9AB)", ["XNYS:ABC", "XTSE:ABD", "XFRA:9AB"]),
        ("(TSX-V: AXL) (OTCQB: AXLXF)", ["XTSX:AXL", "OTCB:AXLXF"]),
        ("(the \u201cCompany\u201d; NYSE: ABC)", ["XNYS:ABC"]),
        ("(NYSE: ABC.)", ["XNYS:ABC"]),
        ("(NYSE: ABC) and again (NYSE: ABC)", ["XNYS:ABC", "XNYS:ABC"]),
        ("[NYSE: ABC]", ["XNYS:ABC"]),
        ("(TSX.V: AXL)", ["XTSX:AXL"]),
        ("(NYSE American/TSX: ABC)", ["XASE:ABC", "XTSE:ABC"]),
        ("(TSX & NYSE: ABC)", ["XTSE:ABC", "XNYS:ABC"]),
        ("(NYSE: ABC, ABD and ABE)", ["XNYS:ABC", "XNYS:ABD", "XNYS:ABE"]),
        ("(NASDAQ Global Select Market: ABC)", ["XNAS:ABC"]),
        ("(CSE: BFG | OTC: BFGFF | FWB: YW5)", ["XCNQ:BFG", "OTCM:BFGFF", "XFRA:YW5"]),
        ("(TSE: PTM) (TSE: 7203)", ["XTSE:PTM", "XTKS:7203"]),
        ("(TSXV-AXL) (F-GWN)", ["XTSX:AXL"]),
        ("(Euronext Paris: FR0000120271)", [":FR0000120271"]),
        ("(Euronext Paris: FR0000120272)", []),
        ("(ISIN US0378331005)", [":US0378331005"]),
        ('(ISIN DE000A2QEFA1, "TMG")', [":DE000A2QEFA1"]),
        ("(US0378331005)", [":US0378331005"]),
        ("(Euronext: ABC)", [":ABC"]),
        ("(Euronext Growth: ALABC)", [":ALABC"]),
        ("(NDW.DE)", ["XETR:NDW"]),
        ("(0700.HK)", ["XHKG:0700"]),
        ("(VOD.L)", ["XLON:VOD"]),
        ("(HoSE: NDW)", ["XSTC:NDW"]),
        ("(ISIN: US0378331005)", [":US0378331005"]),
        ("Brenner <BRB.O> and <VOD.L> of <.FTSE>", ["XNAS:BRB", "XLON:VOD"]),
        ("Brenner Corp <BRB> said", [":BRB"]),
        ("$BRB and $BRB.A cost $5 and US$10", [":BRB", ":BRB.A"]),
    ],
)
def test_listings_in_brackets_are_read_with_their_market(text, found):
    assert find_listings(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "(note: IT)",
        "(Note: IT)",
        "(Source: IMF)",
        "(ISIN US0378331006)",
        "(U.S)",
        "(P.A)",
        "(hose: NDW)",
        "(No.DE)",
        "(Phone: 555)",
        "NYSE: ABC",
        "(NYSE)",
        "(NYSE ABC)",
        "(NYSE: abc)",
        "(NYSE: Acme Widgets)",
        "(at 10:30 AM)",
        "(https://a.example: IT)",
        "(Aim: FDA)",
        "(Six: AB)",
        "(p/y: EUR)",
        "(Ticker: LMBO)",
        "(COVID-19)",
        "(Q3-2026)",
        "$abc $5M A$AP",
    ],
)
def test_text_that_only_looks_like_a_listing_gives_no_ticker(text):
    assert find_listings(text) == []


@given(st.text(st.sampled_from("(NYSETXVnasdq:; -.ABC)"), max_size=60))
def test_every_ticker_has_a_known_market_and_stands_in_the_text(text):
    for row in find_tickers(text):
        assert row.exchange in EXCHANGES.values()
        assert text[row.start : row.end].startswith(row.symbol)
        assert row.symbol
        assert row.symbol in text
