"""The search for what is left of a story: records in, topics and times out."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.decide.state_entries import NEVER, Alias, encode_entry
from streams.model.records import Decision, Label, Origin, Outcome, RecordRef
from streams.model.topics import DAY_MS, TOPICS
from streams.ops.gone import (
    MAX_PHRASES,
    TopicRemains,
    WordSearch,
    _Phrases,
    find_last_time,
    normalise,
    read_topic_times,
)

URI = "urn:newswire:alphawire:A1"
OTHER = "urn:newswire:alphawire:B2"
HEAD = "Salton Tools opens a yard"
TEXT = "The yard in Norwick will build eleven ferries for the islands of the north. It said so."
EVENT = {"headlines": [{"role": "main", "value": HEAD}], "bodies": [{"role": "main", "value": TEXT}]}
CANCELED = {"uri": URI, "version": "2", "pubStatus": "canceled", "edNote": "Withdrawn by the desk"}
TIMES = {topic.name: read_topic_times(topic.config()) for topic in TOPICS}
T = 1_900_000_000_000


def build_decision(uri: str = URI, **fields: Any) -> Decision:
    return Decision(
        **{
            "log_offset": 7,
            "origin": Origin(topic="news.raw", partition=1, offset=5, timestamp=T, index=0, count=1),
            "outcome": Outcome.PUBLISHED,
            "source": "alphawire",
            "uri": uri,
            "version": "1",
            "topics": ("latest",),
            **fields,
        }
    )


@pytest.fixture
def search() -> WordSearch:
    found = WordSearch([URI])
    found.add_decision(build_decision())
    found.add_document(EVENT)
    return found


def left(search: WordSearch) -> list[tuple[str, int, int | None]]:
    return [(each.topic, each.records, each.gone_by) for each in search.list_remains(TIMES)]


def encode(event: dict[str, Any]) -> bytes:
    return json.dumps(event).encode()


def test_a_withdrawn_story_is_gone_from_a_topic_three_days_after_its_withdrawal(search: WordSearch) -> None:
    later = T + 10 * DAY_MS
    search.look("latest", URI.encode(), encode(EVENT), T)
    search.look("latest", URI.encode(), encode(CANCELED), later)
    search.look("markets", URI.encode(), encode(EVENT), T)
    search.look("markets", URI.encode(), None, later)
    assert left(search) == [("latest", 1, later + 3 * DAY_MS), ("markets", 1, later + 3 * DAY_MS)]


def test_the_retention_ends_a_record_before_compaction_does(search: WordSearch) -> None:
    search.look("latest", URI.encode(), encode(EVENT), T)
    search.look("latest", URI.encode(), encode(CANCELED), T + 30 * DAY_MS)
    assert left(search) == [("latest", 1, T + 31 * DAY_MS)]


def test_each_topic_keeps_a_word_as_long_as_it_is_set_to(search: WordSearch) -> None:
    search.look("raw", b"alphawire", b"<p>bytes of a wire</p>", T, own=True)
    search.look("internal.items", b"news.raw/1/5/0", b"{}", T, own=True)
    search.look("duplicates", URI.encode(), encode(EVENT), T)
    search.look("dead-letters", b"news.raw/1/9/0", HEAD.upper().encode(), T)
    search.look("internal.state", f"document {URI}".encode(), b"\x28\xb5", T)
    search.look("internal.state", f"story {URI}".encode(), b"\xd9A" + HEAD.encode() + b"\xc3", T)
    search.look("withheld", URI.encode(), encode(EVENT), T)
    assert left(search) == [
        ("raw", 1, T + 33 * DAY_MS),
        ("internal.items", 1, T + 33 * DAY_MS),
        ("duplicates", 1, T + 31 * DAY_MS),
        ("dead-letters", 1, T + 31 * DAY_MS),
        ("internal.state", 2, None),
        ("withheld", 1, None),
    ]
    kept = encode_entry(Alias(expires=T + 9 * DAY_MS, uris=(HEAD,)))
    search.look("internal.state", b"text 00", kept, T)
    search.look("internal.state", b"text 00", None, T + DAY_MS)
    search.look("internal.state", f"document {URI}".encode(), None, T + DAY_MS)
    search.look("internal.state", f"story {URI}".encode(), b"\x80", T + 2 * DAY_MS)
    assert left(search)[4] == ("internal.state", 3, T + 5 * DAY_MS)


def test_the_state_forgets_the_words_of_a_story_when_their_entries_expire(search: WordSearch) -> None:
    search.look("internal.state", b"text 00", encode_entry(Alias(expires=T + 9 * DAY_MS, uris=(HEAD,))), T)
    assert left(search) == [("internal.state", 1, T + 12 * DAY_MS + 3_600_000)]
    search.look("internal.state", b"text 01", encode_entry(Alias(expires=NEVER, uris=(HEAD,))), T)
    assert left(search) == [("internal.state", 2, None)]


@pytest.mark.parametrize(
    "value",
    [
        HEAD.encode(),
        HEAD.upper().encode(),
        encode({"alert": f"FLASH: {HEAD}!"}),
        encode({"text": "the yard in Norwick\nwill build \u201celeven\u201d ferries for the islands of the north"}),
        "THE YARD in\u00a0Norwick will build eleven ferries, for the islands of the north".encode(),
    ],
)
def test_headline_and_long_sentences_are_found_in_any_record(search: WordSearch, value: bytes) -> None:
    search.look("latest", OTHER.encode(), value, T)
    assert left(search) == [("latest", 1, T + 31 * DAY_MS)]


@pytest.mark.parametrize(
    "value", [b"It said so.", b"Salton Tools", encode(CANCELED), b"[1]", b"\xff\xfe", b"The yard in Norwick will build"]
)
def test_short_sentences_and_the_withdrawn_item_are_no_words_of_it(search: WordSearch, value: bytes) -> None:
    search.look("latest", URI.encode(), value, T)
    assert left(search) == []


def test_a_decision_holds_words_where_it_quotes_them(search: WordSearch) -> None:
    plain = build_decision(evidence={"matched": "id"})
    labelled = build_decision(labels=(Label("markets", 90, "rules", ("buy the yard",)),))
    compared = build_decision(OTHER, evidence={"closest": {"against": URI, "differ": {"amount": [["$4"], ["$5"]]}}})
    others = build_decision(OTHER, labels=labelled.labels)
    for number, decision in enumerate((plain, labelled, compared, others)):
        search.look("decisions", b"", msgspec.json.encode(decision), T + number)
    assert left(search) == [("decisions", 2, T + 2 + 33 * DAY_MS)]


@pytest.mark.parametrize("topic", ["decisions", "latest", "internal.state"])
@pytest.mark.parametrize(
    "value", [b"", b"[]", URI.encode(), b"\xff" + URI.encode(), b'{"headlines": 7, "x": "' + URI.encode()]
)
def test_a_record_that_is_not_ours_holds_no_words(search: WordSearch, topic: str, value: bytes) -> None:
    search.look(topic, URI.encode(), value, T)
    assert left(search) == []


def test_the_records_of_copies_and_of_commands_about_several_stories_are_the_storys_too() -> None:
    search = WordSearch([URI])
    search.add_decision(build_decision(OTHER))
    assert search.unknown == [URI]
    copy = build_decision(OTHER, duplicate_of=URI, log_offset=8)
    killed = [{"uri": OTHER, "version": "2", "left": []}, {"uri": URI, "version": "2", "left": []}]
    kill = build_decision("", origin=None, log_offset=9, action="kill", evidence={"stories": killed})
    search.add_decision(copy)
    search.add_decision(kill)
    assert (search.unknown, search.log_offsets, search.origins) == ([], {8, 9}, {RecordRef("news.raw", 1, 5)})


def test_a_text_of_many_sentences_is_looked_for_by_its_longest() -> None:
    search = WordSearch([URI])
    rows = [" ".join(f"w{number:03}x{word}" for word in range(8 + number % 3)) for number in range(2 * MAX_PHRASES)]
    search.add_document({"bodies": [{"role": "main", "value": ". ".join(rows)}]})
    search.look("latest", None, rows[2].encode(), T)
    search.look("latest", None, rows[0].encode(), T)
    assert left(search) == [("latest", 1, T + 31 * DAY_MS)]


def test_the_last_time_is_known_when_that_of_each_topic_is() -> None:
    def build(*times: int | None) -> list[TopicRemains]:
        return [TopicRemains(topic="latest", records=1, gone_by=each) for each in times]

    assert [find_last_time(build(*times)) for times in ((), (1, 3, 2), (1, None))] == [None, 3, None]


def test_several_stories_are_looked_for_together() -> None:
    search = WordSearch([URI, OTHER, "urn:newswire:alphawire:C3"])
    heads = {URI: HEAD, OTHER: "Brookvale Mills opens a mill"}
    for number, (uri, head) in enumerate(heads.items()):
        search.add_decision(build_decision(uri, log_offset=number))
        search.add_document({"headlines": [{"role": "main", "value": head}]})
    for number, head in enumerate((*heads.values(), "Salton Mills opens a yard")):
        search.look("latest", b"urn:newswire:alphawire:D%d" % number, head.encode(), T + number)
    search.look("markets", OTHER.encode(), encode(EVENT), T)
    search.look("internal.state", f"document {OTHER}".encode(), b"x", T)
    assert left(search) == [
        ("latest", 2, T + 1 + 31 * DAY_MS),
        ("markets", 1, T + 31 * DAY_MS),
        ("internal.state", 1, None),
    ]
    assert search.unknown == ["urn:newswire:alphawire:C3"]


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=4, max_size=6).map(" ".join), max_size=6), st.text("abc "))
def test_of_many_phrases_one_is_found_where_it_stands(phrases: list[str], around: str) -> None:
    found = _Phrases()
    found.add(phrases)
    text = normalise(around.encode())
    assert found.stand_in(text) == any(phrase in text for phrase in phrases)
    assert all(found.stand_in(f"x{phrase}x") for phrase in phrases)


def test_words_are_read_through_the_escapes_of_json() -> None:
    assert normalise(rb'{"a":"Caf\u00e9\nde\"Paris\""}') == "a café de paris"
