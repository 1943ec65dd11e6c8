"""Announced events: only those that a text says will take place, on the day that it names."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.prepare import facts
from streams.prepare.facts import events

TODAY = date(2026, 11, 22)


def find(text: str, headline: str = "", language: str = "en", today: date = TODAY) -> list[str]:
    return [
        f"{one.id} {one.day}"
        for one in events.find_events(headline, text, facts.find_facts(headline, text, language), today)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Norwick Pumps will report its third quarter results on Thursday, November 26, 2026.",
            ["results 2026-11-26"],
        ),
        (
            "The company will host a conference call at 8:30 a.m. ET on December 3, 2026 to discuss the results.",
            ["conference-call 2026-12-03"],
        ),
        (
            "Norwick is to hold a conference call to discuss its third quarter results on Dec. 3.",
            ["conference-call 2026-12-03"],
        ),
        (
            "On February 4, 2027, Norwick Pumps will hold its annual general meeting in Oslo.",
            ["annual-general-meeting 2027-02-04"],
        ),
        (
            "Norwick invites shareholders to an extraordinary general meeting to be held on 11 December 2026.",
            ["extraordinary-general-meeting 2026-12-11"],
        ),
        (
            "Norwick has delayed its annual meeting to December 22 from November 30.",
            ["annual-general-meeting 2026-12-22"],
        ),
        (
            "The annual general meeting scheduled for December 2 has been postponed to December 9.",
            ["annual-general-meeting 2026-12-09"],
        ),
        ("Norwick Pumps is set to hold its capital markets day on 2 March 2027.", ["investor-day 2027-03-02"]),
        (
            "Norwick will report quarterly results on January 28 and will hold an earnings call on January 29.",
            ["results 2027-01-28", "conference-call 2027-01-29"],
        ),
    ],
)
def test_an_announced_event_has_its_day(text, expected):
    assert find(text) == expected


@pytest.mark.parametrize(
    "days",
    [
        "on March 3-5, 2027", "on March 3 \u2013 5, 2027", "on March 3 and 4, 2027", "from 3-5 March 2027",
        "from March 3 to March 5, 2027", "taking place March 3 - April 2, 2027",
    ],
)  # fmt: skip
def test_a_conference_of_several_days_is_on_the_first(days):
    assert find(f"Norwick will attend the Lower Lea Technology Conference {days}.") == [
        "investor-conference 2027-03-03"
    ]


@pytest.mark.parametrize("name", ["Pumps and Valves Conference", "3rd Annual Lea Summit", "Lea Forum 2027"])
def test_a_conference_is_known_by_its_name(name):
    assert find(f"Norwick will present at the {name} on March 3, 2027.") == ["investor-conference 2027-03-03"]


def test_a_headline_announces_too():
    assert find("", headline="Norwick Pumps to Report Q3 2026 Results November 26") == ["results 2026-11-26"]


def test_german_and_french_texts_announce():
    assert find("Die ordentliche Hauptversammlung findet am 4. Februar 2027 statt.", language="de") == [
        "annual-general-meeting 2027-02-04"
    ]
    assert find("L'assemblée générale se tiendra le 4 février 2027 à Lyon.", language="fr") == [
        "annual-general-meeting 2027-02-04"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Norwick will hold its annual general meeting in Oslo next spring.",
        "Norwick held its annual general meeting on May 6, 2026.",
        "Norwick opens a plant on December 3, 2026.",
        "The merger is expected to close on December 31, 2026.",
        "A replay of the conference call will be available until December 10, 2026.",
        "Norwick will report results for the quarter ended September 30, 2026.",
        "The special meeting of shareholders scheduled for December 2, 2026 was cancelled. It will be held later.",
        "The annual general meeting scheduled for December 2, 2026 has been postponed indefinitely.",
        "The board postponed a special meeting that had been scheduled for December 2, 2026.",
        "Norwick will hold its annual meeting on November 22, 2026.",
        "Norwick will hold its annual meeting on November 10.",
        "Norwick will hold its annual meeting on February 29.",
        "Norwick will hold a Press Conference on December 3, 2026.",
    ],
)
def test_a_text_that_announces_no_later_event_has_none(text):
    assert find(text) == []


def test_a_day_without_a_year_is_the_next_one_after_the_item():
    text = "Norwick will hold its annual general meeting on March 3."
    assert find(text, today=date(2026, 3, 2)) == ["annual-general-meeting 2026-03-03"]
    assert find(text, today=date(2026, 11, 22)) == ["annual-general-meeting 2027-03-03"]
    assert find(text, today=date(2026, 3, 20)) == []


def test_an_event_is_listed_once_and_at_most_four_are():
    text = "Norwick will hold its annual general meeting on March 3, 2027.\n"
    assert find(text * 3) == ["annual-general-meeting 2027-03-03"]
    assert len(find("".join(text.replace("March 3", f"March {day}") for day in range(3, 12)))) == 4


PARTS = [
    "Norwick will hold ", "its annual general meeting ", "a conference call ", "on ", "November 26, 2026 ",
    "December 3 ", "to report ", "third quarter results ", "was ", ". The ", "at 8:30 a.m. ET ",
]  # fmt: skip
WORDS = st.lists(st.sampled_from(PARTS), max_size=20).map("".join)


@given(WORDS | st.text(max_size=80), WORDS, st.dates())
def test_every_event_of_any_text_is_later_than_the_item(headline, text, today):
    stated = facts.find_facts(headline, text, "en")
    for one in events.find_events(headline, text, stated, today):
        assert date.fromisoformat(one.day) > today
        assert one.day[5:] in {fact.value[-5:] for fact in stated if fact.kind == "date"}
