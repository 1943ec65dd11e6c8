"""Keys, values and headers of sent records, exactly (schemas/README.md, sections 2 and 3)."""

import json
from typing import Any

import orjson
import pytest
from support.builders import (
    EMBARGO,
    NOON,
    OTHER_TEXT,
    STORY,
    TEXT,
    FoldRunner,
    build_command,
    build_item,
    build_kill,
    build_refusal,
)
from support.ninjs_schema import errors

from streams.decide import documents, output_records

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_published_item_has_these_headers(fold: FoldRunner) -> None:
    out = fold.fold_new(build_item(traceparent=TRACE))
    expected = {
        "ce_specversion": "1.0",
        "ce_id": f"{STORY}/1",
        "ce_source": "urn:newswire:source:alphawire",
        "ce_type": "news.item.published",
        "ce_time": NOON,
        "content-type": "application/json",
        "origin-topic": "news.raw",
        "origin-partition": "0",
        "origin-offset": "1",
        "origin-index": "0",
        "time-source": "wire",
        "rights": "restricted",
        "traceparent": TRACE,
    }
    assert [out.headers(topic) for topic in out.topics] == [expected] * 3


def test_there_is_no_traceparent_if_the_raw_record_has_none(fold: FoldRunner) -> None:
    assert "traceparent" not in fold.fold_new(build_item()).headers("latest")


@pytest.mark.parametrize("time_source", ["wire", "assumed-zone", "received"])
def test_the_time_source_is_in_the_headers(fold: FoldRunner, time_source: str) -> None:
    assert fold.fold_new(build_item(time_source=time_source)).headers("latest")["time-source"] == time_source


def test_ce_time_is_the_received_time_never_the_wires(fold: FoldRunner) -> None:
    out = fold.fold_new(build_item(created="2029-01-01T00:00:00Z", received="2031-03-04T12:00:00.250Z"))
    assert out.headers("latest")["ce_time"] == "2031-03-04T12:00:00.250Z"


def test_headers_of_a_revision_a_withdrawal_and_a_withheld_item_name_their_kind(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    revised = fold.fold_new(build_item(version="2", created=NOON, text=OTHER_TEXT)).headers("latest")
    assert (revised["ce_type"], revised["ce_id"]) == ("news.item.revised", f"{STORY}/2")
    gone = fold.fold_new(build_kill(created=NOON)).headers("latest")
    assert (gone["ce_type"], gone["ce_id"]) == ("news.item.withdrawn", f"{STORY}/3")
    unlike = "Salton Tools named a new head of its yard in Porto, and said nothing of plans for the winter."
    held = fold.fold_new(build_item("E1", headline="Salton Tools names a head", text=unlike, embargo=EMBARGO)).headers(
        "withheld"
    )
    assert (held["ce_type"], held["ce_id"]) == ("news.item.withheld", "urn:newswire:alphawire:E1/1")


def test_a_duplicate_has_exactly_this_record(fold: FoldRunner) -> None:
    fold.fold_new(build_item(received="2031-03-04T12:00:00Z"))
    copy = build_item("B 1", source="beta wire", received="2031-03-04T12:01:30.900Z", traceparent=TRACE)
    out = fold.fold_new(copy)
    assert out.effect("duplicates").key == STORY.encode()
    assert out.headers("duplicates") == {
        "ce_specversion": "1.0",
        "ce_id": "news.raw/0/2/0",
        "ce_source": "urn:newswire:source:beta%20wire",
        "ce_type": "news.item.duplicate",
        "ce_time": "2031-03-04T12:01:30.900Z",
        "content-type": "application/json",
        "origin-topic": "news.raw",
        "origin-partition": "0",
        "origin-offset": "2",
        "origin-index": "0",
        "time-source": "wire",
        "rights": "restricted",
        "duplicate-of": STORY,
        "similarity": "1.000",
        "match-kind": "same-text",
        "seconds-later": "90",
        "traceparent": TRACE,
    }
    event = out.event("duplicates")
    assert event["uri"] == "urn:newswire:beta%20wire:B%201"
    assert event["bodies"] == [{"role": "main", "value": TEXT}]
    assert errors(event) == []


def test_a_superseded_item_has_no_similarity_header(fold: FoldRunner) -> None:
    fold.fold_new(build_item(version="2"))
    headers = fold.fold_new(build_item(version="1", text=OTHER_TEXT)).headers("duplicates")
    assert headers["match-kind"] == "superseded"
    assert "similarity" not in headers


LONG = (
    "The board of Norwick Pumps met in Bergen and praised the work of the yards. Orders from shipbuilders in the north "
    "were about the same as a year ago, and the margin of the service business did not change. It made a study of the "
)


def tell_words(fold: FoldRunner, old: str, new: str, **fields: Any) -> str | None:
    """Folds two texts; returns the words of which the header of the second tells."""
    fold.fold_new(build_item("N1", text=LONG + old, rights=fields.pop("told", "restricted")))
    out = fold.fold_new(build_item("B7", source="betawire", text=LONG + new, **fields))
    assert out.outcome == "duplicate"
    return out.headers("duplicates").get("differing-words")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("world.", "word in spring.", '[["word","in","spring"],["world"]]'),
        ("world.", "world in spring.", '[["in","spring"],[]]'),
        ("world.", "world.", None),
        ("world.", f"world {'x' * 90} again.", f'[["{"x" * 60}","again"],[]]'),
    ],
)
def test_a_near_duplicate_names_the_words_in_which_it_and_its_story_differ(
    fold: FoldRunner, old: str, new: str, words: str | None
) -> None:
    assert tell_words(fold, old, new) == words


def test_what_fewer_may_read_than_the_item_and_what_waits_for_its_time_tell_no_word() -> None:
    told = [
        tell_words(FoldRunner(), "world.", "word in spring.", rights=mine, told=theirs)
        for mine, theirs in (("full", "full"), ("full", "restricted"), ("restricted", "full"))
    ]
    both, mine_alone = '[["word","in","spring"],["world"]]', '[["word","in","spring"],[]]'
    assert told == [both, mine_alone, both]
    assert tell_words(FoldRunner(), "world.", "word in spring.", embargo=EMBARGO) is None


def test_seconds_later_is_never_negative(fold: FoldRunner) -> None:
    fold.fold_new(build_item(received="2031-03-04T12:00:00Z"))
    assert fold.fold_new(build_item(received="2031-03-04T11:00:00Z")).headers("duplicates")["seconds-later"] == "0"


def test_a_dead_letter_has_exactly_this_record(fold: FoldRunner) -> None:
    out = fold.fold_new(build_refusal(traceparent=TRACE))
    effect = out.effect("dead-letters")
    assert (effect.key, effect.value) == (b"news.raw/0/1/0", b"<nitf><body>\xff")
    assert out.headers("dead-letters") == {
        "ce_specversion": "1.0",
        "ce_id": "news.raw/0/1/0",
        "ce_source": "urn:newswire:source:alphawire",
        "ce_type": "news.item.rejected",
        "ce_time": NOON,
        "content-type": "application/xml",
        "origin-topic": "news.raw",
        "origin-partition": "0",
        "origin-offset": "1",
        "origin-index": "0",
        "error-code": "malformed",
        "error-message": "no end of <body> — line 3",
        "error-stage": "parse",
        "attempts": "2",
        "traceparent": TRACE,
    }


def test_a_dead_letter_of_unknown_content_type_is_an_octet_stream(fold: FoldRunner) -> None:
    assert (
        fold.fold_new(build_refusal(content_type="")).headers("dead-letters")["content-type"]
        == "application/octet-stream"
    )


def test_the_records_of_a_release_name_the_position_of_the_command_in_the_log(fold: FoldRunner) -> None:
    fold.fold_new(build_refusal())
    fold.fold_new(build_item(embargo=EMBARGO, traceparent=TRACE))
    out = fold.fold_record(build_command("release"))
    for topic in ("latest", "companies", "withheld"):
        headers = out.headers(topic)
        place = [headers[f"origin-{part}"] for part in ("topic", "partition", "offset", "index")]
        assert place == ["news.internal.items", "0", "2", "0"]
        assert (headers["ce_type"], headers["ce_id"]) == ("news.item.published", f"{STORY}/1")
        assert headers["ce_time"] == NOON
        assert headers["traceparent"] == TRACE


def test_a_released_revision_is_called_revised_in_its_tombstone_too(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    fold.fold_new(build_item(version="2", created=NOON, text=OTHER_TEXT, embargo=EMBARGO))
    out = fold.fold_record(build_command("release"))
    assert {out.headers(topic)["ce_type"] for topic in out.topics} == {"news.item.revised"}


def test_the_tombstone_of_a_killed_item_says_withdrawn(fold: FoldRunner) -> None:
    fold.fold_new(build_item(embargo=EMBARGO))
    assert fold.fold_new(build_kill(created=NOON)).headers("withheld")["ce_type"] == "news.item.withdrawn"
    fold.fold_new(build_item("E2", text=OTHER_TEXT, embargo=EMBARGO))
    out = fold.fold_record(build_command("kill", uri="urn:newswire:alphawire:E2"))
    assert out.headers("withheld")["ce_type"] == "news.item.withdrawn"


def test_a_kill_by_an_editor_has_exactly_this_record(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    out = fold.fold_record(build_command("kill", why="A court order."))
    assert out.headers("latest") == {
        "ce_specversion": "1.0",
        "ce_id": f"{STORY}/2",
        "ce_source": "urn:newswire:source:alphawire",
        "ce_type": "news.item.withdrawn",
        "ce_time": "2031-03-04T15:00:00Z",
        "content-type": "application/json",
        "origin-topic": "news.internal.items",
        "origin-partition": "0",
        "origin-offset": "1",
        "origin-index": "0",
        "time-source": "received",
        "rights": "restricted",
    }
    event = out.event()
    assert errors(event) == []
    assert event == {
        "uri": STORY,
        "version": "2",
        "pubStatus": "canceled",
        "representationType": "full",
        "type": "text",
        "firstCreated": "2031-03-04T11:58:00Z",
        "versionCreated": "2031-03-04T15:00:00Z",
        "edNote": "Withdrawn by the desk",
        "infoSources": [{"name": "Alpha Wire", "role": "distributor"}],
        "altIds": [{"role": "provider-guid", "value": "A1:1"}],
    }
    assert out.decision.evidence["why"] == "A court order."


@pytest.mark.parametrize(
    ("source", "local", "uri"),
    [
        ("prwire", "20310304/NY1:2", "urn:newswire:prwire:20310304%2FNY1%3A2"),
        ("a b", "aZ09-._~", "urn:newswire:a%20b:aZ09-._~"),
        ("prwire", "é+&?#%", "urn:newswire:prwire:%C3%A9%2B%26%3F%23%25"),
        ("prwire", "https://alpha.example/x", "urn:newswire:prwire:https%3A%2F%2Falpha.example%2Fx"),
    ],
)
def test_all_but_unreserved_characters_of_an_id_are_percent_encoded(source: str, local: str, uri: str) -> None:
    assert output_records.build_uri(source, local) == uri
    assert errors({"uri": uri}) == []


def test_a_topic_is_named_once_latest_first_the_rest_sorted() -> None:
    assert output_records.list_public_topics(("markets", "companies.ipos", "companies", "markets")) == (
        "latest",
        "companies",
        "companies.ipos",
        "markets",
    )


def test_the_prepared_document_passes_through_as_bytes() -> None:
    document = '{"type":"text", "slugline":"Ä"}'.encode()
    assert (
        documents.finalize_document(document, uri="u:1", version="3") == b'{"uri":"u:1","version":"3",' + document[1:]
    )


def test_an_empty_document_gets_the_fields_of_decide() -> None:
    assert orjson.loads(documents.finalize_document(b"{}", uri="u:1")) == {"uri": "u:1"}


def test_a_document_that_is_no_object_is_an_error() -> None:
    with pytest.raises(ValueError, match="the prepared document is no JSON object"):
        documents.finalize_document(b"[1,2]", uri="u:1")


def test_the_decision_on_an_item_is_recorded_under_its_raw_position(fold: FoldRunner) -> None:
    out = fold.fold_new(build_item())
    effect = out.all[-1]
    assert (effect.topic, effect.key) == ("decisions", b"news.raw/0/1/0")
    assert dict(effect.headers) == {"content-type": b"application/json"}
    record = json.loads(effect.value or b"")
    assert (record["fate"], record["uri"], record["version"]) == ("published", STORY, "1")
    assert (record["topics"], record["log_offset"]) == (["latest", "companies", "companies.new-contracts"], 0)
    assert record["labels"][0] == {
        "category": "companies.new-contracts",
        "confidence": 90,
        "creator": "rule:made-up@1",
        "matched": ["made", "up"],
    }


def test_the_decision_on_a_command_is_recorded_under_its_log_offset(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    effect = fold.fold_record(build_command("kill", by="ann", why="legal")).all[-1]
    assert effect.key == b"log/1"
    record = json.loads(effect.value or b"")
    assert (record["action"], record["fate"], record["origin"]) == ("kill", "withdrawn", None)
    assert (record["evidence"]["by"], record["evidence"]["why"]) == ("ann", "legal")


def test_every_record_of_the_log_is_recorded_in_decisions_once(fold: FoldRunner) -> None:
    records = [build_item(), build_item(), build_refusal(), build_kill(created=NOON)]
    outcomes = [
        *map(fold.fold_new, records),
        fold.fold_record(records[0]),
        fold.fold_record(records[0]),
        fold.fold_record(build_command("kill")),
    ]
    assert [[effect.topic for effect in out.all].count("decisions") for out in outcomes] == [1] * 7
