"""The readers of kafka/consumer.py on a log in memory: what they return, where they stop, what they say."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from aiokafka import TopicPartition
from support.memory_consumer import LogInMemory, Record, make_records

from streams.kafka import consumer
from streams.kafka.consumer import (
    ConsumedRecord,
    NoAnswer,
    fetch_one,
    follow,
    read_newest,
    read_offsets,
    record_value,
    sort_by_time,
    split_into_chunks,
)
from streams.model.errors import WorkFailed
from streams.model.records import RecordRef

ONE, TWO = TopicPartition("news.raw", 0), TopicPartition("news.raw", 1)


async def collect(records: AsyncIterator[consumer.ConsumedRecord]) -> list[tuple[int, int]]:
    return [(record.partition, record.offset) async for record in records]


def test_a_range_begins_at_its_start_and_stops_before_its_end() -> None:
    log = LogInMemory({ONE: make_records(ONE, range(10))}, {ONE: 10})
    assert asyncio.run(collect(read_offsets(log, {ONE: 3}, {ONE: 6}))) == [(0, 3), (0, 4), (0, 5)]


def test_a_range_that_ends_in_transaction_markers_ends() -> None:
    log = LogInMemory({ONE: make_records(ONE, [0, 1, 4])}, {ONE: 7})
    assert asyncio.run(collect(read_offsets(log, {ONE: 0}, {ONE: 7}))) == [(0, 0), (0, 1), (0, 4)]


def test_each_partition_is_read_to_its_own_end_in_its_own_order() -> None:
    log = LogInMemory({ONE: make_records(ONE, range(5)), TWO: make_records(TWO, range(3))}, {ONE: 5, TWO: 3})
    found = asyncio.run(collect(read_offsets(log, {ONE: 0, TWO: 1}, {ONE: 5, TWO: 3})))
    assert [offset for partition, offset in found if partition == 0] == [0, 1, 2, 3, 4]
    assert [offset for partition, offset in found if partition == 1] == [1, 2]


def test_an_empty_range_asks_the_broker_for_nothing() -> None:
    log = LogInMemory({ONE: []}, {ONE: 0})
    log.silent = True
    assert asyncio.run(collect(read_offsets(log, {ONE: 4}, {ONE: 4}))) == []


def test_a_broker_that_sends_nothing_is_given_up_and_the_partition_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "SILENCE_SECONDS", 0.0)
    log = LogInMemory({ONE: make_records(ONE, range(3))}, {ONE: 3})
    log.silent = True
    with pytest.raises(NoAnswer, match=r"no answer for 0 s while reading news.raw/0: is the broker well?"):
        asyncio.run(collect(read_offsets(log, {ONE: 0}, {ONE: 3})))


def test_the_time_a_caller_takes_is_not_the_silence_of_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "SILENCE_SECONDS", 0.05)
    log = LogInMemory({ONE: make_records(ONE, range(4))}, {ONE: 4}, batch=1)

    async def read_slowly() -> int:
        count = 0
        async for _ in read_offsets(log, {ONE: 0}, {ONE: 4}):
            await asyncio.sleep(0.1)
            count += 1
        return count

    assert asyncio.run(read_slowly()) == 4


def test_the_newest_records_of_partitions_come_in_the_order_of_time() -> None:
    logs = {ONE: make_records(ONE, range(100), first_time=1000), TWO: make_records(TWO, range(5), first_time=1096)}
    log = LogInMemory(logs, {ONE: 100, TWO: 5}, batch=50)
    found = asyncio.run(read_newest(log, [ONE, TWO], 3))
    places = [(record.partition, record.offset) for record in found]
    assert places == [(0, 97), (0, 98), (1, 2), (0, 99), (1, 3), (1, 4)]
    assert log.positions == {ONE: 100, TWO: 5}


def test_the_newest_records_are_looked_for_farther_back_until_enough_are_wanted() -> None:
    log = LogInMemory({ONE: make_records(ONE, range(1000))}, {ONE: 1000}, batch=200)
    found = asyncio.run(read_newest(log, [ONE], 2, wanted=lambda record: record.offset < 10))
    assert [record.offset for record in found] == [8, 9]


def test_none_of_the_newest_records_is_read_where_none_is_wanted() -> None:
    log = LogInMemory({ONE: make_records(ONE, range(5))}, {ONE: 5})
    log.silent = True
    assert asyncio.run(read_newest(log, [ONE], 0)) == []


def test_silence_before_the_newest_records_are_read_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "SILENCE_SECONDS", 0.0)
    log = LogInMemory({ONE: make_records(ONE, range(3))}, {ONE: 3})
    log.silent = True
    with pytest.raises(WorkFailed, match=r"^Kafka gave nothing for 0 s: look at the broker and try again$"):
        asyncio.run(read_newest(log, [ONE], 1))


def test_one_record_is_fetched_by_its_place_and_none_where_there_is_none() -> None:
    log = LogInMemory({ONE: make_records(ONE, [0, 1, 3])}, {ONE: 5})

    async def fetch(offset: int) -> int | None:
        record = await fetch_one(log, RecordRef("news.raw", 0, offset))
        return None if record is None else record.offset

    assert [asyncio.run(fetch(offset)) for offset in (1, 2, 3, 5, 99)] == [1, None, 3, None, None]


def test_to_follow_yields_each_poll_and_an_empty_list_for_silence() -> None:
    log = LogInMemory({ONE: make_records(ONE, range(3))}, {ONE: 3})
    log.assign([ONE])

    async def poll_three_times() -> list[list[int]]:
        incoming = follow(log)
        return [[record.offset for record in await anext(incoming)] for _ in range(3)]

    assert asyncio.run(poll_three_times()) == [[0, 1], [2], []]


def test_records_of_one_time_are_sorted_by_partition_and_offset() -> None:
    rows = [Record("b", 0, 1), Record("a", 1, 0), Record("a", 0, 2), Record("a", 0, 1)]
    assert [row[:3] for row in sort_by_time(rows)] == [("a", 0, 1), ("a", 0, 2), ("a", 1, 0), ("b", 0, 1)]


def test_a_tombstone_has_no_value_and_is_named() -> None:
    with pytest.raises(WorkFailed, match=r"news.raw/0/7"):
        record_value(Record("news.raw", 0, 7, value=None))


def test_records_are_split_by_number_and_by_bytes_whether_they_are_there_or_still_come() -> None:
    records = [Record(*ONE, offset, value=b"x" * size) for offset, size in enumerate((1, 1, 1, 50, 1, 1))]

    async def arriving() -> AsyncIterator[ConsumedRecord]:
        for record in records:
            yield record

    async def split(given: Sequence[ConsumedRecord] | AsyncIterator[ConsumedRecord]) -> list[list[int]]:
        return [[record.offset for record in chunk] async for chunk in split_into_chunks(given, 3, 40)]

    assert asyncio.run(split(records)) == asyncio.run(split(arriving())) == [[0, 1, 2], [3], [4, 5]]
    assert asyncio.run(split([])) == []
