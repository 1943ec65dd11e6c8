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


NEWS = "Harland Pumps opened a plant in Marlow on Monday, it said. It cost $12 million."


@pytest.mark.parametrize(
    "boilerplate",
    [
        "About Harland Pumps Inc.\n\nHarland Pumps makes pumps and employs 4,100 people.",
        "About HARLAND PUMPS LTD.\n\nThe maker of pumps has five plants.",
        "About Harland PumpsHarland Pumps empowers towns to move water.",
        "About Harland Pumps Harland Pumps makes pumps for towns.",
        "NOTE TO INVESTORS: The latest news is in the newsroom of the company.",
        "This post contains sponsored content. It is no investing advice.",
        "This content was originally published on Marl Daily. Read further disclosures here.",
        "Legal Disclaimer and Forward-Looking Statements\n\nThis release looks ahead.",
        "On Behalf of the Board of Directors:\n\nDana Orme",
        "Neither TSX Venture Exchange nor its Regulation Services Provider accepts responsibility for this release.",
        "Company Profile\n\nHarland Pumps makes pumps.",
        "For more information about Harland Pumps visit the links below:\n\nhttps://harland.example",
        "Featured photo by A. Person on Unsplash.",
        "Follow us on Facebook, Instagram, Pinterest and LinkedIn.",
        "Harland Pumps (NYSE: HPMX) is a leading maker of pumps.\n\nMedia Contact:\n\nJo Hale",
        "Founded in 1991, Harland Pumps moves the water of 40 towns for the industry.\n\nMedia Contact:\n\nJo Hale",
    ],
)
def test_what_a_sender_repeats_is_boilerplate_and_nothing_of_it_is_left(boilerplate: str) -> None:
    news, rest = split_boilerplate(f"{NEWS}\n\n{boilerplate}", begun=True)
    assert (news, rest.split()) == (NEWS, boilerplate.split())


@pytest.mark.parametrize(
    "last",
    [
        "About 40 towns have bought the pumps, and more are to follow soon.",
        "Harland Pumps is to close its plant in Marlow in May, it said.",
        "Follow us on the way: the plant opens its doors on Monday for all who want to see it, and many will come. "
        * 3,
        "“Harland Pumps is a leading company,” said Dana Orme. “We grow.”",
    ],
)
def test_news_that_sounds_like_boilerplate_stays(last: str) -> None:
    text = f"{NEWS}\n\n{last.strip()}"
    assert split_boilerplate(text, begun=True) == (text, "")


def test_a_block_of_contacts_in_the_line_of_the_news_is_cut_off() -> None:
    news, rest = split_boilerplate(f"{NEWS}   Contact Information:\n\nHarland Pumps\n\nMarlow", begun=True)
    assert (news, rest.split()[:2]) == (NEWS, ["Contact", "Information:"])
