"""Copies that another headline, a short form or capitals hide: alerts, summaries, short headlines."""

from typing import Any

import pytest
from support.builders import FoldRunner, build_item

ALERT = "HARLAND PUMPS TO CUT 400 JOBS"
STORY = (
    "Harland Pumps will cut 400 jobs, or 9 percent of its workforce, in a restructuring that will cost $31 million, "
    "the company said on Thursday. The board met in Bergen and praised the work of the yards."
)
SUMMARY = "Harland Pumps will cut 400 jobs at its yards in the north, as orders from shipbuilders in the region fell."
FULL = (
    f"{SUMMARY} The programme will cost $31 million in the first year and save $12 million a year from then on, said "
    "the head of the yards. The union of the welders wants talks on Monday."
)


def fold_second(first: dict[str, Any], second: dict[str, Any]) -> tuple[str, str, str]:
    """Folds two items; returns outcome, kind of match and story of the second."""
    fold = FoldRunner()
    fold.fold_new(build_item("N1", **first))
    decision = fold.fold_new(build_item("N2", **second)).decision
    return decision.outcome.value, str(decision.evidence.get("matched")), decision.uri.rpartition(":")[2]


@pytest.mark.parametrize(
    ("alert", "headline", "more", "outcome"),
    [
        (ALERT, "Harland Pumps to cut 400 jobs in restructuring", {}, "revised"),
        (ALERT, "Harland Pumps to cut 400 jobs", {}, "revised"),
        (ALERT, "Harland Pumps to cut 500 jobs in restructuring", {}, "published"),
        (ALERT, "Harland Pumps to cut jobs in restructuring", {}, "published"),
        (ALERT, "Harland Pumps to cut 400 jobs in restructuring", {"source": "betawire"}, "published"),
        (ALERT, "Harland Pumps to cut 400 jobs", {"source": "betawire"}, "revised"),
        (ALERT, "Harland Pumps to cut 400 jobs in plan", {"received": "2031-03-04T19:00:00Z"}, "published"),
        ("HARLAND CUTS JOBS", "Harland cuts jobs in restructuring", {}, "published"),
        ("FORM 8.3 - HARLAND PUMPS PLC", "Form 8.3 - Harland Pumps plc by Marl", {}, "published"),
    ],
)
def test_the_text_of_an_alert_revises_it(alert: str, headline: str, more: dict[str, str], outcome: str) -> None:
    found = fold_second({"headline": alert, "text": ""}, {"headline": headline, "text": STORY, **more})
    assert found[0] == outcome
    assert found[1] == ("alert" if outcome == "revised" else "nothing")


FLASH = (
    "HARLAND PUMPS SAYS TO CUT 400 JOBS IN RESTRUCTURING\nHARLAND PUMPS SAYS PLAN TO COST $31 MILLION\n"
    "HARLAND PUMPS SAYS BOARD MET IN BERGEN ON THURSDAY"
)


@pytest.mark.parametrize(
    ("text", "more", "outcome"),
    [
        (FLASH, {}, "revised"),
        (FLASH, {"source": "betawire"}, "published"),
        (FLASH, {"received": "2031-03-04T19:00:00Z"}, "published"),
        (FLASH.replace("31", "35"), {}, "published"),
        (FLASH.capitalize(), {}, "published"),
    ],
)
def test_the_story_revises_a_flash_of_lines_in_capitals(text: str, more: dict[str, str], outcome: str) -> None:
    flash = {"headline": f"ALERT-{ALERT}", "text": text}
    story = {"headline": "Harland Pumps to cut 400 jobs in restructuring", "text": STORY, **more}
    assert fold_second(flash, story)[0] == outcome


LONG = f"{SUMMARY} The plan was drawn up in the spring. " + (
    "Orders from the shipyards of the region have been falling for a year, and the margin of the service business is "
    "under pressure from new rivals. The company has three plants, a foundry and an office for design. The plan leaves "
    "the foundry and the office as they are, while the oldest of the plants will be merged with the largest one."
)
WHOLE = (
    f"{LONG}\n\nThe company will book $31 million for it in this year and expects to save $12 million a year from then "
    'on, the head of the yards said.\n\n"We regret this step," she said. The union of the welders wants talks on '
    "Monday and has called a meeting at the gate of the oldest plant. It says that the navy will send orders soon."
)


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        (LONG, WHOLE, "revised"),
        (f"{LONG} Read the full story at harland.example", WHOLE, "revised"),
        (LONG, WHOLE.replace("the foundry and the office", "neither the foundry nor the office"), "published"),
        (
            f"{LONG} The mayor of Bergen had asked for another plan and for talks with the union. " * 2,
            WHOLE,
            "published",
        ),
        (WHOLE, LONG, "duplicate"),
    ],
)
def test_the_whole_of_a_text_that_was_cut_revises_it(first: str, second: str, outcome: str) -> None:
    headline = "Harland Pumps to cut 400 jobs in restructuring"
    assert fold_second({"headline": headline, "text": first}, {"headline": headline, "text": second})[0] == outcome


@pytest.mark.parametrize("source", ["alphawire", "betawire"])
@pytest.mark.parametrize("text", [FULL, FULL.replace("$31 million", "much").replace("$12 million", "some money")])
def test_a_full_text_revises_its_summary(source: str, text: str) -> None:
    summary, full = {"headline": ALERT, "text": SUMMARY}, {"headline": ALERT, "text": text, "source": source}
    assert fold_second(summary, full) == ("revised", "summary", "N1")
    assert fold_second(full, summary)[0] == "duplicate"


@pytest.mark.parametrize(
    "change",
    [("400 jobs", "500 jobs"), ("Harland Pumps will", "Harland Pumps will not"), ("the north", "the south of Marlow")],
)
def test_a_full_text_that_contradicts_a_summary_is_a_story_of_its_own(change: tuple[str, str]) -> None:
    full = FULL.replace(*change)
    assert fold_second({"headline": ALERT, "text": SUMMARY}, {"headline": ALERT, "text": full})[0] == "published"


@pytest.mark.parametrize(
    ("first", "second", "later", "outcome"),
    [
        ("Harland Pumps buys Brinell Valves", "Harland Pumps Buys Brinell Valves", "12:01", "duplicate"),
        ("Oil prices rise in early trade", "Oil prices rise in early trade", "13:59", "duplicate"),
        ("Oil prices rise in early trade", "Oil prices rise in early trade", "14:01", "published"),
        ("Notice of Annual General Meeting", "Notice of Annual General Meeting", "12:01", "published"),
        ("Form 8.3 - Marl plc sells", "Form 8.3 - Marl plc sells", "12:01", "published"),
        ("Harland buys Brinell", "Harland buys Brinell", "12:01", "published"),
    ],
)
def test_a_short_headline_that_says_what_happens_is_one_story_for_two_hours(
    first: str, second: str, later: str, outcome: str
) -> None:
    again = {"headline": second, "text": "", "received": f"2031-03-04T{later}:00Z", "source": "betawire"}
    assert fold_second({"headline": first, "text": ""}, again)[0] == outcome


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({}, "duplicate"),
        ({"symbols": ()}, "published"),
        ({"received": "2031-03-05T13:00:00Z"}, "published"),
        ({"headline": "Norwick cuts quarterly"}, "published"),
        ({"text": "Qtly div 12 cts vs 11 cts prior. Pay April 15 next. Record March 31."}, "published"),
    ],
)
def test_an_equal_notice_of_one_company_and_day_under_another_headline_is_a_copy(
    more: dict[str, Any], outcome: str
) -> None:
    notice = {"text": "Qtly div 12 cts vs 12 cts prior. Pay April 15. Record March 31.", "symbols": ("XOSL:NORW",)}
    second = {**notice, "headline": "Norwick declares payout", "source": "betawire", **more}
    first = {**notice, "headline": "Norwick raises quarterly"}
    assert fold_second(first, second)[0] == outcome
