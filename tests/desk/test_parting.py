"""A version that is another story becomes one, and its story shows its former text again; an undo restores both."""

import json
from typing import Any

import pytest
from support.builders import EMBARGO, LATER, FoldedRecord, FoldRunner, build_item

from streams.desk.plan import DeskPlan, find_split, plan_parting, plan_undo
from streams.model.records import Command, Decision, Item, LogRecord, Status, split_by_story

URI = "urn:newswire:alphawire:A1"
OTHER_TEXT = "Salton Tools opens a yard in Porto. It says that 61 people work there."
HEAD = "Salton Tools opens a yard in Porto"
WRONG = build_item(
    version="2", created=LATER, headline=HEAD, text=OTHER_TEXT, symbols=("SLT",), categories=("markets",)
)
"""Another story under the id of the first."""
FIELDS = ("headlines", "bodies", "subjects", "organisations", "symbols", "type", "language")


class Desk:
    """Folds a log and plans commands from what it holds."""

    def __init__(self, *items: Item) -> None:
        self.fold = FoldRunner()
        self.rows: list[tuple[Decision, LogRecord]] = []
        for item in items:
            self.add(item)

    def add(self, record: LogRecord) -> FoldedRecord:
        done = self.fold.fold_record(record) if isinstance(record, Command) else self.fold.fold_new(record)
        self.rows.append((done.decision, record))
        return done

    def rows_of(self, uri: str) -> list[tuple[Decision, LogRecord | None]]:
        return [
            (part, record)
            for decision, record in self.rows
            for part in split_by_story(decision)
            if part.uri == uri and part.version and part.outcome != "duplicate"
        ]

    def plan(self, wanted: str) -> list[DeskPlan]:
        found = find_split(wanted, [row[0] for row in self.rows])
        return plan_parting(wanted, found, self.rows_of(found.uri))

    def give(self, plan: DeskPlan, id_: str) -> FoldedRecord:
        return self.add(plan.build_command(id_, "2031-03-04T15:00:00Z", "ada", "two stories"))

    def undo(self, command: str, uri: str = URI) -> DeskPlan:
        return plan_undo(command, [row[0] for row in self.rows], rows=self.rows_of(uri))


def shown(result: FoldedRecord) -> dict[str, Any]:
    event = result.event()
    return {name: event[name] for name in FIELDS if name in event}


def test_a_version_of_another_story_under_the_same_id_is_parted_and_the_story_shows_its_former_text() -> None:
    desk = Desk()
    first = desk.add(build_item())
    wrong = desk.add(WRONG)
    assert (wrong.outcome, wrong.decision.uri, wrong.decision.version) == ("revised", URI, "2")
    split, restore = desk.plan(f"{URI}/2")
    assert split.line == f"split  {split.uri} from {URI}: {HEAD}"
    assert restore.line == f"restore  {URI}: Brookvale Mills to build a second paper mill at Ostrava"
    parted = desk.give(split, "s1")
    assert (parted.outcome, parted.event()["version"], shown(parted)) == ("published", "1", shown(wrong))
    assert parted.event()["uri"] == split.uri == f"urn:newswire:alphawire:content-{WRONG.text_hash[:16]}"
    back = desk.give(restore, "s2")
    assert (back.outcome, back.decision.version, shown(back)) == ("revised", "3", shown(first))
    assert (back.shown, back.left) == (["latest", "companies", "companies.new-contracts"], ["markets"])
    assert back.headers("latest")["desk-action"] == "restore"
    assert back.decision.evidence["detail"] == {"parted": split.uri}


def test_later_copies_find_the_right_one_of_the_two_and_a_later_version_is_the_wires() -> None:
    desk = Desk(build_item(), WRONG)
    split, restore = desk.plan("news.raw/0/2/0")
    desk.give(split, "s1")
    desk.give(restore, "s2")
    copy = desk.add(build_item("B1", source="betawire", headline=HEAD, text=OTHER_TEXT))
    assert (copy.outcome, copy.decision.duplicate_of) == ("duplicate", split.uri)
    near = desk.add(build_item("C1", source="gammawire", headline=HEAD, text=f"{OTHER_TEXT} It said so today."))
    assert (near.outcome, near.decision.duplicate_of) == ("duplicate", split.uri)
    other = desk.add(build_item("D1", source="deltawire"))
    assert (other.outcome, other.decision.duplicate_of) == ("duplicate", URI)
    again = desk.add(WRONG)
    assert (again.outcome, again.decision.match_kind) == ("duplicate", "same-version")
    newer = desk.add(build_item(version="3", created="2031-03-04T14:00:00Z", text="The mill is built in May."))
    assert (newer.outcome, newer.decision.uri, newer.decision.version) == ("revised", URI, "4")


def test_what_came_under_an_id_of_its_own_leaves_with_all_its_versions() -> None:
    own = build_item("Z9", headline=f"CORRECTED: {HEAD}", text=OTHER_TEXT, status=Status.CORRECTION, replaces=("A1",))
    newer = build_item("Z9", version="2", created=LATER, headline=HEAD, text=f"{OTHER_TEXT} A second part follows.")
    desk = Desk(build_item())
    assert desk.add(own).decision.uri == URI
    assert (desk.add(newer).outcome, desk.rows[-1][0].uri) == ("revised", URI)
    split, restore = desk.plan("news.raw/0/2/0")
    assert split.uri == "urn:newswire:alphawire:Z9"
    parted = desk.give(split, "s1")
    assert "A second part follows." in parted.event()["bodies"][0]["value"]
    back = desk.give(restore, "s2")
    assert back.event()["headlines"][0]["value"] == build_item().headline
    later = desk.add(
        build_item("Z9", version="3", created="2031-03-04T14:00:00Z", headline=HEAD, text="It opens later.")
    )
    assert (later.outcome, later.decision.uri) == ("revised", split.uri)


def test_an_undo_of_both_commands_makes_one_story_again_that_shows_the_newer_text() -> None:
    desk = Desk(build_item(), WRONG)
    split, restore = desk.plan(f"{URI}/2")
    desk.give(split, "s1")
    desk.give(restore, "s2")
    desk.give(DeskPlan(line="", action="note", uri=URI, detail={"note": "See below"}), "n1")
    undo = desk.undo("s2")
    assert undo.line == f"undo  restore s2 of {URI} by ada: two stories"
    back = desk.give(undo, "u2")
    assert (back.outcome, back.event()["version"], back.event()["edNote"]) == ("revised", "5", "See below")
    assert back.event()["headlines"][0]["value"] == HEAD
    gone = desk.give(desk.undo("s1", split.uri), "u1")
    assert (gone.outcome, gone.decision.uri) == ("withdrawn", split.uri)
    assert desk.add(build_item("B1", source="betawire", headline=HEAD, text=OTHER_TEXT)).decision.duplicate_of == URI
    assert desk.undo("s2").line == f"nothing to undo  restore s2 of {URI} by ada: it was undone before"


def test_nothing_is_restored_when_a_newer_version_came_meanwhile_or_the_split_did_nothing() -> None:
    desk = Desk(build_item(), WRONG)
    split, restore = desk.plan(f"{URI}/2")
    early = desk.give(restore, "s0")
    assert (early.outcome, early.decision.evidence["note"]) == ("none", f"{split.uri} is no story of its own")
    desk.give(split, "s1")
    desk.add(build_item(version="3", created="2031-03-04T14:00:00Z", text="The mill is built in May."))
    late = desk.give(restore, "s2")
    assert (late.outcome, late.decision.evidence["note"]) == (
        "none",
        "readers see another version of it by now: plan it again",
    )


def test_a_version_that_readers_see_no_more_is_parted_and_its_story_stays_as_it_is() -> None:
    desk = Desk(build_item(), WRONG)
    desk.add(build_item(version="3", created="2031-03-04T14:00:00Z", text="The mill is built in May."))
    (split,) = desk.plan(f"{URI}/2")
    assert desk.give(split, "s1").outcome == "published"


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (
            build_item(version="2", created=LATER, headline="Note", text="See 5.", status=Status.ADVISORY),
            "no text of its",
        ),
        (build_item(version="2", created=LATER, text="It waits.", embargo=EMBARGO), "release it first"),
    ],
)
def test_a_note_or_a_story_with_a_version_under_embargo_is_not_parted(item: Item, reason: str) -> None:
    desk = Desk(build_item(), WRONG) if item.embargoed_until else Desk(build_item())
    desk.add(item)
    with pytest.raises(ValueError, match=reason):
        desk.plan(f"{URI}/2")


def test_a_plan_says_when_the_log_has_the_texts_no_more() -> None:
    desk = Desk(build_item(), WRONG)
    found = find_split(f"{URI}/2", [row[0] for row in desk.rows])
    opened, revised = desk.rows_of(URI)
    with pytest.raises(ValueError, match=f"the log no longer has {URI}/2: feed it again"):
        plan_parting(f"{URI}/2", found, [opened, (revised[0], None)])
    with pytest.raises(ValueError, match=f"the log no longer has the former text of {URI}"):
        plan_parting(f"{URI}/2", found, [(opened[0], None), revised])


def test_the_decision_on_a_restoration_holds_no_word_of_the_text() -> None:
    desk = Desk(build_item(), WRONG)
    for number, plan in enumerate(desk.plan(f"{URI}/2")):
        desk.give(plan, f"s{number}")
    assert b"Ostrava" not in json.dumps(desk.rows[-1][0].evidence).encode()
