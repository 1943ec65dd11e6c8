"""Who issues a release, where neither the wire nor a `SOURCE` line says it."""

import pytest

from streams.model.records import Story
from streams.prepare.companies.issuer import find_issuer, tidy_name
from streams.prepare.normalise import complete_story


def issuer_of(headline: str, text: str) -> str:
    return find_issuer(complete_story(Story(headline=headline, text=text)))


@pytest.mark.parametrize(
    ("headline", "text", "issuer"),
    [
        (
            "Harland Pumps Opens Plant",
            "AKRON, Ohio, March 5, 2026 /PRNewswire/ -- Harland Pumps, a maker of pumps, today announced a plant.",
            "Harland Pumps",
        ),
        (
            "Calder Wins Award",
            "OSLO, March 5, 2026 -- A plant won an award.\n\nAbout Calder Gas, Inc.\n\nIt sells gas."
            "\n\nAbout Marl Prize\n\nIt is given by a jury.",
            "",
        ),
        (
            "Calder Gas Wins Award for Its Plant",
            "OSLO, March 5, 2026 -- A plant won an award on Monday in Oslo, a jury said.\n\nAbout Calder Gas, Inc.\n\n"
            "Calder Gas supplies gas.",
            "Calder Gas, Inc.",
        ),
        (
            "Five Tips for a Safe Boiler",
            "A boiler needs care, and most owners forget that every winter.\n\nContact Details\n\nNorwick Heating\n\n"
            "Jo Hale\n\n+1 555 0100\n\njo@norwickheating.com\n\nCompany Website\n\nhttps://norwickheating.com",
            "Norwick Heating",
        ),
        (
            "Norwick Heating Hires a Chief",
            "Norwick Heating has hired Rona Kell, it said on Monday in a long statement.\n\nContact Details\n\n"
            "Bright Words PR\n\nJo Hale\n\njo@brightwords.com\n\nCompany Website\n\nhttps://norwickheating.com",
            "Norwick Heating",
        ),
        (
            "Copper Is Scarce This Year",
            "Copper is scarce, and the mines that firms like Tessel Metals (NYSE: TSLM) run are old.\n\n"
            "About OreStocks\n\nOreStocks writes about mines.\n\nOreStocks is powered by MarlNet",
            "OreStocks",
        ),
        (
            "This Pump Maker Looks at Brazil",
            "By Jo Hale, Marl Daily\n\nDana Orme, CEO of Harland Pumps (NYSE: HPMX), was a guest on the show.",
            "Marl Daily",
        ),
        (
            "MarlWire Reach Grows",
            "MarlNet MarlWire sends news to 40 towns, and more towns come.\n\nAbout MarlNet\n\nMarlNet sends news."
            "\n\nMarlWire is powered by MarlNet",
            "MarlNet",
        ),
        (
            "Northwind Homes Named to a List of Fair Firms",
            "Fair Firms Board and a paper have honored Northwind Homes for its pay.\n\nAbout Northwind Homes: "
            "Northwind Homes builds. northwindhomes.com\n\nAbout Fair Firms Board: Fair Firms Board ranks firms. "
            "fairfirmsboard.com",
            "Northwind Homes",
        ),
        (
            "Tips of Editor Jo Hale and Norwick Sea Lines",
            "Summer is near, and Norwick Sea Lines has a plan for it.\n\nAbout Jo Hale Jo Hale is Editor-in-Chief of a "
            "paper.\n\nAbout Norwick Sea Lines\n\nNorwick Sea Lines is a leading line. norwicksealines.com",
            "Norwick Sea Lines",
        ),
        (
            "UMP Upgrades Its Pipes",
            "UMP Water is set to begin work in May. UMP mends pipes.\n\nUMP Water, Inc. is a water company. "
            "More: ump.com",
            "UMP Water, Inc.",
        ),
        (
            "New Novel by Jo Hale Is Free Today",
            "Bestselling author Jo Hale has announced that the novel is free today.\n\nContact\n\njo@hale.example",
            "Jo Hale",
        ),
    ],
    ids=[
        *("subject", "two-headings", "heading", "contact", "agency", "service", "byline"),
        *("powers", "who-honours", "person", "longer-name", "author"),
    ],
)
def test_the_issuer_is_found_where_two_places_of_a_release_agree(headline: str, text: str, issuer: str) -> None:
    assert issuer_of(headline, text) == issuer


def test_initials_of_the_issuer_are_read_as_the_name_that_the_text_defines() -> None:
    text = (
        "MARLOW, March 5, 2026 -- Organised by the Marl Trade Development Council (MTDC), the fair returns in May, "
        "and many makers will come.\n\nAbout MTDC\n\nMTDC promotes trade. Visit www.mtdc.com/about."
    )
    assert issuer_of("MTDC to Hold the Largest Fair", text) == "Marl Trade Development Council"


@pytest.mark.parametrize(
    ("headline", "text"),
    [
        ("Q&A with Tina Powell, Partner at Calder", "Tina Powell is a partner at Calder, which makes valves in Oslo."),
        ("Governor Signs a Bill", "The Marl Governor today signed a bill that raises a tax."),
        ("State Roundup", "The state sued a maker of pumps on Monday, and a court heard the case."),
        ("", ""),
    ],
    ids=["interview", "office", "news", "empty"],
)
def test_a_text_that_does_not_say_who_issues_it_has_no_issuer(headline: str, text: str) -> None:
    assert issuer_of(headline, text) == ""


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Harland Pumps, Inc. (NYSE: HPMX)", "Harland Pumps, Inc."),
        ("Norwick\u2019s", "Norwick"),
        ("Marl Gas Ltd.", "Marl Gas Ltd."),
        ("what the company does", ""),
        ("jo@marl.example", ""),
    ],
)
def test_a_name_is_taken_without_bracket_and_punctuation(written: str, name: str) -> None:
    assert tidy_name(written) == name
