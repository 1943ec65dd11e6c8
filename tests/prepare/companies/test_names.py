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
def test_a_name_is_split_from_its_legal_form(name, parts):
    assert split_legal_form(name) == parts


def test_different_ways_of_writing_a_name_have_the_same_core_name():
    writings = ("Bright River and Co", "BRIGHT RIVER & CO., INC.", "The Bright River Corporation")
    assert {core_name(name) for name in writings} == {"bright river"}


def test_the_variants_of_a_name_leave_out_group_and_write_the_ampersand_as_and():
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
def test_any_name_can_be_folded(name):
    assert core_name(core_name(name)) is not None
    assert all(form == form.strip() for form in list_variants(name))
