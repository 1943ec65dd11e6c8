"""The plan of a command says what it will do, and carries all that the fold needs."""

import json

import msgspec
import pytest
from support.builders import LATER, TEXT, FoldRunner, build_command, build_item

from streams.desk.plan import (
    MAX_TITLE,
    DeskPlan,
    plan_company,
    plan_join,
    plan_note,
    plan_refile,
    plan_retitle,
    plan_split,
    plan_undo,
)
from streams.desk.refold import find_text
from streams.desk.stories import StoryView, read_story
from streams.model.codec import decode
from streams.model.records import DESK_FORMAT, Command, Status, split_by_story
from streams.prepare.companies.reference import load_packaged

URI = "urn:newswire:alphawire:A1"
STORY = StoryView(
    uri=URI,
    version=2,
    headline="Salton opens a yard",
    categories=("companies", "companies.ipos", "markets"),
    companies=(
        {"name": "FuelCell Energy", "rel": "about", "symbols": [{"exchange": "XNAS", "symbol": "FCEL"}]},
        {"name": "Dole Pumps", "rel": "mentions"},
    ),
)


def test_a_story_is_read_with_its_categories_and_companies():
    event = {
        "version": "1",
        "pubStatus": "usable",
        "subjects": [{"rel": "category", "literal": "markets"}, {"rel": "provider", "literal": "N2:X"}],
        "organisations": [{"name": "Dole Pumps", "rel": "mentions"}],
    }
    story = read_story(URI, [("latest", json.dumps(event).encode())])
    assert (story.categories, story.companies) == (("markets",), ({"name": "Dole Pumps", "rel": "mentions"},))


@pytest.mark.parametrize(
    ("add", "drop", "detail", "after"),
    [
        (["calendar"], ["markets"], (["calendar"], ["markets"]), "companies, companies.ipos, calendar"),
        (["companies.rumors"], [], (["companies", "companies.rumors"], []), "…, companies.rumors"),
        ([], ["companies"], ([], ["companies"]), "markets"),
    ],
)
def test_the_plan_of_a_refiling_shows_what_comes_of_it(add, drop, detail, after):
    plan = plan_refile(STORY, add, drop)
    whole = after.replace("…", "companies, companies.ipos, markets")
    assert plan.line == (
        f"refile  {URI} (version 2): companies, companies.ipos, markets -> {whole}: Salton opens a yard"
    )
    assert plan.detail == {"add": tuple(detail[0]), "drop": tuple(detail[1])}


@pytest.mark.parametrize(
    ("add", "drop", "said"),
    [
        (["sports"], [], "there is no category 'sports'"),
        ([], [], "say which category"),
        (["markets"], ["markets"], "markets cannot be added and dropped"),
        (["companies.ipos"], ["companies"], "companies cannot be added and dropped"),
    ],
)
def test_a_refiling_that_makes_no_sense_is_refused(add, drop, said):
    with pytest.raises(ValueError, match=said):
        plan_refile(STORY, add, drop)


def test_a_headline_is_one_line_and_brings_its_ticker_headline():
    plan = plan_retitle(STORY, " Salton  opens\na yard " + "and more " * 20)
    assert plan.detail is not None
    assert plan.detail["title"].startswith("Salton opens a yard and more and")
    assert len(plan.detail["ticker"]) <= 120
    for wrong in ("", " \n ", "x" * (MAX_TITLE + 1)):
        with pytest.raises(ValueError, match="give a headline"):
            plan_retitle(STORY, wrong)


def test_a_note_is_not_empty_and_not_endless():
    assert plan_note(STORY, " Take care ").detail == {"note": "Take care"}
    for wrong in (" ", "x" * 2001):
        with pytest.raises(ValueError, match="give a note"):
            plan_note(STORY, wrong)


@pytest.mark.parametrize("name", ["XNAS:FCEL", "fuelcell energy"])
def test_a_company_to_drop_is_one_of_the_story(name):
    plan = plan_company(STORY, [], [name], load_packaged())
    assert plan.detail == {"add": (), "drop": ("XNAS:FCEL",)}
    with pytest.raises(ValueError, match="the story has no company 'Marl': it has FuelCell Energy, Dole Pumps"):
        plan_company(STORY, [], ["Marl"], load_packaged())


@pytest.mark.parametrize("name", ["XNAS:FCEL", "FuelCell Energy"])
def test_a_company_to_add_is_one_of_the_table_with_its_listing(name):
    plan = plan_company(STORY, [name], [], load_packaged())
    assert plan.detail is not None
    (row,) = plan.detail["add"]
    assert (row["rel"], row["symbols"][0]["symbol"], row["uri"][:21]) == ("about", "FCEL", "urn:newswire:company:")
    with pytest.raises(ValueError, match="the table of companies has no 'Norwick Pumps of Nowhere'"):
        plan_company(STORY, ["Norwick Pumps of Nowhere"], [], load_packaged())


@pytest.mark.parametrize(
    ("story", "reason"),
    [
        (StoryView(uri=URI), "no topic has such a story"),
        (StoryView(uri=URI, withheld_until="T"), "it is withheld: release it first"),
        (StoryView(uri=URI, version=2, withdrawn=True), "it is withdrawn"),
    ],
)
def test_a_story_that_no_reader_sees_is_not_changed(story, reason):
    plan = plan_note(story, "Take care")
    assert (plan.line, plan.acts) == (f"nothing to note  {URI}: {reason}", False)


def decide(*commands):
    fold = FoldRunner()
    fold.fold_new(build_item())
    return [fold.fold_record(command).decision for command in commands]


NOTE = plan_note(StoryView(uri=URI, version=1), "Take care").build_command("c1", "2031-03-04T15:00:00Z", "ada", "why")


def test_a_command_has_the_format_that_older_releases_refuse():
    assert (NOTE.format, NOTE.id, NOTE.by, NOTE.why) == (DESK_FORMAT, "c1", "ada", "why")


def test_a_command_is_undone_once():
    decisions = decide(NOTE)
    plan = plan_undo("c1", decisions)
    assert (plan.line, plan.uri) == (f"undo  note c1 of {URI} by ada: why", URI)
    undo = plan.build_command("u1", "2031-03-04T15:00:00Z", "ada", "an error")
    again = plan_undo("c1", decide(NOTE, undo))
    assert (again.acts, again.line) == (False, f"nothing to undo  note c1 of {URI} by ada: it was undone before")


def test_a_command_that_is_unknown_or_has_no_undo_is_refused():
    with pytest.raises(ValueError, match="no decision names a command 'c9'"):
        plan_undo("c9", decide(NOTE))
    release = build_command("release", id="r1")
    with pytest.raises(ValueError, match="a release has no undo"):
        plan_undo("r1", decide(release))


def fold_story(*commands):
    """Folds a story, a copy of it and commands; returns the fold, the decisions and the records of the log."""
    fold = FoldRunner()
    records = [build_item(), build_item("B1", source="betawire", text=f"{TEXT} It said so again."), *commands]
    decisions = [
        (fold.fold_record(each) if isinstance(each, Command) else fold.fold_new(each)).decision for each in records
    ]
    return fold, decisions, records


def test_the_plan_of_a_split_carries_the_item_from_the_log():
    _, decisions, records = fold_story()
    for wanted in ("urn:newswire:betawire:B1", "news.raw/0/2/0"):
        plan = plan_split(wanted, decisions, records[1])
        assert (plan.uri, plan.detail["of"]) == ("urn:newswire:betawire:B1", URI)
        assert plan.line == f"split  urn:newswire:betawire:B1 from {URI}: {records[1].headline}"
        assert decode(plan.detail["item"].encode()) == records[1]
    with pytest.raises(ValueError, match=r"the log no longer has news\.raw/0/2/0"):
        plan_split("news.raw/0/2/0", decisions, None)
    with pytest.raises(ValueError, match=f"{URI} is no copy of a story"):
        plan_split(URI, decisions, None)


def test_a_version_of_a_story_cannot_be_another_story():
    fold = FoldRunner()
    decisions = [fold.fold_new(build_item()).decision, fold.fold_new(build_item()).decision]
    with pytest.raises(ValueError, match="is a version of"):
        plan_split("news.raw/0/2/0", decisions, build_item())


def test_the_plan_of_a_join_names_both_stories():
    other = StoryView(uri="urn:newswire:betawire:B1", version=1, headline="Salton opens a dock")
    plan = plan_join(other, STORY)
    assert plan.line == f"join  {other.uri} (version 1): into {URI}: Salton opens a yard: Salton opens a dock"
    assert (plan.uri, plan.detail) == (other.uri, {"into": URI})
    with pytest.raises(ValueError, match="give two stories"):
        plan_join(STORY, STORY)
    assert not plan_join(other, StoryView(uri=URI)).acts
    waits = StoryView(uri=URI, version=1, withheld_until="T")
    assert plan_join(other, waits).line == f"nothing to join  {URI}: a version of it is under embargo, release it first"


def test_a_joined_story_is_split_without_the_log():
    other = build_item("C1", source="gammawire", headline="Salton Tools opens a yard", text="Salton Tools opens it.")
    join = DeskPlan(line="", action="join", uri="urn:newswire:gammawire:C1", detail={"into": URI})
    fold = FoldRunner()
    decisions = [fold.fold_new(each).decision for each in (build_item(), other)]
    decisions.append(fold.fold_record(join.build_command("j1", "2031-03-04T15:00:00Z", "ada", "one story")).decision)
    plan = plan_split("urn:newswire:gammawire:C1", decisions, None)
    split = plan.build_command("s1", "2031-03-04T15:00:00Z", "ada", "two stories")
    assert fold.fold_record(split).outcome == "revised"


def build_kill(**detail):
    return build_command("kill", uri="", id="k1", why="sent in error", detail={"uris": [URI], **detail})


def test_the_undo_of_a_kill_carries_the_text_from_the_log_and_brings_it_back():
    note = build_item("N", text="See 5.", headline="ADVISORY", status=Status.ADVISORY, replaces=("A1",))
    fold, decisions, records = fold_story(note, build_kill())
    before = fold_story(note)[0]
    rows = [
        (part, record)
        for decision, record in zip(decisions, records, strict=True)
        for part in split_by_story(decision)
        if part.uri == URI and part.outcome != "duplicate"
    ]
    text = find_text(URI, "3", rows)
    plan = plan_undo("k1", decisions, [text])
    assert plan.line == f"undo  kill k1 of {URI}: {records[0].headline}"
    back = fold.fold_record(plan.build_command("u1", "2031-03-04T16:00:00Z", "ada", "an error"))
    assert (back.outcome, back.event()["version"], back.event()["edNote"]) == ("revised", "4", "See 5.")
    story, known = fold.state.get(f"story {URI}"), fold.state.get(f"document {URI}")
    assert known == before.state.get(f"document {URI}")
    assert story == msgspec.structs.replace(before.state.get(f"story {URI}"), version=4, expires=story.expires)
    gone = [(decision, None if decision.outcome == "published" else record) for decision, record in rows]
    assert find_text(URI, "3", gone) is None


def test_a_later_version_of_the_wire_comes_back_with_the_undo_of_a_kill_and_a_withdrawal_of_the_wire_stays():
    newer = build_item(version="2", created=LATER, text="A new text of it.")
    fold, decisions, records = fold_story(build_kill(), newer)
    rows = [
        (part, record)
        for decision, record in zip(decisions, records, strict=True)
        for part in split_by_story(decision)
        if part.uri == URI and part.outcome != "duplicate"
    ]
    text = find_text(URI, "3", rows)
    assert "A new text of it." in text.event
    undo = plan_undo("k1", decisions, [text]).build_command("u1", "2031-03-04T16:00:00Z", "ada", "an error")
    fold.fold_new(build_item(version="9", text="", headline="Kill", status=Status.WITHDRAWN))
    out = fold.fold_record(undo)
    assert (out.outcome, out.decision.evidence["not brought back"]) == ("none", [URI])


def test_a_final_kill_has_no_undo_and_one_without_a_text_says_so():
    _, decisions, _ = fold_story(build_kill(final=True))
    with pytest.raises(ValueError, match="a kill with --final has no undo"):
        plan_undo("k1", decisions)
    _, decisions, _ = fold_story(build_kill())
    plan = plan_undo("k1", decisions)
    assert (plan.acts, plan.line) == (
        False,
        f"nothing to undo  {URI}: the log has no published text of it, or its wire withdrew it too",
    )
