"""A batch of raw records becomes log records in a child process."""

import msgspec
import pytest

from streams.config.loader import load
from streams.model import codec
from streams.model.errors import Reason
from streams.model.records import Item, RecordRef, Refusal, StampedRef
from streams.prepare.batch import RawMessage, initialise_child, prepare_batch, prepare_message, refuse_message
from streams.prepare.classify.rules import RuleSet
from streams.prepare.loading import load_knowledge
from streams.prepare.stage import MAX_MESSAGE

KNOWLEDGE = load_knowledge(load(environ={}))
HEADERS = (("source", b"norwire"),)


def raw_message(
    value: bytes | None, offset: int = 7, headers: tuple[tuple[str, bytes | None], ...] = HEADERS
) -> RawMessage:
    return RawMessage(StampedRef(RecordRef("news.raw", 3, offset), 1_772_452_800_000), headers, value)


def test_the_log_records_of_a_raw_record_are_keyed_by_its_position_and_their_index():
    done = prepare_message(
        raw_message(b'[{"title": "Ferries sail"}, {"title": 4.5}, {"title": "Ships dock"}]'), KNOWLEDGE
    )
    assert [key for key, _ in done.records] == [b"news.raw/3/7/0", b"news.raw/3/7/1", b"news.raw/3/7/2"]
    assert [type(codec.decode(value)) for _, value in done.records] == [Item, Refusal, Item]
    assert (done.source, done.formats, done.bug) == ("norwire", ("plain-json",) * 3, "")


def test_a_batch_is_prepared_in_its_order():
    initialise_child(KNOWLEDGE)
    batch = [raw_message(b'{"title": "Ferries sail"}', 1), raw_message(b"", 2), raw_message(None, 3, ())]
    assert prepare_batch(batch) == [prepare_message(each, KNOWLEDGE) for each in batch]
    assert [done.formats for done in prepare_batch(batch)] == [("plain-json",), ("none",), ("none",)]
    assert [done.source for done in prepare_batch(batch)] == ["norwire", "norwire", "unknown"]


def test_a_record_of_many_items_beside_others_changes_none_of_them():
    initialise_child(KNOWLEDGE)
    many = msgspec.json.encode([{"title": f"Ferries sail {number}"} for number in range(3)])
    batch = [raw_message(body, at) for at, body in enumerate((many, b"\xff", b'{"title": "Ports open"}', many))]
    assert prepare_batch(batch) == [prepare_message(each, KNOWLEDGE) for each in batch]
    assert [len(done.records) for done in prepare_batch(batch)] == [3, 1, 1, 3]


def test_a_bug_in_one_record_of_a_batch_leaves_the_others_as_they_are():
    classifiers = msgspec.structs.replace(KNOWLEDGE.classifiers, rules=Broken((), "rules-broken"))
    initialise_child(msgspec.structs.replace(KNOWLEDGE, classifiers=classifiers))
    done = prepare_batch([raw_message(b"", 1), raw_message(b'{"title": "Ferries sail"}', 2), raw_message(b"{}", 3)])
    assert [one.bug[:8] for one in done] == ["", "KeyError", ""]


def test_the_values_cross_a_process_border_unchanged():
    one = raw_message(b"\xff", 1, (("source", None),))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(one), type=RawMessage) == one


class Broken(RuleSet):
    """Rules with a bug."""

    def match(self, *_):
        raise KeyError("s" * 5000)


def test_an_unexpected_exception_refuses_the_record_as_internal_and_is_reported_to_the_worker():
    classifiers = msgspec.structs.replace(KNOWLEDGE.classifiers, rules=Broken((), "rules-broken"))
    broken = msgspec.structs.replace(KNOWLEDGE, classifiers=classifiers)
    done = prepare_message(raw_message(b'{"title": "Ferries sail"}'), broken)
    [(_, value)] = done.records
    refusal = codec.decode(value)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.body, refusal.origin.count) == ("internal", b'{"title": "Ferries sail"}', 1)
    assert refusal.message.startswith("KeyError: 'sss")
    assert len(refusal.message) == MAX_MESSAGE
    assert done.bug.startswith("KeyError")


@pytest.mark.parametrize("reason", [Reason.CRASHED, Reason.TIMEOUT])
def test_a_record_that_no_child_survives_is_refused_with_its_bytes_and_position(reason):
    [(key, value)] = refuse_message(raw_message(b"poison"), reason, "it killed two processes").records
    refusal = codec.decode(value)
    assert isinstance(refusal, Refusal)
    assert (key, refusal.code, refusal.message, refusal.body, refusal.source, refusal.stage) == (
        b"news.raw/3/7/0",
        reason.value,
        "it killed two processes",
        b"poison",
        "norwire",
        "prepare",
    )


def test_the_delay_from_the_wires_own_time_to_receipt_is_told_where_the_wire_gives_a_time():
    headers = (*HEADERS, ("received-at", b"2026-03-02T10:01:30Z"))
    times = ["2026-03-02T10:00:00Z", "2026-03-02T10:01:40Z", "2062-03-02T10:00:00Z", None]
    items = [{"title": f"Ferry {number} sails", "date": at} for number, at in enumerate(times)]
    done = prepare_message(raw_message(msgspec.json.encode(items), headers=headers), KNOWLEDGE)
    assert done.wire_delays == (90.0, 0.0)
