import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.prepare.companies.identifiers import is_valid_isin


@pytest.mark.parametrize("isin", ["US0378331005", "DE0007164600", "GB0002634946", "AU0000XVGZA3"])
def test_an_isin_with_its_check_digit_is_one(isin):
    assert is_valid_isin(isin)


@pytest.mark.parametrize("isin", ["US0378331006", "US037833100", "us0378331005", "U50378331005", "", "US03783310055"])
def test_an_isin_of_a_wrong_form_or_check_digit_is_none(isin):
    assert not is_valid_isin(isin)


@given(st.from_regex(r"[A-Z]{2}[A-Z0-9]{9}", fullmatch=True))
def test_exactly_one_check_digit_fits(isin):
    assert sum(is_valid_isin(f"{isin}{digit}") for digit in range(10)) == 1
