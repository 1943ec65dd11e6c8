import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.prepare.companies.names import core_name, fold_name, list_variants, split_legal_form


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Brenvik Pumps AG", ("Brenvik Pumps", "AG")),
        ("Kettle, Inc.", ("Kettle", "Inc.")),
        ("The Soltane Company", ("Soltane", "Company")),
        ("SOLTANE CORP /DE/", ("SOLTANE", "CORP")),
        ("Bright River & Co. KGaA", ("Bright River", "& Co. KGaA")),
        ("Quill S.p.A.", ("Quill", "S.p.A.")),
        ("Inc", ("Inc", "")),
        ("Company", ("Company", "")),
        ("", ("", "")),
    ],
)
def test_the_legal_form_is_parted_from_a_name(name, parts):
    assert split_legal_form(name) == parts


def test_writings_of_one_name_have_one_core():
    writings = ("Bright River and Co", "BRIGHT RIVER & CO., INC.", "The Bright River Corporation")
    assert {core_name(name) for name in writings} == {"bright river"}


def test_a_name_goes_without_group_and_with_and_for_its_sign():
    assert list_variants("Hale & Dorn Group plc") == [
        "hale & dorn group",
        "hale and dorn group",
        "hale & dorn",
        "hale and dorn",
    ]
    assert list_variants("Hale Group plc", short=False) == ["hale group"]


@given(st.text(max_size=80))
def test_folding_keeps_every_character_at_its_place(text):
    folded = fold_name(text)
    assert folded[:1] == folded[-1:] == b" "
    if text.isascii():
        assert len(folded) == len(text) + 2


@given(st.text(max_size=60))
def test_no_name_is_too_strange_to_fold(name):
    assert core_name(core_name(name)) is not None
    assert all(form == form.strip() for form in list_variants(name))
