"""The audit: decisions and records in, findings out."""

from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.model.records import Decision, ItemRef, Origin, Outcome, RecordRef
from streams.ops.audit import MOST, AuditSpan, SentRecord, Waiting, audit, parse_decision, parse_sent_record

SPAN = AuditSpan(1000, 2000, 500)
OLD = AuditSpan(100, 2000, 1600)
"""A span in which compaction may have removed everything."""


def at(offset: int, partition: int = 0) -> RecordRef:
    return RecordRef("news.raw", partition, offset)


def decision(
    offset: int, outcome: Outcome = Outcome.PUBLISHED, *topics: str, index: int = 0, count: int = 1
) -> Decision:
    return Decision(
        log_offset=offset,
        origin=Origin(topic="news.raw", partition=0, offset=offset, timestamp=1500, index=index, count=count),
        outcome=outcome,
        source="norwire",
        uri=f"urn:newswire:norwire:{offset}",
        version="1",
        topics=topics,
    )


def record(topic: str, offset: int, index: int = 0) -> SentRecord:
    by_position = topic in ("duplicates", "dead-letters")
    ce_id = f"news.raw/0/{offset}/{index}" if by_position else f"urn:newswire:norwire:{offset}/1"
    return SentRecord(topic, ce_id, ItemRef(at(offset), index))


RAWS = [at(0), at(1), at(2)]
DECISIONS = [
    decision(0, Outcome.PUBLISHED, "latest", "companies"),
    decision(1, Outcome.DUPLICATE, "duplicates", count=2),
    decision(1, Outcome.REJECTED, "dead-letters", index=1, count=2),
    decision(2, Outcome.WITHHELD, "withheld"),
]
SENT = [
    record("latest", 0),
    record("companies", 0),
    record("duplicates", 1),
    record("dead-letters", 1, 1),
    record("withheld", 2),
]


def found(
    raws: list[RecordRef] = RAWS,
    decisions: list[Decision] = DECISIONS,
    sent: list[SentRecord] = SENT,
    span: AuditSpan = SPAN,
) -> list[str]:
    report = audit(raws, decisions, sent, span)
    assert report.ok == (not report.problems)
    return report.problems


def test_a_clean_span_has_counts_and_no_finding():
    repeat = decision(0, Outcome.REPEAT)
    report = audit(RAWS, [*DECISIONS, repeat, repeat], SENT, SPAN)
    assert msgspec.to_builtins(report) == {
        "raw": 3,
        "items": 4,
        "fates": {"duplicate": 1, "published": 1, "rejected": 1, "withheld": 1},
        "repeats": 2,
        "records": 5,
        "passed_over": 0,
        "not_decided": 0,
        "problems": [],
    }
    assert report.ok


def test_an_empty_span_is_clean():
    assert found([], [], []) == []


def test_a_raw_record_without_a_decision_is_lost():
    assert found([*RAWS, at(7, partition=3)]) == ["1 with no fate: news.raw/3/7"]


def test_a_raw_record_with_only_a_repeat_is_lost():
    assert found([*RAWS, at(7)], [*DECISIONS, decision(7, Outcome.REPEAT)]) == ["1 with no fate: news.raw/0/7"]


def test_an_item_of_a_record_without_a_decision_is_lost():
    assert found(decisions=[*DECISIONS[:2], DECISIONS[3]], sent=[*SENT[:3], SENT[4]]) == [
        "1 with no fate: news.raw/0/1 item 1"
    ]


def test_an_item_with_two_outcomes_is_named():
    twice = decision(0, Outcome.DUPLICATE, "duplicates")
    assert found(decisions=[*DECISIONS, twice], sent=[*SENT, record("duplicates", 0)]) == [
        "1 with more than one fate: news.raw/0/0 item 0"
    ]


def test_the_same_outcome_twice_is_two_outcomes():
    assert found(decisions=[*DECISIONS, DECISIONS[0]]) == ["1 with more than one fate: news.raw/0/0 item 0"]


@pytest.mark.parametrize("position", range(len(SENT)))
def test_a_doubled_record_is_named(position):
    one = SENT[position]
    where = f"{one.ref.record} item {one.ref.item_index} in {one.topic}"
    assert found(sent=[*SENT, one]) == [f"1 with more than one record: {where}"]


@pytest.mark.parametrize("position", range(len(SENT)))
def test_a_missing_record_is_named(position):
    one = SENT[position]
    where = f"{one.ref.record} item {one.ref.item_index} in {one.topic}"
    assert found(sent=SENT[:position] + SENT[position + 1 :]) == [f"1 with no record: {where}"]


def test_a_record_in_a_topic_that_no_decision_names_is_a_finding():
    assert found(sent=[*SENT, record("companies.ipos", 0)]) == [
        "1 with a record without a decision: urn:newswire:norwire:0/1 in companies.ipos"
    ]


def test_a_record_of_an_undecided_item_is_a_finding():
    assert found(sent=[*SENT, record("latest", 0, index=5)]) == [
        "1 with a record without a decision: urn:newswire:norwire:0/1 in latest"
    ]
    assert found([*RAWS, at(7)], sent=[*SENT, record("latest", 7)]) == [
        "1 with no fate: news.raw/0/7",
        "1 with a record without a decision: urn:newswire:norwire:7/1 in latest",
    ]


def test_what_prepare_or_decide_have_not_read_yet_is_counted_and_no_finding():
    waiting = Waiting({("news.raw", 0): 9}, frozenset({ItemRef(at(7), 0)}))
    raws = [*RAWS, at(7), at(8), at(9), at(0, partition=3)]
    report = audit(raws, DECISIONS, SENT, SPAN, waiting=waiting)
    assert report.not_decided == 3
    assert report.problems == ["1 with no fate: news.raw/0/8"]


def test_an_item_of_a_decided_record_that_still_stands_in_the_log_is_not_decided_yet():
    waiting = Waiting({("news.raw", 0): 9}, frozenset({ItemRef(at(1), 1)}))
    report = audit(RAWS, [*DECISIONS[:2], DECISIONS[3]], [*SENT[:3], SENT[4]], SPAN, waiting=waiting)
    assert (report.not_decided, report.problems) == (1, [])


def test_an_item_that_was_decided_while_the_audit_read_is_not_decided_yet_and_its_records_are_no_finding():
    waiting = Waiting({("news.raw", 0): 9}, frozenset({ItemRef(at(7), 0)}))
    report = audit([*RAWS, at(7)], DECISIONS, [*SENT, record("latest", 7)], SPAN, waiting=waiting)
    assert (report.not_decided, report.records, report.problems) == (1, 5, [])


def test_a_decided_item_is_audited_even_if_it_was_waiting_before():
    waiting = Waiting({("news.raw", 0): 0}, frozenset())
    report = audit(RAWS, DECISIONS, SENT[1:], SPAN, waiting=waiting)
    assert (report.not_decided, report.problems) == (0, ["1 with no record: news.raw/0/0 item 0 in latest"])


def test_a_released_item_and_the_record_of_its_release_are_clean():
    release = msgspec.structs.replace(DECISIONS[3], origin=None, action="release", outcome=Outcome.PUBLISHED)
    released = SentRecord("latest", "urn:newswire:norwire:2/1", ItemRef(RecordRef("news.internal.items", 0, 9), 0))
    assert found(decisions=[*DECISIONS, release], sent=[*SENT, released]) == []


def test_a_release_that_was_sent_twice_is_doubled():
    released = SentRecord("latest", "urn:newswire:norwire:2/1", ItemRef(RecordRef("news.internal.items", 0, 9), 0))
    assert found(sent=[*SENT, released, released]) == [
        "1 with more than one record: news.internal.items/0/9 item 0 in latest"
    ]


def test_older_versions_and_released_items_that_may_be_compacted_are_no_loss():
    assert found(sent=SENT[2:4], span=OLD) == []
    assert found(sent=[], span=OLD) == [
        "2 with no record: news.raw/0/1 item 0 in duplicates, news.raw/0/1 item 1 in dead-letters"
    ]


def test_a_missing_record_too_young_for_compaction_is_a_loss_in_a_span_of_any_length():
    young = AuditSpan(0, 2000, 1500)
    assert found(sent=SENT[1:], span=young) == ["1 with no record: news.raw/0/0 item 0 in latest"]
    assert found(sent=SENT[1:], span=AuditSpan(0, 2000, 1501)) == []


@pytest.mark.parametrize("position", range(len(SENT)))
def test_a_record_whose_id_differs_from_its_decision_is_a_finding(position):
    other = msgspec.structs.replace(SENT[position], ce_id="urn:newswire:norwire:0/2")
    assert found(sent=[*SENT[:position], other, *SENT[position + 1 :]]) == [
        "1 with a record that differs from its decision: urn:newswire:norwire:0/2"
        f" in {other.topic}, decided as {SENT[position].ce_id}"
    ]


def test_a_record_of_a_raw_position_that_does_not_exist_is_a_finding():
    raws = [at(0), at(1), at(2), at(5)]
    decisions = [*DECISIONS, decision(5)]
    report = audit(raws, decisions, [*SENT, record("latest", 4)], SPAN)
    assert report.problems == [
        "1 with a record without a decision: urn:newswire:norwire:4/1 in latest, of news.raw/0/4 which does not exist"
    ]
    ends = {("news.raw", 0): 8}
    assert audit(raws, decisions, [*SENT, record("latest", 7)], SPAN, ends).problems == []
    assert audit(raws, decisions, [*SENT, record("latest", 8)], SPAN, ends).problems == [
        "1 with a record without a decision: urn:newswire:norwire:8/1 in latest, of news.raw/0/8 which does not exist"
    ]
    elsewhere = SentRecord("latest", "urn:newswire:norwire:9/1", ItemRef(at(0, partition=9), 0))
    assert len(audit(raws, decisions, [*SENT, elsewhere], SPAN, ends).problems) == 1


def test_records_outside_the_span_are_ignored():
    others = [decision(8, Outcome.PUBLISHED, "latest"), decision(8, Outcome.PUBLISHED, "latest"), decision(9)]
    assert found(decisions=[*DECISIONS, *others], sent=[*SENT, record("companies", 8), record("latest", 9)]) == []


def test_the_span_contains_its_start_and_not_its_end():
    assert [SPAN.contains(stamp) for stamp in (999, 1000, 1999, 2000)] == [False, True, True, False]


def test_of_many_findings_the_first_are_named_and_the_rest_counted():
    [problem] = found([at(offset) for offset in range(100)], [], [])
    assert problem.startswith("100 with no fate: news.raw/0/0, news.raw/0/1, ")
    assert problem.count("news.raw/") == MOST
    assert problem.endswith(f" and {100 - MOST} more")


@given(st.data())
def test_any_one_loss_or_doubling_is_found(data: Any):
    fault = data.draw(st.sampled_from(["lose decision", "double decision", "lose record", "double record"]))
    decisions, sent = list(DECISIONS), list(SENT)
    rows: list[Any] = decisions if "decision" in fault else sent
    position = data.draw(st.integers(0, len(rows) - 1))
    if "lose" in fault:
        del rows[position]
    else:
        rows.insert(data.draw(st.integers(0, len(rows))), rows[position])
    assert found(decisions=decisions, sent=sent) != []


def left(offset: int, *topics: str, at: str = "", **fields: Any) -> Decision:
    """A revision that stays in `latest` and leaves these topics; with `at`, by a command."""
    by_command: dict[str, Any] = {"origin": None, "received": at, "action": "kill"} if at else {}
    found = decision(offset, Outcome.WITHDRAWN if at else Outcome.REVISED, "latest")
    return msgspec.structs.replace(found, left=topics, **by_command, **fields)


def tombstone(topic: str, offset: int, log: str = "news.raw") -> SentRecord:
    return SentRecord(topic, f"urn:newswire:norwire:{offset}/1", ItemRef(RecordRef(log, 0, offset), 0), tombstone=True)


MOVED = [record("latest", 0), tombstone("companies", 0), tombstone("markets", 0)]


def test_a_tombstone_in_each_topic_that_a_story_left_is_clean():
    assert found([at(0)], [left(0, "companies", "markets")], MOVED) == []


def test_a_missing_tombstone_is_named():
    assert found([at(0)], [left(0, "companies", "markets")], MOVED[:2]) == [
        "1 with no tombstone: news.raw/0/0 item 0 in markets"
    ]


def test_a_doubled_tombstone_is_named():
    assert found([at(0)], [left(0, "companies", "markets")], [*MOVED, MOVED[2]]) == [
        "1 with more than one tombstone: news.raw/0/0 item 0 in markets"
    ]


def test_a_stray_tombstone_is_named():
    assert found([at(0)], [left(0, "companies")], MOVED) == [
        "1 with a tombstone without a decision: urn:newswire:norwire:0/1 in markets"
    ]


def test_a_tombstone_in_place_of_a_record_is_both_missing_and_stray():
    assert found([at(0)], [decision(0, Outcome.PUBLISHED, "latest")], [tombstone("latest", 0)]) == [
        "1 with no record: news.raw/0/0 item 0 in latest",
        "1 with a tombstone without a decision: urn:newswire:norwire:0/1 in latest",
    ]


def test_a_record_in_place_of_a_tombstone_is_both_missing_and_without_a_decision():
    assert found([at(0)], [left(0, "companies")], [record("latest", 0), record("companies", 0)]) == [
        "1 with no tombstone: news.raw/0/0 item 0 in companies",
        "1 with a record without a decision: urn:newswire:norwire:0/1 in companies",
    ]


LOG = "news.internal.items"
BY_DESK = [
    SentRecord("latest", "urn:newswire:norwire:7/1", ItemRef(RecordRef(LOG, 0, 7), 0)),
    tombstone("ipos", 7, LOG),
]


@pytest.mark.parametrize(
    ("sent", "problems"),
    [
        (BY_DESK, []),
        (BY_DESK[:1], [f"1 with no tombstone: {LOG}/0/7 item 0 in ipos"]),
        (BY_DESK[1:], [f"1 with no record: {LOG}/0/7 item 0 in latest"]),
        ([*BY_DESK, BY_DESK[1]], [f"1 with more than one tombstone: {LOG}/0/7 item 0 in ipos"]),
        (
            [*BY_DESK, tombstone("markets", 7, LOG)],
            ["1 with a tombstone without a decision: urn:newswire:norwire:7/1 in markets"],
        ),
    ],
)
def test_the_records_of_a_command_are_audited_like_those_of_an_item(sent, problems):
    given_in_span = left(7, "ipos", at="1970-01-01T00:00:01.500Z")
    assert audit([], [given_in_span], sent, SPAN, log_topic=LOG).problems == problems


def test_a_command_that_was_given_outside_the_span_is_not_audited():
    assert audit([], [left(7, "ipos", at="1970-01-01T00:00:02Z")], [], SPAN, log_topic=LOG).problems == []


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"evidence": {"stories": [1]}}, "Expected `object`"),
        ({"evidence": {"stories": "all"}}, "Expected `array`"),
        ({"evidence": {"stories": [{"uri": "a"}]}}, "missing required field"),
        ({"origin": {"count": 2_000_000_000}}, "2000000000 items"),
        ({"origin": {"count": 0}}, "0 items"),
        ({"topics": 7}, "Expected `array`"),
    ],
)
def test_a_decision_that_is_not_ours_is_refused_whatever_it_holds(fields, why):
    origin = {"topic": "news.raw", "partition": 0, "offset": 0, "timestamp": 1, "index": 0, "count": 1}
    if "origin" in fields:
        fields = {"origin": origin | fields["origin"]}
    row = {"log_offset": 1, "origin": None, "fate": "published", "source": "", "uri": "", "version": "", "topics": []}
    assert parse_decision(orjson.dumps(row)).log_offset == 1
    with pytest.raises(ValueError, match=why):
        parse_decision(orjson.dumps(row | fields))


HEADER = st.sampled_from(["origin-topic", "origin-partition", "origin-offset", "origin-index", "ce_id", "other"])
VALUE = st.none() | st.binary(max_size=6) | st.sampled_from([b"0", b"-1", b"9" * 30, "\u00b2".encode()])


@given(st.lists(st.tuples(HEADER, VALUE), max_size=8), st.booleans())
def test_a_record_with_any_headers_is_audited_or_refused(headers, is_tombstone):
    try:
        record = parse_sent_record("latest", headers, is_tombstone=is_tombstone)
    except ValueError:
        return
    assert audit([], [], [record], AuditSpan(0, 10, 0), {("news.raw", 0): 5}).raw == 0


def test_a_command_clear_sends_no_version_and_a_tombstone_to_each_topic_that_a_story_left():
    stories = [{"uri": f"urn:newswire:norwire:{offset}", "version": "1", "left": ["companies"]} for offset in (0, 1)]
    clear = msgspec.structs.replace(
        decision(7, Outcome.NONE),
        origin=None,
        action="clear",
        uri="",
        version="",
        received="1970-01-01T00:00:01.500Z",
        evidence={"stories": stories},
    )
    sent = [
        msgspec.structs.replace(tombstone("companies", offset), ref=ItemRef(RecordRef(LOG, 0, 7), offset))
        for offset in (0, 1)
    ]
    assert audit([], [clear], sent, SPAN, log_topic=LOG).problems == []
    assert audit([], [clear], sent[:1], SPAN, log_topic=LOG).problems == [
        f"1 with no tombstone: {LOG}/0/7 item 1 in companies"
    ]
    assert audit([], [clear], [*sent, sent[0]], SPAN, log_topic=LOG).problems == [
        f"1 with more than one tombstone: {LOG}/0/7 item 0 in companies"
    ]
