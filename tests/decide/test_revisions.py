"""A later version of a story, and the story under another id."""

from support.builders import FILED, LATER, LONG, NOON, OTHER, STORY, Desk, item, kill


def test_a_later_version_is_a_revision_under_the_uri_of_its_story(desk: Desk) -> None:
    desk.take(item())
    revised = desk.take(item(version="2", created=NOON, text=OTHER))
    assert (revised.outcome, revised.decision.uri, revised.decision.version) == ("revised", STORY, "2")
    assert (revised.event()["version"], revised.event()["uri"]) == ("2", STORY)


def test_the_same_version_with_another_text_is_a_revision(desk: Desk) -> None:
    desk.take(item())
    revised = desk.take(item(text=OTHER))
    assert (revised.outcome, revised.decision.version) == ("revised", "2")


def test_a_later_version_with_the_same_text_is_a_revision(desk: Desk) -> None:
    desk.take(item())
    assert desk.take(item(version="2", created=NOON)).outcome == "revised"


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
    assert (late.outcome, late.decision.match_kind, late.decision.duplicate_of) == (
        "duplicate",
        "superseded",
        STORY,
    )


def test_a_late_version_is_superseded_by_its_number_where_the_wire_gives_no_time(desk: Desk) -> None:
    desk.take(item(version="10", created=""))
    assert desk.take(item(version="9", created="", text=OTHER)).decision.match_kind == "superseded"


def test_the_time_of_a_version_goes_before_its_number(desk: Desk) -> None:
    desk.take(item(version="2", created="2031-03-04T11:00:00Z"))
    assert desk.take(item(version="1", created=NOON, text=OTHER)).outcome == "revised"


def test_a_hundred_late_versions_are_all_superseded(desk: Desk) -> None:
    desk.take(item(version="100"))
    fates = [desk.take(item(version=str(n), text=f"{LONG} {n}")).decision.match_kind for n in range(1, 100)]
    assert fates == ["superseded"] * 99


def test_the_full_text_after_a_headline_alone_under_the_same_id_is_a_revision(desk: Desk) -> None:
    desk.take(item(text=""))
    full = desk.take(item(version="2", created=NOON))
    assert (full.outcome, full.event()["representationType"]) == ("revised", "full")


def test_a_revision_without_body_is_partial_and_filed_where_its_story_is(desk: Desk) -> None:
    desk.take(item(categories=("companies", "companies.rumors")))
    note = desk.take(item(version="2", created=NOON, text="", headline="A correction", categories=("markets",)))
    assert (note.outcome, note.topics) == ("revised", ["latest", "companies", "companies.rumors"])
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


def test_the_first_created_of_a_wire_that_gives_none_is_that_of_the_story_s_first_version(desk: Desk) -> None:
    first = desk.take(item(created="2031-03-04T11:58:00Z"))
    second = desk.take(item(version="2", created="2031-03-04T12:30:00Z", text=OTHER))
    assert first.event()["firstCreated"] == second.event()["firstCreated"] == "2031-03-04T11:58:00Z"
    assert second.event()["versionCreated"] == "2031-03-04T12:30:00Z"


def test_a_later_version_under_an_alias_is_a_revision_of_the_story(desk: Desk) -> None:
    desk.take(item())
    desk.take(item("B1", source="betawire"))
    revised = desk.take(item("B1", source="betawire", version="2", created=NOON, text=OTHER))
    assert (revised.outcome, revised.decision.uri, revised.decision.version) == ("revised", STORY, "2")
    assert revised.headers("latest")["ce_source"] == "urn:newswire:source:betawire"


def test_what_one_wire_revised_is_a_duplicate_when_the_other_revises_it_alike(desk: Desk) -> None:
    desk.take(item())
    desk.take(item("B1", source="betawire"))
    desk.take(item("B1", source="betawire", version="2", created=NOON, text=OTHER))
    same = desk.take(item(version="2", created=NOON, text=OTHER))
    assert (same.outcome, same.decision.match_kind) == ("duplicate", "same-text")


def test_a_kill_under_an_alias_withdraws_the_story(desk: Desk) -> None:
    desk.take(item())
    desk.take(item("B1", source="betawire"))
    gone = desk.take(kill("B1", source="betawire"))
    assert (gone.outcome, gone.decision.uri, gone.topics) == ("withdrawn", STORY, FILED)
