"""Items under embargo wait, and a release or a newer version ends the wait."""

import pytest
from support.builders import (
    EMBARGO,
    NOON,
    OTHER_TEXT,
    STORY,
    STORY_TOPICS,
    TEXT,
    FoldRunner,
    build_command,
    build_item,
    build_kill,
)


def test_an_item_under_embargo_goes_to_withheld_only(fold: FoldRunner) -> None:
    kept = fold.fold_new(build_item(embargo=EMBARGO))
    assert (kept.outcome, kept.topics, kept.decision.topics) == ("withheld", ["withheld"], ("withheld",))
    assert kept.event("withheld")["pubStatus"] == "withheld"
    assert kept.effect("withheld").key == STORY.encode()


@pytest.mark.parametrize("embargo", ["2031-03-04T11:59:59Z", NOON])
def test_an_embargo_that_ended_before_receipt_has_no_effect(fold: FoldRunner, embargo: str) -> None:
    assert fold.fold_new(build_item(embargo=embargo)).outcome == "published"


def test_an_embargo_in_the_same_second_counts_its_milliseconds(fold: FoldRunner) -> None:
    assert fold.fold_new(build_item(embargo="2031-03-04T12:00:00.500Z")).outcome == "withheld"
    assert (
        fold.fold_new(build_item("A2", text=OTHER_TEXT, embargo=NOON, received="2031-03-04T12:00:00.500Z")).outcome
        == "published"
    )


def test_a_release_publishes_the_item_and_writes_a_tombstone(fold: FoldRunner) -> None:
    fold.fold_new(build_item(embargo=EMBARGO))
    out = fold.fold_record(build_command("release"))
    assert (out.outcome, out.topics) == ("published", [*STORY_TOPICS, "withheld"])
    assert out.decision.topics == tuple(STORY_TOPICS)
    assert (out.decision.action, out.decision.uri, out.decision.version) == ("release", STORY, "1")
    event = out.event()
    assert (event["pubStatus"], event["version"], event["bodies"][0]["value"]) == ("usable", "1", TEXT)
    assert (out.effect("withheld").key, out.effect("withheld").value) == (STORY.encode(), None)


def test_a_second_release_does_nothing(fold: FoldRunner) -> None:
    fold.fold_new(build_item(embargo=EMBARGO))
    fold.fold_record(build_command("release"))
    again = fold.fold_record(build_command("release"))
    assert (again.outcome, again.effects, again.decision.topics) == ("none", (), ())


def test_a_released_item_is_a_story_like_any_other(fold: FoldRunner) -> None:
    fold.fold_new(build_item(embargo=EMBARGO))
    fold.fold_record(build_command("release"))
    assert fold.fold_new(build_item("B1", source="betawire")).decision.match_kind == "same-text"
    assert fold.fold_new(build_item(version="2", created=NOON, text=OTHER_TEXT)).decision.version == "2"
    assert fold.state.withheld() == []


def test_the_same_embargoed_item_again_is_a_duplicate(fold: FoldRunner) -> None:
    assert fold.fold_all_new(build_item(embargo=EMBARGO), build_item(embargo=EMBARGO)) == ["withheld", "duplicate"]


def test_a_newer_version_under_embargo_replaces_the_withheld_one(fold: FoldRunner) -> None:
    fold.fold_new(build_item(embargo=EMBARGO))
    assert fold.fold_new(build_item(version="2", created=NOON, text=OTHER_TEXT, embargo=EMBARGO)).outcome == "withheld"
    event = fold.fold_record(build_command("release")).event()
    assert (event["version"], event["bodies"][0]["value"]) == ("1", OTHER_TEXT)


def test_a_newer_version_without_embargo_ends_the_wait(fold: FoldRunner) -> None:
    fold.fold_new(build_item(embargo=EMBARGO))
    free = fold.fold_new(build_item(version="2", created=NOON, text=OTHER_TEXT))
    assert (free.outcome, free.topics, free.decision.version) == ("published", [*STORY_TOPICS, "withheld"], "1")
    assert free.effect("withheld").value is None
    assert fold.fold_record(build_command("release")).outcome == "none"


def test_a_revision_under_embargo_waits_and_the_story_stays_public(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    kept = fold.fold_new(
        build_item(version="2", created=NOON, text=OTHER_TEXT, embargo=EMBARGO, categories=("markets",))
    )
    assert (kept.outcome, kept.topics) == ("withheld", ["withheld"])
    out = fold.fold_record(build_command("release"))
    assert (out.outcome, out.decision.version) == ("revised", "2")
    assert out.topics == ["latest", "companies", "companies.new-contracts", "markets", "withheld"]


def test_the_text_of_a_revision_under_embargo_does_not_yet_match_other_items(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    fold.fold_new(build_item(version="2", created=NOON, text=OTHER_TEXT, embargo=EMBARGO))
    assert fold.fold_new(build_item("B1", source="betawire", text=OTHER_TEXT)).outcome == "published"


def test_a_release_by_the_timer_does_not_end_a_later_embargo_that_came_meanwhile(fold: FoldRunner) -> None:
    fold.fold_new(build_item(embargo=EMBARGO))
    fold.fold_new(build_item(version="2", created=NOON, text=OTHER_TEXT, embargo="2031-03-04T18:00:00Z"))
    stale = fold.fold_record(build_command("release", by="releaser", at="2031-03-04T14:00:00.250Z"))
    assert (stale.outcome, stale.effects) == ("none", ())
    assert (
        fold.fold_record(build_command("release", by="releaser", at="2031-03-04T18:00:00.100Z")).outcome == "published"
    )


def test_an_editor_can_release_before_the_embargo_ends(fold: FoldRunner) -> None:
    fold.fold_new(build_item(embargo=EMBARGO))
    assert fold.fold_record(build_command("release", by="desk", at=NOON)).outcome == "published"


def test_a_kill_of_a_withheld_story_withdraws_it_in_latest_and_removes_it_from_withheld(fold: FoldRunner) -> None:
    fold.fold_new(build_item(embargo=EMBARGO))
    gone = fold.fold_new(build_kill(created=NOON))
    assert (gone.outcome, gone.topics, gone.decision.topics) == (
        "withdrawn",
        ["latest", "withheld"],
        ("latest",),
    )
    assert gone.effect("withheld").value is None
    assert "bodies" not in gone.event()
    assert fold.fold_record(build_command("release")).outcome == "none"
    assert fold.state.withheld() == []


def test_the_state_lists_the_stories_that_wait_for_a_release(fold: FoldRunner) -> None:
    fold.fold_new(build_item(embargo=EMBARGO))
    assert [(story.uri, story.release_at) for story in fold.state.withheld()] == [(STORY, EMBARGO)]
