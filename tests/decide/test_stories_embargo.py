"""Items under embargo wait, and a release or a newer version ends the wait."""

from typing import Any

import pytest
from support.builders import (
    EMBARGO,
    LATER,
    NOON,
    OTHER_TEXT,
    STORY,
    STORY_TOPICS,
    TEXT,
    FoldedRecord,
    FoldRunner,
    build_command,
    build_item,
    build_kill,
    build_refusal,
)

from streams.model.records import Item, Status

SECRET = "Zanzibarium"
"""A word that only an item under embargo has."""


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


def test_a_headline_alone_joins_the_text_that_waits(fold: FoldRunner) -> None:
    headline = "Brookvale Mills to build at Ostrava"
    fold.fold_new(build_item(embargo=EMBARGO))
    kept = fold.fold_new(build_item(version="2", created=NOON, headline=headline, text=""))
    assert (kept.outcome, kept.topics) == ("withheld", ["withheld"])
    event = fold.fold_record(build_command("release")).event()
    assert (event["headlines"][0]["value"], event["bodies"][0]["value"]) == (headline, TEXT)


def test_a_correction_under_another_id_of_a_text_that_waits_waits_as_long(fold: FoldRunner) -> None:
    fold.fold_new(build_item(embargo=EMBARGO))
    corrected = TEXT.replace("2033", "2032")
    kept = fold.fold_new(build_item("A2", status=Status.CORRECTION, text=corrected, created=NOON))
    assert (kept.outcome, kept.topics, kept.decision.uri) == ("withheld", ["withheld"], STORY)
    out = fold.fold_record(build_command("release", by="releaser", at=EMBARGO))
    assert (out.outcome, out.decision.uri) == ("published", STORY)
    assert out.event()["bodies"][0]["value"] == corrected
    assert fold.state.withheld() == []


def test_a_revision_under_embargo_waits_and_the_story_stays_public(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    kept = fold.fold_new(
        build_item(version="2", created=NOON, text=OTHER_TEXT, embargo=EMBARGO, categories=("markets",))
    )
    assert (kept.outcome, kept.topics) == ("withheld", ["withheld"])
    out = fold.fold_record(build_command("release"))
    assert (out.outcome, out.decision.version) == ("revised", "2")
    assert out.topics == ["latest", "markets", "companies", "companies.new-contracts", "withheld"]
    assert (out.shown, out.left) == (["latest", "markets"], ["companies", "companies.new-contracts"])


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


def secret_item(**fields: Any) -> Item:
    return build_item(
        **{
            "headline": f"Brookvale to buy {SECRET} for 5 million dollars",
            "text": f"{SECRET} said on Tuesday that Brookvale Mills would buy it by the end of 2033.",
            "note": f"Call {SECRET}",
            "embargo": EMBARGO,
            **fields,
        }
    )


def texts_outside_withheld(out: FoldedRecord) -> str:
    return repr([(each.topic, each.key, each.value, each.headers) for each in out.all if each.topic != "withheld"])


@pytest.mark.parametrize(
    "more",
    [
        secret_item(),
        secret_item(version="2", created=NOON, text=f"{SECRET} is bought."),
        secret_item(embargo=""),
        secret_item(version="2", created=NOON, embargo="2031-03-04T18:00:00Z", text="", headline=f"{SECRET} again"),
        secret_item(version="0", created="2031-03-04T11:00:00Z"),
        secret_item(id="N9", embargo="", text=f"In {SECRET} read 6.", status=Status.ADVISORY, replaces=("A1",)),
        build_kill(created=NOON, headline=f"KILL: {SECRET}", note=f"{SECRET} is wrong"),
    ],
    ids=["repeat", "version", "repeat without embargo", "headline", "late version", "advisory", "kill"],
)
def test_no_word_of_an_item_under_embargo_is_anywhere_but_in_withheld(fold: FoldRunner, more: Item) -> None:
    results = [fold.fold_new(secret_item()), fold.fold_new(more)]
    results += [fold.fold_record(build_command("kill", why="legal"))]
    for out in results:
        assert SECRET not in texts_outside_withheld(out)
        assert out.decision.labels == ()


def test_no_word_of_an_embargoed_item_that_breaks_the_fold_is_in_the_decisions(fold: FoldRunner) -> None:
    out = fold.fold_new(secret_item(event=b"[1]"))
    assert out.outcome == "rejected"
    assert out.decision.error_message == "ValueError"


@pytest.mark.parametrize(
    "body",
    [
        f"<newsItem><embargoed>{SECRET} at noon</embargoed>".encode(),
        f'{{"pubStatus": "WITHHELD", "x": "{SECRET}"'.encode(),
        f"Embargoed until Friday. {SECRET}".encode("utf-16"),
        f'<nitf><docdata management-status="embargoed"/>{SECRET}'.encode("utf-16-be"),
    ],
)
def test_the_decision_on_a_refused_item_that_claims_an_embargo_quotes_nothing(fold: FoldRunner, body: bytes) -> None:
    out = fold.fold_new(build_refusal(body=body, message=f"embargoed is no time: '{SECRET}'"))
    assert out.outcome == "rejected"
    assert out.decision.error_message == "the item speaks of an embargo: its dead letter says what is wrong"
    assert out.headers("dead-letters")["error-message"] == f"embargoed is no time: '{SECRET}'"


def test_the_decision_on_any_other_refused_item_says_what_is_wrong(fold: FoldRunner) -> None:
    out = fold.fold_new(build_refusal(message="JSON at character 18: end of data", body=b'{"title": "Norwick'))
    assert out.decision.error_message == "JSON at character 18: end of data"


def test_the_reason_of_a_second_kill_of_an_item_that_nobody_saw_is_not_told(fold: FoldRunner) -> None:
    fold.fold_all_new(secret_item(), build_kill(created=NOON))
    again = fold.fold_new(build_kill(version="10", created=LATER, note=f"{SECRET} is wrong", text=f"Kill {SECRET}."))
    assert again.outcome == "withdrawn"
    assert SECRET not in texts_outside_withheld(again)


HEADLINE = f"Brookvale to buy {SECRET} for 5 million dollars"


def test_a_kill_by_headline_reaches_an_item_that_waits_for_its_release(fold: FoldRunner) -> None:
    fold.fold_new(secret_item())
    gone = fold.fold_new(build_kill("K7", created=NOON, headline=f"KILL: {HEADLINE}", quotes=(HEADLINE,)))
    assert (gone.outcome, gone.topics, gone.decision.uri) == ("withdrawn", ["latest", "withheld"], STORY)
    assert SECRET not in texts_outside_withheld(gone)
    assert fold.fold_record(build_command("release")).outcome == "none"


def test_an_advisory_by_headline_joins_an_item_that_waits_for_its_release(fold: FoldRunner) -> None:
    fold.fold_new(secret_item())
    note = build_item("N9", headline="Advisory", text="Read 6.", status=Status.ADVISORY, quotes=(HEADLINE,))
    held = fold.fold_new(note)
    assert (held.outcome, held.topics, held.decision.uri) == ("withheld", ["withheld"], STORY)
    assert SECRET not in texts_outside_withheld(held)


@pytest.mark.parametrize("status", [Status.USABLE, Status.UPDATE])
def test_no_other_item_is_compared_with_one_that_waits(fold: FoldRunner, status: Status) -> None:
    fold.fold_new(secret_item())
    out = fold.fold_new(
        secret_item(id="B1", embargo="", status=status, text=f"{SECRET} will sell.", quotes=(HEADLINE,))
    )
    assert (out.outcome, out.decision.uri) == ("published", "urn:newswire:alphawire:B1")
    assert out.decision.evidence == {"matched": "nothing"}


def test_a_kill_by_headline_withdraws_a_story_with_a_next_version_that_waits(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    fold.fold_new(secret_item(version="2", created=NOON))
    gone = fold.fold_new(build_kill("K7", created=LATER, headline=f"KILL: {HEADLINE}", quotes=(HEADLINE,)))
    assert (gone.outcome, gone.decision.uri, gone.left) == ("withdrawn", STORY, STORY_TOPICS[1:])
    assert SECRET not in texts_outside_withheld(gone)


def test_a_released_item_is_found_by_its_headline_as_any_other(fold: FoldRunner) -> None:
    fold.fold_new(secret_item())
    fold.fold_record(build_command("release"))
    kill = build_kill("K7", created=NOON, headline=f"KILL: {HEADLINE}", quotes=(HEADLINE,))
    gone = fold.fold_new(kill)
    assert (gone.outcome, gone.decision.uri) == ("withdrawn", STORY)
    assert gone.decision.evidence["against"] == f"{STORY}/1"


def test_the_release_tells_what_was_hidden_with_the_positions_of_suppressed_copies(fold: FoldRunner) -> None:
    held = fold.fold_new(secret_item())
    assert held.decision.evidence == {"matched": "nothing", "embargoedUntil": EMBARGO}
    fold.fold_all_new(secret_item(), secret_item())
    out = fold.fold_record(build_command("release"))
    assert out.decision.evidence["copies"] == ["news.raw/0/2/0", "news.raw/0/3/0"]
    assert out.decision.evidence["matched"] == "nothing"
    assert [label.matched for label in out.decision.labels] == [("made", "up")] * 2
    assert [effect.topic for effect in out.effects if effect.topic == "duplicates"] == []


def test_a_waiting_version_remembers_a_bounded_number_of_copies(fold: FoldRunner) -> None:
    fold.fold_all_new(*[secret_item()] * 100)
    copies = fold.fold_record(build_command("release")).decision.evidence["copies"]
    assert (len(copies), copies[-1]) == (64, "news.raw/0/100/0")


def test_an_advisory_under_embargo_completes_its_story_when_it_is_released(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    note = build_item("N9", text="Please read 5.", status=Status.ADVISORY, replaces=("A1",), embargo=EMBARGO)
    held = fold.fold_new(note)
    assert (held.outcome, held.event("withheld")["bodies"][0]["value"]) == ("withheld", TEXT)
    event = fold.fold_record(build_command("release")).event()
    assert (event["bodies"][0]["value"], event["edNote"]) == (TEXT, "Please read 5.")
    assert event["representationType"] == "full"


@pytest.mark.parametrize("embargo", ["", "2031-03-04T18:00:00Z"])
def test_an_advisory_on_a_version_that_waits_joins_it_and_waits_too(fold: FoldRunner, embargo: str) -> None:
    fold.fold_new(build_item(embargo=EMBARGO))
    note = build_item("N9", text="Please read 5.", status=Status.ADVISORY, replaces=("A1",), embargo=embargo)
    held = fold.fold_new(note)
    assert (held.outcome, held.topics) == ("withheld", ["withheld"])
    assert [story.release_at for story in fold.state.withheld()] == [embargo or EMBARGO]
    event = fold.fold_record(build_command("release")).event()
    assert (event["bodies"][0]["value"], event["edNote"]) == (TEXT, "Please read 5.")


def test_an_advisory_on_the_version_that_is_shown_does_not_end_the_wait_of_the_next(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    fold.fold_new(build_item(version="2", created=NOON, text=OTHER_TEXT, embargo=EMBARGO))
    note = fold.fold_new(build_item("N9", text="Please read 5.", status=Status.ADVISORY, replaces=("A1",)))
    assert (note.outcome, note.topics, note.event()["bodies"][0]["value"]) == ("revised", STORY_TOPICS, TEXT)
    assert fold.fold_record(build_command("release")).event()["bodies"][0]["value"] == OTHER_TEXT
