"""What a person set stands over wires, rules and replays; taken back, the story is as if it had not been set."""

import json
from typing import Any

import msgspec
import pytest
from support.builders import (
    LATER,
    STORY,
    STORY_TOPICS,
    FoldedRecord,
    FoldRunner,
    build_command,
    build_item,
    build_kill,
    rebuild_state,
)
from support.ninjs_schema import errors

from streams.decide.pins import MAX_PINS
from streams.decide.state_entries import StoryEntry
from streams.model import codec
from streams.model.records import DESK_FORMAT, Command, Status

TITLE = {"title": "Brookvale Mills plans a mill", "ticker": "Brookvale Mills plans a mill"}
NORWICK = {
    "name": "Norwick Pumps",
    "rel": "about",
    "symbols": [{"exchange": "XNYS", "symbol": "NWK", "symbolType": "urn:newswire:symbol:ticker"}],
}


def build_change(action: str, detail: dict[str, Any], id_: str = "c1", **fields: Any) -> Command:
    return build_command(action, **{"format": DESK_FORMAT, "id": id_, "detail": detail, "why": "wrong", **fields})


def build_undo(command: str, action: str = "refile", id_: str = "u1") -> Command:
    return build_change("undo", {"command": command, "action": action}, id_)


def shown(result: FoldedRecord) -> dict[str, Any]:
    event = result.event()
    assert errors(event) == []
    return event


def categories(event: dict[str, Any]) -> list[str]:
    return [row["literal"] for row in event["subjects"] if row["rel"] == "category"]


def heads(event: dict[str, Any]) -> dict[str, str]:
    return {row["role"]: row["value"] for row in event["headlines"]}


def without_number(event: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name not in ("version", "versionCreated", "edNote")}


def story(fold: FoldRunner) -> StoryEntry:
    found = fold.state.get(f"story {STORY}")
    assert isinstance(found, StoryEntry)
    return found


def test_a_refiled_story_enters_and_leaves_topics_and_keeps_its_text(fold: FoldRunner) -> None:
    first = fold.fold_new(build_item())
    moved = fold.fold_record(build_change("refile", {"add": ["markets"], "drop": ["companies.new-contracts"]}))
    assert (moved.outcome, moved.shown, moved.left) == (
        "revised",
        ["latest", "companies", "markets"],
        ["companies.new-contracts"],
    )
    event = shown(moved)
    assert (event["version"], categories(event)) == ("2", ["companies", "markets"])
    (chosen,) = (row for row in event["subjects"] if row["literal"] == "markets")
    assert (chosen["creator"], chosen["confidence"]) == ("desk", 100)
    assert {**without_number(event), "subjects": 0} == {**without_number(shown(first)), "subjects": 0}
    assert moved.headers("latest")["desk-action"] == "refile"
    assert moved.headers("latest")["time-source"] == "wire"
    assert moved.decision.evidence == {
        "by": "desk",
        "why": "wrong",
        "command": "c1",
        "detail": {"add": ["markets"], "drop": ["companies.new-contracts"]},
    }


def test_what_a_person_filed_stays_filed_in_later_versions_of_the_wire(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    fold.fold_record(build_change("refile", {"add": ["markets"], "drop": ["companies.new-contracts"]}))
    later = fold.fold_new(
        build_item(
            version="2", created=LATER, text="A new text of it.", categories=("companies.new-contracts", "calendar")
        )
    )
    assert categories(shown(later)) == ["calendar", "markets"]
    assert later.left == ["companies"]
    assert later.decision.evidence["pinned"] == ["c1"]
    assert [label.creator for label in later.decision.labels] == ["rule:made-up@1", "desk"]
    note = fold.fold_new(
        build_item("N", text="Note: see 5.", headline="ADVISORY", status=Status.ADVISORY, replaces=("A1",))
    )
    assert categories(shown(note)) == ["calendar", "markets"]
    titled = fold.fold_new(build_item(version="3", created="2031-03-04T12:40:00Z", text="", headline="Mills to build"))
    assert categories(shown(titled)) == ["calendar", "markets"]


def test_who_drops_companies_drops_its_sections(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    gone = fold.fold_record(build_change("refile", {"drop": ["companies"]}))
    assert (gone.shown, gone.left) == (["latest"], ["companies", "companies.new-contracts"])


def test_a_headline_note_and_companies_that_a_person_gave_stand_in_later_versions(fold: FoldRunner) -> None:
    fold.fold_new(build_item(note="From the wire"))
    fold.fold_record(build_change("retitle", TITLE, "c1"))
    fold.fold_record(build_change("note", {"note": "Take care"}, "c2"))
    last = fold.fold_record(build_change("company", {"add": [NORWICK]}, "c3"))
    for event in (
        shown(last),
        shown(fold.fold_new(build_item(version="2", created=LATER, text="A new text of it.", note="From the wire"))),
    ):
        assert heads(event) == {"main": TITLE["title"], "ticker": TITLE["ticker"]}
        assert event["edNote"] == "Take care\n\nFrom the wire"
        assert event["organisations"] == [NORWICK]


def test_a_company_is_dropped_by_its_ticker_or_by_its_name(fold: FoldRunner) -> None:
    event = json.loads(bytes(build_item().event))
    event["organisations"] = [NORWICK, {"name": "Dole Pumps", "rel": "mentions"}]
    fold.fold_new(build_item(event=json.dumps(event).encode()))
    assert shown(fold.fold_record(build_change("company", {"drop": ["XNYS:NWK"]})))["organisations"] == [
        {"name": "Dole Pumps", "rel": "mentions"}
    ]
    assert "organisations" not in shown(fold.fold_record(build_change("company", {"drop": ["Dole Pumps"]}, "c2")))


def test_a_reclassification_of_a_replay_overwrites_nothing_that_a_person_set(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    fold.fold_record(build_change("refile", {"add": ["markets"], "drop": ["companies"]}))
    fold.fold_record(build_change("retitle", TITLE, "c2"))
    again = build_item(categories=("companies", "companies.ipos", "calendar"))
    detail = {"job": "r1", "version": "3", "item": codec.encode(again).decode()}
    replayed = fold.fold_record(build_command("reclassify", detail=detail))
    assert (categories(shown(replayed)), heads(shown(replayed))["main"]) == (["calendar", "markets"], TITLE["title"])
    undone = fold.fold_record(build_undo("c1"))
    assert categories(shown(undone)) == ["companies", "companies.ipos", "calendar"]


@pytest.mark.parametrize(
    ("action", "detail"),
    [
        ("refile", {"add": ["markets"], "drop": ["companies"]}),
        ("retitle", TITLE),
        ("note", {"note": "Take care"}),
        ("company", {"add": [NORWICK]}),
    ],
)
def test_an_undone_command_leaves_the_story_as_it_was(fold: FoldRunner, action: str, detail: dict[str, Any]) -> None:
    first = fold.fold_new(build_item())
    before = story(fold)
    fold.fold_record(build_change(action, detail))
    undone = fold.fold_record(build_undo("c1", action))
    assert (undone.outcome, undone.shown) == ("revised", STORY_TOPICS)
    assert without_number(shown(undone)) == without_number(shown(first))
    assert story(fold) == msgspec.structs.replace(before, version=3)
    assert undone.decision.evidence["detail"] == {"command": "c1", "action": action}


def test_the_undo_of_the_first_of_two_leaves_the_second(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    fold.fold_record(build_change("retitle", TITLE))
    fold.fold_record(build_change("retitle", {"title": "Second", "ticker": "Second"}, "c2"))
    assert fold.fold_record(build_undo("c1")).outcome == "none"  # readers see the second one anyway
    assert heads(shown(fold.fold_record(build_undo("c2", id_="u2"))))["main"] == build_item().headline


def test_what_readers_see_already_holds_for_later_versions(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    same = fold.fold_record(build_change("refile", {"add": ["companies"]}))
    assert (same.outcome, same.topics) == ("none", [])
    later = fold.fold_new(build_item(version="2", created=LATER, text="A new text of it.", categories=()))
    assert categories(shown(later)) == ["companies"]


def test_a_command_that_comes_twice_is_obeyed_once(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    fold.fold_record(build_change("note", {"note": "Take care"}))
    again = fold.fold_record(build_change("note", {"note": "Take care"}))
    assert (again.outcome, again.decision.evidence["note"]) == ("none", "done before")


def test_a_story_that_no_reader_sees_is_not_changed(fold: FoldRunner) -> None:
    assert fold.fold_record(build_change("retitle", TITLE)).decision.evidence["note"] == "no such story"
    fold.fold_new(build_item(embargo="2031-03-04T14:00:00Z"))
    waits = fold.fold_record(build_change("retitle", TITLE))
    assert (waits.outcome, waits.decision.evidence["note"]) == ("none", "retitle finds the story withheld")
    fold.fold_new(build_kill())
    assert (
        fold.fold_record(build_change("retitle", TITLE)).decision.evidence["note"]
        == "retitle finds the story withdrawn"
    )


def test_what_a_person_set_stands_on_the_version_that_comes_out_of_an_embargo(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    fold.fold_record(build_change("retitle", TITLE))
    fold.fold_new(build_item(version="2", created=LATER, text="A new text of it.", embargo="2031-03-04T14:00:00Z"))
    released = fold.fold_record(build_command("release"))
    assert (released.outcome, heads(shown(released))["main"]) == ("revised", TITLE["title"])


def test_a_story_has_so_many_settings_at_most(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    for number in range(MAX_PINS):
        assert fold.fold_record(build_change("note", {"note": f"Note {number}"}, f"c{number}")).outcome == "revised"
    over = fold.fold_record(build_change("note", {"note": "One more"}, "over"))
    assert (over.outcome, over.decision.evidence["note"]) == ("none", f"{MAX_PINS} settings stand on it: undo some")


@pytest.mark.parametrize(
    ("action", "detail"),
    [
        ("refile", {"add": ["sports"]}),
        ("refile", {"add": 7}),
        ("retitle", {}),
        ("company", {"add": ["x"]}),
        ("undo", {}),
    ],
)
def test_a_detail_that_is_none_changes_nothing_and_is_named(fold: FoldRunner, action: str, detail: Any) -> None:
    fold.fold_new(build_item())
    before = story(fold)
    out = fold.fold_record(build_change(action, detail))
    assert (out.outcome, out.topics, "error" in out.decision.evidence) == ("none", [], True)
    assert story(fold) == before


def test_the_state_is_of_format_3_from_the_first_command_on_and_no_older_release_reads_it(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    fold.fold_record(build_command("kill", "urn:newswire:alphawire:none", id="k1"))
    assert fold.state.progress.format == 2
    fold.fold_record(build_change("note", {"note": "Take care"}))
    fold.fold_new(build_item("B1", headline="Salton Tools opens a yard", text="Salton Tools opens it in May."))
    assert fold.state.progress.format == 3
    again = rebuild_state(fold.changelog)
    assert again.progress.format == 3
    assert again.entries() == fold.state.entries()
