import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.model import Organisation
from streams.prepare.symbols import EXCHANGES, in_text, keys, merge, mic, valid_isin


def listings(text: str) -> list[str]:
    return [f"{row.exchange}:{row.symbol}" for row in in_text(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Brenner Bank (NYSE: ABC) said", ["XNYS:ABC"]),
        ("(Nasdaq: FCEL)", ["XNAS:FCEL"]),
        ("(NASDAQ:FCEL)", ["XNAS:FCEL"]),
        ("(TSX-V: AXL)", ["XTSX:AXL"]),
        ("(TSXV: AXL)", ["XTSX:AXL"]),
        ("(TSX Venture: AXL)", ["XTSX:AXL"]),
        ("(LSE: VOD.L)", ["XLON:VOD.L"]),
        ("(NYSE: BRK.B)", ["XNYS:BRK.B"]),
        ("(HKEX: 0700)", ["XHKG:0700"]),
        ("(NYSE American: ABC)", ["XASE:ABC"]),
        ("(Euronext Paris: ABC)", ["XPAR:ABC"]),
        ("(NYSE: ABC; TSX: ABC)", ["XNYS:ABC", "XTSE:ABC"]),
        ("(NYSE: ABC, TSX: ABD, FSE: 9AB)", ["XNYS:ABC", "XTSE:ABD", "XFRA:9AB"]),
        ("(TSX-V: AXL) (OTCQB: AXLXF)", ["XTSX:AXL", "OTCB:AXLXF"]),
        ("(the \u201cCompany\u201d; NYSE: ABC)", ["XNYS:ABC"]),
        ("(NYSE: ABC.)", ["XNYS:ABC"]),
        ("(NYSE: ABC) and again (NYSE: ABC)", ["XNYS:ABC"]),
    ],
)
def test_listings_in_brackets_are_read_with_their_market(text, found):
    assert listings(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "(note: IT)",
        "(Note: IT)",
        "(Source: IMF)",
        "(Phone: 555)",
        "NYSE: ABC",
        "(NYSE)",
        "(NYSE ABC)",
        "(NYSE: abc)",
        "(NYSE: Acme Widgets)",
        "(at 10:30 AM)",
        "(https://a.example: IT)",
    ],
)
def test_what_only_looks_like_a_listing_gives_no_ticker(text):
    assert listings(text) == []


@given(st.text(st.sampled_from("(NYSETXVnasdq:; -.ABC)"), max_size=60))
def test_every_listing_read_has_a_known_market_and_a_symbol_of_the_text(text):
    for row in in_text(text):
        assert row.exchange in EXCHANGES.values()
        assert row.symbol
        assert row.symbol in text


@pytest.mark.parametrize(
    ("exchange", "code"),
    [("NYSE", "XNYS"), ("Nasdaq", "XNAS"), ("nyse american", "XASE"), ("XETR", "XETR"), ("ARCX", "ARCX"), ("Ulm", "")],
)
def test_the_mic_of_an_exchange_as_wires_write_it(exchange, code):
    assert mic(exchange) == code


@given(st.sampled_from(sorted(EXCHANGES)) | st.text(max_size=6))
def test_a_mic_is_its_own_mic(exchange):
    assert mic(mic(exchange)) == mic(exchange)


@pytest.mark.parametrize("isin", ["US0378331005", "DE0007164600", "GB0002634946", "AU0000XVGZA3"])
def test_an_isin_with_its_check_digit_is_one(isin):
    assert valid_isin(isin)


@pytest.mark.parametrize("isin", ["US0378331006", "US037833100", "us0378331005", "U50378331005", "", "US03783310055"])
def test_an_isin_of_a_wrong_form_or_check_digit_is_none(isin):
    assert not valid_isin(isin)


@given(st.from_regex(r"[A-Z]{2}[A-Z0-9]{9}", fullmatch=True))
def test_exactly_one_check_digit_fits(isin):
    assert sum(valid_isin(f"{isin}{digit}") for digit in range(10)) == 1


def test_the_wires_own_organisations_come_first_with_their_exchange_as_mic():
    stated = (Organisation(name="Brenner Bank", symbol="BRB", exchange="NYSE"),)
    assert merge(stated, in_text("(TSX: QRT)")) == (
        Organisation(name="Brenner Bank", symbol="BRB", exchange="XNYS"),
        Organisation(symbol="QRT", exchange="XTSE"),
    )


def test_a_ticker_of_the_text_that_the_wire_stated_is_not_given_twice():
    stated = (Organisation(name="Brenner Bank", symbol="BRB", exchange="XNYS"),)
    assert merge(stated, in_text("(NYSE: BRB)")) == stated


def test_both_listings_of_one_ticker_stay():
    assert [row.exchange for row in merge((), in_text("(NYSE: ABC; TSX: ABC)"))] == ["XNYS", "XTSE"]


def test_every_listing_that_the_text_gives_survives_the_merge():
    text = " ".join(f"({name.upper()}: AB{place})" for place, name in enumerate(EXCHANGES) if name.isalpha())
    assert merge((), in_text(text)) == in_text(text)


def test_a_false_isin_and_a_ticker_of_an_unknown_market_are_dropped_and_the_name_stays():
    stated = (
        Organisation(name="Quill River", isin="US0378331006"),
        Organisation(symbol="QRT", exchange="Ulm"),
        Organisation(name="Elm Grove", symbol="ELM", exchange="Ulm"),
    )
    assert merge(stated, ()) == (Organisation(name="Quill River"), Organisation(name="Elm Grove", symbol="ELM"))


def test_the_keys_are_listings_and_isins_of_whom_the_item_is_about():
    rows = (
        Organisation(symbol="QRT", exchange="XTSE"),
        Organisation(symbol="BRB", exchange="XNYS", rel="mentions"),
        Organisation(name="Elm Grove", symbol="ELM"),
        Organisation(name="Pellworth", isin="US0378331005"),
    )
    assert keys(rows) == ("US0378331005", "XTSE:QRT")
