"""What an update, a withdrawal or an embargo leaves of a ninjs document, exactly."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.decide import documents
from streams.decide.documents import MAX_NOTES, complete_document, join_notes

SHOWN: dict[str, Any] = {
    "type": "text",
    "language": "en",
    "firstCreated": "2031-03-04T11:00:00Z",
    "versionCreated": "2031-03-04T11:00:00Z",
    "urgency": 4,
    "edNote": "First note",
    "headlines": [
        {"role": "main", "value": "Mill opens"},
        {"role": "ticker", "value": "BROOKVALE : Mill opens"},
        {"role": "subheadline", "value": "In Ostrava"},
    ],
    "bodies": [{"role": "main", "value": "The mill opened."}],
    "by": "Ann Reed",
    "subjects": [{"rel": "category", "literal": "companies"}],
    "altIds": [{"role": "provider-guid", "value": "A1:1"}, {"role": "content-hash", "value": "sha256:1"}],
    "infoSources": [{"name": "Alpha Wire", "role": "distributor"}, {"name": "Brookvale", "role": "issuer"}],
    "associations": [{"name": "picture-1"}],
}
UPDATE: dict[str, Any] = {
    "type": "text",
    "language": "de",
    "versionCreated": "2031-03-04T12:00:00Z",
    "urgency": 2,
    "headlines": [{"role": "main", "value": "Mill opens late"}, {"role": "ticker", "value": "Mill opens late"}],
    "subjects": [{"rel": "category", "literal": "markets"}],
    "altIds": [{"role": "provider-guid", "value": "A1:2"}, {"role": "provider-guid", "value": "A1:1"}],
    "by": "Tom Weir",
}


def complete(update: dict[str, Any], *, advisory: bool = False, shown: dict[str, Any] = SHOWN) -> dict[str, Any]:
    made = complete_document(orjson.dumps(shown), orjson.dumps(update), advisory=advisory)
    found: dict[str, Any] = orjson.loads(made)
    return found


def test_a_title_only_update_changes_headline_time_urgency_and_ids_and_nothing_else() -> None:
    assert complete(UPDATE) == {
        **SHOWN,
        "versionCreated": "2031-03-04T12:00:00Z",
        "urgency": 2,
        "headlines": [*UPDATE["headlines"], SHOWN["headlines"][2]],
        "altIds": [*SHOWN["altIds"], {"role": "provider-guid", "value": "A1:2"}],
    }


def test_an_advisory_keeps_the_headline_and_its_text_becomes_the_newest_note() -> None:
    made = complete({**UPDATE, "bodies": [{"role": "main", "value": "Please read 5."}]}, advisory=True)
    assert made["headlines"] == SHOWN["headlines"]
    assert made["bodies"] == SHOWN["bodies"]
    assert made["edNote"] == "Please read 5.\n\nFirst note"


@pytest.mark.parametrize(
    ("update", "note"),
    [
        ({"edNote": "Kept"}, "Kept"),
        ({"edNote": "Adds source", "bodies": [{"role": "main", "value": "Read 5."}]}, "Adds source\n\nRead 5."),
        ({"headlines": [{"role": "main", "value": "ADVISORY-Mill"}]}, "ADVISORY-Mill"),
    ],
)
def test_the_note_of_an_advisory_is_its_note_and_text_or_its_headline(update: dict[str, Any], note: str) -> None:
    assert complete(update, advisory=True)["edNote"] == f"{note}\n\nFirst note"


def test_the_same_note_again_stands_once() -> None:
    once = complete({"edNote": "Second note"})
    assert complete({"edNote": "Second note"}, shown=once)["edNote"] == "Second note\n\nFirst note"


def test_an_update_without_a_headline_keeps_the_one_that_is_shown() -> None:
    assert complete({"headlines": []})["headlines"] == SHOWN["headlines"]


def test_a_story_keeps_a_bounded_number_of_ids_its_own_first() -> None:
    made = complete({"altIds": [{"role": "provider-guid", "value": f"B{n}"} for n in range(200)]})
    assert len(made["altIds"]) == documents.MAX_ALT_IDS
    assert made["altIds"][:2] == SHOWN["altIds"]


def test_notes_are_cut_at_a_whole_note_the_oldest_go_first() -> None:
    assert join_notes("new", f"{'a' * 900}\n\n{'b' * 900}\n\n{'c' * 900}") == f"new\n\n{'a' * 900}\n\n{'b' * 900}"


def test_one_long_note_is_cut_at_a_word() -> None:
    assert join_notes("word " * 1000, "") == ("word " * 400).rstrip()


@given(st.text(alphabet="ab \n", max_size=3 * MAX_NOTES), st.text(alphabet="ab \n", max_size=3 * MAX_NOTES))
def test_notes_are_never_longer_than_their_limit_and_begin_as_they_are(new: str, earlier: str) -> None:
    made = join_notes(new, earlier)
    assert len(made) <= MAX_NOTES
    assert (new + "\n\n" + earlier).startswith(made) or earlier.startswith(made) or new.startswith(made)


def test_a_withdrawn_document_holds_no_word_of_its_story() -> None:
    shown = {**SHOWN, "altIds": [*SHOWN["altIds"], {"role": "provider-guid", "value": "https://a.example/mill-opens"}]}
    made = documents.build_withdrawn_document(
        orjson.dumps(shown), orjson.dumps(UPDATE), source="alphawire", note="Withdrawn by its source", firstCreated="x"
    )
    assert orjson.loads(made) == {
        "type": "text",
        "firstCreated": "x",
        "edNote": "Withdrawn by its source",
        "infoSources": [{"name": "Alpha Wire", "role": "distributor"}],
        "altIds": [{"role": "provider-guid", "value": "A1:1"}, {"role": "provider-guid", "value": "A1:2"}],
    }


def test_a_withdrawn_story_whose_document_is_gone_names_the_source_of_its_feed() -> None:
    made = documents.build_withdrawn_document(b"{}", b"{}", source="beta wire", note="Withdrawn by the desk")
    assert orjson.loads(made)["infoSources"] == [
        {"name": "beta wire", "role": "distributor", "uri": "urn:newswire:source:beta%20wire"}
    ]


@given(st.binary(max_size=5000))
def test_a_packed_document_is_the_same_after_unpacking(document: bytes) -> None:
    assert documents.unpack(documents.pack(document)) == document
    assert documents.pack(document) == documents.pack(document)


@pytest.mark.parametrize("call", [documents.read_reason, documents.keep_ids_and_source])
def test_a_prepared_document_that_is_no_object_is_an_error(call: Any) -> None:
    with pytest.raises(ValueError, match="the prepared document is no JSON object"):
        call(b"[1]")
