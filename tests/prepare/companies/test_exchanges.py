import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.prepare.companies.identifiers import EXCHANGES, RIC_SUFFIXES, find_mic, find_operating_mic


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
def test_the_mic_of_an_exchange_as_wires_write_it(exchange, code):
    assert find_mic(exchange) == code


@given(st.sampled_from(sorted(EXCHANGES)) | st.text(max_size=6))
def test_a_mic_is_its_own_mic(exchange):
    assert find_mic(find_mic(exchange)) == find_mic(exchange)


def test_every_exchange_of_our_lists_has_a_mic_that_iso_10383_has_in_use():
    named = {*EXCHANGES.values(), *RIC_SUFFIXES.values()}
    assert {code for code in named if find_mic(code) != code} == set()


@pytest.mark.parametrize(
    ("segment", "operator"),
    [("ARCX", "XNYS"), ("XASE", "XNYS"), ("OTCB", "OTCM"), ("XNGS", "XNAS"), ("XNAS", "XNAS"), ("", "")],
)
def test_segments_of_one_operator_have_its_mic_in_common(segment, operator):
    assert find_operating_mic(segment) == operator
