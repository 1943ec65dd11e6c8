"""What a later version changed: words of the headline and of paragraphs, within limits and within the rights."""

import json

from hypothesis import given
from hypothesis import strategies as st
from support.ticker_items import build_item

from streams.gateway.story_versions import list_versions
from streams.gateway.text_changes import (
    MAX_CHANGES,
    VersionText,
    list_changes,
    pack_text,
    read_version_text,
    unpack_text,
)
from streams.gateway.ticker_view import TickerView

WORDS = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=12).map(" ".join)
TEXTS = st.builds(VersionText, WORDS, st.lists(WORDS, max_size=6).map("\n\n".join))


def changes(before: str, after: str) -> list[list[tuple[str, str]]]:
    found = list_changes(VersionText("", before), VersionText("", after))
    return [[(piece.kind, piece.text) for piece in each.pieces] for each in found]


def document(headline: str, text: str) -> bytes:
    return json.dumps(
        {"headlines": [{"role": "main", "value": headline}], "bodies": [{"role": "main", "value": text}]}
    ).encode()


def test_only_paragraphs_that_differ_are_listed_with_the_words_that_do() -> None:
    assert changes("It has 90 people.\n\nIt earned 4 million euros.", "It has 90 people.\n\nIt earned 5 million.") == [
        [
            ("same", "It earned"),
            ("removed", "4 million euros."),
            ("added", "5 million."),
        ]
    ]


def test_a_paragraph_that_came_or_went_is_one_piece() -> None:
    assert changes("One.", "One.\n\nTwo.") == [[("added", "Two.")]]
    assert changes("One.\n\nTwo.", "One.") == [[("removed", "Two.")]]


def test_a_long_run_of_unchanged_words_is_cut_to_those_beside_the_change() -> None:
    many = " ".join(f"w{number}" for number in range(60))
    ((first, *_),) = changes(f"{many} old", f"{many} new")
    assert first == ("same", "… w52 w53 w54 w55 w56 w57 w58 w59")


def test_a_text_that_is_all_new_has_a_bounded_number_of_changes() -> None:
    before, after = ("\n\n".join(f"{word} {number}" for number in range(500)) for word in ("old", "new"))
    assert len(changes(before, after)) == MAX_CHANGES


@given(TEXTS, TEXTS)
def test_the_removed_and_added_words_turn_one_headline_into_the_other(before: VersionText, after: VersionText) -> None:
    found = [change for change in list_changes(before, after) if change.part == "headline"]
    if before.headline == after.headline:
        assert found == []
        return
    (change,) = found
    for headline, left_out in ((before.headline, "added"), (after.headline, "removed")):
        if "…" not in str(change.pieces):
            assert " ".join(piece.text for piece in change.pieces if piece.kind != left_out) == headline


@given(TEXTS)
def test_a_text_is_kept_and_does_not_differ_from_itself(text: VersionText) -> None:
    assert unpack_text(pack_text(text)) == text
    assert list_changes(text, text) == ()


def test_what_is_no_item_has_no_words() -> None:
    for value in (b"{}", b"[]", b'{"headlines": 3}', b'{"headlines": [3, {"role": "main", "value": 4}]}'):
        assert read_version_text(value) == VersionText("", "")


def put_two_versions(source: str) -> TickerView:
    view = TickerView(10, 10, {0: 0})
    view.apply(0, 0, build_item("u", source=source, headline="Old"), document("Old", "It was so."))
    view.apply(0, 1, build_item("u", source=source, version=2, headline="New"), document("New", "It is so."))
    return view


def test_changes_of_a_text_are_told_only_to_those_who_may_read_it() -> None:
    for source, trusted, parts in (
        ("prnewswire", False, ["headline", "text"]),
        ("reuters", False, ["headline"]),
        ("reuters", True, ["headline", "text"]),
    ):
        entry = put_two_versions(source).get("u")
        assert entry is not None
        first, second = list_versions(entry, trusted=trusted)
        assert (first.changes, [change.part for change in second.changes]) == ((), parts)
        assert (first.status, second.status) == ("new", "updated")


def test_a_withdrawn_story_keeps_no_words_and_says_who_withdrew_it() -> None:
    view = put_two_versions("prnewswire")
    gone = json.dumps({"edNote": "Withdrawn by the desk"}).encode()
    view.apply(0, 2, build_item("u", version=3, withdrawn=True), gone)
    withdrawal = view.withdrawal("u")
    assert (view.get("u"), withdrawal and withdrawal.note) == (None, "Withdrawn by the desk")
