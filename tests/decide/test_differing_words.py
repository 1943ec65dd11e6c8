"""The words in which two texts differ decide whether they are two stories."""

import itertools
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import FoldedRecord, FoldRunner, build_item

from streams.decide import word_lists
from streams.decide.differing_words import Text, Words, compare_words, find_opposites, fold_word

LEAD = "Norwick Pumps gives this notice to the market, as the rules of the exchange at Oslo ask of all who are on it. "
"""So long that the fingerprint's names of the first sentences say nothing of what follows."""
REST = (
    " The board met in Bergen and praised the work of the yards. Orders from shipbuilders in the north were about the "
    "same as a year ago, and the margin of the service business did not change. The company looks to the coming season "
    "with confidence. The notice is on the website, where the calendar of the year can also be found."
)


def fold_pair(old: str, new: str, title: str = "Norwick Pumps: notice", other: str = "", **more: Any) -> FoldedRecord:
    """Folds two items with these first sentences, from two wires; `other` is the headline of the second."""
    fold = FoldRunner()
    fold.fold_new(build_item("N1", headline=title, text=old + REST))
    return fold.fold_new(build_item("B7", source="betawire", headline=other or title, text=new + REST, **more))


LOOK_ALIKES = [
    ("class", "The bank redeems its notes of Series J on Monday.", "The bank redeems its notes of Series K on Monday."),
    ("class", "The value of Hallow Fund I was struck today.", "The value of Hallow Fund II was struck today."),
    ("class", "The value of the A shares was struck today.", "The value of the B shares was struck today."),
    ("names", "It pays out on the EUR Dist line of units.", "It pays out on the GBP Hedged Dist line of units."),
    (
        "numbers",
        "There are six ships in the harbour this morning.",
        "There are eight ships in the harbour this morning.",
    ),
    ("numbers", "The gauge at the mill says NIL this morning.", "The gauge at the mill says 33.0 this morning."),
    ("names", "The notice is given by Marl Capital today.", "The notice is given by Ansty Partners today."),
    ("names", "The notice is given by Marl Tools today.", "The notice is given by Marl Tools Europe today."),
    ("names", "The report of Seaward VCT plc is out today.", "The report of Seaward VCT 2 plc is out today."),
    ("opposites", "The agency has approved the application.", "The agency has declined the application."),
    ("opposites", "The agency has affirmed the rating of the firm.", "The agency has upgraded the rating of the firm."),
    ("opposites", "The outlook on the rating is stable, it said.", "The outlook on the rating is negative, it said."),
    ("opposites", "The share will join the index at the open.", "The share will leave the index at the open."),
    ("opposites", "The yard wins the tender of the navy, it said.", "The yard loses the tender of the navy, it said."),
    ("opposites", "The mill closes its line for paper in May.", "The mill opens its line for paper in May."),
    ("opposites", "The court upheld the ban on the nets.", "The court overturned the ban on the nets."),
    ("opposites", "The works cost 300 million pounds in all.", "The works cost 300 billion pounds in all."),
    ("opposites", "The works cost 300 million pounds in all.", "The works cost 300 million euros in all."),
    ("opposites", "The plant will make 40 megawatts of power.", "The plant will make 40 gigawatts of power."),
    ("opposites", "The works cost $300 million in all.", "The works cost \u20ac300 million in all."),
    ("opposites", "The works cost \u00a3300 million in all.", "The works cost \u00a5300 million in all."),
    ("opposites", "The yard has >50 percent of the market.", "The yard has <50 percent of the market."),
    ("opposites", "The gauge at the mill says 5% today.", "The gauge at the mill says 5\u2030 today."),
    ("opposites", "The price of gold was struck today.", "The price of silver was struck today."),
    ("opposites", "The fund had inflows this month, it said.", "The fund had outflows this month, it said."),
    ("opposites", "The results come at 7 a.m. on the day.", "The results come at 7 p.m. on the day."),
    ("numbers", "The broker lifts its target to $45 from $40.", "The broker lifts its target to $40 from $45."),
    ("negation", "The court will hear the case of the yard.", "The court will not hear the case of the yard."),
]


@pytest.mark.parametrize(("kind", "old", "new"), LOOK_ALIKES, ids=[new for _, _, new in LOOK_ALIKES])
def test_one_differing_word_of_these_kinds_makes_two_stories(kind: str, old: str, new: str) -> None:
    for one, two in itertools.permutations((LEAD + old, LEAD + new)):
        result = fold_pair(one, two)
        assert result.outcome == "published"
        assert result.decision.evidence["closest"]["differ"].keys() & {kind, "direction", "figures", "added figures"}


COPIES = [
    ("The company favours a programme for its labour.", "The company favors a program for its labor."),
    ("Sales rose in U.S. markets, said Chief Executive Jane Roe.", "Sales rose in US markets, said CEO Jane Roe."),
    ("Norwick Pumps Inc. made a study of the world.", "Norwick Pumps made a study of the word."),
    ("Norwick Pumps Inc. (NYSE: NRW) made a study.", "Norwick Pumps <NRW.N> made a study."),
    ("The firm would not comment on the matter.", "The firm declined to comment on the matter."),
    ("See norwick.example/Qxy12 for the study.", "See norwick.example/Zab77 for the study."),
    ("The study was made by the International Monetary Fund.", "The study was made by the IMF."),
    ("The yards don't want the study.", 'The yards don"t want any study.'),
    ("The broker lifts its target to $45 from $40.", "The broker lifts its target from $40 to $45."),
    ("The works cost $300 million in all.", "The works cost 300 million dollars in all."),
    ("The works cost $300 million in all.", "The works cost US$300 million in all."),
    ("The gauge at the mill says 5% today.", "The gauge at the mill says 5 percent today."),
    ("The study was made for Senator Jane Roe.", "The study was made for Sen. Jane Roe."),
]


@pytest.mark.parametrize(("old", "new"), COPIES)
def test_spelling_titles_tickers_and_links_make_no_second_story(old: str, new: str) -> None:
    lead = f"{LEAD}It is listed there since the spring of a year long past. "
    result = fold_pair(lead + old, lead + new)
    assert (result.outcome, result.decision.match_kind) == ("duplicate", "near")


FOREIGN = [
    ("de", "numbers", "zwei Werke", "drei Werke", "Das Unternehmen aus Oslo hat im Sommer {} in Bergen besichtigt."),
    ("de", "opposites", "erworben", "veräussert", "Das Unternehmen aus Oslo hat am Montag vier Werke in Bergen {}."),
    ("fr", "opposites", "achetées", "vendues", "Les actions de la société ont été {} lundi à la bourse de la ville."),
    ("es", "opposites", "comprado", "vendido", "La empresa de la ciudad ha {} cuatro fábricas en el norte del país."),
    (
        "it",
        "opposites",
        "acquistato",
        "venduto",
        "La società ha {} quattro fabbriche nel nord del paese questo lunedì.",
    ),
    ("ja", "names", "ハロー工業", "三和機械", "{}株式会社は、自己株式の取得状況についてお知らせいたします。"),
    ("zh", "opposites", "1,500万元", "1,500万美元", "该公司今天公布了回购公司股份的进展情况 总金额为{}。"),
    ("ja", "opposites", "240億円", "240億ドル", "同社は、自己株式の取得状況についてお知らせいたします。総額{}。"),
    ("zh", "names", "哈罗泵业", "塔恩电机", "{}股份有限公司今天公布了回购公司股份的进展情况。"),
]


@pytest.mark.parametrize(("language", "kind", "one", "other", "text"), FOREIGN)
def test_a_fact_of_another_language_makes_two_stories(
    language: str, kind: str, one: str, other: str, text: str
) -> None:
    for here, there in ((one, other), (other, one)):
        found = compare_words(_text(text.format(here)), _text(text.format(there)), language)
        assert found.differ.keys() == {kind}
    assert compare_words(_text(text.format(one)), _text(text.format(one)), language).same


def test_a_company_is_the_same_behind_other_words_of_a_sentence_without_blanks() -> None:
    text = "{}哈罗泵业股份有限公司今天公布了回购公司股份的进展情况。"
    assert compare_words(_text(text.format("")), _text(text.format("关于")), "zh").differ == {}


@pytest.mark.parametrize(
    ("one", "other"), [("$45", "\u20ac45"), ("\u00a345", "\u00a545"), (">45", "<45"), ("45%", "45\u2030")]
)
@pytest.mark.parametrize("text", ["The firm sees a profit of {} million for the year, it said on Tuesday.", ""])
def test_texts_that_differ_in_a_sign_alone_are_two_stories_and_one_without_signs_is_a_copy(
    one: str, other: str, text: str
) -> None:
    fold = FoldRunner()
    title = "Norwick Pumps sees a profit of {} million for the year"
    made = [
        fold.fold_new(build_item(name, source=source, headline=title.format(sign), text=text.format(sign)))
        for name, source, sign in (("N1", "alphawire", one), ("B7", "betawire", other), ("C4", "gammawire", "45"))
    ]
    assert [each.outcome for each in made] == ["published", "published", "duplicate"]


ENDINGS = [
    (
        "The figures were checked by Jane Roe, a surveyor of the Guild of Oslo.",
        "Shares of Norwick rose in Oslo on Friday, and Marl fell.",
    ),
    (
        "The survey covers the yards of Norway and Denmark, and it was made by the Guild of Oslo between July and May. "
        "It is sold by the Guild, and by Marl in Bergen, and all yards that took part in it get a copy for nothing.",
        "The text was cut by Harbour News.",
    ),
]


@pytest.mark.parametrize(("ending", "other"), ENDINGS)
def test_another_last_paragraph_makes_no_second_story_but_another_last_sentence_may(ending: str, other: str) -> None:
    for one, two in ((ending, other), (other, ending)):
        assert compare_words(_text(f"{LEAD}{REST}\n\n{one}"), _text(f"{LEAD}{REST}\n\n{two}"), "en").differ == {}
    here, there = (_text(f"{LEAD}{REST} The yard was bought by {name} of Oslo.") for name in ("Marl", "Ansty"))
    assert compare_words(here, there, "en").differ.keys() == {"names"}


def _text(body: str) -> Text:
    return Text(Words("Norwick Pumps: notice"), Words(body))


def test_a_time_of_day_that_a_copyist_adds_makes_no_second_story() -> None:
    old, new = "The board meets at 1300 GMT on Monday.", "The board meets at 3:00 p.m. (1300 GMT) on Monday."
    assert fold_pair(LEAD + old, LEAD + new).outcome == "duplicate"
    assert fold_pair(LEAD + new.replace("3:00", "4:00"), LEAD + new).outcome == "published"


def test_entities_that_a_feed_escaped_twice_make_no_second_story() -> None:
    new = "The yard&#8217;s &quot;big&quot; day has come."
    assert compare_words(_text(new), _text('The yard\u2019s "big" day has come.'), "en").same


def test_the_evidence_of_a_duplicate_holds_the_words_that_differed() -> None:
    result = fold_pair("The firm made a study of the world.", "The firm made a study of the word in spring.")
    assert result.decision.evidence["words"] == [["word", "in", "spring"], ["world"]]


def test_names_that_change_places_make_two_stories() -> None:
    old = "In the court of Oslo, Hallow Cement sues the makers at Denby Kilns over a lease, papers say."
    new = "In the court of Oslo, Denby Kilns sues the makers at Hallow Cement over a lease, papers say."
    assert fold_pair(old, new).outcome == "published"


def test_companies_before_the_colon_of_equal_headlines_make_two_stories_where_the_text_names_neither() -> None:
    body = "The company notes the report in the press and confirms that it is in talks on an offer."
    old, new = (Words(f"{name} plc: statement on press report") for name in ("Calder", "Corvane"))
    assert compare_words(Text(new, Words(body)), Text(old, Words(body)), "en").differ.keys() == {"names"}
    named = Words(f"{body} Calder makes pumps.")
    assert compare_words(Text(new, named), Text(old, named), "en").differ == {}
    assert compare_words(Text(old, Words(body)), Text(Words(f"NEWS: {old.text}"), Words(body)), "en").differ == {}


TITLES = [
    ("Board of Norwick Pumps approves plan", "Board of Norwick Pumps rejects plan", "published"),
    ("Norwick Pumps redeems Series J", "Norwick Pumps redeems Series K", "published"),
    ("Norwick Pumps sets dividend", "Norwick Pumps declares dividend", "duplicate"),
    ("TechBreaks: Norwick Pumps sets dividend", "MissionBreaks: Norwick Pumps sets dividend", "duplicate"),
    ("Norwick Pumps harbours doubts", "NORWICK PUMPS HARBORS DOUBTS", "duplicate"),
]


@pytest.mark.parametrize(("title", "other", "outcome"), TITLES)
def test_opposites_and_classes_of_a_headline_make_two_stories(title: str, other: str, outcome: str) -> None:
    text = "The company gives this notice to the market, as the rules of the exchange ask."
    assert fold_pair(text, text, title, other).outcome == outcome


def test_another_word_of_the_headline_makes_two_stories_where_the_texts_differ_too() -> None:
    old = "The company gives notice that the office on the quay moves, as tenants were told by letter."
    new = "The company gives notice that the canteen on the quay moves, as tenants were told by letter."
    title = "Norwick Pumps moves {} on quay"
    assert fold_pair(old, new, title.format("office"), title.format("canteen")).outcome == "published"


@pytest.mark.parametrize(
    ("headline", "outcome"),
    [
        ("Salton Tools hires a finance head", "published"),
        ("Ferry strike ends after nine days", "published"),
        ("The yards of Bergen see a good season", "duplicate"),
        ("Salton", "duplicate"),
    ],
)
def test_a_known_body_under_a_headline_that_shares_no_word_with_it_is_shown(headline: str, outcome: str) -> None:
    text = f"{LEAD}The office on the quay moves, as tenants were told by letter."
    assert fold_pair(text, text, other=headline).outcome == outcome


FORM = (
    "Full name of discloser: {holder}. Offeror to whose securities this form relates: {target}. Class of security: "
    "ordinary. All interests and all short positions should be disclosed."
)


@pytest.mark.parametrize(
    ("title", "fields", "outcome"),
    [
        ("Form 8.3 - Norwick plc", {"holder": "Marl Capital"}, "duplicate"),
        ("FORM 8.3 \u2013 NORWICK PLC", {"holder": "Marl Capital"}, "duplicate"),
        ("Form 8.3 - Norwick plc", {"holder": "marl capitals management"}, "published"),
        ("Form 8.3 - Hallow plc", {"holder": "Marl Capital"}, "published"),
        ("Form 8.3 - Norwick plc amended", {"holder": "Marl Capital", "target": "Norwick"}, "duplicate"),
    ],
)
def test_two_forms_are_one_story_only_if_all_their_words_are_equal(
    title: str, fields: dict[str, str], outcome: str
) -> None:
    first = {"holder": "Marl Capital", "target": "Norwick"}
    fold = FoldRunner()
    fold.fold_new(build_item("N1", headline="Form 8.3 - Norwick plc", text=FORM.format(**first)))
    text = FORM.format(**{**first, **fields})
    assert fold.fold_new(build_item("N2", source="betawire", headline=title, text=text)).outcome == outcome


@pytest.mark.parametrize("language", sorted(word_lists.OPPOSITES))
def test_each_pair_of_opposites_is_found_in_both_orders(language: str) -> None:
    for one, other in word_lists.OPPOSITES[language]:
        for mine, theirs in itertools.product(one.split(), other.split()):
            if mine != theirs:
                assert find_opposites({mine}, {theirs}, language) == ((mine,), (theirs,))
                assert find_opposites({theirs}, {mine}, language) == ((theirs,), (mine,))


def test_the_words_of_the_lists_are_folded() -> None:
    rows = [side for table in word_lists.OPPOSITES.values() for pair in table for side in pair]
    words = " ".join((*rows, *word_lists.SYNONYMS, *word_lists.COMMON, *word_lists.LEGAL_FORMS)).split()
    assert [word for word in words if fold_word(word) != word] == []


@given(st.text(max_size=200), st.text(max_size=200), st.sampled_from(["", "en", "de", "xx"]))
def test_a_text_differs_from_itself_in_nothing_and_order_does_not_matter(one: str, other: str, language: str) -> None:
    first, second = Text(Words(one), Words(other)), Text(Words(other), Words(one))
    assert compare_words(first, first, language) == (((), ()), {}, bool(first.body.folded))
    here, there = compare_words(first, second, language), compare_words(second, first, language)
    assert here.differ.keys() == there.differ.keys()


@pytest.mark.parametrize("word", ["a ", "Ab ", "x y ", "Marl Bank said; ", "A1,2 ", "\u4e00 "])
def test_hostile_texts_take_time_in_proportion_to_their_length(word: str) -> None:
    def cost(length: int) -> float:
        one, other = Words(word * length), Words("Zed " + word[::-1] * length)

        def run() -> float:
            began = process_time()
            compare_words(Text(one, one), Text(other, other), "en")
            return process_time() - began

        return min(run() for _ in range(3))  # the least: other processes slow some down

    assert cost(4_000) < 40 * max(cost(400), 0.002)


def test_a_known_id_with_the_same_words_and_another_trailer_is_no_revision() -> None:
    fold = FoldRunner()
    item = build_item(text=f"Norwick opens its mill. {REST}")
    fold.fold_new(item)
    again = build_item(text=f"Norwick opens its mill. {REST} https://norwick.example/?seen=2")
    assert again.text_hash == item.text_hash
    dashed = build_item(text=f"Norwick's opens its mill. {REST}")
    assert dashed.text_hash != item.text_hash
    assert fold.fold_all_new(again, dashed) == ["duplicate", "duplicate"]
