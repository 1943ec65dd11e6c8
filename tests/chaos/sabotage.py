"""Runs `newswire` with one guarantee removed: `sabotage.py KIND ARGUMENTS...`. The chaos suite must notice each.

- `commit-first`: state and log offset of a batch are committed before its outcomes are sent.
- `no-fence`: every process has a transactional id of its own, so no process fences an earlier one.
- `ack-first`: prepare acknowledges a batch before the log contains it.
"""

import asyncio
import sys
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiokafka import AIOKafkaProducer, TopicPartition

    from streams.config.settings import KafkaSettings
    from streams.kafka.producer import OutgoingRecord
    from streams.prepare.batch import Prepared

PAUSE = 0.5
"""Seconds between commit and sends, or acknowledgement and sends, as with a slow broker."""


def commit_first() -> None:
    """Makes decide commit state and offset first, and send the outcomes in a second transaction."""
    from streams.worker.committer import Committer

    original = Committer._send

    async def send(
        self: Committer,
        changelog: "list[OutgoingRecord]",
        outcomes: "dict[str, list[OutgoingRecord]] | None" = None,
        offsets: "dict[TopicPartition, int] | None" = None,
    ) -> int:
        end = await original(self, changelog, None, offsets)
        if outcomes:
            await asyncio.sleep(PAUSE)
            with suppress(KeyError):  # the outcomes are sent; the lookup of the state's offset that follows fails
                await original(self, [], outcomes)
        return end

    Committer._send = send  # type: ignore[method-assign]


def no_fence() -> None:
    """Gives every process its own transactional id."""
    from streams.worker import committer

    original = committer.make_producer

    def make_producer(settings: "KafkaSettings", *, transactional_id: str | None = None) -> "AIOKafkaProducer":
        own_id = f"{transactional_id}.{uuid.uuid4().hex}" if transactional_id else None
        return original(settings, transactional_id=own_id)

    committer.make_producer = make_producer


def ack_first() -> None:
    """Makes prepare acknowledge a batch at once, and append its results to the log later."""
    from streams.worker.prepare_agent import _Preparer

    original, waiting = _Preparer._append, asyncio.Queue[tuple[_Preparer, "list[Prepared]"]]()
    tasks: list[asyncio.Task[None]] = []

    async def append_later() -> None:
        while True:
            preparer, results = await waiting.get()
            await asyncio.sleep(PAUSE)
            await original(preparer, results)

    async def append(preparer: _Preparer, results: "list[Prepared]") -> None:
        if not tasks:
            tasks.append(asyncio.create_task(append_later()))
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
