"""A headline that many stories have does not make a correction or an update one of another story."""

import pytest
from support.builders import FoldRunner, build_item

from streams.model.records import Status

NOTICE = "Transaction in Own Shares"
MOORLAND = "Moorland Growth plc bought 25,000 of its shares at 97 pence."
LARKFIELD = "Larkfield Trust plc bought 50,000 of its shares at 412 pence."
CORRECTED = "Moorland Growth plc bought 26,000 of its shares at 97 pence."
OIL = "Oil prices rise on supply worries"
MONDAY = "Oil rose on Monday after a fire at a refinery in Norwick. Brent gained 1.20 dollars to 71.40."
WEDNESDAY = "Oil rose on Wednesday as a storm shut platforms. Brent gained 2.35 dollars to 75.10."


def decide_two(headline: str, first: str, second: str, status: Status, received: str) -> str:
    """The outcome of the second of two items of one wire and one headline; the first came at noon."""
    fold = FoldRunner()
    fold.fold_new(build_item("A1", headline=headline, text=first))
    return fold.fold_new(build_item("A2", headline=headline, text=second, status=status, received=received)).outcome


@pytest.mark.parametrize(("text", "outcome"), [(LARKFIELD, "published"), (CORRECTED, "revised")])
def test_a_correction_of_a_notice_revises_that_of_the_same_company_only(text: str, outcome: str) -> None:
    assert decide_two(NOTICE, MOORLAND, text, Status.CORRECTION, "2031-03-04T12:30:00Z") == outcome


@pytest.mark.parametrize(
    ("received", "outcome"),
    [("2031-03-04T15:00:00Z", "revised"), ("2031-03-05T00:30:00Z", "published"), ("2031-03-06T12:00:00Z", "published")],
)
def test_an_update_of_another_wording_revises_a_story_of_these_hours_only(received: str, outcome: str) -> None:
    assert decide_two(OIL, MONDAY, WEDNESDAY, Status.UPDATE, received) == outcome
