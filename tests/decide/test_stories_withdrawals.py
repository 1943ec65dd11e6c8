"""Kills by wires and editors, before, between and after the versions of their story."""

import pytest
from support.builders import (
    EMBARGO,
    LATER,
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

from streams.model.records import Item, Status

MILL = "Brookvale Mills to build a second paper mill at Ostrava"
STRANGE_TEXT = "The rivers of the county rose by two metres after a week of rain, and the ferries stay in harbour."


def test_a_kill_withdraws_its_story_from_every_topic_it_stands_in(fold: FoldRunner) -> None:
    fold.fold_new(build_item(categories=("companies", "companies.rumors")))
    fold.fold_new(build_item(version="2", created=NOON, text=OTHER_TEXT, categories=("markets",)))
    gone = fold.fold_new(build_kill(created=LATER, categories=("commodities",)))
    assert (gone.outcome, gone.topics) == ("withdrawn", ["latest", "markets"])
    assert (gone.shown, gone.left, gone.decision.left) == (["latest"], ["markets"], ("markets",))
    assert gone.decision.version == "3"


def test_a_withdrawn_item_has_no_body(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    event = fold.fold_new(build_kill(text=TEXT, created=NOON)).event()
    assert (event["pubStatus"], event["version"], event["uri"]) == ("canceled", "2", STORY)
    assert not {"bodies", "descriptions", "associations"} & set(event)


def test_a_kill_with_version_and_text_of_its_story_withdraws_it(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    assert fold.fold_new(build_item(status=Status.WITHDRAWN)).outcome == "withdrawn"


def test_a_kill_before_its_story_is_withdrawn_in_latest_only_and_the_story_too(fold: FoldRunner) -> None:
    first = fold.fold_new(build_kill())
    assert (first.outcome, first.topics, first.decision.version) == ("withdrawn", ["latest"], "1")
    story = fold.fold_new(build_item())
    assert (story.outcome, story.topics, story.decision.version) == ("withdrawn", ["latest"], "2")
    assert story.event()["pubStatus"] == "canceled"
    assert "bodies" not in story.event()


def test_a_kill_with_version_and_text_that_comes_before_its_story_withdraws_it_too(fold: FoldRunner) -> None:
    fold.fold_new(build_item(status=Status.WITHDRAWN))
    assert fold.fold_new(build_item()).outcome == "withdrawn"


def test_a_kill_without_id_withdraws_the_story_of_its_text(fold: FoldRunner) -> None:
    fold.fold_all_new(build_item(), build_item("", source="betawire"))
    gone = fold.fold_new(build_item("", source="betawire", status=Status.WITHDRAWN))
    assert (gone.outcome, gone.decision.uri, gone.topics) == ("withdrawn", STORY, STORY_TOPICS)


def test_a_kill_under_an_unknown_id_withdraws_no_story_of_the_same_text(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    gone = fold.fold_new(build_item("B1", source="betawire", status=Status.WITHDRAWN))
    assert (gone.outcome, gone.decision.uri) == ("withdrawn", "urn:newswire:betawire:B1")


def build_kill_of_itself(id: str, **fields: str) -> Item:
    """Builds a kill by the status of its format, with an id that no story has."""
    return build_kill(id, replaces=(id,), **{"headline": MILL, **fields})


def test_a_kill_under_an_own_id_withdraws_the_only_story_of_its_wire_with_its_headline(fold: FoldRunner) -> None:
    fold.fold_all_new(build_item(), build_item("A2", headline="Brookvale Mills opens", text=OTHER_TEXT))
    gone = fold.fold_new(build_kill_of_itself("K1", text="Please kill the story."))
    assert (gone.outcome, gone.decision.uri, gone.topics) == ("withdrawn", STORY, STORY_TOPICS)


@pytest.mark.parametrize(
    "kill",
    [
        build_kill_of_itself("K1", source="betawire"),
        build_kill_of_itself("K1", headline="Brookvale Mills to build a third paper mill at Ostrava"),
        build_kill_of_itself("K1", headline="Brookvale Mills to build"),
    ],
    ids=["of another wire", "with another headline", "with a part of the headline"],
)
def test_any_other_kill_under_an_own_id_withdraws_no_story(fold: FoldRunner, kill: Item) -> None:
    fold.fold_new(build_item())
    assert fold.fold_new(kill).decision.uri != STORY


def test_a_kill_under_an_own_id_withdraws_neither_of_two_stories_with_its_headline(fold: FoldRunner) -> None:
    assert fold.fold_all_new(
        build_item(symbols=("N2:MILL",)), build_item("A2", text=STRANGE_TEXT, symbols=("N2:OTHR",))
    ) == ["published", "published"]
    assert fold.fold_new(build_kill_of_itself("K1")).decision.uri == "urn:newswire:alphawire:K1"


def test_versions_after_a_kill_are_withdrawn(fold: FoldRunner) -> None:
    fold.fold_all_new(build_item(), build_kill(created=NOON))
    late = fold.fold_new(build_item(version="10", created=LATER, text=OTHER_TEXT))
    assert (late.outcome, late.topics) == ("withdrawn", ["latest"])


def test_a_story_seen_before_its_kill_is_a_duplicate_after_it(fold: FoldRunner) -> None:
    fold.fold_all_new(build_item(), build_kill(created=NOON))
    assert fold.fold_new(build_item()).decision.match_kind == "same-version"


def test_a_copy_of_a_withdrawn_story_is_never_published(fold: FoldRunner) -> None:
    fold.fold_all_new(build_item(), build_kill(created=NOON))
    copy = fold.fold_new(build_item("B1", source="betawire"))
    assert (copy.outcome, copy.decision.duplicate_of) == ("duplicate", STORY)


def test_the_same_kill_again_is_a_duplicate(fold: FoldRunner) -> None:
    assert fold.fold_all_new(build_item(), build_kill(), build_kill()) == ["published", "withdrawn", "duplicate"]


def test_kills_without_text_do_not_find_each_others_stories(fold: FoldRunner) -> None:
    fold.fold_all_new(build_item(), build_item("A2", text=OTHER_TEXT))
    assert fold.fold_new(build_kill("A1")).decision.uri == STORY
    assert fold.fold_new(build_kill("A2")).decision.uri == "urn:newswire:alphawire:A2"


def test_a_kill_before_its_story_names_no_category_that_it_is_not_sent_to(fold: FoldRunner) -> None:
    shown = fold.fold_new(build_kill()).event()
    assert [row for row in shown.get("subjects", []) if row["rel"] == "category"] == []


def test_a_kill_by_an_editor_withdraws_the_story_everywhere(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    gone = fold.fold_record(build_command("kill", why="legal"))
    assert (gone.outcome, gone.topics, gone.decision.version) == ("withdrawn", STORY_TOPICS, "2")
    event = gone.event()
    assert (event["uri"], event["pubStatus"], event["version"]) == (STORY, "canceled", "2")
    assert "bodies" not in event
    assert fold.fold_new(build_item(version="2", created=LATER, text=OTHER_TEXT)).outcome == "withdrawn"


def test_a_kill_by_an_editor_of_a_withheld_story_removes_it_from_withheld(fold: FoldRunner) -> None:
    fold.fold_new(build_item(embargo=EMBARGO))
    gone = fold.fold_record(build_command("kill"))
    assert (gone.topics, gone.effect("withheld").value) == (["latest", "withheld"], None)
    assert fold.fold_record(build_command("release")).outcome == "none"


@pytest.mark.parametrize("action", ["kill", "release", "reclassify"])
def test_a_command_about_an_unknown_story_does_nothing_and_is_recorded(fold: FoldRunner, action: str) -> None:
    out = fold.fold_record(build_command(action, uri="urn:newswire:alphawire:none"))
    assert (out.outcome, out.effects) == ("none", ())
    assert [effect.topic for effect in out.all] == ["decisions"]


def test_a_second_kill_by_an_editor_does_nothing(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    fold.fold_record(build_command("kill"))
    assert fold.fold_record(build_command("kill")).outcome == "none"


def test_a_command_with_an_unknown_action_does_nothing(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    assert fold.fold_record(build_command("split")).outcome == "none"


@pytest.mark.parametrize(
    ("item", "outcome"),
    [
        (build_item("K1", quotes=(MILL,), text="A new version follows."), "withdrawn"),
        (build_item("K1", quotes=(MILL, "")), "withdrawn"),
        (build_item("K1", quotes=(MILL, ""), text=STRANGE_TEXT, headline=f"Cancelled: {MILL}"), "published"),
        (build_item("K1", quotes=(MILL, ""), source="betawire"), "duplicate"),
        (build_item("K1", quotes=("Brookvale Mills to build",), text=STRANGE_TEXT), "published"),
    ],
    ids=["a notice", "the text of the story", "another text", "another wire", "a part of the headline"],
)
def test_an_item_beside_the_headline_of_a_story_is_its_kill_where_it_is_no_news(
    fold: FoldRunner, item: Item, outcome: str
) -> None:
    fold.fold_new(build_item())
    assert fold.fold_new(item).outcome == outcome


@pytest.mark.parametrize(("text", "outcome"), [(TEXT, "withdrawn"), (STRANGE_TEXT, "revised")])
def test_a_mark_above_a_short_headline_means_the_story_of_its_id(fold: FoldRunner, text: str, outcome: str) -> None:
    fold.fold_new(build_item(headline="Mill opens"))
    marked = build_item(version="2", created=NOON, headline="Mill opens", text=text, quotes=("Mill opens", ""))
    assert fold.fold_new(marked).outcome == outcome
