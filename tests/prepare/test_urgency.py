"""The urgency that an item has where its wire says nothing."""

import pytest

from streams.model.records import Status, Story
from streams.prepare.normalise import derive_urgency


@pytest.mark.parametrize(
    ("headline", "expected"),
    [
        ("FLASH: Norwick agrees to a merger", 1),
        ("ALERT - Norwick agrees to a merger", 2),
        ("BREAKING NEWS: Norwick agrees to a merger", 2),
        ("URGENT: Norwick agrees to a merger", 3),
        ("NORWICK AGREES TO A MERGER", 2),
        ("*DJ Norwick agrees to a merger", 2),
        ("Norwick agrees to a merger", None),
        ("NORWICK PUMPS", None),
        ("Flash floods close a plant", None),
        ("诺维克水泵公司开设新工厂", None),
    ],
)
def test_a_headline_alone_is_as_urgent_as_it_is_marked(headline, expected):
    assert derive_urgency(Story(headline=headline)) == expected


def test_a_headline_in_capitals_above_a_text_is_no_alert():
    assert derive_urgency(Story(headline="NORWICK AGREES TO A MERGER", text="Norwick said so.")) is None


@pytest.mark.parametrize(("status", "expected"), [(Status.WITHDRAWN, 2), (Status.CORRECTION, 3), (Status.UPDATE, None)])
def test_kills_and_corrections_are_urgent(status, expected):
    assert derive_urgency(Story(headline="Norwick", text="Norwick.", status=status)) == expected


def test_what_the_wire_says_comes_first():
    assert derive_urgency(Story(headline="FLASH: Norwick", urgency=5)) == 5


@pytest.mark.parametrize("stated", [0, 10, -1])
def test_an_urgency_out_of_its_range_was_not_said(stated):
    assert derive_urgency(Story(headline="FLASH: Norwick", urgency=stated)) == 1
