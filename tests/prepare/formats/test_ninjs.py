"""ninjs: what no single sample can show. The samples are in tests/wires/ninjs."""

from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.raw_records import document

from streams.model.errors import Reject
from streams.model.records import Status
from streams.prepare.formats import ninjs
from streams.prepare.formats._common import parse_note_status

KEYS = [
    "uri",
    "guid",
    "version",
    "type",
    "headline",
    "headlines",
    "headline_sub",
    "body_text",
    "body_html",
    "bodies",
    "descriptions",
    "description_text",
    "versioncreated",
    "firstCreated",
    "embargoed",
    "embargoedUntil",
    "pubstatus",
    "urgency",
    "by",
    "located",
    "ednote",
    "subject",
    "subjects",
    "genre",
    "service",
    "keywords",
    "organisation",
    "organisations",
    "infosource",
    "infoSources",
    "associations",
    "renditions",
    "altids",
    "altIds",
    "source",
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "role",
                    "value",
                    "name",
                    "code",
                    "scheme",
                    "uri",
                    "literal",
                    "symbols",
                    "symbol",
                    "href",
                    "type",
                    "rel",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


def assert_read_or_refused(value: object) -> None:
    opened = document(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS))
    try:
        if ninjs.matches(opened):
            assert ninjs.parse(opened)
    except Reject:
        pass


@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8), st.booleans())
def test_an_item_with_any_values_is_read_or_refused(item: dict[str, object], named: bool) -> None:
    assert_read_or_refused({**item, "uri": "urn:x", "headline": "Ferries"} if named else item)


@given(VALUES)
def test_any_json_value_is_read_refused_or_not_matched(value: object) -> None:
    assert_read_or_refused(value)
    assert_read_or_refused([value, {"uri": "urn:x", "type": "text", "headline": value}])


@pytest.mark.parametrize(
    ("note", "status"),
    [
        ("KILL", Status.WITHDRAWN),
        ("Mandatory kill: the figure is wrong", Status.WITHDRAWN),
        ("Editors: please kill this story", Status.WITHDRAWN),
        ("This press release has been withdrawn.", Status.WITHDRAWN),
        ("Eds: CORRECTS: spelling of Roth", Status.CORRECTION),
        ("Eds: UPDATES: With photos.", Status.UPDATE),
        ("Recasts lead", Status.UPDATE),
        ("Killing fields memorial opens", Status.USABLE),
        ("The earlier story was about a correction of prices", Status.USABLE),
        ("", Status.USABLE),
    ],
)
def test_a_note_to_editors_states_a_status_only_at_its_beginning(note: str, status: Status) -> None:
    assert parse_note_status(note) is status


def test_every_real_wire_item_is_read_or_refused_and_no_record_of_a_desk_or_agency_api_matches(
    shared_data: Path,
) -> None:
    found = {}
    for path in sorted((shared_data / "wire").rglob("*.json")):
        opened = document(path.read_bytes())
        try:
            found[path.name] = ninjs.matches(opened)
            if found[path.name]:
                ninjs.parse(opened)
        except Reject:
            continue
    for name in (
        "published_item.json",
        "events.json",
        "planning.json",
        "ap-text.json",
        "ninjs-schema_3.1.json",
    ):
        assert found[name] is False
    assert found["ninjsExSimpleText1.json"] is True
