"""An item that kills or hangs the child is found in its batch and refused; the rest of the batch is done."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from support import poison
from support.wait import wait_until

from streams.model.errors import Reason
from streams.worker.process_pool import Pool, PoolGroup


def refuse(item: str, reason: Reason, message: str) -> str:
    return f"{item}: {reason} {message}"


def run(batch: list[str], item_seconds: float = 60) -> list[str]:
    pool = Pool(poison.work, poison.set_up, ("did",), item_seconds=item_seconds, memory_mb=1024)
    try:
        return asyncio.run(pool.run(batch, refuse))
    finally:
        pool.stop()


def test_a_batch_comes_back_in_order() -> None:
    assert run(["a", "b", "c"]) == ["did a", "did b", "did c"]


def test_an_empty_batch_needs_no_child() -> None:
    assert run([]) == []


@pytest.mark.parametrize("place", [0, 2, 4])
def test_an_item_that_kills_its_process_is_refused_as_crashed_and_the_others_are_done(place: int) -> None:
    batch = ["a", "b", "c", "d"]
    batch.insert(place, "die")
    expected = [f"did {item}" for item in batch]
    expected[place] = "die: crashed preparing it ended the process twice (exit code 9)"
    assert run(batch) == expected


def test_an_item_that_hangs_is_refused_as_timeout_and_the_others_are_done() -> None:
    assert run(["a", "hang", "b"], item_seconds=1) == [
        "did a",
        "hang: timeout not prepared within its time (1 s and more by size), twice",
        "did b",
    ]


def test_an_item_that_waits_for_ever_is_refused_as_timeout_and_the_others_are_done() -> None:
    assert run(["a", "sleep", "b"], item_seconds=0.2) == [
        "did a",
        "sleep: timeout not prepared within its time (0.2 s and more by size), twice",
        "did b",
    ]


def test_an_item_that_was_too_slow_in_its_batch_is_tried_once_more_and_not_twice(tmp_path: Path) -> None:
    tries = tmp_path / "tries"
    assert run(["a", f"hang {tries}", "b"], item_seconds=1)[0::2] == ["did a", "did b"]
    assert tries.read_text() == "hang\n" * 2


def test_an_item_that_eats_all_memory_is_refused_as_crashed_and_the_others_are_done() -> None:
    eaten = "eat: crashed preparing it ended the process twice (exit code 77)"
    assert run(["a", "eat", "b"]) == ["did a", eaten, "did b"]


def test_a_child_that_is_killed_without_work_costs_no_item() -> None:
    async def play(pool: Pool[str, str]) -> list[list[str]]:
        done = [await pool.run(["a"], refuse)]
        for items in (["b", "c"], ["d"]):
            for child in find_children():
                child.kill()  # the pool reaps it: whoever waits for it here would take its exit status
            # Two partitions at once meet the dead child; one of them starts the next.
            both = await asyncio.gather(pool.run(items, refuse), pool.run(["beside"], refuse))
            done += both
        return done

    pool = Pool(poison.work, poison.set_up, ("did",), item_seconds=60, memory_mb=1024)
    try:
        done = asyncio.run(play(pool))
    finally:
        pool.stop()
    assert done == [["did a"], ["did b", "did c"], ["did beside"], ["did d"], ["did beside"]]


def test_a_pool_that_retires_ends_its_batches_first() -> None:
    async def play() -> tuple[list[str], int]:
        pool: Pool[str, str] = Pool(poison.work, poison.set_up, ("did",), item_seconds=60, memory_mb=1024)
        batch = asyncio.create_task(pool.run(["a", "die", "b"], refuse))
        await asyncio.sleep(0)
        await pool.retire()
        assert batch.done()
        return batch.result(), len(find_children())

    died = "die: crashed preparing it ended the process twice (exit code 9)"
    assert asyncio.run(play()) == (["did a", died, "did b"], 0)


def test_a_spare_is_set_up_and_checked_at_low_priority_and_works_and_starts_again_at_the_usual_one() -> None:
    async def play(pool: Pool[str, str]) -> list[object]:
        usual = poison.read_niceness()
        done: list[object] = [usual, await pool.check(poison.read_niceness, 60)]
        for items in (["niceness"], ["die"], ["niceness"]):
            done += await pool.run(items, refuse)
        return done

    pool = Pool(poison.work, poison.set_up, ("did",), item_seconds=60, memory_mb=1024, is_spare=True)
    try:
        usual, checked, first, _, after = asyncio.run(play(pool))
    finally:
        pool.stop()
    assert isinstance(usual, int)
    low = min(19, usual + 10)
    assert (checked, first, after) == (
        low,
        f"set up at {low}, works at {usual}",
        f"set up at {usual}, works at {usual}",
    )


def make_group(count: int, item_seconds: float = 60) -> PoolGroup[str, str]:
    return PoolGroup(
        [Pool(poison.work, poison.set_up, ("did",), item_seconds=item_seconds, memory_mb=1024) for _ in range(count)]
    )


def run_group(group: PoolGroup[str, str], *batches: list[str]) -> tuple[list[list[str]], int]:
    """Runs batches at the same time. Returns their results and the number of children."""

    async def play() -> tuple[list[list[str]], int]:
        done = await asyncio.gather(*(group.run(batch, refuse) for batch in batches))
        return list(done), len(find_children())

    try:
        return asyncio.run(play())
    finally:
        group.stop()


def test_batches_of_a_group_run_in_several_children_and_a_child_starts_with_its_first_batch() -> None:
    assert run_group(make_group(3), ["a"]) == ([["did a"]], 1)
    batches = [[f"{number} a", f"{number} b"] for number in range(5)]
    done = [[f"did {item}" for item in batch] for batch in batches]
    assert run_group(make_group(2), *batches) == (done, 2)


def test_an_item_that_kills_or_hangs_a_child_of_a_group_costs_no_other_item() -> None:
    died = "die: crashed preparing it ended the process twice (exit code 9)"
    hung = "hang: timeout not prepared within its time (1 s and more by size), twice"
    done, _ = run_group(make_group(2, item_seconds=1), ["a", "die"], ["b", "hang"], ["c"], ["d"])
    assert done == [["did a", died], ["did b", hung], ["did c"], ["did d"]]


def find_children() -> list[psutil.Process]:
    children = psutil.Process().children()
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def test_each_item_of_a_poisoned_batch_counts_as_progress() -> None:
    calls: list[None] = []
    pool = Pool(
        poison.work, poison.set_up, ("did",), item_seconds=60, memory_mb=1024, on_progress=lambda: calls.append(None)
    )
    try:
        asyncio.run(pool.run(["a", "die", "b"], refuse))
    finally:
        pool.stop()
    assert len(calls) == 3


def test_the_child_ends_with_its_parent_even_after_kill_9(tmp_path: Path) -> None:
    script = (
        "import asyncio, sys, time\n"
        "from support import poison\n"
        "from streams.worker.process_pool import Pool\n"
        "if __name__ == '__main__':\n"
        "    pool = Pool(poison.work, poison.set_up, ('did',), item_seconds=60, memory_mb=1024)\n"
        "    asyncio.run(pool.run(['a'], lambda *_: ''))\n"
        "    print('up', flush=True)\n"
        "    time.sleep(60)\n"
    )
    (tmp_path / "parent.py").write_text(script)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen(
        [sys.executable, str(tmp_path / "parent.py")], stdout=subprocess.PIPE, env=environment
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"up\n"
        children = psutil.Process(parent.pid).children(recursive=True)
        assert children
        parent.kill()
    wait_until(
        lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children),
        lambda: "a child outlived its parent",
    )
