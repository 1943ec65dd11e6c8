"""The checks of `newswire worker` before its processes start: the state folder, and the ports while Kafka is away."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest
from support import flow

from streams.cli import worker
from streams.config.loader import load
from streams.runtime import startup


@pytest.mark.parametrize("parts", [["decide", "prepare"], ["decide"], ["prepare", "prepare", "prepare"]])
def test_a_worker_that_waits_for_kafka_answers_on_one_port_for_each_of_its_processes(
    monkeypatch: pytest.MonkeyPatch, parts: list[str]
) -> None:
    asked: list[tuple[list[str], int]] = []

    async def wait(stages: Sequence[str], _host: str, port: int, _check: Callable[[], Awaitable[None]]) -> bool:
        asked.append((list(stages), port))
        return True

    monkeypatch.setattr(startup, "serve_until_ready", wait)
    assert worker._wait_until_ready(load(environ={"NEWSWIRE_KAFKA": "127.0.0.1:1"}), "all", parts, 6066)
    assert asked == [(parts, 6066)]


@pytest.mark.parametrize("stage", ["all", "decide"])
def test_a_state_folder_that_cannot_be_written_is_one_sentence_and_no_process_starts(
    tmp_path: Path, stage: str
) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "state"
    settings = load(environ={"NEWSWIRE_KAFKA": "127.0.0.1:1"})
    ended = flow.newswire(settings, "worker", "--stage", stage, "--state", str(folder))
    assert ended.returncode == 1
    assert ended.stderr.decode() == (
        f"the state folder {folder} cannot be written (Not a directory): give another one with --state\n"
    )
