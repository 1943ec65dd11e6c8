"""What anyone may see of an item whose text is restricted."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.ninjs_schema import errors

from streams.gateway.restricted import restrict_document

SECRET = "Qzxv"
TEXT = f"{SECRET} said the text of the wire. " * 40
ITEM = {
    "uri": "urn:newswire:reuters:1",
    "version": "2",
    "type": "text",
    "pubStatus": "usable",
    "urgency": 3,
    "versionCreated": "2026-03-02T10:00:00Z",
    "edNote": TEXT,
    "slugline": TEXT,
    "usageTerms": TEXT,
    "by": "Jane Norwick",
    "headlines": [{"role": "main", "value": "Norwick Pumps opens"}, {"role": "subheadline", "value": TEXT}],
    "descriptions": [{"role": "summary", "value": "A plant. " * 50}, {"role": "dateline", "value": TEXT}],
    "bodies": [{"role": role, "value": TEXT} for role in ("main", "html", "boilerplate")],
    "subjects": [
        {"rel": "category", "uri": "urn:newswire:category:markets", "literal": "markets", "name": "Markets"},
        {"rel": "provider", "uri": "urn:x:1", "name": SECRET},
    ],
    "organisations": [
        {
            "name": "Norwick Pumps",
            "rel": "about",
            "symbols": [{"symbol": "NWK", "exchange": "XNAS", "symbolType": "urn:newswire:symbol:ticker"}],
        }
    ],
    "altIds": [
        {"role": "canonical-url", "value": "https://norwick.example/1"},
        {"role": "content-hash", "value": SECRET},
    ],
    "associations": [
        {
            "name": "picture-1",
            "type": "picture",
            "uri": "https://norwick.example/1.jpg",
            "descriptions": [{"role": "caption", "value": TEXT}],
        }
    ],
    "anyFieldOfTomorrow": TEXT,
}


def restrict(**changed: object) -> dict[str, object]:
    found = orjson.loads(restrict_document(orjson.dumps({**ITEM, **changed})))
    assert isinstance(found, dict)
    return found


def test_headline_summary_times_names_categories_and_link_are_shown() -> None:
    assert (
        restrict()
        == {
            "uri": "urn:newswire:reuters:1",
            "version": "2",
            "type": "text",
            "pubStatus": "usable",
            "urgency": 3,
            "versionCreated": "2026-03-02T10:00:00Z",
            "by": "Jane Norwick",
            "headlines": [{"role": "main", "value": "Norwick Pumps opens"}],
            "descriptions": [{"role": "summary", "value": f"{('A plant. ' * 50)[:298]}…"}],
            "subjects": ITEM["subjects"][:1],  # type: ignore[index]
            "organisations": ITEM["organisations"],
            "altIds": ITEM["altIds"][:1],  # type: ignore[index]
        }
    )


def test_what_is_shown_is_valid_ninjs_without_a_word_of_the_text() -> None:
    shown = restrict()
    assert errors(shown) == []
    assert SECRET not in orjson.dumps(shown).decode()


@pytest.mark.parametrize("field", [name for name in ITEM if name != "uri"])
def test_a_long_text_in_the_place_of_any_field_is_not_shown_whole(field: str) -> None:
    value = orjson.dumps(restrict(**{field: TEXT}))
    assert SECRET.encode() not in value


@given(st.sampled_from(sorted(set(ITEM) - {"uri"})), st.recursive(st.none() | st.text() | st.integers(0, 9), st.lists))
def test_a_field_of_any_shape_is_shown_or_left_out(field: str, value: object) -> None:
    assert restrict(**{field: value})["uri"] == ITEM["uri"]
