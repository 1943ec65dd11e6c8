"""Notices of issuers carry codes in their text."""

import pytest

from streams.model.records import Code, Story
from streams.prepare.normalise import complete_story

RNS = """RNS Number : 5627Q
Harland Pumps PLC
09 July 2026

Harland Pumps bought 4,100 of its shares.

This information is provided by RNS, the news service of the London Stock Exchange.

END

"""


@pytest.mark.parametrize(("line", "code"), [("POSEAKFEFFFKEFA", "POS"), ("IR BRGDCRUDDGSB", "IR")])
def test_an_announcement_of_rns_has_the_code_of_its_headline_category(line: str, code: str) -> None:
    story = complete_story(Story(headline="Transaction in Own Shares", text=RNS + line))
    assert story.codes == (Code("rns", code, ""),)
    assert story.text.endswith("4,100 of its shares.")


def test_the_items_of_a_form_8_k_are_codes() -> None:
    said = "Filed: 2026-07-09\nItem 2.02: Results of Operations and Financial Condition\nItem 9.01: Exhibits"
    story = complete_story(Story(headline="8-K - HARLAND PUMPS INC (0001999002) (Filer)", summary=said))
    assert story.codes == (
        Code("edgar:item", "2.02", "Results of Operations and Financial Condition"),
        Code("edgar:item", "9.01", "Exhibits"),
    )


@pytest.mark.parametrize(
    ("headline", "text"),
    [
        ("Harland Pumps files", "It is in Item 2.02 of the form 8-K."),
        ("Harland Pumps", "The end.\n\nEND\n\nPOSEAKFEFFFKEFA"),
        ("Harland Pumps", RNS + "A word behind the end"),
    ],
)
def test_other_texts_have_no_such_code(headline: str, text: str) -> None:
    assert complete_story(Story(headline=headline, text=text)).codes == ()
