"""The cursors of a replay on topics in memory: each record is found, in whatever order the log asks for it."""

import asyncio

import msgspec
import pytest
from aiokafka import TopicPartition
from support.memory_consumer import LogInMemory, Record, make_records

from streams.kafka import consumer
from streams.model.errors import WorkFailed
from streams.model.records import Decision, Outcome, RecordRef
from streams.replay import recorded
from streams.replay.recorded import DecisionCursor, RawCursor, group_by_partition

RAW = TopicPartition("news.raw", 0)
DECISIONS = TopicPartition("news.decisions", 0)


def encode_decision(log_offset: int) -> bytes:
    decision = Decision(
        log_offset=log_offset, origin=None, outcome=Outcome.NONE, source="", uri="", version="", topics=()
    )
    return msgspec.json.encode(decision)


def make_decisions(log_offsets: list[int]) -> LogInMemory:
    rows = [
        Record(*DECISIONS, offset, timestamp=1_000_000 + offset, value=encode_decision(log_offset))
        for offset, log_offset in enumerate(log_offsets)
    ]
    return LogInMemory({DECISIONS: rows}, {DECISIONS: len(rows)})


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded, "POLL_MS", 0)


def test_each_decision_is_found_by_the_offset_of_its_log_record_and_none_where_there_is_none() -> None:
    cursor = DecisionCursor(make_decisions([0, 1, 3, 4, 7]), DECISIONS)

    async def find(offsets: range) -> list[int | None]:
        await cursor.begin(0)
        found = [await cursor.at(offset) for offset in offsets]
        return [decision and decision.log_offset for decision in found]

    assert asyncio.run(find(range(9))) == [0, 1, None, 3, 4, None, None, 7, None]


def test_a_decision_that_comes_after_the_end_was_reached_is_found() -> None:
    log = make_decisions([0])
    cursor = DecisionCursor(log, DECISIONS)

    async def find() -> tuple[object, int | None]:
        await cursor.begin(0)
        before = await cursor.at(1)
        log.logs[DECISIONS].append(Record(*DECISIONS, 1, value=encode_decision(1)))
        log.ends[DECISIONS] = 2
        after = await cursor.at(1)
        return before, after and after.log_offset

    assert asyncio.run(find()) == (None, 1)


def test_the_rest_of_the_decisions_begins_with_the_one_that_was_read_ahead() -> None:
    cursor = DecisionCursor(make_decisions([0, 1, 5, 6]), DECISIONS)

    async def read() -> list[int]:
        await cursor.begin(0)
        await cursor.at(2)
        return [decision.log_offset for decision in await cursor.rest()]

    assert asyncio.run(read()) == [5, 6]


def test_only_the_first_beginning_counts() -> None:
    log = make_decisions([0, 1])
    cursor = DecisionCursor(log, DECISIONS)

    async def begin_twice() -> None:
        await cursor.begin(1_000_001 + recorded.CLOCKS_MS)
        await cursor.begin(0)

    asyncio.run(begin_twice())
    assert log.positions == {DECISIONS: 1}


def make_cursor(log: LogInMemory) -> RawCursor:
    log.assign([RAW])
    return RawCursor(log, RAW, (2, log.ends[RAW]))


def get(cursor: RawCursor, *questions: dict[int, int]) -> list[list[int]]:
    async def ask() -> list[list[int]]:
        return [[*await cursor.get(wanted)] for wanted in questions]

    return asyncio.run(ask())


def wanted(*offsets: int) -> dict[int, int]:
    return {offset: offset for offset in offsets}


def test_raw_records_are_read_forward_without_a_seek_for_each_chunk() -> None:
    log = LogInMemory({RAW: make_records(RAW, range(20))}, {RAW: 20}, batch=7)
    assert get(make_cursor(log), wanted(3, 5), wanted(6), wanted(7, 8, 12)) == [[3, 5], [6], [7, 8, 12]]
    assert log.seeks == 1


def test_raw_records_before_the_last_chunk_are_read_again() -> None:
    log = LogInMemory({RAW: make_records(RAW, range(20))}, {RAW: 20})
    assert get(make_cursor(log), wanted(10, 11), wanted(4), wanted(5, 15)) == [[10, 11], [4], [5, 15]]


def test_raw_records_that_are_gone_or_not_there_yet_are_left_out() -> None:
    log = LogInMemory({RAW: make_records(RAW, range(2, 20))}, {RAW: 20})
    assert get(make_cursor(log), wanted(0, 1), wanted(1, 19, 20, 99), wanted(50)) == [[], [19], []]


def test_a_record_with_another_timestamp_is_another_record() -> None:
    log = LogInMemory({RAW: make_records(RAW, range(20))}, {RAW: 20})
    assert get(make_cursor(log), {5: 5, 6: 600, 7: 7}) == [[5, 7]]


def test_a_silent_broker_is_named_with_the_topic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "SILENCE_SECONDS", 0.0)
    log = LogInMemory({RAW: make_records(RAW, range(20))}, {RAW: 20})
    log.silent = True
    with pytest.raises(WorkFailed, match=r"^no answer while reading news.raw: is the broker well[?]$"):
        get(make_cursor(log), wanted(5))


def test_raw_records_are_grouped_by_their_partition() -> None:
    refs = [(RecordRef("news.raw", 1, 7), 70), (RecordRef("news.raw", 0, 2), 20), (RecordRef("news.raw", 1, 9), 90)]
    assert group_by_partition(refs) == {TopicPartition("news.raw", 1): {7: 70, 9: 90}, RAW: {2: 20}}
