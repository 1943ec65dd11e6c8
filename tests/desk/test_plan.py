"""The plan of a command says what it will do, and carries all that the fold needs."""

import json

import pytest
from support.builders import FoldRunner, build_command, build_item

from streams.desk.plan import MAX_TITLE, plan_company, plan_note, plan_refile, plan_retitle, plan_undo
from streams.desk.stories import StoryView, read_story
from streams.model.records import DESK_FORMAT
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
