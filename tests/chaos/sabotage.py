"""Runs `newswire` with a guarantee taken away: `sabotage.py KIND ARGUMENTS...`. The suite must notice each.

- `commit-first`: state and log offset of a batch are committed before its outcomes are sent.
- `no-fence`: every process has a transactional id of its own, so nothing fences a predecessor.
- `ack-first`: prepare acknowledges a batch before the log has it.
"""

import asyncio
import sys
import uuid
from contextlib import suppress
from typing import Any

PAUSE = 0.5
"""What stands between commit and sends, or acknowledgement and sends: as a slow broker would."""


def commit_first() -> None:
    from streams.worker.committer import Committer

    sound = Committer._send

    async def send(self: Committer, changelog: Any, outcomes: Any = None, offsets: Any = None) -> int:
        end = await sound(self, changelog, None, offsets)
        if outcomes:
            await asyncio.sleep(PAUSE)
            with suppress(KeyError):  # they are sent, and then it asks where the rows of the state stand
                await sound(self, [], outcomes)
        return end

    Committer._send = send  # type: ignore[method-assign]


def no_fence() -> None:
    from streams.worker import committer

    sound = committer.make_producer

    def make_producer(settings: Any, *, transactional_id: str | None = None) -> Any:
        return sound(settings, transactional_id=f"{transactional_id}.{uuid.uuid4().hex}" if transactional_id else None)

    committer.make_producer = make_producer


def ack_first() -> None:
    from streams.worker.prepare_agent import _Preparer

    sound, waiting = _Preparer._append, asyncio.Queue[tuple[_Preparer, list[Any]]]()
    tasks: list[asyncio.Task[None]] = []

    async def later() -> None:
        while True:
            preparer, results = await waiting.get()
            await asyncio.sleep(PAUSE)
            await sound(preparer, results)

    async def append(preparer: _Preparer, results: list[Any]) -> None:
        if not tasks:
            tasks.append(asyncio.create_task(later()))
        waiting.put_nowait((preparer, results))

    _Preparer._append = append  # type: ignore[method-assign]


KINDS = {"commit-first": commit_first, "no-fence": no_fence, "ack-first": ack_first}


def main() -> None:
    from streams.cli.main import main as newswire
    from streams.runtime import supervisor

    kind, *arguments = sys.argv[1:]
    KINDS[kind]()
    supervisor.build_command = lambda *words: [sys.executable, __file__, kind, *words]
    sys.argv = ["newswire", *arguments]
    newswire()


if __name__ == "__main__":
    main()
