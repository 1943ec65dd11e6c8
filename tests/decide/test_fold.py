"""Flows as data: given these items, expect these fates and effects (design, "Fates, exactly")."""

import pytest
from make import LONG, NOON, OTHER, Desk, command, item, kill, label, origin, refusal

from streams.config import Settings
from streams.decide.rulebook import Rulebook
from streams.model import Fate, Status

STORY = "urn:newswire:alphawire:A1"
FILED = ["latest", "companies", "companies.new-contracts"]
LATER = "2031-03-04T12:30:00Z"
EMBARGO = "2031-03-04T14:00:00Z"


@pytest.fixture
def desk() -> Desk:
    return Desk()


# New stories


def test_a_new_item_is_published_to_latest_and_its_categories(desk: Desk) -> None:
    outcome = desk.take(item())
    assert (outcome.fate, outcome.topics) == ("published", FILED)
    assert outcome.decision.topics == tuple(FILED)
    assert (outcome.decision.uri, outcome.decision.version) == (STORY, "1")
    assert outcome.decision.labels == (label("companies.new-contracts"), label("companies"))
    assert len({effect.value for effect in outcome.effects}) == 1
    assert {effect.key for effect in outcome.effects} == {STORY.encode()}


def test_a_published_event_is_the_prepared_document_with_what_the_decision_adds(desk: Desk) -> None:
    event = desk.take(item()).event()
    assert (event["uri"], event["version"]) == (STORY, "1")
    assert (event["pubStatus"], event["representationType"]) == ("usable", "full")
    assert event["bodies"] == [{"role": "main", "value": LONG}]


def test_an_item_without_category_is_published_to_latest_alone(desk: Desk) -> None:
    assert desk.take(item(categories=())).topics == ["latest"]


def test_an_item_without_id_is_named_by_its_text(desk: Desk) -> None:
    first = item(id="")
    assert desk.take(first).decision.uri == f"urn:newswire:alphawire:content-{first.text_hash[:16]}"


def test_the_same_id_at_two_sources_is_two_stories(desk: Desk) -> None:
    assert desk.take(item()).decision.uri == STORY
    other = desk.take(item(source="betawire", text=OTHER))
    assert (other.fate, other.decision.uri) == ("published", "urn:newswire:betawire:A1")


def test_ids_with_blanks_at_two_sources_are_two_stories(desk: Desk) -> None:
    desk.take(item(source="alpha wire", id="A1"))
    assert desk.take(item(source="alpha", id="wire A1", text=OTHER)).fate == "published"


# The same again


def test_the_same_version_with_the_same_text_is_a_duplicate_of_its_story(desk: Desk) -> None:
    desk.take(item())
    again = desk.take(item())
    assert (again.fate, again.decision.match_kind, again.topics) == (
        "duplicate",
        "same-version",
        ["duplicates"],
    )
    assert (again.decision.duplicate_of, again.decision.similarity) == (STORY, 1.0)


def test_the_same_version_with_the_same_text_is_a_duplicate_whatever_time_it_carries(desk: Desk) -> None:
    desk.take(item(created="2031-03-04T10:00:00Z"))
    for created in ("2031-03-04T11:00:00Z", "2031-03-04T09:00:00Z", ""):
        again = desk.take(item(created=created))
        assert (again.fate, again.decision.match_kind) == ("duplicate", "same-version")


def test_an_old_version_seen_before_is_a_duplicate_same_version_after_its_revision_too(desk: Desk) -> None:
    desk.take(item())
    desk.take(item(version="2", created=NOON, text=OTHER))
    again = desk.take(item())
    assert (again.fate, again.decision.match_kind) == ("duplicate", "same-version")


def test_the_same_text_under_another_id_is_a_duplicate_same_text(desk: Desk) -> None:
    desk.take(item())
    again = desk.take(item("B7", source="betawire", version="", created=""))
    assert (again.fate, again.decision.match_kind, again.decision.similarity) == (
        "duplicate",
        "same-text",
        1.0,
    )
    assert again.effect("duplicates").key == STORY.encode()


def test_the_same_text_without_id_is_a_duplicate_same_text(desk: Desk) -> None:
    desk.take(item())
    again = desk.take(item(id="", source="betawire"))
    assert (again.fate, again.decision.match_kind, again.decision.duplicate_of) == (
        "duplicate",
        "same-text",
        STORY,
    )


def test_the_same_text_about_different_companies_is_two_stories(desk: Desk) -> None:
    desk.take(item(symbols=("XNAS:BRKV",)))
    other = desk.take(item("A2", symbols=("XNYS:SLTN",)))
    assert (other.fate, other.decision.uri) == ("published", "urn:newswire:alphawire:A2")


def test_a_copy_finds_the_story_of_its_own_company_among_those_of_one_text(desk: Desk) -> None:
    desk.take(item(symbols=("XNAS:BRKV",)))
    desk.take(item("A2", symbols=("XNYS:SLTN",)))
    copy = desk.take(item("B1", source="betawire", symbols=("XETR:BRK", "XNAS:BRKV")))
    assert copy.decision.duplicate_of == STORY


def test_a_copy_that_names_no_company_is_a_duplicate(desk: Desk) -> None:
    desk.take(item(symbols=("XNAS:BRKV",)))
    assert desk.take(item("B1", source="betawire")).decision.duplicate_of == STORY


def test_a_copy_of_an_old_text_is_a_duplicate_although_the_revision_names_another_listing(desk: Desk) -> None:
    desk.take(item(symbols=("XNAS:BRKV",)))
    desk.take(item(version="2", created=NOON, text=OTHER, symbols=("XNYS:BRKV",)))
    assert desk.take(item("B1", source="betawire", symbols=("XNAS:BRKV",))).decision.duplicate_of == STORY


def test_a_story_learns_its_company_from_a_copy(desk: Desk) -> None:
    desk.take(item())
    desk.take(item("B1", source="betawire", symbols=("XNAS:BRKV",)))
    assert desk.take(item("C1", source="gammawire", symbols=("XNYS:SLTN",))).fate == "published"


def test_short_texts_of_a_headline_alone_are_never_merged(desk: Desk) -> None:
    title = "Net Asset Value(s)"
    assert desk.taken(
        item("A1", headline=title, text=""),
        item("A2", headline=title, text=""),
        item("B1", source="betawire", headline=title, text=""),
    ) == ["published", "published", "published"]


def test_a_long_headline_alone_identifies_its_story(desk: Desk) -> None:
    title = "Brookvale Mills to build a second paper mill at Ostrava by 2033"
    desk.take(item(headline=title, text=""))
    assert desk.take(item("B1", source="betawire", headline=title, text="")).decision.match_kind == "same-text"


def test_a_copy_of_an_earlier_version_is_a_duplicate_of_the_revised_story(desk: Desk) -> None:
    desk.take(item())
    desk.take(item(version="2", created=NOON, text=OTHER))
    late = desk.take(item("B1", source="betawire"))
    assert (late.decision.match_kind, late.decision.duplicate_of) == ("same-text", STORY)


def test_a_duplicate_of_a_duplicate_points_to_the_story(desk: Desk) -> None:
    desk.take(item())
    desk.take(item("B1", source="betawire"))
    again = desk.take(item("B1", source="betawire"))
    assert (again.decision.match_kind, again.decision.duplicate_of) == ("same-version", STORY)


def test_a_repeated_kill_in_duplicates_has_no_body_and_is_canceled(desk: Desk) -> None:
    desk.take(kill(text=LONG))
    event = desk.take(kill(text=LONG)).event("duplicates")
    assert event["pubStatus"] == "canceled"
    assert "bodies" not in event


# Revisions


def test_a_later_version_is_a_revision_under_the_uri_of_its_story(desk: Desk) -> None:
    desk.take(item())
    revised = desk.take(item(version="2", created=NOON, text=OTHER))
    assert (revised.fate, revised.decision.uri, revised.decision.version) == ("revised", STORY, "2")
    assert (revised.event()["version"], revised.event()["uri"]) == ("2", STORY)


def test_the_same_version_with_another_text_is_a_revision(desk: Desk) -> None:
    desk.take(item())
    revised = desk.take(item(text=OTHER))
    assert (revised.fate, revised.decision.version) == ("revised", "2")


def test_a_later_version_with_the_same_text_is_a_revision(desk: Desk) -> None:
    desk.take(item())
    assert desk.take(item(version="2", created=NOON)).fate == "revised"


def test_a_revision_goes_to_every_topic_its_story_was_ever_in_and_the_new_ones(desk: Desk) -> None:
    desk.take(item(categories=("companies", "companies.rumors")))
    second = desk.take(item(version="2", created=NOON, text=OTHER, categories=("markets",)))
    assert second.topics == ["latest", "companies", "companies.rumors", "markets"]
    third = desk.take(item(version="3", created=LATER, text="Short.", categories=("companies",)))
    assert third.topics == ["latest", "companies", "companies.rumors", "markets"]
    assert third.decision.topics == tuple(third.topics)


def test_a_revision_names_only_its_own_categories(desk: Desk) -> None:
    desk.take(item(categories=("companies", "companies.rumors")))
    event = desk.take(item(version="2", created=NOON, text=OTHER, categories=("markets",))).event()
    assert [row["literal"] for row in event["subjects"] if row["rel"] == "category"] == ["markets"]


def test_versions_count_what_was_published_whatever_the_wire_calls_them(desk: Desk) -> None:
    versions = [
        desk.take(item(version=version, created="", text=f"{LONG} Version {version}.")).event()["version"]
        for version in ("7", "11", "12")
    ]
    assert versions == ["1", "2", "3"]


def test_duplicates_are_not_counted_as_versions(desk: Desk) -> None:
    desk.taken(item(), item(), item("B1", source="betawire"))
    assert desk.take(item(version="2", created=NOON, text=OTHER)).decision.version == "2"


def test_a_late_older_version_is_superseded(desk: Desk) -> None:
    desk.take(item(version="2", created=NOON))
    late = desk.take(item(version="1", created="2031-03-04T11:00:00Z", text=OTHER))
    assert (late.fate, late.decision.match_kind, late.decision.duplicate_of) == (
        "duplicate",
        "superseded",
        STORY,
    )


def test_a_late_version_is_superseded_by_its_number_where_the_wire_gives_no_time(desk: Desk) -> None:
    desk.take(item(version="10", created=""))
    assert desk.take(item(version="9", created="", text=OTHER)).decision.match_kind == "superseded"


def test_the_time_of_a_version_goes_before_its_number(desk: Desk) -> None:
    desk.take(item(version="2", created="2031-03-04T11:00:00Z"))
    assert desk.take(item(version="1", created=NOON, text=OTHER)).fate == "revised"


def test_a_hundred_late_versions_are_all_superseded(desk: Desk) -> None:
    desk.take(item(version="100"))
    fates = [desk.take(item(version=str(n), text=f"{LONG} {n}")).decision.match_kind for n in range(1, 100)]
    assert fates == ["superseded"] * 99


def test_the_full_text_after_a_headline_alone_under_the_same_id_is_a_revision(desk: Desk) -> None:
    desk.take(item(text=""))
    full = desk.take(item(version="2", created=NOON))
    assert (full.fate, full.event()["representationType"]) == ("revised", "full")


def test_a_revision_without_body_is_partial_and_filed_where_its_story_is(desk: Desk) -> None:
    desk.take(item(categories=("companies", "companies.rumors")))
    note = desk.take(item(version="2", created=NOON, text="", headline="A correction", categories=("markets",)))
    assert (note.fate, note.topics) == ("revised", ["latest", "companies", "companies.rumors"])
    event = note.event()
    assert event["representationType"] == "partial"
    subjects = [(row["rel"], row["literal"]) for row in event["subjects"]]
    assert subjects == [
        ("category", "companies"),
        ("category", "companies.rumors"),
        ("provider", "N2:MILL"),
    ]


def test_a_full_revision_after_a_partial_one_is_full(desk: Desk) -> None:
    desk.taken(item(), item(version="2", created=NOON, text=""))
    assert desk.take(item(version="3", created=LATER, text=OTHER)).event()["representationType"] == "full"


def test_a_headline_after_a_headline_is_full(desk: Desk) -> None:
    desk.take(item(text=""))
    again = desk.take(item(version="2", created=NOON, text="", headline="Brookvale Mills to build two mills"))
    assert again.event()["representationType"] == "full"


# Aliases


def test_a_later_version_under_an_alias_is_a_revision_of_the_story(desk: Desk) -> None:
    desk.take(item())
    desk.take(item("B1", source="betawire"))
    revised = desk.take(item("B1", source="betawire", version="2", created=NOON, text=OTHER))
    assert (revised.fate, revised.decision.uri, revised.decision.version) == ("revised", STORY, "2")
    assert revised.headers("latest")["ce_source"] == "urn:newswire:source:betawire"


def test_what_one_wire_revised_is_a_duplicate_when_the_other_revises_it_alike(desk: Desk) -> None:
    desk.take(item())
    desk.take(item("B1", source="betawire"))
    desk.take(item("B1", source="betawire", version="2", created=NOON, text=OTHER))
    same = desk.take(item(version="2", created=NOON, text=OTHER))
    assert (same.fate, same.decision.match_kind) == ("duplicate", "same-text")


def test_a_kill_under_an_alias_withdraws_the_story(desk: Desk) -> None:
    desk.take(item())
    desk.take(item("B1", source="betawire"))
    gone = desk.take(kill("B1", source="betawire"))
    assert (gone.fate, gone.decision.uri, gone.topics) == ("withdrawn", STORY, FILED)


# Withdrawals


def test_a_kill_withdraws_its_story_from_every_topic_it_was_ever_in(desk: Desk) -> None:
    desk.take(item(categories=("companies", "companies.rumors")))
    desk.take(item(version="2", created=NOON, text=OTHER, categories=("markets",)))
    gone = desk.take(kill(created=LATER, categories=("commodities",)))
    assert (gone.fate, gone.topics) == ("withdrawn", ["latest", "companies", "companies.rumors", "markets"])
    assert gone.decision.version == "3"


def test_a_withdrawn_item_has_no_body(desk: Desk) -> None:
    desk.take(item())
    event = desk.take(kill(text=LONG, created=NOON)).event()
    assert (event["pubStatus"], event["version"], event["uri"]) == ("canceled", "2", STORY)
    assert not {"bodies", "descriptions", "associations"} & set(event)


def test_a_kill_of_the_version_shown_with_its_text_withdraws_it(desk: Desk) -> None:
    desk.take(item())
    assert desk.take(item(status=Status.WITHDRAWN)).fate == "withdrawn"


def test_a_kill_before_its_story_is_withdrawn_in_latest_alone_and_so_is_the_story(desk: Desk) -> None:
    first = desk.take(kill())
    assert (first.fate, first.topics, first.decision.version) == ("withdrawn", ["latest"], "1")
    story = desk.take(item())
    assert (story.fate, story.topics, story.decision.version) == ("withdrawn", ["latest"], "2")
    assert story.event()["pubStatus"] == "canceled"
    assert "bodies" not in story.event()


def test_a_kill_that_brings_the_text_and_version_of_its_story_before_it_withdraws_it_too(desk: Desk) -> None:
    desk.take(item(status=Status.WITHDRAWN))
    assert desk.take(item()).fate == "withdrawn"


def test_a_kill_without_id_withdraws_the_story_of_its_text(desk: Desk) -> None:
    desk.taken(item(), item("", source="betawire"))
    gone = desk.take(item("", source="betawire", status=Status.WITHDRAWN))
    assert (gone.fate, gone.decision.uri, gone.topics) == ("withdrawn", STORY, FILED)


def test_a_kill_under_an_unknown_id_withdraws_no_story_of_the_same_text(desk: Desk) -> None:
    desk.take(item())
    gone = desk.take(item("B1", source="betawire", status=Status.WITHDRAWN))
    assert (gone.fate, gone.decision.uri) == ("withdrawn", "urn:newswire:betawire:B1")


def test_what_comes_after_a_kill_is_withdrawn(desk: Desk) -> None:
    desk.taken(item(), kill(created=NOON))
    late = desk.take(item(version="10", created=LATER, text=OTHER))
    assert (late.fate, late.topics) == ("withdrawn", FILED)


def test_a_story_seen_before_its_kill_is_a_duplicate_after_it(desk: Desk) -> None:
    desk.taken(item(), kill(created=NOON))
    assert desk.take(item()).decision.match_kind == "same-version"


def test_a_copy_of_a_withdrawn_story_is_never_published(desk: Desk) -> None:
    desk.taken(item(), kill(created=NOON))
    copy = desk.take(item("B1", source="betawire"))
    assert (copy.fate, copy.decision.duplicate_of) == ("duplicate", STORY)


def test_the_same_kill_again_is_a_duplicate(desk: Desk) -> None:
    assert desk.taken(item(), kill(), kill()) == ["published", "withdrawn", "duplicate"]


def test_kills_without_text_do_not_find_each_others_stories(desk: Desk) -> None:
    desk.taken(item(), item("A2", text=OTHER))
    assert desk.take(kill("A1")).decision.uri == STORY
    assert desk.take(kill("A2")).decision.uri == "urn:newswire:alphawire:A2"


# The embargo


def test_an_item_under_embargo_goes_to_withheld_only(desk: Desk) -> None:
    kept = desk.take(item(embargo=EMBARGO))
    assert (kept.fate, kept.topics, kept.decision.topics) == ("withheld", ["withheld"], ("withheld",))
    assert kept.event("withheld")["pubStatus"] == "withheld"
    assert kept.effect("withheld").key == STORY.encode()


@pytest.mark.parametrize("embargo", ["2031-03-04T11:59:59Z", NOON])
def test_an_embargo_past_when_received_is_none(desk: Desk, embargo: str) -> None:
    assert desk.take(item(embargo=embargo)).fate == "published"


def test_an_embargo_in_the_same_second_counts_its_milliseconds(desk: Desk) -> None:
    assert desk.take(item(embargo="2031-03-04T12:00:00.500Z")).fate == "withheld"
    assert desk.take(item("A2", text=OTHER, embargo=NOON, received="2031-03-04T12:00:00.500Z")).fate == "published"


def test_a_release_publishes_the_item_and_writes_a_tombstone(desk: Desk) -> None:
    desk.take(item(embargo=EMBARGO))
    out = desk.put(command("release"))
    assert (out.fate, out.topics) == ("published", [*FILED, "withheld"])
    assert out.decision.topics == tuple(FILED)
    assert (out.decision.action, out.decision.uri, out.decision.version) == ("release", STORY, "1")
    event = out.event()
    assert (event["pubStatus"], event["version"], event["bodies"][0]["value"]) == ("usable", "1", LONG)
    assert (out.effect("withheld").key, out.effect("withheld").value) == (STORY.encode(), None)


def test_a_second_release_finds_nothing_to_do(desk: Desk) -> None:
    desk.take(item(embargo=EMBARGO))
    desk.put(command("release"))
    again = desk.put(command("release"))
    assert (again.fate, again.effects, again.decision.topics) == ("none", (), ())


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
    assert desk.take(item(version="2", created=NOON, text=OTHER, embargo=EMBARGO)).fate == "withheld"
    event = desk.put(command("release")).event()
    assert (event["version"], event["bodies"][0]["value"]) == ("1", OTHER)


def test_a_newer_version_without_embargo_ends_the_wait(desk: Desk) -> None:
    desk.take(item(embargo=EMBARGO))
    free = desk.take(item(version="2", created=NOON, text=OTHER))
    assert (free.fate, free.topics, free.decision.version) == ("published", [*FILED, "withheld"], "1")
    assert free.effect("withheld").value is None
    assert desk.put(command("release")).fate == "none"


def test_a_revision_under_embargo_waits_while_the_story_stays(desk: Desk) -> None:
    desk.take(item())
    kept = desk.take(item(version="2", created=NOON, text=OTHER, embargo=EMBARGO, categories=("markets",)))
    assert (kept.fate, kept.topics) == ("withheld", ["withheld"])
    out = desk.put(command("release"))
    assert (out.fate, out.decision.version) == ("revised", "2")
    assert out.topics == ["latest", "companies", "companies.new-contracts", "markets", "withheld"]


def test_the_text_of_a_revision_under_embargo_is_not_yet_the_storys(desk: Desk) -> None:
    desk.take(item())
    desk.take(item(version="2", created=NOON, text=OTHER, embargo=EMBARGO))
    assert desk.take(item("B1", source="betawire", text=OTHER)).fate == "published"


def test_a_release_by_the_clock_does_not_end_a_later_embargo_that_came_meanwhile(desk: Desk) -> None:
    desk.take(item(embargo=EMBARGO))
    desk.take(item(version="2", created=NOON, text=OTHER, embargo="2031-03-04T18:00:00Z"))
    stale = desk.put(command("release", by="releaser", at="2031-03-04T14:00:00.250Z"))
    assert (stale.fate, stale.effects) == ("none", ())
    assert desk.put(command("release", by="releaser", at="2031-03-04T18:00:00.100Z")).fate == "published"


def test_the_desk_may_release_before_the_embargo_ends(desk: Desk) -> None:
    desk.take(item(embargo=EMBARGO))
    assert desk.put(command("release", by="desk", at=NOON)).fate == "published"


def test_a_kill_of_a_withheld_story_is_withdrawn_in_latest_and_takes_it_out_of_withheld(desk: Desk) -> None:
    desk.take(item(embargo=EMBARGO))
    gone = desk.take(kill(created=NOON))
    assert (gone.fate, gone.topics, gone.decision.topics) == (
        "withdrawn",
        ["latest", "withheld"],
        ("latest",),
    )
    assert gone.effect("withheld").value is None
    assert "bodies" not in gone.event()
    assert desk.put(command("release")).fate == "none"
    assert desk.state.withheld() == []


def test_the_state_lists_what_waits_for_a_release(desk: Desk) -> None:
    desk.take(item(embargo=EMBARGO))
    assert [(story.uri, story.release_at) for story in desk.state.withheld()] == [(STORY, EMBARGO)]


# Commands


def test_a_kill_by_the_desk_withdraws_the_story_everywhere(desk: Desk) -> None:
    desk.take(item())
    gone = desk.put(command("kill", why="legal"))
    assert (gone.fate, gone.topics, gone.decision.version) == ("withdrawn", FILED, "2")
    event = gone.event()
    assert (event["uri"], event["pubStatus"], event["version"]) == (STORY, "canceled", "2")
    assert "bodies" not in event
    assert desk.take(item(version="2", created=LATER, text=OTHER)).fate == "withdrawn"


def test_a_kill_by_the_desk_of_a_withheld_story_takes_it_out(desk: Desk) -> None:
    desk.take(item(embargo=EMBARGO))
    gone = desk.put(command("kill"))
    assert (gone.topics, gone.effect("withheld").value) == (["latest", "withheld"], None)
    assert desk.put(command("release")).fate == "none"


@pytest.mark.parametrize("action", ["kill", "release", "reclassify"])
def test_a_command_about_an_unknown_story_does_nothing_and_is_recorded(desk: Desk, action: str) -> None:
    out = desk.put(command(action, uri="urn:newswire:alphawire:none"))
    assert (out.fate, out.effects) == ("none", ())
    assert [effect.topic for effect in out.all] == ["decisions"]


def test_a_second_kill_by_the_desk_does_nothing(desk: Desk) -> None:
    desk.take(item())
    desk.put(command("kill"))
    assert desk.put(command("kill")).fate == "none"


def test_a_command_of_an_action_unknown_here_does_nothing(desk: Desk) -> None:
    desk.take(item())
    assert desk.put(command("split")).fate == "none"


# Refusals and failures


def test_a_refusal_goes_to_the_dead_letters(desk: Desk) -> None:
    out = desk.take(refusal())
    assert (out.fate, out.topics, out.decision.topics) == ("rejected", ["dead-letters"], ("dead-letters",))
    assert (out.decision.error_code, out.decision.error_message) == ("malformed", "no end of <body> — line 3")
    assert out.effect("dead-letters").value == b"<nitf><body>\xff"


@pytest.mark.parametrize("event", [b"[1,2]", b'"text"', b"7", b"null"])
@pytest.mark.parametrize("status", [Status.USABLE, Status.WITHDRAWN])
def test_an_item_that_breaks_the_fold_is_dead_lettered_as_internal_and_changes_nothing(
    desk: Desk, event: bytes, status: Status
) -> None:
    desk.take(item())
    before = kept(desk)
    out = desk.take(item(version="2", created=NOON, text=OTHER, event=event, status=status))
    assert (out.fate, out.topics, out.decision.error_code) == ("rejected", ["dead-letters"], "internal")
    headers = out.headers("dead-letters")
    assert (headers["error-code"], headers["error-stage"]) == ("internal", "decide")
    assert out.effect("dead-letters").value == event
    assert kept(desk) == before
    assert desk.take(item(version="2", created=NOON, text=OTHER)).decision.version == "2"


def test_an_item_that_breaks_the_fold_is_dead_lettered_once(desk: Desk) -> None:
    broken = item(event=b"[1,2]", at=origin(5))
    assert [desk.put(broken).fate, desk.put(broken).fate] == ["rejected", "repeat"]


def test_an_item_whose_received_time_is_none_breaks_nothing_else(desk: Desk) -> None:
    broken = item(received="", at=origin(5))
    assert [desk.put(broken).fate, desk.put(broken).fate] == ["rejected", "repeat"]
    assert desk.put(item(at=origin(6))).fate == "published"


def test_the_others_of_a_batch_go_on_beside_one_that_breaks(desk: Desk) -> None:
    outcomes = desk.batch([item(at=origin(1)), item("A2", event=b"[]", at=origin(2)), item("A3", at=origin(3))])
    assert [outcome.fate for outcome in outcomes] == ["published", "rejected", "duplicate"]


def kept(desk: Desk) -> dict[str, object]:
    """The state but for how far it is: positions and progress move on with any record."""
    return {key: value for key, value in desk.state.entries().items() if not key.startswith(("raw ", "progress"))}


# Repeats


def test_the_same_raw_position_again_is_a_repeat_and_has_no_effect(desk: Desk) -> None:
    first = item(at=origin(17))
    assert desk.put(first).fate == "published"
    before = kept(desk)
    again = desk.put(first)
    assert (again.fate, again.effects, again.decision.topics) == ("repeat", (), ())
    assert kept(desk) == before


def test_a_refusal_at_the_same_raw_position_again_is_a_repeat(desk: Desk) -> None:
    assert [desk.put(refusal(origin=origin(3))).fate for _ in range(2)] == ["rejected", "repeat"]


def test_items_of_one_raw_record_are_told_apart_by_their_index(desk: Desk) -> None:
    items = [item(f"A{n}", text=f"{LONG} {n}", at=origin(4, index=n, count=3)) for n in range(3)]
    assert [desk.put(each).fate for each in items] == ["published"] * 3
    assert [desk.put(each).fate for each in items] == ["repeat"] * 3


def test_partitions_are_told_apart(desk: Desk) -> None:
    assert desk.put(item(at=origin(4, partition=0))).fate == "published"
    assert desk.put(item("A2", text=OTHER, at=origin(4, partition=1))).fate == "published"


def test_items_of_a_recreated_raw_topic_are_not_dropped_as_repeats(desk: Desk) -> None:
    for offset in range(5):
        desk.put(item(f"A{offset}", text=f"{LONG} {offset}", at=origin(offset)))
    later = [item(f"N{n}", text=f"{OTHER} {n}", at=origin(n, time=1_930_000_900_000 + n)) for n in range(5)]
    assert [desk.put(each).fate for each in later] == ["published"] * 5
    assert [desk.put(each).fate for each in later] == ["repeat"] * 5


# Time


def day(n: int, hour: int = 12) -> str:
    """March has 31 days; n counts from its first."""
    return f"2031-{3 + (n - 1) // 31:02}-{(n - 1) % 31 + 1:02}T{hour:02}:00:00Z"


def test_a_text_is_forgotten_after_the_window(desk: Desk) -> None:
    desk.take(item(received=day(1)))
    assert desk.take(item("B1", source="betawire", received=day(4, 12))).fate == "duplicate"
    desk = Desk()
    desk.take(item(received=day(1)))
    assert desk.take(item("B1", source="betawire", received=day(4, 13))).fate == "published"


def test_an_id_is_remembered_longer_than_a_text(desk: Desk) -> None:
    desk.take(item(received=day(1)))
    assert desk.take(item(received=day(30))).decision.match_kind == "same-version"


def test_an_id_is_forgotten_after_the_memory(desk: Desk) -> None:
    desk.take(item(received=day(1)))
    again = desk.take(item(received=day(31)))
    assert (again.fate, again.decision.version) == ("published", "1")


def test_a_kill_is_remembered_as_long_as_ids(desk: Desk) -> None:
    desk.take(kill(received=day(1)))
    assert desk.take(item(received=day(30))).fate == "withdrawn"


def test_the_clock_of_the_fold_never_goes_backwards(desk: Desk) -> None:
    desk.take(item("A0", text=OTHER, received=day(4)))
    clock = desk.state.progress.clock
    desk.take(item(received=day(1)))
    assert desk.state.progress.clock == clock
    # Remembered from the clock on, not from the item's own time: three days before it is not forgotten at once.
    assert desk.take(item("B1", source="betawire", received=day(4))).fate == "duplicate"


def test_commands_move_no_clock(desk: Desk) -> None:
    desk.take(item(received=day(1)))
    clock = desk.state.progress.clock
    desk.put(command("kill", uri="urn:newswire:alphawire:none", at="2041-01-01T00:00:00Z"))
    assert desk.state.progress.clock == clock
    assert desk.take(item("B1", source="betawire", received=day(1))).fate == "duplicate"


def test_a_repeat_is_a_repeat_however_far_the_clock_went_on_meanwhile(desk: Desk) -> None:
    """An archive fed with its own times passes years in seconds; prepare may append its first item again."""
    old = item(at=origin(1, partition=3), received="2011-03-04T12:00:00Z")
    desk.put(old)
    desk.put(item("A2", text=OTHER, at=origin(1), received=NOON))
    desk.put(item("A3", text=f"{OTHER} 3", at=origin(2), received=NOON))
    assert desk.put(old).fate == "repeat"


def test_an_item_under_embargo_is_kept_for_its_release_beyond_the_memory(desk: Desk) -> None:
    desk.take(item(received=day(1), embargo=day(61)))
    for number in range(2, 62):
        desk.take(item(f"D{number}", text=f"{OTHER} {number}", received=day(number)))
    assert [story.uri for story in desk.state.withheld()] == [STORY]
    assert desk.put(command("release", by="releaser", at=day(61))).fate == "published"


def test_an_embargo_until_further_notice_is_not_kept_for_ever(desk: Desk) -> None:
    desk.take(item(embargo="9999-12-31T23:59:59Z"))
    desk.take(item("A2", text=OTHER, received="2032-04-30T12:00:00Z"))
    desk.take(item("A3", text=f"{OTHER} 3", received="2032-04-30T13:00:00Z"))
    assert desk.state.withheld() == []


def test_the_log_offset_of_each_decision_is_the_records_and_progress_is_the_next(desk: Desk) -> None:
    out = [desk.take(item()), desk.take(refusal()), desk.put(command("kill"))]
    assert [each.decision.log_offset for each in out] == [0, 1, 2]
    assert desk.state.progress.next_offset == 3


def test_the_rulebook_is_of_the_settings() -> None:
    rules = Rulebook.of(Settings())
    assert (rules.window, rules.memory) == (72 * 3_600_000, 30 * 86_400_000)
    assert rules.log_topic == "news.internal.items"


def test_each_fate_of_an_item_is_met_in_these_flows(desk: Desk) -> None:
    fates = desk.taken(
        item(),
        item(version="2", created=NOON, text=OTHER),
        item(),
        kill(created=LATER),
        item("E1", text="Under embargo, this text is long.", embargo=EMBARGO),
        refusal(),
    )
    assert fates == ["published", "revised", "duplicate", "withdrawn", "withheld", "rejected"]
    assert {*fates, "repeat", "none"} == {fate.value for fate in Fate}


def test_the_first_created_of_a_wire_that_gives_none_is_that_of_the_story_s_first_version(desk: Desk) -> None:
    first = desk.take(item(created="2031-03-04T11:58:00Z"))
    second = desk.take(item(version="2", created="2031-03-04T12:30:00Z", text=OTHER))
    assert first.event()["firstCreated"] == second.event()["firstCreated"] == "2031-03-04T11:58:00Z"
    assert second.event()["versionCreated"] == "2031-03-04T12:30:00Z"


def test_a_kill_before_its_story_names_no_category_that_it_is_not_sent_to(desk: Desk) -> None:
    shown = desk.take(kill()).event()
    assert [row for row in shown.get("subjects", []) if row["rel"] == "category"] == []
