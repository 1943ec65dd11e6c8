"""A person parts a copy from its story, or joins two stories: later copies find the right one, and an undo restores."""

import json
from typing import Any

import pytest
from decide.test_desk import build_change, build_undo, shown, without_number
from support.builders import EMBARGO, LATER, STORY, FoldedRecord, FoldRunner, build_command, build_item, build_kill

from streams.decide.state_entries import StoryEntry
from streams.model import codec
from streams.model.records import Item, Status

HEAD, TEXT = "Salton Tools opens a yard in Porto", "Salton Tools said that it opens the yard in May with 61 people."
OTHER = "urn:newswire:betawire:B1"


def build_copy(id_: str = "B1", **fields: Any) -> Item:
    """Builds a near-copy of the story of `build_item()`."""
    given = {"source": "betawire", "text": f"{build_text()} It said so twice.", **fields}
    return build_item(id_, **given)


def build_text() -> str:
    event = json.loads(bytes(build_item().event))
    return str(event["bodies"][0]["value"])


def build_other(id_: str = "B1", **fields: Any) -> Item:
    return build_item(id_, **{"source": "betawire", "headline": HEAD, "text": TEXT, **fields})


def build_split(item: Item, uri: str = OTHER, of: str = STORY, id_: str = "s1"):
    return build_change("split", {"of": of, "item": codec.encode(item).decode()}, id_, uri=uri)


def build_join(uri: str = OTHER, into: str = STORY, id_: str = "j1"):
    return build_change("join", {"into": into}, id_, uri=uri)


def undo_split(id_: str = "u1"):
    return build_change("undo", {"command": "s1", "action": "split", "into": STORY}, id_, uri=OTHER)


def undo_join(id_: str = "u1"):
    return build_change("undo", {"command": "j1", "action": "join"}, id_, uri=OTHER)


def entry(fold: FoldRunner, uri: str = STORY) -> StoryEntry:
    found = fold.state.get(f"story {uri}")
    assert isinstance(found, StoryEntry)
    return found


def test_a_copy_that_is_split_is_a_story_of_its_own(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    copy = build_copy()
    assert fold.fold_new(copy).decision.duplicate_of == STORY
    made = fold.fold_record(build_split(copy))
    assert (made.outcome, made.shown, made.left) == (
        "published",
        ["latest", "companies", "companies.new-contracts"],
        [],
    )
    event = shown(made)
    assert (event["uri"], event["version"], event["bodies"][0]["value"]) == (
        OTHER,
        "1",
        f"{build_text()} It said so twice.",
    )
    assert "desk-action" not in made.headers("latest")
    assert made.headers("latest")["origin-topic"] == "news.internal.items"
    assert made.decision.evidence["detail"]["of"] == STORY
    assert made.decision.evidence["detail"]["origin"]["topic"] == "news.raw"


def test_later_copies_and_versions_of_what_was_split_join_the_right_story(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    copy = build_copy()
    fold.fold_new(copy)
    fold.fold_record(build_split(copy))
    same = fold.fold_new(build_copy("G1", source="gammawire"))
    assert (same.outcome, same.decision.duplicate_of) == ("duplicate", OTHER)
    again = fold.fold_new(copy)
    assert (again.outcome, again.decision.duplicate_of, again.decision.match_kind) == (
        "duplicate",
        OTHER,
        "same-version",
    )
    revised = fold.fold_new(build_copy(version="2", created=LATER, text=f"{build_text()} It said so three times."))
    assert (revised.outcome, revised.decision.uri) == ("revised", OTHER)
    first = fold.fold_new(build_item("D1", source="deltawire"))
    assert (first.outcome, first.decision.duplicate_of) == ("duplicate", STORY)


def test_a_split_that_is_undone_makes_one_story_again(fold: FoldRunner) -> None:
    first = fold.fold_new(build_item())
    copy = build_copy()
    fold.fold_new(copy)
    fold.fold_record(build_split(copy))
    gone = fold.fold_record(undo_split())
    assert (gone.outcome, gone.decision.uri, gone.shown) == ("withdrawn", OTHER, ["latest"])
    assert gone.left == ["companies", "companies.new-contracts"]
    event = shown(gone)
    assert (event["pubStatus"], event["edNote"]) == ("canceled", "Withdrawn by the desk")
    assert {"role": "joined-into", "value": STORY} in event["altIds"]
    assert not {"headlines", "bodies", "subjects"} & event.keys()
    assert fold.fold_new(build_copy("G1", source="gammawire")).decision.duplicate_of == STORY
    assert fold.fold_new(copy).decision.duplicate_of == STORY
    assert fold.fold_record(undo_split("u2")).outcome == "none"
    back = fold.fold_record(build_split(copy, id_="s2"))
    assert (back.outcome, shown(back)["uri"]) == ("revised", OTHER)
    assert first.outcome == "published"


def test_a_copy_of_a_version_under_embargo_is_not_split(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    fold.fold_new(build_item(version="2", created=LATER, text="A new text of it.", embargo=EMBARGO))
    copy = build_copy()
    assert fold.fold_new(copy).outcome == "duplicate"
    out = fold.fold_record(build_split(copy))
    assert (out.outcome, out.topics) == ("none", [])
    assert out.decision.evidence["note"] == "its story is under embargo: release it first"


def test_an_item_under_embargo_that_is_split_waits(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    copy = build_copy(embargo=EMBARGO, text=build_text())
    assert fold.fold_new(copy).outcome == "duplicate"
    out = fold.fold_record(build_split(copy))
    assert (out.outcome, out.topics, out.decision.labels) == ("withheld", ["withheld"], ())
    assert fold.fold_record(build_command("release", OTHER)).outcome == "published"


@pytest.mark.parametrize(
    ("item", "note"),
    [
        (build_copy(status=Status.ADVISORY), "it has no text of its own"),
        (build_copy(status=Status.WITHDRAWN), "it has no text of its own"),
    ],
)
def test_what_has_no_text_is_not_split(fold: FoldRunner, item: Item, note: str) -> None:
    fold.fold_new(build_item())
    assert fold.fold_record(build_split(item)).decision.evidence["note"] == note


def test_a_story_of_its_own_is_not_split_and_a_wrong_item_is_an_error(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    fold.fold_new(build_other())
    assert fold.fold_record(build_split(build_other())).decision.evidence["note"] == "it is a story of its own"
    wrong = fold.fold_record(build_split(build_copy("B2"), uri="urn:newswire:betawire:B3"))
    assert (wrong.outcome, "does not carry its item" in wrong.decision.evidence["error"]) == ("none", True)


def join_two(fold: FoldRunner) -> tuple[FoldedRecord, FoldedRecord]:
    fold.fold_new(build_item())
    other = fold.fold_new(build_other())
    return other, fold.fold_record(build_join())


def test_a_joined_story_leaves_its_topics_and_all_that_belongs_to_it_goes_to_the_other(fold: FoldRunner) -> None:
    _, gone = join_two(fold)
    assert (gone.outcome, gone.decision.uri, gone.left) == (
        "withdrawn",
        OTHER,
        ["companies", "companies.new-contracts"],
    )
    assert {"role": "joined-into", "value": STORY} in shown(gone)["altIds"]
    assert gone.decision.evidence["detail"] == {"into": STORY}
    assert fold.fold_new(build_other()).decision.duplicate_of == STORY
    assert fold.fold_new(build_other("G1", source="gammawire")).decision.duplicate_of == STORY
    near = fold.fold_new(build_other("G2", source="deltawire", text=f"{TEXT} It said so twice."))
    assert (near.outcome, near.decision.duplicate_of) == ("duplicate", STORY)
    newer = fold.fold_new(build_other(version="2", created=LATER, text="Salton Tools opens it in June with 99 people."))
    assert (newer.outcome, newer.decision.uri) == ("revised", STORY)
    older = fold.fold_new(build_other(version="0", created="2031-03-04T10:00:00Z", text="Salton Tools may open it."))
    assert (older.outcome, older.decision.match_kind) == ("duplicate", "superseded")


def test_a_join_that_is_undone_brings_the_story_back_with_its_ids_and_texts(fold: FoldRunner) -> None:
    other, _ = join_two(fold)
    fold.fold_new(build_other("G1", source="gammawire"))
    back = fold.fold_record(undo_join())
    assert (back.outcome, back.shown) == ("revised", ["latest", "companies", "companies.new-contracts"])
    assert without_number(shown(back)) == without_number(shown(other))
    assert fold.fold_new(build_other()).decision.duplicate_of == OTHER
    assert fold.fold_new(build_other("D1", source="deltawire")).decision.duplicate_of == OTHER
    newer = fold.fold_new(build_other(version="2", created=LATER, text="Salton Tools opens it in June with 99 people."))
    assert (newer.outcome, newer.decision.uri) == ("revised", OTHER)
    assert entry(fold).joined == ()
    assert fold.fold_record(undo_join("u2")).outcome == "none"


def test_an_undone_join_leaves_the_story_that_went_on_as_it_was(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    fold.fold_new(build_other())
    before = entry(fold)
    fold.fold_record(build_join())
    fold.fold_record(undo_join())
    assert entry(fold) == before


def test_a_kill_of_the_story_takes_the_texts_of_those_that_were_joined_into_it(fold: FoldRunner) -> None:
    join_two(fold)
    assert fold.state.get(f"document {OTHER}") is not None
    fold.fold_new(build_kill())
    assert fold.state.get(f"document {OTHER}") is None
    assert fold.fold_record(undo_join()).decision.evidence["note"].startswith("its text went with the story")


def test_a_withdrawal_under_the_id_of_a_joined_story_withdraws_the_one_story(fold: FoldRunner) -> None:
    join_two(fold)
    gone = fold.fold_new(build_kill("B1", source="betawire"))
    assert (gone.outcome, gone.decision.uri) == ("withdrawn", STORY)


def test_a_command_about_a_joined_story_does_nothing(fold: FoldRunner) -> None:
    join_two(fold)
    assert fold.fold_record(build_command("kill", OTHER)).decision.evidence["note"] == "kill finds the story withdrawn"
    assert fold.fold_record(build_change("note", {"note": "x"}, uri=OTHER)).outcome == "none"


@pytest.mark.parametrize(
    ("uri", "into", "note"),
    [
        (STORY, STORY, "a story is not joined into itself"),
        (STORY, "urn:newswire:alphawire:none", "there is no story urn:newswire:alphawire:none"),
        ("urn:newswire:alphawire:none", STORY, "no such story"),
        (STORY, OTHER, f"{OTHER} is withdrawn"),
        (OTHER, STORY, f"{OTHER} is withdrawn"),
    ],
)
def test_a_join_that_makes_no_sense_does_nothing(fold: FoldRunner, uri: str, into: str, note: str) -> None:
    join_two(fold)
    assert fold.fold_record(build_join(uri, into, "j2")).decision.evidence["note"] == note


def test_a_story_with_a_version_under_embargo_is_not_joined(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    fold.fold_new(build_other())
    fold.fold_new(build_other(version="2", created=LATER, text="Salton Tools opens it in June.", embargo=EMBARGO))
    note = fold.fold_record(build_join()).decision.evidence["note"]
    assert note == f"a version of {OTHER} is under embargo: release it first"


def test_a_chain_of_joins_ends_at_the_story_that_is_live(fold: FoldRunner) -> None:
    join_two(fold)
    third = build_item("C1", source="gammawire", headline="Dole Pumps names a head", text="Dole Pumps named Ada Byrne.")
    fold.fold_new(third)
    fold.fold_record(build_join(STORY, "urn:newswire:gammawire:C1", "j2"))
    assert fold.fold_new(build_other()).decision.duplicate_of == "urn:newswire:gammawire:C1"
    fold.fold_record(build_undo("j2", "join"))
    assert fold.fold_new(build_other()).decision.duplicate_of == STORY
