"""Boilerplate is separated from the news of a release."""

import pytest

from streams.prepare.text.boilerplate import split_boilerplate
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


NOTICE = "The issuer is solely responsible for the content of this announcement."


def test_a_notice_above_the_news_takes_no_news_with_it() -> None:
    above = "Marl AG raises its forecast\n\n09-Jul-2026 / 07:00 CET"
    news, rest = split_boilerplate(f"{above}\n\n{NOTICE}\n\nMarl AG now expects sales of EUR 850 million.")
    assert "EUR 850 million" in news
    assert rest == NOTICE


def test_a_sentence_of_a_service_is_no_news() -> None:
    service = "Disclosure of an inside information acc. to Article 17 MAR, transmitted by a service."
    news, rest = split_boilerplate(f"{service}\n\n{NOTICE}\n\nMarl AG now expects sales of EUR 850 million.")
    assert (news.endswith("EUR 850 million."), rest) == (True, NOTICE)


def test_a_notice_below_the_news_begins_the_boilerplate() -> None:
    news, rest = split_boilerplate(f"Marl AG now expects sales of EUR 850 million.\n\n{NOTICE}\n\nLanguage: English")
    assert (news, rest) == ("Marl AG now expects sales of EUR 850 million.", f"{NOTICE}\n\nLanguage: English")


def test_contacts_above_a_longer_text_are_no_boilerplate_that_takes_it() -> None:
    news, _ = split_boilerplate(
        "Marl AG\n\nContact:\n\nMarl orders ships from the yard in Denby for 40 million crowns."
    )
    assert "40 million crowns" in news
