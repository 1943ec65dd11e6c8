"""Lines that copyists add are no part of the fingerprint; sentences of a story are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.prepare.text.added_lines import drop_added_lines, read_entities

STORY = (
    "Norwick Pumps said on Tuesday that it would build a second mill at Bergen, beside the yards that it bought last "
    "year.\n\nThe board praised the work of the yards. Orders from shipbuilders in the north rose, while the margin of "
    "the service business was about the same as a year before, the company said."
)


@pytest.mark.parametrize(
    "line",
    [
        "ADVERTISEMENT",
        "Advertisement - scroll to continue",
        "Story continues below",
        "Article continues below advertisement",
        "Read more from our partners: 5 stocks to watch.",
        "Read more: Norwick hires welders",
        "Related: Norwick hires 300 welders",
        "Sign up for our newsletter to get 10 stories a day.",
        "Click here to see 3 charts.",
        "This article was originally published on Harbour News.",
        "To track this stock, open the app.",
        "Photo: A. Quill",
        "Anzeige",
        "(Reporting by A. Quill in Bergen; editing by B. Reed)",
        "(All times local)",
        "EQS-Adhoc: Norwick Pumps AG / Key word(s): Forecast",
        "Ad-hoc: Norwick Pumps AG / Schlagwort(e): Prognose",
        "Disclosure of an inside information acc. to Article 17 MAR of the Regulation (EU) No 596/2014.",
        "The issuer is solely responsible for the content of this announcement.",
        "Für den Inhalt der Mitteilung ist der Emittent / Herausgeber verantwortlich.",
        "End of Inside Information",
        "The information contained within this announcement is deemed by the Company to constitute inside information.",
    ],
)
def test_a_line_that_a_copyist_added_is_left_out_wherever_it_stands(line: str) -> None:
    first, second = STORY.split("\n\n")
    for text in (f"{first}\n\n{line}\n\n{second}", f"{STORY}\n\n{line}"):
        assert drop_added_lines(text).split() == STORY.split()


@pytest.mark.parametrize(
    "line",
    [
        "Norwick shares closed at $51.20 on Wednesday, up 1.4%.",
        "Shares of Norwick Pumps were up 2 percent at 51.20 kroner in Oslo.",
        "Shares closed at $51.20",
        "The stock fell 1.2% to 30.5 euros.",
    ],
)
def test_the_price_of_the_share_is_left_out_at_the_end_of_a_story_only(line: str) -> None:
    assert drop_added_lines(f"{STORY}\n\n{line}").split() == STORY.split()
    for text in (f"{line}\n\n{STORY}", f"Oslo closed higher.\n\n{line}", line):
        assert drop_added_lines(text) is text


STAMPS = [
    "04.03.2031 14:09 CEST",
    "Published: 4 March 2031, 10:15 GMT",
    "4-Mar-2031 / 18:42 CET/CEST",
    "2031-03-04 9:02 AM",
]


@pytest.mark.parametrize("line", STAMPS)
def test_date_and_time_alone_in_a_line_are_left_out_at_both_ends_of_a_story(line: str) -> None:
    for text in (f"{line}\n\n{STORY}", f"{STORY}\n\n{line}"):
        assert drop_added_lines(text).split() == STORY.split()
    long = "\n\n".join([*["The board met."] * 3, line, *["The yards are full."] * 3])
    assert drop_added_lines(long) is long


@pytest.mark.parametrize(
    "line", ["4 March 2031", "31.12.2031", "12:30", "March 31, 2031 12.50", "4 March 2031 10:15 was the end"]
)
def test_a_date_a_time_or_a_price_beside_a_date_stays(line: str) -> None:
    assert drop_added_lines(text := f"{STORY}\n\n{line}") is text


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        ("Marl&#8217;s &#x27;big&#x27; day &amp; night", "Marl\u2019s 'big' day & night"),
        ("AT&T &quot;wins&quot;", 'AT&T "wins"'),
    ],
)
def test_entities_that_were_escaped_twice_are_read(escaped: str, text: str) -> None:
    assert read_entities(escaped) == text


def test_a_text_without_entities_is_the_same_object() -> None:
    assert read_entities(text := "AT&T & sons; q&a") is text


@pytest.mark.parametrize(
    "line",
    [
        "Advertising revenue rose 12 percent.",
        "Read the prospectus before you invest 5 dollars.",
        "Shareholders voted on Tuesday.",
        "The video game maker sold 3 million copies.",
        "More stories of fraud came up at the trial, in which 12 were heard.",
    ],
)
def test_a_sentence_of_the_story_stays(line: str) -> None:
    assert drop_added_lines(text := f"{STORY}\n\n{line}") is text


@given(st.text())
def test_a_text_is_left_in_order(text: str) -> None:
    kept = iter(text.split("\n"))
    assert all(line in kept for line in drop_added_lines(text).split("\n")) or drop_added_lines(text) == ""
