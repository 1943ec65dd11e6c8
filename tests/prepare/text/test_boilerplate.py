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
        "Follow us on X and LinkedIn for the latest news of the plant.",
        "Safe Harbor Statement: This release looks ahead.",
        "Safe Harbor",
        "Contact: Please reach out to Jo Hale of our press team at any time.\n\njo@harland.example",
        "Media Contact: Jo Hale, Harland Pumps",
        "Harland Pumps (NYSE: HPMX) is a leading maker of pumps.\n\nMedia Contact:\n\nJo Hale",
        "Founded in 1991, Harland Pumps moves the water of 40 towns for the industry.\n\nMedia Contact:\n\nJo Hale",
        "About hPumps\n\nhPumps is the pump of every town.",
        "About\n\nHarland Pumps makes pumps.",
        "About Harland Pumps, Inc. Harland Pumps, also known as HP, makes pumps.",
        "About Harland Pumps LLC A maker of pumps for towns.",
        "About HPA The Harland Pumps Association (HPA) is a club.",
        "Additional Resources:\n\nPictures of the plant\nA map",
        "Disclaimers: Marl Daily is not operated by a broker.",
        "Please see full terms of use and disclaimers on the site of Marl Daily.",
        "This post was authored by an external contributor and looks ahead.",
        "Statements and conclusions of studies in this release are solely those of the study authors.",
        "Your contact person:\n\nJo Hale",
        "ContactJo HaleHead of News",
        "SOURCE Harland PumpsHarland Pumps is a maker of pumps.",
        "Follow the news of Harland Pumps on X @harland.",
        "Instagram: @harland\n\nWebsite: harland.example",
        "#HarlandPumps #Water #Towns",
        "Harland Pumps, Inc. [NYSE: HPMX] is a maker of pumps and a company of 40 towns.",
        "Harland Pumps, the maker of pumps for a leading port, provides water to 40 towns.",
    ],
)
def test_what_a_sender_repeats_is_boilerplate_and_nothing_of_it_is_left(boilerplate: str) -> None:
    news, rest = split_boilerplate(f"{NEWS}\n\n{boilerplate}", begun=True)
    assert (news, rest.split()) == (NEWS, boilerplate.split())


@pytest.mark.parametrize(
    "sentence",
    [
        "Contact: the art of the handshake is back in the City.",
        "Media contact: a word that the mayor of Denby hates, he said on Monday.",
        "Safe Harbor Marinas said it would buy the port for 40 million pounds.",
        "Safe harbor for 40 boats was found in Denby before the storm.",
        "Follow us on X was the slogan of the protest, which drew 4,000 people.",
        "Follow us on Instagram is what the sign at the gate said.",
        "Follow the money on X: the trail of 4,000 coins has led to Marl.",
    ],
)
def test_a_sentence_that_begins_like_a_heading_cuts_neither_itself_nor_what_follows(sentence: str) -> None:
    text = f"{NEWS}\n\n{sentence}\n\nThe shares closed 4 percent higher at 410 pence."
    assert split_boilerplate(text, begun=True) == (text, "")


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


@pytest.mark.parametrize(
    ("written", "news"),
    [
        (f"{NEWS}Media and Investor Contact:jo@harland.example", NEWS),
        (f"{NEWS} Read www.harland.comDisclaimer\n\nThis looks ahead.", f"{NEWS} Read www.harland.com"),
        (f"{NEWS}About Harland\n\nHarland Pumps makes pumps.", NEWS),
        (f"{NEWS} Contact DetailsJo Hale jo@harland.example", NEWS),
    ],
)
def test_a_heading_that_is_glued_to_the_news_begins_the_boilerplate(written: str, news: str) -> None:
    assert split_boilerplate(written, begun=True)[0] == news


@pytest.mark.parametrize(
    "last",
    [
        "The rise of the price is a welcome change for a leading company like Harland.",
        "In summary, Harland Pumps is the premier choice of the industry.",
        "Harland Pumps is committed to clean water, and the plant shows it, its mission.",
        "Over 40 pumps, including a new one, stand in the hall of the fair",
        "Dana Orme, president of HarlandAbout, opened it",
    ],
)
def test_a_last_paragraph_of_news_stays(last: str) -> None:
    assert split_boilerplate(f"{NEWS}\n\n{last}", begun=True) == (f"{NEWS}\n\n{last}", "")


def test_a_company_is_described_without_any_heading_where_the_paragraph_says_where_to_read_more() -> None:
    told = "Harland Pumps is a company that makes pumps for towns."
    more = "Additional information is available at www.harland.example."
    assert split_boilerplate(f"{NEWS}\n\n{told} {more}") == (NEWS, f"{told} {more}")
    assert split_boilerplate(f"{NEWS}\n\n{told}") == (f"{NEWS}\n\n{told}", "")


def test_the_description_at_the_end_of_a_release_of_one_paragraph_is_boilerplate() -> None:
    news = "Harland Pumps sold a pump to the town of Marlow. " * 30
    told = "Harland Pumps is a leading maker of pumps. It has five plants."
    assert split_boilerplate(f"{news}{told}") == (news.strip(), told)


@pytest.mark.parametrize(
    "behind",
    [
        "About The Money\n\nThe council will pay 40 million euros, the council said.",
        "About 4,000 cars crossed it each day\n\nThe mayor said so.",
        "About Stone Bridges is what the debate was, said the mayor.",
        "Contact\n\nTackles above the waist will be banned, the union said.",
        "Media relations\n\nThe minister for media said the law would harm papers.",
        "Disclosures\n\nThe firm had hidden loans of 12 million pounds, the court heard.",
        "Legal notices\n\nThe court in Marl ordered the mill to be wound up.",
        "Company overview\n\nSales of pumps rose by 12 percent to 40 million pounds.",
    ],
)
def test_a_heading_of_a_news_story_that_nothing_behind_it_bears_out_is_no_boilerplate(behind: str) -> None:
    body = f"The council of Marl said on Tuesday that it would rebuild the bridge.\n\n{behind}"
    assert split_boilerplate(body) == (body, "")


@pytest.mark.parametrize(
    "behind",
    [
        "About the Marl Group\n\nThe Marl Group grinds oats in two towns.",
        "ABOUT MARL ENERGY\n\nMarl grinds oats in two towns.",
        "About Us\n\nOats are ground in two towns by many people.",
        "Contact\n\nWrite to Jane Roe in our office at jane@marl.example today.",
        "Disclosures\n\nNothing in this note is advice to buy or to sell oats.",
        "Company overview\n\nMarl Mills is a leading miller of oats in the north.",
        "Additional resources\n\nThe oats of Marl\nThe mills of Marl",
    ],
)
def test_a_heading_that_what_stands_behind_it_bears_out_is_boilerplate(behind: str) -> None:
    news = "Marl Mills sold 40 tons of oats to a shop in the north."
    assert split_boilerplate(f"{news}\n\n{behind}") == (news, behind)
