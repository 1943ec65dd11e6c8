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
        ("(7001.HK, NDW.DE)", ["XHKG:7001", "XETR:NDW"]),
        ("(7001.HK, see page 4)", []),
        ("(HoSE: NDW)", ["XSTC:NDW"]),
        ("(ISIN: US0378331005)", [":US0378331005"]),
        ("Brenner <BRB.O> and <VOD.L> of <.FTSE>", ["XNAS:BRB", "XLON:VOD"]),
        ("Brenner Corp <BRB> said", [":BRB"]),
        ("(Nasdaq Stockholm: VOLV B)", ["XSTO:VOLV B"]),
        ("(Nasdaq Stockholm: HARL A and HARL B)", ["XSTO:HARL A", "XSTO:HARL B"]),
        ("(Nasdaq Helsinki: HARLA, HARL K)", ["XHEL:HARLA", "XHEL:HARL K"]),
        ("(Nasdaq Copenhagen: DENB B; NYSE: DNB)", ["XCSE:DENB B", "XNYS:DNB"]),
        ("(NYSE: MRL; MRL PR A)", ["XNYS:MRL", "XNYS:MRL PR A"]),
        ("(NYSE: MRL PRB, MRL.PRC, MRL-PD)", ["XNYS:MRL PRB", "XNYS:MRL.PRC", "XNYS:MRL-PD"]),
        ("(Oslo B\u00f8rs: YAR)", ["XOSL:YAR"]),
        ("(Euronext Oslo B\u00f8rs: HARL)", ["XOSL:HARL"]),
        ("(B\u00f6rse Frankfurt: NDW)", ["XFRA:NDW"]),
        ("\uff08NYSE\uff1aTM\uff09", ["XNYS:TM"]),
        (
            "\u817e\u8baf\uff08\u7ebd\u4ea4\u6240\u80a1\u7968\u4ee3\u7801\uff1aTME\uff0c"
            "\u9999\u6e2f\u8054\u4ea4\u6240\u80a1\u7968\u4ee3\u7801\uff1a1698\uff09",
            ["XNYS:TME", "XHKG:1698"],
        ),
        ("\uff08\u6771\u8a3c\u30d7\u30e9\u30a4\u30e0\uff1a7203\u3001NYSE\uff1aTM\uff09", ["XTKS:7203", "XNYS:TM"]),
        ("(\u6e2f\u4ea4\u6240: 0700)", ["XHKG:0700"]),
        ("\uff08NASDAQ\u80a1\u7968\u4ee3\u7801\uff1aMRL\uff09", ["XNAS:MRL"]),
        ("\uff08\u4e0a\u6d77\u8bc1\u5238\u4ea4\u6613\u6240\u79d1\u521b\u677f\uff1a688001\uff09", ["XSHG:688001"]),
        ("(Nasdaq/PEP) (NYSE/LSE: FOO)", ["XNAS:PEP", "XNYS:FOO", "XLON:FOO"]),
        ("(WKN: 865985 / ISIN: US0378331005)", [":US0378331005"]),
        ("(WKN: 865985; ISIN: US0378331005, Xetra: APC)", [":US0378331005", "XETR:APC"]),
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
        "(NYSE/TSX)",
        "(WKN: 865985)",
        "(WKN: 865985 / ISIN: US0378331006)",
        "(SIX/TEN)",
        "\uff08\u80a1\u7968\u4ee3\u7801\uff1a1698\uff09",
        "\uff08\u6ce8\uff1aA\uff09",
        "(\u00c9tude: A)",
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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(NYSE: ABC A)", ["XNYS:ABC"]),
        ("(Nasdaq: ABC B, ABD)", ["XNAS:ABC", "XNAS:ABD"]),
        ("(Nasdaq Stockholm: VOLV BE)", ["XSTO:VOLV"]),
        ("(Nasdaq Stockholm: VOLV B shares)", ["XSTO:VOLV"]),
        ("(NYSE: ABC PR agency)", ["XNYS:ABC"]),
        ("(Nasdaq Stockholm: VOLV PR A)", ["XSTO:VOLV"]),
    ],
)
def test_a_letter_behind_a_ticker_is_a_class_of_shares_only_where_the_exchange_writes_it_so(text, found):
    assert find_listings(text) == found


@given(st.text(st.sampled_from("(NYSETXVnasdq:; -.ABC)"), max_size=60))
def test_every_ticker_has_a_known_market_and_stands_in_the_text(text):
    for row in find_tickers(text):
        assert row.exchange in EXCHANGES.values()
        assert text[row.start : row.end].startswith(row.symbol)
        assert row.symbol
        assert row.symbol in text
