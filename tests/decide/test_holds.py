"""A hold withholds what is not published, takes back what is, and ends by a later release of the wire or the desk."""

from typing import Any

import pytest
from support.builders import (
    EMBARGO,
    LATER,
    NOON,
    OTHER_TEXT,
    PARAMS,
    STORY,
    STORY_TOPICS,
    TEXT,
    FoldRunner,
    build_command,
    build_item,
    build_kill,
)

from streams.model.records import Item, Status
from streams.model.timestamps import HOLD

HELD_TOPICS = [*STORY_TOPICS, "withheld"]


def build_hold(id: str = "A1", **fields: Any) -> Item:
    given = {"version": "2", "created": NOON, "text": "", "headline": "Hold", "status": Status.WITHDRAWN}
    return build_item(id, **{**given, "embargo": HOLD, **fields})


def test_an_item_on_hold_is_withheld_and_no_time_releases_it(fold: FoldRunner) -> None:
    kept = fold.fold_new(build_item(embargo=HOLD))
    assert (kept.outcome, kept.topics, kept.decision.evidence) == (
        "withheld",
        ["withheld"],
        {"matched": "nothing", "hold": True},
    )
    assert fold.fold_record(build_command("release", by="releaser", at="2099-01-01T00:00:00Z")).outcome == "none"
    assert fold.fold_record(build_command("release", by="desk", at=NOON)).outcome == "published"


def test_the_state_keeps_a_hold_for_366_days(fold: FoldRunner) -> None:
    fold.fold_new(build_item(embargo=HOLD))
    [story] = fold.state.withheld()
    assert story.expires - fold.state.progress.clock == PARAMS.memory + 366 * 86_400_000
    assert story.release_at == HOLD


@pytest.mark.parametrize("text", [TEXT, ""])
def test_a_hold_of_an_unknown_story_is_withheld_with_what_it_brings(fold: FoldRunner, text: str) -> None:
    kept = fold.fold_new(build_hold(text=text, headline="Brookvale Mills to build a second paper mill"))
    assert (kept.outcome, kept.topics) == ("withheld", ["withheld"])
    out = fold.fold_record(build_command("release"))
    assert (out.outcome, [row["value"] for row in out.event()["bodies"]]) == ("published", [text] if text else [])


def test_a_hold_of_a_story_under_embargo_ends_its_release_by_time(fold: FoldRunner) -> None:
    fold.fold_new(build_item(embargo=EMBARGO))
    kept = fold.fold_new(build_hold())
    assert (kept.outcome, kept.topics) == ("withheld", ["withheld"])
    assert [story.release_at for story in fold.state.withheld()] == [HOLD]
    assert fold.fold_record(build_command("release", by="releaser", at="2031-03-04T14:00:00Z")).outcome == "none"
    event = fold.fold_record(build_command("release")).event()
    assert (event["bodies"][0]["value"], event["headlines"][0]["value"]) == (
        TEXT,
        "Brookvale Mills to build a second paper mill at Ostrava",
    )


def test_a_hold_of_a_published_story_withdraws_it_and_keeps_it_in_withheld(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    gone = fold.fold_new(build_hold())
    assert (gone.outcome, gone.decision.topics, gone.decision.left) == (
        "withdrawn",
        ("latest", "withheld"),
        ("companies", "companies.new-contracts"),
    )
    assert (gone.event()["pubStatus"], gone.event()["version"], "bodies" in gone.event()) == ("canceled", "2", False)
    waiting = gone.event("withheld")
    assert (waiting["pubStatus"], waiting["version"], waiting["bodies"][0]["value"]) == ("withheld", "3", TEXT)


def test_a_later_version_takes_a_hold_back(fold: FoldRunner) -> None:
    fold.fold_all_new(build_item(), build_hold())
    back = fold.fold_new(build_item(version="3", created=LATER, text=OTHER_TEXT))
    assert (back.outcome, back.topics, back.decision.version) == ("revised", HELD_TOPICS, "3")
    assert (back.event()["bodies"][0]["value"], back.effect("withheld").value) == (OTHER_TEXT, None)
    assert fold.state.withheld() == []


def test_a_later_version_with_the_same_text_takes_a_hold_back_and_the_old_one_again_does_not(fold: FoldRunner) -> None:
    fold.fold_all_new(build_item(), build_hold())
    assert fold.fold_new(build_item()).decision.match_kind == "same-version"
    assert fold.fold_new(build_item(version="3", created=LATER)).outcome == "revised"


def test_a_release_without_a_text_brings_the_text_back(fold: FoldRunner) -> None:
    fold.fold_all_new(build_item(), build_hold())
    back = fold.fold_new(build_item(version="3", created=LATER, text=""))
    assert (back.outcome, back.topics, back.event()["bodies"][0]["value"]) == ("revised", HELD_TOPICS, TEXT)
    assert back.event()["representationType"] == "full"


def test_a_release_by_the_desk_takes_a_hold_back(fold: FoldRunner) -> None:
    fold.fold_all_new(build_item(), build_hold())
    back = fold.fold_record(build_command("release", by="desk"))
    assert (back.outcome, back.topics, back.decision.version) == ("revised", HELD_TOPICS, "3")
    assert (back.event()["bodies"][0]["value"], back.event()["pubStatus"]) == (TEXT, "usable")


def test_a_hold_that_quotes_a_headline_finds_its_story(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    notice = build_hold("N9", quotes=("Brookvale Mills to build a second paper mill at Ostrava",), text="Please hold.")
    gone = fold.fold_new(notice)
    assert (gone.outcome, gone.decision.uri, gone.decision.topics) == ("withdrawn", STORY, ("latest", "withheld"))
    assert gone.event("withheld")["bodies"][0]["value"] == TEXT


def test_a_second_hold_is_a_duplicate_or_waits_too_and_a_kill_ends_it(fold: FoldRunner) -> None:
    fold.fold_all_new(build_item(), build_hold())
    assert fold.fold_new(build_hold()).outcome == "duplicate"
    assert fold.fold_new(build_hold(version="3", created=LATER)).outcome == "withheld"
    gone = fold.fold_record(build_command("kill"))
    assert (gone.outcome, gone.effect("withheld").value, fold.state.withheld()) == ("withdrawn", None, [])
    assert fold.fold_new(build_item(version="4", created=LATER)).outcome == "withdrawn"


def test_a_hold_that_comes_again_after_its_release_does_not_take_the_story_back_again(fold: FoldRunner) -> None:
    fold.fold_all_new(build_item(), build_hold())
    fold.fold_record(build_command("release", by="desk"))
    assert fold.fold_new(build_hold()).decision.match_kind == "same-version"
    assert fold.fold_new(build_hold(version="4", created=LATER)).outcome == "withdrawn"


def test_a_hold_of_a_story_that_was_killed_does_not_open_it_again(fold: FoldRunner) -> None:
    fold.fold_all_new(build_item(), build_kill(created=NOON))
    late = fold.fold_new(build_hold(version="10", created=LATER, text=TEXT))
    assert (late.outcome, late.topics, fold.state.withheld()) == ("withdrawn", ["latest"], [])
    assert fold.fold_record(build_command("release")).outcome == "none"


def test_a_note_on_a_story_on_hold_does_not_publish_it(fold: FoldRunner) -> None:
    fold.fold_all_new(build_item(), build_hold())
    note = build_item("N9", text="Please read 5.", status=Status.ADVISORY, replaces=("A1",))
    assert fold.fold_new(note).outcome == "withheld"
    assert len(fold.state.withheld()) == 1


def test_a_copy_of_a_story_on_hold_stays_hidden(fold: FoldRunner) -> None:
    fold.fold_all_new(build_item(), build_hold())
    copy = fold.fold_new(build_item("B1", source="betawire"))
    assert (copy.outcome, copy.decision.duplicate_of) == ("duplicate", STORY)
    assert "headlines" not in copy.event("duplicates")


def test_no_word_of_the_notice_is_outside_withheld(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    gone = fold.fold_new(build_hold(note="Zanzibarium is wrong", headline="HOLD: Zanzibarium"))
    assert "Zanzibarium" not in repr([each for each in gone.all if each.topic != "withheld"])
