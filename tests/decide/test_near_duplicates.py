"""Near-copies are suppressed, look-alikes are not; corrections, advisories and retractions find their story."""

from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import FoldRunner, build_item, rebuild_state

from streams.decide.similarity import estimate_jaccard, is_misspelling
from streams.model.records import BIN_BITS, Item, Status

HEAD = "Norwick Pumps raises its dividend for the year"
TEXT = (
    "Norwick Pumps said on Tuesday that it would pay a dividend of 14.5 cents a share for the third quarter, payable "
    "on April 17 to holders of record on March 31. The board met in Bergen and praised the work of the yards. Orders "
    "from shipbuilders in the north rose by 8 percent, while the margin of the service business was about the same as "
    "before. Chief executive Jane Roe said that the company looked to the coming season with confidence and would hire "
    "welders."
)
FIRST = build_item("N1", headline=HEAD, text=TEXT)


def second(**fields: object) -> object:
    given: dict[str, object] = {"source": "betawire", "headline": HEAD, "text": TEXT, **fields}
    fold = FoldRunner()
    fold.fold_new(FIRST)
    return fold.fold_new(build_item("B7", **given))  # type: ignore[arg-type]


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
def test_a_near_copy_is_a_duplicate(fields: dict[str, object]) -> None:
    outcome = second(**fields)
    assert outcome.outcome == "duplicate"  # type: ignore[attr-defined]
    decision = outcome.decision  # type: ignore[attr-defined]
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
    outcome = second(**fields)
    assert outcome.outcome == "published"  # type: ignore[attr-defined]
    closest = outcome.decision.evidence["closest"]  # type: ignore[attr-defined]
    assert closest["against"] == "urn:newswire:alphawire:N1/1"
    assert kind in closest["differ"]


def test_companies_that_differ_make_two_stories_however_alike_the_text() -> None:
    fold = FoldRunner()
    fold.fold_new(build_item("N1", headline=HEAD, text=TEXT, symbols=("XOSL:NORW",)))
    assert (
        fold.fold_new(build_item("B7", headline=HEAD, text=f"{TEXT} Ends.", symbols=("XOSL:HALL",))).outcome
        == "published"
    )


def test_a_short_text_is_a_copy_only_where_its_headline_agrees() -> None:
    text = "Qtly div 12 cts vs 12 cts prior. Pay April 15. Record March 31."
    fold = FoldRunner()
    fold.fold_new(build_item("N1", headline="Norwick Pumps regular dividend", text=text))
    assert fold.fold_new(build_item("N2", headline="Hallow Cement regular dividend", text=text)).outcome == "published"


def test_wires_that_carried_a_story_are_remembered_with_it() -> None:
    fold = FoldRunner()
    fold.fold_new(FIRST)
    fold.fold_new(build_item("B7", source="betawire", headline=HEAD, text=f"{TEXT} Ends."))
    story = fold.state.get("story urn:newswire:alphawire:N1")
    assert [wire.source for wire in story.wires] == ["alphawire", "betawire"]  # type: ignore[union-attr]


def test_a_marked_correction_under_a_new_id_revises_its_story() -> None:
    fold = FoldRunner()
    fold.fold_new(FIRST)
    text = TEXT.replace("14.5", "15.4")
    outcome = fold.fold_new(build_item("N9", headline=f"CORRECTED - {HEAD}", text=text, status=Status.CORRECTION))
    assert (outcome.outcome, outcome.decision.uri, outcome.decision.version) == (
        "revised",
        "urn:newswire:alphawire:N1",
        "2",
    )
    assert outcome.decision.evidence["differ"]["figures"] == [["15.4"], ["14.5"]]


def test_a_correction_by_another_wire_that_never_carried_the_story_is_a_story_of_its_own() -> None:
    fold = FoldRunner()
    fold.fold_new(FIRST)
    text = TEXT.replace("14.5", "15.4")
    correction = build_item(
        "B9", source="betawire", headline=f"CORRECTED - {HEAD}", text=text, status=Status.CORRECTION
    )
    assert fold.fold_new(correction).outcome == "published"


def test_an_item_that_says_which_id_it_replaces_revises_that_story() -> None:
    fold = FoldRunner()
    fold.fold_new(FIRST)
    outcome = fold.fold_new(
        build_item("N9", headline="Other words", text="", status=Status.CORRECTION, replaces=("N1",))
    )
    assert (outcome.outcome, outcome.decision.uri) == ("revised", "urn:newswire:alphawire:N1")


def test_an_advisory_is_a_partial_revision_with_its_text_as_note() -> None:
    fold = FoldRunner()
    fold.fold_new(FIRST)
    note = f'In item headlined "{HEAD}" please read in the first paragraph 15.4 cents.'
    outcome = fold.fold_new(build_item("N9", headline="Advisory", text=note, status=Status.ADVISORY, quotes=(HEAD,)))
    assert (outcome.outcome, outcome.decision.uri) == ("revised", "urn:newswire:alphawire:N1")
    event = outcome.event()
    assert (event["edNote"], event["representationType"], "bodies" in event) == (note, "partial", False)


def test_a_retraction_that_quotes_a_headline_withdraws_that_story() -> None:
    fold = FoldRunner()
    fold.fold_new(FIRST)
    outcome = fold.fold_new(
        build_item("N9", headline="", text="Please disregard.", status=Status.WITHDRAWN, quotes=(HEAD.upper(),))
    )
    assert (outcome.outcome, outcome.decision.uri) == ("withdrawn", "urn:newswire:alphawire:N1")


KILL = "KILL: sent in error."


@pytest.mark.parametrize(
    "headline",
    [
        "Norwick Pumps raises its dividend for the quarter",
        "Westmark Pumps raises its dividend for the year",
    ],
)
def test_a_kill_whose_headline_says_something_else_is_ahead_of_a_story_of_its_own(headline: str) -> None:
    fold = FoldRunner()
    fold.fold_new(FIRST)
    outcome = fold.fold_new(build_item("N9", headline=headline, text=KILL, status=Status.WITHDRAWN))
    assert (outcome.outcome, outcome.decision.uri) == ("withdrawn", "urn:newswire:alphawire:N9")
    quoting = build_item("N10", headline="", text=KILL, status=Status.WITHDRAWN, quotes=(headline,))
    assert fold.fold_new(quoting).decision.uri == "urn:newswire:alphawire:N10"


def test_a_kill_under_another_id_with_the_headline_of_a_story_withdraws_it() -> None:
    fold = FoldRunner()
    fold.fold_new(FIRST)
    outcome = fold.fold_new(build_item("N9", headline=HEAD, text=KILL, status=Status.WITHDRAWN))
    assert (outcome.outcome, outcome.decision.uri) == ("withdrawn", "urn:newswire:alphawire:N1")


def test_a_kill_that_says_which_id_it_means_withdraws_no_other_story_of_its_headline() -> None:
    fold = FoldRunner()
    fold.fold_new(FIRST)
    outcome = fold.fold_new(build_item("N9", headline=HEAD, text=KILL, status=Status.WITHDRAWN, replaces=("N9",)))
    assert (outcome.outcome, outcome.decision.uri) == ("withdrawn", "urn:newswire:alphawire:N9")


def test_a_kill_under_another_id_with_a_headline_that_many_notices_have_withdraws_none_of_them() -> None:
    fold = FoldRunner()
    fold.fold_new(build_item("N1", headline="Transaction in Own Shares", text=TEXT))
    outcome = fold.fold_new(build_item("N9", headline="Transaction in Own Shares", text=KILL, status=Status.WITHDRAWN))
    assert (outcome.outcome, outcome.decision.uri) == ("withdrawn", "urn:newswire:alphawire:N9")


def test_the_full_text_after_a_title_only_alert_is_a_revision() -> None:
    fold = FoldRunner()
    fold.fold_new(build_item("N1", headline=HEAD, text=""))
    outcome = fold.fold_new(build_item("N2", headline=HEAD, text=TEXT))
    assert (outcome.outcome, outcome.decision.uri) == ("revised", "urn:newswire:alphawire:N1")


def test_a_version_under_an_alias_revises_only_with_other_facts() -> None:
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


def test_what_was_revised_is_compared_with_as_it_was_and_as_it_is() -> None:
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
def test_near_copies_do_not_depend_on_batches_or_restarts(texts: list[list[str]], data: st.DataObject) -> None:
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


@given(st.text("abcde", min_size=4, max_size=8), st.text("abcde", min_size=4, max_size=8))
def test_a_slip_leaves_the_first_two_letters_or_the_last_two(one: str, other: str) -> None:
    assert not is_misspelling(one, other) or one[:2] == other[:2] or one[-2:] == other[-2:]


@pytest.mark.parametrize("word", ["harbour", "ahrbour", "harbuor", "arbour", "harbou", "harbor", "hxrbour", "harbourt"])
def test_a_letter_more_less_or_other_or_two_changed_over_is_a_slip(word: str) -> None:
    assert is_misspelling(word, "harbour")
    assert is_misspelling("harbour", word)


def monthly(number: int, figure: str) -> Item:
    headline = f"Tessaly inflation slows to {figure} percent in January, below forecasts"
    text = f"Inflation in Tessaly came to {figure} percent in January, the statistics office of its part {number} said."
    return build_item(f"T{number}", headline=headline, text=text)


def advisory(figure: str) -> Item:
    headline = f"Tessaly inflation slows to {figure} percent in January, below forecasts"
    note = f'In item headlined "{headline}" please read in the first paragraph "4.6 percent".'
    return build_item("ADV", headline=headline, text=note, status=Status.ADVISORY, quotes=(headline,))


def test_an_advisory_finds_the_headline_it_quotes_behind_a_hundred_newer_ones_of_the_same_template() -> None:
    fold = FoldRunner()
    fold.fold_all_new(*(monthly(number, f"{number}.{number % 7}") for number in range(100)))
    told = fold.fold_new(advisory("3.3"))
    assert (told.outcome, told.decision.uri) == ("revised", "urn:newswire:alphawire:T3")


def test_an_advisory_means_no_story_whose_headline_has_another_figure_than_the_one_it_quotes() -> None:
    fold = FoldRunner()
    fold.fold_new(monthly(1, "8.6"))
    told = fold.fold_new(advisory("9.6"))
    assert (told.outcome, told.decision.uri) == ("published", "urn:newswire:alphawire:ADV")


def test_a_correction_may_quote_what_was_wrong_in_the_text_and_still_means_the_story_of_its_headline() -> None:
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
    told = fold.fold_new(corrected)
    assert (told.outcome, told.decision.uri) == ("revised", "urn:newswire:alphawire:N1")


VALUES = 1 << BIN_BITS
MINHASH = st.lists(st.sampled_from((0, 1, 7, 1 << 31, (1 << 32) - 1)), min_size=VALUES, max_size=VALUES)


@given(MINHASH, MINHASH)
def test_likeness_is_the_equal_values_of_those_that_either_text_has(one: list[int], other: list[int]) -> None:
    either = [pair for pair in zip(one, other, strict=True) if any(pair)]
    equal = [here for here, there in either if here == there]
    expected = len(equal) * 1000 // len(either) if either else 0
    assert estimate_jaccard(array("I", one).tobytes(), array("I", other).tobytes()) == expected
