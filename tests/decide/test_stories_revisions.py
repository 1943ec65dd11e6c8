"""A later version of a story, and the story under another id."""

from support.builders import LATER, NOON, OTHER_TEXT, STORY, STORY_TOPICS, TEXT, FoldRunner, build_item, build_kill

from streams.model.records import Status


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


def test_a_revision_goes_to_its_topics_and_leaves_a_tombstone_in_those_that_it_left(fold: FoldRunner) -> None:
    fold.fold_new(build_item(categories=("companies", "companies.rumors")))
    second = fold.fold_new(build_item(version="2", created=NOON, text=OTHER_TEXT, categories=("markets",)))
    assert (second.shown, second.left) == (["latest", "markets"], ["companies", "companies.rumors"])
    third = fold.fold_new(build_item(version="3", created=LATER, text="Short.", categories=("companies",)))
    assert (third.shown, third.left) == (["latest", "companies"], ["markets"])
    assert (third.decision.topics, third.decision.left) == (("latest", "companies"), ("markets",))
    assert third.headers("markets") == {**third.headers("latest"), "ce_type": "news.item.moved"}
    assert third.effect("markets").key == STORY.encode()


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


def test_a_title_only_update_keeps_the_text_and_the_categories_of_its_story(fold: FoldRunner) -> None:
    fold.fold_new(build_item(categories=("companies", "companies.rumors")))
    note = fold.fold_new(
        build_item(version="2", created=NOON, text="", headline="A correction", categories=("markets",))
    )
    assert (note.outcome, note.topics) == ("revised", ["latest", "companies", "companies.rumors"])
    event = note.event()
    assert (event["representationType"], event["bodies"]) == ("full", [{"role": "main", "value": TEXT}])
    assert {row["value"] for row in event["headlines"]} == {"A correction"}
    subjects = [(row["rel"], row["literal"]) for row in event["subjects"]]
    assert subjects == [
        ("category", "companies"),
        ("category", "companies.rumors"),
        ("provider", "N2:MILL"),
    ]


def test_a_full_text_after_a_title_only_update_replaces_the_text(fold: FoldRunner) -> None:
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


def test_an_id_that_is_the_same_address_in_another_spelling_revises_its_story(fold: FoldRunner) -> None:
    first = fold.fold_new(build_item("http://www.wire.example/n/1"))
    second = fold.fold_new(build_item("https://wire.example/n/1?utm_source=rss#top", created=NOON, text=OTHER_TEXT))
    assert (second.outcome, second.decision.uri) == ("revised", first.decision.uri)


def test_an_address_with_the_number_of_another_entry_opens_a_story(fold: FoldRunner) -> None:
    first = fold.fold_new(build_item("https://wire.example/live#post-1"))
    second = fold.fold_new(build_item("https://wire.example/live#post-2", created=NOON, text=OTHER_TEXT))
    assert (second.outcome, second.decision.uri == first.decision.uri) == ("published", False)


def test_a_record_has_the_strictest_rights_of_the_sources_whose_words_it_holds(fold: FoldRunner) -> None:
    assert fold.fold_new(build_item(rights="full")).headers("latest")["rights"] == "full"
    title = build_item(version="2", created=NOON, text="", headline="Mill delayed", rights="restricted")
    assert fold.fold_new(title).headers("latest")["rights"] == "restricted"
    again = build_item(version="3", created=LATER, text="", headline="Mill delayed again", rights="full")
    assert fold.fold_new(again).headers("latest")["rights"] == "restricted"
    whole = build_item(version="4", created="2031-03-04T13:00:00Z", text=OTHER_TEXT, rights="full")
    assert fold.fold_new(whole).headers("latest")["rights"] == "full"


def test_an_update_of_a_story_whose_text_is_not_in_the_state_is_partial_and_says_so(fold: FoldRunner) -> None:
    """An earlier release kept no documents."""
    fold.fold_new(build_item(rights="full"))
    fold.state.merge({f"document {STORY}": None})
    title = fold.fold_new(build_item(version="2", created=NOON, text="", headline="Mill delayed", rights="full"))
    event = title.event()
    assert (event["representationType"], event["bodies"]) == ("partial", [])
    assert title.headers("latest")["rights"] == "restricted"
    assert title.decision.evidence["text"] == "not in the state"
    note = fold.fold_new(
        build_item("N9", text="Please read 5.", headline="ADVISORY-Mill", status=Status.ADVISORY, replaces=("A1",))
    ).event()
    assert (note["representationType"], note["edNote"], note["headlines"][0]["value"]) == (
        "partial",
        "Please read 5.",
        "Mill delayed",
    )
    whole = fold.fold_new(build_item(version="3", created=LATER, text=OTHER_TEXT)).event()
    assert whole["representationType"] == "full"


def test_the_first_time_of_a_story_stands_once_in_its_document_whether_the_wire_gives_it_or_not(
    fold: FoldRunner,
) -> None:
    """A field that stands twice would be valid JSON, and readers would disagree about it."""
    for id_, first in (("A1", ""), ("A2", "2031-03-04T11:00:00Z")):
        text = f"{TEXT} {id_}"
        item = build_item(id_, text=text, first_created=first, symbols=(f"XNAS:{id_}",))
        whole = fold.fold_new(item)
        title = fold.fold_new(build_item(id_, version="2", created=NOON, text="", headline="Mill delayed"))
        for out in (whole, title):
            assert (out.effect("latest").value or b"").count(b'"firstCreated"') == 1
            assert out.event()["firstCreated"] == (first or "2031-03-04T11:58:00Z")


def test_a_duplicate_does_not_write_the_document_of_its_story_again(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    fold.fold_new(build_item("B1", source="betawire"))
    assert [f"document {STORY}" in changes for changes in fold.changelog] == [True, False]
    assert f"story {STORY}" in fold.changelog[1]


def test_a_revision_says_whether_its_wire_calls_it_a_correction(fold: FoldRunner) -> None:
    first = fold.fold_new(build_item())
    update = fold.fold_new(build_item(version="2", created=NOON, text=OTHER_TEXT))
    correction = fold.fold_new(build_item(version="3", created=LATER, status=Status.CORRECTION))
    found = [made.headers("latest").get("revision") for made in (first, update, correction)]
    assert found == [None, "update", "correction"]
