"""Batches that come in while the fold is busy are joined; a lone batch does not wait."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from streams.worker import gathering
from streams.worker.gathering import ENOUGH_RECORDS, BatchGatherer

MOST = 500


def batch(first: int, count: int, *, partition: int = 0, generation: int = 1) -> Any:
    """Builds an event as the stream gives it: records with consecutive offsets."""
    message = SimpleNamespace(tp=("log", partition), generation_id=generation)
    return SimpleNamespace(value=[SimpleNamespace(offset=first + at) for at in range(count)], message=message)


def take_all(*events: Any, most: int = MOST) -> list[list[int]]:
    """Puts batches while the fold is busy, and returns the first offsets of the batches of each transaction."""

    async def run() -> list[list[int]]:
        gatherer = BatchGatherer(most)
        putting = asyncio.create_task(put(gatherer))
        taken: list[list[int]] = []
        while sum(map(len, taken)) < len(events):
            await asyncio.sleep(0)
            taken.append([event.value[0].offset for event in await gatherer.take()])
        await putting
        return taken

    async def put(gatherer: BatchGatherer) -> None:
        for event in events:
            await gatherer.put(event)

    return asyncio.run(run())


def test_batches_that_follow_each_other_are_one_transaction() -> None:
    assert take_all(batch(0, 3), batch(3, 64), batch(67, 1)) == [[0, 3, 67]]


def test_a_gap_a_rebalance_and_another_partition_end_a_transaction() -> None:
    assert take_all(batch(0, 3), batch(4, 3)) == [[0], [4]]
    assert take_all(batch(3, 3), batch(3, 3)) == [[3], [3]]
    assert take_all(batch(0, 3), batch(3, 3, generation=2)) == [[0], [3]]
    assert take_all(batch(0, 3), batch(3, 3, partition=1)) == [[0], [3]]


def test_a_transaction_has_no_more_records_than_the_setting_says() -> None:
    assert take_all(batch(0, 300), batch(300, 150), batch(450, 100), batch(550, 1)) == [[0, 300], [450, 550]]
    assert take_all(batch(0, 30), batch(30, 30), most=50) == [[0], [30]]


def test_the_intake_waits_while_the_fold_has_enough() -> None:
    async def run() -> list[bool]:
        gatherer = BatchGatherer(MOST)
        putting = asyncio.create_task(gatherer.put(batch(0, MOST)))
        await asyncio.sleep(0)
        waited = [putting.done()]
        await gatherer.take()
        await putting
        return waited

    assert asyncio.run(run()) == [False]


def test_only_a_transaction_soon_after_another_waits_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "SPACING_SECONDS", 1_000_000.0)

    async def run() -> list[int]:
        gatherer = BatchGatherer(MOST)
        await gatherer.put(batch(0, 1))
        lone = await gatherer.take()
        await gatherer.put(batch(1, 1))
        soon = asyncio.create_task(gatherer.take())
        for _ in range(10):
            await asyncio.sleep(0)
        assert not soon.done()
        await gatherer.put(batch(2, ENOUGH_RECORDS))
        return [event.value[0].offset for event in (*lone, *await soon)]

    assert asyncio.run(run()) == [0, 1, 2]


def test_batches_that_are_read_again_are_forgotten() -> None:
    async def run() -> int:
        gatherer = BatchGatherer(MOST)
        putting = asyncio.create_task(gatherer.put(batch(0, MOST)))
        await asyncio.sleep(0)
        await gatherer.clear()
        await putting
        await gatherer.put(batch(7, 1))
        return int((await gatherer.take())[0].value[0].offset)

    assert asyncio.run(run()) == 7
