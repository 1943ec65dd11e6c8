"""What is held out is held out with its near-duplicates, and a fold holds all near-duplicates of an item."""

from hypothesis import given
from hypothesis import strategies as st

from streams.training.data import LabelledItem
from streams.training.split import FOLDS, assign_folds, find_held_out

STORY = "Northwind Foods to buy Acme Dairy for two billion crowns in cash"
TEXT = "The board of Northwind Foods agreed on Monday to buy the dairy of Acme for two billion crowns in cash and notes"


def item(identity, headline, text=""):
    return LabelledItem(id=identity, origin="site", headline=headline, text=text)


def test_a_near_duplicate_of_what_is_held_out_is_held_out():
    items = [item("1", f"{STORY} today"), item("2", "Ferries sail again after the storm"), item("3", STORY)]
    assert find_held_out(items, {"3"}) == {0, 2}


def test_a_copy_under_another_headline_is_held_out_by_its_text():
    items = [
        item("1", "A dairy is sold", TEXT),
        item("2", "Northwind grows", f"{TEXT}, it said"),
        item("3", "Rain", ""),
    ]
    assert find_held_out(items, {"1"}) == {0, 1}
    assert len(set(assign_folds(items)[:2])) == 1


def test_a_turn_of_phrase_of_many_headlines_is_no_near_duplicate():
    many = [item(f"tw:{number}", f"Fund {number} declares monthly distribution of cash") for number in range(60)]
    assert find_held_out(many, {"tw:7"}) == {7}


def test_sentences_of_one_article_are_in_one_fold():
    items = [item(f"se:harbour:{number}", f"sentence number {number}") for number in range(20)]
    assert len(set(assign_folds(items))) == 1


def test_the_folds_are_about_equally_large():
    folds = assign_folds([item(str(number), f"headline {chr(97 + number % 26)}{number}") for number in range(3000)])
    assert all(450 < folds.count(fold) < 750 for fold in range(FOLDS))


@given(st.lists(st.text("abcdef ", max_size=30), max_size=12))
def test_one_document_is_in_one_fold(headlines):
    items = [item(f"tw:{place % 4}", headline) for place, headline in enumerate(headlines)]
    found = assign_folds(items)
    assert all(len({found[at] for at in range(number, len(items), 4)}) <= 1 for number in range(4))
