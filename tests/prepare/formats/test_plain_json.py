"""Plain JSON: what no single sample can show. The samples are in tests/wires/plain-json."""

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from support.raw_records import document

from streams.model.errors import Reason, Reject
from streams.model.records import Story
from streams.prepare.formats import plain_json
from streams.prepare.formats.plain_json import KEYS, OTHER_NAMES

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=8,
)
WORDS = st.text("abcdefghij", min_size=1, max_size=8)


def parse_refusal(value: object) -> Reject | None:
    opened = document(orjson.dumps(value))
    try:
        found = plain_json.parse(opened) if plain_json.matches(opened) else ()
        return next((each for each in found if isinstance(each, Reject)), None)
    except Reject as refusal:
        return refusal


@given(VALUES)
def test_any_json_value_is_read_refused_or_not_matched(value: object) -> None:
    refusal = parse_refusal(value)
    assert refusal is None or refusal.reason in (Reason.MALFORMED, Reason.MISSING_FIELD)


@given(st.sampled_from(KEYS), st.booleans() | st.floats(-1e9, 1e9) | st.just([]) | st.just({}))
def test_a_value_of_a_wrong_type_is_refused_with_the_name_of_its_key(key: str, value: object) -> None:
    assume(key != "date" or not isinstance(value, float))  # a date may be seconds since 1970
    refusal = parse_refusal({"title": "Ferries", key: value})
    assert refusal is not None
    assert refusal.reason is Reason.MALFORMED
    assert refusal.message.startswith(f"{key} is ")


@pytest.mark.parametrize("key", [name for name in KEYS if name != "title"])
@pytest.mark.parametrize("value", [4, ["a"], {"a": "b"}, True])
def test_a_synonym_of_a_key_with_a_value_of_another_type_is_ignored(key: str, value: object) -> None:
    opened = document(orjson.dumps({"title": "Ferries", **dict.fromkeys(OTHER_NAMES.get(key, ()), value)}))
    (story,) = plain_json.parse(opened)
    assert story == Story(headline="Ferries")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"headline": "Ferries", "text": "They sail.", "tags": []}, True),
        ({"headline": "Ferries", "link": "https://norwick.example/1"}, True),
        ({"headline": "Ferries", "tags": []}, False),
        ({"text": "They sail.", "user": "ida"}, False),
        ({"headline": {"main": "Ferries"}, "content": "They sail.", "section": "sea"}, False),
        ({"headline": "Ferries", "content": ["a"], "section": "sea"}, False),
        ({"_id": "1", "headline": "Ferries", "text": "They sail."}, False),
    ],
)
def test_a_headline_and_a_text_under_synonyms_are_an_item_and_one_alone_beside_unknown_keys_is_not(
    value: object, found: bool
) -> None:
    assert plain_json.matches(document(orjson.dumps(value))) is found


@given(st.lists(WORDS, min_size=1, max_size=5), WORDS)
def test_an_array_gives_its_items_in_order(titles: list[str], source: str) -> None:
    opened = document(orjson.dumps([{"title": title, "source": source} for title in titles]), source="feed")
    stories = plain_json.parse(opened)
    assert [story.headline for story in stories] == titles
    assert {story.distributor for story in stories} == {source}
    assert opened.raw.source == "feed"
