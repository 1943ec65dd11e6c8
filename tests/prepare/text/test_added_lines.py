"""Lines that copyists add are no part of the fingerprint; sentences of a story are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.prepare.text.added_lines import drop_added_lines

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
