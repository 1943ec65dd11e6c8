"""Kills: of the wire and of the desk, before, between and after the versions of their story."""

import pytest
from support.builders import EMBARGO, FILED, LATER, LONG, NOON, OTHER, STORY, Desk, command, item, kill

from streams.model.records import Status


def test_a_kill_withdraws_its_story_from_every_topic_it_was_ever_in(desk: Desk) -> None:
    desk.take(item(categories=("companies", "companies.rumors")))
    desk.take(item(version="2", created=NOON, text=OTHER, categories=("markets",)))
    gone = desk.take(kill(created=LATER, categories=("commodities",)))
    assert (gone.outcome, gone.topics) == ("withdrawn", ["latest", "companies", "companies.rumors", "markets"])
    assert gone.decision.version == "3"


def test_a_withdrawn_item_has_no_body(desk: Desk) -> None:
    desk.take(item())
    event = desk.take(kill(text=LONG, created=NOON)).event()
    assert (event["pubStatus"], event["version"], event["uri"]) == ("canceled", "2", STORY)
    assert not {"bodies", "descriptions", "associations"} & set(event)


def test_a_kill_of_the_version_shown_with_its_text_withdraws_it(desk: Desk) -> None:
    desk.take(item())
    assert desk.take(item(status=Status.WITHDRAWN)).outcome == "withdrawn"


def test_a_kill_before_its_story_is_withdrawn_in_latest_alone_and_so_is_the_story(desk: Desk) -> None:
    first = desk.take(kill())
    assert (first.outcome, first.topics, first.decision.version) == ("withdrawn", ["latest"], "1")
    story = desk.take(item())
    assert (story.outcome, story.topics, story.decision.version) == ("withdrawn", ["latest"], "2")
    assert story.event()["pubStatus"] == "canceled"
    assert "bodies" not in story.event()


def test_a_kill_that_brings_the_text_and_version_of_its_story_before_it_withdraws_it_too(desk: Desk) -> None:
    desk.take(item(status=Status.WITHDRAWN))
    assert desk.take(item()).outcome == "withdrawn"


def test_a_kill_without_id_withdraws_the_story_of_its_text(desk: Desk) -> None:
    desk.taken(item(), item("", source="betawire"))
    gone = desk.take(item("", source="betawire", status=Status.WITHDRAWN))
    assert (gone.outcome, gone.decision.uri, gone.topics) == ("withdrawn", STORY, FILED)


def test_a_kill_under_an_unknown_id_withdraws_no_story_of_the_same_text(desk: Desk) -> None:
    desk.take(item())
    gone = desk.take(item("B1", source="betawire", status=Status.WITHDRAWN))
    assert (gone.outcome, gone.decision.uri) == ("withdrawn", "urn:newswire:betawire:B1")


def test_what_comes_after_a_kill_is_withdrawn(desk: Desk) -> None:
    desk.taken(item(), kill(created=NOON))
    late = desk.take(item(version="10", created=LATER, text=OTHER))
    assert (late.outcome, late.topics) == ("withdrawn", FILED)


def test_a_story_seen_before_its_kill_is_a_duplicate_after_it(desk: Desk) -> None:
    desk.taken(item(), kill(created=NOON))
    assert desk.take(item()).decision.match_kind == "same-version"


def test_a_copy_of_a_withdrawn_story_is_never_published(desk: Desk) -> None:
    desk.taken(item(), kill(created=NOON))
    copy = desk.take(item("B1", source="betawire"))
    assert (copy.outcome, copy.decision.duplicate_of) == ("duplicate", STORY)


def test_the_same_kill_again_is_a_duplicate(desk: Desk) -> None:
    assert desk.taken(item(), kill(), kill()) == ["published", "withdrawn", "duplicate"]


def test_kills_without_text_do_not_find_each_others_stories(desk: Desk) -> None:
    desk.taken(item(), item("A2", text=OTHER))
    assert desk.take(kill("A1")).decision.uri == STORY
    assert desk.take(kill("A2")).decision.uri == "urn:newswire:alphawire:A2"


def test_a_kill_before_its_story_names_no_category_that_it_is_not_sent_to(desk: Desk) -> None:
    shown = desk.take(kill()).event()
    assert [row for row in shown.get("subjects", []) if row["rel"] == "category"] == []


def test_a_kill_by_the_desk_withdraws_the_story_everywhere(desk: Desk) -> None:
    desk.take(item())
    gone = desk.put(command("kill", why="legal"))
    assert (gone.outcome, gone.topics, gone.decision.version) == ("withdrawn", FILED, "2")
    event = gone.event()
    assert (event["uri"], event["pubStatus"], event["version"]) == (STORY, "canceled", "2")
    assert "bodies" not in event
    assert desk.take(item(version="2", created=LATER, text=OTHER)).outcome == "withdrawn"


def test_a_kill_by_the_desk_of_a_withheld_story_takes_it_out(desk: Desk) -> None:
    desk.take(item(embargo=EMBARGO))
    gone = desk.put(command("kill"))
    assert (gone.topics, gone.effect("withheld").value) == (["latest", "withheld"], None)
    assert desk.put(command("release")).outcome == "none"


@pytest.mark.parametrize("action", ["kill", "release", "reclassify"])
def test_a_command_about_an_unknown_story_does_nothing_and_is_recorded(desk: Desk, action: str) -> None:
    out = desk.put(command(action, uri="urn:newswire:alphawire:none"))
    assert (out.outcome, out.effects) == ("none", ())
    assert [effect.topic for effect in out.all] == ["decisions"]


def test_a_second_kill_by_the_desk_does_nothing(desk: Desk) -> None:
    desk.take(item())
    desk.put(command("kill"))
    assert desk.put(command("kill")).outcome == "none"


def test_a_command_of_an_action_unknown_here_does_nothing(desk: Desk) -> None:
    desk.take(item())
    assert desk.put(command("split")).outcome == "none"
