"""News that begins as a notice to editors may begin is news."""

import pytest

from streams.model.records import Status, Story
from streams.prepare.text.references import read_references


@pytest.mark.parametrize(
    "text",
    [
        "In Norwick, a journalist who had filed a report on the power cuts was killed by a drone on Tuesday.",
        "In March a report on the drug was withdrawn.",
        'In a message to members, the union said: "please hold the line and share our story."',
        "In this release, amounts are in crowns; please read the notes. Salton earned 21 million.",
        "To view the release and hear the webcast on November 4, please insert the code 1234.",
        "Tomorrow the report on the yard will be read; the first one was withdrawn.",
    ],
)
def test_a_text_that_names_no_story_is_no_notice(text: str) -> None:
    assert read_references(Story(headline="Norwick news", text=text)).status is Status.USABLE


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ('In the item headlined "Norwick opens a plant" please read in the second paragraph 14 million.', "advisory"),
        ('To the story "Norwick opens a plant" please add the name of its head.', "usable"),
        ('In NORWICK story "Norwick opens a plant" please disregard the story, it was sent in error.', "withdrawn"),
        ('Editors: please disregard the story headlined "Norwick opens a plant".', "withdrawn"),
    ],
)
def test_a_notice_names_its_story_or_speaks_to_editors(text: str, status: str) -> None:
    assert read_references(Story(headline="Advisory on Norwick", text=text)).status.value == status
