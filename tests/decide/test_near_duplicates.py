"""Near-duplicates are suppressed, similar texts with other facts are not; corrections and kills find their story."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import FoldedRecord, FoldRunner, build_item, rebuild_state

from streams.model.records import Item, Status

HEAD = "Norwick Pumps raises its dividend for the year"
TEXT = (
    "Norwick Pumps said on Tuesday that it would pay a dividend of 14.5 cents a share for the third quarter, payable "
    "on April 17 to holders of record on March 31. The board met in Bergen and praised the work of the yards. Orders "
    "from shipbuilders in the north rose by 8 percent, while the margin of the service business was about the same as "
    "before. Chief executive Jane Roe said that the company looked to the coming season with confidence and would hire "
    "welders."
)
FIRST = build_item("N1", headline=HEAD, text=TEXT)


def fold_second(**fields: Any) -> FoldedRecord:
    """Folds a second item, by default with the text of the first."""
    given = {"source": "betawire", "headline": HEAD, "text": TEXT, **fields}
    fold = FoldRunner()
    fold.fold_new(FIRST)
    return fold.fold_new(build_item("B7", **given))


@pytest.mark.parametrize(
    "fields",
    [
        {"headline": "UPDATE - Norwick Pumps lifts the dividend"},
        {"text": " ".join(TEXT.split()[:40])},
        {"text": TEXT + " Contact: press office, telephone +47 55 01 02 03, press@norwick.example"},
        {"text": TEXT.replace("said on Tuesday", "told reporters on Tuesday").replace("hire", "take on")},
        {"text": TEXT.replace("14.5", "14.50").replace("third quarter", "3rd quarter")},
        {"text": TEXT.replace("Jane Roe", "Jane Row")},
    ],
    ids=["another headline", "cut short", "a contact", "reworded", "other spelling of figures", "a slip"],
)
def test_a_near_duplicate_is_suppressed(fields: dict[str, object]) -> None:
    result = fold_second(**fields)
    assert result.outcome == "duplicate"
    decision = result.decision
    assert (decision.match_kind, decision.duplicate_of) == ("near", "urn:newswire:alphawire:N1")
    assert decision.similarity >= 0.8
    assert decision.evidence["differ"] == {}


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"text": TEXT.replace("14.5", "15.5")}, "figures"),
        ({"text": TEXT.replace("8 percent", "9 percent")}, "figures"),
        ({"text": TEXT.replace("third quarter", "second quarter")}, "dates"),
        ({"text": TEXT.replace("April", "June").replace("March", "May")}, "dates"),
        ({"text": TEXT.replace("Tuesday", "Friday")}, "dates"),
        (
            {
                "text": TEXT.replace("Norwick Pumps", "Hallow Cement"),
                "headline": HEAD.replace("Norwick Pumps", "Hallow"),
            },
            "names",
        ),
        ({"headline": HEAD.replace("raises", "cuts")}, "direction"),
        ({"text": TEXT.replace("would pay", "would not pay")}, "direction"),
        ({"text": f"{TEXT} Sales came to 310 million."}, "added figures"),
    ],
)
def test_one_contradiction_makes_two_stories(fields: dict[str, object], kind: str) -> None:
    result = fold_second(**fields)
    assert result.outcome == "published"
    closest = result.decision.evidence["closest"]
    assert closest["against"] == "urn:newswire:alphawire:N1/1"
    assert kind in closest["differ"]


def test_different_companies_make_two_stories_however_similar_the_text() -> None:
    fold = FoldRunner()
    fold.fold_new(build_item("N1", headline=HEAD, text=TEXT, symbols=("XOSL:NORW",)))
    assert (
        fold.fold_new(build_item("B7", headline=HEAD, text=f"{TEXT} Ends.", symbols=("XOSL:HALL",))).outcome
        == "published"
    )


def test_a_short_text_is_a_near_duplicate_only_if_its_headline_agrees() -> None:
    text = "Qtly div 12 cts vs 12 cts prior. Pay April 15. Record March 31."
    fold = FoldRunner()
    fold.fold_new(build_item("N1", headline="Norwick Pumps regular dividend", text=text))
    assert fold.fold_new(build_item("N2", headline="Hallow Cement regular dividend", text=text)).outcome == "published"


def test_a_story_remembers_the_wires_that_sent_it() -> None:
    fold = FoldRunner()
    fold.fold_new(FIRST)
    fold.fold_new(build_item("B7", source="betawire", headline=HEAD, text=f"{TEXT} Ends."))
    story = fold.state.get("story urn:newswire:alphawire:N1")
    assert [wire.source for wire in story.wires] == ["alphawire", "betawire"]  # type: ignore[union-attr]


def test_a_marked_correction_under_a_new_id_revises_its_story() -> None:
    fold = FoldRunner()
    fold.fold_new(FIRST)
    text = TEXT.replace("14.5", "15.4")
    result = fold.fold_new(build_item("N9", headline=f"CORRECTED - {HEAD}", text=text, status=Status.CORRECTION))
    assert (result.outcome, result.decision.uri, result.decision.version) == (
        "revised",
        "urn:newswire:alphawire:N1",
        "2",
    )
    assert result.decision.evidence["differ"]["figures"] == [["15.4"], ["14.5"]]


def test_a_correction_by_a_wire_that_never_sent_the_story_is_a_story_of_its_own() -> None:
    fold = FoldRunner()
    fold.fold_new(FIRST)
    text = TEXT.replace("14.5", "15.4")
    correction = build_item(
        "B9", source="betawire", headline=f"CORRECTED - {HEAD}", text=text, status=Status.CORRECTION
    )
    assert fold.fold_new(correction).outcome == "published"


def test_an_item_that_names_the_id_it_replaces_revises_that_story() -> None:
    fold = FoldRunner()
    fold.fold_new(FIRST)
    result = fold.fold_new(
        build_item("N9", headline="Other words", text="", status=Status.CORRECTION, replaces=("N1",))
    )
    assert (result.outcome, result.decision.uri) == ("revised", "urn:newswire:alphawire:N1")


def test_an_advisory_is_a_revision_of_the_whole_item_with_its_text_as_note() -> None:
    fold = FoldRunner()
    fold.fold_new(FIRST)
    note = f'In item headlined "{HEAD}" please read in the first paragraph 15.4 cents.'
    result = fold.fold_new(build_item("N9", headline="Advisory", text=note, status=Status.ADVISORY, quotes=(HEAD,)))
    assert (result.outcome, result.decision.uri) == ("revised", "urn:newswire:alphawire:N1")
    event = result.event()
    assert (event["edNote"], event["representationType"], "bodies" in event) == (note, "full", True)


def test_a_retraction_that_quotes_a_headline_withdraws_that_story() -> None:
    fold = FoldRunner()
    fold.fold_new(FIRST)
    result = fold.fold_new(
        build_item("N9", headline="", text="Please disregard.", status=Status.WITHDRAWN, quotes=(HEAD.upper(),))
    )
    assert (result.outcome, result.decision.uri) == ("withdrawn", "urn:newswire:alphawire:N1")


KILL = "KILL: sent in error."


@pytest.mark.parametrize(
    "headline",
    [
        "Norwick Pumps raises its dividend for the quarter",
        "Westmark Pumps raises its dividend for the year",
    ],
)
def test_a_kill_with_a_contradicting_headline_belongs_to_another_story(headline: str) -> None:
    fold = FoldRunner()
    fold.fold_new(FIRST)
    result = fold.fold_new(build_item("N9", headline=headline, text=KILL, status=Status.WITHDRAWN))
    assert (result.outcome, result.decision.uri) == ("withdrawn", "urn:newswire:alphawire:N9")
    quoting = build_item("N10", headline="", text=KILL, status=Status.WITHDRAWN, quotes=(headline,))
    assert fold.fold_new(quoting).decision.uri == "urn:newswire:alphawire:N10"


def test_a_kill_under_another_id_with_the_headline_of_a_story_withdraws_it() -> None:
    fold = FoldRunner()
    fold.fold_new(FIRST)
    result = fold.fold_new(build_item("N9", headline=HEAD, text=KILL, status=Status.WITHDRAWN))
    assert (result.outcome, result.decision.uri) == ("withdrawn", "urn:newswire:alphawire:N1")


def test_a_kill_that_names_another_id_withdraws_no_other_story_with_its_headline() -> None:
    fold = FoldRunner()
    fold.fold_new(FIRST)
    result = fold.fold_new(build_item("N9", headline=HEAD, text=KILL, status=Status.WITHDRAWN, replaces=("N8",)))
    assert (result.outcome, result.decision.uri) == ("withdrawn", "urn:newswire:alphawire:N9")


def test_a_kill_under_another_id_with_a_headline_of_many_notices_withdraws_none_of_them() -> None:
    fold = FoldRunner()
    fold.fold_new(build_item("N1", headline="Transaction in Own Shares", text=TEXT))
    result = fold.fold_new(build_item("N9", headline="Transaction in Own Shares", text=KILL, status=Status.WITHDRAWN))
    assert (result.outcome, result.decision.uri) == ("withdrawn", "urn:newswire:alphawire:N9")


def test_the_full_text_after_a_title_only_alert_is_a_revision() -> None:
    fold = FoldRunner()
    fold.fold_new(build_item("N1", headline=HEAD, text=""))
    result = fold.fold_new(build_item("N2", headline=HEAD, text=TEXT))
    assert (result.outcome, result.decision.uri) == ("revised", "urn:newswire:alphawire:N1")


def test_a_version_under_an_alias_is_a_revision_only_if_its_facts_differ() -> None:
    fold = FoldRunner()
    fold.fold_new(FIRST)
    fold.fold_new(build_item("B7", source="betawire", headline=HEAD, text=f"{TEXT} Ends."))
    same = build_item(
        "B7", source="betawire", version="2", created="2031-03-04T12:30:00Z", headline=HEAD, text=f"{TEXT} End."
    )
    assert fold.fold_new(same).outcome == "duplicate"
    text = TEXT.replace("14.5", "15.4")
    other = build_item("B7", source="betawire", version="3", created="2031-03-04T12:40:00Z", headline=HEAD, text=text)
    assert (fold.fold_new(other).outcome, fold.state.stories) == ("revised", 1)


def test_an_item_is_compared_with_old_and_new_versions_of_a_story() -> None:
    fold = FoldRunner()
    fold.fold_new(FIRST)
    text = TEXT.replace("14.5", "15.4")
    fold.fold_new(build_item("N1", version="2", created="2031-03-04T12:30:00Z", headline=HEAD, text=text))
    copies = [
        build_item(f"B{n}", source="betawire", headline=HEAD, text=f"{each} Ends.")
        for n, each in enumerate((TEXT, text))
    ]
    assert fold.fold_all_new(*copies) == ["duplicate", "duplicate"]


WORDS = "pump yard board welder order margin season north ship valve report service plan price".split()  # noqa: SIM905


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=9, max_size=30), min_size=1, max_size=8), st.data())
def test_near_duplicates_do_not_depend_on_batches_or_restarts(texts: list[list[str]], data: st.DataObject) -> None:
    records = [
        build_item(f"A{n}", headline="Pump yard report of the day", text=" ".join(text)) for n, text in enumerate(texts)
    ]
    one = FoldRunner()
    expected = [one.fold_new(record).decision for record in records]
    again = FoldRunner()
    found = []
    stop = data.draw(st.integers(0, len(records)))
    for number, record in enumerate(records):
        if number == stop:
            again.state = rebuild_state(again.changelog)
        found.append(again.fold_new(record).decision)
    assert found == expected
    assert again.state.entries() == one.state.entries()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=9, max_size=30), min_size=1, max_size=8))
def test_the_same_items_from_another_wire_are_all_duplicates(texts: list[list[str]]) -> None:
    fold = FoldRunner()
    for n, text in enumerate(texts):
        fold.fold_new(build_item(f"A{n}", headline="Pump yard report of the day", text=" ".join(text)))
    again = [
        build_item(f"B{n}", source="betawire", headline="Pump yard report of the day", text=" ".join(text))
        for n, text in enumerate(texts)
    ]
    assert set(fold.fold_all_new(*again)) == {"duplicate"}


def monthly(number: int, figure: str) -> Item:
    headline = f"Tessaly inflation slows to {figure} percent in January, below forecasts"
    text = f"Inflation in Tessaly came to {figure} percent in January, the statistics office of its part {number} said."
    return build_item(f"T{number}", headline=headline, text=text)


def advisory(figure: str) -> Item:
    headline = f"Tessaly inflation slows to {figure} percent in January, below forecasts"
    note = f'In item headlined "{headline}" please read in the first paragraph "4.6 percent".'
    return build_item("ADV", headline=headline, text=note, status=Status.ADVISORY, quotes=(headline,))


def test_an_advisory_finds_the_headline_it_quotes_among_a_hundred_newer_ones_of_one_template() -> None:
    fold = FoldRunner()
    fold.fold_all_new(*(monthly(number, f"{number}.{number % 7}") for number in range(100)))
    result = fold.fold_new(advisory("3.3"))
    assert (result.outcome, result.decision.uri) == ("revised", "urn:newswire:alphawire:T3")


def test_an_advisory_refers_to_no_story_whose_headline_has_another_figure_than_the_quoted_one() -> None:
    fold = FoldRunner()
    fold.fold_new(monthly(1, "8.6"))
    result = fold.fold_new(advisory("9.6"))
    assert (result.outcome, result.decision.uri) == ("published", "urn:newswire:alphawire:ADV")


def test_a_correction_that_quotes_the_wrong_text_still_refers_to_the_story_of_its_headline() -> None:
    fold = FoldRunner()
    head = "Norwick Pumps raises its dividend for the year 2030"
    fold.fold_new(build_item("N1", headline=head, text=TEXT))
    corrected = build_item(
        "N9",
        headline=f"CORRECTING and REPLACING {head}",
        text=TEXT.replace("14.5", "15.5"),
        status=Status.CORRECTION,
        quotes=("the figure 14.5 cents should read 15.5 cents",),
    )
    result = fold.fold_new(corrected)
    assert (result.outcome, result.decision.uri) == ("revised", "urn:newswire:alphawire:N1")
