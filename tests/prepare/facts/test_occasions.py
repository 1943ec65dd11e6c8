"""Dates that the words before them give to a dividend, a deadline, a show, an opening."""

from datetime import date

import pytest

from streams.prepare import facts
from streams.prepare.facts import events


def find(text: str) -> list[str]:
    stated = facts.find_facts("", text, "en")
    return [f"{one.id} {one.day}" for one in events.find_events("", text, stated, date(2026, 11, 22))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "It will pay a dividend of $0.20 payable on December 18, 2026 to holders of record on December 4, 2026.",
            ["dividend-payment 2026-12-18", "record-date 2026-12-04"],
        ),
        ("The ex-dividend date is December 3, 2026.", ["ex-dividend 2026-12-03"]),
        ("The dividend will be paid on or about December 18.", ["dividend-payment 2026-12-18"]),
        ("The lead plaintiff deadline is January 13, 2027.", ["deadline 2027-01-13"]),
        ("Applications are due Dec. 20, and winners will be named.", ["deadline 2026-12-20"]),
        ("The offer will expire at 5:00 p.m., New York City time, on December 9, 2026.", ["deadline 2026-12-09"]),
        ("Norwick will ring the Nasdaq opening bell on Monday, December 7, 2026.", ["opening-bell 2026-12-07"]),
        (
            "The shares are expected to begin trading on Nasdaq under the symbol NWCK on December 1, 2026.",
            ["first-trading-day 2026-12-01"],
        ),
        ("Norwick will exhibit at the Harbour Boat Show in Oslo from January 6-9, 2027.", ["trade-show 2027-01-06"]),
        ("Norwick will open its second plant on December 3, 2026.", ["launch 2026-12-03"]),
    ],
)
def test_the_words_before_a_date_say_what_it_is_for(text: str, found: list[str]) -> None:
    assert find(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "The dividend was paid on December 18, 2026.",
        "A replay will be available through December 18, 2026.",
        "The offer, which has been amended, expires on December 18, 2026.",
        "The notes mature on December 18, 2026.",
        "Norwick will open a plant. It was announced on December 18, 2026.",
        "The deadline was extended; talks go on, and December 18, 2026 is near.",
        "Norwick will launch in the quarter ended December 31, 2026.",
    ],
)
def test_other_dates_are_no_occasions(text: str) -> None:
    assert find(text) == []
