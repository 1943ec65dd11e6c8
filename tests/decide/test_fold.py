"""Given these items, expect these outcomes and records: new stories and duplicates.

Other flows: test_stories_*.py, test_fold_failures.py, test_fold_memory.py.
"""

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
    build_label,
    build_refusal,
)

from streams.model.records import Outcome


def test_a_new_item_is_published_to_latest_and_its_categories(fold: FoldRunner) -> None:
    outcome = fold.fold_new(build_item())
    assert (outcome.outcome, outcome.topics) == ("published", STORY_TOPICS)
    assert outcome.decision.topics == tuple(STORY_TOPICS)
    assert (outcome.decision.uri, outcome.decision.version) == (STORY, "1")
    assert outcome.decision.labels == (build_label("companies.new-contracts"), build_label("companies"))
    assert len({effect.value for effect in outcome.effects}) == 1
    assert {effect.key for effect in outcome.effects} == {STORY.encode()}


def test_a_published_event_is_the_prepared_document_with_the_fields_of_decide(fold: FoldRunner) -> None:
    event = fold.fold_new(build_item()).event()
    assert (event["uri"], event["version"]) == (STORY, "1")
    assert (event["pubStatus"], event["representationType"]) == ("usable", "full")
    assert event["bodies"] == [{"role": "main", "value": TEXT}]


def test_an_item_without_category_is_published_to_latest_alone(fold: FoldRunner) -> None:
    assert fold.fold_new(build_item(categories=())).topics == ["latest"]


def test_an_item_without_id_gets_an_id_from_its_text(fold: FoldRunner) -> None:
    first = build_item(id="")
    assert fold.fold_new(first).decision.uri == f"urn:newswire:alphawire:content-{first.text_hash[:16]}"


def test_the_same_id_at_two_sources_is_two_stories(fold: FoldRunner) -> None:
    assert fold.fold_new(build_item()).decision.uri == STORY
    other = fold.fold_new(build_item(source="betawire", text=OTHER_TEXT))
    assert (other.outcome, other.decision.uri) == ("published", "urn:newswire:betawire:A1")


def test_ids_with_blanks_at_two_sources_are_two_stories(fold: FoldRunner) -> None:
    fold.fold_new(build_item(source="alpha wire", id="A1"))
    assert fold.fold_new(build_item(source="alpha", id="wire A1", text=OTHER_TEXT)).outcome == "published"


def test_the_same_version_with_the_same_text_is_a_duplicate_of_its_story(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    again = fold.fold_new(build_item())
    assert (again.outcome, again.decision.match_kind, again.topics) == (
        "duplicate",
        "same-version",
        ["duplicates"],
    )
    assert (again.decision.duplicate_of, again.decision.similarity) == (STORY, 1.0)


def test_the_same_version_with_the_same_text_is_a_duplicate_even_with_another_time(fold: FoldRunner) -> None:
    fold.fold_new(build_item(created="2031-03-04T10:00:00Z"))
    for created in ("2031-03-04T11:00:00Z", "2031-03-04T09:00:00Z", ""):
        again = fold.fold_new(build_item(created=created))
        assert (again.outcome, again.decision.match_kind) == ("duplicate", "same-version")


def test_an_old_version_is_a_duplicate_same_version_even_after_its_revision(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    fold.fold_new(build_item(version="2", created=NOON, text=OTHER_TEXT))
    again = fold.fold_new(build_item())
    assert (again.outcome, again.decision.match_kind) == ("duplicate", "same-version")


def test_the_same_text_under_another_id_is_a_duplicate_same_text(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    again = fold.fold_new(build_item("B7", source="betawire", version="", created=""))
    assert (again.outcome, again.decision.match_kind, again.decision.similarity) == (
        "duplicate",
        "same-text",
        1.0,
    )
    assert again.effect("duplicates").key == STORY.encode()


def test_the_same_text_without_id_is_a_duplicate_same_text(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    again = fold.fold_new(build_item(id="", source="betawire"))
    assert (again.outcome, again.decision.match_kind, again.decision.duplicate_of) == (
        "duplicate",
        "same-text",
        STORY,
    )


def test_the_same_text_about_different_companies_is_two_stories(fold: FoldRunner) -> None:
    fold.fold_new(build_item(symbols=("XNAS:BRKV",)))
    other = fold.fold_new(build_item("A2", symbols=("XNYS:SLTN",)))
    assert (other.outcome, other.decision.uri) == ("published", "urn:newswire:alphawire:A2")


def test_a_copy_finds_the_story_of_its_own_company_among_those_of_one_text(fold: FoldRunner) -> None:
    fold.fold_new(build_item(symbols=("XNAS:BRKV",)))
    fold.fold_new(build_item("A2", symbols=("XNYS:SLTN",)))
    copy = fold.fold_new(build_item("B1", source="betawire", symbols=("XETR:BRK", "XNAS:BRKV")))
    assert copy.decision.duplicate_of == STORY


def test_a_copy_that_names_no_company_is_a_duplicate(fold: FoldRunner) -> None:
    fold.fold_new(build_item(symbols=("XNAS:BRKV",)))
    assert fold.fold_new(build_item("B1", source="betawire")).decision.duplicate_of == STORY


def test_a_copy_of_an_old_text_is_a_duplicate_although_the_revision_names_another_listing(fold: FoldRunner) -> None:
    fold.fold_new(build_item(symbols=("XNAS:BRKV",)))
    fold.fold_new(build_item(version="2", created=NOON, text=OTHER_TEXT, symbols=("XNYS:BRKV",)))
    assert fold.fold_new(build_item("B1", source="betawire", symbols=("XNAS:BRKV",))).decision.duplicate_of == STORY


def test_a_story_takes_over_the_company_of_a_duplicate(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    fold.fold_new(build_item("B1", source="betawire", symbols=("XNAS:BRKV",)))
    assert fold.fold_new(build_item("C1", source="gammawire", symbols=("XNYS:SLTN",))).outcome == "published"


def test_short_items_of_only_a_headline_are_never_merged(fold: FoldRunner) -> None:
    title = "Net Asset Value(s)"
    assert fold.fold_all_new(
        build_item("A1", headline=title, text=""),
        build_item("A2", headline=title, text=""),
        build_item("B1", source="betawire", headline=title, text=""),
    ) == ["published", "published", "published"]


def test_a_long_headline_without_text_identifies_its_story(fold: FoldRunner) -> None:
    title = "Brookvale Mills to build a second paper mill at Ostrava by 2033"
    fold.fold_new(build_item(headline=title, text=""))
    assert (
        fold.fold_new(build_item("B1", source="betawire", headline=title, text="")).decision.match_kind == "same-text"
    )


def test_a_copy_of_an_earlier_version_is_a_duplicate_of_the_revised_story(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    fold.fold_new(build_item(version="2", created=NOON, text=OTHER_TEXT))
    late = fold.fold_new(build_item("B1", source="betawire"))
    assert (late.decision.match_kind, late.decision.duplicate_of) == ("same-text", STORY)


def test_a_duplicate_of_a_duplicate_points_to_the_story(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    fold.fold_new(build_item("B1", source="betawire"))
    again = fold.fold_new(build_item("B1", source="betawire"))
    assert (again.decision.match_kind, again.decision.duplicate_of) == ("same-version", STORY)


def test_a_repeated_kill_in_duplicates_has_no_body_and_is_canceled(fold: FoldRunner) -> None:
    fold.fold_new(build_kill(text=TEXT))
    event = fold.fold_new(build_kill(text=TEXT)).event("duplicates")
    assert event["pubStatus"] == "canceled"
    assert "bodies" not in event


def test_each_decision_has_the_log_offset_of_its_record_and_progress_the_next_one(fold: FoldRunner) -> None:
    out = [fold.fold_new(build_item()), fold.fold_new(build_refusal()), fold.fold_record(build_command("kill"))]
    assert [each.decision.log_offset for each in out] == [0, 1, 2]
    assert fold.state.progress.next_offset == 3


def test_these_flows_reach_each_outcome_of_an_item(fold: FoldRunner) -> None:
    outcomes = fold.fold_all_new(
        build_item(),
        build_item(version="2", created=NOON, text=OTHER_TEXT),
        build_item(),
        build_kill(created=LATER),
        build_item("E1", text="Under embargo, this text is long.", embargo=EMBARGO),
        build_refusal(),
    )
    assert outcomes == ["published", "revised", "duplicate", "withdrawn", "withheld", "rejected"]
    assert {*outcomes, "repeat", "none"} == {each.value for each in Outcome}
