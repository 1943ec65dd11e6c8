"""What waits under embargo, and what ends the wait."""

import pytest
from support.builders import EMBARGO, FILED, LONG, NOON, OTHER, STORY, Desk, command, item, kill


def test_an_item_under_embargo_goes_to_withheld_only(desk: Desk) -> None:
    kept = desk.take(item(embargo=EMBARGO))
    assert (kept.outcome, kept.topics, kept.decision.topics) == ("withheld", ["withheld"], ("withheld",))
    assert kept.event("withheld")["pubStatus"] == "withheld"
    assert kept.effect("withheld").key == STORY.encode()


@pytest.mark.parametrize("embargo", ["2031-03-04T11:59:59Z", NOON])
def test_an_embargo_past_when_received_is_none(desk: Desk, embargo: str) -> None:
    assert desk.take(item(embargo=embargo)).outcome == "published"


def test_an_embargo_in_the_same_second_counts_its_milliseconds(desk: Desk) -> None:
    assert desk.take(item(embargo="2031-03-04T12:00:00.500Z")).outcome == "withheld"
    assert desk.take(item("A2", text=OTHER, embargo=NOON, received="2031-03-04T12:00:00.500Z")).outcome == "published"


def test_a_release_publishes_the_item_and_writes_a_tombstone(desk: Desk) -> None:
    desk.take(item(embargo=EMBARGO))
    out = desk.put(command("release"))
    assert (out.outcome, out.topics) == ("published", [*FILED, "withheld"])
    assert out.decision.topics == tuple(FILED)
    assert (out.decision.action, out.decision.uri, out.decision.version) == ("release", STORY, "1")
    event = out.event()
    assert (event["pubStatus"], event["version"], event["bodies"][0]["value"]) == ("usable", "1", LONG)
    assert (out.effect("withheld").key, out.effect("withheld").value) == (STORY.encode(), None)


def test_a_second_release_finds_nothing_to_do(desk: Desk) -> None:
    desk.take(item(embargo=EMBARGO))
    desk.put(command("release"))
    again = desk.put(command("release"))
    assert (again.outcome, again.effects, again.decision.topics) == ("none", (), ())


def test_a_released_item_is_a_story_like_any_other(desk: Desk) -> None:
    desk.take(item(embargo=EMBARGO))
    desk.put(command("release"))
    assert desk.take(item("B1", source="betawire")).decision.match_kind == "same-text"
    assert desk.take(item(version="2", created=NOON, text=OTHER)).decision.version == "2"
    assert desk.state.withheld() == []


def test_the_same_embargoed_item_again_is_a_duplicate(desk: Desk) -> None:
    assert desk.taken(item(embargo=EMBARGO), item(embargo=EMBARGO)) == ["withheld", "duplicate"]


def test_a_newer_version_under_embargo_takes_the_place_of_the_withheld_one(desk: Desk) -> None:
    desk.take(item(embargo=EMBARGO))
    assert desk.take(item(version="2", created=NOON, text=OTHER, embargo=EMBARGO)).outcome == "withheld"
    event = desk.put(command("release")).event()
    assert (event["version"], event["bodies"][0]["value"]) == ("1", OTHER)


def test_a_newer_version_without_embargo_ends_the_wait(desk: Desk) -> None:
    desk.take(item(embargo=EMBARGO))
    free = desk.take(item(version="2", created=NOON, text=OTHER))
    assert (free.outcome, free.topics, free.decision.version) == ("published", [*FILED, "withheld"], "1")
    assert free.effect("withheld").value is None
    assert desk.put(command("release")).outcome == "none"


def test_a_revision_under_embargo_waits_while_the_story_stays(desk: Desk) -> None:
    desk.take(item())
    kept = desk.take(item(version="2", created=NOON, text=OTHER, embargo=EMBARGO, categories=("markets",)))
    assert (kept.outcome, kept.topics) == ("withheld", ["withheld"])
    out = desk.put(command("release"))
    assert (out.outcome, out.decision.version) == ("revised", "2")
    assert out.topics == ["latest", "companies", "companies.new-contracts", "markets", "withheld"]


def test_the_text_of_a_revision_under_embargo_is_not_yet_the_storys(desk: Desk) -> None:
    desk.take(item())
    desk.take(item(version="2", created=NOON, text=OTHER, embargo=EMBARGO))
    assert desk.take(item("B1", source="betawire", text=OTHER)).outcome == "published"


def test_a_release_by_the_clock_does_not_end_a_later_embargo_that_came_meanwhile(desk: Desk) -> None:
    desk.take(item(embargo=EMBARGO))
    desk.take(item(version="2", created=NOON, text=OTHER, embargo="2031-03-04T18:00:00Z"))
    stale = desk.put(command("release", by="releaser", at="2031-03-04T14:00:00.250Z"))
    assert (stale.outcome, stale.effects) == ("none", ())
    assert desk.put(command("release", by="releaser", at="2031-03-04T18:00:00.100Z")).outcome == "published"


def test_the_desk_may_release_before_the_embargo_ends(desk: Desk) -> None:
    desk.take(item(embargo=EMBARGO))
    assert desk.put(command("release", by="desk", at=NOON)).outcome == "published"


def test_a_kill_of_a_withheld_story_is_withdrawn_in_latest_and_takes_it_out_of_withheld(desk: Desk) -> None:
    desk.take(item(embargo=EMBARGO))
    gone = desk.take(kill(created=NOON))
    assert (gone.outcome, gone.topics, gone.decision.topics) == (
        "withdrawn",
        ["latest", "withheld"],
        ("latest",),
    )
    assert gone.effect("withheld").value is None
    assert "bodies" not in gone.event()
    assert desk.put(command("release")).outcome == "none"
    assert desk.state.withheld() == []


def test_the_state_lists_what_waits_for_a_release(desk: Desk) -> None:
    desk.take(item(embargo=EMBARGO))
    assert [(story.uri, story.release_at) for story in desk.state.withheld()] == [(STORY, EMBARGO)]
