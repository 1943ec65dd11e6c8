"""`cancel` returns when each task has ended, and not before."""

import asyncio

import pytest

from streams.runtime import tasks


def test_a_task_that_swallows_cancellations_is_cancelled_until_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "AGAIN_SECONDS", 0.01)
    swallowed = []

    async def cling() -> None:
        while len(swallowed) < 3:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                swallowed.append(1)

    async def fail() -> None:
        raise ValueError

    async def run() -> list[bool]:
        begun = [asyncio.create_task(each) for each in (cling(), asyncio.sleep(60), fail())]
        await asyncio.sleep(0)
        await tasks.cancel(*begun)
        return [task.done() for task in begun]

    assert asyncio.run(run()) == [True, True, True]
    assert len(swallowed) == 3
