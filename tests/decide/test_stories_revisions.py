"""A later version of a story, and the story under another id."""

from support.builders import LATER, NOON, OTHER_TEXT, STORY, STORY_TOPICS, TEXT, FoldRunner, build_item, build_kill


def test_a_later_version_is_a_revision_under_the_uri_of_its_story(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    revised = fold.fold_new(build_item(version="2", created=NOON, text=OTHER_TEXT))
    assert (revised.outcome, revised.decision.uri, revised.decision.version) == ("revised", STORY, "2")
    assert (revised.event()["version"], revised.event()["uri"]) == ("2", STORY)


def test_the_same_version_with_another_text_is_a_revision(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    revised = fold.fold_new(build_item(text=OTHER_TEXT))
    assert (revised.outcome, revised.decision.version) == ("revised", "2")


def test_a_later_version_with_the_same_text_is_a_revision(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    assert fold.fold_new(build_item(version="2", created=NOON)).outcome == "revised"


def test_a_revision_goes_to_every_topic_its_story_was_ever_in_and_the_new_ones(fold: FoldRunner) -> None:
    fold.fold_new(build_item(categories=("companies", "companies.rumors")))
    second = fold.fold_new(build_item(version="2", created=NOON, text=OTHER_TEXT, categories=("markets",)))
    assert second.topics == ["latest", "companies", "companies.rumors", "markets"]
    third = fold.fold_new(build_item(version="3", created=LATER, text="Short.", categories=("companies",)))
    assert third.topics == ["latest", "companies", "companies.rumors", "markets"]
    assert third.decision.topics == tuple(third.topics)


def test_a_revision_names_only_its_own_categories(fold: FoldRunner) -> None:
    fold.fold_new(build_item(categories=("companies", "companies.rumors")))
    event = fold.fold_new(build_item(version="2", created=NOON, text=OTHER_TEXT, categories=("markets",))).event()
    assert [row["literal"] for row in event["subjects"] if row["rel"] == "category"] == ["markets"]


def test_version_numbers_count_published_versions_whatever_the_wire_numbers_are(fold: FoldRunner) -> None:
    versions = [
        fold.fold_new(build_item(version=version, created="", text=f"{TEXT} Version {version}.")).event()["version"]
        for version in ("7", "11", "12")
    ]
    assert versions == ["1", "2", "3"]


def test_duplicates_are_not_counted_as_versions(fold: FoldRunner) -> None:
    fold.fold_all_new(build_item(), build_item(), build_item("B1", source="betawire"))
    assert fold.fold_new(build_item(version="2", created=NOON, text=OTHER_TEXT)).decision.version == "2"


def test_a_late_older_version_is_superseded(fold: FoldRunner) -> None:
    fold.fold_new(build_item(version="2", created=NOON))
    late = fold.fold_new(build_item(version="1", created="2031-03-04T11:00:00Z", text=OTHER_TEXT))
    assert (late.outcome, late.decision.match_kind, late.decision.duplicate_of) == (
        "duplicate",
        "superseded",
        STORY,
    )


def test_a_late_version_is_superseded_by_its_number_if_the_wire_gives_no_time(fold: FoldRunner) -> None:
    fold.fold_new(build_item(version="10", created=""))
    assert fold.fold_new(build_item(version="9", created="", text=OTHER_TEXT)).decision.match_kind == "superseded"


def test_the_time_of_a_version_goes_before_its_number(fold: FoldRunner) -> None:
    fold.fold_new(build_item(version="2", created="2031-03-04T11:00:00Z"))
    assert fold.fold_new(build_item(version="1", created=NOON, text=OTHER_TEXT)).outcome == "revised"


def test_a_hundred_late_versions_are_all_superseded(fold: FoldRunner) -> None:
    fold.fold_new(build_item(version="100"))
    kinds = [fold.fold_new(build_item(version=str(n), text=f"{TEXT} {n}")).decision.match_kind for n in range(1, 100)]
    assert kinds == ["superseded"] * 99


def test_the_full_text_after_only_a_headline_under_the_same_id_is_a_revision(fold: FoldRunner) -> None:
    fold.fold_new(build_item(text=""))
    full = fold.fold_new(build_item(version="2", created=NOON))
    assert (full.outcome, full.event()["representationType"]) == ("revised", "full")


def test_a_revision_without_body_is_partial_and_keeps_the_categories_of_its_story(fold: FoldRunner) -> None:
    fold.fold_new(build_item(categories=("companies", "companies.rumors")))
    note = fold.fold_new(
        build_item(version="2", created=NOON, text="", headline="A correction", categories=("markets",))
    )
    assert (note.outcome, note.topics) == ("revised", ["latest", "companies", "companies.rumors"])
    event = note.event()
    assert event["representationType"] == "partial"
    subjects = [(row["rel"], row["literal"]) for row in event["subjects"]]
    assert subjects == [
        ("category", "companies"),
        ("category", "companies.rumors"),
        ("provider", "N2:MILL"),
    ]


def test_a_full_revision_after_a_partial_one_is_full(fold: FoldRunner) -> None:
    fold.fold_all_new(build_item(), build_item(version="2", created=NOON, text=""))
    assert (
        fold.fold_new(build_item(version="3", created=LATER, text=OTHER_TEXT)).event()["representationType"] == "full"
    )


def test_a_headline_after_a_headline_is_full(fold: FoldRunner) -> None:
    fold.fold_new(build_item(text=""))
    again = fold.fold_new(build_item(version="2", created=NOON, text="", headline="Brookvale Mills to build two mills"))
    assert again.event()["representationType"] == "full"


def test_without_first_created_from_the_wire_that_of_the_first_version_is_used(fold: FoldRunner) -> None:
    first = fold.fold_new(build_item(created="2031-03-04T11:58:00Z"))
    second = fold.fold_new(build_item(version="2", created="2031-03-04T12:30:00Z", text=OTHER_TEXT))
    assert first.event()["firstCreated"] == second.event()["firstCreated"] == "2031-03-04T11:58:00Z"
    assert second.event()["versionCreated"] == "2031-03-04T12:30:00Z"


def test_a_later_version_under_an_alias_is_a_revision_of_the_story(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    fold.fold_new(build_item("B1", source="betawire"))
    revised = fold.fold_new(build_item("B1", source="betawire", version="2", created=NOON, text=OTHER_TEXT))
    assert (revised.outcome, revised.decision.uri, revised.decision.version) == ("revised", STORY, "2")
    assert revised.headers("latest")["ce_source"] == "urn:newswire:source:betawire"


def test_the_same_revision_by_a_second_wire_is_a_duplicate(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    fold.fold_new(build_item("B1", source="betawire"))
    fold.fold_new(build_item("B1", source="betawire", version="2", created=NOON, text=OTHER_TEXT))
    same = fold.fold_new(build_item(version="2", created=NOON, text=OTHER_TEXT))
    assert (same.outcome, same.decision.match_kind) == ("duplicate", "same-text")


def test_a_kill_under_an_alias_withdraws_the_story(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    fold.fold_new(build_item("B1", source="betawire"))
    gone = fold.fold_new(build_kill("B1", source="betawire"))
    assert (gone.outcome, gone.decision.uri, gone.topics) == ("withdrawn", STORY, STORY_TOPICS)
