"""The labelled data is split into train, tune and report."""

from hypothesis import given
from hypothesis import strategies as st

from streams.training.data import LabelledItem
from streams.training.split import PARTS, REPORT, TRAIN, TUNE, assign_parts, part_of_document

# Ids by the first byte of their SHA-256: even and low, odd and low, high.
TO_TRAIN, TO_REPORT, TO_TUNE = (
    next(f"tw:{number}" for number in range(1000) if part_of_document(f"tw:{number}") == part)
    for part in (TRAIN, REPORT, TUNE)
)


def item(identity: str, headline: str, origin: str = "twitter") -> LabelledItem:
    return LabelledItem(id=identity, origin=origin, headline=headline)


def test_each_part_is_about_a_third() -> None:
    counts = [[part_of_document(str(number)) for number in range(3000)].count(part) for part in PARTS]
    assert all(900 < count < 1100 for count in counts)


def test_a_near_duplicate_of_a_training_item_is_not_in_the_report() -> None:
    story = "Northwind Foods to buy Acme Dairy for two billion crowns in cash"
    items = [
        item(TO_REPORT, f"{story} today"),
        item(TO_TUNE, "Ferries sail again after the storm"),
        item(TO_TRAIN, story),
    ]
    assert assign_parts(items) == [TRAIN, TUNE, TRAIN]


def test_a_phrase_of_many_headlines_makes_no_near_duplicates() -> None:
    many = [item(f"tw:{number}", f"Fund {number} declares monthly distribution of cash") for number in range(60)]
    assert assign_parts(many) == [part_of_document(one.document) for one in many]


def test_sentences_of_one_article_are_in_one_part() -> None:
    items = [item(f"se:harbour:{number}", f"sentence number {number}", "sentivent") for number in range(20)]
    assert len(set(assign_parts(items))) == 1


@given(st.lists(st.text("abcdef ", max_size=30), max_size=12))
def test_one_document_is_in_one_part_in_every_set(headlines: list[str]) -> None:
    items = [item(f"tw:{place % 4}", headline) for place, headline in enumerate(headlines)]
    found = assign_parts(items)
    assert all(len({found[at] for at in range(number, len(items), 4)}) <= 1 for number in range(4))
