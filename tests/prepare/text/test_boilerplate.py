"""Boilerplate is separated from the news of a release."""

import pytest

from streams.prepare.text.release_copy import split_release


@pytest.mark.parametrize(
    "boilerplate",
    [
        "About Marl.com\n\nMarl.com sells oats.",
        "IR contactMarl Mills AGPhone: +49 00 000000",
        "Investor Relations ContactJane Roe, jane@marl.example",
        "Corporate Communications\n\nMarl Mills, 4 Mill Lane",
        "The issuer is solely responsible for the content of this announcement.",
    ],
)
def test_paragraphs_about_the_issuer_and_its_contacts_are_boilerplate(boilerplate: str) -> None:
    found = split_release(f"Marl Mills sold 40 tons of oats.\n\n{boilerplate}")
    assert (found.text, found.boilerplate) == ("Marl Mills sold 40 tons of oats.", boilerplate)
