"""Changes of files are noticed once they have settled, and at once when somebody asks."""

import asyncio
from pathlib import Path

import pytest

from streams.runtime import file_watch
from streams.runtime.file_watch import look_at, watch_files


def test_a_file_that_is_written_replaced_or_removed_looks_different(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    looks = [look_at([file])]
    file.write_text("one")
    looks.append(look_at([file]))
    (tmp_path / "new").write_text("two")
    (tmp_path / "new").replace(file)
    looks.append(look_at([file]))
    assert look_at([file, file]) == looks[-1]
    assert len(set(looks)) == 3


def test_a_change_is_told_once_also_where_a_file_comes_or_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_watch, "LOOK_SECONDS", 0.02)
    told = asyncio.Event()
    count = 0

    async def watch() -> None:
        nonlocal count
        async for _ in watch_files(lambda: tmp_path.iterdir(), asyncio.Event()):
            count += 1
            told.set()

    async def play() -> None:
        watching = asyncio.create_task(watch())
        await asyncio.sleep(0)
        for change in ((tmp_path / "a").touch, lambda: (tmp_path / "a").write_text("x"), (tmp_path / "a").unlink):
            change()
            await asyncio.wait_for(told.wait(), 30)
            told.clear()
        watching.cancel()

    asyncio.run(play())
    assert count == 3


def test_somebody_who_asks_is_heard_without_any_change(tmp_path: Path) -> None:
    async def play() -> None:
        asked = asyncio.Event()
        asked.set()
        watching = watch_files(lambda: [tmp_path], asked)
        await asyncio.wait_for(anext(watching), 30)
        assert not asked.is_set()
        asked.set()
        await asyncio.wait_for(anext(watching), 30)

    asyncio.run(play())
